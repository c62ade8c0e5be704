"""The request log of a gate that runs."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from tidegate.engine.errors import ConfigError
from tidegate.governance.ledger import read
from tidegate.serve.cli import app
from tidegate.serve.commands.terminal import out

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize("moved", [True, False])
def test_a_log_that_is_moved_or_deleted_begins_anew(serve: Any, tmp_path: Path, moved: bool) -> None:
    url, path, old = serve("log: {store: 'sqlite:log.db'}\n"), tmp_path / "log.db", tmp_path / "old.db"

    def logged(file: Path, count: int) -> int:
        httpx2.post(url + "/v1/chat/completions", json=CHAT)
        found, until = 0, time.monotonic() + 5
        while found < count and time.monotonic() < until:
            time.sleep(0.02)
            with suppress(ConfigError):  # it is being made
                found = len(read(file, 9))
        return found

    assert logged(path, 1) == 1
    if moved:
        path.rename(old)
    else:
        path.unlink()
    assert [logged(path, 1), logged(path, 2)] == [1, 2]
    assert not moved or len(read(old, 9)) == 1
    assert "tidegate_log_dropped 0" in httpx2.get(url + "/metrics").text


def test_requests_that_cannot_be_read_are_counted_and_logged(serve: Any, tmp_path: Path) -> None:
    url = serve("log: {store: 'sqlite:log.db'}\n")
    chat, kind = url + "/v1/chat/completions", {"content-type": "application/json"}
    replies = [
        httpx2.post(chat, content=b"{", headers=kind),
        httpx2.post(chat, content=b"hi", headers={"content-type": "text/plain"}),
    ]
    told, rows = {reply.headers["x-tidegate-id"]: reply.status_code for reply in replies}, dict[str, int]()
    assert list(told.values()) == [400, 415]
    until = time.monotonic() + 5
    while len(rows) < 2 and time.monotonic() < until:
        time.sleep(0.02)
        rows = {row["id"]: row["status"] for row in read(tmp_path / "log.db", 9)}
    assert rows == told
    metrics = httpx2.get(url + "/metrics").text
    for status in (400, 415):
        assert f'tidegate_requests_total{{dialect="openai.chat",provider="none",status="{status}"}} 1.0' in metrics


WRITES_TOO = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
for line in sys.stdin:
    db.execute("UPDATE requests SET model = ?", [line])
    print(flush=True)
"""


def test_a_moved_log_that_another_process_writes_too_stays_whole(serve: Any, tmp_path: Path) -> None:
    url, path, old = serve("log: {store: 'sqlite:log.db'}\n"), tmp_path / "log.db", tmp_path / "old.db"

    def ask(seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        httpx2.post(url + "/v1/chat/completions", json=CHAT)
        end = time.monotonic() + seconds
        while not until() and time.monotonic() < end:
            time.sleep(0.02)

    ask(0.5)
    command = [sys.executable, "-c", WRITES_TOO, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin and other.stdout
        for name in ("a", "b"):
            other.stdin.write(f"{name}\n")
            other.stdin.flush()
            assert other.stdout.readline()
            if name == "a":
                path.rename(old)
            ask(0.5)
            assert not path.exists()
    ask(5, path.exists)  # the other has closed it
    ask(0.5)
    assert [row["model"] for row in read(old, 9)] == ["b\n", "b\n", "m"]
    assert len(read(path, 9)) == 2


def test_what_is_printed_for_another_program_is_whole(serve: Any, tmp_path: Path) -> None:
    log = "log: {store: 'sqlite:log.db'}\n"
    asked = CHAT | {"model": "m" * 150}
    reply = httpx2.post(serve(log) + "/v1/chat/completions", json=asked)
    (tmp_path / "gate.yaml").write_text("version: 1\n" + log)
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    command = [sys.executable, "-m", "tidegate.serve.cli", "logs"]
    until = time.monotonic() + 5
    while not read(tmp_path / "log.db", 1) and time.monotonic() < until:
        time.sleep(0.02)
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    row = done.stdout.splitlines()[1].split()
    assert [row[0], *row[2:6]] == [reply.headers["x-tidegate-id"], "anonymous", "m" * 150, "up", "200"]


def test_why_a_stream_was_not_kept_is_in_the_log_since_its_head_has_left(serve: Any, tmp_path: Path) -> None:
    url = serve("log: {store: 'sqlite:log.db'}\ncache: {mode: exact, max_entry: 20}\n")
    reply = httpx2.post(url + "/v1/chat/completions", json=CHAT | {"stream": True})
    assert reply.headers["cache-status"] == "tidegate; fwd=miss"
    rows, until = list[dict[str, Any]](), time.monotonic() + 5
    while not rows and time.monotonic() < until:
        time.sleep(0.02)
        rows = read(tmp_path / "log.db", 9)
    assert [row["cache"] for row in rows] == ["miss not-kept-too-large"]


def test_no_name_of_a_model_writes_rows_or_moves_the_cursor_of_who_reads_the_log(
    serve: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "m\x1b[2J\x1b]0;title\n tg_forged \x9b1A\u202e"
    httpx2.post(serve("log: {store: 'sqlite:log.db'}\n") + "/v1/chat/completions", json={**CHAT, "model": name})
    path, until = tmp_path / "log.db", time.monotonic() + 5
    while not read(path, 9) and time.monotonic() < until:
        time.sleep(0.02)
    (tmp_path / "gate.yaml").write_text("version: 1\nlog: {store: 'sqlite:log.db'}\n")
    monkeypatch.setattr(out, "width", 10_000)
    told = CliRunner().invoke(app, ["logs", "-c", str(tmp_path / "gate.yaml")]).stdout
    assert len(told.splitlines()) == 2 and "\\x1b[2J" in told and "\\n tg_forged" in told
    as_json = CliRunner().invoke(app, ["logs", "--json", "-c", str(tmp_path / "gate.yaml")]).stdout
    assert not set("\x1b\x9b\u202e") & set(told + as_json)
    assert json.loads(as_json)[0]["model"] == name
