"""Networks that several gates of a process use: large, never changed, safe to call from several threads."""

import os
from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakValueDictionary

T = TypeVar("T")

_held: WeakValueDictionary[Hashable, Any] = WeakValueDictionary()


def shared(what: Hashable, make: Callable[[], T]) -> T:
    """What `make` returned before for the same `what`, as long as anybody holds it; else what it returns now.

    So a gate that follows another, as in a client's next event loop, takes no memory of its own for it. A forked
    process makes its own: what another thread had locked at the fork would stay locked there.
    """
    key = (os.getpid(), what)
    found: T | None = _held.get(key)
    if found is None:
        _held[key] = found = make()
    return found
