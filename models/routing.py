"""Which provider answers: the first route whose pattern fits the model, then its providers in order."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ..engine.dialects import between
from ..engine.errors import BadRequest, ConfigError, UnknownModel, UnknownPath, UpstreamError
from ..engine.exchange import Exchange, Reply
from ..engine.ports import Provider

_TRY_ANOTHER = frozenset({429, 500, 502, 503, 504})
"""Answers after which another provider may do better."""
_OPENAI = frozenset({"openai"})
_PLAIN = re.compile(r"[A-Za-z0-9._:/@-]{1,100}")


@dataclass(frozen=True, slots=True)
class Route:
    """Models whose name fits one of `models` (`*`, `?`, `[abc]`; case counts; none: every model) go to `to`.

    `fallback` follows when all of `to` failed. `passthrough` lets paths through that no dialect reads.
    """

    to: Sequence[Provider]
    models: Sequence[str] = ()
    fallback: Sequence[Provider] = ()
    passthrough: bool = False

    def __post_init__(self) -> None:
        if not self.to:
            raise ConfigError("A route names no provider.", hint="list at least one under `to`")

    def fits(self, model: str) -> bool:
        return not self.models or any(fnmatchcase(model, pattern) for pattern in self.models)


class Router:
    """Routes in order; the first that fits wins."""

    def __init__(self, routes: Sequence[Route], named: Sequence[Provider] = ()) -> None:
        """`named` are providers that rules may choose though no route leads to them."""
        self.routes = tuple(routes)
        self._named = tuple(named)

    def pick(self, model: str) -> Route | None:
        return next((route for route in self.routes if route.fits(model)), None)

    def pick_passthrough(self, model: str) -> Route | None:
        """The first route that fits and lets unread paths through. A request without a model fits every route."""
        allowed = (route for route in self.routes if route.passthrough)
        return next((route for route in allowed if not model or route.fits(model)), None)

    def provider(self, name: str) -> Provider:
        """The provider of that name. Raises UnknownModel when there is none."""
        for provider in self.providers():
            if provider.name == name:
                return provider
        raise UnknownModel("A rule sends this request to a provider that is not configured.", param="model")

    def providers(self) -> list[Provider]:
        """Every provider that a route or a rule may name, once."""
        routed = (p for route in self.routes for p in (*route.to, *route.fallback))
        return list({id(p): p for p in (*routed, *self._named)}.values())


class RouteStage:
    """The innermost call: sends an exchange to the providers of its route until one answers.

    Another provider is tried only before the caller has seen a byte: when one cannot be reached, is silent or breaks
    off before its reply is handed on, and when it answers 429 or 5xx. The last failure is the caller's. A provider
    that a rule chose is the only one asked: a rule about where a text may go has no second choice.
    """

    def __init__(self, router: Router) -> None:
        self._router = router

    async def __call__(self, exchange: Exchange) -> Reply:
        """Raises UnknownModel, BadRequest when the exchange reaches no provider, or what the last provider raised."""
        if exchange.route_to:
            [chosen] = _speaking([self._router.provider(exchange.route_to)], exchange)
            return await self._ask(chosen, exchange)
        route = self._router.pick(exchange.model)
        if route is None:
            raise UnknownModel(
                f"No route serves {shown(exchange.model)}; GET /v1/models lists what is served.", param="model"
            )
        *others, last = _speaking((*route.to, *route.fallback), exchange)
        for provider in others:
            try:
                reply = await self._ask(provider, exchange)
            except UpstreamError:
                continue
            if reply.status not in _TRY_ANOTHER:
                return reply
            await reply.aclose()
        return await self._ask(last, exchange)

    async def _ask(self, provider: Provider, exchange: Exchange) -> Reply:
        exchange.attempts += 1
        reply = await between.call(provider, exchange, spoken(provider))
        exchange.provider = provider.name
        return reply

    async def passthrough(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, exchange: Exchange
    ) -> Reply:
        """Send a request that no dialect reads to the first provider of a route that allows it. Never tried twice."""
        route = self._router.pick_passthrough(exchange.model)
        if route is None:
            raise UnknownPath("There is no endpoint at this path, and no route lets unread paths through.")
        provider = route.to[0]
        exchange.attempts += 1
        reply = await provider.passthrough(method, path, headers, body, exchange)
        exchange.provider = provider.name
        return reply


def _speaking(providers: Sequence[Provider], exchange: Exchange) -> list[Provider]:
    """Those of a route's providers that the exchange reaches, in its own dialect or translated."""
    fit = [provider for provider in providers if between.reaches(exchange, spoken(provider))]
    if not fit:
        names = ", ".join(f"{provider.name} ({', '.join(sorted(spoken(provider)))})" for provider in providers)
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
