"""How much at once. Beyond it a caller is told to come back, before anything was spent on the request."""

from ..engine.errors import Overloaded
from ..engine.exchange import Exchange, Reply
from ..engine.ports import Next


class InFlight:
    """At most `most` exchanges under way. One counts until its reply is closed, streams included."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.now = 0

    async def __call__(self, exchange: Exchange, next: Next) -> Reply:
        if self.now >= self._most:
            raise Overloaded("Too many requests are under way; try again in a second.")
        self.now += 1
        try:
            reply = await next(exchange)
        except BaseException:
            self.now -= 1
            raise
        reply.closers.insert(0, self._leave)
        return reply

    async def _leave(self) -> None:
        self.now -= 1
