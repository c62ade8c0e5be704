"""What an answer took, by the provider's own count, in whatever form the caller reads it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tidegate.engine.dialects import Dialect, between
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.exchange import Exchange, Reply, Spent
from tidegate.engine.jsonio import dumps
from tidegate.engine.sse import DONE, Event
from tidegate.engine.usage import Usage
from tidegate.governance.cost import Meter

CHAT = OpenAIChat()
TOOK = {
    "prompt_tokens": 100,
    "completion_tokens": 5,
    "total_tokens": 105,
    "prompt_tokens_details": {"cache_write_tokens": 80},
}
WHOLE: dict[str, Any] = {
    "id": "c",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "service_tier": "priority",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
    "usage": TOOK,
}
PIECES = [Event.of({"id": "c", "model": "m", "choices": [{"index": 0, "delta": {"content": "hi"}}]})]
PIECES += [Event.of({"id": "c", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})]
PIECES += [Event.of({"id": "c", "model": "m", "choices": [], "service_tier": "priority", "usage": TOOK}), DONE]


def price(asked: Exchange, spent: Spent) -> tuple[float, str]:
    return spent.usage.output / 1e6, "m"


def exchange(dialect: Dialect, stream: bool) -> Exchange:
    body: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}]}
    if isinstance(dialect, Gemini):
        body = {"contents": [{"parts": [{"text": "x"}]}]}
    return Exchange(dialect, dialect.path, {}, body, "m", stream)


class Host:
    """A provider of chat that streams, or not."""

    name = "host"
    passthrough: Any = None
    models: Any = None
    ready: Any = None
    start: Any = None
    aclose: Any = None

    def __init__(self, stream: bool) -> None:
        self.stream = stream

    async def __call__(self, exchange: Exchange) -> Reply:
        async def events() -> AsyncIterator[Event]:
            for event in PIECES if self.stream else [Event.whole(dumps(WHOLE))]:
                yield event

        return Reply(200, [], events(), self.stream)


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("stream", [False, True], ids=["asked whole", "asked as a stream"])
@pytest.mark.parametrize("form", ["chat", "messages", "gemini"])
async def test_tier_and_cache_writes_count_in_every_form(form: str, stream: bool, streams: bool) -> None:
    dialects = {"chat": CHAT, "messages": AnthropicMessages(), "gemini": Gemini(streams=stream)}
    asked, meter = exchange(dialects[form], stream), Meter(price)
    reply = await meter(asked, lambda onward: between.call(Host(streams), onward, {"openai"}))
    assert [event async for event in reply.events]
    assert asked.spent is not None and asked.spent.dollars is not None
    assert asked.spent.usage == Usage(100, 5, written=80, tier="priority")


async def test_a_stream_that_is_left_at_its_mark_has_its_cost() -> None:
    asked, meter = exchange(CHAT, True), Meter(price)
    reply = await meter(asked, Host(True))
    for _ in PIECES:
        await anext(reply.events)
    meter.observe(asked, 200, None)
    assert asked.spent is not None and asked.spent.dollars == 5 / 1e6
