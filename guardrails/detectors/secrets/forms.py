"""What tells some formats for certain: a checksum, a header that can be read, words that are no sentence."""

import base64
import json
import re
import zlib

from .checks import random

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def basic(text: str) -> bool:
    """Base64 of a name, a colon and a password. Source: RFC 7617, section 2."""
    try:
        return b":" in base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return False


_PROSE = frozenset(
    "the and for are was were not has had but our its his her him from been which who how why their".split()
)
"""Common words that are not among those of BIP 39."""


def seed(text: str) -> bool:
    """Words for a wallet, and no sentence."""
    return _PROSE.isdisjoint(re.findall("[a-z]+", text.lower()))


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
