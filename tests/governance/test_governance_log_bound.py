"""The rows of the request log that wait for the disk are bounded by the bytes of their texts too."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.exchange import Exchange
from tidegate.governance import ledger as module
from tidegate.governance.ledger import Ledger, read


def long(size: int) -> Exchange:
    body = {"model": "m", "messages": [{"role": "user", "content": "a" * size}]}
    asked = Exchange(OpenAIChat(), "/v1/chat/completions", {}, body, "m", False)
    asked.memo["governance.reply"] = bytearray(b"b" * size)
    return asked


def test_long_texts_wait_in_no_more_memory_than_their_bound_while_the_file_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "QUEUE_BYTES", 10_000)
    monkeypatch.setattr(module, "BUSY_SECONDS", 10.0)
    ledger = Ledger(tmp_path / "log.db", "masked", 60.0)
    for turn in range(2):  # what was counted before it was closed does not count after
        ledger.start()
        with closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for _ in range(20):
                ledger.observe(long(1000), 200, None)
            other.execute("ROLLBACK")
        ledger.close()
        rows = 4 * (turn + 1)
        assert (len(read(tmp_path / "log.db", 100)), ledger.dropped) == (rows, 20 * (turn + 1) - rows)
