"""What the writer thread is given to do, and how those who wait for it are told."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

Write: TypeAlias = Callable[[sqlite3.Connection], None]


@dataclass(slots=True)
class Job:
    """One write."""

    work: Write
    loop: asyncio.AbstractEventLoop | None = None
    done: "asyncio.Future[bool] | None" = None
    """Told whether the work was committed."""


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
