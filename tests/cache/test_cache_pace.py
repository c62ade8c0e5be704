"""A stored stream told at a pace: the same bytes, the first text at once, and nothing goes on for who has left."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tidegate.cache.pace import SILENT_SECONDS, paced, written
from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.openai_text import OpenAICompletions
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.sse import Event
from tidegate.tests.cache import staging
from tidegate.tests.cache.staging import DIALECT, Make, Model, ask, chunks, exchange

make = staging.make
DIALECTS = [OpenAIChat(), OpenAICompletions(), OpenAIResponses(), AnthropicMessages(), Gemini(streams=True)]
TEXT = "one two three four"


class Clock:
    """The loop's clock, which goes on by sleeping alone."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = asyncio.get_running_loop().time()
        self.slept = list[float]()
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: self.now)
        monkeypatch.setattr(asyncio, "sleep", self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


async def each(events: list[Event]) -> AsyncIterator[Event]:
    for event in events:
        yield event


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_a_text_counts_once_in_every_dialect(dialect: Dialect) -> None:
    body: dict[str, Any] = {"model": "m", "messages": [], "input": "x", "prompt": "x"}
    whole = dialect.canned(body, TEXT)
    assert whole is not None
    assert sum(written(dialect, event) for event in dialect.split(whole, body)) == len(TEXT)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
async def test_a_paced_stream_has_the_same_bytes(dialect: Dialect) -> None:
    body: dict[str, Any] = {"model": "m", "messages": [], "input": "x", "prompt": "x"}
    whole = dialect.canned(body, TEXT)
    assert whole is not None
    events = dialect.split(whole, body)
    told = [event.raw async for event in paced(dialect, each(events), 1000.0)]
    assert told == [event.raw for event in events]


async def test_the_first_text_leaves_at_once_and_the_rest_as_it_would_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, events, at = Clock(monkeypatch), chunks("one three seven four"), list[float]()
    began = clock.now
    async for _ in paced(DIALECT, each(events), 100.0):
        at.append(round(clock.now - began, 6))
    # the role, "one", "three", "seven", "four", the finish reason, the end mark
    assert at == [0, 0, 0.05, 0.1, 0.14, 0.14, 0.14]


async def test_no_event_is_waited_for_until_a_client_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, events = Clock(monkeypatch), [*chunks("one"), *chunks("x" * 5000 + " two")]
    async for _ in paced(DIALECT, each(events), 50.0):
        pass
    assert clock.slept == pytest.approx([SILENT_SECONDS, 0.06])


async def test_a_slow_reader_does_not_wait_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    async for _ in paced(DIALECT, each(chunks("one three seven four")), 100.0):
        clock.now += 1.0
    assert not clock.slept


@pytest.mark.parametrize("stored", [True, False])
async def test_a_hit_is_paced_as_a_stream_and_never_as_a_whole(make: Make, stored: bool) -> None:
    stage, model = await make(pace=50.0), Model("one " + "two " * 20)
    await ask(stage, model, exchange(stream=stored))
    loop = asyncio.get_running_loop()
    began = loop.time()
    whole = await ask(stage, model, exchange())
    assert b"two" in whole and loop.time() - began < 0.5
    if stored:
        first = await stage(exchange(stream=True), model)
        task = asyncio.create_task(first.read())
        done, _ = await asyncio.wait([task], timeout=0.2)
        assert not done
        task.cancel()  # who leaves ends it
        await asyncio.wait([task], timeout=1.0)
        assert task.cancelled()
        await first.aclose()
    assert model.calls == 1
