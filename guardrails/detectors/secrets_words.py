"""What names a password, in some thirty languages, and what stands between that and the password; for RE2."""

_ABROAD = r"contraseña|mot de passe|(?-i:[mM]dp)|senha|wachtwoord|hasło|lösenord"
_FURTHER = (
    r"passord|adgangskode|kodeord|salasana|heslo|jelszó|geslo|lozinka|parool|slaptažodis|mật khẩu"
    r"|kata (?:sandi|laluan)|ww"
    r"|(?:la|mi|tu|su) clave|clave (?:de |del |de la )?(?:wi-?fi|acceso|usuario|correo|cuenta|banco|red)"
)
_LETTERED = "пароль|парола|лозинка|κωδικός|ş[iİ]frem?"
"""Words that begin with a letter beyond ASCII, before which RE2 sees no border."""
_UNSPACED = "密码|密碼|パスワード"
WORDED = (
    r"(?:(?i:(?:\b|_|\b[a-z]{1,8})(?:passw(?:or)?d|pwd)|\b[a-zäöü]{0,12}(?:passwort|kennwort)"
    rf"|(?:\b|_)(?:passphrase|passcode|pw|psk|parola|{_ABROAD}|{_FURTHER})"
    r"|\b(?:wpa[23]?|wi-?fi|wlan)[ -](?:key|schlüssel)"
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
    r"(?: (?i:temporal|temporanea|tempor[aá]ria|temporaire|provis\w{4,8}|nuev[ao]|nouveau|nova|nuova|act?ual|actuel))?"
    r"(?:\s{0,24}(?::=|[=-]>|[:=：→])\s{0,3}"
    r"|,? (?:is|was|(?:should|will|must) be|ist|war|lautet|es|era|è|é|est|c['’]est|jest|это):? |['’]s |[は是]"
    r"|[은는이가] )\s{0,2}"
)
"""Between a password and what names it."""
SET = (
    r"(?i:\b(?:set|changed?|reset|updated?) (?:\w{1,12} ){0,3}?(?:password|passwort|contraseña) (?:to|auf|a) "
    r"|\bhasło to |\b(?:heslo|geslo|lozinka) je )"
    r"[\"'`]?"
)
"""As one says that it has been changed."""
VALUE = r"[^\s\"'`<>,;，。；、]{6,128}"
BARE_WORDS = (
    rf"(?i:\b(?:[a-zäöü]{{0,12}}(?:passwort|kennwort)|{_ABROAD})|{_LETTERED})"
    rf"|{_UNSPACED}|(?:비밀번호|비번)[은는이가]?"
)
"""What a password may follow with no more than a blank or a dash between."""
