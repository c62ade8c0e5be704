"""Values of several words behind a word that names them, such as `3 March 1984`: where they are looked for, and what a
stream waits for, as the value's own words do not tell that it may go on.
"""

import re
from collections.abc import Iterator, Sequence

from ..regex import Locator
from ..search.places import Places, folded, loosened
from . import columns
from .kinds import Kind

AWAITED = frozenset({"DATE_OF_BIRTH", "LICENSE_PLATE"})
"""Kinds with such values."""
_LONGEST = 48
"""Characters of such a value, with what stands before it."""
_BEHIND = 160
"""Characters before its end in which the word stands, with what may stand behind a word."""
_BLOCK = 1_000
"""Characters in which a word is looked for at a time; those that one block cuts stand in the next."""
_HEADS = re.compile(rf"[^\d\n]{{0,{columns.LINE - 1}}}\n")
"""From a word on: the rest of a line that may be one of headings."""


def word_gate(words: str) -> Locator:
    """Where one of `words` may begin."""
    return Locator(f"(?i:{loosened(words)})")


def told(gate: Locator, text: str, start: int, places: Places) -> Iterator[tuple[int, int]]:
    """The stretches, from `start` on, in which a word of `gate` can tell what stands there: behind it, and below it
    where it may head a column. They do not overlap, nor touch: a value would be cut there."""
    begin = end = start
    at = _first(gate, places, max(0, start - columns.REACH))
    while at >= 0:
        line = _HEADS.match(text, at)
        if at > end:
            if begin < end:
                yield begin, end
            begin = at
        end = max(end, min(places.size, at + (columns.REACH + columns.LINE if line else _BEHIND)))
        at = _first(gate, places, line.end() if line else at + 1)
    if begin < end:
        yield begin, end


def _first(gate: Locator, places: Places, start: int) -> int:
    """The first place of `gate` from `start` on; -1 for none. Each look reads what it is given anew, which must not be
    all that is left."""
    at = -1
    while at < 0 and start < places.size:
        at = places.first(gate, start, min(places.size, start + _BLOCK))
        start += _BLOCK - _BEHIND
    return at


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
