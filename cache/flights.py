"""Equal requests at the same time make one call: the first flies, the others travel along.

A task of its own makes the call and pumps the reply into a buffer; every traveller, the first included, reads from it
at its own pace. One that leaves does not end the flight for the others; when all have left, the call is closed at once.
A failure reaches all. Past `max_bytes` nobody may join any more, and the pump waits for the slowest traveller: as long
as none of the others has to, and then for PATIENCE in all. Who is that slow is left behind, with an error.

The reply's headers may be meant for the one whose call it is, as a cookie is: the others get few of them.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import suppress
from typing import TypeAlias

from ..engine import bill
from ..engine.dialects import Dialect
from ..engine.ending import closes
from ..engine.errors import UpstreamBroke
from ..engine.exchange import Exchange, Reply
from ..engine.ports import Next
from ..engine.sse import Event

_FOR_ALL = ("content-type", "retry-after", "retry-after-ms")
"""Headers that say the same to whoever travels along: those of a stored answer, and when to try again."""

_LEAST = 128
"""Bytes that the smallest event is counted as: of two bytes, as a blank one has, there may be half a million."""

PATIENCE = 10.0
"""Seconds that travellers who have read all there is wait, in all, for one that is `max_bytes` behind."""
_LOOK = 0.5
"""Seconds between two looks whether any of them waits."""

Landed: TypeAlias = Callable[[Reply, "list[Event] | None"], Awaitable[None]]
"""Told of a reply that has come to its end: its head, and its events unless they were too large to be kept together."""


class Flights:
    """The calls under way, by key."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.collapsed = 0
        self._flights: dict[Hashable, Flight] = {}

    def __len__(self) -> int:
        return len(self._flights)

    def find(self, key: Hashable) -> "Flight | None":
        """The flight of this key that may still be joined."""
        flight = self._flights.get(key)
        return flight if flight is not None and flight.open else None

    async def lead(self, key: Hashable, exchange: Exchange, next: Next, landed: Landed) -> Reply:
        """Make the call. Under key None nobody can join it."""
        flight = Flight(exchange, next, landed, self.max_bytes, lambda it: self._over(key, it))
        if key is not None:
            self._flights[key] = flight
        return await flight.board(exchange)

    async def join(self, flight: "Flight", exchange: Exchange) -> Reply:
        """Travel along."""
        self.collapsed += 1
        return await flight.board(exchange)

    def _over(self, key: Hashable, flight: "Flight") -> None:
        if key is not None and self._flights.get(key) is flight:
            del self._flights[key]


class Flight:
    """One call and its travellers."""

    def __init__(
        self, leader: Exchange, next: Next, landed: Landed, max_bytes: int, over: "Callable[[Flight], None]"
    ) -> None:
        self.open = True
        self._leader = leader
        self._verdicts = len(leader.verdicts)
        self._max_bytes = max_bytes
        self._over = over
        self._head: Reply | None = None
        self._events: list[Event] = []
        self._dropped = 0  # events already let go of
        self._held = 0  # bytes that `_events` take
        self._seats: dict[object, int] = {}  # where each traveller is
        self._behind: set[object] = set()  # those that were left behind
        self._patience = PATIENCE
        self._done = False
        self._error: BaseException | None = None
        self._news = asyncio.Event()
        self._read = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._fly(next, landed))

    async def board(self, exchange: Exchange) -> Reply:
        """The reply for one more traveller, once its head is there. Raises what the call raised."""
        seat = object()
        self._seats[seat] = 0
        if exchange is not self._leader:
            bill.share(exchange, self._leader)
        try:
            while self._head is None and self._error is None:
                await self._news.wait()
        except BaseException:
            await self._leave(seat)
            raise
        if self._head is None:
            await self._leave(seat)
            assert self._error is not None
            bill.inherit(exchange, self._leader)
            raise self._error
        told = self._tell(exchange, self._verdicts)
        if not self._head.streamed:
            bill.inherit(exchange, self._leader)

        async def leave() -> None:
            await self._leave(seat)

        events, own = self._travel(seat, exchange, told), exchange is self._leader
        headers = [header for header in self._head.headers if own or header[0] in _FOR_ALL]
        return Reply(self._head.status, headers, events, self._head.streamed, [leave])

    async def _travel(self, seat: object, exchange: Exchange, told: int) -> AsyncIterator[Event]:
        while seat in self._seats:
            at = self._seats[seat] - self._dropped
            if at < len(self._events):
                event = self._events[at]
                self._seats[seat] += 1
                if not self.open:
                    self._trim()
                if closes(exchange.dialect, event):  # many read no further
                    bill.inherit(exchange, self._leader)
                yield event
            elif self._error is not None or self._done:
                self._tell(exchange, told)
                bill.inherit(exchange, self._leader)
                if self._error is not None:
                    raise self._error
                return
            else:
                await self._news.wait()
        if seat in self._behind:
            raise UpstreamBroke("An equal request shared this reply, which was read too slowly for it to wait.")

    def _tell(self, exchange: Exchange, told: int) -> int:
        """What the call taught its leader, for a traveller's record: verdicts from number `told` on."""
        leader = self._leader
        if exchange is not leader:
            exchange.provider, exchange.attempts = leader.provider, leader.attempts
            for verdict in leader.verdicts[told:]:
                exchange.note(verdict)
        return len(leader.verdicts)

    async def _leave(self, seat: object) -> None:
        if self._seats.pop(seat, None) is None or self._seats:
            self._read.set()
            return
        self._close_doors()
        if not self._done and self._error is None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.shield(self._task)

    def _close_doors(self) -> None:
        self.open = False
        self._over(self)

    async def _fly(self, next: Next, landed: Landed) -> None:
        reply: Reply | None = None
        try:
            reply = await next(self._leader)
            await (self._pump(reply, landed) if reply.streamed else self._fetch(reply, landed))
            self._done = True
        except asyncio.CancelledError:
            self._error = UpstreamBroke("The call was given up before its reply was complete.")
            raise
        except BaseException as error:
            self._error = error
            if not isinstance(error, Exception):
                raise
        finally:
            self._close_doors()
            self._publish()
            if reply is not None:
                await reply.aclose()

    async def _fetch(self, reply: Reply, landed: Landed) -> None:
        """A reply that is not streamed: it leaves after it was stored, and can say so."""
        events = [event async for event in reply.events]
        size = sum(len(event.raw) for event in events)
        await landed(reply, events if size <= self._max_bytes else None)
        self._events, self._held, self._head = events, size, reply
        self._publish()

    async def _pump(self, reply: Reply, landed: Landed) -> None:
        """A stream: each event is there for the travellers at once, the last one after `landed` was told.

        So whoever has seen the end of a stream may count on its being kept, and may hang up.
        """
        self._head = reply
        self._publish()
        await asyncio.sleep(0)  # the head leaves now, not somewhere in a burst of events
        told = False
        async for event, last in _told_last(self._leader.dialect, reply.events):
            if last and not told and self.open:
                told = True
                await landed(reply, [*self._events, event])
            self._events.append(event)
            self._held += _size(event)
            self._publish()
            if self._held > self._max_bytes:
                await self._wait_for_the_slowest()
        if not told:
            await landed(reply, list(self._events) if self.open else None)

    async def _wait_for_the_slowest(self) -> None:
        self._close_doors()
        self._trim()
        while self._held > self._max_bytes and self._seats:
            self._read.clear()
            began = time.monotonic()
            with suppress(TimeoutError):  # not `wait_for`, which may swallow that the flight is given up
                async with asyncio.timeout(min(_LOOK, self._patience) or _LOOK):
                    await self._read.wait()
            self._leave_behind(time.monotonic() - began)
            self._trim()

    def _leave_behind(self, waited: float) -> None:
        """Go on without the slowest, once those who have read everything have waited long enough."""
        if max(self._seats.values(), default=0) < self._dropped + len(self._events):
            return  # nobody waits
        self._patience = max(0.0, self._patience - waited)
        slowest = min(self._seats, key=self._seats.__getitem__)
        if not self._patience and self._held > self._max_bytes and self._seats[slowest] == self._dropped:
            del self._seats[slowest]
            self._behind.add(slowest)

    def _trim(self) -> None:
        """Let go of what every traveller has read."""
        behind = min(self._seats.values(), default=0) - self._dropped
        if behind > 0:
            self._held -= sum(map(_size, self._events[:behind]))
            del self._events[:behind]
            self._dropped += behind
            self._read.set()

    def _publish(self) -> None:
        """Wake everybody who waits for news."""
        self._news.set()
        self._news.clear()


def _size(event: Event) -> int:
    """The bytes that an event takes here, which an empty one does too."""
    return max(len(event.raw), _LEAST)


async def _told_last(dialect: Dialect, events: AsyncIterator[Event]) -> AsyncIterator[tuple[Event, bool]]:
    """Events, each with whether the reply is complete with it.

    Where more can follow what looks like the end, the newest event is kept back from there on until the next one, or
    the end of the stream, shows which it was.
    """
    kept: Event | None = None
    try:
        async for event in events:
            if kept is None and not dialect.is_end(event):
                yield event, False
            elif not dialect.open_ended:
                yield event, True
            else:
                if kept is not None:
                    yield kept, False
                kept = event
    except Exception:
        if kept is not None:
            yield kept, False
        raise
    if kept is not None:
        yield kept, True
