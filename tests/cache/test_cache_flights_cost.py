"""What a shared call took is counted once, whoever of those that share it leaves."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any, cast

import pytest

from tidegate.cache.stage import CacheStage
from tidegate.engine.errors import TidegateError, UpstreamBroke
from tidegate.engine.exchange import Exchange, Spent
from tidegate.engine.handler import Answer, Handler
from tidegate.engine.pipeline import Pipeline, Stages
from tidegate.engine.sse import DONE, Event
from tidegate.engine.usage import Usage
from tidegate.governance.cost import Meter
from tidegate.governance.metrics import Metrics
from tidegate.tests.cache import staging
from tidegate.tests.cache.staging import DIALECT, Make, Model, completion, exchange

make = staging.make

FIRST: dict[str, Any] = {"prompt_tokens": 100, "completion_tokens": 1}
LAST: dict[str, Any] = {"prompt_tokens": 100, "completion_tokens": 7}


class Counting:
    """A gate with a cache and a meter, and what its observers were told."""

    def __init__(self, stage: CacheStage, *, priced: bool = True, tells: bool = True) -> None:
        self.model = Model()
        self.model.gate.clear()
        self.model.body = completion("Paris", usage=LAST) if tells else completion("Paris")
        self.model.events = [Event.of({"choices": [{"index": 0, "delta": {"content": "Par"}}], "usage": FIRST})]
        self.model.events += [Event.of({"choices": [{"index": 0, "delta": {"content": "is"}}]})]
        self.model.events += [Event.of({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})]
        self.model.events += [Event.of({"choices": [], "usage": LAST}), DONE]
        self.told: list[Spent | None] = []
        meter, self.metrics = Meter(lambda _, spent: (spent.usage.output / 1e6, "m") if priced else None), Metrics()
        self.pipeline = Pipeline(Stages(cache=stage, inner=[meter]), self.model)
        self.handler = Handler([DIALECT], self.pipeline, [meter.observe, self.metrics.observe, self.observe])

    def observe(self, asked: Exchange, status: int, error: TidegateError | None) -> None:
        self.told.append(replace(asked.spent) if asked.spent else None)

    async def begin(self, stream: bool) -> Answer:
        return await self.handler.run(exchange(stream=stream), self.pipeline)

    def counted(self, what: str) -> float:
        lines = self.metrics.text().decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(f"tidegate_{what}_total"))


async def read(answer: Answer) -> None:
    async for _ in answer.chunks:
        pass
    await answer.aclose()


async def leave(answer: Answer, how: str) -> None:
    if how == "its chunks first":
        await cast("AsyncGenerator[bytes]", answer.chunks).aclose()
    await answer.aclose()


async def test_a_call_whose_maker_left_is_counted_for_one_of_the_others(make: Make) -> None:
    gate = Counting(await make(mode="exact"))
    maker = asyncio.create_task(gate.begin(False))
    await asyncio.sleep(0.01)
    others = [asyncio.create_task(gate.begin(False)) for _ in range(3)]
    await asyncio.sleep(0.01)
    maker.cancel()
    await asyncio.sleep(0.01)
    gate.model.gate.set()
    for other in others:
        await read(await other)
    assert [spent for spent in gate.told if spent] == [Spent(Usage(100, 7), "m", 7e-6, "m")]
    assert gate.counted("cost_dollars") == 7e-6 and gate.counted("unpriced") == 0


@pytest.mark.parametrize("further", [True, False], ids=["read to the end", "left at the mark"])
async def test_a_stream_whose_maker_left_is_counted_once_to_the_last_token(make: Make, further: bool) -> None:
    gate = Counting(await make(mode="exact"))
    maker = await gate.begin(True)
    await anext(maker.chunks)
    others = [await gate.begin(True) for _ in range(2)]
    await maker.aclose()
    gate.model.gate.set()
    for other in others:
        if not further:
            for _ in range(5):
                await anext(other.chunks)
            await other.aclose()
        else:
            await read(other)
    tokens = [(spent.usage.input, spent.usage.output) for spent in gate.told if spent]
    assert tokens == [(100, 1), (0, 6)] and gate.counted("tokens") == 107
    assert gate.counted("cost_dollars") == 7e-6


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("slow", [False, True], ids=["", "its maker the last to read"])
async def test_requests_that_travelled_along_cost_nothing_more(make: Make, stream: bool, slow: bool) -> None:
    gate = Counting(await make(mode="exact"))
    tasks = [asyncio.create_task(gate.begin(stream)) for _ in range(3)]
    await asyncio.sleep(0.01)
    gate.model.gate.set()
    answers = [await task for task in tasks]
    for answer in reversed(answers) if slow else answers:
        await read(answer)
    assert gate.counted("cost_dollars") == 7e-6 and gate.counted("unpriced") == 0 and gate.counted("tokens") == 107


@pytest.mark.parametrize("leaves", [False, True])
@pytest.mark.parametrize("tells", [False, True])
async def test_a_shared_call_without_a_price_is_unpriced_once(make: Make, tells: bool, leaves: bool) -> None:
    gate = Counting(await make(mode="exact"), priced=False, tells=tells)
    tasks = [asyncio.create_task(gate.begin(False)) for _ in range(4)]
    await asyncio.sleep(0.01)
    if leaves:
        tasks.pop(0).cancel()
        await asyncio.sleep(0.01)
    gate.model.gate.set()
    for task in tasks:
        await read(await task)
    assert gate.counted("unpriced") == 1 and gate.model.calls == 1


@pytest.mark.parametrize("how", ["the answer", "its chunks first"])
@pytest.mark.parametrize("priced", [True, False])
async def test_a_stream_whose_maker_left_is_unpriced_once_or_not_at_all(make: Make, priced: bool, how: str) -> None:
    gate = Counting(await make(mode="exact"), priced=priced)
    maker = await gate.begin(True)
    await anext(maker.chunks)
    other = await gate.begin(True)
    await leave(maker, how)
    gate.model.gate.set()
    await read(other)
    assert gate.counted("unpriced") == (0 if priced else 1) and gate.counted("tokens") == 107


@pytest.mark.parametrize("how", ["the answer", "its chunks first"])
@pytest.mark.parametrize("first", [0, 1, 2])
async def test_a_shared_stream_that_all_left_is_unpriced_once(make: Make, first: int, how: str) -> None:
    gate = Counting(await make(mode="exact"))
    answers = [await gate.begin(True) for _ in range(3)]
    for answer in answers:
        await anext(answer.chunks)
    for answer in answers[first:] + answers[:first]:
        await leave(answer, how)
    assert gate.counted("unpriced") == 1 and gate.counted("tokens") == 101


async def test_a_shared_stream_whose_maker_left_and_that_broke_is_unpriced_once(make: Make) -> None:
    gate = Counting(await make(mode="exact"))
    maker = await gate.begin(True)
    await anext(maker.chunks)
    others = [await gate.begin(True) for _ in range(2)]
    await maker.aclose()
    gate.model.error = UpstreamBroke("x")
    gate.model.gate.set()
    for other in others:
        await read(other)
    assert gate.counted("unpriced") == 1
