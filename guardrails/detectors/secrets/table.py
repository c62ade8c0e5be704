"""Credentials in known formats, one row each: name, label, pattern, and what else must be true.

Patterns are RE2's. A check refuses what only looks alike: placeholders in documentation, a checksum that is wrong.
Sources: the issuers' documentation of their token formats.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .behind import Behind
from .calls import CALL, CHPASSWD, DEFINED, ELEMENT, ENV, NET_USE, OPTION, PAIR, PGPASS, ROUTER, SETTER, THIRD
from .checks import (
    bare,
    beside,
    chosen,
    chosen_call,
    entered,
    listed,
    mixed,
    named,
    named_string,
    nearby,
    paired,
    password,
    pin,
    quoted,
    random,
    said,
    session,
    told,
    wordless,
)
from .fields import FIELD, FIELD_OR_KEY, PIN_FIELD, TWILIO
from .forms import basic, github, jwt, seed
from .hosts import AI_HOSTS, HOSTS
from .pins import PIN, PIN_OF
from .said import SAID
from .words import BARE_WORDS, BOTH, IS, LISTED, PASS, PASSWORD, SET, VALUE, WHOSE, WORDED

Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of credential. `check` sees the match, or the group `v` of it when there is one."""

    name: str
    label: str
    pattern: str | Behind
    check: Check | None = None
    led: Check | None = None
    """The check where the text before it says that it comes next."""


_NAMED = (
    r"(?i)\b(?:[a-z0-9]{1,20}[_-]){0,3}(?:ap[ip][_-]?(?:key|token|schlüssel)|secret(?:[_-]?(?:key"
    r"|token))?(?:[_-]?base)?"
    r"|(?:access|auth|bot|refresh|admin|deploy|runner|service|root|registry)[_-]?token|client[_-]?secret"
    r"|(?:private|signing|encryption|master|pre_?-?shared)[_ -]?key|access[_-]?key[_-]?secret|(?:server"
    r"|merchant)[_-]?key"
    r"|(?:app|api|consumer|channel|merchant|webhook|signing|shared|corp|store|key)[_-]?secret"
    r"|merchant[_-]?salt|pass_?key"
    r"|bearer|credentials|passw(?:or)?d|pwd)(?:[\"'`]\]?)?\s{0,24}(?::=|=>|[:=])\s{0,3}(?:base64:)?"
)
_TOLD = (
    r"(?i)\b(?:secret|(?:api|access|auth|secret)[ _-]?(?:key|token|schlüssel)) (?:is|ist|es|est) "
    r"(?P<v>[A-Za-z0-9][A-Za-z0-9_+/=-]{15,127})(?:[\s\"'`,;.)?!]|\z)"
)
_TOKEN = (
    r"(?i)(?:(?:^|[\s{(,\"'])(?:token|auth)[\"']?\s{0,3}[:=]\s{0,3}|@token )"
    r"[\"'](?P<v>[A-Za-z0-9+/_=.-]{32,200})[\"']"
)
"""Random, and called nothing but a token or `auth`: what pages and forms count on with has longer names."""
_BARE = (
    r"(?i)(?:\b(?:secret|token|(?:api|access|auth)[ _-]?(?:key|token|schlüssel))|_(?:key|token|secret)) "
    r"(?P<v>[A-Za-z0-9][A-Za-z0-9_+/=-]{15,127})(?:[\s\"'`,;)?!]|\z)"
)
_KEYED = Behind(
    r"[A-Z0-9]_(?:KEY|TOKEN|SECRET|CRC|SALT|PASSKEY)",
    r"[A-Z0-9]_(?:KEY|TOKEN|SECRET|CRC|SALT|PASSKEY)[\"']?\s{0,3}[=:]",
    r"\s{0,3}[\"']?(?P<v>[A-Za-z0-9+/_=.~-]{16,200})",
    unless="PUBLIC|PUBLISHABLE|SITE|GPG|CACHE|SORT|PRIMARY|PARTITION|IDEMPOTENCY|FOREIGN|HOST|OBJECT|INDEX|ROUTING|BUCKET"
    "|STORAGE|LOCALE?|MESSAGE|CLIENT|NEXT|PAGE|CONTINUATION",
)
"""What settings in capitals call a key, whatever of; some are no secrets."""
_SEED = (
    r"(?i)\b(?:(?:seed|recovery|backup|secret|mnemonic) (?:phrase|words|code)(?: is| are|,)?"
    r"|(?:seed|mnemonic|(?:seed|recovery|backup)[_-]?phrase)[\"']?(?:\s?[:=]| is ))[\"']?\s{0,3}[:=]?\s{0,3}[\"'`]?"
    r"(?P<v>(?:[a-z]{3,8}[, ]{1,2}){11}(?:(?:[a-z]{3,8}[, ]{1,2}){3}){0,4}[a-z]{3,8})\b"
)
"""12 to 24 words that open a wallet. Source: BIP 39."""
_OTP = (
    r"(?i)(?:otpauth://\S{1,200}?[?&]secret=|\b(?:totp|otp|2fa|mfa|authenticator)[ _-]?(?:secret|key|seed)?(?: key)?"
    r"[\"']?\s{0,3}(?:[:=]|is)\s{0,3}(?:secret=)?[\"']?)(?-i:(?P<v>[A-Z2-7]{16,64}))(?:[^A-Za-z0-9]|\z)"
)
"""What one-time codes are made of. Source: Google Authenticator, key URI format."""
_COOKIE = (
    r"(?i)(?:^|[\s;\"',&?])(?:phpsessid|jsessionid|asp\.net_sessionid|connect\.sid|session_?id|sid"
    r"|csrf_?(?:middleware_?)?token"
    r"|_?xsrf(?:-token)?|__(?:host|secure)-[\w.-]{1,32}|\w{0,24}_session|remember_\w{1,24}|(?:auth|access"
    r"|refresh|id)_?token)"
    r"=(?P<v>[A-Za-z0-9%+/_.~-]{20,400})"
)
"""What cookies hold of a session, under the names that servers give them."""
_LINK = r"(?i)[?&](?:(?:\w{1,16}[_-])?token|ticket|invite|secret|session)=(?P<v>[A-Za-z0-9%+/_.~-]{20,400})"
"""What a link holds that opens something to whoever has it."""
_MAILBOX = (
    r"(?i)@(?:[\w-]{1,40}\.[a-z]{2,10} / |(?:gmail|googlemail|yahoo|hotmail|outlook|live|icloud|aol|proton(?:mail)?|gmx"
    r"|web|mail)\.[a-z]{2,4}[:|])(?P<v>[^\s/:,;\"'<>]{6,64})(?:[\s,;.!?)\"']|\z)"
)
"""An address and the password of what one enters with it, as lists and notes have them. A blank behind the colon would
be what somebody says."""
_LOGIN = (
    r"(?i)\b(?:(?:log-?in|zugang(?:sdaten)?|acceso|accès|identifiants)(?:\s?[:=]\s?| (?:are|is) )"
    r"|log(?:ged)?[ -]?in (?:with|as|using) |anmelden mit "
    r"|(?:credentials|creds)(?: (?:for|to|of) [\w.-]{1,24})?(?:\s?[:=]\s?| (?:are|is) | ))"
    r"[\w.@+-]{2,64}(?: / |:)(?P<v>[^\s/:,;\"'<>]{6,64})"
)
"""A name and a password with a stroke or a colon between, as notes have them."""

_LAST = r"(?:[A-Za-z0-9_]\b|-)"
"""The last character of a token that may end with a hyphen, behind which is no border."""
FORMATS: tuple[Format, ...] = (
    Format("openai", "OPENAI_KEY", r"\bsk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,200}\b", random),
    Format("openai_legacy", "OPENAI_KEY", r"\bsk-[A-Za-z0-9]{32,64}\b", random),
    Format("anthropic", "ANTHROPIC_KEY", r"\bsk-ant-[A-Za-z0-9_-]{24,200}\b", random),
    Format("openrouter", "OPENROUTER_KEY", r"\bsk-or-(?:v1-)?[A-Za-z0-9]{32,80}\b", random),
    Format("groq", "GROQ_KEY", r"\bgsk_[A-Za-z0-9]{40,60}\b", random),
    Format("xai", "XAI_KEY", r"\bxai-[A-Za-z0-9]{70,90}\b", random),
    Format("perplexity", "PERPLEXITY_KEY", r"\bpplx-[A-Za-z0-9]{40,60}\b", random),
    Format("huggingface", "HUGGINGFACE_TOKEN", r"\b(?:hf|api_org)_[A-Za-z0-9]{34}\b", random),
    Format("replicate", "REPLICATE_TOKEN", r"\br8_[A-Za-z0-9]{37}\b", random),
    Format("aws_id", "AWS_ACCESS_KEY_ID", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b", wordless),
    Format(
        "aws_secret",
        "AWS_SECRET_KEY",
        r"(?i)\b(?:(?:aws_?(?:secret)?_?(?:access)?_?|secret_?access_?)key[\"']?\s{0,4}(?:=>|[:=])"
        r"|secret access key[ \t:=]{1,4})"
        r"\s{0,4}[\"']?(?P<v>[A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+]|\z)",
        random,
    ),
    Format(
        "aws_pair",
        "AWS_SECRET_KEY",
        r"\b(?:AKIA|ASIA)[A-Z2-7]{16}[^A-Za-z0-9+]{1,8}(?P<v>[A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|\z)",
        random,
    ),
    Format(
        "aws_session",
        "AWS_SESSION_TOKEN",
        r"(?i)\baws_?session_?token[\"']?\s{0,20}(?:=>|[:=])\s{0,4}[\"']?(?P<v>[A-Za-z0-9/+=]{60,})",
        random,
    ),
    Format("github", "GITHUB_TOKEN", r"\bgh[pousr]_[A-Za-z0-9]{36}\b", github),
    Format(
        "github_long",
        "GITHUB_TOKEN",
        # That of an application holds a JWT since 2026, behind the number of the application.
        r"\b(?:gh[pousr]_[A-Za-z0-9]{37,255}\b"
        r"|ghs_[0-9]{1,12}_eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,})",
        random,
    ),
    Format("github_fine", "GITHUB_TOKEN", r"\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b", random),
    Format(
        "gitlab",
        "GITLAB_TOKEN",
        rf"\bgl(?:pat|dt|rt|ptt|cbt|agent|oas|soat|ft|ffct|imt|feed)-[A-Za-z0-9_-]{{19,63}}{_LAST}(?:\.[0-9a-z]{{2}}\.[0-9a-z]{{7,9}}\b)?",
        random,
    ),
    Format("slack_app", "SLACK_TOKEN", r"\bxapp-\d-[A-Z0-9]{6,14}-\d{6,16}-[0-9a-f]{32,80}\b", mixed),
    Format("slack", "SLACK_TOKEN", r"\bxox[abeoprs]-(?:[0-9]{1,14}-){0,6}[A-Za-z0-9-]{10,180}\b", mixed),
    Format(
        "slack_hook",
        "SLACK_WEBHOOK",
        r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{40,80}\b",
        random,
    ),
    Format("stripe", "STRIPE_KEY", r"\b(?:[sr]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,240}\b", random),
    Format(
        "google_api", "GOOGLE_API_KEY", rf"\b(?:AIza[A-Za-z0-9_-]{{34}}|AQ\.[A-Za-z0-9_-]{{40,100}}){_LAST}", random
    ),
    Format(
        "google_oauth",
        "GOOGLE_OAUTH_TOKEN",
        rf"\bGOCSPX-[A-Za-z0-9_-]{{27}}{_LAST}|\bya29\.[A-Za-z0-9_-]{{20,400}}\b|\b1//0[A-Za-z0-9_-]{{40,200}}",
        random,
    ),
    Format("azure_storage", "AZURE_STORAGE_KEY", r"\bAccountKey=(?P<v>[A-Za-z0-9+/]{86}==)", random),
    Format("azure_sas", "AZURE_SAS", r"[?&]sig=(?P<v>[A-Za-z0-9%+/]{40,100}(?:%3D|=))", random),
    Format("azure_client", "AZURE_CLIENT_SECRET", r"\b[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}\b", random),
    Format("sendgrid", "SENDGRID_KEY", rf"\bSG\.[A-Za-z0-9_-]{{22}}\.[A-Za-z0-9_-]{{42}}{_LAST}", random),
    # AC... is the name of an account, of which logs and addresses are full.
    Format("twilio", "TWILIO_KEY", r"\bSK[0-9a-f]{32}\b", random),
    Format("twilio_call", "TWILIO_KEY", TWILIO, random),
    Format("mailgun", "MAILGUN_KEY", r"\bkey-[0-9a-f]{32}\b", random),
    Format("mailchimp", "MAILCHIMP_KEY", r"\b[0-9a-f]{32}-us[0-9]{1,2}\b", random),
    Format("npm", "NPM_TOKEN", r"\bnpm_[A-Za-z0-9]{36}\b", github),
    Format("pypi", "PYPI_TOKEN", r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,600}", random),
    Format("docker", "DOCKER_TOKEN", rf"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{{26,59}}{_LAST}", random),
    Format("digitalocean", "DIGITALOCEAN_TOKEN", r"\bdo[opr]_v1_[0-9a-f]{64}\b", random),
    Format("shopify", "SHOPIFY_TOKEN", r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b", random),
    Format("square", "SQUARE_TOKEN", r"\b(?:EAAA[A-Za-z0-9_-]{60}|sq0(?:atp|csp)-[A-Za-z0-9_-]{22,43})\b", random),
    Format("telegram", "TELEGRAM_TOKEN", rf"\b(?:bot)?(?P<v>[0-9]{{8,10}}:AA[A-Za-z0-9_-]{{32}}{_LAST})", random),
    Format(
        "discord",
        "DISCORD_TOKEN",
        rf"\b[MNO][A-Za-z0-9_-]{{23,25}}\.[A-Za-z0-9_-]{{6}}\.[A-Za-z0-9_-]{{26,37}}{_LAST}",
        random,
    ),
    Format("databricks", "DATABRICKS_TOKEN", r"\bdapi[0-9a-f]{32}(?:-\d)?\b", random),
    Format(
        "grafana", "GRAFANA_TOKEN", r"\bglsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}\b|\bglc_[A-Za-z0-9+/]{32,400}={0,2}", random
    ),
    Format("vault", "VAULT_TOKEN", r"\bhv[sbr]\.[A-Za-z0-9_-]{24,300}\b", random),
    Format("sonarqube", "SONARQUBE_TOKEN", r"\bsq[pua]_[0-9a-f]{40}\b", random),
    Format("linear", "LINEAR_KEY", r"\blin_api_[A-Za-z0-9]{40}\b", random),
    Format("notion", "NOTION_TOKEN", r"\b(?:ntn_[A-Za-z0-9]{40,60}|secret_[A-Za-z0-9]{43})\b", random),
    Format("ai_hosts", "AI_HOST_KEY", rf"\b(?:{'|'.join(AI_HOSTS)})\b", random),
    Format("hosts", "HOST_TOKEN", rf"\b(?:{'|'.join(HOSTS)})\b", random),
    Format("age", "AGE_SECRET_KEY", r"\bAGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}\b", None),
    Format("jwt", "JWT", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}", jwt),
    Format(
        "private_key",
        "PRIVATE_KEY",
        r"-----BEGIN (?:[A-Z]{2,9} ){0,3}PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=:,\\\s-]*"
        r"-----END (?:[A-Z]{2,9} ){0,3}PRIVATE KEY(?: BLOCK)?-----",
        None,
    ),
    Format(
        "url_password",
        "URL_PASSWORD",
        r"\b[a-z][a-z0-9+.-]{1,20}://[A-Za-z0-9._~%\\-]{0,64}:(?P<v>[^\s/@:\"<>${}]{3,128})@[A-Za-z0-9]",
        wordless,
    ),
    Format("dsn", "URL_PASSWORD", r"\w:(?P<v>[^\s/@:\"<>${}]{3,128})@(?:tcp|unix)\(", wordless),
    Format("jdbc", "URL_PASSWORD", r"\bjdbc:oracle:\w{2,6}:[\w$#]{1,30}/(?P<v>[^\s/@\"'<>{}]{3,64})@", wordless),
    Format("named", "SECRET", _NAMED + r"[\"'`]?(?P<v>[A-Za-z0-9+/_=.~-]{20,200})", named),
    Format("named_quoted", "SECRET", _NAMED + r"[\"'](?P<v>[^\s\"']{20,200})[\"']", named_string),
    Format("password", "SECRET", rf"(?:{WORDED}{IS}|{SET})(?P<v>{VALUE})", chosen),
    Format("password_pass", "SECRET", rf"{PASS}{IS}(?P<v>{VALUE})", password),
    Format("password_quoted", "SECRET", rf"{PASSWORD}{IS}[\"'`](?P<v>[^\s\"'`]{{4,128}})[\"'`]", quoted),
    Format("password_bare", "SECRET", rf"(?i)\b(?:password|passwd|pwd|pw|wpa-psk) [\"'`]?(?P<v>{VALUE})", beside),
    Format("password_bare_short", "SECRET", r"(?i)\bpw (?P<v>[a-z][^\s\"'`<>,;]{5,127})", chosen),
    Format("mailbox", "SECRET", _MAILBOX, entered),
    Format("password_bare_abroad", "SECRET", rf"(?:{BARE_WORDS}) (?:[-–—] )?(?P<v>{VALUE})", bare),
    Format("password_said", "SECRET", SAID, nearby, said),
    Format("pin", "PIN", PIN, pin),
    Format("pin_of", "PIN", PIN_OF, pin),
    Format("pin_field", "PIN", PIN_FIELD, pin),
    Format("password_field", "SECRET", FIELD, chosen),
    Format("password_or_key", "SECRET", FIELD_OR_KEY, nearby),
    Format("named_bare", "SECRET", _BARE, named),
    Format("named_setting", "SECRET", _KEYED, told),
    Format("named_told", "SECRET", _TOLD, told),
    Format("pgpass", "SECRET", PGPASS, quoted),
    Format("router", "SECRET", ROUTER, quoted),
    Format(
        "redis_auth",
        "SECRET",
        r"(?m)(?:(?:^|> )AUTH (?:[\w.-]{1,32} )?|^\s?(?:requirepass|masterauth) )(?P<v>[^\s\"]{8,128})$",
        quoted,
    ),
    Format("snmp", "SECRET", r"\bsnmp-server community (?P<v>[^\s\"]{6,64}) R[OW]\b", quoted),
    Format("snmp_set", "SECRET", r"(?i)\bsnmp_?community[\"']?\s?[:=]\s?[\"']?(?P<v>[^\s\"',;]{6,64})", quoted),
    Format("guessed", "SECRET", r"\w:(?P<v>[^\s:]{4,128}) - Valid credentials", quoted),
    Format("password_defined", "SECRET", DEFINED, quoted),
    Format("password_env", "SECRET", ENV, chosen),
    Format(
        "secure_string", "SECRET", r"(?i)ConvertTo-SecureString (?:-String )?[\"'](?P<v>[^\s\"']{6,128})[\"']", quoted
    ),
    Format("password_call", "SECRET", CALL, quoted),
    Format("password_third", "SECRET", THIRD, quoted),
    Format("chpasswd", "SECRET", CHPASSWD, quoted),
    Format("password_setter", "SECRET", SETTER, chosen_call),
    Format("password_element", "SECRET", ELEMENT, quoted),
    Format("password_pair", "SECRET", PAIR, quoted),
    Format("token", "SECRET", _TOKEN, named),
    Format("cookie", "SECRET", _COOKIE, session),
    Format("link", "SECRET", _LINK, named),
    Format("net_use", "SECRET", NET_USE, quoted),
    Format("login", "SECRET", _LOGIN, entered),
    Format("login_both", "SECRET", rf"{BOTH}(?P<v>{VALUE})", entered),
    Format("login_paired", "SECRET", rf"{WHOSE}(?P<v>{VALUE})", paired),
    Format("login_listed", "SECRET", rf"{LISTED}(?P<v>{VALUE})", listed),
    Format("bearer", "SECRET", r"(?i)\bbearer (?P<v>[A-Za-z0-9._~+/-]{24,}={0,2})", named),
    Format("password_option", "SECRET", OPTION, quoted),
    Format("seed_phrase", "SEED_PHRASE", _SEED, seed),
    Format("otp", "OTP_SECRET", _OTP, random),
    Format(
        "basic_auth",
        "SECRET",
        r"(?i)\bauthorization[\"']?\s{0,3}[:=,]\s{0,3}[\"']?basic (?P<v>[A-Za-z0-9+/]{12,400}={0,2})",
        basic,
    ),
    Format(
        "curl_user",
        "SECRET",
        r"\bcurl\b[^\n]{0,60}?\s(?:-u|--user)[ =]?[\"']?[\w.@-]{1,64}:(?P<v>[^\s\"']{4,128})",
        quoted,
    ),
)
"""`named` is anything random that is called a key, a token or a password; `password...` what people choose."""
