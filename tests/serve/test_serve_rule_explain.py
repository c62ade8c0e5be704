"""`tidegate rules explain`: why a find is one, what would change it, and what was nearly found."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tidegate.serve.cli import app

RULES = """version: 1
rules:
  - {id: sin, detect: {pii: [CA_SIN, CREDIT_CARD, UK_NHS]}, action: mask}
  - {id: line, detect: {regex: 'order [0-9 ]+'}, action: redact}
  - {id: bird, detect: {keywords: [falcon]}, action: score, severity: warning}
  - {id: nest, detect: {keywords: [nest]}, action: score, severity: error}
  - {id: dog, detect: {keywords: [beagle]}, action: block, mode: shadow}
  - {id: own, detect: {keywords: [beagle]}, action: block, when: {key: shop}}
  - {id: attack, detect: {injection: {reader: false}}, action: flag}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.yaml").write_text(RULES)
    return tmp_path


def explain(text: str, *more: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["rules", "explain", text, "--rules", "r.yaml", "--json", *more])
    return json.loads(done.stdout)


def near(report: dict[str, Any], rule: str) -> list[tuple[str, str, str]]:
    return [(each["label"], each["found"], each["why"]) for each in report["nearly"] if each["rule"] == rule]


def test_a_form_that_fails_its_check_is_told() -> None:
    report = explain("card 4111 1111 1111 1112")
    assert report["finds"] == []
    assert near(report, "sin") == [("CREDIT_CARD", "4111 1111 1111 1112", "it fails the check of its form")]


def test_a_word_beside_a_value_is_told_and_what_lacks_without() -> None:
    (found,) = explain("my sin is 046 454 286")["finds"]
    assert found["score"] == pytest.approx(0.85)
    assert '"sin is" beside it adds 0.55' in found["why"] and "0.30 by its form" in found["why"]
    assert "without that it would not be found (min_score 0.5)" in found["why"]
    report = explain("see 046 454 286")
    assert report["finds"] == []
    ((label, found, why),) = near(report, "sin")
    assert (label, found) == ("CA_SIN", "046 454 286")
    assert "0.30 of 0.50" in why and "no word of its kind stands beside it" in why


def test_a_mask_that_loses_to_a_redact_shows_what_happens() -> None:
    report = explain("order 4111 1111 1111 1111")
    assert [(each["rule"], each["becomes"]) for each in report["finds"]] == [("line", "[LINE]"), ("sin", "[LINE]")]
    assert "overlaps with line, which prevails; without that: mask" in report["finds"][1]["otherwise"]


def test_points_are_told_beside_the_threshold() -> None:
    alone = explain("a falcon")["finds"][0]["otherwise"]
    assert "adds 3 (warning) to make 3 points, where 5 block: 2 more would block" in alone
    both = [each["otherwise"] for each in explain("a falcon in its nest")["finds"]]
    assert "adds 3 (warning) to make 7 points, where 5 block: without it 4 points, which does not" in both[0]


def test_rules_that_are_kept_from_acting_say_by_what() -> None:
    report = explain("a beagle", "--key", "red")
    assert [(each["rule"], each["action"]) for each in report["finds"]] == [("dog", "shadow")]
    assert "in force it would block" in report["finds"][0]["otherwise"]
    assert near(report, "own") == [("OWN", "beagle", "its condition is not met: when key: shop")]
    (own,) = (each for each in explain("a beagle")["finds"] if each["rule"] == "own")
    assert "its condition may not be met: when key: shop" in own["otherwise"]


def test_the_score_of_an_injection_stands_beside_its_threshold() -> None:
    ((_, _, why),) = near(explain("a beagle in the garden"), "attack")
    assert "by the n-grams, where" in why and "false_alarms 0.005" in why


def test_each_find_is_told_once(folder: Path) -> None:
    (folder / "r.yaml").write_text(
        "version: 1\nrules:\n  - {id: twice, detect: {any: [{keywords: [falcon]}, {regex: falcon}]}, action: redact}\n"
    )
    assert len(explain("a falcon")["finds"]) == 1
    done = CliRunner().invoke(app, ["scan", "a falcon", "--rules", "r.yaml", "--json"])
    assert len(json.loads(done.stdout)["findings"]) == 1
    plain = CliRunner().invoke(app, ["rules", "explain", "a falcon", "--rules", "r.yaml"]).stdout
    assert "becomes: [TWICE]" in plain


def test_what_a_part_of_a_rule_finds_is_not_called_too_low(folder: Path) -> None:
    (folder / "r.yaml").write_text(
        "version: 1\nrules:\n"
        "  - {id: both, detect: {all: [{pii: EMAIL_ADDRESS}, {keywords: [falcon]}]}, action: flag}\n"
        "  - {id: none, detect: {all: [{keywords: [nest]}, {not: {pii: EMAIL_ADDRESS}}]}, action: flag}\n"
    )
    report = explain("nest: jane@example.com")
    assert report["finds"] == []
    for rule in ("both", "none"):
        ((label, found, why),) = near(report, rule)
        assert (label, found) == ("EMAIL_ADDRESS", "jane@example.com")
        assert "by a part of the rule; the whole (all, not) finds nothing" in why and " of 0.50" not in why


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("ghp_" + "ab" * 18, "its checksum is wrong, and it is not random enough"),
        ("AKIAIOSFODNN7EXAMPLE", "it reads as a placeholder"),
        ("sk-ant-api03-" + "a" * 93 + "AA", "it is not random enough"),
    ],
)
def test_the_form_of_a_credential_that_is_none_is_told(folder: Path, value: str, why: str) -> None:
    (folder / "r.yaml").write_text("version: 1\nrules:\n  - {id: keys, detect: {secrets: all}, action: redact}\n")
    report = explain(f"use {value} there")
    assert report["finds"] == []
    assert (value, why) in [each[1:] for each in near(report, "keys")]
    assert explain("the password is in the vault, the key below the mat")["nearly"] == []


def test_the_points_that_a_rule_in_shadow_mode_would_add_are_told(folder: Path) -> None:
    (folder / "r.yaml").write_text(RULES.replace("severity: error}", "severity: error, mode: shadow}"))
    otherwise = {each["rule"]: each["otherwise"] for each in explain("a falcon in its nest")["finds"]}
    assert otherwise["nest"].startswith("in force it would score to make 7 points, where 5 block; it is in shadow mode")
    assert otherwise["bird"].startswith("adds 3 (warning) to make 3 points")
