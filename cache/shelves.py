"""Where vectors stand to be searched: flat for few, in an inverted file for many. The only file that imports faiss.

Flat compares with all, in 16-bit numbers. An inverted file keeps 8-bit numbers in groups around 4·√n centroids, and
compares with the groups that lie nearest. What that misses, and from when on it pays: `benchmarks/index.py`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, Final

import faiss  # pyright: ignore[reportMissingTypeStubs]
import numpy as np

from ..engine.ports import Vector

SMALL = 64
"""Rows up to which a flat shelf is a plain matrix: below, numpy is faster than FAISS."""
CHUNK = 4096
"""Rows that are moved at a time while a shelf is built."""
SAMPLE = 32
"""Vectors a centroid that training looks at: FAISS asks for 39, and more than that only costs time."""
LARGEST, ROOM = 127.0, 1.1
"""The largest number of 8 bits, with a sign, and how much larger than those of the sample a vector's numbers may be."""
PROBES = 24, 96
"""Groups that a query looks into: a fiftieth of them, within these bounds."""
FINE, FARTHEST, AT_LEAST = 1000, 0.2, 32
"""From so many groups on those are left out whose centre has a lesser cosine, and more of the others are looked into:
what lies there is hardly ever near enough to matter. Among 100,000 texts a question about something else looks into 9
groups in place of 25, and all find as much: 1,024 of 1,075 of the nearest two, where it were 1,023. It also leaves more
of the processor's own memory to the rest of the request. With fewer, wider groups too much would be lost."""

_faiss: Final[Any] = faiss


def one_thread() -> None:
    """For the calling thread: a pool of spinning threads costs more than one query takes."""
    _faiss.omp_set_num_threads(1)


one_thread()


def groups_for(size: int) -> int:
    """Groups of an inverted file: more of them make a query look at fewer vectors, and training longer."""
    return max(1, round(4 * size**0.5))


class Stopped(Exception):
    """The shelf is not needed any more."""


class Shelf(ABC):
    """Unit vectors by key, in numbered rows. A row that is given back goes to the next key."""

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self.keys: list[str | None] = []
        self.rows: dict[str, int] = {}
        self.free: list[int] = []

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, key: str) -> bool:
        return key in self.rows

    @abstractmethod
    def put(self, key: str, vector: Vector) -> None:
        """Keep a vector, in place of the key's old one."""

    @abstractmethod
    def remove(self, key: str) -> None: ...

    @abstractmethod
    def search(self, vector: Vector, k: int) -> list[tuple[str, float]]:
        """The nearest keys with their cosines, best first."""

    @abstractmethod
    def _vectors(self, rows: list[int]) -> Vector:
        """Copies of some rows."""

    def pop(self) -> tuple[str, Vector]:
        """Take any one out."""
        key = next(reversed(self.rows))
        vector = self._vectors([self.rows[key]])[0]
        self.remove(key)
        return key, vector

    def chunks(self) -> Iterator[tuple[list[str], Vector]]:
        """Everything, some thousands at a time. Nothing may change meanwhile."""
        keys = list(self.rows)
        for start in range(0, len(keys), CHUNK):
            part = keys[start : start + CHUNK]
            yield part, self._vectors([self.rows[key] for key in part])

    def _take(self, key: str) -> int:
        """A row for a new key."""
        if self.free:
            row = self.free.pop()
            self.keys[row] = key
        else:
            row = len(self.keys)
            self.keys.append(key)
        self.rows[key] = row
        return row

    def _give_back(self, key: str) -> int:
        row = self.rows.pop(key)
        self.keys[row] = None
        self.free.append(row)
        return row

    def _named(self, rows: list[int], scores: list[float]) -> list[tuple[str, float]]:
        """Without free rows. FAISS fills up with -1 when it has found no more."""
        pairs = ((self.keys[row], score) for row, score in zip(rows, scores, strict=True) if row >= 0)
        return [(key, score) for key, score in pairs if key is not None]


class Flat(Shelf):
    """All are compared. A free row holds zeros."""

    def __init__(self, dim: int) -> None:
        super().__init__(dim)
        self._small = np.zeros((1, dim), np.float16)
        self._index: Any = None

    def put(self, key: str, vector: Vector) -> None:
        row = self.rows.get(key)
        if row is None:
            row = self._take(key)
            self._grow(row)
        self._matrix()[row] = vector

    def remove(self, key: str) -> None:
        self._matrix()[self._give_back(key)] = 0.0

    def search(self, vector: Vector, k: int) -> list[tuple[str, float]]:
        """A free row scores 0, so it is asked for some more and they are dropped."""
        count = min(len(self.keys), k + min(len(self.free), k))
        if self._index is not None:
            scores, rows = self._index.search(vector.reshape(1, -1), count)
            return self._named(rows[0].tolist(), scores[0].tolist())[:k]
        products = self._small[: len(self.keys)].astype(np.float32) @ vector
        order = np.argsort(-products)[:count]
        return self._named(order.tolist(), products[order].tolist())[:k]

    def _vectors(self, rows: list[int]) -> Vector:
        return self._matrix()[rows].astype(np.float32)

    def _grow(self, row: int) -> None:
        if row < len(self._small):
            return
        if self._index is None and row < SMALL:
            self._small = np.concatenate([self._small, np.zeros_like(self._small)])
            return
        index = self._index
        if index is None:
            index = _faiss.IndexScalarQuantizer(self.dim, _faiss.ScalarQuantizer.QT_fp16, _faiss.METRIC_INNER_PRODUCT)
            index.add(self._small.astype(np.float32))
            self._index, self._small = index, np.zeros((0, self.dim), np.float16)
        if row >= index.ntotal:
            index.add(np.zeros((1, self.dim), np.float32))

    def _matrix(self) -> Any:
        """All rows, writable. FAISS may move them when it grows: never keep this."""
        if self._index is None:
            return self._small
        codes = _faiss.rev_swig_ptr(self._index.codes.data(), self._index.ntotal * self.dim * 2)
        return codes.view(np.float16).reshape(-1, self.dim)


class Inverted(Shelf):
    """Those of the nearest groups are compared, in whole numbers: to make fractions of them took most of a search."""

    def __init__(self, size: int, centres: Any, scale: float, centred: float) -> None:
        """For `size` vectors, in groups around `centres`, an index of FAISS's with unit vectors times `centred`. A
        vector times `scale` lies within what 8 bits hold; what lies outside counts as the outermost."""
        super().__init__(centres.d)
        self.trained_for = size
        self._centres, self._scale, self._centred = centres, scale, centred  # held: FAISS only points at centres
        self._index = _faiss.IndexIVFScalarQuantizer(
            *(centres, self.dim, centres.ntotal, _faiss.ScalarQuantizer.QT_8bit_direct_signed),
            *(_faiss.METRIC_INNER_PRODUCT, False),
        )
        self._index.is_trained = True
        self._index.set_direct_map_type(_faiss.DirectMap.Hashtable)  # finds what is to be removed
        self._fine = centres.ntotal >= FINE
        least = AT_LEAST if self._fine else PROBES[0]
        self._index.nprobe = min(centres.ntotal, max(least, min(PROBES[1], centres.ntotal // 50)))

    @classmethod
    def of(cls, shelf: Shelf, stopped: Callable[[], bool]) -> "Inverted":
        """All that stands on another shelf, which must not change meanwhile. Blocking: seconds for 100,000."""
        size = len(shelf)
        every = max(1, size // (groups_for(size) * SAMPLE))
        sample = np.concatenate([vectors[::every] for _, vectors in shelf.chunks()])
        exact, short, centred = _centres(sample, min(groups_for(size), len(sample)))
        found = cls(size, short, LARGEST / (ROOM * max(float(np.abs(sample).max()), 1e-9)), centred)
        found._index.quantizer = exact  # faster for thousands at a time
        try:
            for keys, vectors in shelf.chunks():
                if stopped():
                    raise Stopped
                found._index.add_with_ids(found._coded(vectors), np.array([found._take(key) for key in keys]))
        finally:
            found._index.quantizer = short
        return found

    def beside(self) -> "Inverted":
        """An empty shelf with the same groups."""
        return Inverted(self.trained_for, self._centres, self._scale, self._centred)

    def put(self, key: str, vector: Vector) -> None:
        if key in self.rows:
            self.remove(key)
        self._index.add_with_ids(self._coded(vector.reshape(1, -1)), np.array([self._take(key)]))

    def remove(self, key: str) -> None:
        self._index.remove_ids(np.array([self._give_back(key)]))

    def search(self, vector: Vector, k: int) -> list[tuple[str, float]]:
        """FAISS cuts fractions off the question too, so that it must fill the range."""
        scale = LARGEST / max(float(np.abs(vector).max()), 1e-9)
        asked = np.rint(vector.reshape(1, -1) * scale)
        if self._fine:
            near, groups = self._centres.search(asked, self._index.nprobe)
            groups[:, 1:][near[:, 1:] < FARTHEST * scale * self._centred] = -1  # the nearest is looked into anyway
            scores, rows = self._index.search_preassigned(asked, k, groups, near)
        else:
            scores, rows = self._index.search(asked, k)
        return self._named(rows[0].tolist(), (scores[0] / (scale * self._scale)).tolist())

    def _coded(self, vectors: Vector) -> Vector:
        return np.clip(np.rint(vectors * self._scale), -LARGEST, LARGEST)

    def _vectors(self, rows: list[int]) -> Vector:
        return self._index.reconstruct_batch(np.array(rows)) / self._scale


def _centres(sample: Vector, groups: int) -> tuple[Any, Any, float]:
    """Centres of groups, as trained, and in 8-bit numbers for single questions, with what these were multiplied by: a
    question reads all of them, and what it reads pushes out of the processor's own memory what the rest of the request
    works with."""
    dim = sample.shape[1]
    exact = _faiss.IndexFlatIP(dim)
    short = _faiss.IndexScalarQuantizer(dim, _faiss.ScalarQuantizer.QT_8bit_direct_signed, _faiss.METRIC_INNER_PRODUCT)
    trained = _faiss.Clustering(dim, groups)
    trained.niter, trained.seed, trained.spherical = 6, 1, True
    trained.min_points_per_centroid, trained.max_points_per_centroid = 1, SAMPLE
    trained.train(sample, exact)
    centres = exact.reconstruct_n(0, groups)
    scale = LARGEST / max(float(np.abs(centres).max()), 1e-9)
    short.add(np.rint(centres * scale))
    return exact, short, scale
