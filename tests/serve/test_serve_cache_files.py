"""Answers from files and into files: warm, export, import, tune, purge by tag."""

import asyncio
import json
import sqlite3
import time
import xml.etree.ElementTree as xml
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tidegate.cache.stores import sqlite
from tidegate.cache.stores.record import Unanswered
from tidegate.engine.errors import ConfigError
from tidegate.engine.ports import Entry
from tidegate.serve.cli import app
from tidegate.serve.commands import memory, pairs, tune, warm
from tidegate.serve.config.gate_yaml import load_config
from tidegate.tests.serve import cache_files
from tidegate.tests.serve.cache_files import PLAN, Write, ask, lines, quiet

write = cache_files.write


def test_warming_stores_what_is_given_and_asks_for_the_rest(
    write: Write, upstream: Any, support: Any, tmp_path: Path
) -> None:
    config = write("mode: exact, store: 'sqlite:c.db', share: all")
    file = lines(
        tmp_path / "w.jsonl",
        {"prompt": "What is our refund period?", "answer": "Thirty days; write to ann@example.com."},
        {"prompt": "Where is the office?"},
        {"prompt": "What is the weather today?"},
    )
    counts = warm.warm(config, file, PLAN, quiet)
    assert counts == {"stored": 2, "already_stored": 0, "left_to_the_model": 1, "not_stored": 0, "failed": 0}
    asked = {support.question_of(body) for body in upstream.requests}
    assert asked == {"Where is the office?", "What is the weather today?"} and len(upstream.requests) == 2
    gate = support.Running(support.Gate(load_config(config)).app())
    try:
        got = ask(gate.url, "What is our refund period?", authorization="Bearer somebody")
        assert "hit; detail=exact" in got.headers["cache-status"], "shared at once: the operator vouches"
        content = got.json()["choices"][0]["message"]["content"]
        assert content == "Thirty days; write to <EMAIL_ADDRESS_1>.", "what is given is guarded like any reply"
    finally:
        gate.stop()
    again = warm.warm(config, file, PLAN, quiet)
    assert (again["stored"], again["already_stored"]) == (1, 1), "what is given replaces, what was asked is not again"


def test_warming_for_one_caller_is_for_that_caller(
    write: Write, support: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN", "ann-key")
    config = write("mode: exact, store: 'sqlite:c.db'")
    file = lines(tmp_path / "w.jsonl", {"prompt": "Hello?", "answer": "Yes."})
    assert warm.warm(config, file, warm.Plan(model="m", key="ANN"), quiet)["stored"] == 1
    gate = support.Running(support.Gate(load_config(config)).app())
    try:
        assert "hit" in ask(gate.url, "Hello?", authorization="Bearer ann-key").headers["cache-status"]
        assert "fwd=miss" in ask(gate.url, "Hello?", authorization="Bearer bob-key").headers["cache-status"]
    finally:
        gate.stop()


def test_an_interrupted_run_vouches_and_so_does_the_next_for_what_an_earlier_one_stored(
    write: Write, support: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut_off(*_: Any) -> None: ...

    config = write("mode: exact, store: 'sqlite:c.db', share: all")
    rows = [{"prompt": "One?"}, {"prompt": "Two?"}, {"prompt": "Three?"}]
    with monkeypatch.context() as patch:
        patch.setattr(warm, "_vouch", cut_off)  # killed before it could
        warm.warm(config, lines(tmp_path / "w.jsonl", rows[0]), PLAN, quiet)

    def stop(done: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        warm.warm(config, lines(tmp_path / "w.jsonl", *rows), warm.Plan(model="m", at_once=1), stop)
    gate = support.Running(support.Gate(load_config(config)).app())
    try:
        said = [ask(gate.url, row["prompt"], authorization="Bearer x").headers["cache-status"] for row in rows]
        assert ["hit" in each for each in said] == [True, True, False]
    finally:
        gate.stop()


def test_warming_does_not_vouch_for_what_a_caller_stores_meanwhile(write: Write, support: Any, tmp_path: Path) -> None:
    config = write("mode: exact, store: 'sqlite:c.db', share: all")
    gate = support.Running(support.Gate(load_config(config)).app())
    try:
        # Callers without a key are one, and so is whoever warms without one.
        warm.warm(config, lines(tmp_path / "w.jsonl", {"prompt": "One?"}), PLAN, lambda _: ask(gate.url, "Mine?"))
        got = [ask(gate.url, text, authorization="Bearer x") for text in ("One?", "Mine?")]
        assert ["hit" in each.headers["cache-status"] for each in got] == [True, False]
        assert "detail=unshared" in got[1].headers["cache-status"]
    finally:
        gate.stop()


def test_warming_says_when_the_store_does_not_take_that_answers_are_shared(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: Any) -> None:
        raise Unanswered

    config = write("mode: exact, store: 'sqlite:c.db', share: all")
    monkeypatch.setattr(sqlite.SqliteStore, "amend", silent)
    with pytest.raises(ConfigError, match="not all answers are shared"):
        warm.warm(config, lines(tmp_path / "w.jsonl", {"prompt": "One?", "answer": "1"}), PLAN, quiet)


def test_warming_counts_what_fails(write: Write, upstream: Any, tmp_path: Path) -> None:
    async def refuse(body: dict[str, Any], send: Any) -> None:
        await send({"type": "http.response.start", "status": 400, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b"{}"})

    upstream.script = refuse
    surrogate = {"prompt": "\ud800", "answer": "x"}
    file = lines(tmp_path / "w.jsonl", {"prompt": "one"}, {"prompt": "two", "path": "/v1/nothing"}, surrogate)
    counts = warm.warm(write("mode: exact, store: 'sqlite:c.db'"), file, PLAN, quiet)
    assert counts["failed"] == 3 and sum(counts.values()) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "w.jsonl:1: not JSON"),
        ("[]", "not a JSON object"),
        ('{"answer": "x"}', "no prompt"),
        ("{}\n{}", "--most"),
        ('{"messages": null, "prompt": "x"}', "w.jsonl:1: messages is a list"),
        ('{"messages": "before", "prompt": "x"}', "messages is a list"),
        ('{"messages": [], "prompt": ["x"]}', "w.jsonl:1: prompt is a text"),
        ('{"path": ["/v1/messages"], "prompt": "x"}', "path and answer are texts"),
    ],
)
def test_a_line_that_is_no_question_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "w.jsonl").write_text(text)
    with pytest.raises(ConfigError, match=said):
        list(warm.read(tmp_path / "w.jsonl", "m", 1))


@pytest.mark.parametrize(
    ("path", "question"),
    [
        ("/v1/completions", {"model": "m", "prompt": "Hello?"}),
        ("/v1/messages", {"model": "m", "max_tokens": 9, "prompt": "Hello?"}),
        ("/v1/responses", {"model": "m", "store": False, "input": "Hello?"}),
        ("/v1beta/models/m:generateContent", {"contents": [{"role": "user", "parts": [{"text": "Hello?"}]}]}),
    ],
)
def test_every_dialect_is_warmed_with_what_is_given(
    write: Write, tmp_path: Path, path: str, question: dict[str, Any]
) -> None:
    file = lines(tmp_path / "w.jsonl", {"path": path, **question, "answer": "Good day."})
    assert warm.warm(write("mode: exact, store: 'sqlite:c.db'"), file, PLAN, quiet)["stored"] == 1


def test_a_line_ends_where_a_line_of_json_ends(tmp_path: Path) -> None:
    question = "One\u2028two\u0085three?"
    (tmp_path / "w.jsonl").write_text(json.dumps({"prompt": question}, ensure_ascii=False) + "\r\n\n", "utf-8")
    [line] = warm.read(tmp_path / "w.jsonl", "m", 9)
    assert line.body["messages"] == [{"role": "user", "content": question}]
    (tmp_path / "p.jsonl").write_text(json.dumps({"a": question, "b": "b", "same": 1}, ensure_ascii=False), "utf-8")
    assert [pair.a for pair in pairs.read_pairs(tmp_path / "p.jsonl")] == [question]


def test_memory_that_ends_with_the_command_is_not_warmed(write: Write, tmp_path: Path) -> None:
    file = lines(tmp_path / "w.jsonl", {"prompt": "Hello?"})
    with pytest.raises(ConfigError, match=r"set cache\.store"):
        warm.warm(write("mode: exact"), file, PLAN, quiet)
    with pytest.raises(ConfigError, match=r"set cache\.mode to exact or semantic"):
        warm.warm(write("mode: off, store: 'sqlite:c.db'"), file, PLAN, quiet)


def test_answers_are_purged_by_tag(write: Write, support: Any) -> None:
    config = write("mode: exact, store: 'sqlite:a.db'")
    gate = support.Running(support.Gate(load_config(config)).app())
    try:
        for project in ("falcon", "heron"):
            ask(gate.url, f"Of {project}?", **{"x-tidegate-metadata": json.dumps({"project": project})})
    finally:
        gate.stop()
    assert memory.purge(config, tags=["project=falcon"]) == 1
    assert [row["text"] for row in memory.listed(config, 9)] == ["Of heron?"]
    with pytest.raises(ConfigError, match="NAME=VALUE"):
        memory.purge(config, tags=["falcon"])


def fill(config: Path, count: int, lasts: float) -> None:
    async def put() -> None:
        async with memory.opened(load_config(config)) as store:
            now = time.time()
            for number in range(count):
                assert await store.put(Entry(f"{lasts}{number}", "p", b"v", now - 60, now + lasts))

    asyncio.run(put())


def test_what_was_purged_is_gone_however_much_it_was_and_what_has_expired_with_it(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write("mode: exact, store: 'sqlite:a.db'")
    fill(config, 60, 60.0)
    fill(config, 5, -1.0)
    monkeypatch.setattr(sqlite, "QUEUE", 8)
    monkeypatch.setattr(memory, "AT_ONCE", 7)
    assert memory.purge(config, key="nobody") == 0
    with sqlite3.connect(tmp_path / "a.db") as link:
        assert link.execute("SELECT count(*) FROM entries").fetchone() == (60,)
    assert memory.purge(config, everything=True) == 60
    assert memory.stats(config)["answers"] == 0


def test_damaged_files_are_told_by_a_purge_and_deleted_with_all(write: Write, tmp_path: Path) -> None:
    config = write("mode: exact, store: 'sqlite:a.db'")
    (tmp_path / "a.db").write_bytes(b"a question that somebody asked, " * 500)
    fill(config, 2, 60.0)
    (aside,) = tmp_path.glob("a.db.damaged-*")
    aside.with_name(aside.name + "-wal").write_text("a question that somebody asked")
    (tmp_path / "a.db.damaged-notes.txt").write_text("what I wrote down of it")
    run = CliRunner().invoke
    some = run(app, ["cache", "purge", "-c", str(config), "--key", "60.00"])
    assert "1 damaged files of the store lie beside it" in some.stderr and aside.exists()
    run(app, ["cache", "purge", "-c", str(config), "--all", "--key", "nobody"])
    assert aside.exists(), "a condition is about answers"
    done = run(app, ["cache", "purge", "-c", str(config), "--all"])
    assert "1 deleted, and 1 damaged files of the store" in done.stdout and not done.stderr
    assert sorted(path.name for path in tmp_path.glob("*.damaged-*")) == ["a.db.damaged-notes.txt"]


@pytest.mark.parametrize("empty", ["--key", "--model", "--text", "--older-than", "--tag"])
def test_a_condition_that_is_empty_deletes_nothing(write: Write, empty: str) -> None:
    config = write("mode: exact, store: 'sqlite:a.db'")
    fill(config, 2, 60.0)
    done = CliRunner().invoke(app, ["cache", "purge", "-c", str(config), "--all", empty, ""])
    assert isinstance(done.exception, ConfigError) and memory.stats(config)["answers"] == 2


def test_a_purge_that_the_store_refuses_says_how_far_it_came(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    config, tries = write("mode: exact, store: 'sqlite:a.db'"), list[int]()
    fill(config, 20, 60.0)
    erase = sqlite.SqliteStore.erase

    async def refusing(store: sqlite.SqliteStore, keys: list[str]) -> None:
        tries.append(len(keys))
        if len(tries) in (1, 4, 5, 6):
            raise Unanswered
        await erase(store, keys)

    monkeypatch.setattr(sqlite.SqliteStore, "erase", refusing)
    monkeypatch.setattr(memory, "AT_ONCE", 8)
    monkeypatch.setattr(memory, "RETRY_SECONDS", 0.0)
    with pytest.raises(ConfigError, match="16 of 20 answers are deleted"):
        memory.purge(config, everything=True)
    assert tries == [8, 8, 8, 4, 4, 4] and memory.stats(config)["answers"] == 4


PAIRS = (
    {"a": "What is the capital of France?", "b": "Tell me the capital city of France.", "same": 1},
    {"a": "What is the capital of France?", "b": "What is the capital of Italy?", "same": 0},
    {"a": "How do I reset my password?", "b": "How can I reset my password?", "same": 1},
    {"a": "How do I reset my password?", "b": "Why is the sky blue?", "same": 0},
)


def test_tuning_draws_the_curve_and_says_when_pairs_are_too_few(write: Write, tmp_path: Path) -> None:
    config = write("mode: semantic, verifier: words, store: 'sqlite:a.db'")
    drawing = tmp_path / "curve.svg"
    found = tune.tune(config, lines(tmp_path / "p.jsonl", *PAIRS), quiet, picture=drawing)
    assert found["pairs"] == 4 and found["now"]["traps"]["count"] == 0
    assert found["now"]["hit"]["count"] >= 1 and found["curve"][-1]["precision"]["share"] == 1.0
    assert found["chosen"] is None, "a share of 0.01 is not shown by two hits"
    tune.report(found)
    assert xml.parse(drawing).getroot().tag.endswith("svg")


@pytest.mark.parametrize(
    "section",
    [
        "cache: {mode: semantic, store: 'sqlite:a.db'}  # remembered\n",
        "cache:  # remembered\n  mode: semantic\n  store: sqlite:a.db\n",
        "cache:\n    mode: semantic\n    threshold: 0.9  # remembered\n    store: sqlite:a.db\n",
        "cache:\n# remembered, threshold: 0.8\n\n    mode: semantic\n    store: sqlite:a.db\n",
        "cache: {mode: semantic, threshold: 0.9, store: 'sqlite:a.db'}  # remembered\n",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_threshold_is_written_and_nothing_else_changes(tmp_path: Path, section: str, end: str) -> None:
    config = tmp_path / "gate.yaml"
    config.write_text(f"# ours\nversion: 1\nsecret: s\n{section}max_in_flight: 7\n", newline=end)
    before = load_config(config).config
    tune.write(config, 0.81234567)
    after = load_config(config).config
    assert after.cache.threshold == 0.812345
    assert after.model_copy(update={"cache": before.cache, "secret": before.secret}) == before
    written = config.read_bytes().decode()
    assert "# ours" in written and "# remembered" in written
    assert written.count(end) == written.count("\n")


def test_a_threshold_that_would_do_nothing_is_refused_before_it_is_measured(write: Write, tmp_path: Path) -> None:
    config, before = write("mode: exact, store: 'sqlite:a.db'"), (tmp_path / "gate.yaml").read_text()
    done = CliRunner().invoke(app, ["cache", "tune", "none.jsonl", "--write", "-c", str(config)])
    assert "does nothing in this mode (set mode: semantic)" in str(done.exception) and config.read_text() == before
