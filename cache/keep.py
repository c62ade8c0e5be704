"""Putting complete replies into the store, and into the index."""

import asyncio
import time
from collections import Counter
from contextlib import suppress

from ..engine.exchange import Exchange, Reply
from ..engine.ports import Entry, Store
from ..engine.sse import Event
from .admission import TOO_LARGE, Wishes, answer_of
from .background import Background
from .bound import Bound
from .current import Policy
from .disputed import settle
from .exact import seek
from .key import Place
from .lineage import Lineage
from .semantic import Semantic

STORE_WAIT_SECONDS = 0.05
"""How long the last event of a stream waits for its entry to be stored."""
WHOLE = 10
"""How many times as long a whole reply waits, which says that it is stored. No store holds it up for longer."""
NOT_KEPT = "not-kept-"
"""What stands before the reason in `Cache-Status`. Not `not-stored`: many look for `stored` anywhere in that line."""
LEAVE_SECONDS = 0.001
"""What is stored is embedded that much later: the reply leaves first."""


class Keeper:
    """Keeps what may be kept; `ttl` in seconds."""

    def __init__(
        self,
        store: Store,
        semantic: Semantic | None,
        bound: Bound,
        policy: Policy,
        lineage: Lineage,
        background: Background,
        counts: Counter[str],
        *,
        ttl: float,
        max_bytes: int,
    ) -> None:
        self.store = store
        self._semantic = semantic
        self._bound = bound
        self._policy = policy
        self._lineage = lineage
        self._background = background
        self._counts = counts
        self._ttl = ttl
        self._max_bytes = max_bytes

    async def __call__(self, exchange: Exchange, where: Place, reply: Reply, events: list[Event] | None) -> bytes:
        """Store a complete reply; the entry's value, empty when it must not be kept: why is noted for the caller."""
        value, reason = b"", TOO_LARGE
        if events is not None:
            policy, most = self._policy(exchange), self._max_bytes
            value, reason = answer_of(exchange, where, reply, events, policy, most, self._lineage)
        if not value:
            self._not_kept(exchange, reason)
            return b""
        stored = asyncio.Event()

        async def store_then_tell() -> None:
            try:
                exchange.cache.stored = await self._store(where, value, exchange)
            finally:
                stored.set()
            if exchange.cache.stored and self._semantic is not None and not self._semantic.off:
                await asyncio.sleep(LEAVE_SECONDS)
                await self._semantic.learn(self.store, where, dict(exchange.memo))

        if self._background.spawn(store_then_tell()):
            wait = STORE_WAIT_SECONDS if reply.streamed else STORE_WAIT_SECONDS * WHOLE
            with suppress(TimeoutError):
                await asyncio.wait_for(stored.wait(), wait)
        else:
            self._not_kept(exchange, "busy")
        return value

    def _not_kept(self, exchange: Exchange, reason: str) -> None:
        reason = reason.replace(" ", "-")
        self._counts["not_stored." + reason] += 1
        exchange.cache.detail = exchange.cache.detail or NOT_KEPT + reason

    async def _store(self, where: Place, value: bytes, exchange: Exchange) -> bool:
        now, ttl = time.time(), min(self._ttl, Wishes.of(exchange.headers).ttl)
        if not ttl:
            self._not_kept(exchange, "ttl")
            return False
        left = self._bound.knows(where.key) and (await seek(self.store, where.partition, where.key))[1]
        stored = await self.store.put(Entry(where.key, where.partition, value, now, now + ttl))
        if not stored:
            self._not_kept(exchange, "store")
        else:
            self._counts["stored"] += 1
            if left:  # what was seen was seen of another answer
                self._bound.forget(where.key)
            await settle(self.store, where.key, exchange)
        return stored
