"""The bound under verifiers that err: python -m benchmarks.bound [--requests N] [--runs N] [--json].

Each request has a near stored question and a probability that the verifier gives it. In the first half of the requests
some of them need another answer after all; in the second half the verifier is as good as it says. Simulated without
encoder, store and model: what is measured is the rule that raises bars, turns the tier off and on again.
"""

import argparse
import json
import logging
import random
from dataclasses import dataclass
from typing import Any

from tidegate.cache.bound import Bound

SPANS = ((0.0, 0.02), (0.02, 0.1), (0.1, 0.5), (0.5, 0.6), (0.6, 1.0))


@dataclass(frozen=True, slots=True)
class World:
    """A verifier: how often its would-be hits are wrong, and what it says of wrong and of right ones."""

    name: str
    wrong: float
    says_of_wrong: tuple[float, float]
    says_of_right: tuple[float, float] = (0.8, 1.0)


WORLDS = (
    World("wrong 0.2 %, as sure of it", 0.002, (0.8, 1.0)),
    World("wrong 1 %, as sure of it", 0.01, (0.8, 1.0)),
    World("wrong 10 %, as sure of it", 0.1, (0.8, 1.0)),
    World("wrong 10 %, less sure", 0.1, (0.8, 0.9)),
)


def run(world: World, requests: int, audit: float, bar: float, seed: int) -> list[tuple[int, int, int]]:
    """(requests, hits, wrong hits) in each of SPANS."""
    rng = random.Random(seed)
    bound = Bound(0.8, bar, audit, chance=rng.random)
    ends = [int(end * requests) for _, end in SPANS]
    counts = [[0, 0, 0] for _ in SPANS]
    for n in range(requests):
        wrong = n < requests / 2 and rng.random() < world.wrong
        probability = rng.uniform(*(world.says_of_wrong if wrong else world.says_of_right))
        key, outcome = f"k{rng.randrange(1000)}", "different" if wrong else "same"
        span = counts[next(at for at, end in enumerate(ends) if n < end)]
        span[0] += 1
        off, accepted = bound.off("s"), probability >= bound.required("s", key)
        if not accepted:
            bound.refused("s", probability)
            bound.observe("s", key, probability, outcome, "near")
        elif off:
            bound.observe("s", key, probability, outcome, "shadow")
        else:
            bound.served("s", "semantic", 0, 0.0, 0.0)
            span[1] += 1
            span[2] += wrong
            if bound.wants_audit("s"):
                bound.observe("s", key, probability, outcome, "audit")
    return [(total, hits, bad) for total, hits, bad in counts]


def measure(requests: int, runs: int, audit: float, bar: float) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for world in WORLDS:
        spans = [run(world, requests, audit, bar, seed) for seed in range(runs)]
        sums = [[sum(one[at][n] for one in spans) for n in range(3)] for at in range(len(SPANS))]
        rows = [
            {
                "requests": f"{int(start * requests)} to {int(end * requests)}",
                "hits": hits / total,
                "wrong": bad / total,
            }
            for (start, end), (total, hits, bad) in zip(SPANS, sums, strict=True)
        ]
        found.append({"verifier": world.name, "spans": rows})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--audit", type=float, default=0.01)
    parser.add_argument("--max-wrong-hits", type=float, default=0.01)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    logging.getLogger("tidegate.cache").setLevel(logging.ERROR)
    found = measure(wanted.requests, wanted.runs, wanted.audit, wanted.max_wrong_hits)
    if wanted.json:
        print(json.dumps(found))
        return
    for world in found:
        print(world["verifier"])
        for row in world["spans"]:
            print(f"  requests {row['requests']:>14}: hits {row['hits']:6.1%}, wrong answers {row['wrong']:.2%}")


if __name__ == "__main__":
    main()
