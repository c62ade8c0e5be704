"""Where the rooms meet: a checked configuration becomes stages in front of providers. One file knows all."""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from ..cache.figures import condition
from ..cache.stage import CacheStage
from ..engine.dialects import Dialect
from ..engine.dialects.anthropic import AnthropicCountTokens, AnthropicMessages
from ..engine.dialects.gemini import Gemini, GeminiCountTokens
from ..engine.dialects.openai_chat import OpenAIChat
from ..engine.dialects.openai_text import OpenAICompletions, OpenAIEmbeddings
from ..engine.dialects.responses import OpenAIResponses
from ..engine.errors import ConfigError, TidegateError
from ..engine.exchange import Exchange, close_all
from ..engine.handler import Endpoint, Handler, Observer, Request
from ..engine.pipeline import Pipeline, Stages
from ..engine.ports import Embedder, Next, Stage
from ..engine.query import with_key
from ..engine.wrapped import WrappedApp
from ..engine.yamlfile import nearest
from ..governance.admit import Admit
from ..governance.cost import Meter
from ..governance.ledger import Ledger, Tap
from ..governance.limit import InFlight
from ..governance.metrics import Metrics, Series
from ..guardrails.guard import ReplyGuard, RequestGuard
from ..guardrails.rules.compile import load_ruleset
from ..guardrails.rules.load import listed
from ..guardrails.rules.ruleset import Ruleset
from ..models.aliases import Aliases, resolved
from ..models.bills import SENT, Billed
from ..models.breaker import Health
from ..models.lanes import Lanes
from ..models.listed import Listed
from ..models.routes import Router
from ..models.routing import RouteStage
from .caller_checks import check_callers_of_routes, check_callers_of_rules
from .compat import GATE_KEYS, make_compat
from .config.gate_yaml import Loaded
from .config.models import named_models
from .feedback import FEEDBACK, feedback
from .gate_key import gate_key
from .listing import Listing, make_catalogue
from .make_cache import make_cache, make_encoder
from .passthrough import Passthrough
from .reload import LiveRules
from .rule_models import hand_models
from .series import cache_series
from .step_series import step_series
from .store_series import store_series
from .upstreams import make_health, make_router
from .vaults import make_conversations


@dataclass(slots=True)
class Parts:
    """What a gate is made of, to be started and stopped together."""

    admit: Admit
    handler: Handler
    metrics: Metrics
    rules: LiveRules
    cache: CacheStage | None
    router: Router | None
    listing: Listing | None
    passthrough: Passthrough
    health: Health
    starts: list[Callable[[], Awaitable[None]]] = field(default_factory=list[Callable[[], Awaitable[None]]])
    closes: list[Callable[[], Awaitable[None]]] = field(default_factory=list[Callable[[], Awaitable[None]]])

    async def start(self) -> None:
        """Start every part; if one fails, close those that run."""
        try:
            for start in self.starts:
                await start()
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Close every part, also when one of them fails."""
        await close_all(list(self.closes))

    async def readiness(self) -> dict[str, str]:
        """`ok` for each part, or what it waits for."""
        state = {"rules": "ok" if self.rules().ready else "loading"}
        for provider in self.router.providers() if self.router else []:
            state[f"provider {provider.name}"] = "ok" if await provider.ready() else "not ready"
        return state

    def breakers(self) -> dict[str, str]:
        """For each provider whether it is asked: `closed`, `half_open`, or `open, asked again in 12 s`."""
        names = [provider.name for provider in self.router.providers()] if self.router else []
        return {name: str(self.health.breaker(name)) for name in names}

    def memory(self) -> dict[str, str]:
        """What the cache can do, if there is one: `ok`, or why answers are not found."""
        return {} if self.cache is None else {"cache": condition(self.cache)}

    async def self_test(self) -> str:
        """Put the semantic cache of a gate that does not run to the test of its start, and let go of it. Why it would
        be off; empty when it passes, and where there is none."""
        semantic = self.cache.semantic if self.cache is not None else None
        if semantic is None:
            return ""
        await semantic.prove()
        semantic.close()
        return semantic.off

    async def models(self) -> list[dict[str, object]]:
        """What may be asked for, each model once; none when there are no providers of our own."""
        return await self.listing.models() if self.listing else []


def build(
    loaded: Loaded, *, upstream: Next | None = None, outer: Sequence[Stage] = (), inner: Sequence[Stage] = ()
) -> Parts:
    """Wire everything; nothing is started. Raises ConfigError."""
    config = loaded.config
    check_callers_of_routes(loaded)
    encoder = functools.cache(lambda: make_encoder(loaded))
    rules = _rules(loaded, encoder, wrapped=upstream is not None)
    metrics = Metrics()
    catalogue = make_catalogue(loaded)
    meter = Meter(
        lambda exchange, spent: catalogue.cost(
            exchange.memo.get(SENT, exchange.model), spent.model, exchange.provider, spent.usage
        )
    )
    observers: list[Observer] = [meter.observe, metrics.observe]
    starts: list[Callable[[], Awaitable[None]]] = [lambda: asyncio.to_thread(rules.start)]
    closes: list[Callable[[], Awaitable[None]]] = [rules.aclose]
    if config.guardrails.reload == "changes":
        starts.append(rules.watch)
    told = "1 while changed rule files are not in force, since something is wrong with them."
    metrics.follow(lambda: [Series("tidegate_rules_refused", told, rules.refused, across="max")])

    ledger = _ledger(loaded)
    if ledger is not None:
        observers.append(ledger.observe)
        metrics.follow(lambda: [Series("tidegate_log_dropped", "Rows that the request log lost.", ledger.dropped)])
        starts.append(_in_thread(ledger.start))
        closes.append(_in_thread(ledger.close))
    router: Router | None = None
    health = make_health(loaded)
    listing: Listing | None = None
    starts.append(_in_thread(catalogue.start))
    if upstream is None:
        router, transport = make_router(loaded)
        listing = Listing(router.providers(), loaded.config, catalogue)
        starts += [transport.start, *(provider.start for provider in router.providers())]
        closes += [transport.aclose, *(provider.aclose for provider in router.providers())]
        for provider in router.providers():
            metrics.watch_breaker(provider.name, health.breaker(provider.name).level)
    routed = RouteStage(
        router or Router([]),
        health,
        attempted=metrics.attempted,
        mirrored=metrics.mirrored,
        bill=_billed(meter, metrics, ledger),
    )
    closes.append(routed.aclose)
    route = upstream or routed

    key = functools.cache(lambda: gate_key(loaded))
    reply_guard = ReplyGuard(rules, key)
    cache = make_cache(loaded, reply_guard, encoder, key)
    if cache is not None:
        cache.lessons.told = _audited(meter, ledger)
        metrics.follow(lambda: store_series(cache))
        metrics.follow(lambda: step_series(cache))
        starts.append(cache.start)
        closes.append(cache.aclose)
    known = [each.named() for each in config.keys.known]
    admit = Admit(key, [GATE_KEYS[name] for name in config.compat], known, require=config.keys.require)
    starts.append(_in_thread(admit.start))
    conversations = make_conversations(loaded, rules().rules, key)
    if conversations is not None:
        starts.append(conversations.start)
        closes.append(conversations.aclose)
    if config.compat and upstream is not None:
        raise loaded.error("compat needs providers, and this mount has none of its own", ("compat",))
    aliases = resolved(config.aliases)
    kinds = {name: section.kind for name, section in config.providers.items()}
    left: list[Stage] = [*([Aliases(aliases)] if aliases else []), *outer]
    if router is not None:
        left.append(Listed(router, aliases))
    if cache is not None and router is not None and len(router.routes) > 1:
        left.append(Lanes(router))
    stages = Stages(
        compat=make_compat(config.compat, kinds, lambda: [rule.id for rule in rules().rules], aliases),
        admit=admit,
        limit=InFlight(config.max_in_flight),
        outer=left,
        request_guard=RequestGuard(rules, key, conversations, router.names if router else None, named_models(config)),
        tap=Tap() if ledger is not None and config.log and config.log.content == "masked" else None,
        cache=cache,
        reply_guard=reply_guard,
        inner=[meter, *inner],
    )
    dialects: list[Dialect] = [
        OpenAIChat(),
        OpenAICompletions(),
        OpenAIEmbeddings(),
        OpenAIResponses(background=routed.passes_through),
        AnthropicMessages(),
        AnthropicCountTokens(),
    ]
    for version in ("v1", "v1beta"):
        dialects += [Gemini(version), Gemini(version, streams=True), GeminiCountTokens(version)]
    own: dict[str, Endpoint] = {}
    if cache is not None:
        own[FEEDBACK] = feedback(admit.caller_of, cache.feedback)
        metrics.follow(lambda: cache_series(cache))
    around_app = isinstance(upstream, WrappedApp)
    handler = Handler(dialects, Pipeline(stages, route), observers, own, arrays=upstream is None, any_case=around_app)
    if config.keys.require:
        handler.stranger = functools.partial(_stranger, admit)
    metrics.in_flight.set_function(lambda: handler.in_flight)
    passthrough = Passthrough(routed, handler, dialects, stages)
    if passthrough.open:
        handler.other_methods = passthrough.answer
    return Parts(admit, handler, metrics, rules, cache, router, listing, passthrough, health, starts, closes)


def _rules(loaded: Loaded, encoder: Callable[[], Embedder], *, wrapped: bool) -> LiveRules:
    """The rules, and how they are read again. Raises ConfigError."""
    files = loaded.config.guardrails.files

    def build_rules() -> Ruleset:
        ruleset = load_ruleset(files, loaded.folder, loaded.tree)
        _check_routes(ruleset, loaded, wrapped)
        check_callers_of_rules(ruleset, loaded)
        return hand_models(ruleset, encoder)

    return LiveRules(build_rules, lambda: listed(files, loaded.folder))


def _check_routes(ruleset: Ruleset, loaded: Loaded, wrapped: bool) -> None:
    """Rules send requests only to providers that there are, and name only such routes. Raises ConfigError."""
    named = [route.name for route in loaded.config.routes if route.name]
    for glob, place in ruleset.routes.items():
        if not any(fnmatchcase(name, glob) for name in named):
            hint = nearest(glob, named) or f"named routes: {', '.join(named) or 'none'}"
            raise ConfigError.at(place, f'no route is named "{glob[:60]}"', hint=hint)
    known = list(loaded.config.providers)
    for name, place in ruleset.providers.items():
        if wrapped:
            raise ConfigError.at(place, 'the action "route" needs providers, and this mount has none of its own')
        if name not in known:
            hint = nearest(name, known) or f"known: {', '.join(known) or 'none'}"
            raise ConfigError.at(place, f'there is no provider "{name}"', hint=hint)


def _audited(meter: Meter, ledger: Ledger | None) -> Observer:
    """Prices an audit's call and logs it, as what it is; no caller's request is counted."""

    def observe(exchange: Exchange, status: int, error: TidegateError | None) -> None:
        meter.observe(exchange, status, error)
        if ledger is not None:
            ledger.observe(exchange, status, error)

    return observe


def _billed(meter: Meter, metrics: Metrics, ledger: Ledger | None) -> Billed:
    """Prices, counts and logs an answer that was paid for and reaches no caller."""

    def observe(exchange: Exchange, complete: bool) -> None:
        if complete:
            meter.price(exchange)
        metrics.billed(exchange)
        if ledger is not None:
            ledger.observe(exchange, 200, None)

    return observe


def _stranger(admit: Admit, request: Request) -> TidegateError | None:
    """The refusal of a caller who has no known key where one is required; None for all others."""
    try:
        admit.caller_of(with_key(request.headers, request.query)[0])
    except TidegateError as error:
        return error
    return None


def _in_thread(work: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    return lambda: asyncio.to_thread(work)


def _ledger(loaded: Loaded) -> Ledger | None:
    log = loaded.config.log
    if log is None:
        return None
    return Ledger(loaded.path(log.store.removeprefix("sqlite:")), log.content, log.keep)
