"""The app behind the middleware, as the model's side: called in this process with the body that was checked."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

from . import limits
from .door import SCOPE, App, Scope
from .errors import UpstreamBroke, UpstreamRefused
from .exchange import Exchange, Reply
from .jsonio import dumps
from .sse import Event, parse

_OURS = (b"content-length", b"transfer-encoding", b"accept-encoding")
"""Request headers that the app must not see: the body is another one, and its reply must be readable."""
_FRAMING = ("content-length", "transfer-encoding", "connection", "content-encoding")


class WrappedApp:
    """An ASGI app as the innermost call of a pipeline."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, exchange: Exchange) -> Reply:
        """Raises UpstreamRefused when the app fails before it answers; reading may raise UpstreamBroke."""
        exchange.provider, exchange.attempts = "app", exchange.attempts + 1
        return await _Call(self._app, exchange.memo[SCOPE], dumps(exchange.body)).reply()


class _Call:
    """One call of an app: its messages on a queue, the app in a task of its own."""

    def __init__(self, app: App, scope: Scope, body: bytes) -> None:
        self._messages: asyncio.Queue[MutableMapping[str, Any] | None] = asyncio.Queue(maxsize=16)
        self._left = asyncio.Event()
        self._body: bytes | None = body
        kept = [(name, value) for name, value in scope["headers"] if name.lower() not in _OURS]
        headers = [*kept, (b"content-length", str(len(body)).encode())]
        self._task = asyncio.ensure_future(self._run(app, {**scope, "headers": headers}))

    async def _run(self, app: App, scope: Scope) -> None:
        try:
            await app(scope, self._receive, self._messages.put)
        finally:
            with contextlib.suppress(asyncio.QueueFull):  # then the reader finds the task done behind the last message
                self._messages.put_nowait(None)

    async def _next(self) -> MutableMapping[str, Any] | None:
        """The app's next message; None when it has ended."""
        if self._task.done() and self._messages.empty():
            return None
        return await self._messages.get()

    async def _receive(self) -> MutableMapping[str, Any]:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def reply(self) -> Reply:
        try:
            start = await self._next()
        except asyncio.CancelledError:
            await self.aclose()
            raise
        if start is None or start["type"] != "http.response.start":
            await self.aclose()
            raise UpstreamRefused("The application behind the gate failed before it answered.")
        headers = [(k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in start["headers"]]
        streamed = dict(headers).get("content-type", "").startswith("text/event-stream")
        events = parse(self._chunks()) if streamed else _whole(self._chunks())
        kept = [(name, value) for name, value in headers if name not in _FRAMING]
        return Reply(start["status"], kept, events, streamed=streamed, closers=[self.aclose])

    async def _chunks(self) -> AsyncIterator[bytes]:
        while (message := await self._next()) is not None:
            if chunk := message.get("body", b""):
                yield chunk
            if message["type"] == "http.response.body" and not message.get("more_body"):
                return
        raise UpstreamBroke("The application behind the gate stopped in the middle of its reply.")

    async def aclose(self) -> None:
        """Tell the app that its client left, give it a moment to notice, then cancel it."""
        self._left.set()
        if not self._task.done():
            await asyncio.wait((self._task,), timeout=0.05)
            self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await self._task


async def _whole(chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > limits.REPLY_BYTES:
            raise UpstreamBroke(f"The reply is larger than {limits.REPLY_BYTES} bytes.")
    yield Event.whole(bytes(body))
