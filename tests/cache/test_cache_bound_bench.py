"""The bound, simulated: what it sees goes through a comparer that errs, and what is judged is what ships."""

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from tidegate.benchmarks.bound import MADE, Comparer, Plan, erring, measure, run, shipped


@pytest.mark.parametrize("wrong", [True, False])
def test_the_comparer_errs_and_is_unclear_as_often_as_said(wrong: bool) -> None:
    rng, comparer = random.Random(1), Comparer(0.1, 0.3, 0.2, 0.4)
    seen = Counter(comparer.says(wrong, rng) for _ in range(20_000))
    error, unclear = ("same", 0.4) if wrong else ("different", 0.3)
    assert seen["unclear"] / 20_000 == pytest.approx(unclear, abs=0.02)
    assert seen[error] / 20_000 == pytest.approx(0.2 if wrong else 0.1, abs=0.02)


def test_a_comparer_that_is_always_unclear_leaves_a_wrong_verifier_alone() -> None:
    plan = Plan(requests=2000, comparer=Comparer(unclear_of_same=1.0, unclear_of_different=1.0))
    spans = run(erring("", 0.1), plan, 1)
    assert [span.hits for span in spans] == [span.requests for span in spans]
    assert run(erring("", 0.1), Plan(requests=2000), 1)[1].wrong < spans[1].wrong / 2


def test_both_shares_of_wrong_answers_are_told_of_the_first_requests_and_of_later_ones() -> None:
    found = measure(MADE[2:3], Plan(), 2)[0]["spans"]
    assert [row["requests"] for row in found] == ["0 to 200", "200 to 1000", "1000 to 5000", "5000 to 10000"]
    for row in found:
        counts = row["counts"]
        assert row["wrong_of_requests"] == counts["wrong"] / counts["requests"]
        assert row["wrong_of_hits"] == (counts["wrong"] / counts["hits"] if counts["hits"] else None)
    assert found[0]["wrong_of_hits"] > found[0]["wrong_of_requests"] > found[2]["wrong_of_requests"]


def test_with_pairs_the_verifier_that_ships_judges(tmp_path: Path) -> None:
    pairs = (
        {"a": "What is the capital of France?", "b": "Please tell me the capital of France.", "same": 1},
        {"a": "Convert 5 km to miles", "b": "Convert 7 km to miles", "same": 0},
    )
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    own, few = shipped([tmp_path / "p.jsonl"], 0.01, ())[0], shipped([tmp_path / "p.jsonl"], 0.01, (0.1,))[0]
    assert own.threshold == few.threshold > 0.9
    total = [sum(span.hits for span in run(world, Plan(requests=1000), 1)) for world in (own, few)]
    assert 400 < total[0] < 600 < 850 < total[1] < 950
    assert not sum(span.wrong for span in run(own, Plan(requests=1000), 1))
