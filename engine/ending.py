"""Whether a stream came to its end, or only stopped.

HTTP tells a cut stream only where the length or chunks say so; a proxy on the way may end it cleanly. What counts is
the dialect's own mark.
"""

from collections import deque
from collections.abc import AsyncIterator

from .dialects import Dialect
from .dialects.openai_common import choices
from .errors import UpstreamBroke, UpstreamError
from .exchange import Exchange
from .sse import Event

_TAIL = 8
"""Events among which the mark is looked for: behind it come at most usage and a second mark of other dialects."""

CLOSED = "engine.closed"
"""True in an exchange's memo once the event that closes its stream has left."""


def left_with(exchange: Exchange, status: int) -> int:
    """The status of an exchange whose caller left: a stream that was complete is an answer, and many clients wait for
    nothing behind it."""
    return status if exchange.memo.get(CLOSED) else 499


def closes(dialect: Dialect, event: Event) -> bool:
    """Whether a stream is complete with this event, whatever becomes of its connection."""
    return not dialect.open_ended and dialect.is_end(event)


async def closed(dialect: Dialect, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
    """The same events. What breaks behind the one that closes the stream breaks nothing of it."""
    complete = False
    try:
        async for event in events:
            complete = complete or closes(dialect, event)
            yield event
    except UpstreamError:
        if not complete:
            raise


async def ended(dialect: Dialect, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
    """The same events, each at once. Raises UpstreamBroke at the end of a stream that has neither a mark nor an error.

    For an error, and for what some hosts send in place of a mark, only the last few events are looked into, when all
    have left.
    """
    tail: deque[Event] = deque(maxlen=_TAIL)
    async for event in closed(dialect, events):
        tail.append(event)
        yield event
    if not any(_is_last(dialect, event) for event in tail):
        raise UpstreamBroke("The provider ended its stream without the mark that it is complete.")


def may_end(dialect: Dialect, event: Event) -> bool:
    """Whether nothing but a mark need follow: there is a finish reason, which some hosts give with every piece."""
    return dialect.is_end(event) or any(choice.get("finish_reason") for choice in choices(event.data or {}))


def _is_last(dialect: Dialect, event: Event) -> bool:
    data = event.data or {}
    # Some hosts leave out [DONE]; an error is an end as well, and says so itself.
    return may_end(dialect, event) or bool(data.get("error")) or data.get("type") == "error"
