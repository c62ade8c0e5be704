"""An event loop on a thread of its own, for clients that have none."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar

from .waits import ClientClosed

T = TypeVar("T")
_LAST_SECONDS = 5.0
"""What cancelled work has to come to its end."""


class LoopThread:
    """Runs coroutines for any number of threads, until it is stopped. The thread is a daemon."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tidegate-transport", daemon=True)
        self._submitting = threading.Lock()
        self._stopped = False
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for `work`, which is cancelled when the waiting is interrupted. Raises ClientClosed once stopped."""
        with self._submitting:  # what the loop is handed before its last work is ended by that, and never left waiting
            if self._stopped:
                work.close()
                raise ClientClosed
            asked = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return asked.result()
        except CancelledError:
            raise ClientClosed from None
        except BaseException:
            asked.cancel()
            raise

    def stop(self, last: Coroutine[Any, Any, None]) -> None:
        """Do `last`, cancel whatever still runs, end the thread."""
        with self._submitting:
            if self._stopped:
                last.close()
                return
            self._stopped = True
            done = asyncio.run_coroutine_threadsafe(self._end(last), self._loop)
        try:
            done.result()
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=_LAST_SECONDS)
            if not self._thread.is_alive():
                self._loop.close()

    async def _end(self, last: Coroutine[Any, Any, None]) -> None:
        try:
            await last
        finally:
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            if rest:
                await asyncio.wait(rest, timeout=_LAST_SECONDS)
            await self._loop.shutdown_asyncgens()
