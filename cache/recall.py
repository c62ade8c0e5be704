"""Which stored texts lie near: one FAISS inner-product index for each partition. The only file that imports faiss.

Rows are taken back in place: a removed row is zeroed and given to the next vector, so nothing is ever rebuilt in the
way of a request. A partition that is empty vanishes. Below SMALL rows a numpy product is faster than FAISS.
"""

from collections import OrderedDict
from typing import Any, Final

import faiss  # pyright: ignore[reportMissingTypeStubs]
import numpy as np

from ..engine.ports import Vector

SMALL = 64
"""Rows up to which a partition is a plain matrix."""

_faiss: Final[Any] = faiss
_faiss.omp_set_num_threads(1)  # a pool of spinning threads costs more than one query takes


class _Partition:
    """Rows of unit vectors, some of them free."""

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self.keys: list[str | None] = []
        self.rows: dict[str, int] = {}
        self.free: list[int] = []
        self._small = np.zeros((4, dim), np.float32)
        self._index: Any = None

    def put(self, key: str, vector: Vector) -> None:
        row = self.rows.get(key)
        if row is None:
            row = self._room(key)
        self._matrix()[row] = vector

    def remove(self, key: str) -> None:
        row = self.rows.pop(key)
        self.keys[row] = None
        self._matrix()[row] = 0.0
        self.free.append(row)

    def vector(self, key: str) -> Vector | None:
        row = self.rows.get(key)
        return None if row is None else np.array(self._matrix()[row])

    def search(self, vector: Vector, k: int) -> list[tuple[str, float]]:
        """A free row scores 0, so it is asked for some more and they are dropped."""
        count = min(len(self.keys), k + min(len(self.free), k))
        rows, scores = self._nearest(vector, count)
        named = [(key, score) for row, score in zip(rows, scores, strict=True) if (key := self.keys[row]) is not None]
        return named[:k]

    def _nearest(self, vector: Vector, count: int) -> tuple[list[int], list[float]]:
        if self._index is not None:
            found, ids = self._index.search(vector.reshape(1, -1), count)
            return ids[0].tolist(), found[0].tolist()
        products = self._small[: len(self.keys)] @ vector
        order = np.argsort(-products)[:count]
        return order.tolist(), products[order].tolist()

    def _room(self, key: str) -> int:
        """A row for `key`."""
        if self.free:
            row = self.free.pop()
            self.keys[row] = key
        else:
            row = len(self.keys)
            self.keys.append(key)
            self._grow(row)
        self.rows[key] = row
        return row

    def _grow(self, row: int) -> None:
        if self._index is not None:
            self._index.add(np.zeros((1, self.dim), np.float32))
        elif row >= SMALL:
            self._index = _faiss.IndexFlatIP(self.dim)
            self._index.add(np.concatenate([self._small[:row], np.zeros((1, self.dim), np.float32)]))
            self._small = np.zeros((0, self.dim), np.float32)
        elif row >= len(self._small):
            self._small = np.concatenate([self._small, np.zeros_like(self._small)])

    def _matrix(self) -> Vector:
        """All rows, writable. FAISS may move them when it grows: never keep this."""
        if self._index is None:
            return self._small
        flat = _faiss.rev_swig_ptr(self._index.get_xb(), self._index.ntotal * self.dim)
        return flat.reshape(-1, self.dim)


class Recall:
    """Vectors by partition and key, at most `limit` of them; beyond it the oldest leaves. For one thread."""

    def __init__(self, dim: int, limit: int = 100_000) -> None:
        self.dim = dim
        self.limit = limit
        self._partitions: dict[str, _Partition] = {}
        self._order: OrderedDict[str, str] = OrderedDict()  # key to partition, oldest first

    def __len__(self) -> int:
        return len(self._order)

    def size(self, partition: str) -> int:
        """Vectors in a partition."""
        found = self._partitions.get(partition)
        return len(found.rows) if found else 0

    def add(self, partition: str, key: str, vector: Vector) -> str | None:
        """Keep a unit vector of shape (dim,), in place of the key's old one. Returns the key that had to leave for it.

        Raises ValueError on a vector of another shape, or one that is not finite.
        """
        if vector.shape != (self.dim,) or not np.isfinite(vector).all():
            raise ValueError(f"a vector of shape ({self.dim},) is needed")
        if self._order.get(key, partition) != partition:
            self.remove(key)
        if partition not in self._partitions:
            self._partitions[partition] = _Partition(self.dim)
        self._partitions[partition].put(key, vector)
        self._order[key] = partition
        if len(self._order) <= self.limit:
            return None
        oldest = next(iter(self._order))
        self.remove(oldest)
        return oldest

    def remove(self, key: str) -> None:
        """Forget a key; nothing happens if it is unknown."""
        partition = self._order.pop(key, None)
        if partition is None:
            return
        found = self._partitions[partition]
        found.remove(key)
        if not found.rows:
            del self._partitions[partition]

    def search(self, partition: str, vector: Vector, k: int) -> list[tuple[str, float]]:
        """The `k` nearest keys of a partition with their cosines, best first."""
        found = self._partitions.get(partition)
        return found.search(np.ascontiguousarray(vector, np.float32), k) if found else []

    def vector(self, key: str) -> Vector | None:
        """A copy of a key's vector."""
        partition = self._order.get(key)
        return None if partition is None else self._partitions[partition].vector(key)

    def clear(self) -> None:
        self._partitions.clear()
        self._order.clear()
