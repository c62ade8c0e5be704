"""What was made of a text, for the last texts that were new: a question is compared with all that is near.

Bounded by texts and by their characters. What is made of a long text takes a hundred kilobytes, and whoever sends many
of them would fill the memory with what nobody asks for again.
"""

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import TypeVar, cast

MOST = 4096
"""Texts."""
CHARS = 1 << 20
"""Characters of all of them: 524 of the longest that are compared, or all of 4,096 everyday questions."""
T = TypeVar("T")


def remembered(make: Callable[[str], T]) -> Callable[[str], T]:
    """Remember what `make` made of the last new texts. From any thread."""
    kept: dict[str, T] = {}
    lock, missing = Lock(), object()
    chars = 0

    @wraps(make)
    def made(text: str) -> T:
        nonlocal chars
        # Without the lock, and without an order of use: a question's readings are asked for hundreds of times.
        if (known := kept.get(text, missing)) is not missing:
            return cast("T", known)
        fresh = make(text)
        with lock:
            if text not in kept:
                kept[text] = fresh
                chars += len(text)
                while len(kept) > MOST or chars > CHARS:
                    first = next(iter(kept))
                    del kept[first]
                    chars -= len(first)
        return fresh

    return made
