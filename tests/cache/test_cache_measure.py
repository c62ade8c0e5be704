"""Pairs are scored as a request would be, and curves say what passes."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tidegate.cache.measure import Labelled, Measure, auc, choose, curve, point, share
from tidegate.cache.semantic import TEXT_CHARS
from tidegate.cache.verify import Candidate
from tidegate.engine.ports import Vector


class Table:
    """Vectors by first letter."""

    id, dim = "t", 2

    def __init__(self, **angles: float) -> None:
        self.angles = angles

    def embed(self, texts: Sequence[str]) -> Vector:
        at = [self.angles.get(text[0], 0.0) for text in texts]
        return np.stack([np.cos(at), np.sin(at)], axis=1).astype(np.float32)


class Says:
    gate, floor, sentences = 0.5, 0.75, True
    reads, spread = 8, 2.0

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def veto(self, question: str, candidate: str) -> str:
        return "number" if "9" in question else ""

    async def judge(self, question: str, candidates: Sequence[Candidate]) -> list[float]:
        self.asked += [(question, candidate.text) for candidate in candidates]
        return [0.9] * len(candidates)

    def threshold(self, max_wrong_hits: float) -> float:
        return 0.8

    def close(self) -> None: ...


async def test_each_step_turns_away_what_it_would_turn_away() -> None:
    verifier = Says()
    measure = Measure(Table(f=0.9), Table(g=1.4), verifier)
    pairs = [
        Labelled("a", "b", True),
        Labelled("a", "g", True),  # statically far
        Labelled("a", "b9", False),
        Labelled("a", "f", True),  # far for the encoder
        Labelled("a", "b" * (TEXT_CHARS + 1), True),
    ]
    done: list[int] = []
    found = await measure(pairs, done.append)
    assert [one.ended for one in found] == ["judged", "gated", "vetoed", "far", "long"]
    assert [one.probability for one in found] == [0.9, 0.0, 0.0, 0.0, 0.0]
    assert verifier.asked == [("b", "a")] and done == [5]


@given(st.lists(st.tuples(st.sampled_from((0.0, 0.2, 0.5, 0.9, 1.0)), st.booleans()), max_size=30))
def test_the_curve_is_what_counting_says(scored: list[tuple[float, bool]]) -> None:
    values, labels = [score for score, _ in scored], [label for _, label in scored]
    points = curve(values, labels)
    assert [one.threshold for one in points] == sorted({value for value in values if value > 0}, reverse=True)
    assert all(one == point(values, labels, one.threshold) for one in points)
    couples = [(a > b) + (a == b) / 2 for a, x in scored for b, y in scored if x and not y]
    found = auc(values, labels)
    assert (found is None) == (not couples)
    assert found is None or abs(found - sum(couples) / len(couples)) < 1e-9


def test_few_hits_do_not_show_a_small_share_of_wrong_ones() -> None:
    values = [1 - n / 1000 for n in range(200)]
    assert choose(curve(values[:90], [True] * 90), 0.01) is None
    chosen = choose(curve(values, [True] * 150 + [False] * 50), 0.01)
    assert chosen is not None and (chosen.hits, chosen.wrong) == (150, 0)


def test_a_share_of_nothing_is_none() -> None:
    assert share(0, 0)["share"] is None and share(1, 4)["share"] == 0.25
