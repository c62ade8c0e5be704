"""What was made of a text, for the texts that were asked about last: a question is compared with all that is near.

Bounded by texts and by their characters. What is made of a long text takes a hundred kilobytes, and whoever sends many
of them would fill the memory with what nobody asks for again.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import TypeVar

MOST = 4096
"""Texts."""
CHARS = 1 << 20
"""Characters of all of them: 524 of the longest that are compared, or all of 4,096 everyday questions."""
T = TypeVar("T")


def remembered(make: Callable[[str], T]) -> Callable[[str], T]:
    """Remember what `make` made of the last texts. From any thread."""
    kept: OrderedDict[str, T] = OrderedDict()
    lock = Lock()
    chars = 0

    @wraps(make)
    def made(text: str) -> T:
        nonlocal chars
        with lock:
            if text in kept:
                kept.move_to_end(text)
                return kept[text]
        fresh = make(text)
        with lock:
            if text not in kept:
                kept[text] = fresh
                chars += len(text)
                while len(kept) > MOST or chars > CHARS:
                    chars -= len(kept.popitem(last=False)[0])
        return fresh

    return made
