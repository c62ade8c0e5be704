"""What was observed outlives a note that was lost and a store that is silent, and goes with its entry."""

import pytest

from tidegate.cache.bound import Bound
from tidegate.cache.journal import Journal
from tidegate.cache.stores.memory import MemoryStore
from tidegate.cache.stores.record import Unanswered


class Store(MemoryStore):
    """Loses its notes, and falls silent, when told."""

    silent = ""
    """`read` or `write`: what it does not answer."""

    async def note(self, name: str) -> bytes | None:
        if self.silent == "read":
            raise Unanswered
        return await super().note(name)

    async def set_note(self, name: str, value: bytes) -> None:
        if self.silent == "write":
            raise Unanswered
        await super().set_note(name, value)

    def lose(self) -> None:
        self._notes.clear()


def process(store: Store) -> tuple[Bound, Journal]:
    """What one process has of it."""
    bound = Bound(0.9, 0.01, 0.01)
    journal = Journal(store, {"s": bound, "e": bound}, shared=True)
    bound.touched = journal.touched
    return bound, journal


def see(bound: Bound, wrong: int) -> None:
    for _ in range(wrong):
        bound.served("s", "semantic", 10, 0.1, 0.0)
        bound.observe("s", "k", 0.95, "different", "user")


async def kept(store: Store) -> Bound:
    """What a process that starts now finds."""
    bound, journal = process(store)
    await journal.listen()
    return bound


async def test_a_scope_whose_note_was_lost_is_known_as_well_as_before() -> None:
    store = Store(100, 1 << 20)
    bound, journal = process(store)
    see(bound, 3)
    bound.tallies["s"].raised = 1.5
    await journal.flush()
    store.lose()
    bound.served("s", "semantic", 10, 0.1, 0.0)
    await journal.flush()
    for tally in (bound.tallies["s"], (await kept(store)).tallies["s"]):
        assert (tally.semantic, tally.said_wrong, tally.raised) == (4, 3, 1.5)


@pytest.mark.parametrize("silent", ["read", "write"])
async def test_what_a_silent_store_is_not_told_waits_and_nothing_is_lost(silent: str) -> None:
    store = Store(100, 1 << 20)
    bound, journal = process(store)
    see(bound, 3)
    await journal.flush()
    store.silent = silent
    see(bound, 1)
    for _ in range(3):
        assert not await journal.flush()
    await journal.close()  # and it does not wait for what never comes
    store.silent = ""
    assert await journal.flush()
    assert (await kept(store)).tallies["s"].said_wrong == bound.tallies["s"].said_wrong == 4


async def test_an_entry_that_is_gone_is_forgotten_in_every_process() -> None:
    store = Store(100, 1 << 20)
    (one, first), (two, second) = process(store), process(store)
    see(one, 2)
    await first.flush()
    await second.listen()
    assert one.required("s", "k") > 1.0 and two.required("s", "k") > 1.0  # retired
    one.forget("k")
    await first.flush()
    two.observe("s", "k", 0.95, "same", "audit")  # of the answer that has taken its place
    await second.flush()
    await first.listen()
    for bound in (one, two, await kept(store)):
        assert [correct for _, correct, _, _ in bound.records["k"].seen] == [True]
    one.forget("k")
    assert one.required("other scope", "k") == pytest.approx(0.9)
