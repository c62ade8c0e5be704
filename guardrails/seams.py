"""What is found where the parts of a text meet: what of it is one find, and no two words that touch."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

from ..engine.exchange import Segment
from .actions import chains
from .examine import Seen
from .hits import Hit
from .rules.ruleset import EDITING

Span = tuple[int, int]
Known = tuple[str, int, int]
"""What a rule has found, by its id, and from where to where."""
MANY = 16
"""Parts in which no value by itself is looked for."""
ODD = 4
"""Digits and changes of case that a word does not have."""


def crossing(text: str, hits: Sequence[Hit], seams: Sequence[Span], known: Collection[Known]) -> list[Hit]:
    """Those that reach over a seam, the end of one part and the start of the next, with what they overlap; where one of
    them adds points, with all that do. What is `known` of the same rule from a seam on, or up to it, is a value by
    itself: a hit that adds what stands before it, or a word behind it, is words that touch."""
    ends, starts = [end for end, _ in seams], [start for _, start in seams]

    def touches(hit: Hit, over: range) -> bool:
        begins = (hit.start, *(starts[at] for at in over))
        stops = (*((ends[at], starts[at]) for at in over), (hit.end, hit.end))
        return any(
            (hit.rule.id, begin, end) in known and _is_word(text[behind : hit.end])
            for begin in begins
            for end, behind in stops
        )

    def crosses(hit: Hit) -> bool:
        over = range(bisect_right(ends, hit.start), bisect_left(starts, hit.end))
        return len(over) > MANY or (bool(over) and not touches(hit, over))

    found = [hit for run in chains(list(hits)) if any(map(crosses, run)) for hit in run]
    if any(hit.rule.action == "score" for hit in found):
        counted = set(map(id, found))
        found += [hit for hit in hits if hit.rule.action == "score" and id(hit) not in counted]
    return found


def over(look: Callable[..., Seen], before: str, after: str, done: bool) -> tuple[list[Hit], bool]:
    """What `look`, as `examine`, finds that reaches from one text into the next, and whether more may, until that is
    `done`."""
    meet, seen = len(before), look(before + after, done=done)
    found: list[Hit] = []
    if seen.hits:
        apart = ((0, look(before)), (meet, look(after)))
        known = {(hit.rule.id, at + hit.start, at + hit.end) for at, own in apart for hit in own.hits}
        found = crossing(before + after, seen.hits, [(meet, meet)], known)
    return found, seen.safe < meet


def changed_of(hits: Sequence[Hit], parts: Sequence[tuple[Span, Segment]]) -> Segment | None:
    """The first of the parts that hits change, or else tell of; rather one that is sealed."""
    about = [hit for hit in hits if hit.rule.action in EDITING] or hits
    there = [of for (start, end), of in parts if any(hit.start < end and start < hit.end for hit in about)]
    return next((each for each in there if each.sealed), there[0] if there else None)


def _is_word(text: str) -> bool:
    """Not the rest of a number or a key: those have more digits, and change more often between small and capital."""
    changes = sum(a.isalpha() and b.isalpha() and a.isupper() != b.isupper() for a, b in pairwise(text))
    return sum(map(str.isdecimal, text)) + changes < ODD
