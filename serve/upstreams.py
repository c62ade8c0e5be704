"""Providers and routes as the configuration has them."""

from ..models.routing import Route, Router
from ..models.transport import Transport
from . import config_routes
from .config import Loaded
from .config_providers import Reaching
from .make_provider import make_provider


def make_router(loaded: Loaded) -> tuple[Router, Transport]:
    """The router over all providers, and the transport that they share. Raises ConfigError."""
    sections = loaded.config.providers.items()
    private = [name for name, section in sections if isinstance(section, Reaching) and section.network == "private"]
    transport = Transport(loaded.config.max_in_flight, private)
    made = {name: make_provider(name, section, loaded, transport) for name, section in sections}
    routes = [
        Route(
            to=[made[name] for name in route.to],
            models=_patterns(route.when),
            fallback=[made[name] for name in route.fallback],
            passthrough=route.passthrough,
        )
        for route in loaded.config.routes
    ]
    if made and not routes:
        routes = [Route(to=[next(iter(made.values()))])]
    return Router(routes, list(made.values())), transport


def _patterns(when: config_routes.When | None) -> list[str]:
    if when is None:
        return []
    return [when.model] if isinstance(when.model, str) else when.model
