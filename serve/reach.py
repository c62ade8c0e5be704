"""Whether providers can be reached, and with which credentials they are asked: what `tidegate check` says of them."""

import asyncio
from contextlib import suppress
from ipaddress import ip_address

from ..engine.errors import TidegateError
from ..engine.ports import Provider
from ..models.providers.presets import PRESETS
from .config.gate_yaml import Loaded
from .config.providers import LlamaProvider, PresetProvider
from .upstreams import make_router

SECONDS = 10.0
"""For each provider to answer; all are asked at once."""


def credentials(loaded: Loaded) -> dict[str, str]:
    """In words, how each provider is asked."""
    said: dict[str, str] = {}
    for name, section in loaded.config.providers.items():
        if isinstance(section, LlamaProvider):
            said[name] = "none needed"
        elif section.api_keys:
            said[name] = f"{len(section.api_keys)} keys in turn"
        elif section.api_key is not None:
            said[name] = "a key of the gate's own"
        elif section.kind == "bedrock":
            said[name] = "AWS credentials"
        elif isinstance(section, PresetProvider) and not PRESETS[section.kind].needs_key:
            said[name] = "none needed"
        else:
            own = " unless it is a known key" if loaded.config.keys.known else ""
            said[name] = f"no key: each caller's own credential is passed on{own}"
    return said


def lent_to_anybody(loaded: Loaded, host: str) -> list[str]:
    """The providers that whoever reaches `host` may ask with credentials of the gate's own: none where only callers
    with a key are served, or other machines do not reach it."""
    near = host == "localhost"
    with suppress(ValueError):  # a name
        near = ip_address(host).is_loopback
    if near or loaded.config.keys.require:
        return []
    asked = [(name, each) for name, each in loaded.config.providers.items() if not isinstance(each, LlamaProvider)]
    return [name for name, each in asked if each.api_key or each.api_keys or each.kind == "bedrock"]


async def reach(loaded: Loaded) -> dict[str, tuple[bool, str]]:
    """Ask each provider for its models: whether it answered, and in words what it said. Raises ConfigError."""
    router, transport = make_router(loaded)
    providers = [
        provider
        for provider in router.providers()
        if not isinstance(loaded.config.providers[provider.name], LlamaProvider)
    ]
    await transport.start()
    try:
        answers = await asyncio.gather(*(_asked(provider, loaded) for provider in providers))
        return {provider.name: answer for provider, answer in zip(providers, answers, strict=True)}
    finally:
        for provider in providers:
            await provider.aclose()
        await transport.aclose()


async def _asked(provider: Provider, loaded: Loaded) -> tuple[bool, str]:
    section = loaded.config.providers[provider.name]
    try:
        async with asyncio.timeout(SECONDS):
            await provider.start()
            models = await provider.models()
    except TimeoutError:
        return False, f"did not answer within {SECONDS:.0f} s"
    except TidegateError as error:
        return False, str(error)
    if not models and isinstance(section, PresetProvider):
        return True, "not asked: it serves no list of models"
    return True, f"answered, {len(models)} models"
