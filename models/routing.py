"""The innermost call: an exchange goes to the targets of its route until one answers."""

import asyncio
import itertools
import re
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from ..engine.dialects import between
from ..engine.errors import BadRequest, UnknownModel, UnknownPath, UpstreamError, UpstreamResting, UpstreamSilent
from ..engine.exchange import Exchange, Reply
from ..engine.ports import Provider
from .attempts import Tried, hear, look, raised
from .bills import ASKED, SENT, Billed, billed, unbilled
from .breaker import Health, Turn
from .conditions import Facts
from .failures import BEFORE_IT_BEGAN, Failure
from .retries import paid_by_call
from .routes import Route, Router
from .steering import steered
from .targets import FAILED_SECONDS, Target

FALLBACK = "models.fallback"
"""True in an exchange's memo when a target of `fallback` answered."""

_OPENAI = frozenset({"openai"})
_PLAIN = re.compile(r"[A-Za-z0-9._:/@-]{1,100}")

Told = Callable[[str, str], None]
"""Told the provider and the outcome of each attempt and each mirrored copy."""


def _nobody(provider: str, outcome: str) -> None:
    return


@dataclass(slots=True)
class _Way:
    """The targets that are left for one exchange."""

    ahead: deque[Target]
    spare: Mapping[Failure, Sequence[Target]]
    within: Failure | None = None
    """The class of failure whose fallbacks `ahead` are; None: they are the route's own."""
    until: float | None = None
    """When the route's deadline ends, by the event loop's clock."""
    each: float | None = None
    """Seconds for one try, as the caller asked."""
    tools: bool = False
    """The provider runs tools itself: after its silence nobody else is asked."""

    @property
    def filters(self) -> bool:
        """Whether a reply that the provider's filter stopped leads on."""
        return Failure.CONTENT_FILTER in self.spare and self.within in (None, Failure.CONTENT_FILTER)

    def leads_on(self, failures: Sequence[Failure] = BEFORE_IT_BEGAN) -> bool:
        """Whether anybody may be asked after one of these."""
        return bool(self.ahead) or (self.within is None and any(each in self.spare for each in failures))

    def after(self, failure: Failure) -> Target | None:
        """Who is asked next; None when that failure is the caller's."""
        if self.out_of_time() or (failure is Failure.SILENT and self.tools):
            return None
        if self.within is None and (failure is Failure.CONTENT_FILTER or not self.ahead):
            if failure not in self.spare:
                return None
            self.ahead, self.within = deque(self.spare[failure]), failure
        return self.ahead.popleft() if self.ahead else None

    def end(self) -> float | None:
        """When a try that begins now must have begun to answer, by the event loop's clock; None: whenever."""
        own = None if self.each is None else asyncio.get_running_loop().time() + self.each
        return min((end for end in (self.until, own) if end is not None), default=None)

    def out_of_time(self, pause: float = 0.0) -> bool:
        return self.until is not None and asyncio.get_running_loop().time() + pause >= self.until


class RouteStage:
    """Sends an exchange to the targets of its route until one answers.

    Another is asked only before the caller has seen a byte; the last failure is the caller's. After a provider's
    silence a request whose tools the provider runs itself goes no further, unless the route retries on `silent`: each
    call may have been made, and charged. A provider that a rule chose is the only one asked, once: a rule about where a
    text may go has no second choice.
    """

    def __init__(
        self,
        router: Router,
        health: Health | None = None,
        *,
        attempted: Told = _nobody,
        mirrored: Told = _nobody,
        bill: Billed = unbilled,
    ) -> None:
        self._router = router
        self._health = health or Health()
        self._attempted = attempted
        self._mirrored = mirrored
        self._bill = bill

    async def __call__(self, exchange: Exchange) -> Reply:
        """Raises UnknownModel, BadRequest when the exchange reaches no provider, or what the last provider raised."""
        if exchange.route_to:
            [chosen] = _speaking([Target(self._router.provider(exchange.route_to))], exchange)
            exchange.attempts += 1
            exchange.memo[ASKED] = chosen.provider.name
            try:
                reply = await self._ask(chosen, exchange)
            except UpstreamError as error:
                await self._let_go(Tried(chosen, error=error), exchange)
                raise
            exchange.provider = chosen.provider.name
            return reply
        facts = Facts(exchange)
        route = self._router.pick(facts)
        if route is None:
            raise UnknownModel(
                f"No route serves {shown(exchange.model)}; GET /v1/models lists what is served.", param="model"
            )
        if exchange.steering is not None:
            route = steered(route, self._router, exchange, exchange.steering)
        way = self._way(route, facts, exchange)
        if route.mirror is not None:
            route.mirror.offer(exchange, self._ask, self._mirrored, self._bill)
        tried = await self._insist(way.ahead.popleft(), exchange, route, way)
        while tried.failure and (target := way.after(tried.failure)):
            await self._let_go(tried, exchange)
            tried = await self._insist(target, exchange, route, way)
        if tried.reply is None:
            await self._let_go(tried, exchange)
        reply = tried.outcome()
        exchange.provider = tried.target.provider.name
        exchange.memo[SENT] = tried.target.model or exchange.model
        if way.within is not None:
            exchange.memo[FALLBACK] = True
        return reply

    async def _let_go(self, tried: Tried, exchange: Exchange) -> None:
        """Nothing of this attempt is passed on. What it took is told, if the provider told it."""
        await tried.aclose()
        bill = billed(exchange, tried.target, f"attempt{exchange.attempts}", tried.usage)
        if bill.spent is not None:
            self._bill(bill, not exchange.stream)

    async def _ask(self, target: Target, exchange: Exchange) -> Reply:
        """One request to one provider: everything that is sent goes through here."""
        return await between.call(target.provider, exchange, spoken(target.provider))

    def _way(self, route: Route, facts: Facts, exchange: Exchange) -> _Way:
        """The targets in order; those that asked to be left alone come last, those that cannot be told this request
        not at all."""
        to, spare = route.ordered(facts), route.fallbacks()
        fit = {id(target) for target in _fit([*to, *itertools.chain(*spare.values())], exchange)}
        to = [target for target in to if id(target) in fit]
        to.sort(key=lambda target: self._health.rests(target.provider.name, target.model or exchange.model))
        spare = {failure: left for failure, each in spare.items() if (left := [t for t in each if id(t) in fit])}
        way = _Way(deque(to), spare, tools=Failure.SILENT not in route.retries.on and paid_by_call(exchange.body))
        if not to:
            way.within = Failure.REFUSED if Failure.REFUSED in spare else next(iter(spare))
            way.ahead.extend(spare[way.within])
        way.each = exchange.steering.seconds if exchange.steering is not None else None
        if route.deadline is not None:
            way.until = asyncio.get_running_loop().time() + route.deadline
        return way

    async def _insist(self, target: Target, exchange: Exchange, route: Route, way: _Way) -> Tried:
        """Ask one target until it answers or its tries are used up."""
        retries, outgoing = route.retries, target.outgoing(exchange, repeats=route.retries.most > 0)
        for count in itertools.count(1):
            tried = await self._attempt(target, exchange, outgoing, way, again=count <= retries.most)
            if tried.failure is None or isinstance(tried.error, UpstreamResting):
                return tried
            pause = retries.pause(tried.failure, count, tried.after)
            rests = self._health.breaker(target.provider.name).state != "closed"
            if pause is None or rests or way.out_of_time(pause):
                return tried
            await self._let_go(tried, exchange)
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def _attempt(self, target: Target, exchange: Exchange, outgoing: Exchange, way: _Way, again: bool) -> Tried:
        """Ask one target once, within the route's deadline, and tell breaker and pace what came of it."""
        name = target.provider.name
        breaker = self._health.breaker(name)
        turn = breaker.enter(force=not (way.leads_on([Failure.REFUSED]) or self._health.limits.fail_fast))
        if turn is None:
            self._attempted(name, "rests")
            resting = UpstreamResting(f"{name} failed too often and is left alone for a while.", after=breaker.left)
            return Tried(target, error=resting, failure=Failure.REFUSED)
        began, begun = time.perf_counter(), 0.0
        exchange.attempts += 1
        exchange.memo[ASKED] = name
        sent, end = outgoing.attempts, way.end()
        try:
            async with asyncio.timeout_at(end):
                try:
                    reply = await self._ask(target, outgoing)
                finally:
                    if outgoing is not exchange:  # a provider counts each further key that it tries
                        exchange.attempts += outgoing.attempts - sent
                tried = await look(target, reply, peek=again or way.leads_on(), filters=way.filters)
            begun = time.perf_counter()
            tried = await hear(tried, end, filters=way.filters)
        except TimeoutError:
            if not way.out_of_time():
                turn.dropped()  # a caller in a hurry proves nothing against the provider
                self._attempted(name, Failure.SILENT)
                late = UpstreamSilent(f"{name} did not begin to answer within the caller's own time limit.")
                return Tried(target, error=late, failure=Failure.SILENT)
            late = UpstreamSilent(f"{name} did not begin to answer before the deadline of this route.")
            tried = Tried(target, error=late, failure=Failure.SILENT)
        except UpstreamError as error:
            tried = raised(target, error, filters=way.filters)
        except BaseException as fault:
            turn.dropped()
            if isinstance(fault, BadRequest):
                exchange.attempts -= 1  # nothing was sent
            raise
        self._learn(tried, turn, target.model or exchange.model)
        failed = tried.failure in BEFORE_IT_BEGAN
        # To the first byte: of the last target's streams the first word is not known.
        target.pace.saw(exchange.stream, FAILED_SECONDS if failed else (begun or time.perf_counter()) - began)
        self._attempted(name, tried.failure or "ok")
        return tried

    def _learn(self, tried: Tried, turn: Turn, model: str) -> None:
        """A host that limits is up: its breaker takes it for an answer, and the model rests by itself."""
        if tried.failure in (Failure.REFUSED, Failure.SILENT):
            turn.failed(tried.after)
            return
        turn.succeeded()
        provider = tried.target.provider
        limited = tried.failure is Failure.LIMITED and not getattr(provider, "lends_credential", False)
        if limited and tried.after:
            self._health.rest(provider.name, model, tried.after)

    @property
    def passes_through(self) -> bool:
        """Whether any route lets paths through that no dialect reads."""
        return any(route.passthrough for route in self._router.routes)

    async def passthrough(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, exchange: Exchange
    ) -> Reply:
        """Send a request that no dialect reads to the first provider of a route that allows it. Never tried twice."""
        route = self._router.pick_passthrough(Facts(exchange, unread=True))
        if route is None:
            raise UnknownPath("There is no endpoint at this path, and no route lets unread paths through.")
        provider = Target.of(route.to[0]).provider
        exchange.attempts += 1
        reply = await provider.passthrough(method, path, headers, body, exchange)
        exchange.provider = provider.name
        return reply

    async def aclose(self) -> None:
        """Give up copies that are under way."""
        for route in self._router.routes:
            if route.mirror is not None:
                await route.mirror.aclose()


def _fit(targets: Sequence[Target], exchange: Exchange) -> list[Target]:
    """Those of a route's targets that can be told this very request. Raises BadRequest when there is none."""
    speaking = list({id(target): target for target in _speaking(targets, exchange)}.values())
    if len(speaking) == 1:
        return speaking  # what cannot be carried is said when it is asked
    fit: list[Target] = []
    refusal: BadRequest | None = None
    for target in speaking:
        if between.speaks(spoken(target.provider), exchange.dialect.name):
            fit.append(target)  # it is told the request as it stands
            continue
        try:
            between.translated(target.outgoing(exchange, repeats=False), spoken(target.provider))
        except BadRequest as error:
            refusal = refusal or error
        else:
            fit.append(target)
    if refusal is not None and not fit:
        raise refusal
    return fit


def _speaking(targets: Sequence[Target], exchange: Exchange) -> list[Target]:
    """Those of a route's targets that the exchange reaches, in its own dialect or translated."""
    fit = [target for target in targets if between.reaches(exchange, spoken(target.provider))]
    if not fit:
        providers = {target.provider.name: target.provider for target in targets}
        names = ", ".join(f"{name} ({', '.join(sorted(spoken(each)))})" for name, each in providers.items())
        raise BadRequest(
            f"The route of {shown(exchange.model)} leads to {names}: none there speaks {exchange.dialect.name}.",
            param="model",
            code="dialect_not_served",
        )
    return fit


def spoken(provider: Provider) -> Collection[str]:
    """The families of dialects, or dialects, that a provider speaks. One that does not say speaks OpenAI's."""
    return getattr(provider, "speaks", _OPENAI)


def shown(model: str) -> str:
    """A model's name for an error text: it is the caller's own text, so only if it looks like a name."""
    cut = model[:100]
    return f"the model {cut}" if _PLAIN.fullmatch(cut) else "this model"
