"""The cache as a stage: bypass, exact, linked, semantic, flight, store, in this order.

It sees bodies after the request guard and replies after the reply guard: masked, checked. It never answers across a
scope, and whatever fails in it costs a request nothing but the answer from memory. What it learns of its own mistakes
is in `bound` and `lessons`.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal, cast

from ..engine.errors import NotInCache, UpstreamError
from ..engine.exchange import Exchange, Reply
from ..engine.ports import Embedder, Next, Store
from ..engine.sse import Event
from . import exact
from .admission import Bypass, Wishes
from .answer import options
from .background import Background
from .bound import Bound
from .compare import Comparer
from .current import Policy, Rescreen, has_passed, is_shared, keep_current, passes_again, stamp
from .disputed import is_disputed
from .exact import Found
from .feedback import Feedback
from .figures import figures
from .flights import Flights
from .journal import Journal
from .keep import Keeper
from .key import Place, Share, may_share, place
from .lessons import FAILING, Lessons, Near
from .lineage import Lineage
from .links import PROVEN, Links
from .observed import Observed
from .remote import semantic_over
from .semantic import Match, Semantic
from .tokens import own_secret
from .verify import NEVER, Verifier

log = logging.getLogger("tidegate.cache")

_NEAR = "cache.near"
"""Where an exchange keeps the stored answer that lay near and was not served."""


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
        shared_after: int = 1,
        embedder: Embedder | None = None,
        static: Embedder | None = None,
        background: Background | None = None,
        max_wrong_hits: float = 0.01,
        audit: float = 0.0,
        lineage: Lineage | None = None,
        bypass: Bypass | None = None,
        max_entry_bytes: int = 1 << 20,
        max_vectors: int = 100_000,
        verifier_id: str = "",
        secret: Callable[[], bytes] = own_secret,
        pace: float | None = None,
    ) -> None:
        """`ttl` in seconds, `pace` in characters a second. Mode `semantic` needs an embedder and a verifier; `static`,
        a fast one, spares calls. `secret`, the gate's, seals what callers are given to speak of a hit.

        An answer is shared beyond its own caller once `shared_after` callers had the same from the model themselves.
        """
        self.store = store
        self.policy = policy
        self.rescreen = rescreen
        self.share: Share = share
        self.shared_after = 1 if share == "key" else shared_after
        self.bypass = bypass or Bypass()
        self.background = background or Background()
        self.flights = Flights(max_entry_bytes)
        self.semantic: Semantic | None = None
        if mode == "semantic":
            if embedder is None or verifier is None:
                raise ValueError("semantic mode needs an embedder and a verifier")
            self.semantic = semantic_over(store, embedder, static, verifier, max_wrong_hits, max_vectors)
        threshold = self.semantic.threshold if self.semantic is not None else NEVER
        self.bound = Bound(threshold, max_wrong_hits, audit)
        self.links = Links()
        self.observed = Observed(verifier_id)
        self.feedback = Feedback(*(store, self.bound, self.links, self.observed), self._forget, secret)
        self.counts: Counter[str] = Counter()
        self.keep = Keeper(
            *(store, self.semantic, self.bound, policy, lineage or Lineage(), self.background, self.counts),
            ttl=ttl,
            max_bytes=max_entry_bytes,
        )
        self.lessons = Lessons(store, Comparer(embedder), self.bound, self.links, self.observed, self.keep)
        books = {"s": self.bound, "e": self.bound, "l": self.links, "p": self.observed}
        self.journal = Journal(store, books, shared=is_shared(store))
        self.bound.touched = self.links.touched = self.observed.touched = self.journal.touched
        self.milliseconds = {"exact": 0.0, "linked": 0.0, "semantic": 0.0}
        self._worded = (("linked", self._linked), ("semantic", self._semantic))
        self._pace = pace
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open the store and test the encoder; the index fills while the exact tier already serves."""
        await self.store.start()
        await self.journal.listen()
        work = [self.journal.run()]
        if self.semantic is not None:
            await self.semantic.start()
            if self.semantic.off:
                log.error("the semantic cache stays off: %s", self.semantic.off)
            else:
                work.append(keep_current(self.store, self.semantic, self.counts))
        self._tasks += [asyncio.get_running_loop().create_task(one) for one in work]

    async def aclose(self) -> None:
        """Finish what is under way, then close the store."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()
        await self.lessons.aclose()
        await self.background.drain()
        if self.semantic is not None:
            self.semantic.close()
        await self.journal.close()
        await self.store.aclose()

    async def __call__(self, exchange: Exchange, next: Next) -> Reply:
        question = exchange.dialect.question(exchange.body)
        wishes = Wishes.of(exchange.headers)
        exchange.cache.forwarded = not wishes.only_if_cached
        if reason := self.bypass.reason(question, wishes):
            return await self._bypass(exchange, next, reason, wishes)
        where = place(exchange, question, self.share)
        exchange.cache.status = "miss"
        if wishes.no_cache:
            exchange.cache.status, exchange.cache.detail = "bypass", "no-cache"
        elif (hit := await self._recall(exchange, next, where, wishes)) is not None:
            return hit
        self.counts[exchange.cache.status] += 1
        if wishes.only_if_cached:
            raise NotInCache("Nothing usable is stored, and only-if-cached was asked for.")
        try:
            return await self._fly(exchange, next, where, shared=not wishes.no_cache)
        except UpstreamError:
            self.lessons.model_failed()
            raise

    async def _bypass(self, exchange: Exchange, next: Next, reason: str, wishes: Wishes) -> Reply:
        exchange.cache.status, exchange.cache.detail = "bypass", reason
        self.counts.update(("bypass", "bypass." + reason))
        if wishes.only_if_cached:
            raise NotInCache("This request is not answered from memory, and only-if-cached was asked for.")
        return await next(exchange)

    # Answering

    async def _recall(self, exchange: Exchange, next: Next, where: Place, wishes: Wishes) -> Reply | None:
        """A stored reply, from the first tier that has one."""
        worded = () if wishes.similarity > 1.0 or self.semantic is None else self._worded
        tried = set[str]()
        for name, tier in (("exact", self._exact), *worded):
            began = time.perf_counter()
            found, match = await tier(exchange, where)
            self.milliseconds[name] += (time.perf_counter() - began) * 1e3
            self.counts[f"{name}.{'none' if found is None else 'found'}"] += 1
            if found is None or found.entry.key in tried:  # what is not served as it stands is not screened twice
                continue
            if match is None or match.similarity >= wishes.similarity:
                tried.add(found.entry.key)
                reply = await self._serve(exchange, next, where, wishes, found, match)
                if reply is not None or _NEAR in exchange.memo:
                    return reply
        return None

    async def _exact(self, exchange: Exchange, where: Place) -> "tuple[Found | None, Match | None]":
        return await exact.find(self.store, where), None

    async def _linked(self, exchange: Exchange, where: Place) -> "tuple[Found | None, Match | None]":
        """The answer to a question that was shown to be the same, while that one's tier is on."""
        key = self.links.find(where.partition, where.key)
        if key is None or self.semantic is None or self.semantic.off or self.bound.off(where.scope):
            return None, None
        if self.bound.required(where.scope, key) > PROVEN:
            return None, None
        found, gone = await exact.seek(self.store, where.partition, key)
        if gone:
            self.links.cut(where.key, key)
        return found, Match(key, 0.0, PROVEN, linked=True)

    async def _semantic(self, exchange: Exchange, where: Place, more: int = 2) -> "tuple[Found | None, Match | None]":
        if self.semantic is None:
            return None, None
        off = bool(self.semantic.off) or self.bound.off(where.scope)
        if off:
            exchange.cache.detail = "semantic-off"
        try:
            match = await self.semantic.find(exchange.memo, where, lambda key: self.bound.required(where.scope, key))
        except Exception as error:  # an encoder that fails costs the hit, not the request
            self.counts["semantic_failures"] += 1
            log.warning("the semantic cache failed: %s", type(error).__name__)
            return None, None
        if match is None:
            return None, None
        if off or not match.accepted:
            exchange.memo[_NEAR] = Near(match, "shadow" if match.accepted else "near")
            if not match.accepted:
                self.bound.refused(where.scope, match.probability)
            return None, None
        found, gone = await exact.seek(self.store, where.partition, match.key)
        if gone:
            self._forget(match.key)
            return await self._semantic(exchange, where, more - 1) if more else (None, None)  # what lies next
        return found, match

    async def _serve(
        self, exchange: Exchange, next: Next, where: Place, wishes: Wishes, found: Found, match: Match | None
    ) -> Reply | None:
        """The stored reply, unless it is disputed, too old, not yet shared, or objected to. No match: exact."""
        note, answer = exchange.cache, found.answer
        if match is not None and await is_disputed(self.store, where.key, exchange):
            exchange.memo[_NEAR] = Near(match, "near")
            return None
        if found.age() > wishes.max_age:
            note.status = "stale"
            return None
        if self.shared_after > 1 and not may_share(answer.vouchers, exchange.caller.id, self.shared_after):
            note.detail = "unshared"
            exchange.memo[_NEAR] = Near(match or Match(found.entry.key, 1.0, 1.0), "unshared", found)
            return None
        policy = self.policy(exchange)
        if not has_passed(answer, policy, exchange.stream):
            self.counts["rescreened"] += 1
            if not await passes_again(found, exchange, policy, self.rescreen):
                note.status = "stale"  # for this caller: others may stand under other rules
                self.counts["rescreen_refused"] += 1
                return None
            self.background.spawn(stamp(self.store, found, policy, exchange.stream))
        try:
            reply = answer.reply(exchange, self._pace)
        except (ValueError, KeyError, TypeError, IndexError):
            self.counts["unreadable"] += 1
            return None
        note.status = "hit"
        note.detail = "exact" if match is None else "linked" if match.linked else "semantic"
        note.similarity = match.similarity if match is not None and not match.linked else None
        note.ttl, note.age, note.key = found.ttl(), int(found.age()), found.entry.key
        self.counts["hit." + note.detail] += 1
        self._count(exchange, next, where, found, match, reply)
        return reply

    def _count(
        self, exchange: Exchange, next: Next, where: Place, found: Found, match: Match | None, reply: Reply
    ) -> None:
        """Remember a hit, and have it audited if it is one of those: once the caller has been answered."""
        answer, kind = found.answer, "exact" if match is None else "semantic"
        self.bound.served(where.scope, kind, answer.tokens, answer.seconds, answer.cost)
        self.feedback.offer(exchange, where, found, match)
        if match is not None and self.lessons.wants_audit(where.scope):

            async def audit() -> None:
                self.lessons.audit(exchange, next, where, found, match)

            reply.closers.append(audit)

    def _forget(self, key: str) -> None:
        """An entry is gone, and with it what was learnt of it."""
        if self.semantic is not None:
            self.semantic.forget(key)
        self.links.drop(key)
        self.bound.forget(key)

    # Asking and storing

    async def _fly(self, exchange: Exchange, next: Next, where: Place, *, shared: bool) -> Reply:
        # Checked by the rules, and made the way, of whoever asks first: who stands under others, or would wait longer,
        # makes a call of its own. What nobody has vouched for yet is one caller's alone.
        alone = exchange.caller.id if self.shared_after > 1 else ""
        key = (where.key, self.policy(exchange), options(exchange), exchange.steering, alone) if shared else None
        flight = self.flights.find(key) if key else None
        if flight is not None:
            exchange.cache.detail = "collapsed"
            self.counts["collapsed"] += 1
            return await self.flights.join(flight, exchange)
        value = b""

        async def landed(reply: Reply, events: list[Event] | None) -> None:
            nonlocal value
            value = await self.keep(exchange, where, reply, events)
            if reply.status in FAILING:
                self.lessons.model_failed()

        async def learn() -> None:
            near = cast("Near | None", exchange.memo.pop(_NEAR, None))
            if near is not None and value:
                self.lessons.after_miss(exchange, where, value, near)

        reply = await self.flights.lead(key, exchange, next, landed)
        reply.closers.append(learn)
        return reply

    def stats(self) -> dict[str, Any]:
        """Counters since the start, milliseconds spent in each tier, and the bound: see `figures`."""
        return figures(self)
