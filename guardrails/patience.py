"""Whether somebody still waits for what a thread is looking for.

A thread cannot be ended from outside. One that goes on with a text that was given up is missing to all other callers,
so whatever takes seconds asks here between its steps.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class _Here(threading.local):
    over: threading.Event | None = None


_here = _Here()


class GivenUp(Exception):
    """Nobody waits for the rest."""


def waited_for(over: threading.Event, work: Callable[[], T]) -> T:
    """`work` in this thread, which ends at its next `check` once `over` is set."""
    _here.over = over
    try:
        check()
        return work()
    finally:
        _here.over = None


def check() -> None:
    """Raises GivenUp when nobody waits any more. Cheap enough for every step of a millisecond."""
    if _here.over is not None and _here.over.is_set():
        raise GivenUp
