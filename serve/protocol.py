"""uvicorn's httptools protocol with a deadline: who connects and sends no whole request head is let go of."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 15.0
"""From connecting to the end of the first request's head."""


class Protocol(HttpToolsProtocol):
    """Closes a connection whose first request head takes longer than HEAD_SECONDS."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._deadline = self.loop.call_later(HEAD_SECONDS, transport.close)

    def on_headers_complete(self) -> None:
        self._met()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._met()
        super().connection_lost(exc)

    def _met(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
