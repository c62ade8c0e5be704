"""`GET /v1/models`: what may be asked for here, with what is known of it."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from ..engine.errors import TidegateError
from ..engine.ports import Provider
from ..models.aliases import resolved
from ..models.catalogue import Catalogue, Facts
from ..models.providers.presets import PRESETS
from .config.gate_yaml import Config, Loaded
from .config.models import exact_models, providers_of
from .config.providers import PresetProvider
from .make_provider import base_url

KEPT_SECONDS = 60.0
"""How long a provider's list is used again, so that asking us often does not ask them often."""


def make_catalogue(loaded: Loaded) -> Catalogue:
    """The catalogue, with what the configuration says of models and of whose prices apply."""
    config = loaded.config
    own = {name: Facts(m.context, m.input, m.output, m.cached) for name, m in config.models.items()}
    hosts = {name: base_url(section) for name, section in config.providers.items()}
    presets = {name: PRESETS[s.kind] for name, s in config.providers.items() if isinstance(s, PresetProvider)}
    lists = {name: preset.prices for name, preset in presets.items() if preset.prices}
    return Catalogue(own, {name: host for name, host in hosts.items() if host}, lists)


class Listing:
    """The models that a route leads to: those that its providers list, those that it names, and the aliases.

    A provider's own fields are kept; `context_window` (tokens) and `pricing` (US dollars per million tokens) are added
    where they are known and the provider has none of its own. A provider that cannot be asked is left out.
    """

    def __init__(
        self,
        providers: Sequence[Provider],
        config: Config,
        catalogue: Catalogue,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._providers = providers
        self._config = config
        self._catalogue = catalogue
        self._clock = clock
        self._lists: dict[str, tuple[float, list[dict[str, object]]]] = {}

    async def models(self) -> list[dict[str, object]]:
        """Each model once, in the order of the providers."""
        lists = await asyncio.gather(*map(self._of, self._providers))
        return await asyncio.to_thread(self._together, lists)  # price lists are searched from end to end

    async def _of(self, provider: Provider) -> list[dict[str, object]]:
        until, listed = self._lists.get(provider.name, (0.0, []))
        if self._clock() < until:
            return listed
        with suppress(TidegateError):
            listed = await provider.models()
            self._lists[provider.name] = (self._clock() + KEPT_SECONDS, listed)
            return listed
        return []

    def _together(self, lists: Sequence[list[dict[str, object]]]) -> list[dict[str, object]]:
        found: dict[str, dict[str, object]] = {}
        for provider, listed in zip(self._providers, lists, strict=True):
            for model in listed:
                name = str(model.get("id"))
                if name not in found and provider.name in providers_of(self._config, name):
                    found[name] = self._known(model, name, provider.name)
        for name in dict.fromkeys([*exact_models(self._config), *self._config.models]):
            if name not in found and (leads := providers_of(self._config, name)):
                found[name] = self._known(_entry(name, leads[0]), name, leads[0])
        for alias, name in resolved(self._config.aliases).items():
            leads = providers_of(self._config, name)
            entry = {**found.get(name, _entry(name, leads[0])), "id": alias, "alias_of": name}
            found[alias] = self._known(entry, name, leads[0])
        return list(found.values())

    def _known(self, model: dict[str, object], name: str, provider: str) -> dict[str, object]:
        facts = self._catalogue.facts(name, provider)
        known = dict(model)
        if facts is not None and facts.context is not None:
            known.setdefault("context_window", facts.context)
        if facts is not None and facts.input is not None:
            prices = {"input": facts.input, "output": facts.output, "cached": facts.cached}
            known.setdefault("pricing", {what: price for what, price in prices.items() if price is not None})
        return known


def _entry(name: str, owner: str) -> dict[str, object]:
    return {"id": name, "object": "model", "created": 0, "owned_by": owner}
