"""A stream is complete when it says so, and not when its connection ends."""

from collections.abc import AsyncIterator
from contextlib import nullcontext

import pytest

from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.ending import ended
from tidegate.engine.errors import TidegateError, UpstreamBroke, UpstreamSilent
from tidegate.engine.sse import DONE, Event

CHAT, RESPONSES, MESSAGES, GEMINI = OpenAIChat(), OpenAIResponses(), AnthropicMessages(), Gemini("v1beta", streams=True)
PING = Event(b": ping\n\n", b"")


def word(dialect: Dialect) -> Event:
    texts: dict[str, dict[str, object]] = {
        "openai.chat": {"choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": None}]},
        "openai.responses": {"type": "response.output_text.delta", "delta": "response.completed"},
        "anthropic.messages": {"type": "content_block_delta", "delta": {"text": "message_stop"}},
        "gemini.generate": {"candidates": [{"content": {"parts": [{"text": '"finishReason"'}]}}]},
    }
    return Event.of(texts[dialect.name])


async def stream(*events: Event | TidegateError) -> AsyncIterator[Event]:
    for event in events:
        if isinstance(event, TidegateError):
            raise event
        yield event


@pytest.mark.parametrize(
    ("dialect", "last"),
    [
        (CHAT, [DONE]),
        (CHAT, [Event.of({"choices": [{"finish_reason": "stop"}]}), Event.of({"choices": [], "usage": {}})]),
        (CHAT, [Event.of({"error": {"message": "m"}})]),
        (RESPONSES, [Event.of({"type": "response.completed"}), DONE]),
        (RESPONSES, [Event.of({"type": "response.failed"})]),
        (RESPONSES, [Event.of({"type": "error", "message": "m"})]),
        (MESSAGES, [Event.of({"type": "message_stop"}), PING]),
        (MESSAGES, [Event.of({"type": "error", "error": {}})]),
        (GEMINI, [Event.of({"candidates": [{"finishReason": "STOP"}]}), Event.of({"usageMetadata": {}})]),
    ],
)
async def test_a_stream_that_says_how_it_ended_passes_as_it_is(dialect: Dialect, last: list[Event]) -> None:
    sent = [word(dialect), *last]
    assert [event async for event in ended(dialect, stream(*sent))] == sent


@pytest.mark.parametrize("dialect", [CHAT, RESPONSES, MESSAGES, GEMINI])
@pytest.mark.parametrize("number", [0, 1, 100])
async def test_one_that_only_stops_is_broken_when_all_of_it_has_left(dialect: Dialect, number: int) -> None:
    seen: list[Event] = []
    with pytest.raises(UpstreamBroke, match="mark"):
        async for event in ended(dialect, stream(*[word(dialect)] * number, PING)):
            seen.append(event)  # noqa: PERF401 what came before the error counts
    assert len(seen) == number + 1


@pytest.mark.parametrize("fault", [UpstreamBroke("x"), UpstreamSilent("x")], ids=["cut", "silent"])
@pytest.mark.parametrize(
    ("dialect", "last", "closes"),
    [
        (CHAT, DONE, True),
        (CHAT, Event.of({"choices": [{"finish_reason": "stop"}]}), False),
        (RESPONSES, Event.of({"type": "response.completed"}), True),
        (MESSAGES, Event.of({"type": "message_stop"}), True),
        (GEMINI, Event.of({"candidates": [{"finishReason": "STOP"}]}), False),
    ],
)
async def test_what_breaks_behind_the_event_that_closes_a_stream_breaks_nothing(
    dialect: Dialect, last: Event, closes: bool, fault: TidegateError
) -> None:
    seen, sent = [], [word(dialect), last]
    with nullcontext() if closes else pytest.raises(type(fault)):
        async for event in ended(dialect, stream(*sent, fault)):
            seen.append(event)  # noqa: PERF401 what came before the error counts
    assert seen == sent
