"""The request log of a gate that runs."""

import time
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
