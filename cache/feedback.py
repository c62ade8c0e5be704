"""A user's word on a hit, by the exchange's id. It counts once, and only from the caller who was given the answer."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from .bound import Bound
from .links import Links

HITS = 10_000
"""Hits that a word may still be said about; the oldest are forgotten. They live in the process that answered."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What was served, to whom."""

    caller: str
    scope: str
    key: str
    asked: str
    """Key of the question."""
    detail: str
    """exact, semantic or linked."""
    probability: float


class Feedback:
    """The newest hits by exchange id, and what becomes of a word on one of them."""

    def __init__(self, bound: Bound, links: Links, delete: Callable[[str], Awaitable[None]]) -> None:
        self.counts = {"correct": 0, "wrong": 0}
        self._bound = bound
        self._links = links
        self._delete = delete
        self._hits: OrderedDict[str, Hit] = OrderedDict()

    def __len__(self) -> int:
        return len(self._hits)

    def remember(self, exchange: str, hit: Hit) -> None:
        self._hits[exchange] = hit
        if len(self._hits) > HITS:
            self._hits.popitem(last=False)

    async def __call__(self, exchange: str, caller: str, correct: bool) -> bool:
        """A user's word. False when this caller had no hit under this id, or has already spoken about it.

        A wrong answer to the very question is deleted, so that the model is asked again.
        """
        hit = self._hits.get(exchange)
        if hit is None or hit.caller != caller:
            return False
        del self._hits[exchange]
        self.counts["correct" if correct else "wrong"] += 1
        if hit.detail != "exact":
            self._bound.observe(hit.scope, hit.key, hit.probability, "same" if correct else "different", "user")
            if not correct:
                self._links.part(hit.asked, hit.key)
        elif not correct:
            await self._delete(hit.key)
        return True
