"""The exact tier: the same text in the same frame and scope. One lookup, microseconds."""

import time
from dataclasses import dataclass

from ..engine.ports import Entry, Store
from .answer import Answer, decode
from .key import Place


@dataclass(frozen=True, slots=True)
class Found:
    """A stored answer that may be served, as far as its place goes."""

    entry: Entry
    answer: Answer

    def age(self) -> float:
        """Seconds since it was stored."""
        return max(0.0, time.time() - self.entry.created)

    def ttl(self) -> int:
        """Whole seconds that it has left."""
        return max(0, int(self.entry.expires - time.time()))


AHEAD = 60.0
"""Seconds by which an entry may come from the future, as clocks of two nodes differ. Beyond that the clock was set
back, and nobody knows how old the answer is: it would be served for longer than its ttl by as much."""


async def find(store: Store, where: Place) -> Found | None:
    """The answer to this very text."""
    found = await fetch(store, where.partition, where.key)
    return found if found is not None and found.answer.text == where.text else None


async def fetch(store: Store, partition: str, key: str) -> Found | None:
    """The answer under a key, if it belongs to the partition: both the row and what it holds must say so."""
    return _found(await store.get(key), partition)


async def seek(store: Store, partition: str, key: str) -> tuple[Found | None, bool]:
    """What `fetch` gives, and whether it is gone: a store that did not answer has not said so, and what comes from the
    future will be there."""
    before = _unanswered(store)
    entry = await store.get(key)
    found = _found(entry, partition)
    waits = entry is not None and _is_ahead(entry)
    return found, found is None and not waits and _unanswered(store) == before


def _found(entry: Entry | None, partition: str) -> Found | None:
    if entry is None or entry.partition != partition or _is_ahead(entry):
        return None
    answer = decode(entry.value)
    return Found(entry, answer) if answer is not None and answer.partition == partition else None


def _is_ahead(entry: Entry) -> bool:
    return entry.created > time.time() + AHEAD


def _unanswered(store: Store) -> int:
    """See SharedStore; a store of this process alone always answers."""
    return getattr(store, "unanswered", 0)


async def unchanged(store: Store, key: str, answer: Answer) -> Found | None:
    """An answer as the store has it now, with what was noted of it since; None when it has gone, or another has taken
    its place."""
    found = await fetch(store, answer.partition, key)
    return found if found is not None and found.answer.pieces == answer.pieces else None
