"""What the writer thread is given to do, and how those who wait for it are told."""

import asyncio
import contextlib
import queue
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from .record import log

Write: TypeAlias = Callable[[sqlite3.Connection], None]

BATCH = 256
"""Writes in one commit."""
WAIT_SECONDS = 1.0
"""How long the writer waits for a write; then it looks after the file and writes the times of last use."""


@dataclass(slots=True)
class Job:
    """One write."""

    work: Write
    loop: asyncio.AbstractEventLoop | None = None
    done: "asyncio.Future[bool] | None" = None
    """Told whether the work was committed."""


class Outage:
    """Says once that a file takes no writes, and once that it takes them again."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._on = False

    def began(self, error: Exception) -> None:
        """A write failed. An error that is not the system's may hold a text: its type alone is told."""
        if not self._on:
            said = str(error) if isinstance(error, sqlite3.Error | OSError) else type(error).__name__
            log.warning("%s takes no writes (%s): going on without new answers", self._place, said)
        self._on = True

    def over(self) -> None:
        """Something was stored."""
        if self._on:
            log.warning("%s takes writes again", self._place)
        self._on = False


def gather(jobs: "queue.Queue[Job | None]") -> tuple[list[Job], bool]:
    """Jobs that wait, at least one or after WAIT_SECONDS none; False once the store is closing."""
    batch: list[Job] = []
    with contextlib.suppress(queue.Empty):
        job = jobs.get(timeout=WAIT_SECONDS)
        while job is not None:
            batch.append(job)
            if len(batch) == BATCH:
                return batch, True
            job = jobs.get_nowait()
        return batch, False
    return batch, True


def tell(jobs: list[Job], committed: bool) -> None:
    """Tell whoever waits, each on the loop it waits on."""

    def told(group: list[Job]) -> None:
        for job in group:
            if job.done is not None and not job.done.done():
                job.done.set_result(committed)

    by_loop: dict[int, list[Job]] = {}
    for job in jobs:
        by_loop.setdefault(id(job.loop), []).append(job)
    for group in by_loop.values():
        loop = group[0].loop
        if loop is not None and not loop.is_closed():
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(told, group)
