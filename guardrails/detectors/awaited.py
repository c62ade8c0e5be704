"""What a stream waits for behind a word that names it, where the value's own words do not tell that it may go on."""

from collections.abc import Sequence

from .pii_kinds import Kind
from .places import folded

AWAITED = frozenset({"DATE_OF_BIRTH", "LICENSE_PLATE"})
"""Kinds with values of several words, such as `3 March 1984`."""
_LONGEST = 48
"""Characters of such a value, with what stands before it."""
_BEHIND = 160
"""Characters before the end in which the word stands, with what may stand behind a word."""


def awaited_from(kinds: Sequence[Kind], text: str, at: int) -> int:
    """Where a value of `kinds` may begin that the end of a text cuts, `at` at the latest."""
    begin = max(0, len(text) - _BEHIND)
    raw = folded(text[begin:])
    for kind in kinds:
        if kind.near is None or kind.words is None or kind.near.match(raw, 0, len(raw))[0][0] < 0:
            continue
        ends = (found.end() for found in kind.words.finditer(text, begin))
        at = min([at, *(end for end in ends if len(text) - end <= _LONGEST)])
    return at
