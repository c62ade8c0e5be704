"""From request to answer: every error is an answer, and every exchange is counted as over exactly once."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tidegate.engine import jsonio, limits
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.openai_text import OpenAICompletions, OpenAIEmbeddings
from tidegate.engine.errors import Blocked, LimitReached, TidegateError, UpstreamBroke, UpstreamSilent
from tidegate.engine.exchange import Exchange, Reply, Scope, Verdict
from tidegate.engine.handler import Answer, Handler, Request
from tidegate.engine.pipeline import Pipeline, Stages
from tidegate.engine.sse import DONE, Event

CHAT = "/v1/chat/completions"
BODY = b'{"model":"m","messages":[{"role":"user","content":"hi"}]}'
STREAM = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}'
JSON = {"content-type": "application/json"}

Over = list[tuple[int, TidegateError | None]]
Route = Callable[[Exchange], Awaitable[Reply]]


async def whole(exchange: Exchange) -> Reply:
    exchange.provider, exchange.attempts = "test", 1
    return Reply.whole(200, b'{"said":"hello"}', [("content-type", "application/json"), ("x-model", "yes")])


def streaming(*events: Event | BaseException, closed: list[int] | None = None) -> Route:
    async def source() -> AsyncIterator[Event]:
        for event in events:
            if isinstance(event, BaseException):
                raise event
            yield event

    async def close() -> None:
        if closed is not None:
            closed.append(1)

    async def route(exchange: Exchange) -> Reply:
        return Reply(200, [("content-type", "text/event-stream")], source(), exchange.stream, [close])

    return route


def failing(error: BaseException) -> Route:
    async def route(exchange: Exchange) -> Reply:
        raise error

    return route


def handler(route: Route = whole, **stages: Any) -> tuple[Handler, Over]:
    over: Over = []
    dialects = [OpenAIChat(), OpenAICompletions(), OpenAIEmbeddings()]
    pipeline = Pipeline(Stages(**stages), route)
    return Handler(dialects, pipeline, [lambda exchange, status, error: over.append((status, error))]), over


def post(body: bytes = BODY, path: str = CHAT, **headers: str) -> Request:
    return Request("POST", path, JSON | headers, body)


async def told(answer: Answer) -> dict[str, Any]:
    assert answer.body is not None and dict(answer.headers)["content-length"] == str(len(answer.body))
    assert b"".join([chunk async for chunk in answer.chunks]) == answer.body
    await answer.aclose()
    return jsonio.loads(answer.body)


async def refused(request: Request, **kwargs: Any) -> tuple[int, dict[str, Any], dict[str, str]]:
    made, _ = handler(**kwargs)
    answer = await made.handle(request)
    error = (await told(answer))["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert dict(answer.headers)["content-type"] == "application/json"
    assert made.in_flight == 0
    return answer.status, error, dict(answer.headers)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_json"),
        (b"hello", "invalid_json"),
        (b"[]", "invalid_json"),
        (b'{"model":NaN}', "invalid_json"),
        (b'{"model":"\\ud800"}', "invalid_json"),
        (b'{"model":"\xff"}', "invalid_json"),
        (b'{"a":' * 2000 + b"1" + b"}" * 2000, "invalid_json"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "invalid_json"),
        (b'{"messages":[]}', "invalid_request"),
        (b'{"model":4,"messages":[]}', "invalid_request"),
        (b'{"model":"m","messages":{"a":1}}', "invalid_request"),
        (b'{"model":"m","messages":[{"role":[],"content":"x"}]}', "invalid_request"),
        (b'{"model":"m","messages":[{"role":"user","content":[{"type":"video"}]}]}', "unknown_part"),
    ],
)
async def test_a_bad_body_is_a_400_in_the_envelope(body: bytes, code: str) -> None:
    status, error, headers = await refused(post(body))
    assert (status, error["code"], error["type"]) == (400, code, "invalid_request_error")
    assert headers["x-should-retry"] == "false"


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
async def test_a_body_that_is_not_declared_as_json_is_a_415(kind: str) -> None:
    status, error, _ = await refused(Request("POST", CHAT, {"content-type": kind} if kind else {}, BODY))
    assert (status, error["code"]) == (415, "wrong_content_type")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON", "application/vnd.x+json"])
async def test_every_spelling_of_json_is_taken(kind: str) -> None:
    made, _ = handler()
    assert (await made.handle(Request("POST", CHAT, {"content-type": kind}, BODY))).status == 200


async def test_another_method_is_a_405_that_says_which_is_right() -> None:
    status, error, headers = await refused(Request("GET", CHAT, {}, b""))
    assert (status, error["code"], headers["allow"]) == (405, "method_not_allowed", "POST")


async def test_an_unknown_path_is_a_404() -> None:
    status, error, _ = await refused(post(path="/v1/chat"))
    assert (status, error["code"]) == (404, "unknown_url")


async def test_a_body_over_the_cap_is_a_413(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_BYTES", 10)
    status, error, _ = await refused(post())
    assert (status, error["code"]) == (413, "body_too_large")


async def test_embeddings_do_not_stream() -> None:
    status, error, _ = await refused(post(b'{"model":"m","input":"x","stream":true}', "/v1/embeddings"))
    assert (status, error["param"]) == (400, "stream")


async def test_a_path_with_a_slash_behind_it_does_not_pass_by_the_gate() -> None:
    made, over = handler()
    assert made.serves(CHAT) and made.serves(CHAT + "/") and not made.serves("/") and not made.serves("/v1")
    await told(await made.handle(post(path=CHAT + "/")))
    assert over == [(200, None)]


async def test_an_answer_has_the_providers_headers_and_ours() -> None:
    made, over = handler()
    answer = await made.handle(post(**{"x-request-id": "mine"}))
    headers = dict(answer.headers)
    assert await told(answer) == {"said": "hello"}
    assert headers["x-model"] == "yes" and headers["x-request-id"] == "mine"
    assert headers["x-tidegate-guard"] == "pass" and headers["x-tidegate-provider"] == "test"
    assert over == [(200, None)] and made.in_flight == 0


async def test_no_header_of_ours_is_sent_twice() -> None:
    async def route(exchange: Exchange) -> Reply:
        theirs = [("x-request-id", "theirs"), ("x-tidegate-id", "theirs"), ("server-timing", "db;dur=1"), ("x-a", "1")]
        return Reply.whole(200, b"{}", theirs)

    made, _ = handler(route)
    answer = await made.handle(post())
    names = [name for name, _ in answer.headers]
    assert names.count("x-request-id") == names.count("x-tidegate-id") == names.count("x-a") == 1
    assert names.count("server-timing") == 2  # a list: every hop adds its part
    assert "theirs" not in dict(answer.headers).values()


async def test_what_a_guard_does_while_a_whole_reply_is_read_is_in_its_headers() -> None:
    async def guard(exchange: Exchange, next: Any) -> Reply:
        reply = await next(exchange)
        inner = reply.events

        async def masked() -> AsyncIterator[Event]:
            async for event in inner:
                exchange.note(Verdict("r", "mask", "choices.0", Scope.OUTPUT))
                yield event

        reply.events = masked()
        return reply

    made, _ = handler(reply_guard=guard)
    assert dict((await made.handle(post())).headers)["x-tidegate-guard"] == 'masked; rules="r"'


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (Blocked("no", param="messages.0"), 400, "false"),
        (LimitReached("later", after=7), 429, "true"),
        (UpstreamSilent("silent"), 504, "true"),
    ],
)
async def test_an_error_of_a_stage_is_rendered_with_its_headers(error: TidegateError, status: int, retry: str) -> None:
    made, over = handler(failing(error))
    answer = await made.handle(post())
    headers = dict(answer.headers)
    assert (await told(answer))["error"]["param"] == error.param
    assert (answer.status, headers["x-should-retry"]) == (status, retry)
    assert headers.get("retry-after") == ("7" if status == 429 else None)
    assert "x-tidegate-id" in headers
    assert over == [(status, error)]


async def test_a_fault_of_ours_is_a_500_without_its_message(caplog: pytest.LogCaptureFixture) -> None:
    made, over = handler(failing(ValueError("the prompt was: swordfish")))
    with caplog.at_level(logging.ERROR, "tidegate"):
        answer = await made.handle(post())
    error = (await told(answer))["error"]
    assert (answer.status, error["code"]) == (500, "internal_error")
    assert "swordfish" not in str(error) + caplog.text
    assert "ValueError" in caplog.text and "failing" not in error["message"]
    assert over[0][0] == 500


async def test_a_fault_in_a_dialect_is_a_500_too() -> None:
    class Faulty(OpenAIChat):
        def check(self, body: dict[str, Any]) -> None:
            raise AttributeError("swordfish")

    made = Handler([Faulty()], Pipeline(Stages(), whole))
    answer = await made.handle(post())
    assert answer.status == 500 and "swordfish" not in str(await told(answer))
    assert made.in_flight == 0


@pytest.mark.parametrize(
    ("fault", "status"), [(UpstreamBroke("broke"), 502), (ValueError("swordfish"), 500)], ids=["upstream", "ours"]
)
async def test_a_whole_reply_that_breaks_off_is_an_error_and_no_half(fault: Exception, status: int) -> None:
    closed: list[int] = []
    made, over = handler(streaming(Event.whole(b'{"half":'), fault, closed=closed))
    answer = await made.handle(post())
    assert answer.status == status
    assert "half" not in str(await told(answer)) and "swordfish" not in str(answer.body)
    assert closed == [1] and over[0][0] == status and len(over) == 1 and made.in_flight == 0


async def test_a_stream_is_passed_on_event_by_event() -> None:
    closed: list[int] = []
    made, over = handler(streaming(Event.of({"a": 1}), DONE, closed=closed))
    answer = await made.handle(post(STREAM))
    assert answer.body is None and made.in_flight == 1 and over == []
    assert [chunk async for chunk in answer.chunks] == [b'data: {"a":1}\n\n', b"data: [DONE]\n\n"]
    assert over == [(200, None)] and made.in_flight == 0
    await answer.aclose()
    assert closed == [1] and over == [(200, None)]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [(UpstreamBroke("broke"), 502, "upstream_broke"), (ValueError("swordfish"), 500, "internal_error")],
    ids=["upstream", "ours"],
)
async def test_a_stream_that_breaks_off_ends_in_an_error_event_and_no_done(
    fault: Exception, status: int, code: str
) -> None:
    made, over = handler(streaming(Event.of({"a": 1}), fault, DONE))
    answer = await made.handle(post(STREAM))
    chunks = [chunk async for chunk in answer.chunks]
    await answer.aclose()
    assert answer.status == 200 and len(chunks) == 2
    assert jsonio.loads(chunks[1].removeprefix(b"data: "))["error"]["code"] == code
    assert b"[DONE]" not in b"".join(chunks) and b"swordfish" not in b"".join(chunks)
    assert len(over) == 1 and over[0][0] == status and made.in_flight == 0


@pytest.mark.parametrize(("read", "status"), [(0, 499), (1, 499), (3, 200)], ids=["none", "some", "to the mark"])
async def test_an_answer_that_is_not_read_to_its_end_is_over_when_it_is_let_go(read: int, status: int) -> None:
    closed: list[int] = []
    made, over = handler(streaming(Event.of({"a": 1}), Event.of({"a": 2}), DONE, closed=closed))
    answer = await made.handle(post(STREAM))
    for _ in range(read):
        await anext(answer.chunks)
    await answer.aclose()
    await answer.aclose()
    assert closed == [1] and over == [(status, None)] and made.in_flight == 0


@pytest.mark.parametrize("where", ["head", "body"])
async def test_a_cancelled_request_is_over_and_lets_go_of_its_reply(where: str) -> None:
    closed: list[int] = []
    reached = asyncio.Event()

    async def close() -> None:
        closed.append(1)

    async def stuck() -> AsyncIterator[Event]:
        reached.set()
        await asyncio.Event().wait()
        yield DONE

    async def route(exchange: Exchange) -> Reply:
        if where == "head":
            reached.set()
            await asyncio.Event().wait()
        return Reply(200, [], stuck(), False, [close])

    made, over = handler(route)
    task = asyncio.ensure_future(made.handle(post()))
    await reached.wait()
    assert made.in_flight == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert over == [(499, None)] and made.in_flight == 0
    assert closed == ([1] if where == "body" else [])


async def test_a_request_that_never_became_an_exchange_is_counted_all_the_same() -> None:
    made, over = handler()
    await told(await made.handle(post(b"nope")))
    assert [status for status, _ in over] == [400] and made.in_flight == 0
