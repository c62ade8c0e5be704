"""What a shared call took is told once: for the request that made it, or, if its caller left, for one of the others."""

from dataclasses import replace

from .exchange import Exchange, Spent

INHERITED = "engine.inherited"
"""True in the memo of an exchange that answers for what a call of another took."""
_LEFT = "engine.left"
"""In the memo of an exchange whose caller left: what observers were told that it had taken until then."""


def left(exchange: Exchange) -> None:
    """Note that its caller has gone, and observers were told of it: what its call takes from now on is nobody's yet."""
    exchange.memo[_LEFT] = replace(exchange.spent) if exchange.spent else None


def inherit(heir: Exchange, maker: Exchange) -> None:
    """Let `heir` answer for what the call of `maker`, whose caller has gone, took beyond what was told of it. Only the
    first heir gets anything: call this when the call is complete, or has failed."""
    if _LEFT not in maker.memo:
        return
    told: Spent | None = maker.memo.pop(_LEFT)
    if told is not None and told.dollars is not None:  # it was told all
        return
    heir.memo[INHERITED] = True
    if (spent := maker.spent) is not None:
        usage = spent.usage.beyond(told.usage) if told else spent.usage
        heir.spent = replace(spent, usage=usage)
