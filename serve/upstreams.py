"""Providers and routes as the configuration has them."""

from ..engine.errors import ConfigError
from ..engine.ports import Provider
from ..models.providers.anthropic import AnthropicProvider
from ..models.providers.gemini import GeminiProvider
from ..models.providers.llama import LlamaProvider
from ..models.providers.openai import OpenAIProvider
from ..models.routing import Route, Router
from ..models.transport import Deadlines, Transport
from . import config as settings
from .config import Loaded


def make_router(loaded: Loaded) -> tuple[Router, Transport]:
    """The router over all providers, and the transport that they share. Raises ConfigError."""
    transport = Transport(loaded.config.max_in_flight)
    made = {name: _provider(name, section, loaded, transport) for name, section in loaded.config.providers.items()}
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


def _patterns(when: settings.When | None) -> list[str]:
    if when is None:
        return []
    return [when.model] if isinstance(when.model, str) else when.model


def _provider(
    name: str,
    section: settings.Provider,
    loaded: Loaded,
    transport: Transport,
) -> Provider:
    times = section.timeouts
    deadlines = Deadlines(
        connect=times.connect, first_byte=times.first_byte, between_bytes=times.between_bytes, total=times.total
    )
    try:
        if isinstance(section, settings.OpenAIProvider):
            return OpenAIProvider(
                name,
                section.base_url,
                transport=transport,
                api_key=section.api_key,
                deadlines=deadlines,
                speaks=section.speaks,
            )
        if isinstance(section, settings.AnthropicProvider):
            return AnthropicProvider(
                name,
                section.base_url,
                transport=transport,
                api_key=section.api_key,
                version=section.version,
                deadlines=deadlines,
            )
        if isinstance(section, settings.GeminiProvider):
            return GeminiProvider(
                name, section.base_url, transport=transport, api_key=section.api_key, deadlines=deadlines
            )
        return LlamaProvider(
            name,
            transport=transport,
            model_path=loaded.path(section.model) if section.model else None,
            n_ctx=section.context,
            n_parallel=section.parallel,
            threads=section.threads,
            deadlines=deadlines,
        )
    except ConfigError as error:
        if error.file:
            raise
        raise loaded.error(str(error), ("providers", name)) from None
