"""A gate that is told to stop: what is under way may end, and what does not is cut without a page of log."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

COMMAND = [sys.executable, "-m", "tidegate.serve.cli", "serve", "--port", "0", "--json"]


def _refused(url: str, within: float) -> bool:
    """Whether nobody takes connections any more. One that is taken is left open by nobody."""
    end, (host, port) = time.monotonic() + within, url.removeprefix("http://").split(":")
    while time.monotonic() < end:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except ConnectionRefusedError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("workers", ["1", "2"])
def test_while_what_is_under_way_ends_nobody_new_is_kept_waiting(
    tmp_path: Path, upstream: Any, support: Any, workers: str
) -> None:
    going = threading.Event()

    async def slow(body: dict[str, Any], send: Any) -> None:
        await support.start_stream(send)
        await support.push(send, support.chunk({"content": "word "}))
        await asyncio.to_thread(going.wait, 30)
        await support.push(send, support.chunk({}, "stop"))
        await support.push(send, b"[DONE]")
        await send({"type": "http.response.body", "body": b""})

    upstream.script = slow
    provider = f"providers: {{up: {{kind: openai, base_url: '{upstream.url}', api_key: kkkkkkkkkkkkkkkkkkkk}}}}"
    (tmp_path / "gate.yaml").write_text(f"version: 1\nlisten: {{grace: 60s}}\n{provider}\n")
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "hello"}]}
    command = [*COMMAND, "--workers", workers]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["address"]
        with httpx2.stream("POST", url + "/v1/chat/completions", json=body, timeout=30) as reply:
            pieces = reply.iter_raw()
            assert b"word" in next(pieces)
            process.send_signal(signal.SIGTERM)
            refused = _refused(url, 10)
            going.set()
            assert b"[DONE]" in b"".join(pieces)
        assert process.wait(30) in (0, -signal.SIGTERM)
    assert refused


@pytest.mark.parametrize(
    ("workers", "signals", "grace"),
    [("1", [signal.SIGTERM], 1), ("2", [signal.SIGTERM], 1), ("1", [signal.SIGINT] * 2, 60)],
    ids=["at the end of its grace", "in one of several processes", "at a second Ctrl-C"],
)
def test_a_stream_without_end_is_cut(
    tmp_path: Path, upstream: Any, support: Any, workers: str, signals: list[signal.Signals], grace: int
) -> None:
    async def endless(body: dict[str, Any], send: Any) -> None:
        await support.start_stream(send)
        while True:
            await support.push(send, support.chunk({"content": "word "}))
            await asyncio.sleep(0.05)

    upstream.script = endless
    provider = f"providers: {{up: {{kind: openai, base_url: '{upstream.url}', api_key: kkkkkkkkkkkkkkkkkkkk}}}}"
    (tmp_path / "gate.yaml").write_text(f"version: 1\nlisten: {{grace: {grace}s}}\n{provider}\n")
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "hello"}]}
    with (
        (tmp_path / "err").open("w") as err,
        subprocess.Popen(
            [*COMMAND, "--workers", workers],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=err,
        ) as process,
    ):
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["address"]
        with httpx2.stream("POST", url + "/v1/chat/completions", json=body, timeout=30) as reply:
            pieces = reply.iter_raw()
            assert b"word" in next(pieces)
            began = time.monotonic()
            for each in signals:
                process.send_signal(each)
                time.sleep(0.1)
            with pytest.raises(httpx2.RemoteProtocolError):
                list(pieces)
        process.wait(30)
    assert time.monotonic() - began < 15
    said = (tmp_path / "err").read_text()
    assert "Traceback" not in said and said.count("\n") <= 2 * int(workers), said
