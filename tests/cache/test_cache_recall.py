"""The index finds what plain arithmetic finds, whatever was added and removed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.cache.recall import SMALL, Recall

DIM = 8


def unit(seed: int) -> np.ndarray:
    found = np.random.default_rng(seed).normal(size=DIM).astype(np.float32)
    return found / np.linalg.norm(found)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 200)), max_size=300), st.integers(0, 50))
def test_search_equals_brute_force(steps: list[tuple[bool, int]], query: int) -> None:
    recall, plain = Recall(DIM), dict[str, np.ndarray]()
    for add, n in steps:
        if add:
            recall.add("p", f"k{n}", unit(n))
            plain[f"k{n}"] = unit(n)
        else:
            recall.remove(f"k{n}")
            plain.pop(f"k{n}", None)
    found = recall.search("p", unit(1000 + query), 5)
    best = sorted(((float(v @ unit(1000 + query)), k) for k, v in plain.items()), reverse=True)[:5]
    # Free rows score 0 and may stand before entries that point away; those are no candidates.
    wanted = [(k, s) for s, k in best if s > 0]
    assert [k for k, s in found if s > 0] == [k for k, _ in wanted]
    assert np.allclose([s for _, s in found if s > 0], [s for _, s in wanted], atol=1e-5)
    assert len(recall) == len(plain) == recall.size("p")


def test_partitions_never_meet() -> None:
    recall = Recall(DIM)
    recall.add("p", "a", unit(1))
    recall.add("q", "b", unit(1))
    assert [key for key, _ in recall.search("p", unit(1), 5)] == ["a"]
    assert recall.search("r", unit(1), 5) == []


def test_an_empty_partition_vanishes() -> None:
    recall = Recall(DIM)
    for n in range(SMALL + 10):
        recall.add("p", str(n), unit(n))
    for n in range(SMALL + 10):
        recall.remove(str(n))
    assert recall._partitions == {} and len(recall) == 0


def test_removed_rows_are_used_again() -> None:
    recall = Recall(DIM)
    for n in range(500):
        recall.add("p", f"stay{n % 70}", unit(n))
        recall.add("p", f"go{n}", unit(n))
        recall.remove(f"go{n}")
    assert len(recall._partitions["p"].keys) <= 72


def test_the_oldest_leaves_at_the_limit() -> None:
    recall = Recall(DIM, limit=3)
    gone = [recall.add("p", key, unit(n)) for n, key in enumerate("abcd")]
    assert gone == [None, None, None, "a"]
    assert recall.vector("a") is None and np.allclose(recall.vector("d"), unit(3))  # type: ignore[arg-type]


def test_a_vector_that_is_none_is_refused() -> None:
    recall = Recall(DIM)
    with pytest.raises(ValueError, match="shape"):
        recall.add("p", "a", np.zeros(3, np.float32))
    with pytest.raises(ValueError, match="shape"):
        recall.add("p", "a", np.full(DIM, np.nan, np.float32))
