"""The benchmark of the index gives no bytes where the growth of the process says nothing of its entries."""

import numpy as np
import pytest

from tidegate.benchmarks import index


def world() -> index.World:
    made = object.__new__(index.World)
    made.real = made._unit(np.random.default_rng(1).normal(size=(300, 32)).astype(np.float32))
    made.paraphrases = made.unseen = made.real[:5]
    return made


def test_a_small_index_has_no_bytes_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "resident", iter([10**6, 0]).__next__)  # memory that was let go of meanwhile
    row = index.measure(world(), 200, 32) | {"flat_p50_us": None}
    assert row["bytes"] is None
    assert "bytes an entry" not in index.told(row)


def test_a_large_one_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "GROWS", 200)
    monkeypatch.setattr(index, "resident", iter([0, 200 * 1300]).__next__)
    row = index.measure(world(), 200, 32) | {"flat_p50_us": None}
    assert row["bytes"] == 1300
    assert "; 1300 bytes an entry; filled" in index.told(row)
