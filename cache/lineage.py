"""Where an answer comes from and what it cost: what an entry knows of itself beside its reply."""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

from ..engine.exchange import Exchange
from ..engine.jsonio import loads

METADATA = "x-tidegate-metadata"
FALLBACK = "models.fallback"
"""What routing leaves on an exchange that another model answered than the one its route leads to first."""
TAGS = 16
TAG_CHARS = 128
"""Tags of an entry, and characters kept of each; more are left out."""

Price: TypeAlias = Callable[[str, Mapping[str, Any]], float]
"""What a call cost: the model's name and the usage that it reported."""


class Lineage:
    """Reads it off an exchange and its reply. Without `price` no answer has a cost."""

    def __init__(self, *, fallbacks: bool = False, price: Price | None = None) -> None:
        self._fallbacks = fallbacks
        self._price = price

    def why_not(self, exchange: Exchange) -> str:
        """`fallback` when the answer is from a model that was not asked for and such answers are not kept."""
        return "fallback" if exchange.memo.get(FALLBACK) and not self._fallbacks else ""

    def spent(self, model: str, whole: Mapping[str, Any]) -> tuple[int, float]:
        """The model's tokens and their price, as far as its reply says."""
        found = whole.get("usage") or whole.get("usageMetadata")
        usage = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
        return tokens_of(usage), self._price(model, usage) if self._price and usage else 0.0

    def seconds(self, exchange: Exchange) -> float:
        """Since the request came: the model's time, but for a millisecond of ours."""
        return max(0.0, time.perf_counter() - exchange.started)


def tokens_of(usage: Mapping[str, Any]) -> int:
    """Prompt and reply together, by any dialect's names."""
    for total in ("total_tokens", "totalTokenCount"):
        if isinstance(usage.get(total), int):
            return max(0, usage[total])
    return sum(max(0, usage[name]) for name in ("input_tokens", "output_tokens") if isinstance(usage.get(name), int))


def tags_of(headers: Mapping[str, str]) -> dict[str, str]:
    """The scalars of the metadata header, as texts. What is no JSON object gives none."""
    try:
        sent: Any = loads(headers.get(METADATA, "{}"))
    except ValueError:
        return {}
    if not isinstance(sent, dict):
        return {}
    pairs = cast("dict[str, Any]", sent).items()
    kept = [(name, value) for name, value in pairs if isinstance(value, str | int | float)]
    return {name[:TAG_CHARS]: str(value)[:TAG_CHARS] for name, value in kept[:TAGS]}
