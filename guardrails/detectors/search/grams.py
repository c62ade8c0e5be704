"""Which of many grams stand in a text: all of them looked up at once."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..regex import utf8
from .needs import GRAM, Need, folded, grams

_MIX = np.uint32(0x01000193)
_SPREAD, _BITS = np.uint32(0x9E3779B1), 16
Codes = NDArray[np.uint32]
Places = NDArray[np.intp]


def codes(text: str) -> Codes:
    """A number for each gram of a text; two grams may have the same."""
    text = folded(text)
    if text.isascii():
        of = np.frombuffer(text.encode(), np.uint8).astype(np.uint32)
    else:
        of = np.frombuffer(utf8(text).decode().encode("utf-32-le"), "<u4")
    found = of[: 1 - GRAM]
    for behind in range(1, GRAM):
        found = found * _MIX + of[behind : len(of) - GRAM + 1 + behind]
    return found


class Grams:
    """Needs, told by the codes of a text: in arrays, which are read at once."""

    def __init__(self, needs: Sequence[Need]) -> None:
        rows = [(index, _told(stretch)) for index, need in enumerate(needs) for stretch in sorted(need)]
        self._needs = len(needs)
        self._owners = np.array([index for index, _ in rows], np.intp)
        """The need of each stretch."""
        self._codes = np.array(sorted({code for _, row in rows for code in row}), np.uint32)
        places = self._codes.searchsorted(padded([row for _, row in rows]).astype(np.uint32))
        self._rarest: Places = places[0]
        self._others: Places = places[1:]
        """Where the grams of each stretch stand among the codes."""
        self._some = np.zeros(1 << _BITS, np.bool_)
        self._some[_slots(self._codes)] = True

    def met(self, codes: Codes) -> NDArray[np.bool_]:
        """The needs of which a stretch may stand in the text; of those that do, none is missing."""
        likely = codes.compress(self._some.take(_slots(codes)))
        at = self._codes.searchsorted(likely)
        stand = np.zeros(len(self._codes), np.bool_)
        stand[at.compress(self._codes.take(at, mode="clip") == likely)] = True
        begun: Places = np.flatnonzero(stand.take(self._rarest))
        rest = np.logical_and.reduce(stand.take(self._others.take(begun, axis=1)))
        found = np.zeros(self._needs, np.bool_)
        found[self._owners.take(begun.compress(rest))] = True
        return found


@cache
def _told(stretch: str) -> list[int]:
    """The codes of the grams by which a stretch is told."""
    return [_code(gram) for gram in grams(stretch)]


@cache
def _code(gram: str) -> int:
    return int(codes(gram)[0])


def padded(rows: Sequence[Sequence[int]]) -> Places:
    """Rows as the columns of an array, those that are shorter with their first number again."""
    wide = max(map(len, rows), default=1)
    return np.array([[*row, *[row[0]] * (wide - len(row))] for row in rows], np.intp).reshape(-1, wide).T.copy()


def _slots(codes: Codes) -> Codes:
    return (codes * _SPREAD) >> np.uint32(32 - _BITS)
