"""The index finds what plain arithmetic finds, whatever was added and removed."""

import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.cache import recall as recall_module
from tidegate.cache import shelves
from tidegate.cache.recall import Recall
from tidegate.cache.shelves import SMALL, Flat, Inverted
from tidegate.cache.vectors import BLOCK, Vectors

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
    assert np.allclose([s for _, s in found if s > 0], [s for s, _ in best if s > 0], atol=2e-3)
    assert all(abs(float(plain[k] @ unit(1000 + query)) - s) < 2e-3 for k, s in found if s > 0)
    assert len(recall) == len(plain) == recall.size("p")


def test_partitions_never_meet() -> None:
    recall = Recall(DIM)
    recall.add("p", "a", unit(1))
    recall.add("q", "b", unit(1))
    assert [key for key, _ in recall.search("p", unit(1), 5)] == ["a"]
    assert recall.search("r", unit(1), 5) == []


def test_what_was_closed_builds_again_once_it_is_opened() -> None:
    recall = Recall(DIM, switch=SMALL)
    recall.close()
    for n in range(SMALL):
        recall.add("p", str(n), unit(n))
    assert recall._build is None
    recall.open()
    recall.add("p", "one more", unit(SMALL))
    recall.settle(20)
    assert recall.builds == 1


def test_what_is_stored_again_is_not_the_oldest() -> None:
    recall = Recall(DIM, limit=2)
    for key in ("a", "b", "a"):
        recall.add("p", key, unit(1))
    assert recall.add("p", "c", unit(2)) == "b"


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
    assert len(recall._partitions["p"].base.keys) <= 72


def test_the_oldest_leaves_at_the_limit() -> None:
    recall = Recall(DIM, limit=3)
    gone = [recall.add("p", key, unit(n)) for n, key in enumerate("abcd")]
    assert gone == [None, None, None, "a"]
    assert sorted(key for key, _ in recall.search("p", unit(3), 5)) == ["b", "c", "d"]


def test_a_vector_that_is_none_is_refused() -> None:
    recall = Recall(DIM)
    with pytest.raises(ValueError, match="shape"):
        recall.add("p", "a", np.zeros(3, np.float32))
    with pytest.raises(ValueError, match="shape"):
        recall.add("p", "a", np.full(DIM, np.nan, np.float32))


def test_many_vectors_are_searched_in_groups_and_the_nearest_are_still_found() -> None:
    recall = Recall(DIM, switch=300)
    for n in range(2000):
        recall.add("p", f"k{n}", unit(n))
    recall.settle()
    assert recall.builds >= 2  # once for being many, once more for having grown
    assert isinstance(recall._partitions["p"].base, Inverted) and recall.size("p") == 2000
    assert all(recall.search("p", unit(n), 1)[0][0] == f"k{n}" for n in range(0, 2000, 20))


class Held:
    """Building that waits for a word."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = threading.Event()
        self.fails = False
        real = recall_module._construct

        def wait(*work: Any) -> None:
            self.go.wait(10)
            if self.fails:
                work[2].set_exception(MemoryError())
            else:
                real(*work)

        monkeypatch.setattr(recall_module, "_construct", wait)


@pytest.mark.parametrize("fails", [False, True])
def test_what_changes_while_a_shelf_is_built_counts_at_once_and_afterwards(
    monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    monkeypatch.setattr(shelves, "PROBES", (100, 100))  # everything can be found
    held = Held(monkeypatch)
    held.fails = fails
    recall = Recall(DIM, switch=100)
    for n in range(100):
        recall.add("p", f"k{n}", unit(n))
    recall.remove("k1")
    recall.add("p", "k2", unit(1002))  # moved
    recall.add("p", "new", unit(1003))
    recall.add("p", "short", unit(1004))
    recall.remove("short")

    def holds() -> None:
        assert recall.search("p", unit(1003), 1)[0][0] == "new"
        assert recall.search("p", unit(1002), 1)[0][0] == "k2"
        everything = [key for key, _ in recall.search("p", unit(0), 200)]
        assert len(everything) == len(set(everything)) == recall.size("p") == len(recall) == 100
        assert not {"k1", "short"} & set(everything)

    holds()
    held.go.set()
    recall.settle()
    holds()
    assert isinstance(recall._partitions["p"].base, Flat if fails else Inverted)
    assert recall._partitions["p"].fresh is None


def test_a_partition_may_vanish_while_its_shelf_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(monkeypatch)
    recall = Recall(DIM, switch=100)
    for n in range(100):
        recall.add("p", f"k{n}", unit(n))
    for n in range(100):
        recall.remove(f"k{n}")
    recall.add("p", "back", unit(5))
    held.go.set()
    recall.settle()
    assert [key for key, _ in recall.search("p", unit(5), 3)] == ["back"]


def test_a_shelf_that_has_shrunk_becomes_flat_again() -> None:
    recall = Recall(DIM, switch=200)
    for n in range(300):
        recall.add("p", f"k{n}", unit(n))
    recall.settle()
    for n in range(270):
        recall.remove(f"k{n}")
    recall.settle()
    assert isinstance(recall._partitions["p"].base, Flat)
    assert {key for key, _ in recall.search("p", unit(280), 50)} == {f"k{n}" for n in range(270, 300)}


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 90)), max_size=400))
def test_keys_are_the_same_whatever_was_built_meanwhile(steps: list[tuple[bool, int]]) -> None:
    recall, plain = Recall(DIM, switch=40), dict[str, int]()
    for at, (add, n) in enumerate(steps):
        if add:
            recall.add("p", f"k{n}", unit(at))
            plain[f"k{n}"] = at
        else:
            recall.remove(f"k{n}")
            plain.pop(f"k{n}", None)
    assert {key for key, _ in recall.search("p", unit(1), 400)} == set(plain)
    recall.settle()
    assert {key for key, _ in recall.search("p", unit(1), 400)} == set(plain)
    assert all(recall.search("p", unit(at), 1)[0][1] > 0.98 for at in plain.values())


def test_kept_vectors_are_copies_and_their_rows_are_used_again() -> None:
    kept = Vectors(DIM)
    for n in range(BLOCK + 10):
        kept.put(f"k{n}", unit(n))
    for n in range(BLOCK):
        kept.remove(f"k{n}")
        kept.put(f"again{n}", unit(2 * n))
    kept.remove("unknown")
    assert kept.get("k3") is None and len(kept) == BLOCK + 10 and len(kept._blocks) == 2
    for key, seed in (("again3", 6), (f"k{BLOCK + 5}", BLOCK + 5)):
        found = kept.get(key)
        assert found is not None and np.allclose(found, unit(seed), atol=1e-3)
    with pytest.raises(ValueError, match="shape"):
        kept.put("x", np.full(DIM, np.inf, np.float32))


def test_a_shelf_of_groups_gives_cosines_and_takes_what_the_sample_lacks() -> None:
    flat = Flat(DIM)
    for n in range(400):
        flat.put(str(n), unit(n) * 0.3)  # all numbers small, so that a whole one lies far outside
    shelf = Inverted.of(flat, lambda: False)
    best = max(range(400), key=lambda n: float(unit(7) @ unit(n)))
    assert shelf.search(unit(7), 1)[0] == (str(best), pytest.approx(0.3, abs=0.01))
    pointed = np.eye(DIM, dtype=np.float32)[3]
    for kept in (shelf, shelf.beside()):
        kept.put("pointed", pointed)
        kept.put("away", -pointed)
        found = dict(kept.search(pointed, 10))
        assert (
            found["pointed"] == max(found.values()) > 0.25
        )  # the outermost that there is room for, never the other side
        assert found.get("away", -1.0) < -0.25
    assert shelf.search(np.zeros(DIM, np.float32), 1)[0][1] == 0.0


def test_groups_that_lie_far_off_are_not_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three vectors around each of sixteen axes: of a fine index only those of the question's own axis are compared."""
    monkeypatch.setattr("tidegate.cache.shelves.FINE", 1)
    rng, flat = np.random.default_rng(1), Flat(16)
    for axis in range(16):
        for one in range(3):
            vector = np.eye(16, dtype=np.float32)[axis] + rng.normal(0, 0.01, 16).astype(np.float32)
            flat.put(f"{axis}.{one}", vector / np.linalg.norm(vector))
    found = Inverted.of(flat, lambda: False)
    near = np.eye(16, dtype=np.float32)[5]
    assert {key.split(".")[0] for key, _ in found.search(near, 8)} == {"5"}
    assert found.search(-near, 8), "the nearest is looked into however far it is"
