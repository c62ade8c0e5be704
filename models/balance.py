"""In which order a route's targets are asked. A balance is `facts in, all targets out`, the chosen one first."""

import hashlib
import math
import random
from collections.abc import Callable, Sequence
from typing import Protocol

from ..engine import jsonio
from .conditions import Facts
from .targets import Target


class Balance(Protocol):
    """Orders the targets of one route for one request; those behind the first are asked when it fails."""

    def __call__(self, facts: Facts) -> list[Target]: ...


class InOrder:
    """As they are written."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self._targets = tuple(targets)

    def __call__(self, facts: Facts) -> list[Target]:
        return list(self._targets)


class ByWeight:
    """By chance, in proportion to the weights; after the first, those left again in proportion.

    Source: Efraimidis and Spirakis 2006, weighted random sampling.
    """

    def __init__(self, targets: Sequence[Target], draw: Callable[[], float] = random.random) -> None:
        self._targets = tuple(targets)
        self._draw = draw

    def __call__(self, facts: Facts) -> list[Target]:
        return _by_draw(self._targets, lambda _: self._draw())


class Sticky:
    """The same value always meets the same target, in proportion to the weights.

    Rendezvous hashing: a target that comes or goes, or whose weight changes, moves only the values that it gains or
    loses. A request that has no such value is spread by chance. Sources: Thaler and Ravishankar 1998; weights as in
    Schindelhauer and Schomaker 2005.
    """

    def __init__(self, targets: Sequence[Target], field: str) -> None:
        """`field` is `caller`, `metadata.NAME` or `header.NAME`."""
        self._targets = tuple(targets)
        self._field = field

    def __call__(self, facts: Facts) -> list[Target]:
        value = self._value(facts)
        if value is None:
            return _by_draw(self._targets, lambda _: random.random())
        return _by_draw(self._targets, lambda target: _unit(f"{target.name}\0{value}"))

    def _value(self, facts: Facts) -> str | None:
        kind, _, name = self._field.partition(".")
        if kind == "caller":
            return facts.caller
        if kind == "header":
            return facts.headers.get(name) or None
        value = facts.metadata.get(name)
        return None if value is None else jsonio.dumps(value).decode()


class Fastest:
    """Of two drawn by chance the one whose replies have been beginning sooner; the rest by the same measure.

    Two draws keep a herd from running to the one that was fastest a moment ago, and let the slow be seen to recover.
    One of which nothing is known comes first. Source: Mitzenmacher 2001, the power of two choices.
    """

    def __init__(self, targets: Sequence[Target], chance: random.Random | None = None) -> None:
        self._targets = tuple(targets)
        self._chance = chance or random.Random()

    def __call__(self, facts: Facts) -> list[Target]:
        drawn = self._chance.sample(self._targets, len(self._targets))  # also decides between equals
        first = min(drawn[:2], key=lambda target: target.pace.guess(facts.stream))
        rest = sorted((t for t in drawn if t is not first), key=lambda target: target.pace.guess(facts.stream))
        first.pace.asked(facts.stream)
        return [first, *rest]


def _by_draw(targets: Sequence[Target], draw: Callable[[Target], float]) -> list[Target]:
    """Smallest -ln(u) / weight first: the smallest of exponential variables falls in proportion to the weights."""
    scores = [(-math.log(1.0 - draw(target)) / target.weight, place) for place, target in enumerate(targets)]
    return [targets[place] for _, place in sorted(scores)]


def _unit(text: str) -> float:
    """A number from 0 to below 1 that depends on `text` alone."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).digest()) / 2**48
