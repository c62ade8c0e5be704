"""A gate inside a plain client: the client may be used by several threads, as plain clients are."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tidegate import Gate
from tidegate.serve import transport

THREADS = 4


def test_the_first_requests_of_several_threads_share_one_loop(
    upstream: Any, support: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(transport._LoopThread):  # pyright: ignore[reportPrivateUsage]
        def __init__(self) -> None:
            time.sleep(0.05)
            super().__init__()
            made.append(self)

    made: list[Slow] = []
    monkeypatch.setattr(transport, "_LoopThread", Slow)
    together = threading.Barrier(THREADS)

    def ask(number: int) -> int:
        together.wait()
        body = {"model": "m", "messages": [{"role": "user", "content": f"question {number}"}]}
        return client.post("https://api.example.com/v1/chat/completions", json=body).status_code

    gate = Gate(support.gate_config(tmp_path, upstream.url))
    with httpx2.Client(transport=gate.transport()) as client, ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(ask, range(THREADS), timeout=20)) == [200] * THREADS
    assert len(made) == 1
