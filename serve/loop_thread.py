"""An event loop on a thread of its own, for clients that have none."""

import asyncio
import logging
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from .waits import ClientClosed

log = logging.getLogger("tidegate")

T = TypeVar("T")
_LAST_SECONDS = 5.0
"""What cancelled work has to come to its end."""


class LoopThread:
    """Runs coroutines for any number of threads of one process, until it is stopped. The thread is a daemon."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._turn, name="tidegate-transport", daemon=True)
        self._submitting = threading.RLock()  # a garbage collection inside of it may end in `leave`
        self._process = os.getpid()
        self._stopped = False
        self._leaving: set[asyncio.Task[None]] = set()
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for `work`, which is cancelled when the waiting is interrupted. Raises ClientClosed once stopped, and in
        a process that was forked from this one."""
        asked = self._hand_over(work)
        if asked is None:
            raise ClientClosed
        try:
            return asked.result()
        except CancelledError:
            raise ClientClosed from None
        except BaseException:
            asked.cancel()
            raise

    def leave(self, work: Callable[[], Awaitable[None]]) -> None:
        """Begin `work` and do not wait for it: a garbage collection asks so too, on any thread, the loop's own
        included, and whatever lock that thread holds. Nothing happens once stopped: then `last` has ended it."""
        self._hand_over(self._left(work))

    def stop(self, last: Coroutine[Any, Any, None]) -> None:
        """Finish what was left here, do `last`, cancel whatever still runs, end the thread."""
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

    def abandon(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """As `stop`, but nobody waits: a garbage collection asks so, as it does for `leave`. Nothing happens once
        stopped, and in a process that was forked from this one."""
        if self._process != os.getpid():
            return
        with self._submitting:
            if self._stopped:
                return
            self._stopped = True
            done = asyncio.run_coroutine_threadsafe(self._end(unheard(last)), self._loop)
        done.add_done_callback(lambda _: self._loop.call_soon_threadsafe(self._loop.stop))

    def _turn(self) -> None:
        self._loop.run_forever()
        self._loop.close()

    def _hand_over(self, work: Coroutine[Any, Any, T]) -> Future[T] | None:
        """None, and `work` is dropped, where the loop takes none any more."""
        if self._process == os.getpid():  # asked first: a fork may have left the lock locked
            with self._submitting:  # what comes before the last work is ended by that, and never left waiting
                if not self._stopped:
                    return asyncio.run_coroutine_threadsafe(work, self._loop)
        work.close()
        return None

    async def _left(self, work: Callable[[], Awaitable[None]]) -> None:
        if task := asyncio.current_task():
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)
        await unheard(work)

    async def _end(self, last: Coroutine[Any, Any, None]) -> None:
        try:
            if self._leaving:
                await asyncio.wait(self._leaving, timeout=_LAST_SECONDS)
            await last
        finally:
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            if rest:
                await asyncio.wait(rest, timeout=_LAST_SECONDS)
            await self._loop.shutdown_asyncgens()


async def unheard(work: Callable[[], Awaitable[None]]) -> None:
    """Do what nobody waits for who could be told that it fails."""
    try:
        await work()
    except Exception as error:
        log.warning("what a client left open could not be closed: %s", type(error).__name__)
