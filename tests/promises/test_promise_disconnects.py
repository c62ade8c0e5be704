"""A client that leaves takes its upstream call along, whatever phase the call is in; nothing stays open behind it."""

import asyncio
import contextlib
import gc
import json
import random
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 5.0
"""Seconds until a test gives up; all deadlines of the gate are far longer, so that only the client's leaving can end a
call."""
TIMES = "{connect: 60, first_byte: 60, between_bytes: 60, total: 120}"
SETUPS = ("bare", "guarded")
RULES = "version: 1\nrules:\n- {id: words, scope: [input, output], detect: {keywords: [falcon]}, action: block}\n"
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
WHOLE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n"

PHASES = ("connecting", "asked", "before-events", "in-stream", "not-reading", "in-whole-body")
DIALECTS = ("chat", "responses", "anthropic", "gemini", "passthrough")
PATHS = {
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
    "anthropic": "/v1/messages",
    "passthrough": "/v1/files",
}


def event(dialect: str, text: str) -> bytes:
    """A piece of a stream of the dialect."""
    place = {"item_id": "i", "output_index": 0, "content_index": 0}
    said: dict[str, Any] = {
        "chat": {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]},
        "responses": {"type": "response.output_text.delta", "sequence_number": 1, **place, "delta": text},
        "anthropic": {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}},
        "gemini": {"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}]},
        "passthrough": {"any": text},
    }[dialect]
    kind = f"event: {said['type']}\n" if "type" in said else ""
    return f"{kind}data: {json.dumps(said)}\n\n".encode()


@dataclass
class Call:
    """One connection at the provider, over when the gate closes it."""

    phase: str = ""
    dialect: str = ""
    written: int = 0
    arrived: threading.Event = field(default_factory=threading.Event)
    """Set once the call has come to its phase."""
    closed: threading.Event = field(default_factory=threading.Event)


class Provider:
    """TCP servers on a thread: one that a call comes to a named phase at and then waits, one that never answers TLS."""

    def __init__(self) -> None:
        self.calls: dict[str, list[Call]] = defaultdict(list)
        """By the name in the request, which begins with the phase."""
        self.open = 0
        self._go_on: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._loop = asyncio.new_event_loop()
        self._sockets = [socket.create_server(("127.0.0.1", 0), backlog=128) for _ in range(2)]
        self.port, self.tls_port = (listening.getsockname()[1] for listening in self._sockets)
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),), daemon=True)
        self._thread.start()

    async def _run(self) -> None:
        self._stop = asyncio.Event()
        plain, tls = self._sockets
        servers = [
            await asyncio.start_server(self._serve, sock=plain),
            await asyncio.start_server(self._serve_tls, sock=tls),
        ]
        await self._stop.wait()
        for server in servers:
            server.close()

    def go_on(self, name: str) -> None:
        """Let the calls of that name answer."""
        self._loop.call_soon_threadsafe(lambda: self._go_on[name].set())

    def close(self) -> None:
        self._loop.call_soon_threadsafe(lambda: self._stop.set())
        self._thread.join(10)
        self._loop.close()

    def wait_for(self, name: str, number: int = 0) -> Call:
        """The call of that name, once it has come to its phase."""
        until = time.monotonic() + PATIENCE
        while len(self.calls[name]) <= number:
            assert time.monotonic() < until, "the request does not arrive"
            time.sleep(0.002)
        call = self.calls[name][number]
        assert call.arrived.wait(PATIENCE)
        return call

    async def _serve_tls(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = Call()
        self.calls["connecting"].append(call)
        await self._until_closed(call, reader, writer, self._say_nothing(call))

    async def _say_nothing(self, call: Call) -> None:
        call.arrived.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ", 2)[1].decode().partition("?")[0]
        sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        body = json.loads(await reader.readexactly(int(sizes[0].split(b":")[1])))
        name = path.split("/models/")[1].partition(":")[0] if "/models/" in path else body["model"]
        call = Call(*name.split(".")[:2])
        self.calls[name].append(call)
        await self._until_closed(call, reader, writer, self._talk(name, call, writer))

    async def _until_closed(
        self, call: Call, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, talk: Coroutine[Any, Any, None]
    ) -> None:
        self.open += 1
        talking = asyncio.ensure_future(talk)
        with contextlib.suppress(OSError):
            await reader.read()
        call.closed.set()
        talking.cancel()
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await talking
        writer.close()
        self.open -= 1

    async def _talk(self, name: str, call: Call, writer: asyncio.StreamWriter) -> None:
        piece = event(call.dialect, "one ")
        if call.phase == "before-events":
            writer.write(STREAM)
        elif call.phase == "in-stream":
            writer.write(STREAM + piece)
        elif call.phase == "in-whole-body":
            writer.write(WHOLE + b'{"half": "')
        await writer.drain()
        call.arrived.set()
        if call.phase == "not-reading":
            writer.write(STREAM)
            while True:
                writer.write(event(call.dialect, "word " * 2000))
                await writer.drain()
                call.written += 1
        await self._go_on[name].wait()
        writer.write(STREAM + piece + b"data: [DONE]\n\n")
        writer.write_eof()


CELLS = [cell for cell in product(PHASES, DIALECTS) if cell != ("connecting", "passthrough")]
"""A request that is passed through has no model, and so cannot be sent to the provider that never answers TLS."""


@dataclass(frozen=True)
class Stage:
    provider: Provider
    gates: dict[str, Any]
    ports: dict[str, int]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, support: Any) -> Iterator[Stage]:
    provider = Provider()
    url = f"http://127.0.0.1:{provider.port}"
    text = f"""version: 1
providers:
  up: {{kind: openai, base_url: '{url}/v1', speaks: [openai, anthropic], timeouts: {TIMES}}}
  up-g: {{kind: gemini, base_url: '{url}', timeouts: {TIMES}}}
  tls: {{kind: openai, base_url: 'https://127.0.0.1:{provider.tls_port}/v1', speaks: [openai, anthropic],
    timeouts: {TIMES}}}
  tls-g: {{kind: gemini, base_url: 'https://127.0.0.1:{provider.tls_port}', timeouts: {TIMES}}}
routes:
  - {{when: {{model: 'connecting*', dialect: [gemini]}}, to: [tls-g]}}
  - {{when: {{model: 'connecting*'}}, to: [tls]}}
  - {{when: {{dialect: [gemini]}}, to: [up-g]}}
  - {{to: [up], passthrough: true}}
"""
    gates: dict[str, Any] = {}
    running: dict[str, Any] = {}
    for setup in SETUPS:
        folder: Path = tmp_path_factory.mktemp(setup)
        (folder / "rules.yaml").write_text(RULES)
        more = "guardrails: {files: [rules.yaml]}\ncache: {mode: exact}\n" if setup == "guarded" else ""
        loaded = support.parse_config(text + more, file=str(folder / "gate.yaml"), folder=folder)
        gates[setup] = support.Gate(loaded)
        running[setup] = support.Running(gates[setup].app())
    gc.disable()  # what is closed is closed by the gate, not by chance
    yield Stage(provider, gates, {setup: one.port for setup, one in running.items()})
    gc.enable()
    for one in running.values():
        one.stop()
    provider.close()


def ask(port: int, name: str, dialect: str, *, stream: bool = True) -> socket.socket:
    """A request on a connection of its own."""
    method = "streamGenerateContent" if stream else "generateContent"
    path = PATHS.get(dialect, f"/v1beta/models/{name}:{method}" + ("?alt=sse" if stream else ""))
    body: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": name}]}]}
    if dialect != "gemini":
        messages = [{"role": "user", "content": name}]
        body = {"model": name, "stream": stream, "messages": messages, "input": name, "max_tokens": 9}
        del body["messages" if dialect == "responses" else "input"]
    raw = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: gate\r\ncontent-type: application/json\r\ncontent-length: {len(raw)}\r\n\r\n"
    client = socket.create_connection(("127.0.0.1", port))
    client.settimeout(PATIENCE)
    client.sendall(head.encode() + raw)
    return client


def settle(stage: Stage, setup: str, descriptors: int) -> None:
    """Wait until nothing is open any more, and say what is if that does not come."""
    until = time.monotonic() + PATIENCE
    while True:
        state = (stage.provider.open, stage.gates[setup].handler.in_flight, max(0, count() - descriptors))
        if state == (0, 0, 0):
            return
        assert time.monotonic() < until, f"connections, exchanges, descriptors left: {state}"
        time.sleep(0.01)


def count() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def when_blocked(call: Call) -> None:
    """Wait until the provider can write no more because the caller does not read."""
    seen = -1
    while seen != call.written:
        seen = call.written
        time.sleep(0.15)


@pytest.mark.parametrize("setup", SETUPS)
@pytest.mark.parametrize(("phase", "dialect"), CELLS)
def test_a_client_that_leaves_takes_its_upstream_call_along(phase: str, dialect: str, setup: str, stage: Stage) -> None:
    before = count()
    name = "connecting" if phase == "connecting" else f"{phase}.{dialect}.{setup}"
    number = len(stage.provider.calls[name])
    client = ask(stage.ports[setup], name, dialect, stream=phase != "in-whole-body")
    call = stage.provider.wait_for(name, number)
    if phase in ("before-events", "in-stream"):
        assert client.recv(65536).startswith(b"HTTP/1.1 200")
    if phase == "not-reading":
        when_blocked(call)
    assert not call.closed.is_set()
    client.close()
    assert call.closed.wait(PATIENCE)
    settle(stage, setup, before)


@pytest.mark.parametrize("first", ["leader", "joiner"])
def test_of_callers_that_share_a_call_one_leaves_and_the_other_is_answered(first: str, stage: Stage) -> None:
    before, name = count(), f"asked.chat.{first}"
    leader = ask(stage.ports["guarded"], name, "chat")
    call = stage.provider.wait_for(name)
    joiner = ask(stage.ports["guarded"], name, "chat")
    flights = stage.gates["guarded"]
    until = time.monotonic() + PATIENCE
    while flights.handler.in_flight < 2:
        assert time.monotonic() < until
        time.sleep(0.002)
    leaves, stays = (leader, joiner) if first == "leader" else (joiner, leader)
    leaves.close()
    while flights.handler.in_flight > 1:
        assert time.monotonic() < until
        time.sleep(0.002)
    assert not call.closed.is_set()
    stage.provider.go_on(name)
    answer = b""
    while b"[DONE]" not in answer:
        piece = stays.recv(65536)
        assert piece, answer
        answer += piece
    assert b"one " in answer
    stays.close()
    assert len(stage.provider.calls[name]) == 1
    settle(stage, "guarded", before)


def test_when_all_callers_of_a_shared_call_leave_it_is_closed(stage: Stage) -> None:
    before, name = count(), "asked.chat.all"
    clients = [ask(stage.ports["guarded"], name, "chat") for _ in range(5)]
    call = stage.provider.wait_for(name)
    for client in clients:
        assert not call.closed.is_set()
        client.close()
    assert call.closed.wait(PATIENCE)
    assert len(stage.provider.calls[name]) == 1
    settle(stage, "guarded", before)


def test_many_clients_that_leave_at_any_moment_leave_nothing_behind(stage: Stage) -> None:
    before, chance = count(), random.Random(11)
    for number in range(150):
        phase = chance.choice([phase for phase in PHASES if phase != "connecting"])
        dialect, setup = chance.choice(DIALECTS), chance.choice(SETUPS)
        client = ask(stage.ports[setup], f"{phase}.{dialect}.{number}", dialect, stream=phase != "in-whole-body")
        time.sleep(chance.random() * 0.01)
        client.close()
    for setup in SETUPS:
        settle(stage, setup, before)


def test_a_client_that_stays_and_does_not_read_is_left(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidegate.serve.protocol.WRITE_SECONDS", 0.2)
    before, name = count(), "not-reading.chat.stays"
    client = ask(stage.ports["bare"], name, "chat")
    call = stage.provider.wait_for(name)
    assert call.closed.wait(PATIENCE)
    client.close()
    settle(stage, "bare", before)
