"""What was paid for and reaches no caller: an answer that was dropped for another's, one that nobody could be told, the
answer to a copy."""

from collections.abc import Callable
from dataclasses import replace

from ..engine.exchange import CacheNote, Exchange, Spent
from ..engine.usage import TOLD, Usage
from .targets import Target

SENT = "models.sent"
"""In an exchange's memo: the model that the provider which answered was asked for."""
ASKED = "models.asked"
"""The same: the provider that was asked last, whether it answered or not."""

Billed = Callable[[Exchange, bool], None]
"""Told of an answer as an exchange of its own, with `spent` if the provider told it, and whether that is all of it."""


def unbilled(exchange: Exchange, complete: bool) -> None:
    return


def billed(exchange: Exchange, target: Target, part: str, usage: Usage | None) -> Exchange:
    """The exchange by which such an answer is told of. `part` stands behind the request's own id."""
    told, model = exchange.memo.pop(TOLD, None), target.model or exchange.model
    if isinstance(told, Usage):
        usage = usage.with_later(told) if usage else told
    return replace(
        exchange,
        id=f"{exchange.id}.{part}",
        provider=target.provider.name,
        spent=Spent(usage, model) if usage else None,
        memo={SENT: model},
        timings={},
        verdicts=[],
        verdict_count=0,
        cache=CacheNote(),
        tells=[],
    )
