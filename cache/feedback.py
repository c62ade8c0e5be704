"""A user's word on a hit, by the exchange's id. It counts once, and only from the caller who was given the answer."""

from collections import OrderedDict
from dataclasses import dataclass

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


class Recent:
    """The newest hits by exchange id."""

    def __init__(self) -> None:
        self._hits: OrderedDict[str, Hit] = OrderedDict()

    def __len__(self) -> int:
        return len(self._hits)

    def add(self, exchange: str, hit: Hit) -> None:
        self._hits[exchange] = hit
        if len(self._hits) > HITS:
            self._hits.popitem(last=False)

    def take(self, exchange: str, caller: str) -> Hit | None:
        """The hit, from now on forgotten; None when there is none of this caller under the id."""
        hit = self._hits.get(exchange)
        if hit is None or hit.caller != caller:
            return None
        return self._hits.pop(exchange)
