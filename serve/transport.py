"""The third mount: a gate inside a client. An httpx2 transport for the `http_client` of an SDK.

    client = AsyncOpenAI(http_client=httpx2.AsyncClient(transport=gate.transport()))
    client = OpenAI(http_client=httpx2.Client(transport=gate.transport()))

With providers in the configuration these answer; without any, requests go on to the address that the client was told,
checked. A transport belongs to one client: used without asyncio it runs its gate on a thread of its own.
"""

import asyncio
import contextlib
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from weakref import WeakSet, finalize

import httpx2

from ..engine.door import read_pairs
from ..engine.errors import TidegateError
from ..engine.exchange import ONWARD, close_all
from ..engine.handler import Answer, Request, refusal
from .gate import Gate
from .loop_thread import LoopThread, unheard
from .onward import REQUEST, Onward, parted
from .waits import Waits

_LISTS = ("/v1/models/", "/v1beta/models/")


class GateTransport(httpx2.AsyncBaseTransport, httpx2.BaseTransport):
    """Passes each request through a gate. Works in async and in plain clients; one client each.

    The client's `read` timeout holds for the head of an answer and for each piece of it, as over a network: what takes
    longer raises httpx2.ReadTimeout. Closing the client ends what is under way with httpx2.ReadError.
    """

    def __init__(self, make: Callable[[], tuple[Gate, Onward | None]]) -> None:
        """`make` gives a gate, and what it sends requests on with if it has no providers. Raises what it raises."""
        self._make = make
        spare = _Life(*make())  # now, so that a bad configuration is told at once
        self._owned = {os.getpid(): _Owned(spare)}

    @property
    def _own(self) -> "_Owned":
        """What this process has. One that was forked begins anew: of the other's thread it has none, of the other's
        connections only copies, and whoever ended these would end them for both. So they stay, and are left alone."""
        return self._owned.setdefault(os.getpid(), _Owned())  # in one step, whatever lock was held at the fork

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        _check(request)
        stream = await self._ask(request, await request.aread())
        return _response(stream, _AsyncBody(stream), request)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        _check(request)
        own = self._own
        with own.making:
            thread = own.thread = own.thread or self._started(own)
        stream = thread.run(self._ask(request, request.read()))
        return _response(stream, _Body(stream, thread, self._leave), request)

    def _started(self, own: "_Owned") -> LoopThread:
        """A thread that ends with this transport, also where nobody closes it."""
        thread = LoopThread()
        finalize(self, thread.abandon, own.end).atexit = False
        return thread

    def _leave(self, thread: LoopThread, stream: "_Stream") -> None:
        thread.leave(stream.aclose)

    async def _ask(self, request: httpx2.Request, body: bytes) -> "_Stream":
        life = await self._begun()
        seconds = request.extensions.get("timeout", {}).get("read")
        async with life.waits.within(seconds):
            answer = await life.answer(request, body)
        stream = _Stream(answer, life.waits, seconds)
        life.streams.add(stream)
        return stream

    async def _begun(self) -> "_Life":
        """The gate's life in this loop: a gate is bound to the loop that it started in, so each loop has its own. Those
        of loops that have ended, as at the end of `asyncio.run`, end here."""
        own, loop = self._own, asyncio.get_running_loop()
        over = own.over()
        life = own.lives.get(loop)
        if life is None:
            life = own.lives[loop] = own.take_spare() or _Life(*self._make())
        for each in over:
            await each.end(bound=False)
        await life.gate.start()
        return life

    async def aclose(self) -> None:
        await self._own.end()

    def close(self) -> None:
        own = self._own
        with own.making:
            thread, own.thread = own.thread, None
        if thread is not None:
            thread.stop(own.end())


def _check(request: object) -> None:
    """Raises TypeError for a request of another library, such as httpx, whose client could not take the answer."""
    if not isinstance(request, httpx2.Request):
        kind = type(request).__module__.partition(".")[0]
        raise TypeError(f"gate.transport() goes into httpx2.Client or httpx2.AsyncClient, and this client is {kind}'s")


class _Owned:
    """What a transport has in one process."""

    def __init__(self, spare: "_Life | None" = None) -> None:
        self.lives: dict[asyncio.AbstractEventLoop, _Life] = {}
        self.thread: LoopThread | None = None
        self.making = threading.Lock()  # a plain client may be used by several threads
        self._spare = [spare] if spare else []

    def take_spare(self) -> "_Life | None":
        """The life that has no loop yet: to one of several threads that want it."""
        with contextlib.suppress(IndexError):
            return self._spare.pop()
        return None

    def over(self) -> "list[_Life]":
        """Take out the lives of loops that have ended."""
        ended = [loop for loop in list(self.lives) if loop.is_closed()]
        return [life for loop in ended if (life := self.lives.pop(loop, None))]

    async def end(self) -> None:
        """End what lives in this loop. Others are asked to do the same and not waited for: they may wait for us."""
        lives, self.lives = self.lives, {}
        mine = lives.pop(asyncio.get_running_loop(), None)
        for loop, life in lives.items():
            ending = unheard(life.end)
            try:
                asyncio.run_coroutine_threadsafe(ending, loop)
            except RuntimeError:  # it has ended, perhaps just now
                ending.close()
                await life.end(bound=False)
        if mine:
            await mine.end()


class _Life:
    """A gate in one event loop, and what is under way in it."""

    def __init__(self, gate: Gate, onward: Onward | None) -> None:
        self.gate = gate
        self.waits = Waits()
        self.streams: WeakSet[_Stream] = WeakSet()
        self._onward = onward

    async def answer(self, request: httpx2.Request, body: bytes) -> Answer:
        pairs = [(name.lower(), value) for name, value in request.headers.raw]
        _, path = parted(request.url.path)
        try:
            query = request.url.query.decode()
            memo = {REQUEST: request} | ({ONWARD: query} if self._onward else {})
            asked = Request(request.method, path, read_pairs(pairs), body, memo, query)
            if self._onward and request.method == "GET" and (path + "/").startswith(_LISTS):
                return await self._listed(self._onward, asked)
            return await self.gate.answer(asked)
        except TidegateError as error:
            return refusal(self.gate.dialect_for(path, request.headers), error)

    async def _listed(self, onward: Onward, asked: Request) -> Answer:
        """The models are the host's where it is the host that answers."""
        reply = await onward.send(asked.memo[REQUEST], self.gate.caller_of(asked), None)
        try:
            body = await reply.read()
        finally:
            await reply.aclose()
        return Answer(reply.status, reply.headers, _once(body), body)

    async def end(self, *, bound: bool = True) -> None:
        """Let go of everything. Not `bound` to this loop: as far as what is bound to another lets itself be closed."""
        self.waits.end()
        closers: list[Callable[[], Awaitable[None]]] = [self._onward.aclose] if self._onward else []
        closers += [self.gate.aclose, *(stream.aclose for stream in self.streams)]  # the last one first
        with contextlib.nullcontext() if bound else contextlib.suppress(Exception):
            await close_all(closers)


class _Stream:
    """An answer as it is read."""

    def __init__(self, answer: Answer, waits: Waits, seconds: float | None) -> None:
        self.answer = answer
        self._chunks = answer.chunks.__aiter__()
        self._waits = waits
        self._seconds = seconds

    async def next(self) -> bytes | None:
        """The next piece; None at the end, and then all is let go of."""
        try:
            async with self._waits.within(self._seconds):
                chunk = await anext(self._chunks, None)
        except ConnectionError as cut:
            raise httpx2.RemoteProtocolError(str(cut)) from None
        if chunk is None:
            await self.aclose()
        return chunk

    async def aclose(self) -> None:
        await self.answer.aclose()


def _response(stream: _Stream, body: "_AsyncBody | _Body", request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(stream.answer.status, headers=stream.answer.headers, stream=body, request=request)


class _AsyncBody(httpx2.AsyncByteStream):
    def __init__(self, stream: _Stream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (chunk := await self._stream.next()) is not None:
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class _Body(httpx2.SyncByteStream):
    def __init__(self, stream: _Stream, thread: LoopThread, leave: Callable[[LoopThread, _Stream], None]) -> None:
        self._stream = stream
        self._thread = thread
        # This holds on to the stream: collected together with the body, its generators would be closed twice at once.
        # And to the transport, whose method `leave` is: the thread ends when nobody needs either.
        self._end = finalize(self, leave, thread, stream)
        self._end.atexit = False

    def __iter__(self) -> Iterator[bytes]:
        while (chunk := self._thread.run(self._stream.next())) is not None:
            yield chunk

    def close(self) -> None:
        self._end()


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body
