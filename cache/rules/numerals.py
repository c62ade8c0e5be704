"""Numbers in words, by language, with the forms that grammar gives them. Pure Python.

`spelt` knows which words are numbers wherever they stand. Many here are other words as well (hét is a week, năm a
year): they are only looked up where two texts differ in one place, and both have a number of one language there.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from unicodedata import normalize

from .numeral_words import ORDINALS, unfolded
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


def _cardinals() -> Iterator[tuple[str, str, int]]:
    yield from unfolded()
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
