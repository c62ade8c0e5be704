"""What tells a credential from a text of the same shape: entropy, a checksum, a header that can be read."""

import base64
import json
import math
import re
import zlib
from collections import Counter

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PLACEHOLDER = re.compile(
    r"(?i)x{5,}|\*{3,}|\.{3,}|0{7,}|1{7,}|(?:12345|abcde)[0-9a-z]*(?:12345|abcde)|your[_-]|my[_-]|example|placeholder|"
    r"redacted|changeme|insert|dummy|sample|fake[_-]|xxxx|<|>|\$\{|^(?-i:PASS(?:WORD|WD)?|PWD|SECRET)$"
)


def entropy(text: str) -> float:
    """Shannon's, in bits per character: 0 for `aaaa`, 6 for a long random base64. Source: Shannon 1948, section 6."""
    size = len(text)
    return -sum(n / size * math.log2(n / size) for n in Counter(text).values()) if size else 0.0


def random(text: str) -> bool:
    """Looks generated. A random text of n characters has nearly log2(n) bits a character, words repeat letters more."""
    body = re.sub(r"^(?:(?:[a-z0-9]{1,8}|[A-Z]{1,8})[-_.:=]){1,3}|[^A-Za-z0-9]", "", text)
    if _PLACEHOLDER.search(text) or len(body) < 8:
        return False
    alphabet = 4.0 if re.fullmatch("[0-9a-f]+|[0-9A-F]+", body) else 6.0
    return entropy(body) >= 0.72 * min(alphabet, math.log2(len(body)))


def named(text: str) -> bool:
    """Looks generated, and is no path in lower case and no name in a program."""
    return random(text) and not _PATH.fullmatch(text) and not (_NAME.fullmatch(text) and not re.search(r"\d", text))


def wordless(text: str) -> bool:
    """No placeholder, such as the key ids in documentation that end in EXAMPLE."""
    return not _PLACEHOLDER.search(text)


def mixed(text: str) -> bool:
    """Has digits as well as letters, and is no placeholder."""
    return wordless(text) and any(char.isdigit() for char in text) and entropy(text) > 2.5


_STAND_IN = re.compile(
    r"(?i)^(?:[$:@%]\w+[%}]?|[*.•x-]+)$|[$%#]\{|\{\{|\{\w+[!}:]|[$%]\(|\w\(|\w\[|\\[dws]|^\^|^[~.]?/|://|^[A-Z]:\\|change_?me|"
    r"placeholder|redacted|example|^your|^my_?pass|^\$[a-z_]"
)
"""What stands where a password would: a variable, a call, a path, an expression, a word that says so."""
_PATH = re.compile(r"[a-z0-9_.-]*(?:/[a-z0-9_.-]+){2,}")
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


def quoted(text: str) -> bool:
    """Looks like a password that somebody chose, where a program has a string: letters with digits or signs."""
    if _STAND_IN.search(text):
        return False
    return _varied(text) or (
        len(text) >= 8 and any(c.isalpha() for c in text) and any(c in "!@#$%^&*?+" for c in text[:-1])
    )


def password(text: str) -> bool:
    """The same in running text, where it may also be the name of a variable."""
    text = text.rstrip("?!.:)")
    if _NAME.fullmatch(text) and not (any(c.isdigit() for c in text[:-1]) and any(c.isupper() for c in text)):
        return bool(re.fullmatch(r"[a-z]{4,}\d{2,}", text))
    return quoted(text)


def _varied(text: str) -> bool:
    return len(text) >= 6 and any(c.isdigit() for c in text) and any(c.isalpha() for c in text)


def basic(text: str) -> bool:
    """Base64 of a name, a colon and a password. Source: RFC 7617, section 2."""
    try:
        return b":" in base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return False


def github(text: str) -> bool:
    """The last six characters are the CRC-32 of the thirty before, in base 62. Source: GitHub, token formats, 2021."""
    body = text.rsplit("_", 1)[-1]
    total, check = zlib.crc32(body[:-6].encode()), ""
    while total:
        total, digit = divmod(total, 62)
        check = _BASE62[digit] + check
    # A token that was mistyped or cut is a secret still, if it is random: the checksum only settles doubt.
    return body[-6:] == check.rjust(6, "0") or random(body)


def jwt(text: str) -> bool:
    """The first part is a JSON object that names an algorithm. Source: RFC 7515, section 4.1.1."""
    head = text.split(".", 1)[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except ValueError:
        return False
    except RecursionError:
        return True  # what nobody can read is rather a secret than none
    return isinstance(header, dict) and "alg" in header
