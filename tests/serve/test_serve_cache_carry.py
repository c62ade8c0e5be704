"""Answers as lines of a file: exported, imported, and what of a file is not taken."""

import base64
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import redis
from typer.testing import CliRunner

from tidegate.benchmarks.servers import Server
from tidegate.cache.stores.record import pack
from tidegate.cache.stores.sqlite import SqliteStore
from tidegate.engine.errors import ConfigError
from tidegate.models.embedding import prepare
from tidegate.models.embedding.find import DEFAULT, folder_of, read_meta
from tidegate.serve.cli import app
from tidegate.serve.commands import carry, memory, warm
from tidegate.serve.config.gate_yaml import load_config
from tidegate.tests.serve import cache_files
from tidegate.tests.serve.cache_files import PLAN, Write, ask, lines, quiet

write = cache_files.write


def test_what_is_exported_can_be_imported_and_is_found_again(write: Write, support: Any, tmp_path: Path) -> None:
    first, second = write("mode: exact, store: 'sqlite:a.db'"), write("mode: exact, store: 'sqlite:b.db'", "b.yaml")
    file = lines(tmp_path / "w.jsonl", {"prompt": "One?", "answer": "1"}, {"prompt": "Two?", "answer": "2"})
    warm.warm(first, file, PLAN, quiet)
    out = tmp_path / "out.jsonl"
    assert carry.export(first, out) == 2
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert {row["text"] for row in rows} == {"One?", "Two?"}
    assert carry.take_in(second, out)["imported"] == 2
    assert carry.take_in(second, out)["already_stored"] == 2
    gate = support.Running(support.Gate(load_config(second)).app())
    try:
        assert "hit; detail=exact" in ask(gate.url, "Two?").headers["cache-status"]
    finally:
        gate.stop()


def test_a_files_byte_order_mark_is_none_of_its_first_line(write: Write, tmp_path: Path) -> None:
    config, out = write("mode: exact, store: 'sqlite:a.db'"), tmp_path / "out.jsonl"
    (tmp_path / "w.jsonl").write_text('{"prompt": "One?", "answer": "1"}', "utf-8-sig")
    assert warm.warm(config, tmp_path / "w.jsonl", PLAN, quiet)["stored"] == 1
    carry.export(config, out)
    out.write_text(out.read_text("utf-8"), "utf-8-sig")
    assert carry.take_in(write("mode: exact, store: 'sqlite:b.db'", "b.yaml"), out)["imported"] == 1


def test_vectors_travel_to_a_server_that_searches_and_back(write: Write, tmp_path: Path) -> None:
    prepare.prepare()
    meta, server = read_meta(folder_of(DEFAULT)), Server(tmp_path)
    config, file, out = write("mode: exact, store: 'sqlite:a.db'"), tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    asked = [{"prompt": prompt, "answer": "1"} for prompt in ("Ours?", "Another encoder's?")]
    warm.warm(config, lines(tmp_path / "w.jsonl", *asked), PLAN, quiet)
    carry.export(config, file)
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    vector = base64.b64encode(pack(np.full(meta.dim, meta.dim**-0.5, np.float32))).decode()
    for row in rows:
        row |= {"vector": vector, "encoder": meta.id if row["text"] == "Ours?" else "another@1"}
    try:
        searching = write(f"mode: semantic, store: '{server.url}?recall=server'", "b.yaml")
        assert carry.take_in(searching, lines(file, *rows))["imported"] == 2
        with redis.Redis.from_url(server.url) as link:
            fields = [set(link.hkeys(name)) for name in link.scan_iter("*:e:*")]
        assert sorted(f"near:{meta.id}".encode() in each for each in fields) == [False, True]
        assert not any(b"vector" in each for each in fields), "no gate that searches reads that field"
        assert memory.stats(searching)["with_vector"] == 1
        carry.export(searching, out)
        assert [json.loads(line).get("encoder") for line in out.read_text().splitlines()].count(meta.id) == 1
    finally:
        server.kill()


def test_an_export_that_fails_leaves_the_file_as_it_was(write: Write, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("kept")
    config = write("mode: exact, store: 'redis://127.0.0.1:1/0'")
    for wrong, said in ((tmp_path / "none.yaml", "no such file"), (config, "does not answer")):
        with pytest.raises(ConfigError, match=said):
            carry.export(wrong, out)
        assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == ["out.jsonl"]
        assert out.read_text() == "kept"
    for read in (
        memory.stats,
        lambda config: memory.listed(config, 9),
        lambda config: memory.purge(config, everything=True),
    ):
        with pytest.raises(ConfigError, match="does not answer"):
            read(config)


@pytest.mark.parametrize("part", ["notes", "damage"])
def test_figures_are_all_that_there_are_though_the_store_falls_silent_between_two_questions(
    write: Write, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    async def silent(store: SqliteStore, *_: Any) -> Any:
        store.counts["failed_reads"] += 1
        return {} if part == "damage" else []

    config = write("mode: exact, store: 'sqlite:a.db'")
    assert memory.stats(config)["answers"] == 0
    monkeypatch.setattr(SqliteStore, part, silent)
    with pytest.raises(ConfigError, match="does not answer"):
        memory.stats(config)


def test_an_export_to_a_dash_is_printed(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = write("mode: exact, store: 'sqlite:a.db'")
    warm.warm(config, lines(tmp_path / "w.jsonl", {"prompt": "One?", "answer": "1"}), PLAN, quiet)
    done = CliRunner().invoke(app, ["cache", "export", "-", "-c", str(config)])
    assert json.loads(done.stdout)["text"] == "One?" and not (tmp_path / "-").exists()


def test_lines_that_do_not_agree_with_themselves_are_damaged(write: Write, tmp_path: Path) -> None:
    config = write("mode: exact, store: 'sqlite:a.db'")
    warm.warm(config, lines(tmp_path / "w.jsonl", {"prompt": "One?", "answer": "1"}), PLAN, quiet)
    carry.export(config, tmp_path / "out.jsonl")
    row = json.loads((tmp_path / "out.jsonl").read_text())
    bad = [
        {**row, "key": row["partition"]},
        {**row, "partition": row["key"]},
        {**row, "value": row["value"][:-8]},
        {**row, "format": 2},
        {**row, "vector": "AAA"},
        {**row, "vector": "AACAPw==", "encoder": "\ud800"},
        {"text": "x"},
        {**row, "expires": math.inf},
        {**row, "expires": 10**400},
        {**row, "expires": row["created"] + 1e-3},
        {**row, "text": "Two?"},
        {**row, "reply": row["reply"].replace("1", "2", 1)},
        {**row, "model": "n"},
        {**row, "tags": {"a": "b"}},
    ]
    counts = carry.take_in(config, lines(tmp_path / "bad.jsonl", *bad))
    assert counts["damaged"] == 13 and counts["expired"] == 1 and counts["imported"] == 0
