"""A stored stream told at a pace: who watches sees it being written, as if a model did."""

import asyncio
import math
from collections.abc import AsyncIterator

from ..engine.dialects import Dialect
from ..engine.sse import Event

SILENT_SECONDS = 10.0
"""No event is waited for longer, whatever it holds: clients give up on a stream that says nothing."""


async def paced(dialect: Dialect, events: AsyncIterator[Event], pace: float) -> AsyncIterator[Event]:
    """The same events, `pace` characters of text a second; what comes before the first text, and that, at once.

    An event leaves when its text would have been written, so that what holds none waits for nothing. By the clock: a
    reader who was slow is not made to wait as well. Whoever closes this, or is cancelled in it, ends it.
    """
    clock = asyncio.get_running_loop().time
    due = math.inf  # when all that has left would have been written; inf: no text has left
    async for event in events:
        said = written(dialect, event)
        if due < math.inf:
            due = min(due + said / pace, clock() + SILENT_SECONDS)
            if (wait := due - clock()) > 0:
                await asyncio.sleep(wait)
        elif said:
            due = clock()
        yield event


def written(dialect: Dialect, event: Event) -> int:
    """Characters that this event adds to the running texts of its stream: copies of what was said are none."""
    data = event.data
    if data is None:
        return 0
    running = (s for s in dialect.reply_segments(data, True) if s.channel and not s.sealed)
    return sum(len(segment.text) for segment in running if "logprobs" not in segment.address)
