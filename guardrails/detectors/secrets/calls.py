"""Passwords that functions, commands, statements and configuration are given, by what is around them; for RE2."""

from .words import VALUE

CALL = (
    r"(?i)(?:basic_?auth|credentials?|auth)\w{0,12}(?:=\s?)?\(\s{0,3}[\"'][^\"'\n]{1,64}[\"']\s?,\s{0,3}"
    r"[\"'](?P<v>[^\s\"']{6,128})[\"']"
)
THIRD = (
    r"\b(?:new (?:mysqli|PDO)|mysqli?_p?connect|ftp_login|ssh2_auth_password|ldap_bind)\([^,\n]{1,120},\s?"
    r"[\"'][^\"'\n]{1,64}[\"']\s?,\s?[\"'](?P<v>[^\s\"']{6,128})[\"']"
)
"""Functions that are given where, who and the password. Source: PHP's manual."""
SETTER = (
    r"(?i)(?:passw(?:or)?d|passphrase|secret|(?:api|auth|secret)_?(?:key|token))"
    r"\(\s{0,3}[\"'](?P<v>[^\s\"']{6,128})[\"']\s{0,3}\)"
)
"""A call that sets a secret: `setPassword('...')`."""
ELEMENT = (
    r"(?i)<(?:\w{1,16}[_:.-])?(?:passw(?:or)?d|passphrase|secret|api-?key|private-?key)>"
    r"\s{0,3}(?P<v>[^\s<>]{6,128})\s{0,3}</"
)
PAIR = (
    r"(?i)(?:passw(?:or)?d|pwd|secret|passphrase|(?:api|auth|secure|logged_in|nonce|private)[_-]?(?:key|salt|token))"
    r"[\"'](?:\s?,\s{0,3}|\s{1,3}value=)[\"'](?P<v>[^\s\"']{8,128})[\"']"
)
"""The name of a secret and the secret, as calls and attributes have them: `define('DB_PASSWORD', '...')`."""
DEFINED = (
    r"(?:\b|_)(?:PASS(?:WORD|WD|PHRASE)?|PWD|PSK|SECRET|(?:API|AUTH)_?(?:KEY|TOKEN))\s{1,24}"
    r"[\"'](?P<v>[^\s\"']{8,128})[\"']"
)
"""A constant in capitals, and its value: `#define WIFI_PASS "..."`."""
ENV = rf"(?m)^\s{{0,8}}ENV \w{{0,40}}(?:PASS(?:WORD|WD|PHRASE)?|PWD|SECRET) (?P<v>{VALUE})"
"""The same in the recipe of an image. Source: Dockerfile reference, ENV."""
ROUTER = r"\b(?:enable|username \S{1,32}(?: privilege \d{1,2})?) (?:secret|password)(?: \d)? (?P<v>[^\s\"]{8,128})"
"""As Cisco's devices are configured: a digit says how it is hashed."""
PGPASS = r"(?m)(?:^|[\"'])[\w.*-]{1,80}:(?:\d{2,5}|\*):[\w*-]{1,64}:[\w.-]{1,64}:(?P<v>[^\s:]{8,128})$"
"""Source: PostgreSQL's documentation, the password file."""
_SQL = (
    r"(?i:\b(?:create|alter)\s+(?:user|role)\s+(?:if\s+(?:not\s+)?exists\s+)?\S{1,80}\s+identified\s+"
    r"(?:with\s+\S{1,32}\s+)?by\s+(?:password\s+)?)"
    r"|\bIDENTIFIED\s+(?:WITH\s+\S{1,32}\s+)?BY\s+(?:PASSWORD\s+)?[\"']"
)
"""Where statements name one; in sentences things are identified by much else."""
OPTION = (
    r"(?:\b(?:mysql(?:dump|admin)?|sshpass|(?:docker|podman|az|oc|cf|argocd) login|twine upload|mongo(?:sh|dump)?"
    r"|ldapsearch)\b[^\n]{0,60}?"
    r"\s(?:-[pw]|--password)[= ]?|\b(?:sqlcmd|bcp) [^\n]{0,120}?-P ?|\bgpg2? [^\n|;&]{0,80}?--passphrase[= ]"
    r"|\bredis-cli [^\n|;&]{0,60}?(?:-a|--pass) |(?:^|[\n>&;\"'`]\s?|/c )net user \S{1,32} "
    r"|\bhtpasswd -\w{0,4}b\w{0,4} \S{1,80} \S{1,32} "
    r"|\brabbitmqctl (?:add_user|change_password) \S{1,32} |\bsmbclient [^\n|;&]{0,80}?-U ?[\"']?[\w\\.-]{1,40}%"
    rf"|(?:^|[\s\"'`;&|(])(?:zip [^\n|;&]{{0,60}}?-\w{{0,4}}P ?|7z[az]? [^\n|;&]{{0,60}}?-p)|{_SQL})"
    r"[\"']?(?P<v>[^\s\"']{6,128})"
)
"""As commands and SQL take one. What is said of a net user and his numbers stands where no command begins."""
NET_USE = r"(?i)\bnet use [^\n]{0,80}?(?:/user:\S{1,64}|\\\S{1,80}) (?P<v>[^\s\"/*<][^\s\"]{5,127})"
CHPASSWD = r"\becho [\"']?[\w.-]{1,32}:(?P<v>[^\s\"':]{6,128})[\"']? ?\| ?(?:sudo )?chpasswd\b"
