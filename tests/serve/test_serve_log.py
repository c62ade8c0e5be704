"""The request log of a gate that runs."""

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tidegate.engine.errors import ConfigError
from tidegate.governance.ledger import read

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
