"""A copy of some requests to a second model, to see how it would do; the caller neither waits nor hears of it."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from ..engine.errors import TidegateError
from ..engine.exchange import Caller, Exchange, Reply
from ..engine.usage import MARK, usage_of
from .attempts import holds_error
from .bills import Billed, billed, unbilled
from .targets import IDEMPOTENCY, Target

MOST = 16
"""Copies under way at once, for one route; further ones are dropped."""

MIRROR = "mirror"
"""Stands for the caller where the answer to a copy is told of, and behind the id of the request that was copied."""

Ask = Callable[[Target, Exchange], Awaitable[Reply]]
Told = Callable[[str, str], None]
"""Told the provider and the outcome: `ok`, `failed`, or `dropped` when too many were under way."""


@dataclass(slots=True)
class Mirror:
    """Sends a `share` (0 to 1) of a route's requests to `target` as well; replies are read to their end and dropped."""

    target: Target
    share: float
    draw: Callable[[], float] = random.random
    _under_way: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def offer(self, exchange: Exchange, ask: Ask, told: Told, bill: Billed = unbilled) -> None:
        """Send a copy, or not. Returns at once and raises nothing. `bill` is told what its answer took."""
        if self.draw() >= self.share:
            return
        if len(self._under_way) >= MOST:
            told(self.target.provider.name, "dropped")
            return
        headers = {name: value for name, value in exchange.headers.items() if name != IDEMPOTENCY}
        copy = replace(exchange, headers=headers, memo={}, timings={}, verdicts=[])
        task = asyncio.get_running_loop().create_task(self._send(copy, ask, told, bill))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _send(self, exchange: Exchange, ask: Ask, told: Told, bill: Billed) -> None:
        outcome, usage, begun, wrong = "failed", None, False, False
        try:
            reply = await ask(self.target, self.target.outgoing(exchange, repeats=False))
            begun = reply.status < 400
            try:
                async for event in reply.events:
                    if MARK in event.payload and (said := usage_of(event.data or {})) is not None:
                        usage = usage.with_later(said) if usage else said
                    wrong = wrong or holds_error(event)
                outcome = "ok" if begun and not wrong else "failed"
            finally:
                await reply.aclose()
        except TidegateError:
            pass
        finally:
            told(self.target.provider.name, outcome)
            copied = billed(exchange, self.target, MIRROR, usage)
            if begun or copied.spent is not None:
                bill(replace(copied, caller=Caller(MIRROR)), outcome == "ok" or not exchange.stream)

    async def aclose(self) -> None:
        """Give up what is under way."""
        tasks = list(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
