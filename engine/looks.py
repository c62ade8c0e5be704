"""What the hold-back asks of whoever reads running text: how far it is safe, and what changes in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .edits import Edit
from .exchange import Segment


@dataclass(frozen=True, slots=True)
class Look:
    """What a screen saw: edits in order, none empty, not overlapping, each ending at or before `safe`.

    `safe` is the offset before which nothing that follows can change the verdict.
    """

    edits: Sequence[Edit]
    safe: int


class Withheld(Exception):
    """A screen's answer that this reply must not go on. Carries rule names, no text of the exchange."""

    def __init__(self, rules: Sequence[str], answer: str = "") -> None:
        super().__init__(", ".join(rules))
        self.rules = list(rules)
        self.answer = answer
        """What the caller is answered in the reply's place, if none of it has left yet."""


class Screen(Protocol):
    """Something that reads running text and changes it."""

    def applies(self, segment: Segment) -> bool:
        """Whether it wants to see texts of this kind at all."""
        ...

    def context(self, segment: Segment) -> int | None:
        """Characters of settled text that it wants to see again before the unsettled. None: all."""
        ...

    async def look(self, segment: Segment, text: str, settled: int, done: bool) -> Look:
        """Look at `text`, of which the first `settled` characters have left; `done` says that none will follow.

        Only edits that start at or after `settled` count. Raises Withheld to end the reply.
        """
        ...

    def late(self, segment: Segment, start: int) -> None:
        """The edit at `start` of the text it saw last begins in a part that has left, for the text seemed to end there.
        Raises Withheld to end the reply."""
        ...

    async def seam(self, segment: Segment, before: str, after: str, done: bool) -> bool:
        """Look at what reaches from `before`, which has been looked at and may have left, into `after`. Whether
        something is under way there; nothing is when all of `after` is there (`done`). Raises Withheld to end the
        reply: what reaches over is not changed."""
        ...

    def unread(self, segment: Segment) -> None:
        """A piece of content that cannot be read as text. Raises Withheld to refuse it."""
        ...
