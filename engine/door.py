"""The ASGI door, used twice: around an app that serves a provider's API, and as the front of the proxy.

Only paths of a dialect are the gate's business; everything else, websockets and lifespan included, goes to the app
behind it untouched.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, TypeAlias, TypeVar

from . import limits
from .arriving import Arriving
from .errors import BadRequest, TidegateError
from .handler import Answer, Handler, Request, too_large

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
T = TypeVar("T")


SCOPE = "asgi.scope"
"""Where an exchange's memo keeps the ASGI scope that it came with."""


class Door:
    """Lets requests for the gate's paths through the gate, and all others to `app`."""

    def __init__(self, app: App, handler: Handler, below: str = "") -> None:
        """`below`: a place where the app believes to be mounted, whatever a server says: it answers there too."""
        self.app = app
        self.handler = handler
        self._below = below

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.handler.serves(path := self.path_of(scope)):
            await self.app(scope, receive, send)
            return
        head = Request(str(scope["method"]), path, {}, b"")
        try:
            head = read_head(scope, path)
            if turned_away := self.handler.turned_away(head):  # a stranger's body is not worth reading
                await write(turned_away, send)
                return
            request = await read_body(head, receive)
        except TidegateError as error:
            await write(self.handler.refused(head, error), send)
            return
        except ConnectionError:
            return
        await self._serve(request, receive, send)

    def path_of(self, scope: Scope) -> str:
        """The request's path, as the gate knows it."""
        return own_path(scope, self.handler.serves, self._below)

    async def _serve(self, request: Request, receive: Receive, send: Send) -> None:
        """Answer, unless the client leaves first: then everything behind the answer is let go of at once.

        Raises what an app behind the gate raised before it answered, as without a gate.
        """
        if (fault := await while_there(self._answer(request, send), receive)) is not None:
            raise fault

    async def _answer(self, request: Request, send: Send) -> Exception | None:
        """Returns what is to be raised: raised here, it might be taken for a client that left."""
        answer = await self.handler.handle(request)
        if answer.fault is None:
            await write(answer, send)
        return answer.fault


def own_path(scope: Scope, serves: Callable[[str], bool], inner: str = "") -> str:
    """The path below the place where the app is mounted; with the end of that place before it, if it is served only so,
    as `/chat/completions` is in an app at `/v1`; or what stands behind that place wherever it is, as Litestar has it,
    and behind the app's `inner` one."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    below = path[len(root) :] if root and path.startswith(root + "/") else path
    ends = (root[at:] + below for at in range(len(root) - 1, -1, -1) if root[at] == "/")
    behind = (path.partition(place)[2] for place in (root, inner) if place)
    return below if serves(below) else next(filter(serves, chain(ends, behind)), below)


async def read_request(scope: Scope, receive: Receive, path: str) -> Request:
    """Read a request for `path` whole. Raises BodyTooLarge, BadRequest (bad headers, slow body), ConnectionError."""
    return await read_body(read_head(scope, path), receive)


def read_head(scope: Scope, path: str) -> Request:
    """A request for `path`, still without its body. Raises BadRequest (bad headers)."""
    headers = read_pairs(scope["headers"])
    query = bytes(scope.get("query_string", b"")).decode("latin-1")
    raw = bytes(scope.get("raw_path") or b"").decode("latin-1") if path == scope["path"] else ""
    return Request(str(scope["method"]), path, headers, b"", {SCOPE: scope}, query, raw)


async def read_body(head: Request, receive: Receive) -> Request:
    """The request whole. Raises BodyTooLarge, BadRequest (slow body), Overloaded, ConnectionError."""
    declared = head.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > limits.BODY_BYTES:
        raise too_large()
    body = bytearray()
    try:
        with Arriving() as arriving:
            async with asyncio.timeout(limits.BODY_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ConnectionError("the client left")
                    body += message.get("body", b"")
                    if len(body) > limits.BODY_BYTES:
                        raise too_large()
                    arriving.has(len(body))
                    if not message.get("more_body"):
                        break
    except TimeoutError:
        raise BadRequest(f"The body did not arrive within {limits.BODY_SECONDS:.0f} s.", code="body_too_slow") from None
    return replace(head, body=bytes(body))


def read_pairs(pairs: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Header names in lower case; of a header sent twice the values are joined, but a second Host is refused."""
    if len(pairs) > limits.HEADER_COUNT or sum(len(k) + len(v) for k, v in pairs) > limits.HEADER_BYTES:
        raise BadRequest("Too many or too large request headers.", code="headers_too_large")
    headers: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name in headers and name in ("host", "content-length", "authorization", "content-type"):
            raise BadRequest(f"The header '{name}' is sent more than once.", code="duplicate_header")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


async def while_there(answering: Coroutine[Any, Any, T], receive: Receive) -> T | None:
    """Do what answers a request, which was read already; cancel it at once when the client leaves, and return None."""
    work = asyncio.ensure_future(answering)
    gone = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
        if gone.done() and not gone.result():
            await asyncio.wait((work,))
    finally:
        gone.cancel()
        if not work.done():
            work.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await work
    return None if work.cancelled() or work.exception() else work.result()


async def _left(receive: Receive) -> bool:
    """Wait for the next message: whether it says that the client left.

    Any other was read before. A layer in front that reads a body plays it again, some at every call and without end:
    there, and where asking fails, nobody will ever say that the client leaves.
    """
    try:
        return (await receive())["type"] == "http.disconnect"
    except ConnectionError:
        return True
    except Exception:
        return False


async def write(answer: Answer, send: Send) -> None:
    """Send an answer, then close it whatever happened."""
    try:
        head = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": head})
        if answer.body is not None:
            await send({"type": "http.response.body", "body": answer.body})
            return
        async for chunk in answer.chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        await answer.aclose()
