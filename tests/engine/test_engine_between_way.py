"""The way of a call between dialects: which request goes out, and in which form its reply comes back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tidegate.engine.dialects import Dialect, between
from tidegate.engine.dialects.anthropic import AnthropicCountTokens, AnthropicMessages
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.openai_text import OpenAIEmbeddings
from tidegate.engine.errors import UpstreamBroke, UpstreamRefused
from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.jsonio import dumps, loads
from tidegate.engine.sse import Event

CHAT, MESSAGES = OpenAIChat(), AnthropicMessages()
WHOLE: dict[str, Any] = {
    "id": "c",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],
}


def exchange(dialect: Dialect = MESSAGES, stream: bool = False) -> Exchange:
    body: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}]}
    return Exchange(dialect, dialect.path, {}, body | ({"stream": True} if stream else {}), "m", stream)


class Host:
    """A provider of chat that answers as it is told."""

    name = "host"

    def __init__(self, *events: Event, status: int = 200, streamed: bool = False) -> None:
        self.events, self.status, self.streamed, self.closed = events, status, streamed, 0

    async def __call__(self, exchange: Exchange) -> Reply:
        self.asked = exchange
        headers = [("content-type", "text/plain"), ("x-kept", "yes")]
        return Reply(self.status, headers, self.told(), self.streamed, [self.close])

    async def told(self) -> AsyncIterator[Event]:
        for event in self.events:
            yield event

    async def close(self) -> None:
        self.closed += 1

    passthrough: Any = None
    models: Any = None
    ready: Any = None
    start: Any = None
    aclose: Any = None


async def call(host: Host, stream: bool = False) -> Reply:
    return await between.call(host, exchange(stream=stream), {"openai"})


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("streamed", [False, True])
async def test_the_caller_gets_the_form_that_was_asked_for_whatever_the_provider_sends(
    stream: bool, streamed: bool
) -> None:
    host = Host(*(CHAT.split(WHOLE, {}) if streamed else [Event.whole(dumps(WHOLE))]), streamed=streamed)
    reply = await call(host, stream)
    assert (reply.status, reply.streamed) == (200, stream)
    assert ("x-kept", "yes") in reply.headers
    events = [event async for event in reply.events]
    whole = MESSAGES.assemble(events) if stream else loads(events[0].payload)
    assert (whole["type"], whole["content"], whole["stop_reason"]) == (
        "message",
        [{"type": "text", "text": "hello"}],
        "end_turn",
    )
    if stream is not streamed:
        assert ("content-type", "text/event-stream" if stream else "application/json") in reply.headers
    await reply.aclose()
    assert host.closed == 1


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}"])
async def test_an_error_without_words_keeps_its_status(stream: bool, body: bytes) -> None:
    reply = await call(Host(Event.whole(body), status=503), stream)
    assert (reply.status, reply.streamed) == (503, False)
    error = loads(await reply.read())["error"]
    assert error["type"] == "overloaded_error"
    assert error["message"] == "The provider answered 503 and did not say why."


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"choices": []}'])
async def test_what_is_no_reply_is_an_error_and_is_let_go_of(body: bytes) -> None:
    host = Host(Event.whole(body))
    with pytest.raises(UpstreamRefused):
        await call(host)
    assert host.closed == 1


async def test_a_stream_is_translated_as_it_comes() -> None:
    pieces = CHAT.split(WHOLE, {})
    host = Host(*pieces[:2], streamed=True)
    reply = await call(host, stream=True)
    seen = [(await anext(reply.events)).kind for _ in range(3)]
    assert seen == ["message_start", "content_block_start", "content_block_delta"]
    with pytest.raises(UpstreamBroke):
        await anext(reply.events)


async def test_keys_that_a_provider_tried_are_counted_for_the_caller_s_exchange() -> None:
    class TwoKeys(Host):
        async def __call__(self, exchange: Exchange) -> Reply:
            exchange.attempts += 1
            return await super().__call__(exchange)

    asked = exchange()
    asked.attempts = 1
    await between.call(TwoKeys(Event.whole(dumps(WHOLE))), asked, {"openai"})
    assert asked.attempts == 2


def chunk(**delta: Any) -> Event:
    return Event.of({"id": "c", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})


@pytest.mark.parametrize("stream", [False, True])
async def test_pieces_out_of_place_are_an_error_and_reach_no_other_block(stream: bool) -> None:
    begun = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}
    more = {"index": 0, "function": {"arguments": "{}"}}
    events = [chunk(tool_calls=[begun]), chunk(content="and"), chunk(tool_calls=[more])]
    with pytest.raises(UpstreamRefused):
        await (await call(Host(*events, streamed=True), stream)).read()


def test_who_speaks_a_dialect_or_its_family_gets_the_very_request() -> None:
    asked = exchange()
    for spoken in ({"anthropic"}, {"openai", "anthropic"}, {"openai.chat", "anthropic.messages"}):
        assert between.translated(asked, spoken) is asked
    assert between.translated(asked, {"openai.chat"}).dialect.name == "openai.chat"


def test_only_what_has_a_translation_reaches_who_speaks_something_else() -> None:
    assert between.reaches(exchange(), {"openai.chat"})
    assert not between.reaches(exchange(), {"openai.embeddings"})
    assert not between.reaches(exchange(AnthropicCountTokens()), {"openai"})
    assert not between.reaches(exchange(OpenAIEmbeddings()), {"anthropic"})


def test_the_callers_request_is_left_as_it_is() -> None:
    asked = exchange()
    before = dumps(asked.body)
    sent = between.translated(asked, {"openai"})
    assert (dumps(asked.body), asked.dialect.name) == (before, "anthropic.messages")
    assert (sent.id, sent.verdicts, sent.memo) == (asked.id, asked.verdicts, asked.memo)
