"""One attempt at one target, judged by how its reply begins.

A stream in which an error, or its end, comes before the first word of an answer has not begun; of a whole reply the
provider's filter may have stopped the text. Until then nothing was passed on, so somebody else may be asked.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from ..engine.errors import UpstreamBroke, UpstreamError
from ..engine.exchange import Reply
from ..engine.sse import Event
from ..engine.usage import MARK, Usage, usage_of
from .failures import Failure, filtered, of_error, of_event, of_status, of_whole, opens, retry_after
from .targets import Target

COMMENTS = 8
"""Events without data that a stream may begin with before it counts as begun: hosts send them while they queue."""
OPENING_SECONDS = 10.0
"""How long what comes before an answer is held back. Then it is passed on as it came, for models may think for minutes
in silence, and somebody in front of a caller may wait for a first byte."""
OPENING_EVENTS = 16
"""Dialects have five or six; Responses repeats the whole request in two of them."""
OPENING_BYTES = 256 * 1024
_ERROR = b'"error"'
"""No reply without these bytes holds an error."""


@dataclass(slots=True)
class Tried:
    """What came of an attempt: a reply or an error, and why it does not count as an answer if it does not."""

    target: Target
    reply: Reply | None = None
    error: UpstreamError | None = None
    failure: Failure | None = None
    after: float | None = None
    """Seconds that the provider asked to wait."""
    usage: Usage | None = None
    """What a reply took that is no answer, as far as it says so."""
    opening: "_Opening | None" = None
    """What a stream that was looked at begins with."""

    async def aclose(self) -> None:
        """Let go of a reply that is not passed on."""
        if self.reply is not None:
            await self.reply.aclose()

    def outcome(self) -> Reply:
        """The reply, as it came. Raises the error when there is none."""
        if self.reply is not None:
            return self.reply
        raise self.error or AssertionError("an attempt ends with a reply or an error")


async def look(target: Target, reply: Reply, *, peek: bool, filters: bool) -> Tried:
    """Judge a reply. Its events are still all there afterwards; it is closed when this raises.

    `peek`: wait for the first event of a stream, as `hear` does for its first word. `filters`: look for a content
    filter's end in a whole reply. One that holds an error in place of an answer has failed, whatever its status says.
    Raises UpstreamSilent, UpstreamBroke.
    """
    try:
        failure, whole, opening = of_status(reply.status), dict[str, Any](), None
        if failure is None and reply.streamed and peek:
            opening = await _begun(target, reply)
            failure = opening.failure()
        elif not reply.streamed and failure is None:
            event = await anext(reply.events, Event.whole(b""))
            reply.events, whole = _Opening(reply.events, [event]).all(), event.data or {}
            failure = of_whole(whole) if reply.status == 200 and holds_error(event) else None
            if filters and filtered(reply.status, whole):
                failure = Failure.CONTENT_FILTER
        if (failure := _led_on(failure, filters)) is None:
            return Tried(target, reply, opening=opening)
        return Tried(target, reply, failure=failure, after=retry_after(reply.headers), usage=usage_of(whole))
    except BaseException:
        await reply.aclose()
        raise


def holds_error(event: Event) -> bool:
    """Whether a whole reply, or an event of a stream, holds an error."""
    return _ERROR in event.payload and bool((event.data or {}).get("error"))


def raised(target: Target, error: UpstreamError, *, filters: bool) -> Tried:
    """Judge an attempt that raised. `filters`: whether the provider's filter leads on."""
    return Tried(target, error=error, failure=_led_on(of_error(error), filters))


def _led_on(failure: Failure | None, filters: bool) -> Failure | None:
    return None if failure is Failure.CONTENT_FILTER and not filters else failure


async def hear(tried: Tried, until: float | None, *, filters: bool) -> Tried:
    """Wait for the first word of a stream that has begun, at most until then by the event loop's clock, and judge it by
    what comes in its place. Its events are still all there afterwards, unless it broke: then it is closed."""
    reply, opening = tried.reply, tried.opening
    if reply is None or opening is None or not opening.open:
        return tried
    loop = asyncio.get_running_loop()
    late = loop.time() + OPENING_SECONDS
    until = late if until is None else min(until, late)
    reply.closers.append(opening.aclose)
    try:
        while opening.open:
            opening.coming = asyncio.ensure_future(anext(opening.rest, None))
            if not (await asyncio.wait({opening.coming}, timeout=max(0.0, until - loop.time())))[0]:
                return tried
            event, opening.coming = opening.coming.result(), None
            if event is None:
                raise _never_began(tried.target)
            opening.held.append(event)
        tried.failure = _led_on(opening.failure(), filters)
    except UpstreamError as error:
        await reply.aclose()
        tried = raised(tried.target, error, filters=filters)
    except BaseException:
        await reply.aclose()
        raise
    if tried.failure is not None or tried.error is not None:
        tried.usage = opening.usage()
    return tried


async def _begun(target: Target, reply: Reply) -> "_Opening":
    opening = _Opening(reply.events)
    async for event in opening.rest:
        opening.held.append(event)
        if event.payload or len(opening.held) == COMMENTS:
            reply.events = opening.all()
            return opening
    raise _never_began(target)


def _never_began(target: Target) -> UpstreamBroke:
    return UpstreamBroke(f"{target.provider.name} ended its reply before it began.")


@dataclass(slots=True)
class _Opening:
    """Events that have come and are not passed on yet, and the rest."""

    rest: AsyncIterator[Event]
    held: list[Event] = field(default_factory=list[Event])
    coming: "asyncio.Future[Event | None] | None" = None
    """The one that was waited for when those were passed on; None in it: there is none."""

    @property
    def open(self) -> bool:
        """Whether nothing of an answer has come yet, and more may be held."""
        if len(self.held) >= OPENING_EVENTS or sum(len(event.raw) for event in self.held) >= OPENING_BYTES:
            return False
        said = next((event for event in reversed(self.held) if event.payload), None)
        return said is not None and opens(said.data or {})

    def failure(self) -> Failure | None:
        """What the last of them says has gone wrong."""
        return of_event(self.held[-1].data or {})

    def usage(self) -> Usage | None:
        """What it took so far, as Anthropic tells at once; zeros stand for what is not known yet."""
        told = (usage_of(event.data or {}) for event in reversed(self.held) if MARK in event.payload)
        return next((usage for usage in told if usage is not None and any(usage.counts())), None)

    async def all(self) -> AsyncIterator[Event]:
        for event in self.held:
            yield event
        if self.coming is not None:
            await asyncio.wait({self.coming})
            if self.coming.cancelled():
                raise UpstreamBroke("The reply was let go of.")
            if (event := self.coming.result()) is not None:
                yield event
        async for event in self.rest:
            yield event

    async def aclose(self) -> None:
        """Wait for nothing any more."""
        if self.coming is not None:
            self.coming.cancel()
            await asyncio.wait({self.coming})
            if not self.coming.cancelled():
                self.coming.exception()  # heard of, so that nobody complains
