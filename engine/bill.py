"""What a shared call took is told once: for the request that made it, or, if its caller left, for one of the others."""

from dataclasses import replace
from typing import cast

from .exchange import Exchange, Spent

INHERITED = "engine.inherited"
"""True in the memo of an exchange that answers for what a call of another took."""
OPEN = "engine.open"
"""True in the memo of an exchange whose stream has not come to its end: what it took is not known."""
_LEFT = "engine.left"
"""In the memo of an exchange whose caller left: what observers were told that it had taken until then."""
_MAKER = "engine.maker"
"""In the memo of an exchange that shares a call: the exchange that made it."""
_RIDERS = "engine.riders"
"""In the memo of the one that made it: the ids of those that share it, until they are over."""


def share(rider: Exchange, maker: Exchange) -> None:
    """Note that `rider` has no call of its own but that of `maker`."""
    maker.memo.setdefault(_RIDERS, set[str]()).add(rider.id)
    rider.memo[_MAKER] = maker


def shared(exchange: Exchange) -> bool:
    """Whether others will tell what the call of this exchange took, should its caller leave."""
    return bool(exchange.memo.get(_RIDERS))


def over(exchange: Exchange) -> None:
    """An exchange is over, and observers are about to be told of it. The last one that shares a call answers for it."""
    if (maker := cast("Exchange | None", exchange.memo.pop(_MAKER, None))) is None:
        return
    riders = cast("set[str]", maker.memo[_RIDERS])
    riders.discard(exchange.id)
    if not riders:
        inherit(exchange, maker)


def left(exchange: Exchange) -> None:
    """Note that its caller has gone, and observers were told of it: what its call takes from now on is nobody's yet."""
    exchange.memo[_LEFT] = replace(exchange.spent) if exchange.spent else None


def inherit(heir: Exchange, maker: Exchange) -> None:
    """Let `heir` answer for what the call of `maker`, whose caller has gone, took beyond what was told of it. Only the
    first heir gets anything: call this when the call is complete, or has failed, or nobody is left that shares it."""
    if _LEFT not in maker.memo:
        return
    told: Spent | None = maker.memo.pop(_LEFT)
    if told is not None and told.dollars is not None:  # it was told all
        return
    heir.memo[INHERITED] = True
    if maker.memo.get(OPEN):
        heir.memo[OPEN] = True
    if (spent := maker.spent) is not None:
        usage = spent.usage.beyond(told.usage) if told else spent.usage
        heir.spent = replace(spent, usage=usage)
