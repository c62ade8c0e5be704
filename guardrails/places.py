"""Where the parts of a text stand, and which of them follow each other."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import cast

from ..engine.dialects.text import WRITTEN, is_item
from ..engine.exchange import Scope, Segment
from ..engine.jsonio import Address


class Places:
    """Parts of a body by their places. Those between two texts that say nothing, such as one without references, are
    nothing to the model: what stands around them meets."""

    def __init__(self, texts: Sequence[Segment]) -> None:
        self._texts = texts
        self._speaking: dict[Address, list[int]] | None = None

    def follows(self, one: Segment, other: Segment) -> bool:
        """Whether the second is the text of the part behind that of the first. Values of JSON are no parts, nor are
        numbers that a tool gives: they are the items of a list."""
        here, there = one.address, other.address
        if not (is_part(one) and is_part(other) and len(here) == len(there) and here[-1] == there[-1]):
            return False
        if here[:-2] != there[:-2] and not one.role == other.role == "model":
            return False
        return here[:-1] != there[:-1] and self.within(here, there)

    def within(self, one: Address, other: Address) -> bool:
        """Whether the second address leads into the part whose text is at the first, or into the one behind it."""
        depth, at = len(one) - 2, cast(int, one[-2])
        if one[-5:-4] == ("contents",) and self._goes_on(one, other):
            return True
        if len(other) <= depth or other[:depth] != one[:depth] or not isinstance(index := other[depth], int):
            return False
        return at <= index <= at + 1 or (index > at and self._silent(one[:depth], at, index))

    def _goes_on(self, one: Address, other: Address) -> bool:
        """Whether the second leads into the first part of the content behind that of the first, the last of its own.
        Chats of Google's SDK keep a content for each event of a stream: those of the model are one turn."""
        depth, at, turn = len(one) - 2, cast(int, one[-2]), one[-4]
        if len(other) <= depth or other[: depth - 2] != one[: depth - 2] or other[depth - 2] != cast(int, turn) + 1:
            return False
        first = other[depth]
        return isinstance(first, int) and self._silent(one[:depth], at) and self._silent(other[:depth], -1, first)

    def _silent(self, container: Address, at: int, until: int | None = None) -> bool:
        """Whether the parts between these two say nothing, or all behind the first."""
        if self._speaking is None:
            self._speaking = _speaking(self._texts)
        there = self._speaking.get(container, [])
        place = bisect_right(there, at)
        return place == len(there) or (until is not None and there[place] >= until)


def is_part(segment: Segment) -> bool:
    """Whether it is the text of a part."""
    item = segment.scope == Scope.TOOL_RESULT and is_item(segment.text)
    return segment.within is None and _is_place(segment.address) and not item


def _is_place(address: Address) -> bool:
    return len(address) > 2 and isinstance(address[-2], int) and address[-1] in WRITTEN


def _speaking(texts: Sequence[Segment]) -> dict[Address, list[int]]:
    """The parts that say something, or hold what cannot be read, by where their lists are. A type says nothing."""
    found: dict[Address, set[int]] = {}
    for segment in texts:
        if segment.unread or (segment.text and segment.address[-1:] != ("type",)):
            for depth, step in enumerate(segment.address):
                if isinstance(step, int):
                    found.setdefault(segment.address[:depth], set()).add(step)
    return {container: sorted(indexes) for container, indexes in found.items()}
