"""The third mount: a gate inside a client. An httpx2 transport for the `http_client` of an SDK.

    client = AsyncOpenAI(http_client=httpx2.AsyncClient(transport=gate.transport()))
    client = OpenAI(http_client=httpx2.Client(transport=gate.transport()))

With providers in the configuration these answer; without any, requests go on to the address that the client was told,
checked. A transport belongs to one client: used without asyncio it runs its gate on a thread of its own.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any, TypeVar

import httpx2

from ..engine.door import read_pairs
from ..engine.errors import TidegateError, UpstreamBroke, UpstreamRefused, UpstreamSilent
from ..engine.exchange import Exchange, Reply
from ..engine.handler import Answer, Request, refusal
from ..engine.jsonio import dumps
from ..engine.query import with_key
from ..engine.sse import Event, parse, read_whole
from .gate import Gate

T = TypeVar("T")
REQUEST = "transport.request"
_FRAMING = ("content-length", "transfer-encoding", "connection", "content-encoding", "keep-alive")


class Onward:
    """The innermost call when no provider is configured: the client's own request, with the checked body."""

    def __init__(self, inner: httpx2.AsyncBaseTransport | None = None) -> None:
        self._inner = inner or httpx2.AsyncHTTPTransport(retries=0)

    async def __call__(self, exchange: Exchange) -> Reply:
        """Raises UpstreamRefused, UpstreamSilent; reading may raise UpstreamBroke."""
        original: httpx2.Request = exchange.memo[REQUEST]
        exchange.provider, exchange.attempts = "client", exchange.attempts + 1
        caller, url = exchange.caller, original.url
        headers = [(k, v) for k, v in original.headers.raw if k.lower() not in (b"content-length", b"accept-encoding")]
        if caller.name:  # a key of the gate's own goes no further
            headers = [(k, v) for k, v in headers if caller.lends(k.decode("latin-1").lower())]
            query = with_key({}, url.query.decode())[1]
            url = url.copy_with(query=query.encode() or None)
        request = httpx2.Request(
            original.method, url, headers=headers, content=dumps(exchange.body), extensions=original.extensions
        )
        try:
            response = await self._inner.handle_async_request(request)
        except httpx2.TimeoutException:
            raise UpstreamSilent("The model's host did not answer in time.") from None
        except httpx2.TransportError as error:
            raise UpstreamRefused(f"The model's host could not be reached ({type(error).__name__}).") from None
        kept = [(name.lower(), value) for name, value in response.headers.items() if name.lower() not in _FRAMING]
        streamed = response.headers.get("content-type", "").startswith("text/event-stream")
        events = parse(_chunks(response)) if streamed else _whole(response)
        return Reply(response.status_code, kept, events, streamed=streamed, closers=[response.aclose])


async def _chunks(response: httpx2.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in response.aiter_bytes():
            yield chunk
    except httpx2.TransportError as error:
        raise UpstreamBroke(f"The reply broke off ({type(error).__name__}).") from None


async def _whole(response: httpx2.Response) -> AsyncIterator[Event]:
    yield Event.whole(await read_whole(_chunks(response)))


class GateTransport(httpx2.AsyncBaseTransport, httpx2.BaseTransport):
    """Passes each request through a gate. Works in async and in plain clients; one client each."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._loop: _LoopThread | None = None
        self._making = threading.Lock()  # a plain client may be used by several threads

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._answer(request, await request.aread())
        return httpx2.Response(answer.status, headers=answer.headers, stream=_AsyncBody(answer), request=request)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        with self._making:
            loop = self._loop = self._loop or _LoopThread()
        answer = loop.run(self._answer(request, request.read()))
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer, loop), request=request)

    async def _answer(self, request: httpx2.Request, body: bytes) -> Answer:
        await self._gate.start()
        pairs = [(name.lower(), value) for name, value in request.headers.raw]
        path = request.url.path
        # A client's base URL may have any prefix; what counts is the endpoint behind its version.
        version = next((version for version in ("/v1/", "/v1beta/") if version in path), "/")
        path = path[path.rfind(version) :] if version != "/" else path
        try:
            asked = Request(
                request.method, path, read_pairs(pairs), body, {REQUEST: request}, request.url.query.decode()
            )
            return await self._gate.answer(asked)
        except TidegateError as error:
            return refusal(self._gate.dialect, error)

    async def aclose(self) -> None:
        await self._gate.aclose()

    def close(self) -> None:
        with self._making:
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.run(self._gate.aclose())
            loop.stop()


class _AsyncBody(httpx2.AsyncByteStream):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._answer.chunks:
            yield chunk

    async def aclose(self) -> None:
        await self._answer.aclose()


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: Answer, loop: "_LoopThread") -> None:
        self._answer = answer
        self._loop = loop

    def __iter__(self) -> Iterator[bytes]:
        chunks = self._answer.chunks.__aiter__()
        while (chunk := self._loop.run(_next(chunks))) is not None:
            yield chunk

    def close(self) -> None:
        self._loop.run(self._answer.aclose())


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    return await anext(chunks, None)


class _LoopThread:
    """An event loop on a daemon thread, for clients that have none."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tidegate-transport", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()
