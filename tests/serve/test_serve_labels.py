"""Labels by digest take the place of a file's own, in samples that are counted apart, by weight."""

import json
from pathlib import Path

import pytest

from tidegate.cache.measure import Labelled, Scored
from tidegate.engine.errors import ConfigError
from tidegate.serve.commands.labels import Label, by_sample, digest, labelled, read_labels, weighed

from .commands import run

HELD = Path(__file__).parents[2] / "training/data/held/quora_labels.jsonl"
A, B = "What is the capital of France?", "Please tell me the capital of France."


def test_a_digest_is_of_both_texts_in_any_order() -> None:
    assert digest(A, B) == digest(B, A) != digest(A, A)
    assert digest("ab", "c") != digest("a", "bc")


def test_only_labelled_pairs_are_left_with_the_new_label() -> None:
    pairs = [Labelled(A, B, False, "k", "en"), Labelled("x", "y", True)]
    label = Label(True, {"": 1.0})
    assert labelled(pairs, {digest(B, A): label}) == [(Labelled(A, B, True, "k", "en"), label)]


def test_a_sample_is_weighed_by_how_many_pairs_a_row_stands_for() -> None:
    def one(same: bool, probability: float) -> Scored:
        return Scored(Labelled("a", "b", same), probability, 0.9, "judged")

    scored = [one(True, 0.9), one(False, 0.9), one(True, 0.1)]
    labels = [Label(True, {"all": 3.0}), Label(False, {"all": 1.0, "few": 1.0}), Label(True, {"all": 2.0})]
    samples = by_sample(scored, labels)
    assert {name: len(rows) for name, rows in samples.items()} == {"all": 3, "few": 1}
    found = weighed(samples["all"], 0.5)
    assert (found["precision"]["count"], found["precision"]["of"], found["precision"]["share"]) == (3.0, 4.0, 0.75)
    assert (found["hit"]["count"], found["hit"]["of"]) == (3.0, 5.0)
    assert found["traps"]["share"] == 1.0
    even = weighed([(one, 7.0) for one in scored], 0.5)["hit"]
    assert even["low"] < 0.1 and even["high"] > 0.9, "rows that stand for many are no more rows"


@pytest.mark.parametrize(
    "row",
    [
        '{"sha256": "ab", "same": 1}',
        '{"sha256": "%s", "same": 2}' % ("a" * 64),
        '{"sha256": "%s", "same": 1, "sample": {}}' % ("a" * 64),
        '{"sha256": "%s", "same": 1, "sample": {"x": 0}}' % ("a" * 64),
        '{"sha256": "%s", "same": 1, "sample": ["x"]}' % ("a" * 64),
        "[]",
        "{",
    ],
)
def test_a_line_that_is_no_label_is_named(tmp_path: Path, row: str) -> None:
    (tmp_path / "l.jsonl").write_text(json.dumps({"sha256": "b" * 64, "same": 0}) + "\n" + row + "\n")
    with pytest.raises(ConfigError, match=r"l\.jsonl:2: not a label"):
        read_labels(tmp_path / "l.jsonl")


def test_a_pair_with_two_labels_is_named(tmp_path: Path) -> None:
    (tmp_path / "l.jsonl").write_text((json.dumps({"sha256": "b" * 64, "same": 0}) + "\n") * 2)
    with pytest.raises(ConfigError, match=r"l\.jsonl:2: this pair has a label already"):
        read_labels(tmp_path / "l.jsonl")


def test_the_command_scores_labelled_rows_by_sample(tmp_path: Path) -> None:
    pairs = [(A, B, 0), ("How do I brew coffee?", "Where can I buy coffee?", 0), ("x", "y", 1)]
    rows = ({"a": a, "b": b, "same": same} for a, b, same in pairs)
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    labels = (
        {"sha256": digest(A, B), "same": 1, "sample": {"s": 2.0, "t": 1}},
        {"sha256": digest(*pairs[1][:2]), "same": 0, "sample": {"s": 1.5}},
    )
    (tmp_path / "l.jsonl").write_text("".join(json.dumps(row) + "\n" for row in labels))
    command = "bench", "cache", "--pairs", str(tmp_path / "p.jsonl"), "--labels", str(tmp_path / "l.jsonl")
    code, found = run(*command, "--through-proxy")
    assert code == 0 and [(one["sample"], one["pairs"]) for one in found] == [("s", 2), ("t", 1)]
    assert found[0]["as_shipped"]["hit"]["count"] == 1 and found[0]["weighted"]["hit"]["count"] == 2.0
    assert "weighted" not in found[1] and found[1]["through_proxy"]["hit"]["count"] == 1
    (tmp_path / "p.jsonl").write_text('{"a": "x", "b": "y", "same": 1}\n')
    with pytest.raises(ConfigError, match="no pair of it has one of these labels"):
        run(*command)


def test_the_labels_that_ship_are_of_three_samples() -> None:
    labels = read_labels(HELD)
    samples = [name for label in labels.values() for name in label.samples]
    assert {name: samples.count(name) for name in samples} == {"alike": 900, "alike_hits": 1386, "less_alike_hits": 293}
    alike = [label.same for label in labels.values() if "alike" in label.samples]
    assert (sum(alike), len(alike)) == (401, 900)
