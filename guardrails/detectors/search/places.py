"""Where in a text something can stand at all.

RE2 runs over the text's shadow in ASCII, one byte a character, in some nanoseconds a character. Python's own
expressions, which know borders and back-references, are then tried only at the places that it names. What RE2 looks for
finds all that the expression behind it finds, and more.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from unicodedata import decimal

import numpy as np
from numpy.typing import NDArray

from ..regex import Locator
from .passes import PatternSet

_FOLDED = (("ı", "i"), ("İ", "i"), ("ſ", "s"), ("\u212a", "k"))
"""Letters beyond ASCII that Python takes for one of ASCII where case does not matter."""
_AROUND = re.compile(r"\(\?<?[!=](?:\\.|[^()\[\]\\]|\[(?:\\.|[^\]\\])*\])*\)")
_LETTERED = re.compile(r"\(\?=\\d\*\[([A-Za-z-]+)\]\)\[0-9\1\]\{(\d+)\}")
"""So many digits and letters, of which one at least is a letter."""
_ANCHOR = re.compile(r"(\\.|\[(?:\\.|[^\]\\])*\])|[$^]", re.DOTALL)
_GROUP = re.compile(r"\((\[[^\]]*\]\??)\)")

NUMBER = "[0-9](?:[ .+/-]?[0-9]){6}"
"""Without which no number of seven digits stands in a text."""
SHORT = r"[^0-9][0-9]{5,6}\b"
"""A number of five or six digits, and what stands before it."""
_SHORTS = Locator(SHORT)
_RUN = Locator(r"[0-9?+(](?:[ ()./?+-]*[0-9]){6,}")
"""Digits, seven or more, and what may stand between those of one number; `?` also stands for a dash."""
_BEGIN = re.compile(r"[+(\d](?<![0-9A-Za-z_].)", re.DOTALL)
"""What a number can begin with: none does right behind a letter or digit of ASCII."""
_DIGITS = b"0123456789"
_WORD = frozenset(_DIGITS + b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_SHORTEST = 7
"""Digits of the shortest number."""
_ROWS = 10
"""Characters of the shortest row that is told."""
LONGEST = 48
"""Characters of the longest number, with separators."""


def loosened(source: str) -> str:
    """A Python expression for RE2: back-references anew, and without what it asks of its surroundings. ValueError for
    groups in what it asks."""
    plain = _AROUND.sub("", _LETTERED.sub(_lettered, source)).replace(r"\b", "")
    if any(around in plain for around in ("(?=", "(?!", "(?<=", "(?<!")):
        raise ValueError(f"look-around with groups in it: {source}")
    if group := _GROUP.search(plain):
        plain = plain.replace(r"\1", group[1])
    return plain


def _lettered(found: re.Match[str]) -> str:
    """The same for RE2: where the first letter may stand."""
    letters, size = found[1], int(found[2])
    firsts = (f"[0-9]{{{at}}}[{letters}][0-9{letters}]{{{size - at - 1}}}" for at in range(size))
    return f"(?:{'|'.join(firsts)})"


def unanchored(source: str) -> str:
    """An expression without its `^` and `$`; those of a class of characters, and escaped ones, stay."""
    return _ANCHOR.sub(lambda found: found[1] or "", source)


def folded(text: str) -> bytes:
    """`text` in UTF-8, as it is to RE2 where case does not matter to Python."""
    if not text.isascii():
        for odd, plain in _FOLDED:
            text = text.replace(odd, plain)
    return text.encode("utf-8", "replace")


_ODD_DIGIT = re.compile(r"[^\D0-9]")
"""A decimal digit of another script: Arabic, Devanagari, full width."""
_FIRST, _PLANES = 0x660, 0x20000
"""The first such digit; all are below the other."""


def plain_digits(text: str) -> str:
    """`text` with the digits of ASCII for those of all scripts."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    if not codes.size or codes.max() < _FIRST:
        return text
    plain = np.where(codes < _PLANES, _plain().take(codes, mode="clip"), codes)
    return text if np.array_equal(plain, codes) else plain.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


@cache
def _plain() -> NDArray[np.uint32]:
    """Each character's code, or that of the digit which it is."""
    table = np.arange(_PLANES, dtype=np.uint32)
    for odd in _ODD_DIGIT.findall("".join(map(chr, range(_PLANES)))):
        table[ord(odd)] = ord("0") + decimal(odd)
    return table


class Forms:
    """How numbers are written, all forms in one pass."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._sources = list(dict.fromkeys(sources))
        self._set = PatternSet(self._sources, anchored=True)

    def at(self, raw: bytes, places: Iterable[int]) -> dict[str, list[int]]:
        """Which of the sources can begin at which of `places`."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        matching = self._set.listed
        for place in places:
            for form in matching(raw[place : place + LONGEST]):
                found[form].append(place)
        return {self._sources[form]: begins for form, begins in found.items()}


class Places:
    """Where candidates can begin in a text, from `start` on. Found once for all shapes."""

    def __init__(self, text: str, start: int, forms: Forms) -> None:
        self._text, self._start, self._forms = text, start, forms
        self.raw = text.encode("ascii", "replace")
        """The shadow: what is not of ASCII is a question mark."""
        self.size = len(self.raw)
        self._ascii = text.isascii()

    def first(self, what: Locator, start: int, stop: int) -> int:
        """The first place at which `what` matches what stands between these; -1 for none."""
        raw = self.raw[start:stop] if self._ascii else folded(self._text[start:stop])
        at = what.match(raw, 0, len(raw))[0][0]
        if at < 0:
            return -1
        return start + (at if len(raw) == stop - start else len(raw[:at].decode()))

    @property
    def begins(self) -> list[int]:
        """Where such numbers can begin, with a digit or with what opens the first group."""
        return self._digits[0]

    @property
    def runs(self) -> list[tuple[int, int]]:
        """From where to where groups of digits stand in a row."""
        return self._digits[1]

    @cached_property
    def _digits(self) -> tuple[list[int], list[tuple[int, int]]]:
        found, runs = list[int](), list[tuple[int, int]]()
        raw, text = self.raw, self._text
        for begin, end in _RUN.spans(raw, self._start):
            if not raw[begin:end].isdigit():
                if end - begin >= _ROWS:
                    runs.append((begin, end))
                found += [each.start() for each in _BEGIN.finditer(text, begin, end - _SHORTEST + 1)]
            elif not (begin and raw[begin - 1] in _WORD):
                found.append(begin)
        return found, runs

    @cached_property
    def shorts(self) -> list[int]:
        """Where numbers of five or six digits begin, but for one that begins the text."""
        return [begin + 1 for begin, _ in _SHORTS.spans(self.raw, max(0, self._start - 1))]

    @cached_property
    def numbers(self) -> dict[str, list[int]]:
        """Where numbers begin with a digit behind a border, by the forms that they may have."""
        raw, text = self.raw, self._text
        digits = (at for at in self.begins if raw[at] in _DIGITS)
        return self._forms.at(raw, [at for at in digits if at < 2 or raw[at - 1] not in b".,-" or not joins(text, at)])


_CELL = re.compile(r"\d\d,(?=\d{9}|\d{4}[ -]\d{4}[ -]\d{4})")
"""Between two cells of a table, as no number is written with commas."""
_LONG = re.compile(r"\d{9},")
"""Behind so many digits a comma ends a cell too."""
_GROUPS = re.compile(
    r"\d{2,6}[-. ]\d{2,6}[-./ ]\d{2}|\d{6}[ -]\d{4,7}|\d{6}[-+A-Z]\d{3}|\d{4} \d{6}|\d{3,4}-\d{4}|\d{2}-\d{8}-\d"
    r"|\d{7,8}(?:-[\dK]|[A-Z])|[A-Z]",
    re.IGNORECASE,
)
"""Behind a comma: no fraction, and no thousands, is written in such groups, nor with a letter."""
_ROW = re.compile(r"(?:\A|[\n,(])[1-9]\d{0,18},\Z")
"""A whole number that is the first cell of a line, or stands behind another's comma or a bracket."""
_LAST = re.compile(r"\d{9,19}(?![\d;|\t])")
"""Behind it: a long number, and none of what separates cells where numbers have commas: `0,5;1,4142135623730951;`."""


def joins(text: str, at: int) -> bool:
    """Whether a point, comma or hyphen joins what begins at `at` to a digit before it."""
    if at < 2 or text[at - 1] not in ".,-" or not text[at - 2].isdigit():
        return False
    if _CELL.match(text, max(0, at - 3)) or _LONG.match(text, max(0, at - 10), at):
        return False
    return text[at - 1] != "," or not (
        _GROUPS.match(text, at) or (_LAST.match(text, at) and _ROW.search(text, max(0, at - 22), at))
    )
