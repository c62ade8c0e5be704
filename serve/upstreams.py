"""Providers and routes as the configuration has them."""

from collections.abc import Mapping, Sequence

from ..engine.ports import Provider
from ..models.balance import Balance, ByWeight, Fastest, InOrder, Sticky
from ..models.breaker import Health, Limits
from ..models.conditions import ALWAYS
from ..models.failures import Failure
from ..models.mirror import Mirror
from ..models.retries import Retries
from ..models.routes import Route, Router
from ..models.targets import Target
from ..models.transport import Transport
from .config import routes as config_routes
from .config.gate_yaml import Loaded
from .config.keys import Keyed
from .make_provider import make_provider


def make_router(loaded: Loaded) -> tuple[Router, Transport]:
    """The router over all providers, and the transport that they share. Raises ConfigError."""
    sections = loaded.config.providers.items()
    private = [name for name, section in sections if isinstance(section, Keyed) and section.network == "private"]
    transport = Transport(private)
    made = {name: make_provider(name, section, loaded, transport) for name, section in sections}
    routes = [_route(section, made) for section in loaded.config.routes]
    implied = not routes
    if made and not routes:
        routes = [Route(to=[next(iter(made.values()))])]
    return Router(routes, list(made.values()), implied=implied), transport


def make_health(loaded: Loaded) -> Health:
    """The breakers of all providers, still closed."""
    return Health(Limits(**loaded.config.breaker.model_dump()))


def _route(section: config_routes.Route, made: Mapping[str, Provider]) -> Route:
    to = _targets(section.to, made)
    fallback = section.fallback
    return Route(
        to=to,
        when=section.when.compiled() if section.when else ALWAYS,
        fallback={Failure(key): _targets(targets, made) for key, targets in fallback.lists().items()}
        if isinstance(fallback, config_routes.Fallback)
        else _targets(fallback, made),
        passthrough=section.passthrough,
        balance=_balance(section, to),
        retries=_retries(section.retries),
        deadline=section.deadline,
        name=section.name or "",
        mirror=Mirror(_targets([section.mirror.to], made)[0], section.mirror.share) if section.mirror else None,
    )


def _targets(choices: Sequence[str | config_routes.Target], made: Mapping[str, Provider]) -> list[Target]:
    sections = map(config_routes.target_of, choices)
    return [Target(made[section.provider], section.model or "", section.weight) for section in sections]


def _balance(section: config_routes.Route, to: Sequence[Target]) -> Balance:
    if section.pick == "weight":
        return ByWeight(to)
    if section.pick == "fastest":
        return Fastest(to)
    if section.pick == "sticky":
        kind, dot, name = (section.sticky or "").partition(".")
        return Sticky(to, kind + dot + (name.lower() if kind == "header" else name))
    return InOrder(to)


def _retries(section: config_routes.Retries | None) -> Retries:
    if section is None:
        return Retries()
    return Retries(section.most, frozenset(map(Failure, section.on)), section.wait, section.longest)
