"""The ASGI door: what is not the gate's passes untouched, what is bad is refused, and nobody waits for who left."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tidegate.engine import jsonio, limits
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.door import SCOPE, Door, own_path
from tidegate.engine.errors import UpstreamRefused
from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.handler import Handler
from tidegate.engine.pipeline import Pipeline, Stages
from tidegate.engine.sse import DONE, Event

CHAT = "/v1/chat/completions"
BODY = b'{"model":"m","messages":[{"role":"user","content":"hi"}]}'
STREAM = BODY[:-1] + b',"stream":true}'
JSON = (b"content-type", b"application/json")
Message = dict[str, Any]


def scope(path: str = CHAT, headers: tuple[tuple[bytes, bytes], ...] = (JSON,), **more: Any) -> dict[str, Any]:
    return {"type": "http", "method": "POST", "path": path, "headers": list(headers), **more}


@dataclass
class Client:
    """A client that sends `body` in pieces and stays, until `leave()`."""

    body: list[bytes] = field(default_factory=lambda: [BODY])
    sent: list[Message] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    receives: int = 0
    on_send: Callable[[Message], Awaitable[None]] | None = None

    async def receive(self) -> Message:
        self.receives += 1
        if self.body:
            piece = self.body.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(self.body)}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if self.on_send is not None:
            await self.on_send(message)
        self.sent.append(message)

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def text(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])

    @property
    def code(self) -> str:
        return jsonio.loads(self.text)["error"]["code"]


@dataclass
class Model:
    """The innermost call: answers with `events`; with `second` the second of them never comes."""

    events: list[Event] = field(default_factory=lambda: [Event.whole(b'{"said":"hello"}')])
    second: bool = False
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    hang: bool = False
    closed: int = 0
    cancelled: int = 0
    over: list[int] = field(default_factory=list)
    scopes: list[Any] = field(default_factory=list)

    async def __call__(self, exchange: Exchange) -> Reply:
        self.scopes.append(exchange.memo[SCOPE])
        self.asked.set()
        try:
            if self.hang:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return Reply(200, [], self._source(), exchange.stream, [self._close])

    async def _source(self) -> AsyncIterator[Event]:
        for number, event in enumerate(self.events):
            if number and self.second:
                self.waiting.set()
                await asyncio.Event().wait()
            yield event

    async def _close(self) -> None:
        self.closed += 1


async def no_app(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("this request was not for the app")


def door(model: Model, app: Any = no_app) -> Door:
    dialect = OpenAIChat()
    over = [lambda exchange, status, error: model.over.append(status)]
    return Door(app, Handler([dialect], Pipeline(Stages(), model), over))


async def finished(task: "asyncio.Future[None]") -> None:
    """The task's end, and nothing of it left behind."""
    async with asyncio.timeout(5):
        await task
    for _ in range(20):  # generators that were dropped are closed by tasks of the event loop
        await asyncio.sleep(0)
    assert [other for other in asyncio.all_tasks() if other is not asyncio.current_task()] == []


async def ask(client: Client, model: Model | None = None, **kwargs: Any) -> None:
    await finished(asyncio.ensure_future(door(model or Model())(scope(**kwargs), client.receive, client.send)))


async def test_a_request_is_answered() -> None:
    client, model = Client([BODY[:10], b"", BODY[10:]]), Model()
    await ask(client, model)
    assert client.status == 200 and client.text == b'{"said":"hello"}'
    assert client.sent[-1].get("more_body") is not True
    assert model.closed == 1 and model.over == [200]


async def test_a_stream_is_sent_event_by_event() -> None:
    client, model = Client([STREAM]), Model([Event.of({"a": 1}), DONE])
    await ask(client, model)
    bodies = [message["body"] for message in client.sent[1:]]
    assert bodies == [b'data: {"a":1}\n\n', b"data: [DONE]\n\n", b""]
    assert [message.get("more_body", False) for message in client.sent[1:]] == [True, True, False]
    assert model.closed == 1 and model.over == [200]


async def test_header_names_and_values_are_bytes_in_lower_case() -> None:
    client = Client()
    await ask(client)
    headers = client.sent[0]["headers"]
    assert all(isinstance(name, bytes) and name == name.lower() and isinstance(value, bytes) for name, value in headers)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"path": CHAT}, CHAT),
        ({"path": "/api" + CHAT, "root_path": "/api"}, CHAT),
        ({"path": "/apis" + CHAT, "root_path": "/api"}, "/apis" + CHAT),
        ({"path": CHAT, "root_path": ""}, CHAT),
        ({"path": CHAT, "root_path": "/v1"}, CHAT),
        ({"path": "/api" + CHAT, "root_path": "/api/v1"}, CHAT),
        ({"path": "/chat/completions", "root_path": "/v1"}, CHAT),
        ({"path": "/v1/other", "root_path": "/v1"}, "/other"),
    ],
)
def test_the_path_is_the_one_below_the_mount(given: dict[str, Any], path: str) -> None:
    assert own_path(given, CHAT.__eq__) == path


@pytest.mark.parametrize(
    "other",
    [
        scope("/"),
        scope("/v1/models"),
        scope("/v1/chat/completions/extra"),
        {"type": "websocket", "path": CHAT, "headers": []},
        {"type": "lifespan"},
    ],
    ids=lambda other: other["type"] + other.get("path", ""),
)
async def test_what_is_not_the_gates_reaches_the_app_untouched(other: dict[str, Any]) -> None:
    calls: list[tuple[Any, ...]] = []

    async def app(*args: Any) -> None:
        calls.append(args)

    client = Client()
    before = dict(other)
    await door(Model(), app)(other, client.receive, client.send)
    assert calls[0][0] is other and other == before
    assert calls[0][1:] == (client.receive, client.send)
    assert client.receives == 0 and client.sent == []


async def test_a_body_that_is_declared_too_large_is_refused_unread() -> None:
    client = Client()
    await ask(client, headers=(JSON, (b"content-length", str(limits.BODY_BYTES + 1).encode())))
    assert (client.status, client.code, client.receives) == (413, "body_too_large", 0)


@pytest.mark.parametrize("declared", [None, b"5", b"\xb2", b"-1", b"x"])
async def test_a_body_that_is_too_large_is_refused_whatever_was_declared(
    monkeypatch: pytest.MonkeyPatch, declared: bytes | None
) -> None:
    monkeypatch.setattr(limits, "BODY_BYTES", 100)
    client, model = Client([b"x" * 60, b"x" * 60, b"x" * 60]), Model()
    await ask(client, model, headers=(JSON, *([(b"content-length", declared)] if declared else [])))
    assert (client.status, client.code) == (413, "body_too_large")
    assert client.receives == 2 and model.over == [413]


async def test_a_body_that_does_not_arrive_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.01)
    client = Client([])
    await ask(client)
    assert (client.status, client.code) == (400, "body_too_slow")


@pytest.mark.parametrize("name", [b"host", b"Host", b"content-length", b"authorization", b"content-type"])
async def test_a_header_that_may_stand_once_is_refused_twice(name: bytes) -> None:
    client = Client()
    await ask(client, headers=((name, b"7"), (name.lower(), b"7"), JSON))
    assert (client.status, client.code) == (400, "duplicate_header")


@pytest.mark.parametrize(
    "headers",
    [((b"x-a", b"v"),) * (limits.HEADER_COUNT + 1), ((b"x-a", b"v" * (limits.HEADER_BYTES + 1)),)],
    ids=["many", "large"],
)
async def test_too_many_or_too_large_headers_are_refused(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    client = Client()
    await ask(client, headers=headers)
    assert (client.status, client.code) == (400, "headers_too_large")


async def test_headers_that_are_lists_are_joined() -> None:
    client = Client()
    await ask(client, headers=(JSON, (b"x-request-id", b"a"), (b"X-Request-Id", b"b")))
    assert (b"x-request-id", b"a, b") in client.sent[0]["headers"]


async def test_a_client_that_leaves_while_it_sends_is_not_answered() -> None:
    client, model = Client([]), Model()
    client.gone.set()
    await ask(client, model)
    assert client.sent == [] and model.over == []


async def test_a_client_that_leaves_before_the_model_answers_ends_the_call() -> None:
    client, model = Client(), Model(hang=True)
    task = asyncio.ensure_future(door(model)(scope(), client.receive, client.send))
    await model.asked.wait()
    client.gone.set()
    await finished(task)
    assert model.cancelled == 1 and client.sent == [] and model.over == [499]


@pytest.mark.parametrize("body", [BODY, STREAM], ids=["whole", "stream"])
async def test_a_client_that_leaves_during_the_reply_closes_the_model_at_once(body: bytes) -> None:
    client = Client([body])
    model = Model([Event.of({"a": 1}), Event.of({"a": 2})], second=True)
    task = asyncio.ensure_future(door(model)(scope(), client.receive, client.send))
    await model.waiting.wait()
    assert model.closed == 0
    client.gone.set()
    await finished(task)
    assert model.closed == 1 and model.over == [499]


async def test_a_client_that_stops_reading_closes_the_model_when_it_leaves() -> None:
    stuck = asyncio.Event()

    async def slow(message: Message) -> None:
        if message["type"] == "http.response.body":
            stuck.set()
            await asyncio.Event().wait()

    client, model = Client([STREAM], on_send=slow), Model([Event.of({"a": n}) for n in range(100)])
    task = asyncio.ensure_future(door(model)(scope(), client.receive, client.send))
    await stuck.wait()
    client.gone.set()
    await finished(task)
    assert model.closed == 1 and model.over == [499]


async def test_a_connection_that_breaks_while_it_is_written_to_closes_the_model() -> None:
    async def broken(message: Message) -> None:
        if message["type"] == "http.response.body":
            raise ConnectionResetError("peer")

    client, model = Client([STREAM], on_send=broken), Model([Event.of({"a": 1}), DONE])
    await ask(client, model)
    assert model.closed == 1 and model.over == [499]


async def test_a_client_that_leaves_after_the_reply_changes_nothing() -> None:
    client, model = Client(), Model()

    async def leave(message: Message) -> None:
        if message["type"] == "http.response.body":
            client.gone.set()

    client.on_send = leave
    await ask(client, model)
    assert client.status == 200 and model.closed == 1 and model.over == [200]


async def test_a_server_that_shuts_down_ends_the_call() -> None:
    client, model = Client(), Model(hang=True)
    task = asyncio.ensure_future(door(model)(scope(), client.receive, client.send))
    await model.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await finished(task)
    assert model.cancelled == 1 and model.over == [499]


async def test_a_server_whose_receive_fails_is_like_a_client_that_left() -> None:
    model = Model(hang=True)
    client = Client()

    async def receive() -> Message:
        if client.body:
            return await client.receive()
        await model.asked.wait()
        raise ConnectionResetError("peer")

    await finished(asyncio.ensure_future(door(model)(scope(), receive, client.send)))
    assert model.cancelled == 1


@pytest.mark.parametrize("again", [{"type": "http.request", "body": BODY}, RuntimeError("read already"), None])
async def test_a_layer_in_front_that_read_the_body_holds_nothing_up(again: Message | RuntimeError | None) -> None:
    """It plays the request again at every call, raises, or says that the body is empty now."""
    model, client = Model([Event.of({"a": 1}), DONE]), Client([STREAM])

    async def receive() -> Message:
        if client.body:
            return await client.receive()
        if isinstance(again, RuntimeError):
            raise again
        return again or {"type": "http.request", "body": b"", "more_body": False}

    await finished(asyncio.ensure_future(door(model)(scope(), receive, client.send)))
    assert client.text.endswith(b"data: [DONE]\n\n") and model.over == [200]


@pytest.mark.parametrize("fault", [ValueError("swordfish"), ConnectionError("its database is down")])
async def test_what_an_app_raised_before_it_answered_is_raised(fault: Exception) -> None:
    refused, client, model = UpstreamRefused("failed"), Client(), Model()
    refused.fault = fault

    async def fails(exchange: Exchange) -> Reply:
        raise refused

    over = [lambda exchange, status, error: model.over.append(status)]
    wrapped = Door(no_app, Handler([OpenAIChat()], Pipeline(Stages(), fails), over))
    with pytest.raises(type(fault), match=str(fault)):
        await wrapped(scope(), client.receive, client.send)
    assert client.sent == [] and model.over == [502]


async def test_the_scope_is_kept_for_the_wrapped_app() -> None:
    model, client = Model(), Client()
    given = scope()
    await door(model)(given, client.receive, client.send)
    assert model.scopes == [given]


async def test_slow_senders_of_large_bodies_fill_no_memory_and_keep_no_small_one_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "SMALL_BODY_BYTES", 1000)
    monkeypatch.setattr(limits, "ARRIVING_BYTES", 5000)

    class Slow(Client):
        async def receive(self) -> Message:
            if len(self.body) == 1:  # the rest does not come before it leaves
                await self.gone.wait()
                return {"type": "http.disconnect"}
            return await super().receive()

    def slow() -> Slow:
        return Slow([b" " * 2000, b" " * 2000, BODY])

    senders = [slow() for _ in range(3)]
    tasks = [asyncio.ensure_future(door(Model())(scope(), each.receive, each.send)) for each in senders]
    await asyncio.sleep(0.01)
    refused = [each for each in senders if each.sent]
    assert [(each.status, each.code) for each in refused] == [(503, "overloaded")] * 2
    client = Client()
    await door(Model())(scope(), client.receive, client.send)
    assert client.status == 200
    for each in senders:
        each.gone.set()
    await asyncio.gather(*tasks)
    again = Client([b" " * 4000, BODY])
    await ask(again)
    assert again.status == 200
