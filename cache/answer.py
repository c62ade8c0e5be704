"""What an entry's value holds: the events of one reply, as they came, and what must be known to serve them again."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from ..engine.dialects import Dialect
from ..engine.exchange import Exchange, Reply
from ..engine.jsonio import dumps
from ..engine.sse import Event
from .key import canonical
from .pace import paced

VERSION = 1
JSON_TYPE = "application/json"
STREAM_TYPE = "text/event-stream; charset=utf-8"


class Piece(msgspec.Struct, array_like=True, frozen=True):
    """One event. Its payload nearly always lies within its raw bytes, and is then kept as a place in them."""

    raw: bytes
    kind: str
    at: int
    length: int
    payload: bytes = b""

    @classmethod
    def of(cls, event: Event) -> "Piece":
        at = event.raw.find(event.payload)
        return cls(event.raw, event.kind, at, len(event.payload), event.payload if at < 0 else b"")

    def event(self, framed: bool) -> Event:
        payload = self.payload if self.at < 0 else self.raw[self.at : self.at + self.length]
        return Event(self.raw, payload, kind=self.kind, framed=framed)


class Answer(msgspec.Struct, array_like=True, frozen=True):
    """A stored reply. Its texts are masked, as they were when the cache saw them."""

    version: int
    partition: str
    """Looked at again before the answer is served: the store is not trusted to keep scopes apart."""
    text: str
    """The question's text."""
    streamed: bool
    options: bytes
    """Canonical `stream_options` of the request: a stream is replayed as it was only to a request with the same."""
    pieces: list[Piece]
    content_type: str
    model: str
    policy: str
    """Digest of the rules that passed this reply."""
    vouchers: list[str] = []
    """Callers, by their digests, whose own answers said the same: first the one who paid for this one."""
    tags: dict[str, str] = {}
    """What the caller said of the request in `x-tidegate-metadata`."""
    tokens: int = 0
    """That the model counted for it, 0 when it did not say."""
    seconds: float = 0.0
    """That the model took."""
    cost: float = 0.0
    """Its price, 0 when none is known."""
    scope: str = ""
    """Digest of its scope, for people: its hits are counted there. Answers go by their partition."""

    def encode(self) -> bytes:
        return _encode(self)

    def events(self) -> list[Event]:
        """The events as they came."""
        return [piece.event(self.streamed) for piece in self.pieces]

    def as_it_came(self) -> Reply:
        """The reply in the form in which it was stored."""
        return _reply(self.events(), self.content_type, self.streamed)

    def reply(self, exchange: Exchange, pace: float | None = None) -> Reply:
        """The reply in the form that a request asks for, a stream at `pace` if there is one (characters a second).
        Raises ValueError when it cannot be turned into it."""
        reply = self._formed(exchange)
        if pace is not None and reply.streamed:
            reply.events = paced(exchange.dialect, reply.events, pace)
        return reply

    def _formed(self, exchange: Exchange) -> Reply:
        if exchange.stream == self.streamed and (not self.streamed or options(exchange) == self.options):
            return self.as_it_came()
        dialect = exchange.dialect
        whole = dialect.assemble(self.events()) if self.streamed else self._body()
        if exchange.stream:
            return _reply(dialect.split(whole, exchange.body), STREAM_TYPE, True)
        return _reply([Event.whole(dumps(whole))], JSON_TYPE, False)

    def _body(self) -> dict[str, Any]:
        return self.events()[0].fresh()


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Answer).decode


def decode(value: bytes) -> Answer | None:
    """The answer, or None when these are not the bytes of one, or of another version."""
    try:
        answer = _decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return answer if answer.version == VERSION and answer.pieces else None


def options(exchange: Exchange) -> bytes:
    """What a request says about the form of its stream."""
    return canonical(exchange.body.get("stream_options")) if exchange.stream else b""


def content_type(headers: list[tuple[str, str]], streamed: bool) -> str:
    found = next((value for name, value in headers if name == "content-type"), "")
    return found or (STREAM_TYPE if streamed else JSON_TYPE)


def whole_body(dialect: Dialect, events: list[Event], streamed: bool) -> dict[str, Any] | None:
    """A complete reply as one body. None when it is not complete, or no JSON object."""
    if not events:
        return None
    if not streamed:
        return events[0].data
    return dialect.assemble(events) if any(dialect.is_end(event) for event in events) else None


def _reply(events: list[Event], kind: str, streamed: bool) -> Reply:
    async def replay() -> AsyncIterator[Event]:
        for event in events:
            yield event

    return Reply(200, [("content-type", kind)], replay(), streamed=streamed)
