"""Real servers for tests: a scripted upstream and the gate, each on a port and a thread of its own."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from hypothesis import settings

# The same examples on every run, so that a test that passed yesterday fails for what was changed since; `make fuzz`
# looks for new ones.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("fuzz", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


_QUICK = {"timeout_graceful_shutdown": 1}


class Running:
    """An ASGI app under uvicorn until `stop()`."""

    def __init__(self, app: Any, **changes: Any) -> None:
        from tidegate.serve.server import bind, options

        self._socket = bind("127.0.0.1", 0)
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = uvicorn.Server(uvicorn.Config(app, **{**options("127.0.0.1", 0), **_QUICK, **changes}))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()
        until = time.monotonic() + 60
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            assert time.monotonic() < until, "the server takes too long to start"
            time.sleep(0.01)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=30)
        self._socket.close()


@dataclass
class Upstream:
    """A provider that keeps what it was sent, and answers as `answer` says (by default it repeats the question)."""

    requests: list[dict[str, Any]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    """With their queries."""
    answer: Callable[[dict[str, Any]], str] = lambda body: "You said: " + question_of(body)
    script: Callable[[dict[str, Any], Any], Any] | None = None
    """An async function (body, send) that replies in place of `answer`."""
    extra: dict[str, Any] = field(default_factory=dict)
    delay: float = 0.0
    closed: int = 0
    url: str = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        import asyncio

        raw = b""
        while True:
            message = await receive()
            raw += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.queries.append(scope["query_string"].decode())
        self.headers.append({k.decode(): v.decode() for k, v in scope["headers"]})
        if scope["path"] == "/v1/models":
            listed = {"object": "list", "data": [{"id": "gpt-test", "object": "model", "owned_by": "test"}]}
            await reply_json(send, listed)
            return
        self.raw.append(raw)
        query = scope["query_string"].decode()
        self.paths.append(scope["path"] + (f"?{query}" if query else ""))
        body = json.loads(raw or b"{}")
        self.requests.append(body)
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.script is not None:
            gone = asyncio.ensure_future(receive())
            work = asyncio.ensure_future(self.script(body, send))
            await asyncio.wait((gone, work), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                self.closed += 1
                work.cancel()
            gone.cancel()
            return
        text = self.answer(body)
        if body.get("stream"):
            await reply_stream(send, text, self.extra, (body.get("stream_options") or {}).get("include_usage", False))
        else:
            await reply_json(send, completion(text, self.extra))


def question_of(body: dict[str, Any]) -> str:
    if "messages" not in body:
        return str(body.get("prompt", ""))
    content = body["messages"][-1]["content"]
    return content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)


USAGE = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}


def completion(text: str, extra: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, "refusal": None, "x_field": {"kept": True}}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000, "model": "gpt-test"}
    return {**head, "choices": [choice], "usage": USAGE, "x_unknown": [1, 2.5, "three"], **extra}


def chunk(delta: dict[str, Any], finish: str | None = None, **extra: Any) -> dict[str, Any]:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": "gpt-test"}
    return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], "x_unknown": "kept", **extra}


def sse(data: Any) -> bytes:
    return b"data: " + (data if isinstance(data, bytes) else json.dumps(data).encode()) + b"\n\n"


async def reply_json(send: Any, body: Any, status: int = 200, kind: bytes = b"application/json") -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = [(b"content-type", kind), (b"content-length", str(len(raw)).encode()), (b"x-upstream", b"yes")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": raw})


async def start_stream(send: Any) -> None:
    headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def push(send: Any, data: Any) -> None:
    await send({"type": "http.response.body", "body": sse(data), "more_body": True})


async def reply_stream(send: Any, text: str, extra: dict[str, Any], usage: bool, step: int = 3) -> None:
    await start_stream(send)
    await push(send, chunk({"role": "assistant", "content": ""}, **extra))
    for at in range(0, len(text), step):
        await push(send, chunk({"content": text[at : at + step]}))
    await push(send, chunk({}, "stop"))
    if usage:
        await push(send, {**chunk({}), "choices": [], "usage": USAGE})
    await push(send, b"[DONE]")
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    scripted = Upstream()
    running = Running(scripted, lifespan="off")
    scripted.url = running.url + "/v1"
    yield scripted
    running.stop()


ServeGate = Callable[..., str]


@pytest.fixture
def run_gate() -> Iterator[Callable[[Any], str]]:
    """`run_gate(loaded)` runs a gate of a loaded configuration until the test ends, and returns its address."""
    running: list[Running] = []

    def start(loaded: Any) -> str:
        from tidegate.serve.gate import Gate

        running.append(Running(Gate(loaded).app()))
        return running[-1].url

    yield start
    for one in running:
        one.stop()


@pytest.fixture
def serve(tmp_path: Path, upstream: Upstream, run_gate: Callable[[Any], str]) -> ServeGate:
    """`serve(config, rules)` runs a gate in front of the scripted upstream and returns its address."""

    def start(config: str = "", rules: str = "", key: str | None = "sk-operator") -> str:
        return run_gate(gate_config(tmp_path, upstream.url, config, rules, key))

    return start


def gate_config(folder: Path, url: str, config: str = "", rules: str = "", key: str | None = "sk-operator") -> Any:
    """A configuration with one provider `up`, and the given rules in `rules.yaml`."""
    provider = f"{{kind: openai, base_url: '{url}'" + (f", api_key: {key}}}" if key else "}")
    text = f"version: 1\nproviders:\n  up: {provider}\n{config}"
    if rules:
        (folder / "rules.yaml").write_text("version: 1\n" + rules)
        text += "\nguardrails: {files: [rules.yaml]}\n"
    from tidegate.serve.config.gate_yaml import parse_config

    return parse_config(text, file=str(folder / "gate.yaml"), folder=folder)


@pytest.fixture(autouse=True)
def _stored_before_the_end(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    """A stream's last event waits for its entry, however busy the machine: what is asked next is a hit."""
    monkeypatch.setattr("tidegate.cache.keep.STORE_WAIT_SECONDS", 5.0)


@pytest.fixture(scope="session")
def support() -> Any:
    """The functions of this file, for tests (test modules cannot import it)."""
    import types

    from tidegate.serve.config.gate_yaml import parse_config
    from tidegate.serve.gate import Gate

    return types.SimpleNamespace(**globals(), parse_config=parse_config, Gate=Gate)
