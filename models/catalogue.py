"""What is known of models: context windows and prices, from genai-prices and from the operator.

genai-prices keeps its data in its wheel; nothing is fetched. It takes a third of a second to load, so that happens at
the start, off the event loop. Prices are US dollars per million tokens.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from operator import mul
from typing import Any, cast

from ..engine.usage import Usage

MILLION = 1_000_000
RATE_SECONDS = 60.0
"""How long a rate is used again: some prices go by the time of day."""
SEEN = 4096
"""Names of models whose entry is remembered, found or not."""
_NEW: Any = object()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one model; None is not known."""

    context: int | None = None
    """Tokens."""
    input: float | None = None
    output: float | None = None
    cached: float | None = None
    """Of input that the provider had in its own cache."""


class Catalogue:
    """Facts and costs by model and provider.

    `own` are the operator's, which win. `hosts` gives each provider's base URL, by which genai-prices tells whose price
    list applies; `lists` names the price list where the address does not tell. A host that is in no list has no prices:
    the same model elsewhere costs something else.
    """

    def __init__(self, own: Mapping[str, Facts], hosts: Mapping[str, str], lists: Mapping[str, str]) -> None:
        self._own = dict(own)
        self._hosts = dict(hosts)
        self._lists = dict(lists)
        self._data: Any = None
        self._found: dict[str, Any] = {}
        self._seen: dict[tuple[str, str], Any] = {}
        self._rates: dict[tuple[str, ...], tuple[float, tuple[float, ...] | None]] = {}
        self._clock = time.monotonic

    def start(self) -> None:
        """Load the data and find each provider's price list, if there is a provider with a host."""
        if not self._hosts:
            return
        from genai_prices.data_snapshot import get_snapshot

        self._data = get_snapshot()
        for name, host in self._hosts.items():
            try:
                self._found[name] = self._data.find_provider(None, self._lists.get(name), host)
            except LookupError:
                continue

    def priced(self) -> set[str]:
        """The providers that have a price list."""
        return set(self._found)

    def facts(self, model: str, provider: str) -> Facts | None:
        """What is known of a model at a provider; the operator's word first, field by field."""
        own = self._own.get(model)
        found = self._find(model, provider)
        if found is None:
            return own
        prices = found.get_prices(datetime.now(UTC))
        listed = Facts(
            found.context_window, _base(prices, "input"), _base(prices, "output"), _base(prices, "cache_read")
        )
        if own is None:
            return listed
        priced = own if own.input is not None else listed
        return Facts(own.context or listed.context, priced.input, priced.output, priced.cached)

    def cost(self, asked: str, said: str, provider: str, usage: Usage) -> tuple[float, str] | None:
        """US dollars, and the name of the price; None when no price is known.

        `asked` is the model's name in the request, `said` the provider's in the reply, which tells the version.
        """
        for name in (asked, said):
            own = self._own.get(name)
            if own is not None and own.input is not None:
                return None if usage.cached > usage.input else (_own_cost(own, usage), name)
        for name in (said, asked):
            if (found := self._find(name, provider)) is not None:
                dollars = self._listed_cost(found, provider, usage)
                return None if dollars is None else (dollars, str(found.id))
        return None

    def _listed_cost(self, found: Any, provider: str, usage: Usage) -> float | None:
        """By the price list's own arithmetic, which takes a tenth of a millisecond and more; where prices do not depend
        on how much was used, by rates that it gave before."""
        key = (provider, str(found.id), usage.tier, usage.speed)
        until, rates = self._rates.get(key, (0.0, None))
        if self._clock() >= until:
            if len(self._rates) >= SEEN:
                self._rates.clear()
            rates = self._rates_of(found, provider, Usage(tier=usage.tier, speed=usage.speed))
            self._rates[key] = (self._clock() + RATE_SECONDS, rates)
        if rates is None or usage.heard or usage.spoken or usage.cited or usage.searches:
            return self._exact(found, provider, usage)
        counts = (usage.input - usage.cached - usage.written, usage.output, usage.cached)
        counts += (usage.written - usage.written_hour, usage.written_hour)
        return sum(map(mul, counts, rates)) if min(counts) >= 0 else None

    def _rates_of(self, found: Any, provider: str, none: Usage) -> tuple[float, ...] | None:
        """Dollars for a token of each of five kinds, at the tier and speed of `none`; None where a price goes by tiers
        of use, or where a request or reasoning has one of its own."""
        from genai_prices.types import TieredPrices

        now = datetime.now(UTC)
        for prices in (found.get_prices(now), found.get_prices(now, _context(none))):
            listed = cast("dict[str, Any]", vars(prices))
            beside = listed.get("requests_kcount") or listed.get("output_reasoning_mtok")
            if beside or any(isinstance(price, TieredPrices) for price in listed.values()):
                return None
        lots = (
            replace(none, input=MILLION),
            replace(none, output=MILLION),
            replace(none, input=MILLION, cached=MILLION),
            replace(none, input=MILLION, written=MILLION),
            replace(none, input=MILLION, written=MILLION, written_hour=MILLION),
        )
        dollars = [self._exact(found, provider, lot) for lot in lots]
        return tuple(each / MILLION for each in dollars if each is not None) if None not in dollars else None

    def _exact(self, found: Any, provider: str, usage: Usage) -> float | None:
        try:
            priced = found.calc_price(_counts(usage), self._found[provider], price_context=_context(usage))
        except (ValueError, LookupError):  # a usage that the price list cannot count
            return None
        return float(priced.total_price)

    def _find(self, model: str, provider: str) -> Any:
        """The price list's entry; None when it has none. Lists are searched from end to end, so what was found is kept,
        and not by the library: it would keep every name that a caller ever asked for."""
        listed = self._found.get(provider)
        if listed is None or not model:
            return None
        key = (provider, model)
        found = self._seen.get(key, _NEW)
        if found is _NEW:
            if len(self._seen) >= SEEN:
                self._seen.clear()
            found = self._seen[key] = listed.find_model(model.lower(), all_providers=self._data.providers)
        return found


def _own_cost(own: Facts, usage: Usage) -> float:
    cheap = own.cached if own.cached is not None else own.input
    input_cost = (usage.input - usage.cached) * (own.input or 0.0) + usage.cached * (cheap or 0.0)
    return (input_cost + usage.output * (own.output or 0.0)) / MILLION


def _context(usage: Usage) -> dict[str, str]:
    """What prices differ by beside counts, in the price list's names."""
    said = {"service_tier": usage.tier, "speed": usage.speed}
    return {name: value for name, value in said.items() if value}


def _counts(usage: Usage) -> Any:
    from genai_prices import Usage as Counted

    # Most do not say how much of what was cached is audio: at least what there is more of it than of text.
    heard_cached = max(usage.heard_cached, usage.cached - (usage.input - usage.heard))
    audio = {"input_audio_tokens": usage.heard, "cache_audio_read_tokens": heard_cached} if usage.heard else {}
    audio |= {"output_audio_tokens": usage.spoken} if usage.spoken else {}
    return Counted(
        input_tokens=usage.input,
        output_tokens=usage.output,
        cache_read_tokens=usage.cached,
        cache_write_tokens=usage.written,
        cache_write_1h_tokens=usage.written_hour,
        output_reasoning_tokens=usage.reasoning,
        output_citation_tokens=usage.cited,
        web_searches=usage.searches,
        **audio,
    )


def _base(prices: Any, what: str) -> float | None:
    """The price of the first tokens, where it goes by tiers."""
    price = getattr(prices, f"{what}_mtok", None)
    price = getattr(price, "base", price)
    return float(price) if price is not None else None
