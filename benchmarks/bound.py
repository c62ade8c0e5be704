"""The bound under verifiers that err: python -m benchmarks.bound [--pairs FILE...] [--requests N] [--runs N] [--json].

Each request has a near stored question and a probability that the verifier gives it. What is measured is the rule that
raises bars, turns the tier off and on again: it sees answers only through a comparer, which is `unclear` about some and
may err. Made verifiers err as said in the first half of the requests, in the second half not at all. With --pairs the
probabilities are those of the verifier that ships for labelled pairs, one drawn for each request; --traps says how many
of a hundred requests lie near a question that needs another answer, if that is not to be as in the files.

Rates of the comparer are those of `benchmarks.answers`, which found no error among 43 and 83; --called-different 0.082
--called-same 0.044 are the upper ends of their intervals.
"""

import argparse
import json
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from tidegate.cache.bound import Bound, Outcome
from tidegate.cache.lessons import WORTH
from tidegate.cache.rates import wilson
from tidegate.serve.commands.pairs import read_pairs, score
from tidegate.serve.config.cache import Cache

ENDS = 200, 1000, 5000
"""Requests at which a span of the report ends; the last one takes what is left."""
ENTRIES = 1000
"""Stored questions: which of them a request is near says nothing of what else is asked near it."""


@dataclass(frozen=True, slots=True)
class Comparer:
    """What comparing the model's answer with the stored one says: shares of right and of wrong hits."""

    called_different: float = 0.0
    unclear_of_same: float = 17 / 43
    called_same: float = 0.0
    unclear_of_different: float = 23 / 83

    def says(self, wrong: bool, rng: random.Random) -> Outcome:
        error, unclear = (
            (self.called_same, self.unclear_of_different) if wrong else (self.called_different, self.unclear_of_same)
        )
        drawn = rng.random()
        if drawn < unclear:
            return "unclear"
        return "same" if (drawn < unclear + error) == wrong else "different"


@dataclass(frozen=True, slots=True)
class World:
    """What is asked: `draw` gives the verifier's probability, and whether the stored answer is wrong, at a time
    from 0 to 1."""

    name: str
    threshold: float
    draw: Callable[[random.Random, float], tuple[float, bool]]


def erring(name: str, wrong: float, of_wrong: tuple[float, float] = (0.8, 1.0)) -> World:
    """A made verifier: how many of its would-be hits are wrong, and what it says of these."""

    def draw(rng: random.Random, time: float) -> tuple[float, bool]:
        errs = time < 0.5 and rng.random() < wrong
        return rng.uniform(*(of_wrong if errs else (0.8, 1.0))), errs

    return World(name, 0.8, draw)


MADE = (
    erring("wrong 0.2 %, as sure of it", 0.002),
    erring("wrong 1 %, as sure of it", 0.01),
    erring("wrong 10 %, as sure of it", 0.1),
    erring("wrong 10 %, less sure", 0.1, (0.8, 0.9)),
)


def shipped(files: Sequence[Path], bar: float, traps: Sequence[float]) -> list[World]:
    """The verifier that ships on labelled pairs: a world for each share of traps."""
    pairs = [pair for file in files for pair in read_pairs(file)]
    scored, verifier = score(Cache(mode="semantic", max_wrong_hits=bar), pairs, lambda done: None)
    chances = {same: [one.probability for one in scored if one.pair.same == same] for same in (True, False)}
    own = len(chances[False]) / len(scored)

    def world(share: float) -> World:
        def draw(rng: random.Random, _: float) -> tuple[float, bool]:
            trap = rng.random() < share
            return rng.choice(chances[not trap]), trap

        name = f"as shipped, {share:.0%} of the requests near a question with another answer"
        return World(name, verifier.threshold(bar), draw)

    return [world(share) for share in traps or (own,)]


@dataclass(slots=True)
class Span:
    """What became of the requests of one span."""

    requests: int = 0
    hits: int = 0
    wrong: int = 0

    def add(self, other: "Span") -> None:
        self.requests += other.requests
        self.hits += other.hits
        self.wrong += other.wrong


@dataclass(frozen=True, slots=True)
class Plan:
    """How it is measured."""

    requests: int = 10_000
    audit: float = 0.01
    bar: float = 0.01
    comparer: Comparer = field(default_factory=Comparer)

    def spans(self) -> list[tuple[int, int]]:
        """Where spans start and end: at ENDS, at half of the time, at its end."""
        ends = {end for end in (*ENDS, self.requests // 2) if end < self.requests} | {self.requests}
        return list(pairwise((0, *sorted(ends))))


def run(world: World, plan: Plan, seed: int) -> list[Span]:
    """One scope's requests, one after the other."""
    rng = random.Random(seed)
    bound = Bound(world.threshold, plan.bar, plan.audit, chance=rng.random)
    spans: list[Span] = []
    for start, end in plan.spans():
        spans.append(Span())
        for n in range(start, end):
            _ask(world, plan, n / plan.requests, rng, bound, spans[-1])
    return spans


def _ask(world: World, plan: Plan, time: float, rng: random.Random, bound: Bound, span: Span) -> None:
    """A request on its way through the tier, as `CacheStage` sends it, and what is learnt of it."""
    probability, wrong = world.draw(rng, time)
    key, outcome = f"k{rng.randrange(ENTRIES)}", plan.comparer.says(wrong, rng)
    span.requests += 1
    off = bound.off("s")
    if probability < bound.required("s", key):
        bound.refused("s", probability)
        if probability >= WORTH:
            bound.observe("s", key, probability, outcome, "near")
    elif off:
        bound.observe("s", key, probability, outcome, "shadow")
    else:
        bound.served("s", "semantic", 0, 0.0, 0.0)
        span.hits += 1
        span.wrong += wrong
        if bound.wants_audit("s"):
            bound.observe("s", key, probability, outcome, "audit")


def measure(worlds: Sequence[World], plan: Plan, runs: int) -> list[dict[str, Any]]:
    """For each world and span the shares over all runs: hits, and wrong answers of hits and of requests."""
    found: list[dict[str, Any]] = []
    for world in worlds:
        sums = [Span() for _ in plan.spans()]
        for seed in range(runs):
            for total, one in zip(sums, run(world, plan, seed), strict=True):
                total.add(one)
        rows = [
            {
                "requests": f"{start} to {end}",
                "hits": span.hits / span.requests,
                "wrong_of_requests": span.wrong / span.requests,
                "wrong_of_hits": span.wrong / span.hits if span.hits else None,
                "interval": wilson(span.wrong, span.hits),
                "counts": {"requests": span.requests, "hits": span.hits, "wrong": span.wrong},
            }
            for (start, end), span in zip(plan.spans(), sums, strict=True)
        ]
        found.append({"verifier": world.name, "spans": rows})
    return found


def said(row: dict[str, Any]) -> str:
    of_hits = "no hits" if row["wrong_of_hits"] is None else f"wrong of hits {row['wrong_of_hits']:.2%}"
    return f"hits {row['hits']:6.1%}, {of_hits}, wrong of requests {row['wrong_of_requests']:.2%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = Comparer()
    parser.add_argument("--pairs", type=Path, nargs="+", default=[], help="labelled pairs: a, b, same")
    parser.add_argument("--traps", type=float, nargs="+", default=[], help="shares of requests, such as 0.05")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--audit", type=float, default=0.01)
    parser.add_argument("--max-wrong-hits", type=float, default=0.01)
    parser.add_argument("--called-different", type=float, default=usual.called_different, help="of right hits")
    parser.add_argument("--unclear-of-same", type=float, default=usual.unclear_of_same)
    parser.add_argument("--called-same", type=float, default=usual.called_same, help="of wrong hits")
    parser.add_argument("--unclear-of-different", type=float, default=usual.unclear_of_different)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    if wanted.traps and not wanted.pairs:
        parser.error("--traps goes with --pairs")
    comparer = Comparer(
        wanted.called_different, wanted.unclear_of_same, wanted.called_same, wanted.unclear_of_different
    )
    sums = comparer.called_different + comparer.unclear_of_same, comparer.called_same + comparer.unclear_of_different
    if max(sums) > 1:
        parser.error("errors and unclear outcomes are more than all")
    logging.getLogger("tidegate.cache").setLevel(logging.ERROR)
    plan = Plan(wanted.requests, wanted.audit, wanted.max_wrong_hits, comparer)
    worlds = shipped(wanted.pairs, plan.bar, wanted.traps) if wanted.pairs else MADE
    found = measure(worlds, plan, wanted.runs)
    if wanted.json:
        print(json.dumps(found))
        return
    for world in found:
        print(world["verifier"])
        for row in world["spans"]:
            print(f"  requests {row['requests']:>14}: {said(row)}")


if __name__ == "__main__":
    main()
