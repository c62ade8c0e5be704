"""The reply headers that say what happened. Source: RFC 9211 (Cache-Status), W3C Server-Timing."""

import time
from collections.abc import Sequence

from .exchange import CacheNote, Exchange

EVERY_RULE = "all"
"""Stands for every rule in the verdict on a request that none was asked about."""

_GROUPS = {"request_guard": "guard", "reply_guard": "guard", "cache": "cache", "upstream": "upstream"}
_RANK = ("pass", "not_evaluated", "flagged", "routed", "masked", "answered", "blocked")
_OUTCOME = {
    "flag": "flagged",
    "route": "routed",
    "mask": "masked",
    "redact": "masked",
    "replace": "masked",
    "respond": "answered",
    "block": "blocked",
}


def reply_headers(exchange: Exchange) -> list[tuple[str, str]]:
    """Everything that tidegate adds to a reply, known at the moment when its head leaves."""
    headers = [
        ("x-tidegate-id", exchange.id),
        ("x-request-id", exchange.headers.get("x-request-id", "")[:128] or exchange.id),
        ("x-tidegate-guard", guard_header(exchange)),
        ("server-timing", server_timing(exchange)),
        ("x-tidegate-overhead-ms", f"{overhead_ms(exchange):.2f}"),
    ]
    if exchange.cache.status != "off":
        headers.append(("cache-status", cache_status(exchange.cache)))
    if exchange.cache.age is not None:
        headers.append(("age", str(exchange.cache.age)))
    if exchange.provider:
        headers.append(("x-tidegate-provider", exchange.provider))
    if exchange.provider or exchange.attempts:  # an error may come after attempts at several providers
        headers.append(("x-tidegate-attempts", str(exchange.attempts)))
    if exchange.spent is not None and exchange.spent.dollars is not None:  # of a stream it is not known yet
        headers.append(("x-tidegate-cost", f"{exchange.spent.dollars:.9f}"))
    for tell in exchange.tells:
        headers += tell(exchange)
    return headers


def overhead_ms(exchange: Exchange) -> float:
    """Milliseconds since the exchange began, less the time spent waiting for the provider."""
    return (time.perf_counter() - exchange.started) * 1000 - exchange.timings.get("upstream", 0.0)


def outcome(exchange: Exchange) -> tuple[str, list[str]]:
    """`pass`, `flagged`, `routed`, `masked`, `answered` or `blocked`, and the rules that made it so.

    `not_evaluated` is a request that no rule was asked about: that is no pass.
    """
    worst, rules = "pass", dict[str, None]()
    for verdict in exchange.verdicts:
        if verdict.rule == EVERY_RULE and verdict.action == "not_evaluated":
            worst = "not_evaluated"
        said = _OUTCOME.get(verdict.action)
        if said is None:
            continue
        rules[verdict.rule] = None
        worst = max(worst, said, key=_RANK.index)
    return worst, list(rules)


def guard_header(exchange: Exchange) -> str:
    """`masked; rules="pii.email, pii.card"; not-evaluated="pii.names"`."""
    said, rules = outcome(exchange)
    missed = dict.fromkeys(v.rule for v in exchange.verdicts if v.action == "not_evaluated")
    return said + _listed("rules", rules) + _listed("not-evaluated", list(missed))


def _listed(name: str, values: Sequence[str], most: int = 20) -> str:
    if not values:
        return ""
    shown = ", ".join(values[:most]) + (", ..." if len(values) > most else "")
    return f'; {name}="{shown}"'


def cache_status(note: CacheNote) -> str:
    """`tidegate; hit; detail=exact; ttl=86000`, or `tidegate; fwd=miss; stored`.

    Source: RFC 9211, section 2: `fwd` says that the request went on, and why (`request`: because it asked for that);
    `collapsed` is a parameter of its own.
    """
    if note.status == "hit":
        ttl = f"; ttl={note.ttl}" if note.ttl is not None else ""
        return f"tidegate; hit; detail={note.detail}{ttl}"
    why = "request" if note.detail == "no-cache" else note.status
    went = f"; fwd={why}" if note.forwarded else ""
    detail = "; collapsed" if note.detail == "collapsed" else f"; detail={note.detail}" if note.detail else ""
    return f"tidegate{went}{'; stored' if note.stored else ''}{detail}"


def server_timing(exchange: Exchange) -> str:
    """Milliseconds by part: `guard;dur=0.21, cache;dur=0.05, upstream;dur=131.00`."""
    sums: dict[str, float] = {}
    for name, ms in exchange.timings.items():
        if group := _GROUPS.get(name):
            sums[group] = sums.get(group, 0.0) + ms
    return ", ".join(f"{name};dur={ms:.2f}" for name, ms in sums.items())
