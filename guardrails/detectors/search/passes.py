"""Many expressions in few passes over a text (RE2::Set): which of them match."""

import re
from collections.abc import Sequence
from itertools import pairwise

from ..regex import RE2, utf8


class PatternSet:
    """Many expressions: which of them match a text at all, or (`anchored`) match where it begins.

    In passes of PART expressions. RE2 builds its states as texts come, and each is one of all that may be under way at
    once: of 182 expressions in one pass there are so many that a text of 100 words never seen takes fifty times as long
    as one seen before, and in passes of thirty twenty times.
    """

    def __init__(self, patterns: Sequence[str], *, anchored: bool = False) -> None:
        # Words alone have few states, unless they stand beside what has many.
        words = [] if anchored else [at for at, pattern in enumerate(patterns) if not _MANY.search(pattern)]
        others = sorted({*range(len(patterns))} - {*words})
        self._passes = [
            _Pass([patterns[at] for at in part], part, anchored)
            for kind in (words, others)
            for part in _parts(kind, 1 if anchored else max(1, -(-len(kind) // PART)))
        ]

    def matching(self, text: str) -> set[int]:
        """Indices of the patterns that match in `text`, or of all of a pass where RE2 cannot tell."""
        return set(self.listed(utf8(text)))

    def listed(self, raw: bytes) -> list[int]:
        """The same, in no order."""
        found: list[int] = []
        for each in self._passes:
            matched: list[int] = each.match(raw)
            if each.canary not in matched:
                found += each.which
            elif len(matched) > 1:
                found += [each.which[index] for index in matched if index != each.canary]
        return found


def _parts(which: Sequence[int], parts: int) -> list[Sequence[int]]:
    borders = [at * len(which) // parts for at in range(parts + 1)]
    return [which[begin:end] for begin, end in pairwise(borders) if end > begin]


_MANY = re.compile(r"\\[bBAz]|[*+{^$]")
"""In an expression: borders, and parts that repeat, which many states come of."""
PART = 30
"""Expressions of a pass. A pass takes a microsecond or two of a text seen before. In passes of fifteen the first texts
take a fifth less, those after thousands as long, and each piece of a stream a tenth more."""


class _Pass:
    def __init__(self, patterns: Sequence[str], which: Sequence[int], anchored: bool) -> None:
        options = RE2.Options()
        options.log_errors = False
        options.max_mem = 256 * 1024 * 1024
        self._set = RE2.Set.MatchSet(options) if anchored else RE2.Set.SearchSet(options)
        for pattern in patterns:
            if self._set.Add(pattern) < 0:
                raise ValueError(pattern)
        # RE2 says "no match" when its memory runs out. The last pattern always matches: if it is missing from an
        # answer, the answer is void. Only the end of a text is a match of it: one that matches at every place
        # makes the pass up to three times slower.
        self.which, self.canary = which, self._set.Add("" if anchored else r"\z")
        self._set.Compile()
        self.match = self._set._set.Match  # past re2's own wrapper, as in regex.py
