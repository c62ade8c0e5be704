"""Long work on the event loop lets others have their turn."""

import asyncio
import time
from collections.abc import Sequence

from ..engine.edits import Edit, apply, whole_edits
from ..engine.exchange import Segment

SECONDS = 0.005
"""How long a piece of work may keep the loop."""
_MANY_EDITS = 1000
"""Some milliseconds of work."""


class Turns:
    """Counts the time since others had their turn last."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    async def give(self) -> None:
        """Let them, if it is time."""
        if time.perf_counter() - self._since > SECONDS:
            await asyncio.sleep(0)
            self._since = time.perf_counter()


async def changed(segment: Segment, edits: Sequence[Edit], offsets: Sequence[int] | None) -> str:
    """The text with the edits made; in a thread where they are so many that others would wait."""

    def made() -> str:
        return apply(segment.text, whole_edits(segment, edits, offsets))

    return made() if len(edits) < _MANY_EDITS else await asyncio.to_thread(made)
