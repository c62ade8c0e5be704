"""Counters for Prometheus, kept per gate. Labels come from the configuration or from a bounded list, never from a
request."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ..engine.bill import INHERITED, OPEN, shared
from ..engine.errors import TidegateError
from ..engine.exchange import Exchange
from ..engine.headers import outcome

_BUCKETS = (0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 500, 1000)
_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 60, 120, 300)
RULES = 500
"""Distinct rules that get a series of their own."""


Across = Literal["count", "sum", "max", "min", "one"]
"""What several processes make of a value. `count`: its sum, with those that have ended; `one`: each knows it of all."""
_ACROSS: dict[str, Across] = {
    "tidegate_processes": "sum",
    "tidegate_in_flight": "sum",
    "tidegate_breaker_state": "max",
}


@dataclass(frozen=True, slots=True)
class Series:
    """One value as it is now, kept by somebody else."""

    name: str
    help: str
    value: float
    labels: dict[str, str] = field(default_factory=dict[str, str])
    """The same names in all series of one name."""
    across: Across = "count"


class _Followed(Collector):
    def __init__(self, source: Callable[[], Iterable[Series]]) -> None:
        self._source = source
        self.across: dict[tuple[str, frozenset[tuple[str, str]]], Across] = {}
        """Of what was shown last, by name and labels."""

    def collect(self) -> Iterator[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        self.across = {}
        for one in self._source():
            if one.name not in families:
                families[one.name] = GaugeMetricFamily(one.name, one.help, labels=list(one.labels))
            families[one.name].add_metric(list(one.labels.values()), one.value)
            self.across[one.name, frozenset(one.labels.items())] = one.across
        yield from families.values()

    def describe(self) -> Iterator[Metric]:
        return iter(())


class Metrics:
    """What `/metrics` shows."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "tidegate_requests", "Requests answered.", ["dialect", "provider", "status"], registry=self.registry
        )
        self._cache = Counter("tidegate_cache", "What the cache did.", ["result"], registry=self.registry)
        self._guard = Counter("tidegate_guard", "What the guards did.", ["outcome"], registry=self.registry)
        self._verdicts = Counter("tidegate_verdicts", "Verdicts by rule.", ["rule", "action"], registry=self.registry)
        self._added = Histogram(
            "tidegate_overhead_ms", "Milliseconds added by the gate.", buckets=_BUCKETS, registry=self.registry
        )
        self._seconds = Histogram(
            "tidegate_request_seconds",
            "Seconds until a reply's last byte.",
            ["provider", "stream"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._attempts = Counter(
            "tidegate_attempts",
            "Attempts at providers, and how they ended.",
            ["provider", "result"],
            registry=self.registry,
        )
        self._mirrored = Counter(
            "tidegate_mirrored", "Copies of requests to a second model.", ["provider", "result"], registry=self.registry
        )
        self._breakers = Gauge(
            "tidegate_breaker_state",
            "Whether a provider is asked: 0 closed, 1 half open, 2 open.",
            ["provider"],
            registry=self.registry,
        )
        self._cost = Counter(
            "tidegate_cost_dollars",
            "US dollars, as far as known.",
            ["provider", "model"],
            registry=self.registry,
        )
        self._tokens = Counter(
            "tidegate_tokens", "Tokens, as providers tell them.", ["provider", "direction"], registry=self.registry
        )
        self._unpriced = Counter(
            "tidegate_unpriced", "Answers of providers whose cost is not known.", ["provider"], registry=self.registry
        )
        self.in_flight = Gauge("tidegate_in_flight", "Requests under way.", registry=self.registry)
        Gauge("tidegate_processes", "Processes that serve.", registry=self.registry).set(1)
        self._seen: set[str] = set()
        self._followed: list[_Followed] = []

    def follow(self, source: Callable[[], Iterable[Series]]) -> None:
        """Show what `source` says whenever the metrics are asked for."""
        self._followed.append(_Followed(source))
        self.registry.register(self._followed[-1])

    def across(self, name: str, labels: Mapping[str, str]) -> Across:
        """How a sample that was just collected goes together with those of other processes."""
        if name.endswith("_created"):
            return "min"
        key = name, frozenset(labels.items())
        for each in self._followed:
            if key in each.across:
                return each.across[key]
        return _ACROSS.get(name, "count")

    def observe(self, exchange: Exchange, status: int, error: TidegateError | None) -> None:
        """An exchange is over."""
        self._requests.labels(exchange.dialect.name, exchange.provider or "none", str(status)).inc()
        note = exchange.cache
        if note.status != "off":
            self._cache.labels(f"{note.status} {note.detail}".strip() if note.status == "hit" else note.status).inc()
        self._guard.labels(outcome(exchange)[0]).inc()
        for verdict in exchange.verdicts:
            if verdict.rule in self._seen or len(self._seen) < RULES:
                self._seen.add(verdict.rule)
                self._verdicts.labels(verdict.rule, verdict.action).inc()
        self._observe_cost(exchange, status)
        total = exchange.timings.get("total", 0.0)
        self._seconds.labels(exchange.provider or "none", str(exchange.stream).lower()).observe(total / 1000)
        spent = total - exchange.timings.get("upstream", 0.0)
        if not exchange.stream:  # a stream's total is the model's pace
            self._added.observe(spent)

    def attempted(self, provider: str, result: str) -> None:
        """An attempt at a provider is over: `ok`, a class of failure, or `rests` when it was not asked."""
        self._attempts.labels(provider, result).inc()

    def mirrored(self, provider: str, result: str) -> None:
        """A copy is over: `ok`, `failed` or `dropped`."""
        self._mirrored.labels(provider, result).inc()

    def billed(self, exchange: Exchange) -> None:
        """An answer was paid for that reaches no caller."""
        self._observe_cost(exchange, 200)

    def watch_breaker(self, provider: str, state: Callable[[], float]) -> None:
        """Show a breaker's state, asked for when somebody looks."""
        self._breakers.labels(provider).set_function(state)

    def _observe_cost(self, exchange: Exchange, status: int) -> None:
        spent = exchange.spent
        if spent is not None:
            self._tokens.labels(exchange.provider, "input").inc(spent.usage.input)
            self._tokens.labels(exchange.provider, "output").inc(spent.usage.output)
        if spent is not None and spent.dollars is not None:
            self._cost.labels(exchange.provider, spent.priced).inc(spent.dollars)
        elif exchange.provider and _asked_a_model(exchange) and (status < 400 or _open(exchange, status)):
            self._unpriced.labels(exchange.provider).inc()

    def text(self) -> bytes:
        """The exposition format of Prometheus, version 0.0.4."""
        return generate_latest(self.registry)


def _open(exchange: Exchange, status: int) -> bool:
    """Whether its stream ended early. One that was left, and that others share, is told of by one of them."""
    return bool(exchange.memo.get(OPEN)) and not (status == 499 and shared(exchange))


def _asked_a_model(exchange: Exchange) -> bool:
    """Not so for an answer from memory or from another's call, unless it answers for that; nor when tokens were
    counted, and when the request was passed through, which leaves no body here."""
    if exchange.cache.status == "hit" or (exchange.cache.detail == "collapsed" and INHERITED not in exchange.memo):
        return False
    return bool(exchange.body) and not exchange.dialect.name.endswith(".count_tokens")
