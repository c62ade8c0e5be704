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

from ..engine.errors import TidegateError, UpstreamError, UpstreamSilent
from ..engine.exchange import CacheNote, Caller, Exchange, Reply
from ..engine.ports import Next, Store
from ..engine.sse import Event
from .answer import Answer, decode
from .background import Background
from .bound import Bound, Outcome, Source
from .compare import Comparer, tells
from .current import amend
from .exact import Found, fetch, unchanged
from .key import Place
from .links import Links
from .observed import Kind, Observed
from .semantic import Match

log = logging.getLogger("tidegate.cache")

Land: TypeAlias = Callable[[Exchange, Place, Reply, list[Event] | None], Awaitable[bytes]]
"""Store a complete reply: its entry's value, empty when it must not be kept."""
Told: TypeAlias = Callable[[Exchange, int, TidegateError | None], None]
"""Told of each audit's call once it is over: its status, and the error if it ended in one."""
AUDIT = "audit"
"""Stands for the caller and for what the cache did, where an audit's call is told of."""

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
    """Compares, and tells the bound, the links, the kept pairs and the vouchers of an entry."""

    def __init__(
        self, store: Store, compare: Comparer, bound: Bound, links: Links, observed: Observed, land: Land
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.spent = {"tokens": 0, "cost": 0.0}
        """By audits, since the start; US dollars, as far as known."""
        self.told: Told = _nobody
        self.background = Background(WAITING)
        self._store = store
        self._compare = compare
        self._bound = bound
        self._links = links
        self._observed = observed
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
        proven = tells(exchange.dialect, found.answer, fresh)
        await self._conclude(where, found, near.match, outcome, source, proven)
        if outcome == "same" and (proven or near.kind != "near"):
            await self._vouch_each(where, found, fresh)

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
        self.counts["audit.calls"] += 1
        value = await self._asked(_again(exchange), next, where)
        if value is None:
            self.model_failed()
            self.counts["audit.failed"] += 1
            return
        fresh = decode(value) if value else None
        outcome: Outcome = "unclear"
        proven = False
        if fresh is not None:
            outcome = await self._compare(exchange.dialect, found.answer, fresh)
            proven = tells(exchange.dialect, found.answer, fresh)
        self.counts[f"audit.{outcome}"] += 1
        await self._conclude(where, found, match, outcome, "audit", proven)
        if fresh is not None and outcome == "same":
            await self._vouch_each(where, found, fresh)

    async def _asked(self, again: Exchange, next: Next, where: Place) -> bytes | None:
        """The model's own answer, stored; empty when there is nothing to compare with, None when the model failed."""
        status, failure = 499, None
        try:
            async with asyncio.timeout(AUDIT_SECONDS):
                reply = await next(again)
                try:
                    events = await _events(reply)
                finally:
                    await reply.aclose()
            status = reply.status
            return None if status in FAILING else await self._land(again, where, reply, events)
        except TimeoutError:
            failure = UpstreamSilent("The model did not answer an audit in time.")
            return None
        except TidegateError as error:
            failure = error
            return None if isinstance(error, UpstreamError) else b""  # a rule blocked the fresh answer
        finally:
            self._over(again, where.scope, failure.status if failure else status, failure)

    def _over(self, again: Exchange, scope: str, status: int, failure: TidegateError | None) -> None:
        """An audit's call has ended: it costs what any call costs, and no caller asked for it."""
        again.timings["total"] = (time.perf_counter() - again.started) * 1000
        self.told(replace(again, caller=Caller(AUDIT), cache=CacheNote(AUDIT)), status, failure)
        if (spent := again.spent) is not None:
            tokens, cost = spent.usage.input + spent.usage.output, spent.dollars or 0.0
            self.spent["tokens"] += tokens
            self.spent["cost"] += cost
            self._bound.audited(scope, tokens, cost)

    async def _conclude(
        self, where: Place, found: Found, match: Match, outcome: Outcome, source: Source, proven: bool
    ) -> None:
        """`proven`: that two answers agree shows that the questions do."""
        mine, theirs = where.key, found.entry.key
        if mine == theirs:
            return
        if not match.linked:  # of a link the verifier was not asked
            kind: Kind = "feedback" if source == "user" else source
            self._observed.add(where.scope, where.text, found.answer.text, outcome, match.probability, kind)
        self._bound.observe(where.scope, theirs, match.probability, outcome, source)
        if source == "near":  # the two questions were alike or not, whichever of them is asked again
            self._bound.observe(where.scope, mine, match.probability, outcome, source)
        pair = (mine, where.text), (theirs, found.answer.text)
        if outcome == "same" and proven and self._links.join(where.partition, *pair):
            self.counts["linked"] += 1
        elif outcome == "different":
            self._links.part(mine, theirs)

    async def _vouch_each(self, where: Place, found: Found, fresh: Answer) -> None:
        """Two answers that say the same: who had one of them himself stands for the other too."""
        await self._vouch(found.entry.key, found.answer, fresh.vouchers)
        await self._vouch(where.key, fresh, found.answer.vouchers)

    async def _vouch(self, key: str, answer: Answer, callers: list[str]) -> None:
        """Note that these callers' own answers said the same as this one, if it is still the one under `key`."""
        found = await unchanged(self._store, key, answer)
        if found is None:
            return
        vouchers = list(dict.fromkeys([*found.answer.vouchers, *callers]))[:VOUCHERS]
        if vouchers != found.answer.vouchers:
            await amend(self._store, found, structs.replace(found.answer, vouchers=vouchers))


def _nobody(exchange: Exchange, status: int, failure: TidegateError | None) -> None: ...


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
        id=f"{exchange.id}.{AUDIT}",
        caller=exchange.caller,
        route_to=exchange.route_to,
        steering=exchange.steering,
        lane=exchange.lane,
        memo=memo,
        metadata=exchange.metadata,
        model_passed=exchange.model_passed,
    )
