"""Server-sent events: bytes in, events out, no I/O. Source: WHATWG HTML, section 9.2.

An event keeps the very bytes it came in, so that one nobody changed leaves as it arrived.
"""

import re
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from typing import Any, cast

from . import jsonio
from .errors import UpstreamBroke
from .limits import EVENT_BYTES, EVENTS, REPLY_BYTES
from .turns import Turns

_BLANK = re.compile(rb"\n(?:\n|\r\n?)|\r(?:\n(?:\n|\r\n?)|\r\n?)")
"""The end of an event: an empty line, in any of the three line endings and their mixtures."""
_MARKS = re.compile(rb"(?:\xef\xbb\xbf)+")
_LINE = re.compile(rb"\r\n|\n|\r")
_UNSET: Any = object()
_OFTEN = 64
"""Events after which the time is looked at: the smallest take some ten microseconds each, all stages together."""


class Event:
    """One event of a reply. `raw` is exactly what goes on the wire."""

    __slots__ = ("_data", "framed", "kind", "payload", "raw")

    def __init__(self, raw: bytes, payload: bytes, *, kind: str = "", framed: bool = True) -> None:
        self.raw = raw
        self.payload = payload
        """The data lines joined; for a whole body, the body."""
        self.kind = kind
        self.framed = framed
        self._data: Any = _UNSET

    @classmethod
    def whole(cls, body: bytes) -> "Event":
        """The body of a reply that is not streamed."""
        return cls(body, body, framed=False)

    @classmethod
    def of(cls, data: jsonio.Json, *, kind: str = "") -> "Event":
        """A streamed event with `data` as its JSON."""
        payload = jsonio.dumps(data)
        event = cls(framed(payload, kind), payload, kind=kind)
        event._data = data
        return event

    @property
    def data(self) -> dict[str, Any] | None:
        """The payload as a JSON object; None when it is none. Parsed once; treat it as read-only."""
        if self._data is _UNSET:
            try:
                self._data = jsonio.loads(self.payload) if self.payload[:1] not in (b"", b"[") else None
            except ValueError:
                self._data = None
        return cast("dict[str, Any]", self._data) if isinstance(self._data, dict) else None

    def fresh(self) -> dict[str, Any]:
        """A copy of `data` that may be changed. Raises ValueError when there is none."""
        return cast("dict[str, Any]", jsonio.loads(self.payload))

    def replaced(self, data: jsonio.Json) -> "Event":
        """This event with other data. Its other lines stay: a client counts by its `id`, or heeds its `retry`."""
        event = self.retold(jsonio.dumps(data))
        event._data = data if self.framed else _UNSET
        return event

    def retold(self, payload: bytes) -> "Event":
        """The same with a payload of any kind."""
        if not self.framed:
            return Event.whole(payload)
        return Event(_with_data(self.raw, payload), payload, kind=self.kind)


def framed(payload: bytes, kind: str) -> bytes:
    """An event as we write it."""
    head = b"event: " + kind.encode() + b"\n" if kind else b""
    return head + b"data: " + payload + b"\n\n"


def _with_data(raw: bytes, payload: bytes) -> bytes:
    """The lines of an event, with `payload` in the place of the first that has data."""
    said = False
    out: list[bytes] = []
    for line in raw.splitlines(keepends=True):
        text = line.rstrip(b"\r\n")
        if text.partition(b":")[0] != b"data":
            out.append(line)
        elif not said:
            said = True
            lines = _LINE.split(payload)
            out += [b"data: " + each + (line[len(text) :] or b"\n") for each in lines]
    return b"".join(out)


DONE = Event(b"data: [DONE]\n\n", b"[DONE]")
"""How OpenAI's streams end."""


class Parser:
    """Feed bytes, get events. Holds at most EVENT_BYTES."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> Iterator[Event]:
        """Events that `data` completes. Raises UpstreamBroke on an event over EVENT_BYTES."""
        self._buffer += data
        start = 0
        while match := _BLANK.search(self._buffer, max(start, self._searched)):
            # "\n\r" may still become "\n\r\n": wait for the byte that tells.
            if match.end() == len(self._buffer) and match[0].endswith(b"\r"):
                break
            if match.end() - start > EVENT_BYTES:
                raise _too_large()
            yield _event(bytes(self._buffer[start : match.end()]))
            start = match.end()
            self._searched = start
        del self._buffer[:start]
        self._searched = max(0, len(self._buffer) - 3)
        if len(self._buffer) > EVENT_BYTES:
            raise _too_large()

    def end(self) -> Iterator[Event]:
        """What is left when the bytes end: an event without its empty line, if any."""
        left = bytes(self._buffer)
        self._buffer.clear()
        if _BLANK.search(left):
            yield _event(left)
        elif left.strip():
            yield _event(left + b"\n\n")


def _too_large() -> UpstreamBroke:
    return UpstreamBroke(f"The provider sent an event of more than {EVENT_BYTES} bytes.")


def _event(raw: bytes) -> Event:
    """What stands behind a byte order mark some clients read and others do not, in the middle of a stream too: without
    it all read what was looked at."""
    if marks := _MARKS.match(raw):
        raw = raw[marks.end() :]
    data: list[bytes] = []
    kind = ""
    for line in _LINE.split(raw):
        if line.startswith(b"data:"):
            data.append(line[6:] if line[5:6] == b" " else line[5:])
        elif line == b"data":
            data.append(b"")
        elif line.startswith(b"event:"):
            kind = line[6:].strip().decode("utf-8", "replace")
    return Event(raw, b"\n".join(data), kind=kind)


async def read_whole(chunks: AsyncIterable[bytes]) -> bytes:
    """The body of a reply that is not streamed. Raises UpstreamBroke over REPLY_BYTES."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > REPLY_BYTES:
            raise UpstreamBroke(f"The reply is larger than {REPLY_BYTES} bytes.")
    return bytes(body)


async def parse(chunks: AsyncIterable[bytes]) -> AsyncIterator[Event]:
    """The events of a byte stream. Raises UpstreamBroke over REPLY_BYTES, or EVENTS, in all."""
    parser, turns, total, count = Parser(), Turns(), 0, 0
    async for chunk in chunks:
        total += len(chunk)
        if total > REPLY_BYTES:
            raise UpstreamBroke(f"The provider sent a reply of more than {REPLY_BYTES} bytes.")
        for event in parser.feed(chunk):
            count += 1
            if not count % _OFTEN:  # an event may have two bytes, and a chunk thousands of them
                await turns.give()
            if count > EVENTS:
                raise UpstreamBroke(f"The provider sent a stream of more than {EVENTS} events.")
            yield event
    for event in parser.end():
        # Some servers leave out the last empty line; an event that makes no sense without it was cut.
        if event.payload and event.data is None and event.payload.strip() != DONE.payload:
            raise UpstreamBroke("The provider ended its stream in the middle of an event.")
        yield event


class JsonArray:
    """The data of a stream's events as the items of one JSON array, which is Google's other form of a stream."""

    def __init__(self) -> None:
        self._begun = False

    def item(self, event: Event) -> bytes:
        """The next item; nothing for an event without data."""
        if not event.payload.strip():
            return b""
        mark, self._begun = b",\r\n" if self._begun else b"[", True
        return mark + event.payload

    def end(self) -> bytes:
        return b"]" if self._begun else b"[]"
