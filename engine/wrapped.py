"""The app behind the middleware, as the model's side: called in this process with the body that was checked."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

from . import limits
from .door import SCOPE, App, Scope
from .errors import UpstreamBroke, UpstreamRefused, UpstreamSilent
from .exchange import Exchange, Reply
from .jsonio import dumps
from .query import with_key
from .sse import parse, read_whole

_OURS = (b"content-length", b"transfer-encoding", b"accept-encoding")
"""Request headers that the app must not see: the body is another one, and its reply must be readable."""
_FRAMING = ("content-length", "transfer-encoding", "connection", "content-encoding")
_GOODBYE_SECONDS = 0.05
"""What an app has to notice that its client left, before it is cancelled."""
_FAREWELL_SECONDS = 60.0
"""What one has that did notice, for what it does then, such as to keep what was said."""
_STUBBORN_SECONDS = 1.0
"""How long a cancelled app is waited for."""
_finishing: set[asyncio.Task[None]] = set()
"""Apps that still work in the background behind their answer or their client, as Starlette's background tasks do, and
what ends those that do not."""
CALLS = "tidegate.calls"
"""Where a scope may have a list of tasks: each call of the app is put there, for whoever waits until it has ended."""


class _ClientLeft(ConnectionResetError):
    """What an app hears that sends on to nobody, as ASGI 3.0 has it since 2.4 of its HTTP part."""


class WrappedApp:
    """An ASGI app as the innermost call of a pipeline."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, exchange: Exchange) -> Reply:
        """The app's reply: once its head is there if it streams, whole otherwise.

        Raises UpstreamRefused when the app fails before it answers, UpstreamSilent when it takes too long, and
        UpstreamBroke when it stops half-way; the last two also while a stream is read.
        """
        exchange.provider, exchange.attempts = "app", exchange.attempts + 1
        call = _Call(self._app, _scope_of(exchange), dumps(exchange.body))
        try:
            return await call.reply()
        except BaseException:
            await call.aclose()
            raise


def _scope_of(exchange: Exchange) -> Scope:
    """The request as it came; without the caller's key, if that is one of the gate's own."""
    scope: Scope = exchange.memo[SCOPE]
    if not exchange.caller.name:
        return scope
    kept = [(name, value) for name, value in scope["headers"] if exchange.caller.lends(name.decode("latin-1").lower())]
    query = scope.get("query_string", b"").decode("latin-1")
    return {**scope, "headers": kept, "query_string": with_key({}, query)[1].encode("latin-1")}


class _Call:
    """One call of an app: its messages on a queue, the app in a task of its own."""

    def __init__(self, app: App, scope: Scope, body: bytes) -> None:
        self._messages: asyncio.Queue[MutableMapping[str, Any] | None] = asyncio.Queue(maxsize=16)
        self._left = asyncio.Event()
        self._knows = False  # that its client left
        self._complete = False
        self._body: bytes | None = body
        kept = [(name, value) for name, value in scope["headers"] if name.lower() not in _OURS]
        headers = [*kept, (b"content-length", str(len(body)).encode())]
        # No extensions: with them an app may answer in messages that are not read here, such as a path to a file.
        self._task = asyncio.ensure_future(self._run(app, {**scope, "headers": headers, "extensions": {}}))
        scope.get(CALLS, []).append(self._task)

    async def _run(self, app: App, scope: Scope) -> None:
        try:
            with contextlib.suppress(_ClientLeft):  # our own word, and no fault of the app that ends at it
                await app(scope, self._receive, self._send)
        finally:
            with contextlib.suppress(asyncio.QueueFull):  # then the reader finds the task done behind the last message
                self._messages.put_nowait(None)

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        if self._left.is_set():
            await asyncio.sleep(0)  # an app that goes on all the same can be cancelled here
            raise _ClientLeft("the client left")
        await self._messages.put(message)

    async def _next(self, seconds: float) -> MutableMapping[str, Any] | None:
        """The app's next message; None when it has ended."""
        if not self._messages.empty():
            return self._messages.get_nowait()
        if self._task.done():
            return None
        try:
            async with asyncio.timeout(seconds):
                return await self._messages.get()
        except TimeoutError:
            raise UpstreamSilent(f"The application behind the gate sent nothing for {seconds:.0f} s.") from None

    async def _receive(self) -> MutableMapping[str, Any]:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._left.wait()
        self._knows = True
        return {"type": "http.disconnect"}

    async def reply(self) -> Reply:
        start = await self._next(limits.FIRST_BYTE_SECONDS)
        if start is None or start["type"] != "http.response.start":
            refused = UpstreamRefused("The application behind the gate failed before it answered.")
            refused.fault = self._fault()
            raise refused from refused.fault
        headers = [(k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in start.get("headers", ())]
        named = dict(headers)
        if named.get("content-encoding", "identity") != "identity":
            raise UpstreamRefused("The application behind the gate compressed its reply although nobody asked for it.")
        kept = [(name, value) for name, value in headers if name not in _FRAMING]
        if named.get("content-type", "").lower().startswith("text/event-stream"):
            return Reply(start["status"], kept, parse(self._chunks()), streamed=True, closers=[self.aclose])
        reply = Reply.whole(start["status"], await read_whole(self._chunks()), kept)
        reply.closers.append(self.aclose)
        return reply

    async def _chunks(self) -> AsyncIterator[bytes]:
        while (message := await self._next(limits.BETWEEN_BYTES_SECONDS)) is not None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self._complete = True
            if chunk := message.get("body", b""):
                yield chunk
            if self._complete:
                return
        raise UpstreamBroke("The application behind the gate stopped in the middle of its reply.") from self._fault()

    def _fault(self) -> Exception | None:
        """What the app died of."""
        fault = self._task.exception() if self._task.done() and not self._task.cancelled() else None
        return fault if isinstance(fault, Exception) else None

    async def aclose(self) -> None:
        """Tell the app that its client left. One that has not answered to the end, and does not take that in, is then
        cancelled.

        Others may go on with what they do afterwards, as they may without a gate: behind an answer as long as they
        like, behind a client that left for FAREWELL seconds.
        """
        self._left.set()
        if self._complete or self._task.done():
            await self._end()
            return
        ending = asyncio.ensure_future(self._end())
        _keep(ending)
        await asyncio.shield(ending)  # who closes may be cancelled again and again, as in a scope of anyio

    async def _end(self) -> None:
        if not self._complete and not self._task.done():
            self._make_room()
            await asyncio.wait((self._task,), timeout=_GOODBYE_SECONDS)
            if not self._knows:
                self._task.cancel()
                await asyncio.wait((self._task,), timeout=_STUBBORN_SECONDS)
        if not self._task.done():
            _keep(self._task)
            if not self._complete:
                late = asyncio.get_running_loop().call_later(_FAREWELL_SECONDS, self._task.cancel)
                self._task.add_done_callback(lambda _: late.cancel())
        elif not self._complete:
            self._fault()  # seen: the errors above tell of it

    def _make_room(self) -> None:
        """Let go of what nobody will read, so that an app which waits to send it can end."""
        while not self._messages.empty():
            self._messages.get_nowait()


def _keep(task: asyncio.Task[None]) -> None:
    """Hold on to a task until it has ended: the loop does not."""
    _finishing.add(task)
    task.add_done_callback(_finishing.discard)
