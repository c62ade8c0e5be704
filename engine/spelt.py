"""Texts that are whole by themselves, and that clients put together all the same.

A call's name and id come whole, in its first piece; some servers say them again in each. But SDKs join what pieces of
one call say, and so a name that came letter by letter is one name to them. The same goes for the blocks of an answer,
which citations cut in the middle of sentences: what stands in two of them is one phrase to whoever reads it.
"""

from dataclasses import dataclass, field

from .channels import Held
from .exchange import Segment
from .jsonio import Address
from .limits import STREAM_CHANNELS
from .looks import Screen

KEPT = 512
"""Characters on either side of where two meet that are looked at together; a name has 64, an id some hundred."""


@dataclass(slots=True)
class _Said:
    """What was said under one name: the end of all before the last text, and the beginning and end of that."""

    segment: Segment
    before: str = ""
    head: str = ""
    tail: str = ""
    waiting: list[Held] = field(default_factory=list[Held])
    """Events that bring it, while something is under way that began before."""

    def add(self, text: str) -> None:
        self.head += text[: KEPT - len(self.head)]
        self.tail = (self.tail + text)[-KEPT:]


class Spelt:
    """What such texts say together."""

    def __init__(self) -> None:
        self._said: dict[Address, _Said] = {}

    async def add(self, screen: Screen, segment: Segment, held: Held) -> None:
        """Look at a text, or at the next piece of a running one that `held` brings, together with what came before it.
        Raises Withheld when a rule would change what goes over from one to the other, and lets the event wait while it
        may. What says the same name once more is no piece."""
        said = self._said.get(segment.spells)
        if segment.ends and said:
            await self._next(screen, said)
        if not segment.text or not screen.applies(segment) or (said and _again(said, segment)):
            return
        if said is None:
            if len(self._said) >= STREAM_CHANNELS:
                await self._seam(screen, self._said.pop(next(iter(self._said))), done=True)
            said = self._said[segment.spells] = _Said(segment)
        elif not (segment.channel and segment.channel == said.segment.channel):
            await self._next(screen, said)
        full = len(said.head) == KEPT
        said.segment = segment
        said.add(segment.text)
        if not full:
            held.waiting += 1
            said.waiting.append(held)
            await self._seam(screen, said, done=not segment.channel)

    async def close(self, screen: Screen) -> None:
        """Nothing follows."""
        for said in self._said.values():
            await self._seam(screen, said, done=True)
        self._said.clear()

    async def _next(self, screen: Screen, said: _Said) -> None:
        """The last text has ended, and what comes is another."""
        await self._seam(screen, said, done=True)
        said.before, said.head, said.tail = (said.before + said.tail)[-KEPT:], "", ""

    async def _seam(self, screen: Screen, said: _Said, *, done: bool) -> None:
        full = done or len(said.head) == KEPT
        if said.before and said.head and await screen.seam(said.segment, said.before, said.head, full):
            return
        for held in said.waiting:
            held.waiting -= 1
        said.waiting.clear()


def _again(said: _Said, segment: Segment) -> bool:
    """Whether a later event says a name once more; of a letter that may be the next, and two blocks may be alike."""
    named = not segment.channel and segment.address == said.segment.address
    return named and segment.text == said.tail and len(segment.text) > 1
