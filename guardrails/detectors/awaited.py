"""Values of several words behind a word that names them, such as `3 March 1984`: where they are looked for, and what a
stream waits for, as the value's own words do not tell that it may go on.
"""

from collections.abc import Iterator, Sequence

from . import columns
from .pii_kinds import Kind
from .places import Places, folded, loosened
from .regex import Locator

AWAITED = frozenset({"DATE_OF_BIRTH", "LICENSE_PLATE"})
"""Kinds with such values."""
_LONGEST = 48
"""Characters of such a value, with what stands before it."""
_BEHIND = 160
"""Characters before its end in which the word stands, with what may stand behind a word."""


def word_gate(words: str) -> Locator:
    """Where one of `words` may begin."""
    return Locator(f"(?i:{loosened(words)})")


def told(gate: Locator, text: str, start: int, places: Places) -> Iterator[tuple[int, int]]:
    """The stretches, from `start` on, in which a word of `gate` can tell what stands there: behind it, and below it
    where it may head a column. They do not overlap."""
    at = places.first(gate, max(0, start - columns.REACH), places.size)
    while at >= 0:
        line = text.find("\n", at, at + columns.LINE)
        heads = line >= 0 and not any(map(str.isdigit, text[at:line]))
        end = min(places.size, at + (columns.REACH + columns.LINE if heads else _BEHIND))
        if start < end:
            yield max(start, at), end
            start = end
        at = places.first(gate, max(at + 1, end - _BEHIND), places.size)


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
