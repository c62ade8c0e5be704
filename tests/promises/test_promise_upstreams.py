"""A provider that misbehaves is survived: the caller gets an error of its own dialect or the whole reply, never half a
reply that looks whole; the provider is called once, and nothing stays open."""

import asyncio
import gc
import gzip
import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

import tidegate.engine.sse as sse_module
from tidegate.engine import limits

PASSED, ERROR, BROKEN, WITHHELD = "passed", "error", "broken", "withheld"
"""A whole reply; an error in place of one; a stream that ends with an error event and without its end mark; one that
the rules ended, and say so."""
SETUPS = ("bare", "guarded")
DIALECTS = ("chat", "responses", "anthropic", "gemini")
LINE_BYTES, EVENT_BYTES, REPLY_BYTES = 300_000, 1_000_000, 3_000_000
"""The gate's caps, made smaller for this file."""
TEXT = "half a word, ünd more"


@dataclass(frozen=True)
class Good:
    """What a well-behaved provider would have answered, and how a dialect marks ends and errors."""

    path: str
    stream_path: str
    body: dict[str, Any]
    whole: dict[str, Any]
    events: list[bytes]
    end: bytes
    error: dict[str, Any]

    def kind(self, streamed: bool) -> str:
        return "text/event-stream" if streamed else "application/json"

    def raw(self, streamed: bool) -> bytes:
        return b"".join(self.events) if streamed else json.dumps(self.whole, ensure_ascii=False).encode()


def sse(data: Any, kind: str = "") -> bytes:
    raw = data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode()
    return (b"event: " + kind.encode() + b"\n" if kind else b"") + b"data: " + raw + b"\n\n"


def typed(*events: dict[str, Any]) -> list[bytes]:
    return [sse(event, event["type"]) for event in events]


def _good() -> dict[str, Good]:
    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return sse({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]})

    messages = [{"role": "user", "content": "hi"}]
    message = {"role": "assistant", "content": TEXT}
    completion = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
    response: dict[str, Any] = {"id": "r", "object": "response", "model": "m", "status": "in_progress", "output": []}
    part = {"type": "output_text", "text": TEXT, "annotations": []}
    item = {"id": "i", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
    place = {"item_id": "i", "output_index": 0, "content_index": 0}
    told = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None}
    usage = {"input_tokens": 1, "output_tokens": 1}
    candidate = {"content": {"role": "model", "parts": [{"text": TEXT}]}, "index": 0}
    gemini = "/v1beta/models/{model}:"
    return {
        "chat": Good(
            *("/v1/chat/completions", "/v1/chat/completions"),
            {"messages": messages},
            {**completion, "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]},
            [chunk(message), chunk({"content": "."}), chunk({}, "stop"), sse(b"[DONE]")],
            b"[DONE]",
            {"error": {"message": "too much", "type": "server_error", "param": None, "code": None}},
        ),
        "responses": Good(
            *("/v1/responses", "/v1/responses"),
            {"input": "hi"},
            {**response, "status": "completed", "output": [item]},
            typed(
                {"type": "response.created", "sequence_number": 0, "response": response},
                {"type": "response.output_text.delta", "sequence_number": 1, **place, "delta": TEXT},
                {"type": "response.output_text.done", "sequence_number": 2, **place, "text": TEXT},
                {
                    "type": "response.completed",
                    "sequence_number": 3,
                    "response": {**response, "status": "completed", "output": [item]},
                },
            ),
            b"response.completed",
            {"type": "error", "message": "too much", "code": "server_error", "param": None, "sequence_number": 2},
        ),
        "anthropic": Good(
            *("/v1/messages", "/v1/messages"),
            {"messages": messages, "max_tokens": 9},
            {**told, "content": [{"type": "text", "text": TEXT}], "stop_reason": "end_turn", "usage": usage},
            typed(
                {"type": "message_start", "message": {**told, "usage": usage}},
                {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": TEXT}},
                {"type": "content_block_stop", "index": 0},
                {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage},
                {"type": "message_stop"},
            ),
            b"message_stop",
            {"type": "error", "error": {"type": "overloaded_error", "message": "too much"}},
        ),
        "gemini": Good(
            *(gemini + "generateContent", gemini + "streamGenerateContent?alt=sse"),
            {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]},
            {"candidates": [{**candidate, "finishReason": "STOP"}]},
            [sse({"candidates": [candidate]}), sse({"candidates": [{**candidate, "finishReason": "STOP"}]})],
            b"finishReason",
            {"error": {"code": 503, "message": "too much", "status": "UNAVAILABLE"}},
        ),
    }


GOOD = _good()


@dataclass
class Call:
    """One request that arrived, and what would have been right."""

    good: Good
    streamed: bool
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def gone(self) -> None:
        """Wait until the gate closes the connection."""
        await self.reader.read()

    @property
    def raw(self) -> bytes:
        return self.good.raw(self.streamed)

    @property
    def begun(self) -> bytes:
        """The first part of a reply: for a stream its first events, for a whole one half of it."""
        events = self.good.events
        return b"".join(events[: len(events) // 2]) if self.streamed else self.raw[: len(self.raw) // 2]

    async def say(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def head(self, *lines: str, status: str = "200 OK", kind: str = "") -> None:
        all_lines = (f"HTTP/1.1 {status}", f"content-type: {kind or self.good.kind(self.streamed)}", *lines)
        await self.say("\r\n".join(all_lines).encode() + b"\r\n\r\n")

    async def answer(self, body: bytes, *lines: str, status: str = "200 OK", kind: str = "") -> None:
        await self.head(f"content-length: {len(body)}", *lines, status=status, kind=kind)
        await self.say(body)

    async def forever(self, piece: bytes, pause: float = 0.0) -> None:
        while True:
            await self.say(piece)
            await asyncio.sleep(pause)


def chunked(*pieces: bytes) -> bytes:
    return b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces)


CHUNKED = "transfer-encoding: chunked"
Script = Callable[[Call], Awaitable[None]]


@dataclass(frozen=True)
class Case:
    name: str
    script: Script
    whole: str
    """What it may come to; several words where it depends on how the bytes happen to arrive."""
    stream: str
    guarded: str = ""
    """What a stream comes to when rules read it, if that is something else."""
    calls: int = 1


CASES: dict[str, Case] = {}


def case(
    whole: str, stream: str, *, guarded: str = "", slow: bool = False, calls: int = 1
) -> Callable[[Script], Script]:
    """Register a misbehaviour. `slow` ones last until a deadline, which is short for them."""

    def keep(script: Script) -> Script:
        name = ("slow-" if slow else "") + script.__name__.replace("_", "-")
        CASES[name] = Case(name, script, whole, stream, guarded or stream, calls)
        return script

    return keep


@case(PASSED, PASSED)
async def behaves(call: Call) -> None:
    await call.answer(call.raw)


@case(ERROR, ERROR, slow=True)
async def silent(call: Call) -> None:
    await call.gone()


@case(ERROR, ERROR)
async def closes_at_once(call: Call) -> None:
    pass


@case(ERROR, ERROR)
async def resets(call: Call) -> None:
    sock = call.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    call.writer.transport.abort()


@case(ERROR, BROKEN)
async def resets_in_the_body(call: Call) -> None:
    await call.head(CHUNKED)
    await call.say(chunked(call.begun))
    await asyncio.sleep(0.05)
    await resets(call)


@case(ERROR, ERROR)
async def half_a_head(call: Call) -> None:
    await call.say(b"HTTP/1.1 200 OK\r\ncontent-ty")


@case(ERROR, ERROR, slow=True)
async def half_a_head_and_silence(call: Call) -> None:
    await call.say(b"HTTP/1.1 200 OK\r\ncontent-ty")
    await call.gone()


@case(ERROR, ERROR)
async def wrong_status_line(call: Call) -> None:
    await call.say(b"HTTP/1.1 abc OK\r\ncontent-length: 0\r\n\r\n")


@case(ERROR, ERROR)
async def another_protocol(call: Call) -> None:
    await call.say(b"SSH-2.0-OpenSSH_9.6\r\n")


@case(ERROR, ERROR)
async def a_status_that_is_none(call: Call) -> None:
    await call.answer(call.raw, status="999 What")


@case(ERROR, ERROR)
async def switches_protocols(call: Call) -> None:
    await call.say(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n")
    await call.say(call.raw)


@case(ERROR, ERROR)
async def no_content(call: Call) -> None:
    await call.say(b"HTTP/1.1 204 No Content\r\n\r\n")


@case(ERROR, ERROR)
async def a_huge_header(call: Call) -> None:
    await call.answer(call.raw, "x-a: " + "a" * 100_000)


@case(ERROR, ERROR)
async def many_headers(call: Call) -> None:
    await call.answer(call.raw, *(f"x-{number}: a" for number in range(1000)))


@case(ERROR, ERROR)
async def large_headers_together(call: Call) -> None:
    await call.answer(call.raw, *(f"x-{number}: {'a' * 2000}" for number in range(40)))


@case(ERROR, ERROR)
async def endless_headers(call: Call) -> None:
    await call.say(b"HTTP/1.1 200 OK\r\n")
    await call.forever(b"x-a: a\r\n" * 100)


@case(ERROR, BROKEN)
async def shorter_than_its_length(call: Call) -> None:
    await call.head(f"content-length: {len(call.raw)}")
    await call.say(call.begun)


@case(f"{PASSED} {ERROR}", f"{PASSED} {ERROR} {BROKEN}")
async def longer_than_its_length(call: Call) -> None:
    await call.answer(call.raw)
    await call.say(b'{"and": "more"}' * 100)


@case(ERROR, ERROR)
async def two_lengths(call: Call) -> None:
    await call.answer(call.raw, f"content-length: {len(call.raw) - 9}")


@case(ERROR, ERROR)
async def length_and_chunks(call: Call) -> None:
    await call.answer(chunked(call.raw, b""), CHUNKED)


@case(ERROR, BROKEN)
async def chunks_that_are_none(call: Call) -> None:
    await call.head(CHUNKED)
    await call.say(chunked(call.begun))
    await asyncio.sleep(0.05)
    await call.say(b"zz\r\n" + call.raw)


@case(ERROR, BROKEN)
async def cut_in_a_chunk(call: Call) -> None:
    await call.head(CHUNKED)
    await call.say(chunked(call.begun) + b"ffff\r\n" + call.raw[len(call.begun) :][:20])


@case(ERROR, BROKEN)
async def cut_between_chunks(call: Call) -> None:
    await call.head(CHUNKED)
    await call.say(chunked(call.begun))


@case(ERROR, BROKEN)
async def cut_inside_a_character(call: Call) -> None:
    await call.head()
    await call.say(call.raw[: call.raw.index("ü".encode()) + 1])


@case(ERROR, ERROR)
async def html(call: Call) -> None:
    await call.answer(b"<html>hello</html>", kind="text/html")


@case(ERROR, ERROR)
async def html_of_a_proxy(call: Call) -> None:
    await call.answer(b"<html>Bad Gateway</html>", status="502 Bad Gateway", kind="text/html")


@case(ERROR, ERROR)
async def json_that_is_no_object(call: Call) -> None:
    await call.answer(b"[1, 2]", kind="application/json")


@case(ERROR, ERROR)
async def json_nested_too_deeply(call: Call) -> None:
    await call.answer(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", kind="application/json")


@case(ERROR, BROKEN)
async def an_empty_body(call: Call) -> None:
    await call.answer(b"")


@case(ERROR, BROKEN)
async def a_gzip_bomb(call: Call) -> None:
    await call.answer(gzip.compress(bytes(REPLY_BYTES + (1 << 20)), 1), "content-encoding: gzip")


@case(ERROR, BROKEN)
async def gzip_that_is_cut(call: Call) -> None:
    await call.answer(gzip.compress(call.raw)[:-12], "content-encoding: gzip")


@case(ERROR, ERROR)
async def an_unknown_compression(call: Call) -> None:
    await call.answer(call.raw, "content-encoding: br")


@case(ERROR, ERROR)
async def a_redirect_to_metadata(call: Call) -> None:
    await call.answer(call.raw, "location: http://169.254.169.254/latest/meta-data", status="307 Temporary Redirect")


@case(ERROR, BROKEN)
async def an_endless_line(call: Call) -> None:
    await call.head()
    await call.say(b"".join(call.good.events[:1]) + b"data: " if call.streamed else b'{"a": "')
    await call.forever(b"a" * 65536)


@case(ERROR, BROKEN)
async def an_endless_event(call: Call) -> None:
    await call.head()
    await call.say(b"".join(call.good.events[:1]) if call.streamed else b'{"a": ')
    await call.forever((b"data: " if call.streamed else b"") + b"1" * 65536 + b"\n")


@case(ERROR, BROKEN)
async def an_endless_reply(call: Call) -> None:
    await call.head()
    await call.forever(b": " + b"a" * 100_000 + b"\n\n" if call.streamed else b" " * 65536)


@case(ERROR, PASSED, guarded=WITHHELD)
async def an_event_that_is_not_json(call: Call) -> None:
    first, *others = call.good.events
    await call.answer(first + sse(b'{"half') + b"".join(others) if call.streamed else b'{"half', kind="")


@case(PASSED, BROKEN)
async def no_end_mark(call: Call) -> None:
    await call.head(CHUNKED)
    await call.say(chunked(call.begun, b"") if call.streamed else chunked(call.raw, b""))


@case(PASSED, PASSED)
async def more_behind_the_end_mark(call: Call) -> None:
    await call.answer(call.raw + (b": bye\n\n" + sse(b"[DONE]") if call.streamed else b"\n"))


@case(PASSED, BROKEN)
async def an_error_in_the_middle(call: Call) -> None:
    kind = call.good.error.get("type", "")
    await call.answer(
        call.begun + sse(call.good.error, kind) if call.streamed else json.dumps(call.good.error).encode()
    )


@case(ERROR, BROKEN, slow=True)
async def drips_for_ever(call: Call) -> None:
    await call.head(CHUNKED)
    await call.say(chunked(call.begun))
    await call.forever(chunked(b": ping\n\n" if call.streamed else b" "), 0.1)


@case(ERROR, BROKEN, slow=True)
async def stalls_in_the_middle(call: Call) -> None:
    await call.head(CHUNKED)
    await call.say(chunked(call.begun))
    await call.gone()


@case(ERROR, ERROR, slow=True)
async def endless_interim_answers(call: Call) -> None:
    await call.forever(b"HTTP/1.1 100 Continue\r\n\r\n", 0.01)


@case(PASSED, PASSED)
async def many_interim_answers(call: Call) -> None:
    await call.say(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" * 50)
    await call.answer(call.raw)


@case(ERROR, ERROR)
async def the_other_form(call: Call) -> None:
    other = not call.streamed
    await call.answer(call.good.raw(other), kind=call.good.kind(other))


@case(PASSED, PASSED)
async def keys_twice(call: Call) -> None:
    await call.answer(call.raw.replace(b'"index":', b'"index": 0, "index":'))


@case(ERROR, ERROR)
async def an_error_in_plain_text(call: Call) -> None:
    await call.say(b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 4\r\n\r\noops")


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
        for name in ("LINE_BYTES", "EVENT_BYTES", "REPLY_BYTES"):
            caps.setattr(module, name, globals()[name])
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
