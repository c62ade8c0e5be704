"""What names a password, in some thirty languages, and what stands between that and the password; for RE2."""

_ABROAD = r"contraseña|mot de passe|(?-i:[mM]dp)|senha|wachtwoord|hasło|lösenord"
_FURTHER = (
    r"passord|adgangskode|kodeord|salasana|heslo|jelszó|geslo|lozinka|parool|slaptažodis|mật khẩu"
    r"|kata (?:sandi|laluan)|ww"
    r"|(?:la|mi|tu|su) clave|clave (?:de |del |de la )?(?:wi-?fi|acceso|usuario|correo|cuenta|banco|red)"
)
_LETTERED = "пароль|парола|лозинка|κωδικός|ş[iİ]fre(?:[mn](?:[iı]z)?|si)?"
"""Words that begin with a letter beyond ASCII, before which RE2 sees no border."""
_UNSPACED = "密码|密碼|パスワード"
WORDED = (
    r"(?:(?i:(?:\b|_|\b[a-z]{1,8})(?:passw(?:or)?d|pwd)|\b[a-zäöü]{0,12}(?:passwort|kennwort)"
    rf"|(?:\b|_)(?:passphrase|passcode|pw|psk|parola|{_ABROAD}|{_FURTHER})"
    r"|\b(?:wpa[23]?|wi-?fi|wlan)[ _-](?:key|schlüssel|pass(?:word|phrase)?)"
    r"|\b(?:u|user(?:name)?|log-?in|e-?mail|wi-?fi|wlan|ssid|usu[aá]rio)[\"']?\s?[:=]\s?[^\s,;]{1,64}"
    r"[\s,;/|]{1,4}[\"']?(?:p(?:ass)?|clave)"
    r")(?:[\"'`]\]?)?|סיסמה|كلمة (?:المرور|السر)|पासवर्ड|รหัสผ่าน"
    rf"|(?i:{_LETTERED})|{_UNSPACED}|비밀번호|비번)"
)
"""What names a password and nothing else."""
PASS = r"(?:\bpass|_(?i:pass))(?:[\"'`]\]?)?"
"""A password, or the pass of a program over its data."""
PASSWORD = f"(?:{WORDED}|{PASS})"
IS = (
    r"(?: (?:for|of|to|pour|fürs?|zum|vo[mn]|para|del?|du|d[aeo]s?|dell[ao]|per|voor|till?|для|от|к)"
    r" [\wà-öø-ÿа-яё .-]{1,24}?)?"
    r"(?: \([\w .-]{1,24}\))?"
    r"(?: (?i:temporal|temporanea|tempor[aá]ria|temporaire|provis\w{4,8}|nuev[ao]|nouveau|nova|nuova|nou[ăa]|m[ớơ]i"
    r"|baru|act?ual|actuel))?"
    r"(?:\s{0,24}(?::=|[=-]>|[:=：→])\s{0,3}"
    r"|,? (?:is|was|(?:should|will|must) be|ist|war|lautet|es|era|è|é|est|c['’]est|jest|это):? |['’]s |[は是]"
    r"|[은는이가] )\s{0,2}"
)
"""Between a password and what names it."""
SET = (
    r"(?i:\b(?:set|changed?|reset|updated?) (?:\w{1,12} ){0,3}?(?:password|passwort|contraseña) (?:to|auf|a) "
    r"|\bhasło to |\b(?:heslo|geslo|lozinka) je |\b(?:passord|adgangskode|kodeord)(?:et|en|n)? er "
    r"|\blösenord(?:et)? är |\bsalasana(?:si|ni)? on )"
    r"[\"'`]?"
)
"""As one says that it has been changed."""
VALUE = r"[^\s\"'`<>,;，。；、]{6,128}"
BARE_WORDS = (
    rf"(?i:\b(?:[a-zäöü]{{0,12}}(?:passwort|kennwort)|{_ABROAD}|usu[aá]rio:? [^\s,;]{{2,32}},? clave)|{_LETTERED})"
    rf"|{_UNSPACED}|(?:비밀번호|비번)[은는이가]?"
)
"""What a password may follow with no more than a blank or a dash between."""
_WHO = (
    r"log-?in|user(?:[ _-]?(?:name|id))?|usr|e-?mail|benutzer(?:name)?|nutzer(?:name)?|usuario|usuário|utilisateur"
    r"|identifiant|utente|gebruiker(?:snaam)?|użytkownik|логин|имя пользователя"
)
_KEEPER = r"admin(?:istrator)?|root|postgres|sys(?:admin|dba|op)|superuser|guest|gast"
_SERVICE = r"ssh|s?ftp|vpn|rdp|webmail|cpanel|plesk|smtp|imap|wp-admin|wordpress|phpmyadmin|citrix|anydesk|teamviewer"
_NAME = r"[^\s/:,;|\"'`]{2,64}"
BOTH = (
    rf"(?i)(?:^|[^\w/])(?:{_WHO}|id)\s?(?:/|&|\+|and|und|et|y|e|en|и)\s?"
    rf"(?:passw(?:or)?d|passwort|kennwort|pass|pwd|pw|{_ABROAD}|пароль)"
    rf"(?:\s?[:=–—-]\s{{0,3}}| (?:is|are|ist|sind|lautet|lauten|es|est):? )"
    rf"[\"'`]?{_NAME}[\"'`]?(?: ?/ ?| ?: ?| [-–—] )[\"'`]?"
)
"""Both are named, and both follow: `login / password: anna / ...`."""
WHOSE = rf"(?i)(?:^|[\s(\"'`|,;])(?:{_KEEPER}|(?:{_WHO}|{_SERVICE})\s?[:=]\s?[\"'`]?{_NAME})[\"'`]? / [\"'`]?"
"""Whose a password is that follows behind a stroke: of an account that every machine has, of one that is named."""
LISTED = (
    rf"(?i)(?:(?:^|[\s(\"'`|,;])(?:{_KEEPER})[/:]"
    r"|[\w.+-]@[\w-]{1,40}(?:\.[\w-]{1,40}){0,3}\.[a-z]{2,10}[:;,|\t])"
)
"""The same without blanks, as lists of accounts have both."""
