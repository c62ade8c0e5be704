"""The way of a request, from top to bottom. This is the file to read first.

    admit → compat → limit → outer* → request_guard → tap → cache → reply_guard → inner* → route → provider

Requests travel to the right, replies travel back. The order is a promise:

- What `request_guard` masks reaches nothing to its right: no cache, no provider, no log (the log is written from what
  the exchange became). On the way back it is the last to touch a reply, and puts the caller's own values back.
- `admit` stands before all that answers a request for what is in it: a stranger learns nothing but that he is one.
- `reply_guard` stands before the cache, so that only guarded replies are stored; a stored reply that was guarded by
  other rules is screened again before it is served.
- `tap` is the one place where texts are taken for the log: masked by the guard, not yet restored.
- A stream that the provider ends without its end mark is broken, whoever carried it (`engine/ending.py`).
- Whatever a stage throws travels out through the stages to its left, and is rendered once, at the door.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .ending import ended
from .errors import InternalError, TidegateError
from .exchange import Exchange, Reply
from .ports import Next, Stage


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages that a gate was built with; a place that is None is passed over."""

    admit: Stage | None = None
    compat: Stage | None = None
    limit: Stage | None = None
    outer: Sequence[Stage] = ()
    request_guard: Stage | None = None
    tap: Stage | None = None
    cache: Stage | None = None
    reply_guard: Stage | None = None
    inner: Sequence[Stage] = ()

    def in_order(self) -> list[tuple[str, Stage]]:
        """Names and stages, leftmost first."""
        places: list[tuple[str, Stage | None]] = [
            ("admit", self.admit),
            ("compat", self.compat),
            ("limit", self.limit),
            *(("outer", stage) for stage in self.outer),
            ("request_guard", self.request_guard),
            ("tap", self.tap),
            ("cache", self.cache),
            ("reply_guard", self.reply_guard),
            *(("inner", stage) for stage in self.inner),
        ]
        return [(name, stage) for name, stage in places if stage is not None]


class Pipeline:
    """Stages folded around the innermost call. Calling it runs one exchange."""

    def __init__(self, stages: Stages, route: Next) -> None:
        call = _upstream(route)
        for name, stage in reversed(stages.in_order()):
            call = _around(name, stage, call)
        self._call = call

    async def __call__(self, exchange: Exchange) -> Reply:
        """Run `exchange`. Raises only TidegateError: a fault of ours becomes InternalError, its cause kept."""
        try:
            return await self._call(exchange)
        except TidegateError:
            raise
        except Exception as fault:
            raise InternalError(f"Something went wrong in the gate; the log has it under {exchange.id}.") from fault


def _around(name: str, stage: Stage, inner: Next) -> Next:
    """`stage` in front of `inner`, with the time that it takes itself noted on the exchange, in ms.

    When the stage fails, or its caller leaves, the replies that it was given are closed: nobody else will. Not those
    that a task of its own asked for and is still at work on, such as a call that other requests share.
    """

    async def call(exchange: Exchange) -> Reply:
        behind = _Stopwatch()
        given: list[tuple[Reply, asyncio.Task[Any] | None]] = []

        async def measured(onward: Exchange) -> Reply:
            begun = time.perf_counter()
            try:
                reply = await inner(onward)
                given.append((reply, asyncio.current_task()))
                return reply
            finally:
                behind.spent += time.perf_counter() - begun

        begun = time.perf_counter()
        try:
            return await stage(exchange, measured)
        except BaseException:
            for reply, asked in given:
                if asked is None or asked is asyncio.current_task() or asked.done():
                    await reply.aclose()
            raise
        finally:
            _add(exchange.timings, name, time.perf_counter() - begun - behind.spent)

    return call


def _upstream(inner: Next) -> Next:
    """The innermost call, its time noted, its streams looked at to their end."""

    async def call(exchange: Exchange) -> Reply:
        begun = time.perf_counter()
        try:
            reply = await inner(exchange)
        finally:
            _add(exchange.timings, "upstream", time.perf_counter() - begun)
        if reply.streamed and exchange.dialect.may_stream:  # of what is not read, no mark is known
            reply.events = ended(exchange.dialect, reply.events)
        return reply

    return call


@dataclass(slots=True)
class _Stopwatch:
    spent: float = field(default=0.0)


def _add(timings: dict[str, float], name: str, seconds: float) -> None:
    timings[name] = timings.get(name, 0.0) + seconds * 1000


def overhead(timings: Mapping[str, float]) -> float:
    """Milliseconds that the gate's own stages took, without what an exchange took in all."""
    return sum(ms for name, ms in timings.items() if name not in ("upstream", "total"))
