"""The cache as a stage: bypass, exact, semantic, flight, store, in this order.

It sees bodies after the request guard and replies after the reply guard: masked, checked. It never answers across a
scope, and whatever fails in it costs a request nothing but the answer from memory.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, Literal, TypeAlias, cast

from msgspec import structs

from ..engine.errors import NotInCache
from ..engine.exchange import Exchange, Reply
from ..engine.ports import Embedder, Entry, Next, Store
from ..engine.sse import Event
from . import exact
from .admission import Wishes, answer_of
from .answer import options
from .background import Background
from .exact import Found
from .flights import Flights
from .key import Place, Share, place
from .remote import semantic_over
from .semantic import Semantic
from .stores.record import SharedStore
from .verify import Verifier

log = logging.getLogger("tidegate.cache")

Policy: TypeAlias = Callable[[Exchange], str]
"""Digest of the rules in force for an exchange."""
Rescreen: TypeAlias = Callable[[Exchange, Reply], Awaitable[Reply]]
"""The reply guard as a function: a stored reply in, the same out unless today's rules object."""

POLL_SECONDS = 0.5
"""How often a store that others write to is asked for their entries."""
STORE_WAIT_SECONDS = 0.05
"""How long the last event of a stream waits for its entry to be stored."""


class CacheStage:
    """Answers from memory what was asked before, in the same or in other words."""

    def __init__(
        self,
        store: Store,
        verifier: Verifier | None,
        policy: Policy,
        rescreen: Rescreen,
        *,
        mode: Literal["exact", "semantic"] = "semantic",
        ttl: float = 86_400.0,
        share: Share = "key",
        embedder: Embedder | None = None,
        static: Embedder | None = None,
        background: Background | None = None,
        max_wrong_hits: float = 0.01,
        max_entry_bytes: int = 1 << 20,
        max_vectors: int = 100_000,
    ) -> None:
        """`ttl` in seconds. Mode `semantic` needs an embedder and a verifier; `static`, a fast one, spares calls."""
        self.store = store
        self.policy = policy
        self.rescreen = rescreen
        self.ttl = ttl
        self.share: Share = share
        self.max_entry_bytes = max_entry_bytes
        self.background = background or Background()
        self.flights = Flights(max_entry_bytes)
        self.semantic: Semantic | None = None
        if mode == "semantic":
            if embedder is None or verifier is None:
                raise ValueError("semantic mode needs an embedder and a verifier")
            self.semantic = semantic_over(store, embedder, static, verifier, max_wrong_hits, max_vectors)
        self.counts: Counter[str] = Counter()
        self.milliseconds = {"exact": 0.0, "semantic": 0.0}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open the store and test the encoder; the index fills while the exact tier already serves."""
        await self.store.start()
        if self.semantic is not None:
            await self.semantic.start()
            if self.semantic.off:
                log.warning("the semantic cache stays off: %s", self.semantic.off)
            else:
                self._tasks.append(asyncio.get_running_loop().create_task(self._keep_current(self.semantic)))

    async def aclose(self) -> None:
        """Finish what is under way, then close the store."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()
        await self.background.drain()
        if self.semantic is not None:
            self.semantic.close()
        await self.store.aclose()

    async def __call__(self, exchange: Exchange, next: Next) -> Reply:
        question = exchange.dialect.question(exchange.body)
        wishes = Wishes.of(exchange.headers)
        if question.bypass or wishes.no_store:
            return await self._bypass(exchange, next, question.bypass or "no-store", wishes)
        where = place(exchange, question, self.share)
        exchange.cache.status = "miss"
        if wishes.no_cache:
            exchange.cache.status, exchange.cache.detail = "bypass", "no-cache"
        else:
            hit = await self._exact(exchange, where, wishes) or await self._semantic(exchange, where, wishes)
            if hit is not None:
                return hit
        self.counts[exchange.cache.status] += 1
        if wishes.only_if_cached:
            raise NotInCache("Nothing usable is stored, and only-if-cached was asked for.")
        return await self._fly(exchange, next, where, shared=not wishes.no_cache)

    async def _bypass(self, exchange: Exchange, next: Next, reason: str, wishes: Wishes) -> Reply:
        exchange.cache.status, exchange.cache.detail = "bypass", reason
        self.counts["bypass"] += 1
        self.counts["bypass." + reason] += 1
        if wishes.only_if_cached:
            raise NotInCache("This request is not answered from memory, and only-if-cached was asked for.")
        return await next(exchange)

    # Answering

    async def _exact(self, exchange: Exchange, where: Place, wishes: Wishes) -> Reply | None:
        began = time.perf_counter()
        found = await exact.find(self.store, where)
        self.milliseconds["exact"] += (time.perf_counter() - began) * 1e3
        return None if found is None else await self._serve(exchange, found, wishes, "exact", None)

    async def _semantic(self, exchange: Exchange, where: Place, wishes: Wishes) -> Reply | None:
        if self.semantic is None or self.semantic.off:
            return None
        began = time.perf_counter()
        try:
            match = await self.semantic.find(exchange.memo, where)
        except Exception as error:  # an encoder that fails costs the hit, not the request
            self.counts["semantic_failures"] += 1
            log.warning("the semantic cache failed: %s", type(error).__name__)
            return None
        finally:
            self.milliseconds["semantic"] += (time.perf_counter() - began) * 1e3
        if match is None:
            return None
        found = await exact.fetch(self.store, where.partition, match.key)
        if found is None:
            self.semantic.forget(match.key)
            return None
        return await self._serve(exchange, found, wishes, "semantic", match.similarity)

    async def _serve(
        self, exchange: Exchange, found: Found, wishes: Wishes, detail: str, similarity: float | None
    ) -> Reply | None:
        """The stored reply, unless it is too old, or today's rules object to it."""
        note = exchange.cache
        if found.age() > wishes.max_age:
            note.status = "stale"
            return None
        if found.answer.policy != self.policy(exchange) and not await self._passes_again(exchange, found):
            note.status = "stale"
            return None
        try:
            reply = found.answer.reply(exchange)
        except (ValueError, KeyError, TypeError, IndexError):
            self.counts["unreadable"] += 1
            return None
        note.status, note.detail, note.similarity = "hit", detail, similarity
        note.ttl, note.age = found.ttl(), int(found.age())
        self.counts["hit." + detail] += 1
        return reply

    async def _passes_again(self, exchange: Exchange, found: Found) -> bool:
        """Screen an answer that was stored under other rules. One that does not come out as it went in is deleted."""
        self.counts["rescreened"] += 1
        policy, kept, counted = self.policy(exchange), list(exchange.verdicts), exchange.verdict_count
        reply = found.answer.as_it_came()
        try:
            screened = await self.rescreen(exchange, reply)
            try:
                same = screened.status == 200 and await screened.read() == _raw(found)
            finally:
                await screened.aclose()
        except Exception:  # a block, or a rule that cannot run: either way it is not served
            same = False
        if same:
            self.background.spawn(self._stamp(found, policy))
            return True
        # Verdicts about an answer that nobody gets are not this exchange's.
        exchange.verdicts[:], exchange.verdict_count = kept, counted
        self.counts["rescreen_refused"] += 1
        await self._delete(found.entry.key)
        return False

    async def _stamp(self, found: Found, policy: str) -> None:
        """Note that today's rules have passed it, so that it is screened once for each change."""
        answer, entry = found.answer, found.entry
        value = structs.replace(answer, policy=policy).encode()
        await self.store.put(
            Entry(entry.key, entry.partition, value, entry.created, entry.expires, entry.vector, entry.encoder)
        )

    async def _delete(self, key: str) -> None:
        if self.semantic is not None:
            self.semantic.forget(key)
        await self.store.delete(key)

    # Asking and storing

    async def _fly(self, exchange: Exchange, next: Next, where: Place, *, shared: bool) -> Reply:
        key = f"{where.key}:{options(exchange).decode()}" if shared else None
        flight = self.flights.find(key) if key else None
        if flight is not None:
            exchange.cache.detail = "collapsed"
            self.counts["collapsed"] += 1
            return await self.flights.join(flight, exchange)

        async def landed(reply: Reply, events: list[Event] | None) -> None:
            await self._land(exchange, where, reply, events)

        return await self.flights.lead(key, exchange, next, landed)

    async def _land(self, exchange: Exchange, where: Place, reply: Reply, events: list[Event] | None) -> None:
        value, reason = b"", "too large"
        if events is not None:
            value, reason = answer_of(exchange, where, reply, events, self.policy(exchange), self.max_entry_bytes)
        if not value:
            self.counts["not_stored." + reason] += 1
            return
        if not reply.streamed:
            exchange.cache.stored = await self._store(where, value, exchange.memo)
            return
        stored = asyncio.Event()

        async def store_then_tell() -> None:
            try:
                exchange.cache.stored = await self._store(where, value, exchange.memo)
            finally:
                stored.set()

        if self.background.spawn(store_then_tell()):
            with suppress(TimeoutError):
                await asyncio.wait_for(stored.wait(), STORE_WAIT_SECONDS)

    async def _store(self, where: Place, value: bytes, memo: dict[str, Any]) -> bool:
        now = time.time()
        stored = await self.store.put(Entry(where.key, where.partition, value, now, now + self.ttl))
        self.counts["stored" if stored else "not_stored.store"] += 1
        if stored and self.semantic is not None and not self.semantic.off:
            self.background.spawn(self.semantic.learn(self.store, where, dict(memo)))
        return stored

    # Keeping the index current

    async def _keep_current(self, semantic: Semantic) -> None:
        """Fill the index from the store, then follow what other processes write."""
        shared = cast("SharedStore", self.store) if hasattr(self.store, "changes") else None
        cursor: str | None = None
        loaded = False
        while True:
            try:
                if not loaded:
                    cursor = (await shared.changes(None)).cursor if shared else None
                    await semantic.load(self.store, self.store.entries(), embed=True)
                    loaded = True
                if shared is None:
                    return
                changes = await shared.changes(cursor)
                cursor, loaded = changes.cursor, not changes.lost
                await semantic.load(self.store, _each(changes.entries), embed=False)
                if len(changes.entries) >= 100 or changes.lost:
                    continue
            except Exception as error:
                self.counts["index_failures"] += 1
                log.warning("the semantic index could not be brought up to date: %s", type(error).__name__)
            await asyncio.sleep(POLL_SECONDS)

    def stats(self) -> dict[str, Any]:
        """Counters since the start, and milliseconds spent in each tier."""
        store = cast("Callable[[], dict[str, int]]", getattr(self.store, "stats", dict[str, int]))
        found: dict[str, Any] = {
            "counts": dict(self.counts),
            "milliseconds": dict(self.milliseconds),
            "store": store(),
            "flights": len(self.flights),
            "background": {
                "pending": len(self.background),
                "dropped": self.background.dropped,
                "failed": self.background.failed,
            },
        }
        if self.semantic is not None:
            found["semantic"] = {
                "off": self.semantic.off,
                "vectors": len(self.semantic),
                "threshold": self.semantic.threshold,
                **self.semantic.counts,
            }
        return found


def _raw(found: Found) -> bytes:
    return b"".join(piece.raw for piece in found.answer.pieces)


async def _each(entries: list[Entry]) -> AsyncIterator[Entry]:
    for entry in entries:
        yield entry
