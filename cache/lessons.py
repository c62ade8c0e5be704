"""What the cache learns after a reply has left: it compares what the model says with what it would have said itself.

An audit asks the model although the caller already has the stored answer. A lesson costs no call: the model was asked
anyway, because the verifier refused, the tier was off, or the answer is not shared yet. Nothing here delays a reply;
what is too much is left out and counted.
"""

import asyncio
import copy
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from msgspec import structs

from ..engine.errors import TidegateError, UpstreamError
from ..engine.exchange import Exchange, Reply
from ..engine.ports import Next, Store
from ..engine.sse import Event
from .answer import Answer, decode
from .background import Background
from .bound import Bound, Outcome, Source
from .compare import Comparer
from .exact import Found, fetch
from .key import Place
from .links import Links
from .semantic import Match

log = logging.getLogger("tidegate.cache")

Land: TypeAlias = Callable[[Exchange, Place, Reply, list[Event] | None], Awaitable[bytes]]
"""Store a complete reply: its entry's value, empty when it must not be kept."""

WAITING = 16
"""Lessons and audits at once."""
AUDIT_SECONDS = 120.0
"""A model that has not answered an audit by then is not waited for."""
AUDIT_BYTES = 1 << 20
"""Nor is one read that says more."""
REST_SECONDS = 30.0
"""How long no audit is made after the model failed."""
WORTH = 0.2
"""Probability below which a refused pair teaches nothing that the verifier does not know."""
FAILING = frozenset((429, 500, 502, 503, 504, 529))
"""Answers of a model that has too much to do, or trouble."""
VOUCHERS = 10
"""Callers that are remembered to have had an answer of their own that agrees."""


@dataclass(frozen=True, slots=True)
class Near:
    """A stored answer that was not served, and why: refused, tier off, or not shared with this caller yet."""

    match: Match
    kind: Literal["near", "shadow", "unshared"]
    found: Found | None = None
    """The answer, where it may be overwritten before it is compared."""


class Lessons:
    """Compares, and tells the bound, the links and the vouchers of an entry."""

    def __init__(self, store: Store, compare: Comparer, bound: Bound, links: Links, land: Land) -> None:
        self.counts: Counter[str] = Counter()
        self.background = Background(WAITING)
        self._store = store
        self._compare = compare
        self._bound = bound
        self._links = links
        self._land = land
        self._rests_until = 0.0

    async def aclose(self) -> None:
        await self.background.drain(1.0)
        self._compare.close()

    def model_failed(self) -> None:
        """The model's side has trouble: no audits for a while."""
        self._rests_until = time.monotonic() + REST_SECONDS

    # After a miss

    def after_miss(self, exchange: Exchange, where: Place, value: bytes, near: Near) -> None:
        """The model's own answer to the question is stored as `value`: compare it with the neighbour's."""
        if near.kind == "near" and near.match.probability < WORTH:
            return
        fresh = decode(value)
        if fresh is not None:
            self.background.spawn(self._lesson(exchange, where, fresh, near))

    async def _lesson(self, exchange: Exchange, where: Place, fresh: Answer, near: Near) -> None:
        found = near.found or await fetch(self._store, where.partition, near.match.key)
        if found is None:
            return
        outcome = await self._compare(exchange.dialect, found.answer, fresh)
        self.counts[f"{near.kind}.{outcome}"] += 1
        source: Source = "shadow" if near.kind == "shadow" else "near"
        await self._conclude(where, found, near.match, outcome, source)
        if outcome == "same":
            await self._vouch(where.partition, found.entry.key, fresh.vouchers)
            await self._vouch(where.partition, where.key, found.answer.vouchers)

    # After a hit

    def wants_audit(self, scope: str) -> bool:
        """Whether this hit is to be audited, and can be."""
        if not self._bound.wants_audit(scope):
            return False
        if time.monotonic() < self._rests_until:
            self.counts["audit.skipped"] += 1
            return False
        return True

    def audit(self, exchange: Exchange, next: Next, where: Place, found: Found, match: Match) -> None:
        """Ask the model too. To be called when the caller has the stored answer."""
        self.background.spawn(self._audit(exchange, next, where, found, match))

    async def _audit(self, exchange: Exchange, next: Next, where: Place, found: Found, match: Match) -> None:
        again = _again(exchange)
        self.counts["audit.calls"] += 1
        outcome: Outcome = "unclear"
        try:
            async with asyncio.timeout(AUDIT_SECONDS):
                reply = await next(again)
                try:
                    events = await _events(reply)
                finally:
                    await reply.aclose()
            if reply.status in FAILING:
                raise UpstreamError("The model did not answer an audit.")
            value = await self._land(again, where, reply, events)
        except (UpstreamError, TimeoutError):
            self.model_failed()
            self.counts["audit.failed"] += 1
            return
        except TidegateError:  # a rule blocked the fresh answer: there is nothing to compare with
            value = b""
        fresh = decode(value) if value else None
        if fresh is not None:
            outcome = await self._compare(exchange.dialect, found.answer, fresh)
        self.counts[f"audit.{outcome}"] += 1
        await self._conclude(where, found, match, outcome, "audit")

    async def _conclude(self, where: Place, found: Found, match: Match, outcome: Outcome, source: Source) -> None:
        mine, theirs = where.key, found.entry.key
        if mine == theirs:
            return
        self._bound.observe(where.scope, theirs, match.probability, outcome, source)
        if source == "near":  # the two questions were alike or not, whichever of them is asked again
            self._bound.observe(where.scope, mine, match.probability, outcome, source)
        if outcome == "same" and self._links.join(where.partition, (mine, where.text), (theirs, found.answer.text)):
            self.counts["linked"] += 1
        elif outcome == "different":
            self._links.part(mine, theirs)

    async def _vouch(self, partition: str, key: str, callers: list[str]) -> None:
        """Note that these callers' own answers said the same."""
        found = await fetch(self._store, partition, key)
        if found is None:
            return
        vouchers = list(dict.fromkeys([*found.answer.vouchers, *callers]))[:VOUCHERS]
        if vouchers != found.answer.vouchers:
            value = structs.replace(found.answer, vouchers=vouchers).encode()
            await self._store.put(replace(found.entry, value=value))


async def _events(reply: Reply) -> list[Event] | None:
    """The reply whole; None when it is larger than AUDIT_BYTES."""
    events: list[Event] = []
    size = 0
    async for event in reply.events:
        events.append(event)
        size += len(event.raw)
        if size > AUDIT_BYTES:
            return None
    return events


def _again(exchange: Exchange) -> Exchange:
    """The same request once more, with notes of its own."""
    body: dict[str, Any] = copy.deepcopy(exchange.body)
    memo = {name: value for name, value in exchange.memo.items() if not name.startswith(("cache.", "governance."))}
    return Exchange(
        exchange.dialect,
        exchange.path,
        dict(exchange.headers),
        body,
        exchange.model,
        exchange.stream,
        caller=exchange.caller,
        route_to=exchange.route_to,
        memo=memo,
    )
