"""Killing the gate at any time loses no entry that was reported stored, and the next start serves them."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2


def start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tidegate.serve.cli", "serve", "--port", str(port)]
    gate = subprocess.Popen(command, cwd=folder, env={**os.environ, "NO_COLOR": "1"})
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return gate
        assert gate.poll() is None, "the gate did not start"
        time.sleep(0.05)
    raise AssertionError("the gate takes too long to start")


def body(number: int) -> dict[str, Any]:
    return {"model": "gpt-test", "messages": [{"role": "user", "content": f"question number {number}"}]}


def load(url: str, numbers: Iterator[int], stored: dict[int, bytes]) -> None:
    """Ask new questions until the gate is gone, and keep what it reported stored."""
    with httpx2.Client() as client:
        while True:
            number = next(numbers)
            try:
                reply = client.post(url, json=body(number))
            except httpx2.TransportError:
                return
            if "stored" in reply.headers["cache-status"]:
                stored[number] = reply.content


def test_no_entry_reported_stored_is_lost_when_the_process_is_killed(
    tmp_path: Path, upstream: Any, support: Any
) -> None:
    config = f"version: 1\nproviders: {{up: {{kind: openai, base_url: '{upstream.url}', api_key: k}}}}\n"
    (tmp_path / "gate.yaml").write_text(config + "cache: {mode: exact, store: 'sqlite:cache.db'}\n")
    chance = random.Random(7)
    stored: dict[int, bytes] = {}
    numbers = iter(range(10**6))
    for _ in range(3):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        gate = start(tmp_path, port)
        url = f"http://127.0.0.1:{port}/v1/chat/completions"
        for number, content in stored.items():
            reply = httpx2.post(url, json=body(number))
            assert "hit" in reply.headers["cache-status"], number
            assert reply.content == content

        threads = [threading.Thread(target=load, args=(url, numbers, stored)) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.3 + chance.random())
        gate.send_signal(signal.SIGKILL)
        for thread in threads:
            thread.join()
        gate.wait()
    assert len(stored) > 50, json.dumps(len(stored))
