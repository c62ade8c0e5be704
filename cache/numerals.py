"""Numbers in words, by language, with the forms that grammar gives them. Data, and how it is unfolded.

`spelt` knows which words are numbers wherever they stand. Many here are other words as well (hét is a week, năm a
year): they are only looked up where two texts differ in one place, and both have a number of one language there.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from unicodedata import normalize

from .numeral_words import ONE_WORD, ORDINALS, PLAIN
from .spelt import SPELT
from .written import SIGNS, key_of

ANY = "*"
"""The language of words that are numbers in whatever text they stand, and of digits."""
_KEEPS_TONES = "vi"
"""Without its accents every other word is another."""
_sign = re.compile(f"[{SIGNS}]").search


def key(word: str, language: str = "") -> str:
    """A word in small letters, without apostrophes, and but for Vietnamese without accents, which not all write. Vowels
    of Indic scripts stay, the dot under letters of Hindi does not."""
    if language == _KEEPS_TONES:
        return word.casefold()
    return _dotless(word.casefold()) if _sign(word) else key_of(word)


def _dotless(word: str) -> str:
    return normalize("NFC", normalize("NFD", word).replace("\u093c", ""))


def _forms(cell: str) -> Iterator[str]:
    """`dvanáct+i`: dvanáct, dvanácti."""
    first, *ends = cell.split("+")
    yield first
    yield from (first + end for end in ends)


def _cardinals() -> Iterator[tuple[str, str, int]]:
    """(language, word, number)."""
    for language, rows in PLAIN.items():
        for row in rows.strip().splitlines():
            number, *cells = row.split()
            yield from ((language, form, int(number)) for cell in cells for form in _forms(cell))
    for language, tens, joint, units in ONE_WORD:
        for at, ten in enumerate(tens.split(), 2):
            for one, cell in enumerate(units.split(), 1):
                for unit in _forms(cell):
                    word = unit + joint + ten if language in ("da", "sl", "cs") else ten + joint + unit
                    yield language, word, 10 * at + one
    yield from ((ANY, word, number) for word, number in SPELT.items())


def _made() -> Mapping[str, Mapping[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for language, word, number in _cardinals():
        found.setdefault(key(word, language), {}).setdefault(language, number)
    return found


CARDINALS = _made()
"""Each word's number by language, by its `key`."""


def _stems() -> Mapping[str, Mapping[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for language, row in ORDINALS.items():
        for number, cell in enumerate(row.split(), 1):
            for stem in cell.split("/"):
                found.setdefault(key(stem), {})[language] = number
    return found


_ORDINALS = _stems()
ENDING = 3
"""Letters that an ordinal's ending has at most: prvního."""


@lru_cache(maxsize=1024)
def ordinals(word: str) -> Mapping[str, int]:
    """Which ordinal a word is, by language: the longest stem that it begins with, and an ending."""
    form = key(word)
    for size in range(len(form), max(0, len(form) - ENDING) - 1, -1):
        if found := _ORDINALS.get(form[:size]):
            return found
    return {}
