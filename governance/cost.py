"""What answers cost: the provider's own count of tokens, times a price."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, TypeAlias, cast

from ..engine.bill import OPEN
from ..engine.ending import closes
from ..engine.errors import TidegateError
from ..engine.exchange import Exchange, Reply, Spent
from ..engine.ports import Next
from ..engine.sse import Event
from ..engine.usage import MARK, TOLD, usage_of

Price: TypeAlias = Callable[[Exchange, Spent], tuple[float, str] | None]
"""US dollars and the name of the price; None when none is known."""


class Meter:
    """Around the providers: notes on the exchange what an answer took, as soon as its reply tells.

    A whole reply is priced when it is read, so that a header can say so; a stream when it is complete. A stream whose
    usage was not asked for (OpenAI's `stream_options.include_usage`) has no cost that anyone could know, and no more
    has one that was left or broke before its end.
    """

    def __init__(self, price: Price) -> None:
        self._price = price

    async def __call__(self, exchange: Exchange, next: Next) -> Reply:
        reply = await next(exchange)
        reply.events = self._listen(exchange, reply.events, priced=not reply.streamed)
        return reply

    async def _listen(self, exchange: Exchange, events: AsyncIterator[Event], priced: bool) -> AsyncIterator[Event]:
        exchange.memo[OPEN] = not priced
        async for event in events:
            if MARK in event.payload and event.data is not None and (usage := usage_of(event.data)) is not None:
                spent = exchange.spent or Spent(usage, exchange.model)
                said = _model(event.data)
                exchange.spent = Spent(spent.usage.with_later(usage), said or spent.model)
            if priced or closes(exchange.dialect, event):
                self._complete(exchange)
            yield event
        self._complete(exchange)

    def _complete(self, exchange: Exchange) -> None:
        """What the provider told itself counts too: the caller's form may have no place for all that prices go by."""
        exchange.memo[OPEN] = False
        if (told := exchange.memo.get(TOLD)) is not None:
            exchange.spent = exchange.spent or Spent(told, exchange.model)
            exchange.spent.usage = exchange.spent.usage.with_later(told)
        self.price(exchange)

    def observe(self, exchange: Exchange, status: int, error: TidegateError | None) -> None:
        """An exchange is over. Comes before the observers that want to know its cost. One that answers for a call of
        another has the price that was found for that."""
        if OPEN in exchange.memo:
            self.price(exchange)

    def price(self, exchange: Exchange) -> None:
        """Note what it cost, once what it took is all there."""
        spent = exchange.spent
        if exchange.memo.get(OPEN):
            return
        if spent is not None and spent.dollars is None and (priced := self._price(exchange, spent)) is not None:
            spent.dollars, spent.priced = priced


def _model(data: Mapping[str, Any]) -> str:
    """The model's name in a reply or event, of any dialect; empty when it tells none."""
    inner = data.get("message") or data.get("response")
    if (name := data.get("model") or data.get("modelVersion")) is None and isinstance(inner, dict):
        name = cast("dict[str, Any]", inner).get("model")
    return name[:200] if isinstance(name, str) else ""
