"""Many expressions of which a text mostly matches none: which of them match.

An automaton of many reads its states from memory for each character and each pass, and builds those that are new. Here
what an expression cannot do without is looked up, for all of them at once, and only one that has all of it in a text is
looked for by itself: three of 185, in a text of 75 words. Longer texts have something of everything.
"""

from collections.abc import Sequence

import numpy as np

from ..base import shared
from ..regex import Locator, utf8
from .grams import Grams, codes, padded
from .needs import needs
from .passes import PatternSet

LONG = 1_000
"""Characters from which on passes over all expressions cost no more."""


class RareSet:
    """As PatternSet."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self.patterns = list(patterns)
        needed = {index: rows for index, pattern in enumerate(patterns) if (rows := needs(pattern))}
        each = list(dict.fromkeys(need for rows in needed.values() for row in rows for need in row))
        places = {need: at for at, need in enumerate(each)}
        self._grams = Grams(each)
        rows = [(index, [places[need] for need in row]) for index, rows in needed.items() for row in rows]
        self._owners = [index for index, _ in rows]
        self._rows = padded([row for _, row in rows])
        """All that is needed for one way to match."""
        self._others = [index for index in range(len(patterns)) if index not in needed]
        self._all = PatternSet(patterns)
        self._rest = PatternSet([patterns[index] for index in self._others]) if needed else self._all
        self._exact: dict[int, Locator] = {}
        # Once, so that the first long text does not wait.
        self._all.matching("")

    def matching(self, text: str) -> set[int]:
        """Indices of the patterns that match in `text`, or of others too where RE2 cannot tell."""
        if len(text) >= LONG or not self._owners:
            return self._all.matching(text)
        raw = utf8(text)
        found = {self._others[index] for index in self._rest.listed(raw)}
        met = self._grams.met(shared(text, codes, lambda: codes(text)))
        full = np.flatnonzero(np.logical_and.reduce(met.take(self._rows))).tolist()
        found.update(index for index in {self._owners[at] for at in full} if self._matches(index, raw))
        return found

    def _matches(self, index: int, raw: bytes) -> bool:
        if index not in self._exact:
            self._exact[index] = Locator(self.patterns[index])
        return self._exact[index].match(raw, 0, len(raw))[0][0] >= 0
