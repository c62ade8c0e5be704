"""Many events that came at once keep nobody else waiting."""

import asyncio
import time
from collections.abc import AsyncIterator

from tidegate.engine.exchange import Segment
from tidegate.engine.sse import Event
from tidegate.engine.stream import HoldBack, Look
from tidegate.tests.engine.screening import CHAT, Pattern, content


class Slow(Pattern):
    """Takes a millisecond for each look at running text."""

    async def look(self, segment: Segment, text: str, settled: int, done: bool) -> Look:
        if segment.channel:
            time.sleep(0.001)  # noqa: ASYNC251  (it keeps the loop, as a look does)
        return await super().look(segment, text, settled, done)


async def test_others_have_their_turn_between_the_events_of_a_burst() -> None:
    turns: list[float] = []

    async def source() -> AsyncIterator[Event]:
        for _ in range(100):  # they are here: nothing waits
            yield content("word ")

    async def stop() -> None:
        pass

    async def other() -> None:
        while True:
            turns.append(time.perf_counter())
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await asyncio.sleep(0)
    left = [event async for event in HoldBack(CHAT, Slow("falcon", 6), True, stop).run(source())]
    task.cancel()
    assert len(left) == 100
    assert len(turns) > 10  # about one in six events; one in all before
