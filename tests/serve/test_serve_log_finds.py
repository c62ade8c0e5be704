"""What the request log has of rules: also of those that only would have acted, and of those that could not look."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from tidegate.engine.exchange import Scope, Verdict
from tidegate.governance.finds import MOST, finds
from tidegate.governance.ledger import read
from tidegate.serve.cli import app
from tidegate.serve.commands.terminal import out

LOG = "log: {store: 'sqlite:log.db'}\n"
RULES = """rules:
  - {id: w.plain, scope: input, detect: {keywords: [alpha]}, action: redact}
  - {id: w.tried, scope: input, detect: {keywords: [beta]}, action: block, mode: shadow}
  - {id: w.few, scope: input, detect: {keywords: [gamma]}, action: score, severity: notice, mode: shadow}
  - {id: w.many, scope: input, detect: {keywords: [delta]}, action: score, severity: warning}
  - {id: w.late, scope: output, detect: {keywords: [omega]}, action: block, stream: stop}
"""


def asked(url: str, text: str, **more: Any) -> httpx2.Response:
    return httpx2.post(
        url + "/v1/chat/completions", json={"model": "m", "messages": [{"role": "user", "content": text}], **more}
    )


def rows(file: Path, count: int, **only: Any) -> list[dict[str, Any]]:
    until = time.monotonic() + 5
    while len(found := read(file, 99, **only)) < count and time.monotonic() < until:
        time.sleep(0.02)
    return found


def test_the_log_says_what_a_rule_in_shadow_mode_would_have_done_and_where(serve: Any, tmp_path: Path) -> None:
    url = serve(LOG, RULES)
    for text in ("an alpha", "a beta", "a gamma", "gamma and delta", "nothing"):
        assert asked(url, text).status_code == 200
    plain, tried, few, both, none = rows(tmp_path / "log.db", 5)
    at = {"scope": "input", "at": "messages.0.content"}
    assert plain["rules"] == ["w.plain"]  # a list, as it is in the header
    assert plain["finds"] == [{"rule": "w.plain", "action": "redact", **at, "labels": ["W_PLAIN"]}]
    assert tried["rules"] == [] and tried["guard"] == "pass"
    assert tried["finds"] == [{"rule": "w.tried", "action": "shadow", **at, "labels": ["W_TRIED"], "why": "block"}]
    assert few["finds"] == [{"rule": "w.few", "action": "shadow", **at, "labels": ["W_FEW"], "why": "score"}]
    # With the other rule's three points its two would have blocked.
    assert {find["rule"]: find.get("why") for find in both["finds"]} == {"w.few": "block", "w.many": None}
    assert none["finds"] == []


def test_requests_can_be_asked_for_by_the_rule_that_found_something_in_them(
    serve: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = serve(LOG, RULES)
    for text in ("an alpha", "a beta", "nothing"):
        asked(url, text)
    path = tmp_path / "log.db"
    rows(path, 3)
    assert [len(read(path, 9, rule=rule)) for rule in ("w.tried", "w.*", "w", "x.*", "w.trie?")] == [1, 2, 0, 0, 1]
    (tmp_path / "gate.yaml").write_text("version: 1\n" + LOG)
    monkeypatch.setattr(out, "width", 10_000)
    told = CliRunner().invoke(app, ["logs", "--rule", "w.tried", "-c", str(tmp_path / "gate.yaml")]).stdout
    assert len(told.splitlines()) == 2 and "w.tried would block" in told


def test_a_log_from_before_finds_were_kept_is_asked_for_rules_that_acted(serve: Any, tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    url = serve(LOG, RULES)
    for text in ("an alpha", "nothing"):
        asked(url, text)
    rows(path, 2)
    with closing(sqlite3.connect(path)) as db:
        db.execute("ALTER TABLE requests DROP COLUMN finds")
        db.execute("UPDATE requests SET rules = '' WHERE rules = '[]'")
    assert [len(read(path, 9, rule=rule)) for rule in ("", "w.plain", "w.*", "x.*")] == [2, 1, 1, 0]


def test_how_much_of_a_stream_had_left_when_it_was_ended_is_in_the_log(
    serve: Any, upstream: Any, tmp_path: Path
) -> None:
    url = serve(LOG, RULES)
    upstream.answer = lambda body: "all is well until omega comes"
    assert "content_filter" in asked(url, "go", stream=True).text
    (row,) = rows(tmp_path / "log.db", 1)
    (find,) = row["finds"]
    assert find["rule"] == "w.late" and find["action"] == "block"
    assert find["why"].endswith("characters had left the stream")


def test_the_log_keeps_so_many_finds_of_a_request_and_each_once() -> None:
    said = [Verdict("r", "flag", f"messages.{turn}", Scope.INPUT, ("A",)) for turn in range(MOST + 5)]
    assert len(finds(said)) == MOST
    twice = [Verdict("r", "flag", "messages.0", Scope.INPUT, (label,)) for label in ("A", "B", "A")]
    assert [each["labels"] for each in finds(twice)] == [["A", "B"]]
