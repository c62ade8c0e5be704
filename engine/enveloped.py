"""What goes out in place of a withheld reply."""

from collections.abc import Collection

from .dialects import Dialect
from .dialects.figures import figures
from .dialects.strange import holder, strange
from .edits import apply
from .exchange import Scope, Segment
from .looks import Screen, Withheld
from .sse import Event


async def enveloped(
    event: Event, dialect: Dialect, screen: Screen, streamed: bool, cleared: Collection[Segment]
) -> Event:
    """An event of ours. It still has texts of the provider, such as its id: those that are not `cleared` are looked at,
    and what a rule objects to is left out."""
    if event.data is None:
        return event
    data = event.fresh()
    for name in strange(data, dialect.reply_segments(data, streamed), Scope.OUTPUT):
        if name not in cleared:
            del holder(data, name)[name.text]
    texts = dialect.reply_segments(data, streamed)
    for segment in (*texts, *figures(data, texts, Scope.OUTPUT)):
        ours = segment.address[0] == "tidegate" or segment in cleared
        if not ours and screen.applies(segment):
            try:
                look = await screen.look(segment, segment.text, 0, True)
            except Withheld:
                dialect.put(data, segment, "")
            else:
                if look.edits:
                    dialect.put(data, segment, apply(segment.text, look.edits))
    return event.replaced(data)
