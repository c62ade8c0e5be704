"""Whether an answer that a caller was told is stored is there after kill -9.

    python -m benchmarks.crash [--kills 50] [--store sqlite | redis | server] [--seed 7]

A real gate answers four callers that ask new questions without a pause; at a random moment it is killed, started
again, and asked what it reported stored: each must be a hit, byte for byte. `sqlite`: one file; `redis`: the gate is
killed and the server lives; `server`: the server is killed as well, with its append-only file on. Exits with 1 when an
answer is lost or differs.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .client import Client
from .servers import Server, free_port, wait_for

CALLERS = 4
LOADED_SECONDS = (0.2, 1.0)
"""How long a gate is under load before it is killed."""
SAMPLE = 400
"""Stored answers asked for after each kill, the newest and a random choice of the others; all of them at the end."""
ENVIRONMENT = {**os.environ, "NO_COLOR": "1", "CRASH_SECRET": "the same for every gate"}
CONFIG = """version: 1
secret: ${{CRASH_SECRET}}
providers: {{up: {{kind: openai, base_url: 'http://127.0.0.1:{port}/v1', api_key: k}}}}
cache: {{mode: exact, store: '{store}'}}
"""


@dataclass
class Found:
    """What came out. `stored`: answers by the number of their question."""

    stored: dict[int, bytes] = field(default_factory=dict[int, bytes])
    asked: int = 0
    lost: int = 0
    torn: int = 0


def start(folder: Path) -> tuple["subprocess.Popen[bytes]", int]:
    """A gate in a process of its own, and its port."""
    port = free_port()
    command = [sys.executable, "-m", "tidegate.serve.cli", "serve", "--port", str(port)]
    gate = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, gate)
    except RuntimeError:
        gate.kill()
        raise
    return gate, port


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """A provider that repeats the question, so that no two answers are equal."""
    if scope["type"] != "http":
        return
    asked = json.loads((await receive())["body"])
    message = {"role": "assistant", "content": "You asked: " + asked["messages"][-1]["content"]}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    raw = json.dumps({"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": raw.encode()})


def body(number: int) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": f"question number {number}"}]}


async def load(port: int, numbers: Any, found: Found) -> None:
    """Ask new questions until the gate is gone."""
    client = Client(port)
    with contextlib.suppress(OSError, asyncio.IncompleteReadError, IndexError):
        while True:
            number = next(numbers)
            got = await client.post(body(number))
            if "stored" in got.headers.get("cache-status", ""):
                found.stored[number] = got.body


async def check(port: int, numbers: list[int], found: Found) -> None:
    """Ask again what was reported stored."""
    client = Client(port)
    for number in numbers:
        got = await client.post(body(number))
        hit = "hit" in got.headers.get("cache-status", "")
        found.asked += 1
        found.lost += not hit
        found.torn += hit and got.body != found.stored[number]
    await client.close()


async def run(folder: Path, kills: int, store: str, seed: int = 7) -> Found:
    """Kill a gate again and again. Raises Unavailable when there is no server."""
    chance, found, numbers = random.Random(seed), Found(), iter(range(10**9))
    server = None if store == "sqlite" else Server(folder, lasting=True)
    mock_port = free_port()
    command = [sys.executable, "-m", "uvicorn", "tidegate.benchmarks.crash:echo", "--port", str(mock_port)]
    mock = subprocess.Popen([*command, "--log-level", "error"])  # noqa: ASYNC220
    try:
        wait_for(mock_port, mock)
        url = "sqlite:cache.db" if server is None else server.url
        (folder / "gate.yaml").write_text(CONFIG.format(port=mock_port, store=url))
        for _ in range(kills):
            gate, port = await asyncio.to_thread(start, folder)
            known = list(found.stored)
            old = chance.sample(known[: -SAMPLE // 2], min(len(known[: -SAMPLE // 2]), SAMPLE // 2))
            await check(port, known[-SAMPLE // 2 :] + old, found)
            tasks = [asyncio.create_task(load(port, numbers, found)) for _ in range(CALLERS)]
            await asyncio.sleep(chance.uniform(*LOADED_SECONDS))
            if server is not None and store == "server":
                server.kill()
            gate.kill()
            await asyncio.gather(*tasks)
            gate.wait()
            if server is not None and store == "server":
                await asyncio.to_thread(server.start)
        gate, port = await asyncio.to_thread(start, folder)
        await check(port, list(found.stored), found)
        gate.kill()
        gate.wait()
    finally:
        mock.kill()
        mock.wait()
        if server is not None:
            server.kill()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="Whether what was reported stored is there after kill -9.")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--store", choices=["sqlite", "redis", "server"], default="sqlite")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        found = asyncio.run(run(Path(name), arguments.kills, arguments.store, arguments.seed))
    print(
        f"{arguments.store}: killed {arguments.kills} times in {time.perf_counter() - begun:.0f} s; "
        f"{len(found.stored)} answers reported stored, asked for {found.asked} times: {found.lost} lost, "
        f"{found.torn} torn"
    )
    return int(found.lost + found.torn > 0 or not found.stored)


if __name__ == "__main__":
    sys.exit(main())
