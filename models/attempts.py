"""One attempt at one target, judged by how its reply begins.

A stream whose first event is an error, or that ends before it has one, has not begun; of a whole reply the provider's
filter may have stopped the text. Until then nothing was passed on, so somebody else may be asked.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from ..engine.errors import UpstreamBroke, UpstreamError
from ..engine.exchange import Reply
from ..engine.sse import Event
from ..engine.usage import Usage, usage_of
from .failures import Failure, filtered, of_error, of_event, of_status, of_whole, retry_after
from .targets import Target

COMMENTS = 8
"""Events without data that a stream may begin with before it counts as begun: hosts send them while they queue."""
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
    """What a whole reply took that is no answer, if it says so."""

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

    `peek`: wait for the first event of a stream. `filters`: look for a content filter's end in a whole reply. One that
    holds an error in place of an answer has failed, whatever its status says.
    Raises UpstreamSilent, UpstreamBroke.
    """
    try:
        failure, whole = of_status(reply.status), dict[str, Any]()
        if failure is None and reply.streamed and peek:
            failure = await _begun(target, reply)
        elif not reply.streamed and failure is None:
            event = await anext(reply.events, Event.whole(b""))
            reply.events, whole = _again([event], reply.events), event.data or {}
            failure = of_whole(whole) if reply.status == 200 and holds_error(event) else None
            if filters and filtered(reply.status, whole):
                failure = Failure.CONTENT_FILTER
        if (failure := _led_on(failure, filters)) is None:
            return Tried(target, reply)
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


async def _begun(target: Target, reply: Reply) -> Failure | None:
    held: list[Event] = []
    async for event in reply.events:
        held.append(event)
        if event.payload or len(held) == COMMENTS:
            reply.events = _again(held, reply.events)
            return of_event(event.data or {})
    raise UpstreamBroke(f"{target.provider.name} ended its reply before it began.")


async def _again(held: list[Event], rest: AsyncIterator[Event]) -> AsyncIterator[Event]:
    for event in held:
        yield event
    async for event in rest:
        yield event
