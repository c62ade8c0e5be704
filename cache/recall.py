"""Which stored texts lie near: a shelf of vectors for each partition, flat while they are few, inverted when many.

A shelf is built anew on a thread of its own, from the one in use, which rests meanwhile: what comes in stands on a
fresh flat shelf, what goes out is struck off a list, and both are carried over a few at a time once the new shelf is
there. So nothing is ever rebuilt in the way of a request. A partition that is empty vanishes.
"""

import threading
from collections import OrderedDict
from concurrent.futures import Future
from typing import Final

import numpy as np

from ..engine.ports import Vector
from .shelves import Flat, Inverted, Shelf, one_thread

SWITCH: Final = 8192
"""Vectors from which a partition is worth an inverted file: a flat search of so many takes 120 µs and finds all."""
GROWN, SHRUNK = 2, 4
"""An inverted file that has grown or shrunk so many times is built anew, for its size."""
CARRIED = 4
"""Vectors carried over with every change; with every search it is one."""


class _Partition:
    """One shelf, and what has changed since another is being made of it."""

    def __init__(self, name: str, dim: int, switch: int) -> None:
        self.name = name
        self.switch = switch
        self.base: Shelf = Flat(dim)
        self.fresh: Shelf | None = None
        self.gone: set[str] = set()
        """Keys that stand on the base and count no more."""
        self.building = False
        self.failed_at = 0

    def __len__(self) -> int:
        return len(self.base) - len(self.gone) + (len(self.fresh) if self.fresh is not None else 0)

    def put(self, key: str, vector: Vector) -> None:
        if self.fresh is None:
            self.base.put(key, vector)
            return
        if key in self.base:
            self.gone.add(key)
        self.fresh.put(key, vector)

    def remove(self, key: str) -> None:
        if self.fresh is None:
            self.base.remove(key)
        elif key in self.fresh:
            self.fresh.remove(key)
        else:
            self.gone.add(key)

    def search(self, vector: Vector, k: int) -> list[tuple[str, float]]:
        if self.fresh is None:
            return self.base.search(vector, k)
        found = self.base.search(vector, k + min(k, len(self.gone)))
        found = [pair for pair in found if pair[0] not in self.gone] + self.fresh.search(vector, k)
        return sorted(found, key=lambda pair: -pair[1])[:k]

    def wants(self) -> bool:
        """Whether its shelf does not suit its size."""
        if self.fresh is not None or len(self) < 2 * self.failed_at:
            return False
        if isinstance(self.base, Inverted):
            return not 1 / SHRUNK < len(self.base) / self.base.trained_for < GROWN
        return len(self.base) >= self.switch

    def rest(self) -> None:
        """From now on the base does not change."""
        self.fresh = self.base.beside() if isinstance(self.base, Inverted) else Flat(self.base.dim)
        self.building = True

    def take(self, built: "Future[Shelf]") -> None:
        """A new base, or the old one goes on."""
        self.building = False
        if built.exception() is None:
            self.base, self.failed_at = built.result(), 0
        else:
            self.failed_at = len(self)

    def carry(self, count: int) -> None:
        """Bring changes over to the base; the fresh shelf goes when nothing is left on it."""
        if self.fresh is None or self.building:
            return
        for _ in range(count):
            if self.gone:
                self.base.remove(self.gone.pop())
            elif len(self.fresh):
                self.base.put(*self.fresh.pop())
            else:
                self.fresh = None
                return


class Recall:
    """Vectors by partition and key, at most `limit` of them; beyond it the oldest leaves. For one thread."""

    def __init__(self, dim: int, limit: int = 100_000, switch: int = SWITCH) -> None:
        self.dim = dim
        self.limit = limit
        self.switch = switch
        self.builds = 0
        """Shelves built in the background so far."""
        self._partitions: dict[str, _Partition] = {}
        self._order: OrderedDict[str, _Partition] = OrderedDict()  # by key, oldest first
        self._build: tuple[_Partition, Future[Shelf]] | None = None
        self._stop = threading.Event()

    def __len__(self) -> int:
        return len(self._order)

    def size(self, partition: str) -> int:
        """Vectors in a partition."""
        found = self._partitions.get(partition)
        return len(found) if found is not None else 0

    def add(self, partition: str, key: str, vector: Vector) -> str | None:
        """Keep a unit vector of shape (dim,), in place of the key's old one. Returns the key that had to leave for it.

        Raises ValueError on a vector of another shape, or one that is not finite.
        """
        if vector.shape != (self.dim,) or not np.isfinite(vector).all():
            raise ValueError(f"a vector of shape ({self.dim},) is needed")
        known = self._order.get(key)
        if known is not None and known.name != partition:
            self.remove(key)
        found = self._partitions.get(partition)
        if found is None:
            found = self._partitions[partition] = _Partition(partition, self.dim, self.switch)
        found.put(key, np.ascontiguousarray(vector, np.float32))
        self._order[key] = found
        self._order.move_to_end(key)  # what was stored again is as young as what is new
        self._tend(found)
        if len(self._order) <= self.limit:
            return None
        oldest = next(iter(self._order))
        self.remove(oldest)
        return oldest

    def remove(self, key: str) -> None:
        """Forget a key; nothing happens if it is unknown."""
        found = self._order.pop(key, None)
        if found is None:
            return
        found.remove(key)
        if len(found):
            self._tend(found)
        else:
            del self._partitions[found.name]

    def search(self, partition: str, vector: Vector, k: int) -> list[tuple[str, float]]:
        """The `k` nearest keys of a partition with their cosines, best first. Exact in a partition below `switch`."""
        found = self._partitions.get(partition)
        if found is None:
            return []
        self._tend(found, carried=1)
        return found.search(np.ascontiguousarray(vector, np.float32), k)

    def open(self) -> None:
        """Build again, after a `close`."""
        if self._stop.is_set():
            self._stop = threading.Event()  # another one: what still builds keeps to the old

    def close(self) -> None:
        """Give up what is being built."""
        self._stop.set()

    def settle(self, seconds: float = 600.0) -> None:
        """Wait for what is being built and carry all changes over. Blocking: for tests and benchmarks."""
        while any(part.fresh is not None or part.wants() for part in self._partitions.values()):
            for part in list(self._partitions.values()):
                self._tend(part)
            if self._build is not None:
                self._build[1].exception(seconds)

    def _tend(self, partition: _Partition, carried: int = CARRIED) -> None:
        """Take over what was built, carry changes, begin to build: each in microseconds."""
        if self._build is not None and self._build[1].done():
            self._build[0].take(self._build[1])
            self._build = None
            self.builds += 1
        partition.carry(carried)
        if self._build is None and not self._stop.is_set() and partition.wants():
            partition.rest()
            self._build = partition, Future()
            work = (partition.base, self.switch, self._build[1], self._stop)
            threading.Thread(target=_construct, args=work, name="tidegate-index", daemon=True).start()


def _construct(old: Shelf, switch: int, built: "Future[Shelf]", stop: threading.Event) -> None:
    one_thread()
    try:
        built.set_result(Inverted.of(old, stop.is_set) if len(old) >= switch // 2 else _flat(old))
    except BaseException as error:  # whoever waits must learn of it
        built.set_exception(error)


def _flat(old: Shelf) -> Flat:
    found = Flat(old.dim)
    for keys, vectors in old.chunks():
        for key, vector in zip(keys, vectors, strict=True):
            found.put(key, vector)
    return found
