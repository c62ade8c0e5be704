"""A provider that misbehaves is survived: the caller gets an error of its own dialect or the whole reply, never half a
reply that looks whole; the provider is called once, and nothing stays open."""

import asyncio
import gc
import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

import tidegate.engine.sse as sse_module
from tidegate.engine import limits
from tidegate.tests.promises import behaving
from tidegate.tests.promises.behaving import BROKEN, ERROR, GOOD, PASSED, TEXT, WITHHELD, Call
from tidegate.tests.promises.misbehaving import CASES

SETUPS = ("bare", "guarded")
DIALECTS = ("chat", "responses", "anthropic", "gemini")


@dataclass
class Wire:
    """The misbehaving provider: a TCP server on a thread of its own, which reads one request a connection."""

    port: int = 0
    calls: Counter[str] = field(default_factory=Counter[str])
    open: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def start(self) -> threading.Thread:
        ready = threading.Event()

        async def serve() -> None:
            server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512)
            self.port = server.sockets[0].getsockname()[1]
            self._stop = asyncio.Event()
            ready.set()
            await self._stop.wait()
            server.close()

        thread = threading.Thread(target=lambda: self._loop.run_until_complete(serve()), daemon=True)
        thread.start()
        assert ready.wait(10)
        return thread

    def stop(self, thread: threading.Thread) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        thread.join(10)
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            body = json.loads(await reader.readexactly(int(sizes[0].split(b":")[1])))
            model = path.split("/models/")[1].partition(":")[0] if "/models/" in path else body["model"]
            self.calls[model] += 1
            name, dialect, form, _ = model.split(".")
            await CASES[name].script(Call(GOOD[dialect], form == "stream", reader, writer))
            if writer.can_write_eof():
                writer.write_eof()
            await reader.read()  # until the gate closes, so that what was sent last is not lost to a reset
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()
            self.open -= 1


@dataclass(frozen=True)
class Outcome:
    status: int
    kind: str
    body: bytes


Key = tuple[str, str, str, str]
KEYS: list[Key] = [
    (name, dialect, form, setup)
    for name in sorted(CASES)
    for dialect in DIALECTS
    for form in ("whole", "stream")
    for setup in SETUPS
]


def config(port: int, setup: str) -> str:
    calm, quick = (
        "{connect: 20, first_byte: 20, between_bytes: 20, total: 60}",
        "{first_byte: 1, between_bytes: 1, total: 2}",
    )
    lines = ["version: 1", "providers:"]
    for name, times in (("calm", calm), ("quick", quick)):
        url = f"http://127.0.0.1:{port}"
        lines.append(
            f"  {name}: {{kind: openai, base_url: '{url}/v1', speaks: [openai, anthropic], timeouts: {times}}}"
        )
        lines.append(f"  {name}-g: {{kind: gemini, base_url: '{url}', timeouts: {times}}}")
    lines += [
        "routes:",
        "  - {when: {model: 'slow-*', dialect: [gemini]}, to: [quick-g]}",
        "  - {when: {model: 'slow-*'}, to: [quick]}",
        "  - {when: {dialect: [gemini]}, to: [calm-g]}",
        "  - {to: [calm]}",
    ]
    if setup == "guarded":
        lines += ["guardrails: {files: [rules.yaml]}", "cache: {mode: exact}"]
    return "\n".join(lines) + "\n"


RULES = "version: 1\nrules:\n- {id: words, scope: [input, output], detect: {keywords: [falcon]}, action: block}\n"


async def ask(client: httpx2.AsyncClient, url: str, key: Key) -> Outcome:
    _, dialect, form, _ = key
    good, model = GOOD[dialect], ".".join(key)
    path = (good.stream_path if form == "stream" else good.path).replace("{model}", model)
    body = good.body if dialect == "gemini" else good.body | {"model": model, "stream": form == "stream"}
    reply = await client.post(url + path, json=body)
    return Outcome(reply.status_code, reply.headers["content-type"].partition(";")[0], reply.content)


async def ask_all(urls: dict[str, str]) -> dict[Key, Outcome]:
    """All at once where a deadline has to pass, a few at once where something is computed."""
    fresh = httpx2.Limits(max_keepalive_connections=0)
    outcomes: dict[Key, Outcome] = {}
    async with httpx2.AsyncClient(timeout=60, limits=fresh) as client:

        async def one(key: Key, places: asyncio.Semaphore) -> None:
            async with places:
                outcomes[key] = await ask(client, urls[key[3]], key)

        for slow, most in ((True, 100), (False, 12)):
            places = asyncio.Semaphore(most)
            await asyncio.gather(*(one(key, places) for key in KEYS if key[0].startswith("slow-") == slow))
    return outcomes


@dataclass
class Run:
    outcomes: dict[Key, Outcome]
    calls: Counter[str]
    left_open: int
    descriptors: tuple[int, int]


def descriptors() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, support: Any) -> Iterator[Run]:
    caps = pytest.MonkeyPatch()
    for module in (limits, sse_module):
        for name in ("EVENT_BYTES", "REPLY_BYTES"):
            caps.setattr(module, name, getattr(behaving, name))
    wire = Wire()
    thread = wire.start()
    gates: list[Any] = []
    urls: dict[str, str] = {}
    for setup in SETUPS:
        folder: Path = tmp_path_factory.mktemp(setup)
        (folder / "rules.yaml").write_text(RULES)
        loaded = support.parse_config(config(wire.port, setup), file=str(folder / "gate.yaml"), folder=folder)
        gates.append(support.Running(support.Gate(loaded).app()))
        urls[setup] = gates[-1].url
    before = descriptors()
    gc.disable()  # what is closed is closed by the gate, not by chance
    outcomes = asyncio.run(ask_all(urls))
    for _ in range(500):
        if wire.open == 0 and descriptors() <= before:
            break
        threading.Event().wait(0.02)
    gc.enable()
    yield Run(outcomes, wire.calls, wire.open, (before, descriptors()))
    for gate in gates:
        gate.stop()
    wire.stop(thread)
    caps.undo()


def events(body: bytes) -> list[bytes]:
    return [line[6:] for line in body.split(b"\n") if line.startswith(b"data: ")]


def is_error(dialect: str, body: Any) -> bool:
    """Whether this is an error as the dialect's SDK knows it."""
    error = body.get("error")
    if dialect == "anthropic":
        return body["type"] == "error" and bool(error["type"] and error["message"])
    if dialect == "gemini":
        return bool(error["message"] and error["status"]) and type(error["code"]) is int
    return bool(error["message"] and error["type"]) if error else body["type"] == "error" and bool(body["message"])


def came_to(key: Key, outcome: Outcome) -> str:
    name, dialect, form, _ = key
    good = GOOD[dialect]
    if outcome.status != 200:
        assert is_error(dialect, json.loads(outcome.body))
        return ERROR
    if form == "whole":
        body = json.loads(outcome.body)
        assert ("x_deep" in body) == (name == "json-nested-as-deeply-as-it-may")
        body.pop("x_deep", None)
        assert body == good.whole or is_error(dialect, body), name
        return PASSED
    assert outcome.kind == "text/event-stream"
    if b'"tidegate":{"guard":"blocked"' in outcome.body:
        return WITHHELD
    ended = good.end in outcome.body
    last = events(outcome.body)[-1]
    if not ended:
        assert is_error(dialect, json.loads(last))
        return BROKEN
    return PASSED if TEXT.encode() in outcome.body else "cut in silence"


@pytest.mark.parametrize(("name", "dialect", "form", "setup"), KEYS)
def test_a_misbehaving_provider_ends_in_an_error_or_a_whole_reply_and_is_called_once(
    name: str, dialect: str, form: str, setup: str, run: Run
) -> None:
    case, key = CASES[name], (name, dialect, form, setup)
    expected = case.whole if form == "whole" else case.guarded if setup == "guarded" else case.stream
    assert came_to(key, run.outcomes[key]) in expected.split(), run.outcomes[key].body[-600:]
    assert run.calls[".".join(key)] == case.calls


def test_nothing_stays_open_behind_misbehaving_providers(run: Run) -> None:
    assert run.left_open == 0
    before, after = run.descriptors
    assert after <= before
