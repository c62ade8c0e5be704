"""Texts of a stream that are whole by themselves, and that some clients put together all the same.

A call's name and id come whole, in its first piece; some servers say them again in each. But SDKs join what pieces of
one call say, and so a name that came letter by letter is one name to them.
"""

from dataclasses import replace

from .exchange import Segment
from .jsonio import Address
from .limits import STREAM_CHANNELS
from .looks import Screen

KEPT = 512
"""Characters of what has been put together that are looked at again; a name has 64, an id some hundred."""


class Spelt:
    """What the pieces of each such text say together."""

    def __init__(self) -> None:
        self._said: dict[Address, tuple[str, str]] = {}  # what they spell, and the last of them

    async def add(self, screen: Screen, segment: Segment) -> None:
        """Look at a piece together with what came before it, which has left. Raises Withheld when a rule would change
        what goes over from one to the other. What says the same once more is no piece."""
        said, last = self._said.get(segment.spells, ("", ""))
        again = segment.text == last and len(last) > 1  # one letter may come twice in a name
        if not segment.text or again or not screen.applies(segment):
            return
        if not said and len(self._said) >= STREAM_CHANNELS:
            del self._said[next(iter(self._said))]
        together = said[-KEPT:] + segment.text
        self._said[segment.spells] = together, segment.text
        if not said:
            return
        meet = len(together) - len(segment.text)
        whole = replace(segment, text=together, sealed=False)
        for edit in (await screen.look(whole, together, 0, True)).edits:
            if edit.start < meet < edit.end:
                screen.late(whole, edit.start)
