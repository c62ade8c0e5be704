"""Slow detectors in threads, so that the event loop goes on meanwhile, and no longer than they may take."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial

from .examine import Effective, Seen
from .patience import waited_for
from .rules.ruleset import Group

THREADS = 4


async def bounded(seconds: float, group: Group, text: str, effective: Effective, work: Callable[[], Seen]) -> Seen:
    """`work` in a thread, given up after so many seconds: then every rule of the group has failed, and the thread ends
    as soon as a detector asks whether it should (`patience.check`), for there are few. So it does when the caller has
    left. Where no time is left, it does not begin."""
    late = Seen(len(text), [], [(held, "out of time") for rule in group.rules if (held := effective(rule))])
    if seconds <= 0:
        return late
    over = threading.Event()
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.get_running_loop().run_in_executor(_threads(), partial(waited_for, over, work))
    except TimeoutError:
        return late
    finally:
        over.set()


@cache
def _threads() -> ThreadPoolExecutor:
    """Threads of our own: a detector that never returns keeps one of them, and nobody else's."""
    return ThreadPoolExecutor(THREADS, thread_name_prefix="tidegate-detector")
