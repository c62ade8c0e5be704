"""Work that may wait until the reply has left: a bounded set of tasks."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger("tidegate.cache")


class Background:
    """At most `limit` tasks at once; what comes beyond is dropped and counted, for none of it is owed to anybody."""

    def __init__(self, limit: int = 256) -> None:
        self.limit = limit
        self.dropped = 0
        self.failed = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def spawn(self, work: Coroutine[Any, Any, None]) -> bool:
        """Run `work` soon. False when it was dropped."""
        if len(self._tasks) >= self.limit:
            work.close()
            self.dropped += 1
            return False
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return True

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failed += 1
            # The type alone: the message may hold text of a request.
            log.warning("background work failed: %s", type(error).__name__)

    async def drain(self, seconds: float = 5.0) -> None:
        """Wait until all is done, tasks that tasks start included; after `seconds` cancel the rest."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self._tasks:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                break
            await asyncio.wait(set(self._tasks), timeout=left)
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=1.0)
