"""The escapes of JSON source, read as a person would read them. Source: RFC 8259, section 7."""

import re
from array import array
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SHORT = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LONG = 1024
"""Characters from which on a text is read at once: a megabyte may be all escapes, and is read on the loop."""
_OPEN = re.compile(r"\\(?:u[0-9A-Fa-f]{0,3}|u[dD][89abAB][0-9A-Fa-f]{2}(?:\\(?:u[0-9A-Fa-f]{0,3})?)?)?")
"""An escape that more may follow: half a pair of surrogates is one."""
_LONGEST = 12
"""Characters of one escape: of such a pair."""
_REPLACEMENT = "\ufffd"


def unescape(raw: str, done: bool) -> tuple[str, Sequence[int] | None]:
    """JSON source with its string escapes decoded, everything else as it stands.

    Returns the text and, for each of its characters and for its end, the offset in `raw` where it began; None in
    place of the offsets when they are the same. Works on any prefix of JSON: unless `done`, an escape that is cut off
    at the end is left out. Escapes that are none stay as they are; half a pair of surrogates reads as U+FFFD.
    """
    if "\\" not in raw:
        return raw, None
    raw = raw if done else raw[: _cut(raw)]
    return _one_by_one(raw) if len(raw) < _LONG else _at_once(raw)


def _cut(raw: str) -> int:
    """Where the escape begins that the end of `raw` cuts off; else its length."""
    for at in range(max(0, len(raw) - _LONGEST + 1), len(raw)):
        if raw[at] == "\\" and _OPEN.fullmatch(raw, at) and (at - len(raw[:at].rstrip("\\"))) % 2 == 0:
            return at
    return len(raw)


def _one_by_one(raw: str) -> tuple[str, Sequence[int]]:
    out: list[str] = []
    offsets: list[int] = []
    i = 0
    while i < len(raw):
        length, char = _escape(raw, i) if raw[i] == "\\" else (1, raw[i])
        out.append(char)
        offsets.append(i)
        i += length
    offsets.append(i)
    return "".join(out), offsets


def _escape(raw: str, i: int) -> tuple[int, str]:
    """The escape at `raw[i]`: its length and its character; a backslash where it is none."""
    kind = raw[i + 1 : i + 2]
    if kind in _SHORT:
        return 2, _SHORT[kind]
    unit = _unit(raw, i)
    if unit is None:
        return 1, "\\"
    low = _unit(raw, i + 6) or 0
    if 0xD800 <= unit < 0xDC00 <= low < 0xE000:
        return 12, chr(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
    return 6, chr(unit) if not 0xD800 <= unit < 0xE000 else _REPLACEMENT


def _unit(raw: str, i: int) -> int | None:
    """The value of the `\\uXXXX` at `raw[i]`, if there is one."""
    digits = raw[i + 2 : i + 6]
    try:
        whole = raw[i : i + 2] == "\\u" and len(digits) == 4 and digits.isalnum() and digits.isascii()
        return int(digits, 16) if whole else None
    except ValueError:
        return None


def _table(values: dict[str, int]) -> NDArray[np.uint32]:
    """The values of ASCII characters, _NONE for those that have none."""
    return np.array([values.get(chr(code), _NONE) for code in range(128)], np.uint32)


_NONE = 0xFF
_LETTERS = _table({letter: ord(char) for letter, char in _SHORT.items()})
_DIGITS = _table({digit: int(digit, 16) for digit in "0123456789abcdefABCDEF"})


def _at_once(raw: str) -> tuple[str, Sequence[int]]:
    """The same as `_one_by_one`: an escape's first character becomes what it stands for, and its others go."""
    codes = np.frombuffer(raw.encode("utf-32-le", "surrogatepass"), np.uint32).copy()
    kept = np.ones(len(codes) + 1, bool)
    heads = _heads(codes)
    kinds = codes[heads + 1]
    values = _values(kinds, _LETTERS)
    short = values != _NONE
    codes[heads[short]], kept[heads[short] + 1] = values[short], False
    _units(codes, kept, heads[kinds == ord("u")])
    text = codes[kept[:-1]].tobytes().decode("utf-32-le", "surrogatepass")
    return text, array("q", np.flatnonzero(kept).tobytes())


def _values(codes: NDArray[np.uint32], table: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return np.where(codes < 128, table[np.minimum(codes, 127)], np.uint32(_NONE))


def _heads(codes: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Where escapes begin: each backslash that none before it escapes. Not one at the end."""
    backs = np.flatnonzero(codes[:-1] == ord("\\"))
    place = np.arange(len(backs))
    begins = np.ones(len(backs), bool)  # of a run of backslashes
    begins[1:] = backs[1:] != backs[:-1] + 1
    return backs[(place - np.maximum.accumulate(np.where(begins, place, 0))) % 2 == 0]


def _units(codes: NDArray[np.uint32], kept: NDArray[np.bool_], heads: NDArray[np.intp]) -> None:
    """Put characters in the place of the `\\uXXXX` that begin at `heads`; two of them may be one character."""
    heads = heads[heads + 6 <= len(codes)]
    digits = _values(codes[heads[:, None] + np.arange(2, 6)], _DIGITS)
    good = (digits != _NONE).all(axis=1)
    heads, units = heads[good], digits[good] @ np.array([4096, 256, 16, 1], np.uint32)
    high, low = units >> 10 == 0xD800 >> 10, units >> 10 == 0xDC00 >> 10
    pairs = np.flatnonzero(high[:-1] & low[1:] & (heads[1:] == heads[:-1] + 6))
    values = np.where(high | low, np.uint32(ord(_REPLACEMENT)), units)
    values[pairs] = 0x10000 + ((units[pairs] - 0xD800) << 10) + (units[pairs + 1] - 0xDC00)
    codes[heads] = values
    kept[heads[:, None] + np.arange(1, 6)] = False
    kept[heads[pairs + 1]] = False
