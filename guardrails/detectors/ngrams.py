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
    codes = _codes(_lower(text))
    same = codes[1:] == codes[:-1]
    gone = same & (codes[1:] == 32)
    gone[1:] |= same[1:] & same[:-1]
    places = np.arange(len(codes) + 1)
    if gone.any():
        kept = np.nonzero(~gone)[0] + 1
        places = np.concatenate((places[:1], kept, places[-1:]))
        codes = codes[places[:-1]]
    # A space before and behind, so that n-grams tell the edges of words at the ends as well.
    padded = np.empty(len(places) + 1, np.uint32)
    padded[0] = padded[-1] = 32
    padded[1:-1] = codes
    starts, hashes = _words(padded)
    hashed = [*_rolled(padded, max(CHARS))[1:], *_rolled(hashes, max(WORDS))]
    buckets = _buckets(hashed)
    return Grams(places, buckets[: len(CHARS)], buckets[len(CHARS) :], starts)


def _codes(text: str) -> Codes:
    """The characters as they are read."""
    fold, _ = _tables()
    if text.isascii():
        return fold.take(np.frombuffer(text.encode(), np.uint8))
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return np.where(codes < 65_536, fold[codes & 0xFFFF], codes)


def _rolled(codes: Codes, most: int) -> list[Codes]:
    """Hashes of the n-grams at each place, for each size from 1 to `most`."""
    rolled = [codes]
    for size in range(2, most + 1):
        last = rolled[-1]
        if len(last) > 1:
            last = last[:-1] * _PRIME
            last += codes[size - 1 :]
        else:
            last = last[:0]
        rolled.append(last)
    return rolled


_SALTS = [np.uint32(salt * 0x9E3779B1 & 0xFFFFFFFF) for salt in (*CHARS, *(size + 16 for size in WORDS))]


def _buckets(hashes: list[Codes]) -> list[Codes]:
    """The bucket of each hash, with the salt of its list: all lists at once, for short texts have short ones."""
    ends = list(accumulate(map(len, hashes)))
    mixed = np.empty(ends[-1], np.uint32)
    parts = [mixed[end - len(each) : end] for each, end in zip(hashes, ends, strict=True)]
    for part, each, salt in zip(parts, hashes, _SALTS, strict=True):
        np.add(each, salt, out=part)
    mixed ^= mixed >> np.uint32(15)
    mixed *= _MIX
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed[: ends[len(CHARS) - 1]] >>= np.uint32(32 - CHAR_BITS)
    mixed[ends[len(CHARS) - 1] :] >>= np.uint32(32 - WORD_BITS)
    return parts


def _words(padded: Codes) -> tuple[Places, Codes]:
    """Where words begin, and a hash of each."""
    _, letters = _tables()
    inside = letters.take(padded, mode="clip")
    starts = np.nonzero(inside[1:] > inside[:-1])[0] + 1
    if not len(starts):
        return starts, np.zeros(0, np.uint32)
    first = int(starts[0])
    lengths = np.empty_like(starts)
    lengths[:-1] = starts[1:] - starts[:-1]
    lengths[-1] = len(padded) - starts[-1]
    offset = np.arange(first, len(padded))
    offset -= starts.repeat(lengths)
    offset &= 63
    values = _powers().take(offset)
    values *= padded[first:]
    values *= inside[first:]
    return starts, np.add.reduceat(values, starts - first, dtype=np.uint32)


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
        places, starts = found.places, found.starts
        chars = _running([self.chars.take(index) for index in found.chars], len(places) + 1)
        words = _running([self.words.take(index) for index in found.words], len(starts))
        for begin, end in found.spans():
            first, last = starts.searchsorted((begin, end))
            score = (chars[end] - chars[begin]) / lengthy(end - begin, FEW_CHARS)
            score += (words[last] - words[first]) / lengthy(int(last - first), FEW_WORDS)
            yield Window(offset + int(places[begin]), offset + int(places[end]), float(score) * self.unit + self.bias)


def lengthy(count: int, least: int) -> float:
    """What sums over so many n-grams are divided by."""
    return float(max(count, least)) ** 0.5


def _running(weights: Sequence[NDArray[np.int16]], size: int) -> Places:
    """Sums of all weights before each place; shape (size + 1,)."""
    sums = np.zeros(size + 1, np.int64)
    for each in weights:
        sums[1 : len(each) + 1] += each
    return sums.cumsum()
