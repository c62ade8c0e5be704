"""Files of tests, a line each: what they may say, and what counts."""

import json
from pathlib import Path

import pytest

from tidegate.engine.errors import ConfigError
from tidegate.tests.serve.commands import run

RULES = """version: 1
rules:
  - {id: noted, detect: {keywords: [falcon]}, action: flag}
  - {id: sent, scope: input, detect: {keywords: [falcon]}, action: route, to: x}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.yaml").write_text(RULES)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"text": "x", "expect": "pass", "span": [[0, 1]]}', 'unknown key "span"'),
        ('{"text": "x", "expect": "pass", "scpe": "output"}', 'did you mean "scope"'),
        ('{"text": 7, "expect": "pass"}', "must be a string"),
        ('{"text": "x", "expect": "pass", "rule": 7}', 'no rule "7"'),
        ("[1]", "a test is"),
    ],
)
def test_a_line_of_tests_says_nothing_in_vain(folder: Path, line: str, words: str) -> None:
    (folder / "t.jsonl").write_text(line)
    with pytest.raises(ConfigError, match=rf"t\.jsonl:1: .*{words}"):
        run("rules", "test", "r.yaml", "--data", "t.jsonl")


def test_a_test_may_expect_any_of_the_strongest_actions(folder: Path) -> None:
    cases = ({"text": "falcon", "expect": each} for each in ("route", "flag"))
    (folder / "t.jsonl").write_text("\n".join(map(json.dumps, cases)))
    assert run("rules", "test", "r.yaml", "--data", "t.jsonl")[0] == 0
