"""Hashed n-grams of characters and words, and a linear score over windows of a text. numpy only.

A text is read in lower case, with digits alike and runs of spaces collapsed, in windows of WINDOW characters. Each
n-gram adds its weight at the place where it begins, so that one running sum gives the score of every window: the time
is linear in the text, and the sums are of integers and therefore exact. Source of the hashing: Weinberger et al. 2009.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import TypeAlias
from unicodedata import category

import numpy as np
from numpy.typing import NDArray

Codes: TypeAlias = NDArray[np.uint32]
Places: TypeAlias = NDArray[np.int64]

WINDOW = 400
STEP = 200
BLOCK = 65_536
"""Characters that are read at once: bounds the memory. Blocks overlap by a window."""
CHARS = (2, 3, 4, 5)
WORDS = (1, 2, 3)
CHAR_BITS, WORD_BITS = 18, 17
FEW_CHARS, FEW_WORDS = 60, 10
"""Windows that are shorter count as this long: a few odd n-grams say little."""
_PRIME = np.uint32(0x01000193)
_MIX = np.uint32(0x85EBCA6B)
_SALT = 0x9E3779B1


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of a text of n characters (after folding)."""

    places: Places
    """Where each folded character stands in the text; one longer, the end."""
    chars: list[Codes]
    """For each size in CHARS, the bucket of the n-gram at each character."""
    words: list[Codes]
    """For each size in WORDS, the bucket of the n-gram at each word."""
    starts: Places
    """The folded character at which each word begins."""

    def spans(self) -> list[tuple[int, int]]:
        """The windows, as folded characters."""
        size = len(self.places) - 1
        if size <= WINDOW + STEP // 2:
            return [(0, size)]
        begins = [*range(0, size - WINDOW, STEP), size - WINDOW]
        return [(begin, begin + WINDOW) for begin in begins]


def grams(text: str) -> Grams:
    """The n-grams of `text`."""
    fold, letters = _tables()
    codes = np.frombuffer(_lower(text).encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = np.where(codes < 65_536, fold[codes & 0xFFFF], codes)
    keep = np.ones(len(codes), bool)
    same = codes[1:] == codes[:-1]
    keep[1:] = ~(same & (codes[1:] == 32))
    keep[2:] &= ~(same[1:] & same[:-1])
    places = np.append(np.flatnonzero(keep), len(codes))
    # A space before and behind, so that n-grams tell the edges of words at the ends as well.
    padded = np.full(len(places) + 1, 32, np.uint32)
    padded[1:-1] = codes[keep]
    starts, hashes = _words(padded, letters)
    chars = _buckets(_rolled(padded, max(CHARS))[1:], CHARS, CHAR_BITS)
    words = _buckets(_rolled(hashes, max(WORDS)), [size + 16 for size in WORDS], WORD_BITS)
    return Grams(places, chars, words, starts)


def _rolled(codes: Codes, most: int) -> list[Codes]:
    """Hashes of the n-grams at each place, for each size from 1 to `most`."""
    rolled = [codes]
    for size in range(2, most + 1):
        last = rolled[-1]
        rolled.append(last[:-1] * _PRIME + codes[size - 1 :] if len(last) > 1 else last[:0])
    return rolled


def _buckets(hashes: list[Codes], salts: Sequence[int], bits: int) -> list[Codes]:
    """The bucket of each hash, with the salt of its list: all lists at once, for short texts have short ones."""
    sizes = [len(each) for each in hashes]
    mixed = np.concatenate(hashes)
    mixed += np.repeat(np.array([salt * _SALT & 0xFFFFFFFF for salt in salts], np.uint32), sizes)
    mixed = _mixed(mixed, bits)
    ends = list(accumulate(sizes))
    return [mixed[end - size : end] for size, end in zip(sizes, ends, strict=True)]


def _mixed(mixed: Codes, bits: int) -> Codes:
    mixed ^= mixed >> np.uint32(15)
    mixed *= _MIX
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    return mixed >> np.uint32(32 - bits)


def _words(padded: Codes, letters: NDArray[np.bool_]) -> tuple[Places, Codes]:
    """Where words begin, and a hash of each."""
    inside = letters[np.minimum(padded, 65_535)]
    begins = inside.copy()
    begins[1:] &= ~inside[:-1]
    starts = np.flatnonzero(begins)
    if not len(starts):
        return starts, np.zeros(0, np.uint32)
    at = np.arange(len(padded))
    offset = at - np.maximum.accumulate(np.where(begins, at, 0))
    values = np.where(inside, padded * _powers()[offset & 63], np.uint32(0)).astype(np.uint32)
    return starts, np.add.reduceat(values, starts, dtype=np.uint32)


def _lower(text: str) -> str:
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(small if len(small := char.lower()) == 1 else char for char in text)


@cache
def _powers() -> Codes:
    powers = [1]
    for _ in range(63):
        powers.append(powers[-1] * 0x0100_2F4D & 0xFFFFFFFF)
    return np.array(powers, np.uint32)


@cache
def _tables() -> tuple[Codes, NDArray[np.bool_]]:
    """For each code below 65,536: what it is read as, and whether words consist of it."""
    fold = np.arange(65_536, dtype=np.uint32)
    letters = np.zeros(65_536, bool)
    for code in range(65_536):
        char = chr(code)
        if char.isspace() or code < 32:
            fold[code] = 32
        elif char.isdigit():
            fold[code] = 48
        letters[code] = char.isalnum() or category(char)[0] == "M"
    return fold, letters


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a text, characters `start` to `end`, and its score (log odds)."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Ngrams:
    """A linear model: weights as integers, and what one unit is worth."""

    chars: NDArray[np.int16]
    words: NDArray[np.int16]
    unit: float
    bias: float

    def windows(self, text: str) -> list[Window]:
        """Every window of `text`, in order, with its score; none of an empty text."""
        if not text:
            return []
        if len(text) <= BLOCK:
            return list(self._block(text, 0))
        step = BLOCK - WINDOW
        return [
            window for at in range(0, len(text) - WINDOW, step) for window in self._block(text[at : at + BLOCK], at)
        ]

    def _block(self, text: str, offset: int) -> Iterator[Window]:
        found = grams(text)
        size = len(found.places) - 1
        chars = _running([self.chars[index] for index in found.chars], size + 2)
        words = _running([self.words[index] for index in found.words], len(found.starts))
        for begin, end in found.spans():
            first, last = np.searchsorted(found.starts, (begin, end))
            score = (chars[end] - chars[begin]) / lengthy(end - begin, FEW_CHARS)
            score += (words[last] - words[first]) / lengthy(int(last - first), FEW_WORDS)
            yield Window(
                offset + int(found.places[begin]), offset + int(found.places[end]), float(score) * self.unit + self.bias
            )


def lengthy(count: int, least: int) -> float:
    """What sums over so many n-grams are divided by."""
    return float(max(count, least)) ** 0.5


def _running(weights: Sequence[NDArray[np.int16]], size: int) -> Places:
    """Sums of all weights before each place; shape (size + 1,)."""
    sums = np.zeros(size + 1, np.int64)
    for each in weights:
        sums[1 : len(each) + 1] += each
    return np.cumsum(sums)
