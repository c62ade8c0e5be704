"""What is put into stores. Imported as `tidegate.tests.cache.storing`."""

import time
from typing import Any

import numpy as np

from tidegate.engine.ports import Entry


def entry(name: str, value: bytes = b"value", seconds: float = 60.0, partition: str = "p") -> Entry:
    now = time.time()
    return Entry(name, partition, value, now, now + seconds)


def vector(seed: int = 0) -> Any:
    found = np.random.default_rng(seed).normal(size=8).astype(np.float32)
    return found / np.linalg.norm(found)
