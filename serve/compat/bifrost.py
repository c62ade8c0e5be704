"""Bifrost's headers, and its way to write a model: `provider/model`. Source: Bifrost's documentation."""

import re
from typing import Any

from ...cache.admission import SIMILARITY_HEADER, TTL_HEADER
from ...cache.key import NAMESPACE_HEADER
from ...engine.exchange import Exchange
from ...engine.steering import Choice, Steering
from . import fields
from .vendors import Providers

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)")
_METADATA = ("dim-", "prom-", "lh-")
"""Beginnings of headers whose values are for reports."""
_IGNORED = ("maxim-",)


class Bifrost:
    """Bifrost's clients."""

    prefix = "x-bf-"

    def __init__(self, providers: Providers) -> None:
        self._providers = providers

    def read(self, exchange: Exchange) -> None:
        sent = {n.removeprefix(self.prefix): v for n, v in exchange.headers.items() if n.startswith(self.prefix)}
        self._cache(exchange, sent)
        self._steer(exchange)
        metadata: dict[str, Any] = {}
        for name in [name for name in sent if name.startswith(_METADATA)]:
            metadata[name.partition("-")[2]] = sent.pop(name)
        if session := sent.pop("session-id", ""):
            metadata["session_id"] = session
        fields.add_metadata(exchange, metadata)
        for name in sent:
            if not name.startswith(_IGNORED):
                raise fields.wrong(f"{self.prefix}{name}"[:80], "is not taken here; see docs/compat.md")

    def _cache(self, exchange: Exchange, sent: dict[str, str]) -> None:
        if "cache-key" in sent:
            fields.prefer(exchange, NAMESPACE_HEADER, fields.text(sent.pop("cache-key"), "x-bf-cache-key"))
        if "cache-ttl" in sent:
            fields.prefer(exchange, TTL_HEADER, f"{duration(sent.pop('cache-ttl'), 'x-bf-cache-ttl'):g}")
        least = f"{fields.number(sent.pop('cache-threshold', '0'), 'x-bf-cache-threshold', 1.0):g}"
        kind = sent.pop("cache-type", "semantic")
        if kind not in ("direct", "semantic"):
            raise fields.wrong("x-bf-cache-type", "must be direct or semantic")
        if kind == "direct" or least != "0":
            fields.prefer(exchange, SIMILARITY_HEADER, "exact" if kind == "direct" else least)
        if fields.flag(sent.pop("cache-no-store", "false"), "x-bf-cache-no-store"):
            fields.add_cache_control(exchange, "no-store")

    def _steer(self, exchange: Exchange) -> None:
        """`openai/gpt-4o` is gpt-4o at a provider of that name or kind, if there is one; else it is a model's name.

        So it is where a provider has been chosen already: it may call a model so.
        """
        split = "/" in exchange.model and not fields.chosen(exchange)
        asked = fields.choice(exchange.model, "model", self._providers) if split else Choice()
        if asked.providers:
            fields.ask_for(exchange, asked.model)
        spare = fields.fallbacks(exchange, self.fallback)
        if asked.providers or spare:
            fields.steer(exchange, Steering((Choice(asked.providers), *spare)))

    def fallback(self, value: object, name: str) -> Choice:
        """One of the body's `fallbacks`: `provider/model`, or an object of the two."""
        if isinstance(value, str):
            return fields.choice(value, name, self._providers)
        held = fields.mapping(value, name)
        provider = fields.text(held.pop("provider", None), f"{name}.provider")
        model = fields.model(held.pop("model", None), f"{name}.model")
        if held:
            raise fields.wrong(name, "may hold provider and model")
        return Choice(self._providers.chosen(provider, f"{name}.provider"), model)

    def tell(self, exchange: Exchange) -> list[tuple[str, str]]:
        """Nothing: Bifrost says what happened in the body."""
        return []


def duration(written: str, field: str) -> float:
    """Seconds as Go writes a duration (`90s`, `1h30m`), or as a number of them. Raises BadRequest."""
    parts: list[tuple[str, str]] = _PART.findall(written)
    if parts and "".join(figure + unit for figure, unit in parts) == written:
        return sum(float(figure) * _UNITS[unit] for figure, unit in parts)
    return fields.number(written, field)
