"""Which of many grams stand in a text: all of them looked up at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .needs import GRAM, Need, folded, grams
from .regex import utf8

_MIX = np.uint32(0x01000193)
_SPREAD, _BITS = np.uint32(0x9E3779B1), 16
Codes = NDArray[np.uint32]


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
        stretches = [[int(codes(gram)[0]) for gram in grams(stretch)] for need in needs for stretch in sorted(need)]
        self._codes = np.array(sorted({code for each in stretches for code in each}), np.uint32)
        wide = max(map(len, stretches), default=1)
        padded = np.array([each + each[:1] * (wide - len(each)) for each in stretches], np.uint32).reshape(-1, wide)
        self._stretches = self._codes.searchsorted(padded.T)
        """By the place in a stretch, the place of its gram among the codes."""
        self._firsts = np.cumsum([0, *map(len, needs[:-1])]) if needs else np.zeros(0, np.intp)
        """Which stretch is the first of each need."""
        self._some = np.zeros(1 << _BITS, np.bool_)
        self._some[_slots(self._codes)] = True

    def met(self, codes: Codes) -> NDArray[np.bool_]:
        """The needs of which a stretch may stand in the text; of those that do, none is missing."""
        likely = codes[self._some[_slots(codes)]]
        at = self._codes.searchsorted(likely)
        stand = np.zeros(len(self._codes) + 1, np.bool_)
        stand[at[self._codes.take(at, mode="clip") == likely]] = True
        first, *others = self._stretches
        stretches = stand[first]
        for each in others:
            stretches &= stand[each]
        return np.logical_or.reduceat(stretches, self._firsts)


def _slots(codes: Codes) -> Codes:
    return (codes * _SPREAD) >> np.uint32(32 - _BITS)
