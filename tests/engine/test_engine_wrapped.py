"""The app behind the middleware: it answers, fails or hangs, and nothing of it is left behind."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tidegate.engine import limits, sse, wrapped
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.door import SCOPE
from tidegate.engine.errors import UpstreamBroke, UpstreamRefused, UpstreamSilent
from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.wrapped import CALLS, WrappedApp

Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]
STREAM = [(b"content-type", b"text/event-stream; charset=utf-8")]


def exchange() -> Exchange:
    headers = [(b"content-length", b"3"), (b"accept-encoding", b"gzip"), (b"authorization", b"Bearer k")]
    scope = {"type": "http", "path": "/v1/chat/completions", "headers": headers, "extensions": {"x": {}}}
    body = {"model": "m", "checked": True}
    return Exchange(OpenAIChat(), "/v1/chat/completions", {}, body, "m", False, memo={SCOPE: scope})


async def start(send: Send, status: int = 200, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers or []})


async def body(send: Send, data: bytes, more: bool = False) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": more})


async def call(app: App) -> Reply:
    return await WrappedApp(app)(exchange())


async def none_left() -> None:
    for _ in range(5):
        await asyncio.sleep(0)
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_a_stream_is_one_in_whatever_letters_its_type_is_written() -> None:
    async def app(scope: Any, receive: Any, send: Send) -> None:
        await start(send, headers=[(b"Content-Type", b"Text/Event-Stream")])
        await body(send, b"data: [DONE]\n\n")

    reply = await call(app)
    assert reply.streamed and await reply.read() == b"data: [DONE]\n\n"
    await reply.aclose()


async def test_the_app_gets_the_checked_body_and_headers_that_fit_it() -> None:
    seen: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Send) -> None:
        seen.update(scope=scope, message=await receive())
        await start(send, 201, [(b"X-Own", b"1"), (b"content-length", b"2"), (b"connection", b"close")])
        await body(send, b"{", True)
        await body(send, b"}")

    asked = exchange()
    reply = await WrappedApp(app)(asked)
    assert (reply.status, reply.headers, await reply.read()) == (201, [("x-own", "1")], b"{}")
    assert seen["message"] == {
        "type": "http.request",
        "body": b'{"model":"m","checked":true}',
        "more_body": False,
    }
    assert dict(seen["scope"]["headers"]) == {b"authorization": b"Bearer k", b"content-length": b"28"}
    assert seen["scope"]["extensions"] == {}
    assert (asked.provider, asked.attempts) == ("app", 1)
    assert len(asked.memo[SCOPE]["headers"]) == 3
    await reply.aclose()
    await none_left()


async def test_a_stream_is_read_as_it_is_sent() -> None:
    go = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Send) -> None:
        await start(send, headers=STREAM)
        await body(send, b'data: {"a":1}\n', True)
        await body(send, b'\ndata: {"a":2}\n\n', True)
        await go.wait()
        await body(send, b"data: [DONE]\n\n")

    reply = await call(app)
    assert reply.streamed
    assert (await anext(reply.events)).data == {"a": 1}
    assert (await anext(reply.events)).data == {"a": 2}
    go.set()
    assert [event.payload async for event in reply.events] == [b"[DONE]"]
    await reply.aclose()
    await none_left()


async def test_an_app_is_not_run_far_ahead_of_who_reads() -> None:
    sent: list[int] = []

    async def app(scope: Any, receive: Any, send: Send) -> None:
        await start(send, headers=STREAM)
        for number in range(1000):
            await body(send, b"data: {}\n\n", True)
            sent.append(number)

    reply = await call(app)
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(sent) < 50
    await reply.aclose()
    await none_left()


async def test_an_app_that_raises_before_it_answers_is_an_upstream_that_refused() -> None:
    async def app(scope: Any, receive: Any, send: Send) -> None:
        raise ValueError("swordfish")

    with pytest.raises(UpstreamRefused) as caught:
        await call(app)
    assert "swordfish" not in str(caught.value)
    assert isinstance(caught.value.__cause__, ValueError)  # for the log, which shows where, not what
    assert caught.value.fault is caught.value.__cause__
    await none_left()


@pytest.mark.parametrize("message", [None, {"type": "http.response.body", "body": b"x"}])
async def test_an_app_that_does_not_answer_properly_is_an_upstream_that_refused(message: Any) -> None:
    async def app(scope: Any, receive: Any, send: Send) -> None:
        if message:
            await send(message)

    with pytest.raises(UpstreamRefused):
        await call(app)
    await none_left()


@pytest.mark.parametrize("fails", [True, False], ids=["raises", "returns"])
async def test_an_app_that_stops_half_way_is_an_upstream_that_broke(fails: bool) -> None:
    def app(headers: list[tuple[bytes, bytes]]) -> App:
        async def run(scope: Any, receive: Any, send: Send) -> None:
            await start(send, headers=headers)
            await body(send, b"data: {}\n\n", True)
            if fails:
                raise ValueError("swordfish")

        return run

    with pytest.raises(UpstreamBroke):
        await call(app([]))
    reply = await call(app(STREAM))
    assert (await anext(reply.events)).data == {}
    with pytest.raises(UpstreamBroke) as caught:
        await anext(reply.events)
    assert isinstance(caught.value.__cause__, ValueError) is fails
    await reply.aclose()
    await none_left()


async def test_an_app_that_hangs_is_an_upstream_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FIRST_BYTE_SECONDS", 0.01)
    monkeypatch.setattr(limits, "BETWEEN_BYTES_SECONDS", 0.01)

    def app(begins: bool) -> App:
        async def run(scope: Any, receive: Any, send: Send) -> None:
            if begins:
                await start(send, headers=STREAM)
            await asyncio.Event().wait()

        return run

    with pytest.raises(UpstreamSilent):
        await call(app(False))
    reply = await call(app(True))
    with pytest.raises(UpstreamSilent):
        await anext(reply.events)
    await reply.aclose()
    await none_left()


@pytest.mark.parametrize("times", [1, 20], ids=["once", "again and again"])  # as a scope of anyio cancels
async def test_a_caller_who_leaves_before_the_answer_ends_the_app(times: int) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def app(scope: Any, receive: Any, send: Send) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.set()
            raise

    task = asyncio.ensure_future(call(app))
    await begun.wait()
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5):
        await ended.wait()
    await none_left()


async def test_an_app_that_listens_is_told_that_its_caller_left() -> None:
    heard: list[str] = []

    async def app(scope: Any, receive: Any, send: Send) -> None:
        await receive()
        await start(send, headers=STREAM)
        heard.append((await receive())["type"])

    reply = await call(app)
    await reply.aclose()
    assert heard == ["http.disconnect"]
    await none_left()


@pytest.mark.parametrize("has", [60.0, 0.2], ids=["ends", "is ended"])
async def test_an_app_that_knows_that_its_caller_left_may_go_on_for_a_while(
    monkeypatch: pytest.MonkeyPatch, has: float
) -> None:
    """Starlette's background tasks run so too."""
    monkeypatch.setattr(wrapped, "_FAREWELL_SECONDS", has)
    go, ended = asyncio.Event(), asyncio.Queue[str]()

    async def app(scope: Any, receive: Any, send: Send) -> None:
        await receive()
        await start(send, headers=STREAM)
        await receive()
        try:
            await go.wait()
            ended.put_nowait("done")
        except asyncio.CancelledError:
            ended.put_nowait("cancelled")
            raise

    reply = await call(app)
    await reply.aclose()
    assert ended.empty()
    if has == 60.0:
        go.set()
    async with asyncio.timeout(5):
        assert await ended.get() == ("done" if has == 60.0 else "cancelled")
    await none_left()


@pytest.mark.parametrize("catches", [False, True])
async def test_an_app_that_sends_on_to_nobody_is_ended(catches: bool) -> None:
    async def app(scope: Any, receive: Any, send: Send) -> None:
        await start(send, headers=STREAM)
        while True:
            try:
                await body(send, b"data: {}\n\n", True)
            except OSError:
                if not catches:
                    raise

    asked, calls = exchange(), list[Any]()
    asked.memo[SCOPE][CALLS] = calls
    reply = await WrappedApp(app)(asked)
    await anext(reply.events)
    await reply.aclose()
    await none_left()
    assert calls[0].cancelled() if catches else calls[0].exception() is None  # what it heard is no fault of its own


async def test_what_an_app_does_after_its_answer_is_not_cut_off() -> None:
    """Starlette's background tasks run inside the app, after the last byte."""
    go, done = asyncio.Event(), asyncio.Event()

    async def app(scope: Any, receive: Any, send: Send) -> None:
        await start(send)
        await body(send, b"{}")
        await go.wait()
        done.set()

    reply = await call(app)
    assert await reply.read() == b"{}"
    await reply.aclose()
    go.set()
    async with asyncio.timeout(5):
        await done.wait()
    await none_left()


async def test_a_reply_over_the_cap_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "REPLY_BYTES", 100)

    async def app(scope: Any, receive: Any, send: Send) -> None:
        await start(send)
        while True:
            await body(send, b"x" * 30, True)

    with pytest.raises(UpstreamBroke):
        await call(app)
    await none_left()


async def test_a_compressed_reply_is_refused_since_nobody_could_check_it() -> None:
    async def app(scope: Any, receive: Any, send: Send) -> None:
        await start(send, headers=[(b"Content-Encoding", b"gzip")])
        await body(send, b"\x1f\x8b")

    with pytest.raises(UpstreamRefused):
        await call(app)
    await none_left()


async def test_who_wants_to_can_wait_for_the_calls_of_an_app() -> None:
    async def app(scope: Any, receive: Any, send: Send) -> None:
        await start(send)
        await body(send, b"{}")

    asked, calls = exchange(), list[Any]()
    asked.memo[SCOPE][CALLS] = calls
    await (await WrappedApp(app)(asked)).aclose()
    await asyncio.wait(calls)
    assert len(calls) == 1 and calls[0].done()
