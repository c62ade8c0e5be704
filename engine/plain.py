"""What comes in the place of a JSON object and is none: a page, a list, a sentence.

No dialect knows where its texts are, so that it counts as unread. Where rules let that pass it is read as the one text
that it is.
"""

from .edits import apply, whole_edits
from .exchange import Scope, Segment
from .looks import Screen
from .sources import read
from .sse import Event


async def screened(screen: Screen, event: Event) -> Event:
    """The event as a screen leaves it: as it came, where that changes nothing. Raises Withheld."""
    screen.unread(Segment((), "", Scope.OUTPUT, unread="not JSON"))
    segment, text, offsets = await read(Segment((), event.payload.decode("utf-8", "replace"), Scope.OUTPUT))
    if not screen.applies(segment) or not (edits := (await screen.look(segment, text, 0, True)).edits):
        return event
    return event.retold(apply(segment.text, whole_edits(segment, edits, offsets)).encode())
