"""uvicorn's httptools protocol with deadlines: who sends no request head, or reads nothing of a reply, is let go of.
And one that is deaf to upgrades, and sends no chunks to who speaks HTTP/1.0.

ASGI has no word for any of these, so that it can only be done here. Between two requests uvicorn's own deadline holds,
but only until a first byte comes.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from ..engine.limits import BODY_SECONDS

HEAD_SECONDS = 15.0
"""From connecting, or from the first byte behind an answer, to the end of a request's head."""
REST_SECONDS = BODY_SECONDS
"""The same where the answer came before the whole body, which may follow first."""
WRITE_SECONDS = 120.0
"""In which a client that has fallen behind takes what waits for it (some 48 KiB): else it would hold its place, and the
provider's connection, for ever."""


class Protocol(HttpToolsProtocol):
    """Closes a connection on which a head takes longer than HEAD_SECONDS, or a write longer than WRITE_SECONDS."""

    _deadline: asyncio.TimerHandle | None = None
    _write_deadline: asyncio.TimerHandle | None = None
    _came = b""
    """What the parser was last given."""
    _again = b""
    """What it is to be given next, of the same bytes."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._deadline = self.loop.call_later(HEAD_SECONDS, transport.close)

    def data_received(self, data: bytes) -> None:
        if self.timeout_keep_alive_task is not None:  # these are the first bytes behind an answer
            self._met()
            seconds = REST_SECONDS if self.cycle.more_body else HEAD_SECONDS
            self._deadline = self.loop.call_later(seconds, self.transport.close)
        self._again = data
        while self._again:  # each request of many may ask for an upgrade
            self._came, self._again = self._again, b""
            super().data_received(self._came)

    def on_headers_complete(self) -> None:
        if self._asks_for_more():
            return
        self._met()
        super().on_headers_complete()
        if self.parser.get_http_version() == "1.0":
            _end_with_connection(self.cycle)

    def on_message_complete(self) -> None:
        if not self._asks_for_more():
            super().on_message_complete()

    def _asks_for_more(self) -> bool:
        """Whether the request would go on in another protocol, as Java's HTTP client asks at first (`h2c`)."""
        return self.parser.should_upgrade() and any(name == b"upgrade" for name, _ in self.headers)

    def _unsupported_upgrade_warning(self) -> None:
        """Read the request again without that wish, which may be ignored (RFC 9110, 7.8): where it stands, the parser
        takes no body."""
        refused = sys.exception()
        if not isinstance(refused, httptools.HttpParserUpgrade) or not self._asks_for_more():
            return
        line = b" ".join([self.parser.get_method(), self.url, b"HTTP/" + self.parser.get_http_version().encode()])
        kept = [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        rest = self._came[refused.args[0] :]
        self.parser = httptools.HttpRequestParser(self)
        self._again = b"\r\n".join([line, *kept, b"", rest])

    def pause_writing(self) -> None:
        super().pause_writing()
        self._write_deadline = self.loop.call_later(WRITE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._written()

    def connection_lost(self, exc: Exception | None) -> None:
        self._met()
        self._written()
        super().connection_lost(exc)

    def _met(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _written(self) -> None:
        if self._write_deadline is not None:
            self._write_deadline.cancel()
            self._write_deadline = None


def _end_with_connection(cycle: RequestResponseCycle) -> None:
    """Have a reply of unknown length end with the connection, as in HTTP/1.0: a client would take the sizes of chunks
    for text (RFC 9112, 6.1 and 6.3)."""
    send: Callable[[Any], Awaitable[None]] = cycle.send
    measured = False

    async def told(message: Any) -> None:
        nonlocal measured
        if message["type"] == "http.response.start":
            measured = any(name.lower() == b"content-length" for name, _ in message["headers"])
            cycle.chunked_encoding = None if measured else False
        elif not measured:
            cycle.expected_content_length = len(message.get("body", b""))
        await send(message)

    cycle.send = told
