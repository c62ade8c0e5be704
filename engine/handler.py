"""An HTTP request in, an HTTP reply out, whoever carries the bytes.

The three mounts (proxy, middleware, client transport) differ in how bytes reach this file and in nothing else.
"""

import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import bill, jsonio, limits
from .dialects import Dialect
from .ending import CLOSED, closes, left_with
from .errors import (
    BadRequest,
    BodyTooLarge,
    TidegateError,
    UnknownPath,
    UpstreamBroke,
    WrongContentCoding,
    WrongContentType,
    WrongMethod,
)
from .exchange import Exchange, Reply, close_all
from .faults import internal, where
from .headers import reply_headers
from .paths import MODEL, Places
from .pipeline import Pipeline
from .query import as_array, with_key
from .sse import Event, JsonArray

log = logging.getLogger("tidegate")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,127}")


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request whose body is here. Header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    memo: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the mount wants to find again on the exchange, such as the ASGI scope."""
    query: str = ""
    """What stands behind the path's question mark."""
    raw_path: str = ""
    """The path as it was written, percent signs and all; empty when the mount does not know."""


@dataclass(slots=True)
class Answer:
    """An HTTP reply about to leave. Read `chunks` to the end or not, then `aclose()` in any case."""

    status: int
    headers: list[tuple[str, str]]
    chunks: AsyncIterator[bytes]
    body: bytes | None = None
    """The whole body when it is known already; then `chunks` yields just this."""
    closers: list[Callable[[], Awaitable[None]]] = field(default_factory=list[Callable[[], Awaitable[None]]])
    fault: Exception | None = None
    """As the error says that this tells of."""

    async def aclose(self) -> None:
        await close_all(self.closers)


Observer = Callable[[Exchange, int, "TidegateError | None"], None]
"""Told once an exchange is over: the status sent, and the error if it ended in one."""


Endpoint = Callable[[Request], Awaitable[Answer]]
"""A path of the gate's own. It may raise TidegateError."""


class Handler:
    """Dialects in front of a pipeline, and the gate's own endpoints beside it."""

    def __init__(
        self,
        dialects: Sequence[Dialect],
        pipeline: Pipeline,
        observers: Sequence[Observer] = (),
        own: Mapping[str, Endpoint] | None = None,
        *,
        arrays: bool = False,
        any_case: bool = False,
    ) -> None:
        """`arrays`: streams are served as JSON arrays too. Not where the request goes on with its own query, to be
        answered in that form: only events are read here. `any_case`: paths are read in capitals too (see Places)."""
        self._places = Places(dialects, any_case=any_case)
        self._fallback = dialects[0]
        self._own = own or {}
        self._pipeline = pipeline
        self._observers = observers
        self._arrays = arrays
        self.in_flight = 0
        self.other_methods: Endpoint | None = None
        """Answers what is not a POST at a dialect's path; None: that is refused."""
        self.stranger: Callable[[Request], TidegateError | None] = lambda request: None
        """What somebody is told who may not ask, instead of what is wrong with the request."""

    def serves(self, path: str) -> bool:
        """Whether a dialect, or an endpoint of the gate's own, lives at `path`."""
        return path in self._own or self.dialect_of(path) is not None

    def dialect_of(self, path: str) -> Dialect | None:
        """The dialect that lives at `path`."""
        return self._places.at(path)[0]

    def turned_away(self, request: Request) -> Answer | None:
        """The refusal of a stranger, whatever the request's body holds: it need not be here. None for who may ask."""
        error = self.stranger(request)
        return None if error is None else self.refused(request, error)

    def refused(self, request: Request, error: TidegateError) -> Answer:
        """The refusal of what never becomes an exchange; observers are told all the same, where a dialect lives."""
        dialect, headers = self.dialect_of(request.path), dict(request.headers)
        exchange = Exchange(dialect, request.path, headers, {}, "", stream=False) if dialect else None
        self.in_flight += exchange is not None
        self._over(exchange, error.status, error)
        return refusal(dialect or self._fallback, error, exchange)

    async def handle(self, request: Request) -> Answer:
        """Answer one request. Raises nothing but CancelledError: every error is an answer."""
        try:
            if request.path in self._own:
                return await self._own[request.path](request)
            if request.method != "POST" and self.other_methods is not None:
                return await self.other_methods(request)
            exchange = self._parse(request)
            array = exchange.dialect.always_streams and as_array(request.query)
        except TidegateError as error:
            return self.refused(request, self.stranger(request) or error)
        except Exception as fault:
            return self.refused(request, internal(fault, None))
        return await self.run(exchange, self._pipeline, array=array)

    async def run(self, exchange: Exchange, pipeline: Pipeline, *, array: bool = False) -> Answer:
        """Answer one exchange by `pipeline`; `array`: a stream as one JSON array.

        Raises nothing but CancelledError; observers are told once it is over.
        """
        dialect = exchange.dialect
        self.in_flight += 1
        try:
            reply = await pipeline(exchange)
        except Exception as fault:
            error = internal(fault, exchange)
            self._over(exchange, error.status, error)
            return refusal(dialect, error, exchange)
        except BaseException:
            self._over(exchange, 499, None)
            raise
        answer = Answer(reply.status, [], _nothing())
        answer.closers += [lambda: self._left(exchange, reply.status), reply.aclose]
        if reply.streamed:
            items = JsonArray() if array else None
            answer.headers = _head(reply, exchange)
            if items:
                kept = [header for header in answer.headers if header[0] != "content-type"]
                answer.headers = [*kept, ("content-type", "application/json")]
            answer.chunks = self._stream(exchange, reply, dialect, items)
            return answer
        return await self._whole(exchange, reply, dialect, answer)

    def _parse(self, request: Request) -> Exchange:
        dialect, named = self._places.at(request.path)
        if dialect is None:
            raise UnknownPath("There is no endpoint at this path; the API begins at /v1/.")
        if request.method != "POST":
            raise WrongMethod("This endpoint takes POST.")
        must_be_json(request)
        if len(request.body) > limits.BODY_BYTES:
            raise too_large()
        body = jsonio.parse_request(request.body)
        dialect.check(body)
        stream = dialect.always_streams or body.get("stream") is True
        if stream and not dialect.may_stream:
            raise BadRequest("This endpoint does not stream.", param="stream")
        memo, headers = dict(request.memo), dict(request.headers)
        path, model = dialect.path, body.get("model") or ""
        if MODEL in path:
            model = named
            if not _NAME.fullmatch(model):
                raise UnknownPath("No model has such a name: letters, digits and ._@-, at most 128.", param="model")
            path = path.replace(MODEL, model)
            headers, _ = with_key(headers, request.query)
        if dialect.always_streams and as_array(request.query) and not self._arrays:
            raise BadRequest("Only streams of server-sent events are served here: add ?alt=sse.", param="alt")
        return Exchange(dialect, path, headers, body, model, stream, memo=memo, size=len(request.body))

    async def _whole(self, exchange: Exchange, reply: Reply, dialect: Dialect, answer: Answer) -> Answer:
        try:
            answer.body = await reply.read()
        except Exception as fault:
            error = internal(fault, exchange)
            self._over(exchange, error.status, error)
            await answer.aclose()
            return refusal(dialect, error, exchange)
        except BaseException:
            self._over(exchange, 499, None)
            await answer.aclose()
            raise
        answer.headers = _head(reply, exchange)
        if reply.status != 204 and not reply.bare:  # RFC 9110, 8.6: no length where there can be no body
            answer.headers.append(("content-length", str(len(answer.body))))
        answer.chunks = _once(answer.body)
        self._over(exchange, reply.status, None)
        return answer

    async def _stream(
        self, exchange: Exchange, reply: Reply, dialect: Dialect, array: JsonArray | None
    ) -> AsyncIterator[bytes]:
        """The reply's events as they come; after the first byte an error is an event, and no end mark follows. Raises
        ConnectionError where there is no place for one: the client has to see that the body is cut."""
        status, failure, ended = reply.status, None, False
        try:
            async for event in reply.events:
                ended = ended or (array is not None and dialect.is_end(event))
                if closes(dialect, event):
                    exchange.memo[CLOSED] = True
                yield array.item(event) if array else event.raw
            if array and not ended:  # once closed, it would look whole
                raise UpstreamBroke("The stream ended before its end mark.")
            if array:
                yield array.end()
        except Exception as fault:
            failure = internal(fault, exchange)
            status = failure.status
            if reply.bare:
                raise ConnectionAbortedError(str(failure)) from None
            yield _last(dialect.error_event(failure), array)
        except BaseException:
            status = left_with(exchange, status)
            raise
        finally:
            self._over(exchange, status, failure)

    async def _left(self, exchange: Exchange, status: int) -> None:
        """An answer was let go of; one that was never read to its end is over now."""
        self._over(exchange, left_with(exchange, status), None)

    def _over(self, exchange: Exchange | None, status: int, error: TidegateError | None) -> None:
        """Count an exchange as ended, once, and tell who wants to know."""
        if error is not None and error.__cause__ is not None:
            log.error("fault in exchange %s\n%s", exchange.id if exchange else "-", where(error.__cause__))
        if exchange is None or "total" in exchange.timings:
            return
        self.in_flight -= 1
        exchange.timings["total"] = (time.perf_counter() - exchange.started) * 1000
        bill.over(exchange)
        for observer in self._observers:
            observer(exchange, status, error)
        if status == 499:
            bill.left(exchange)


def _head(reply: Reply, exchange: Exchange) -> list[tuple[str, str]]:
    """The provider's headers and ours; of a name that both have, ours."""
    ours = reply_headers(exchange)
    names = {name for name, _ in ours} - {"cache-status", "server-timing"}  # these are lists: each hop adds its own
    return [header for header in reply.headers if header[0] not in names] + ours


def _last(event: Event, array: JsonArray | None) -> bytes:
    """An event that ends a stream. An array is closed behind it, so that it can be read."""
    return array.item(event) + array.end() if array else event.raw


def refusal(dialect: Dialect, error: TidegateError, exchange: Exchange | None = None) -> Answer:
    """An error as an answer in the dialect's own envelope."""
    body = jsonio.dumps(dialect.error(error))
    headers = [
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
        ("x-should-retry", "true" if error.retry else "false"),
        *error.headers.items(),
        *(reply_headers(exchange) if exchange else ()),
    ]
    return Answer(error.status, headers, _once(body), body, fault=error.fault)


def json_answer(value: jsonio.Json) -> Answer:
    """A JSON value as an answer of ours."""
    body = jsonio.dumps(value)
    return Answer(200, [("content-type", "application/json"), ("content-length", str(len(body)))], _once(body), body)


def must_be_json(request: Request) -> None:
    """Raises WrongContentType for a body that is not declared as JSON in UTF-8, as which it is read here whoever reads
    it behind us; WrongContentCoding for a compressed one."""
    kind = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if not jsonio.is_json(kind):
        raise WrongContentType("The body must be sent as application/json.")
    if not jsonio.is_utf8(request.headers["content-type"]):
        raise WrongContentType("The body must be sent in UTF-8, without another charset in its Content-Type.")
    if request.headers.get("content-encoding", "").strip().lower() not in ("", "identity"):
        raise WrongContentCoding("The body must be sent uncompressed, without a Content-Encoding.")


def too_large() -> BodyTooLarge:
    """The error for a body over BODY_BYTES."""
    return BodyTooLarge(f"The body is larger than {limits.BODY_BYTES} bytes.")


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
