"""Many events that came at once keep nobody else waiting."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from tidegate.engine import limits, margins, sse
from tidegate.engine.errors import UpstreamBroke
from tidegate.engine.exchange import Segment
from tidegate.engine.sse import Event
from tidegate.engine.stream import HoldBack, Look
from tidegate.tests.engine.screening import CHAT, Pattern, content


class Slow(Pattern):
    """Takes a millisecond for each look at running text, and at what stands beside the data."""

    async def look(self, segment: Segment, text: str, settled: int, done: bool) -> Look:
        if segment.channel or not segment.address:
            time.sleep(0.001)  # noqa: ASYNC251  (it keeps the loop, as a look does)
        return await super().look(segment, text, settled, done)


async def turns_during(left: AsyncIterator[Event]) -> tuple[int, int]:
    """How many events leave, and how many turns others have meanwhile."""
    turns: list[float] = []

    async def other() -> None:
        while True:
            turns.append(time.perf_counter())
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await asyncio.sleep(0)
    count = len([event async for event in left])
    task.cancel()
    return count, len(turns)


async def test_others_have_their_turn_between_the_events_of_a_burst() -> None:
    async def source() -> AsyncIterator[Event]:
        for _ in range(100):  # they are here: nothing waits
            yield content("word ")

    async def stop() -> None:
        pass

    count, turns = await turns_during(HoldBack(CHAT, Slow("falcon", 6), True, stop).run(source()))
    assert count == 100
    assert turns > 10  # about one in six events; one in all before


async def test_others_have_their_turn_between_many_comments() -> None:
    async def source() -> AsyncIterator[Event]:
        for number in range(100):
            yield Event(b": busy %d\n\n" % number, b"")

    count, turns = await turns_during(margins.screened(CHAT, Slow("falcon", 6), source()))
    assert count == 100
    assert turns > 10


async def test_others_have_their_turn_between_events_of_two_bytes() -> None:
    async def source() -> AsyncIterator[bytes]:
        yield b"\n\n" * 50_000

    count, turns = await turns_during(sse.parse(source()))
    assert count == 50_000
    assert turns > 2


async def test_a_stream_of_nothing_but_ends_of_events_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "EVENTS", 100)

    async def source() -> AsyncIterator[bytes]:
        while True:
            yield b"\n\n" * 10

    with pytest.raises(UpstreamBroke, match="events"):
        await turns_during(sse.parse(source()))
    assert limits.EVENTS * 2 < limits.REPLY_BYTES
