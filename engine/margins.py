"""What stands in a stream beside its data: comments, names and ids of events, and lines that no client reads.

Rules look at it as at any text of a reply, each event's by itself. A reply says nothing there, so what a rule would
change is left out.
"""

from collections.abc import AsyncIterator, Collection

from .dialects import Dialect
from .exchange import Scope, Segment
from .looks import Screen
from .sse import Event, framed
from .turns import Turns


async def screened(dialect: Dialect, screen: Screen, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
    """The same events, as the very bytes they came in where the screen changes nothing. Raises Withheld."""
    words = {""}
    passed: set[str] = set()
    turns = Turns()
    async for event in events:
        if event.kind not in words and _is_word(dialect, event):
            words.add(event.kind)
        if event.kind not in words or event.raw != framed(event.payload, event.kind):
            beside = [line.rstrip(b"\r\n") for line in _lines(event) if not _is_read(line, words)]
            text = b"\n".join(beside).decode("utf-8", "replace").strip()
            if text and text not in passed:
                await turns.give()
                if await _changes(screen, text):
                    event = _bare(event, words)
                elif len(passed) < 256 and len(text) < 256:
                    passed.add(text)
        yield event


def _is_word(dialect: Dialect, event: Event) -> bool:
    """Whether an event's name is its data's `type`, and that a fixed word of the dialect: then it is no text."""
    data = event.data or {}
    if data.get("type") != event.kind:
        return False
    return all(segment.address != ("type",) for segment in dialect.reply_segments(data, True))


def _lines(event: Event) -> list[bytes]:
    return event.raw.splitlines(keepends=True)


def _is_read(line: bytes, words: Collection[str]) -> bool:
    """Whether a line is data, a name that is a word, or empty."""
    field, _, value = line.rstrip(b"\r\n").partition(b":")
    name = value.strip().decode("utf-8", "replace")
    return field == b"data" or (field == b"event" and name in words) or not (field or value)


async def _changes(screen: Screen, text: str) -> bool:
    if screen.applies(Segment((), text, Scope.OUTPUT)) and len(text.splitlines()) > text.count("\n") + 1:
        return True  # some clients take more for the end of a line, and read data behind it
    # A bare line of JSON is looked at with its escapes decoded.
    segment = Segment((), text, Scope.OUTPUT, json="\\" in text)
    return screen.applies(segment) and bool((await screen.look(segment, segment.reading(True)[0], 0, True)).edits)


def _bare(event: Event, words: Collection[str]) -> Event:
    kept = b"".join(line for line in _lines(event) if _is_read(line, words))
    return Event(kept, event.payload, kind=event.kind if event.kind in words else "")
