"""A thread for work that would hold up the event loop: one thing after the other, in the order it was asked for."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

Ts = TypeVarTuple("Ts")
T = TypeVar("T")


class Worker:
    """Begun when it is needed, so that what was closed may be used again: an app may be started twice."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._executor: ThreadPoolExecutor | None = None

    async def do(self, work: Callable[[*Ts], T], *args: *Ts) -> T:
        """What `work` returns. Raises what it raises."""
        if self._executor is None:
            self._executor = ThreadPoolExecutor(1, self._name)
        return await asyncio.get_running_loop().run_in_executor(self._executor, work, *args)

    def close(self) -> None:
        """Give up what has not begun, and wait for nothing."""
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)
