"""Fields that hold a password or a PIN by their names, as settings and programs in many languages write them; for RE2.

`mot_de_passe = ...`, `hasloBazy: ...`, `otp_pin: ...`: nouns in the spelling of names, without accents and blanks, and
with what they open behind them, which English has in front.
"""

from .behind import Behind
from .words import VALUE

_NOUNS = (
    r"mots?[_-]?de[_-]?passe|motpasse|mdp_|contrase(?:n|ñ|ny)a|palavra[_-]?(?:passe|chave)|senha|wachtwoord|passwort"
    r"|kennwort|has[lł][oa]|hesl[oa]|jelsz[oó]|parol[aăi]?|lozink[ae]|gesl[oa]|l[oö]senord|passord|adgangskode|kodeord"
    r"|salasana|parool|slapta[zž]od[iž][a-z]*|[sş]ifre|m[aậ]t[_-]?kh[aẩ]u|kata[_-]?(?:sandi|laluan)|lykilor[dð]"
    r"|fjal[eë]kalim[ia]?|pasahitza|пароль|парола|лозинка|passw(?:or)?d_|pwd_"
)
_OPENS = (
    r"db|bdd?|bd|base|bazy|baze|banco|bank|banca|baza|databa[sz]e?|datenbank|veri_?tabani|vt|tietokanta|adatbazis"
    r"|donnees"
    r"|datos|dados|danych|dati|prod|production|prd|dev|test|staging|qa|admin|root|user|usuario|utilisateur|utente"
    r"|benutzer|gebruiker|uzytkownika|uzivatele|korisnika|kullanici|app|appli|ftp|sftp|smtp|imap|mail|email|correo"
    r"|poczty|eposta|wifi|wlan|red|rede|reseau|rete|sieci|ag|sql|mysql|postgres|pg|oracle|redis|ldap|vpn|ssh|rdp|api"
    r"|new|nueva|nova|nuova|nouveau|neu|yeni|acceso|acesso|accesso|acces|sistema|system|server|serveur|servidor|serwera"
    r"|sunucu|router|portal|compte|cuenta|conta|konta|konto|hesap|бд|де|da|de|do|del|[0-9]"
)
_NAMED = rf"(?:[_-]?(?:{_OPENS})){{0,3}}"
_TAIL = rf"(?:[\"'`]\]?)?\s{{0,24}}(?::=|[=-]>|[:=])\s{{0,3}}[\"'`]?(?P<v>{VALUE})"
FIELD = Behind(
    r"(?i:mots?[_-]?de[_-]?pass|motpass|mdp_|contrase|palavra[_-]?[pc]|senha|wachtw|passwort|kennw|has[lł][oa]|hesl[oa]"
    r"|jelsz|parol|lozink|gesl[oa]|l[oö]senor|passord|adgangsk|kodeor|salasan|parool|slapta|[sş]ifre|m[aậ]t[_-]?kh"
    r"|kata[_-]?[sl]|lykilor|fjal[eë]k|pasahit|парол|лозинк|passw(?:or)?d_|pwd_)",
    rf"(?i:(?:{_NOUNS})(?:si|m|et|en|ul)?{_NAMED})",
    _TAIL,
)
"""A field that is a password's by its name."""
FIELD_OR_KEY = Behind(
    r"(?i:clave|parole?|sifra|šifra|kodikos|sandi)",
    rf"(?i:\b(?:clave|parole?|sifra|šifra|kodikos|sandi){_NAMED})",
    _TAIL,
)
"""The same by a word that names keys, codes and speech too: what it holds decides."""
_HOLDERS = (
    r"otp|card|sim|user|bank|atm|debit|credit|door|gate|lock(?:er|box)?|safe|log[_-]?in|auth|security|[mtu]|upi|wallet"
    r"|phone|device|customer|account|voicemail|transaction|txn?|payment|unlock|screen|app|admin|master|parental|staff"
    r"|employee|cashier|pos|operator|kod|code|c[oó]digo|codice|kart[ye]?|carte|carta|tarjeta|cartao|kort|current|new"
    r"|old|secret|access"
)
_DOORS = (
    r"(?:door|gate|lockbox|locker|garage|keypad|building|porte|portail|puerta|porta|porton|tuer|haustuer|deur|dor|dorr"
    r"|drzwi|bram[ay]|dveri|kapi)[_-]?(?:code|kode?|c[oó]digo|codice)"
    r"|(?:code|kod|c[oó]digo|codice)_(?:porte|portail|immeuble|puerta|porta|porton|portao|portone|drzwi|bramy|dveri"
    r"|kapi)"
)
PIN_FIELD = Behind(
    rf"(?i:[a-z][_-]?pin|puk|{_DOORS})",
    rf"(?i:(?:\b|_)(?:(?:{_HOLDERS})[_-]?pin|(?:sim[_-]?)?puk[12]?|{_DOORS})(?:[_-]?(?:code|number|no|nr))?)",
    r"[\"'`]?\]?\s{0,3}(?::=|=>|[:=])\s{0,3}[\"'`]?(?P<v>\d{4,8})(?:[^\w.,:/%-]|[.,](?:\D|\z)|\z)",
)
"""A field that holds the digits of a card, a telephone or a door."""
_SID = r"(?:SID|Sid|sid)[\"'\])]{0,4},"
TWILIO = Behind(
    r"(?i:twilio)|(?:SID|Sid|sid)[\"'\])]*,|[\"']AC[0-9a-f]",
    rf"(?i:twilio)|{_SID}|[\"']AC[0-9a-f]{{32}}[\"']",
    r"(?:[^,\n]{0,80}(?:,\s?(?:\"\"|''|None)\s?\)?)?,)?\s{0,12}[\"'](?P<v>[0-9a-f]{32})[\"']",
)
"""A token behind the name, or the number, of its account, as a call has both."""
