"""Whether a stream came to its end, or only stopped.

HTTP tells a cut stream only where the length or chunks say so; a proxy on the way may end it cleanly. What counts is
the dialect's own mark.
"""

from collections import deque
from collections.abc import AsyncIterator

from .dialects import Dialect
from .dialects.openai_common import choices
from .errors import UpstreamBroke
from .sse import Event

_TAIL = 8
"""Events among which the mark is looked for: behind it come at most usage and a second mark of other dialects."""


async def ended(dialect: Dialect, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
    """The same events, each at once. Raises UpstreamBroke at the end of a stream that has neither a mark nor an error.

    Only the last few events are looked into, when all have left.
    """
    tail: deque[Event] = deque(maxlen=_TAIL)
    async for event in events:
        tail.append(event)
        yield event
    if not any(_is_last(dialect, event) for event in tail):
        raise UpstreamBroke("The provider ended its stream without the mark that it is complete.")


def _is_last(dialect: Dialect, event: Event) -> bool:
    if dialect.is_end(event):
        return True
    data = event.data or {}
    # Some hosts leave out [DONE]; an error is an end as well, and says so itself.
    return bool(data.get("error")) or data.get("type") == "error" or any(c.get("finish_reason") for c in choices(data))
