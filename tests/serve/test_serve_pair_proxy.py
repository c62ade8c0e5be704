"""Pairs through a whole gate hit as the steps alone say, but for what its rules keep from memory."""

import json
from pathlib import Path

import pytest

from tidegate.cache.measure import Labelled
from tidegate.engine.errors import ConfigError
from tidegate.serve.commands.pair_bench import bench, shipped
from tidegate.serve.commands.pair_proxy import Way, through_proxy
from tidegate.serve.config.gate_yaml import load_config, parse_config

from .commands import run

FRANCE = "What is the capital of France?", "Please tell me the capital of France."
PAIRS = [
    Labelled(*FRANCE, True),
    Labelled("What is the capital of France?", "What is the capital of Spain?", False),
    Labelled("How do I reset my password?", "How can I reset my password?", True),
    Labelled("How do I brew coffee at home?", "Where can I buy coffee beans near my home?", False),
    Labelled("How do I brew coffee?", "How do I brew coffee?", True),
    Labelled("Convert 5 km to miles", "Convert 7 km to miles", False),
]
TIMELY = Labelled("What is the weather in Paris today?", "What's the weather in Paris today?", True)


def heard(_: int) -> None: ...


def written(folder: Path, pairs: list[Labelled]) -> Path:
    rows = ({"a": pair.a, "b": pair.b, "same": int(pair.same)} for pair in pairs)
    (folder / "p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder / "p.jsonl"


def test_both_ways_give_the_same_hits_where_no_rule_speaks(tmp_path: Path) -> None:
    found = bench([written(tmp_path, PAIRS)], shipped(), None, lambda _: None, proxy=True)[0]
    gate, steps = found["through_proxy"], found["as_shipped"]
    assert gate["unlike_the_steps"] == {"hits": 0, "misses": 0}
    assert [gate[name] for name in ("hit", "traps")] == [steps[name] for name in ("hit", "traps")]
    assert gate["hit"]["count"] == 3 and gate["traps"]["count"] == 0
    assert gate["ended"]["miss"] == {"same": 0, "different": 3}
    assert gate["ended"]["exact"] == {"same": 1, "different": 0}


def test_what_is_left_to_the_model_is_counted_with_the_reason() -> None:
    second = Labelled("What do people do in Paris?", TIMELY.b, False)
    ways = through_proxy(shipped(), [TIMELY, second, PAIRS[0]], heard)
    assert ways[0] == Way(TIMELY, False, "first: bypass, time-sensitive")
    assert ways[1] == Way(second, False, "second: bypass, time-sensitive")
    assert ways[2] == Way(PAIRS[0], True, "semantic")
    assert [way.passed_by for way in ways] == [True, True, False]


def test_pairs_do_not_answer_one_another() -> None:
    ways = through_proxy(shipped(), [PAIRS[0], Labelled("How tall is K2?", FRANCE[0], False)], heard)
    assert [way.how for way in ways] == ["semantic", "miss"]


def test_guards_of_a_configuration_have_their_say_and_nothing_of_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(
        "version: 1\nrules: [{id: words.beans, detect: {keywords: [beans]}, action: block}]\n"
    )
    (tmp_path / "gate.yaml").write_text(
        "version: 1\nproviders: {up: {kind: openai, base_url: 'http://127.0.0.1:9/v1', api_key: k}}\n"
        "guardrails: {files: [rules.yaml]}\nlog: {}\n"
        "keys: {require: true, known: [{name: ann, key: a-key-of-ann-0123456789}]}\n"
        "cache: {mode: semantic, store: 'sqlite:cache.db'}\n"
    )
    ways = through_proxy(load_config(tmp_path / "gate.yaml"), [PAIRS[0], PAIRS[3]], heard)
    assert [way.how for way in ways] == ["semantic", "second: status 400"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gate.yaml", "rules.yaml"]


def test_the_command_prints_it_for_people_and_programs(tmp_path: Path) -> None:
    code, found = run("bench", "cache", "--pairs", str(written(tmp_path, [PAIRS[0], TIMELY])), "--through-proxy")
    assert code == 0
    ended = found[0]["through_proxy"]["ended"]
    assert ended == {
        "first: bypass, time-sensitive": {"same": 1, "different": 0},
        "semantic": {"same": 1, "different": 0},
    }


def test_without_a_semantic_tier_there_is_nothing_to_measure() -> None:
    loaded = parse_config("version: 1\ncache: {mode: exact}\n", file="gate.yaml", folder=Path())
    with pytest.raises(ConfigError, match="no semantic tier"):
        through_proxy(loaded, PAIRS, heard)
