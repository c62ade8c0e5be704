"""However a reply is cut, each rule of each pack says of the stream what it says of the whole."""

import asyncio

from tidegate.benchmarks.streams import DENSE, compare, costs
from tidegate.guardrails.rules.compile import load_ruleset
from tidegate.guardrails.rules.load import packs


def test_every_rules_tests_cut_at_random_and_into_characters() -> None:
    ruleset = load_ruleset([f"pack:{name}" for name in packs()])
    texts, streams, wrong = asyncio.run(compare(ruleset, cuts=300))
    assert texts > 300 and streams == texts + 300
    assert wrong == []


def test_what_is_held_is_bounded_in_text_full_of_personal_data() -> None:
    told = asyncio.run(costs(load_ruleset(["pack:pii"]), DENSE, deltas=200))
    assert 0 < told["held p50"] <= told["held p99"] < 200
