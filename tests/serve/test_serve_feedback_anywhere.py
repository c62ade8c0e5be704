"""A word on a hit reaches the entry whichever process of a shared store answered."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tidegate.benchmarks.servers import Server, free_port, wait_for
from tidegate.engine.errors import ConfigError
from tidegate.models.embedding import prepare
from tidegate.serve.commands.tune_audits import tune_audits

START = [sys.executable, "-m", "tidegate.serve.cli", "serve", "--port"]
Start = Callable[[str], list[str]]


@pytest.fixture
def processes(tmp_path: Path, upstream: Any) -> Iterator[Start]:
    """`processes(cache)` runs two gates of one configuration, each a process, and gives their addresses."""
    with ExitStack() as stack:

        def start(cache: str) -> list[str]:
            provider = f"{{kind: openai, base_url: '{upstream.url}', api_key: k}}"
            (tmp_path / "gate.yaml").write_text(f"version: 1\nproviders: {{up: {provider}}}\ncache: {{{cache}}}\n")
            ports = [free_port(), free_port()]
            for port in ports:
                gate = subprocess.Popen([*START, str(port)], cwd=tmp_path, env={**os.environ, "NO_COLOR": "1"})
                stack.callback(gate.wait)
                stack.callback(gate.send_signal, signal.SIGTERM)
                wait_for(port, gate)
            return [f"http://127.0.0.1:{port}" for port in ports]

        yield start


FRANCE, REWORDED = "What is the capital of France?", "Tell me the capital city of France."


def chat(url: str, text: str = FRANCE, control: str = "") -> httpx2.Response:
    body = {"model": "gpt-test", "messages": [{"role": "user", "content": text}]}
    headers = {"authorization": "Bearer k-ann", "cache-control": control}
    return httpx2.post(url + "/v1/chat/completions", json=body, headers=headers, timeout=60)


def tell(url: str, token: str, key: str = "k-ann", correct: bool = False) -> int:
    headers = {"authorization": f"Bearer {key}"}
    return httpx2.post(url + "/tidegate/feedback", json={"id": token, "correct": correct}, headers=headers).status_code


@pytest.fixture(params=["sqlite", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield "sqlite:cache.db"
        return
    server = Server(tmp_path)
    yield server.url
    server.kill()


def test_a_word_is_taken_by_the_process_that_did_not_answer(store: str, processes: Start) -> None:
    one, two = processes(f"mode: exact, store: '{store}'")
    assert "stored" in chat(one).headers["cache-status"]
    hit = chat(one)
    assert "detail=exact" in hit.headers["cache-status"]
    token = hit.headers["x-tidegate-feedback"]
    assert token.startswith(hit.headers["x-tidegate-id"] + ".")
    assert tell(two, token, key="k-bob") == 404
    assert tell(two, token) == 200
    assert [tell(url, token) for url in (one, two)] == [404, 404]  # it counts once, for both
    assert "fwd=miss; stored" in chat(one).headers["cache-status"]  # it is gone for all when the word is confirmed
    assert tell(two, chat(one).headers["x-tidegate-feedback"], correct=True) == 200


def test_what_both_processes_saw_is_tuned_by(store: str, processes: Start, tmp_path: Path, upstream: Any) -> None:
    prepare.prepare()
    upstream.answer = lambda body: "Paris."
    one, two = processes(f"mode: semantic, verifier: words, audit: 1.0, store: '{store}'")
    chat(one)
    until = time.monotonic() + 60
    while (hit := chat(two, REWORDED, "only-if-cached")).status_code == 504 and time.monotonic() < until:
        time.sleep(0.05)  # until the other process has the answer in its index
    assert "detail=semantic" in hit.headers["cache-status"]
    assert tell(one, hit.headers["x-tidegate-feedback"], correct=True) == 200
    kinds: dict[str, dict[str, int]] = {}
    while not (kinds and kinds["audit"]["same"] and kinds["feedback"]["same"]) and time.monotonic() < until:
        with suppress(ConfigError):  # nothing yet: written a second late at most
            kinds = tune_audits(tmp_path / "gate.yaml")["kinds"]
    assert [kinds[kind] for kind in ("audit", "feedback")] == [{"same": 1, "different": 0}] * 2
