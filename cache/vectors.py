"""Vectors by key that are looked up and never searched: 16-bit numbers in blocks, which nothing moves as they grow."""

from typing import Any

import numpy as np

from ..engine.ports import Vector

BLOCK = 1024
"""Rows of a block."""


class Vectors:
    """Unit vectors of one length by key. A row that is given back goes to the next key."""

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self._rows: dict[str, int] = {}
        self._free: list[int] = []
        self._blocks: list[Any] = []

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, key: str, vector: Vector) -> None:
        """Keep a vector, in place of the key's old one. Raises ValueError on another shape, or what is not finite."""
        if vector.shape != (self.dim,) or not np.isfinite(vector).all():
            raise ValueError(f"a vector of shape ({self.dim},) is needed")
        row = self._rows.get(key)
        if row is None:
            row = self._free.pop() if self._free else len(self._rows)
            self._rows[key] = row
        if row == len(self._blocks) * BLOCK:
            self._blocks.append(np.empty((BLOCK, self.dim), np.float16))
        self._blocks[row // BLOCK][row % BLOCK] = vector

    def get(self, key: str) -> Vector | None:
        """A copy, exact to three digits."""
        row = self._rows.get(key)
        return None if row is None else self._blocks[row // BLOCK][row % BLOCK].astype(np.float32)

    def remove(self, key: str) -> None:
        """Forget a key; nothing happens if it is unknown."""
        row = self._rows.pop(key, None)
        if row is not None:
            self._free.append(row)
