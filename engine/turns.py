"""Long work on the event loop lets others have their turn."""

import asyncio
import time

SECONDS = 0.005
"""How long a piece of work may keep the loop."""


class Turns:
    """Counts the time since others had their turn last."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    async def give(self) -> None:
        """Let them, if it is time."""
        if time.perf_counter() - self._since > SECONDS:
            await asyncio.sleep(0)
            self._since = time.perf_counter()
