"""What tells a credential from a text of the same shape: entropy, a checksum, a header that can be read."""

import math
import re
from collections import Counter
from functools import lru_cache

from ..regex import Locator

_PLACEHOLDER = Locator(
    r"(?i)x{5,}|\*{3,}|\.{3,}|0{7,}|1{7,}|(?:12345|abcde)[0-9a-z]*(?:12345|abcde)|(?:^|[^0-9a-z])(?:your"
    r"|my)[_-]|example|placeholder|"
    r"redacted|changeme|insert|dummy|sample|fake[_-]|xxxx|<|>|\$\{|^(?-i:PASS(?:WORD|WD)?|PWD|SECRET)$"
)


def _placeholder(text: str) -> bool:
    raw = text.encode("utf-8", "replace")
    return _PLACEHOLDER.match(raw, 0, len(raw))[0][0] >= 0


def entropy(text: str) -> float:
    """Shannon's, in bits per character: 0 for `aaaa`, 6 for a long random base64. Source: Shannon 1948, section 6."""
    size = len(text)
    return math.log2(size) - sum(map(_weighed, Counter(text).values())) / size if size else 0.0


@lru_cache(1_024)
def _weighed(count: int) -> float:
    return count * math.log2(count)


_NO_PART = re.compile(r"^(?:(?:[a-z0-9]{1,8}|[A-Z]{1,8})[-_.:=]){1,3}|[^A-Za-z0-9]")
_HEX = re.compile("[0-9a-f]+|[0-9A-F]+")
_HEXES, _AROUND = re.compile("[0-9a-f]{28,}|[0-9A-F]{28,}"), 17
"""What is random of a token in hex, and how many letters its issuer puts around that: `dapi...`, `...-us12`."""

_CERTAIN = 200
"""A random text that is longer has what looks like a placeholder by chance."""


def random(text: str) -> bool:
    """Looks generated. A random text of n characters has nearly log2(n) bits a character, words repeat letters more."""
    body = _NO_PART.sub("", text)
    if len(body) < 8 or (len(body) <= _CERTAIN and _placeholder(text)):
        return False
    if (run := _HEXES.search(body)) and len(body) - len(run[0]) <= _AROUND:
        body = run[0]
    alphabet = 4.0 if _HEX.fullmatch(body) else 6.0
    return entropy(body) >= 0.72 * min(alphabet, math.log2(len(body)))


def named(text: str) -> bool:
    """Looks generated, and is no path in lower case, no name in a program, and no words."""
    if not random(text) or _PATH.fullmatch(text) or (_NAME.fullmatch(text) and not re.search(r"\d", text)):
        return False
    return not _reference(text) and not _words(text) and not _TITLED.fullmatch(text)


def session(text: str) -> bool:
    """The same, and no UUID, by which logs name much that opens nothing."""
    return named(text) and not _UUID.fullmatch(text)


_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def named_string(text: str) -> bool:
    """Looks generated, where a program has a string: that may be the name of a constant, a type or a standard's."""
    if not random(text) or _PATH.fullmatch(text) or _TITLED.fullmatch(text) or text.startswith("urn:"):
        return False
    return not (_CONSTANT.fullmatch(text) and _reads(text.strip("$_").split("_")))


def wordless(text: str) -> bool:
    """No placeholder, such as the key ids in documentation that end in EXAMPLE."""
    return not _placeholder(text)


def mixed(text: str) -> bool:
    """Has digits as well as letters, and is no placeholder."""
    return wordless(text) and any(char.isdigit() for char in text) and entropy(text) > 2.5


_STAND_IN = re.compile(
    r"(?i)^(?:[$:@%]\w+[%}]?|[*.•x-]+)$|[$%#]\{|\{\{|\{\w+[!}:]|[$%]\(|\w\(|\w\[|\\[dws]|^\^|^[~.]?/|://|^[A-Z]:\\|change_?me|"
    r"placeholder|redacted|example|^your|^my_?pass|^\$[a-z_]|^[a-z]{3,}\.\*(?:$|.*[%\\(|*])"
    r"|^\w+\)\.\w+[?!]?\(|^@[a-z_]+\.[a-z_]+\)*$|^[+?=-][\w-]*\}$"
    r"|^[a-z]+\|[a-z]|^x{4,}\d*$"
    r"|^scram-sha-\d+|\d[ -]?(?:char|zeichen|caract|karakter|символ)|\d-(?:digit|stellig|значн)"
)
"""What stands where a password would: a variable, a call, a path, an expression, a word that says so."""
_PATH = re.compile(r"[a-z0-9_.-]*(?:/[a-z0-9_.-]+){2,}")
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_CONSTANT = re.compile(r"\$?[A-Z]+(?:_[A-Z]+)+")
_ALGORITHM = (
    r"(?i:ed(?:25519|448)|x(?:25519|448|509)|sha-?\d{1,3}|[ehr]s\d{3}|aes-?\d{3}|secp\d{3}[kr]1|md5|base(?:32|64)"
    r"|utf-?8|oauth2|pbkdf2|argon2id?|wpa[23])"
)
_TITLED = re.compile(
    r"_?(?:[A-Z][a-z])?(?:[A-Z][a-z]{2,}){2,}(?:-(?=[A-Za-z]*\d)[A-Za-z0-9]{4,8})?"
    r"|(?:Get|New|Set|Convert(?:To|From)|Read|Import)-[A-Z][A-Za-z]+"
    rf"|[A-Za-z_]+=[A-Za-z_]+|(?:\w+\.)?{_ALGORITHM}(?:[A-Z][a-z]+)*"
)
"""The name of a type, or of a secret with what its keeper adds to tell it from others; a command; what has a value."""
_OPTION = re.compile(
    r"[a-z][a-z_]{3,20}={1,2}(?:\d{1,3}|@?[A-Za-z_]+\d?)|\w+\.(?:ya?ml|json|txt|sh|py|conf|ini|toml)|HTTP/\d(?:\.\d)?"
    r"|(?:n?var)?char\d+|u?int\d+|float\d+|[bs]crypt\d*|\d+(?:px|r?em|pt|vw|vh|dpi|mm|cm)|" + _ALGORITHM
)
"""In running text: what is set next, a file, the end of a request (`/etc/passwd HTTP/1.1`), a type, a length, an
algorithm."""
_PART = re.compile(
    rf"{_ALGORITHM}(?:[A-Z][a-z]+)*|"
    r"(?:[a-z]+|[A-Z]?[a-z]+(?:[A-Z][a-z]+)+|[A-Z][a-z]+|[A-Z]+)\d{0,2}|\d{1,4}|\d[a-z]{1,3}\d?"
)
"""A word as names have it, perhaps with a number of its own; or a number."""
_PROGRAM = re.compile(
    r"(?i)_|(?:^|\.)(?:process|env|config|settings|secrets?|self|this|args|opts?|options|vars?|values?"
    r"|data|module|params?)\."
)
"""In what a program says and a person would hardly choose as a password."""
_STUCK = re.compile(r"[^aeiouy]{5}")
_EAST = re.compile(
    "[\u2e80-\u2fdf\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Han, Kana and Hangul."""


def _reads(parts: list[str]) -> bool:
    """Whether these are words, with short numbers between: half of them at least can be spoken."""
    if not all(map(_PART.fullmatch, parts)):
        return False
    letters = [word for part in parts if (word := part.rstrip("0123456789").lower())]
    said = [word for word in letters if len(word) > 2 and re.search("[aeiouy]", word) and not _STUCK.search(word)]
    return len(said) > 1 and 2 * len(said) >= len(letters)


def _reference(text: str) -> bool:
    """A way through a program's objects: `settings.API_KEY_V2.value`."""
    return "." in text and bool(_NAME.fullmatch(text)) and _reads([part for part in re.split("[._]+", text) if part])


def _words(text: str) -> bool:
    """Words in lower case, joined: the name of a page, a rule or a secret, such as `client-secret-v2`."""
    parts = re.split("[-_/]", text)
    letters = [part for part in parts if part.rstrip("0123456789")]
    # Groups of letters, which some issuers join too, are shorter.
    long = sum(map(len, letters)) >= 4.5 * len(letters)
    return long and bool(re.fullmatch("[a-z0-9]+(?:[-_/][a-z0-9]+)+", text)) and _reads(parts)


def told(text: str) -> bool:
    """As `named`, where a sentence may go on instead: with a digit."""
    return any(map(str.isdigit, text)) and named(text)


def chosen_call(text: str) -> bool:
    """As `quoted`, where a call may as well be given the name of a secret to look up."""
    return quoted(text) and not (_words(text) and re.search("secret|passw|key|token|cred", text))


def quoted(text: str) -> bool:
    """Looks like a password that somebody chose, where a program has a string: letters with digits or signs."""
    if east := _EAST.search(text):
        text = text[: east.start()]  # the sentence goes on
    if _STAND_IN.search(text):
        return False
    return _varied(text) or (
        len(text) >= 8 and any(c.isalpha() for c in text) and any(c in "!@#$%^&*?+" for c in text[:-1])
    )


def password(text: str) -> bool:
    """The same in running text, where it may also be the name of a variable."""
    text = text.rstrip("?!.:)")
    if (_reference(text) and _PROGRAM.search(text)) or _OPTION.fullmatch(text):
        return False
    if _NAME.fullmatch(text) and not (any(c.isdigit() for c in text[:-1]) and any(c.isupper() for c in text)):
        return bool(re.fullmatch(r"[a-z]{4,}\d{2,}|[a-z]{3}\d{3,}", text)) and not _STAND_IN.search(text)
    return quoted(text)


def chosen(text: str) -> bool:
    """The same where a word says that nothing but a password comes next: a word with a number may be one too."""
    text = text.rstrip("?!.:)")
    if password(text):
        return True
    return len(text) >= 6 and bool(_SIMPLE.fullmatch(text)) and not (_CALLED.fullmatch(text) or _STAND_IN.search(text))


_SIMPLE = re.compile(r"[A-Za-z][a-z]{2,}\d{1,8}|[A-Za-z]?[a-z]+\d+[a-z]+\d+[a-z\d]*")
_CALLED = re.compile(
    r"(?i)(?:my|your|the|new|old|db|user|auth|api|app|te?mp|test|client|n?var|enc|pass|passw(?:or)?t?d"
    r"|pwd|secret|cred\w*"
    r"|key|token|hash|code|str(?:ing)?|args?|val(?:ue)?|params?|name|conf(?:ig)?|opt(?:ion)?|type|u?int"
    r"|float|char|bytes?"
    r"|text|blob|field|level|step|section|chapter|part|page|table|figure|version|file|line|input|output|data|index|item"
    r"|column|row|object|crypt|base|digest|method|plugin|module|layer|stage|phase|round|case|note|question|required"
    r"|optional|server|host|node|machine|router|account|[bs]?crypt|foo|bar|dummy|fake|sample|demo){1,4}\d{1,4}|"
    + _ALGORITHM
    + r"\w*"
)
"""What a program calls one, or its kind."""


def entered(text: str) -> bool:
    """The same behind a name or an address, where notes and signatures have rooms, pages and another address."""
    return chosen(text) and not (_SIGNATURE.match(text) or _NO_PASSWORD.match(text))


def paired(text: str) -> bool:
    """The same behind no more than the name of an account and a stroke: as `bare`."""
    return bare(text) and not _SIGNATURE.match(text)


def listed(text: str) -> bool:
    """The same without blanks, where paths and tags are written too: with a sign within."""
    return paired(text) and _SIGNED.search(text) is not None and not _PLACED.search(text)


_PLACED = re.compile(r"@(?:sha\d{3}|latest$|v\d[\d.]*$)|\.\w{2,5}#|^[\w.-]+/[\w./-]*#|%[0-9A-Fa-f]{2}")
"""An image or package by its digest or version, a place in a page or repository, an address that is escaped."""


_SIGNATURE = re.compile(
    r"www\.|(?:tele(?:fon|phone)|tel|fax|mobil\w?|phone|ext|dw|raum|room|zimmer|zi|b[üu]ro|office|desk"
    r"|floor|stock|etage"
    r"|geb(?:äude)?|building|haus|house|block|suite|apt|unit|postfach|box|team|abt|dept|bureau|piso|sala|piano|niveau|annexe|anhang)\W?\d",
    re.IGNORECASE,
)


def beside(text: str) -> bool:
    """The same where nothing says that the password comes next, and how long it is or lasts may: `90-day`."""
    plain = text.rstrip("?!.:)")
    return (password(text) or _INNER.fullmatch(plain) is not None) and not _COUNTED.fullmatch(plain)


_INNER = re.compile(r"(?!base|utf|sha|aes|oauth|md5)[a-z]{5,}\d{1,4}[a-z]{4,}")
_COUNTED = re.compile(r"\d{1,3}-[^\W\d_]+|[^\W\d_]+-v\d{1,3}|(?i:something)\w*")
"""So many of something, its version, or what is yet to be chosen."""


def bare(text: str) -> bool:
    """The same where the name of a norm or a product may come next too: with a digit, and a sign within, or letters of
    both cases with a number at the end or in two places."""
    text = text.rstrip("?!.:)")
    if not beside(text) or _NO_PASSWORD.match(text) or not any(map(str.isdigit, text)):
        return False
    if _SIGNED.search(text):
        return True
    return bool(_CASED.search(text) and _NUMBERED.search(text)) and not _PRODUCT.match(text)


_NO_PASSWORD = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}$|[2m]fa(?:\W|$)", re.IGNORECASE)
"""An address, a second factor."""
_PRODUCT = re.compile(
    r"wi-?fi|wlan|covid|office|windows|iphone|android|(?:chrome|firefox|safari|edge|ios|macos|mysql|ubuntu)[/-]\d",
    re.IGNORECASE,
)
"""What people write about where they write of passwords."""
_SIGNED = re.compile(r"[^\W_].*[!@#$%^*].*\w")
_CASED = re.compile(r"(?=.*[a-zà-öø-ÿа-яё]).*[A-ZÀ-ÖØ-ÞА-ЯЁ]")
_NUMBERED = re.compile(r"\d{2}$|\d[^\d\s]+\d")


def said(text: str) -> bool:
    """Looks like a password where a sentence says that one comes next: letters with digits or signs, and none of what
    else sentences name."""
    text = _bare_end(text)
    if text.isdecimal():
        return 6 <= len(text) <= 8 and pin(text)
    if len(text) < 6 or not quoted(text) or _OPTION.fullmatch(text) or _CALLED.fullmatch(text):
        return False
    if _reference(text) and _PROGRAM.search(text):
        return False
    return not (_ELSE.search(text) or _NO_PASSWORD.match(text) or _SIGNATURE.match(text) or _COUNTED.fullmatch(text))


def nearby(text: str) -> bool:
    """The same where nothing but the name of a password stands before it in its clause: with a sign within."""
    text = _bare_end(text)
    if not said(text) or _PRODUCT.match(text) or _ADDRESSED.fullmatch(text) or not any(map(str.isdigit, text)):
        return False
    return _MARKED.search(text) is not None


def pin(text: str) -> bool:
    """Digits that are not what everybody shows for one: all the same, or in a row."""
    number = "".join(filter(str.isdigit, text))
    if number == text and _YEAR.fullmatch(text):
        return False
    return len(set(number)) > 1 and number not in "01234567890" and number not in "9876543210"


_YEAR = re.compile(r"20[0-3]\d")


def _bare_end(text: str) -> str:
    return text.rstrip("?!.:)”’*]")


_ELSE = re.compile(
    r"^[A-Z\d]+(?:[-_/.][A-Z\d]+)*$|^[a-z\d_.-]+(?:/[a-z\d_.-]+)+$|^#?[0-9a-f]{16,}$"
    r"|^[0-9a-f]{8}-[0-9a-f]{4}-|^\w+(?:\.\w+)*\.(?:[a-z]{2,4}|html|docx|xlsx)$"
    r"|^\d{1,2}[.:/h]\d|^\d+(?:st|nd|rd|th|er|ème|º|ª)\b|^\$|[{}|\\]|^--?\w|^@\w+$|^&\w+;|%[0-9A-F]{2}|\w=\w"
    r"|^\d+[a-zà-ÿ]+$|^\d+[-–+]\d*[^\W\d]*$",
)
"""An id, a hash, a UUID, a file or a host, an hour, an ordinal, a variable, a mark-up, an option, a name, an amount."""
_ADDRESSED = re.compile(r"[a-z][\w.-]*@[a-z][\w.-]*")
_MARKED = re.compile(r"[^\W_].*[!@#$%^&*].*\w|(?=.*[A-Z])(?=.*[a-z])[^\W_]+(?:[_.-]\w+)*[_.][^\W_]*\d")


def _varied(text: str) -> bool:
    return len(text) >= 6 and any(c.isdigit() for c in text) and any(c.isalpha() for c in text)
