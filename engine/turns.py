"""Long work on the event loop lets others have their turn, or is done in a thread."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
LARGE = 256 * 1024
"""Bytes of a body or an event in which there may be so many texts that others would wait."""
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


async def taken_apart(size: int, work: Callable[[], T]) -> T:
    """What `work` makes of so many bytes; in a thread where they are LARGE."""
    return await asyncio.to_thread(work) if size > LARGE else work()
