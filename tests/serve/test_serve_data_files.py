"""Files that commands read and write: pipes are some, and what other tools write is no fault."""

import json
import os
from collections.abc import Callable, Sized
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tidegate.engine.errors import ConfigError
from tidegate.serve.bench import rows
from tidegate.serve.cli import app
from tidegate.serve.commands import carry, pairs, warm
from tidegate.serve.commands import rule_tools as ruletools
from tidegate.serve.config.gate_yaml import load_config

RULES = "version: 1\nrules: [{id: bird, detect: {keywords: [falcon]}, action: block}]\n"
GATE = "version: 1\nproviders: {up: {kind: openai, api_key: k}}\nguardrails: {files: [r.yaml]}\n"

Reader = Callable[[Path], Sized]


def _tests(file: Path) -> Sized:
    return ruletools.test(["r.yaml"], file, None)


READERS: dict[str, tuple[Reader, str]] = {
    "pairs": (pairs.read_pairs, '{"a": "x", "b": "y", "same": 1}'),
    "rows": (lambda file: rows.read(file, None, ("text", "spans")), '{"text": "x", "spans": []}'),
    "questions": (lambda file: list(warm.read(file, "m", 9)), '{"prompt": "x"}'),
    "tests": (_tests, '{"text": "x", "expect": "pass"}'),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "r.yaml").write_text(RULES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def holding(text: str) -> Path:
    """A pipe with a text in it, as a shell names it for `<(...)`."""
    out, into = os.pipe()
    os.write(into, text.encode())
    os.close(into)
    return Path(f"/dev/fd/{out}")


@pytest.mark.parametrize("kind", READERS)
def test_lines_of_json_may_come_from_a_pipe_and_begin_with_a_byte_order_mark(folder: Path, kind: str) -> None:
    read, line = READERS[kind]
    assert read(holding(line + "\n"))
    (folder / "d.jsonl").write_text(line + "\r\n\n", "utf-8-sig")
    assert read(folder / "d.jsonl")


@pytest.mark.parametrize("kind", READERS)
def test_a_line_that_cannot_be_read_is_named(folder: Path, kind: str) -> None:
    read, line = READERS[kind]
    for wrong in (b'"caf\xe9"', b"[" * 100_000):
        (folder / "d.jsonl").write_bytes(line.encode() + b"\n" + wrong)
        with pytest.raises(ConfigError, match=r"d\.jsonl:2: "):
            read(folder / "d.jsonl")
    with pytest.raises(ConfigError, match="there is no such file"):
        read(folder / "none.jsonl")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read(folder)


def test_a_line_nested_without_end_is_a_damaged_entry(folder: Path) -> None:
    (folder / "gate.yaml").write_text(GATE + "cache: {mode: exact, store: 'sqlite:c.db'}\n")
    (folder / "d.jsonl").write_text("[" * 100_000)
    assert carry.take_in(folder / "gate.yaml", folder / "d.jsonl")["damaged"] == 1


def test_tests_come_from_a_pipe_and_results_go_into_one(folder: Path) -> None:
    out, into = os.pipe()
    data = holding(json.dumps({"text": "a falcon", "expect": "block"}))
    done = CliRunner().invoke(app, ["rules", "test", "r.yaml", "--data", str(data), "--junit", f"/dev/fd/{into}"])
    os.close(into)
    assert done.exit_code == 0 and b'tests="1"' in os.read(out, 9999)
    os.close(out)


def test_a_configuration_in_a_pipe_is_of_the_working_folder(folder: Path) -> None:
    assert load_config(holding(GATE)).folder == folder
    done = CliRunner().invoke(app, ["scan", "a falcon", "--config", str(holding(GATE))])
    assert done.exit_code == 3, done.output
