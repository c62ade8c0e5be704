"""Where an answer comes from and what it cost: what an entry knows of itself beside its reply."""

import time

from ..engine.errors import BadRequest
from ..engine.exchange import UNKEPT, Exchange, metadata
from ..engine.jsonio import dumps

FALLBACK = "models.fallback"
"""What routing leaves on an exchange that another model answered than the one its route leads to first."""
TAGS = 16
TAG_CHARS = 128
"""Tags of an entry, and characters kept of each; more are left out."""


class Lineage:
    """Reads it off an exchange."""

    def __init__(self, *, fallbacks: bool = False) -> None:
        self._fallbacks = fallbacks

    def why_not(self, exchange: Exchange) -> str:
        """`rule` when the answer is a rule's own, which may hold for this caller or this hour alone; `fallback` when it
        is from a model that was not asked for and such answers are not kept."""
        if exchange.answered:
            return "rule"
        return "fallback" if exchange.memo.get(FALLBACK) and not self._fallbacks else ""

    def spent(self, exchange: Exchange) -> tuple[int, float]:
        """The model's tokens, question and answer together, and their price in US dollars, as far as known."""
        spent = exchange.spent
        return (spent.usage.input + spent.usage.output, spent.dollars or 0.0) if spent else (0, 0.0)

    def seconds(self, exchange: Exchange) -> float:
        """Since the request came: the model's time, but for a millisecond of ours."""
        return max(0.0, time.perf_counter() - exchange.started)


def tags_of(exchange: Exchange) -> dict[str, str]:
    """The scalars of the metadata header, as texts: numbers, `true` and `false` as JSON writes them. What is no JSON
    object gives none, nor does what a rule would change."""
    unkept = exchange.memo.get(UNKEPT, ())
    try:
        sent = metadata(exchange.headers)
    except BadRequest:
        return {}
    kept = [
        (name, value) for name, value in sent.items() if isinstance(value, str | int | float) and name not in unkept
    ]
    texts = [(name, value if isinstance(value, str) else dumps(value).decode()) for name, value in kept[:TAGS]]
    return {name[:TAG_CHARS]: value[:TAG_CHARS] for name, value in texts}
