"""Upstream HTTP: one request out, one Reply back, within deadlines and caps.

With `pool.py` the only file that imports aiohttp. It takes no redirect, no proxy from the environment, no cookie, and
asks for no compression. It sends only to hosts that a provider was made with, and judges each address as it connects to
it. What goes wrong comes out as one of three errors, without address, header or body in its text.
Source: RFC 9110, RFC 9112.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import aiohttp

from ..engine import limits
from ..engine.errors import BadRequest, UpstreamBroke, UpstreamError, UpstreamRefused, UpstreamSilent
from ..engine.exchange import Reply
from ..engine.jsonio import is_json
from ..engine.pages import as_json, error_of, page_as_json
from ..engine.sse import Event, parse
from .heads import coding, kept_headers, length
from .hosts import PRIVATE, Origin, Reach, reach_of
from .pool import KEEPALIVE_SECONDS, WAY, Way, open_session, target_of

STALE_SECONDS = 1.0
"""A kept connection that the server has already closed shows it within a round trip; later it is something else."""
PIECE_BYTES = 256 * 1024
"""Decompressed at a time, so that a gzip bomb never unfolds in memory."""
_BODILESS = (204, 304)

Framing: TypeAlias = tuple[str, Callable[[AsyncIterator[bytes]], AsyncIterator[Event]]]
"""The content type of a stream of events, and what makes events of its bytes."""
SSE: Framing = ("text/event-stream", parse)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds that a provider may take. Time in which nobody reads does not count, but for `total`."""

    connect: float = limits.CONNECT_SECONDS
    """Name, connection and TLS."""
    first_byte: float = limits.FIRST_BYTE_SECONDS
    """From the start until the head of the reply."""
    between_bytes: float = limits.BETWEEN_BYTES_SECONDS
    total: float = limits.TOTAL_SECONDS
    """From the start to the end of the reply."""

    @property
    def head(self) -> float:
        """Until the head of the reply must be here."""
        return min(self.first_byte, self.total)


class Transport:
    """Sends requests to providers. One for all of them; use between `start` and `aclose`, in one event loop."""

    def __init__(self, private: Collection[str] = ()) -> None:
        """`private` are the names of providers whose host names may stand for addresses inside a network."""
        self._private = frozenset(private)
        self._hosts: dict[Origin, Reach] = {}
        self._kept: aiohttp.ClientSession | None = None
        self._fresh: aiohttp.ClientSession | None = None

    def allow(self, name: str, base_url: str) -> None:
        """Let requests go to the host of this checked base URL, which the operator gave to the provider `name`."""
        _, origin = target_of(base_url)
        before = self._hosts.get(origin)
        # Connections are kept by host, so that two providers of one host have one rule.
        self._hosts[origin] = reach_of(origin[1], name in self._private or (before is not None and before.private))

    async def start(self) -> None:
        """Open the pool. Safe to call twice."""
        if self._kept is None:
            self._kept = open_session(KEEPALIVE_SECONDS)
            self._fresh = open_session(None)

    async def aclose(self) -> None:
        """Close every connection."""
        for session in (self._kept, self._fresh):
            if session is not None:
                await session.close()
        self._kept = self._fresh = None

    async def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        deadlines: Deadlines,
        name: str,
        json_only: bool = True,
        framing: Framing | None = SSE,
    ) -> Reply:
        """Send a request; the reply is here once its head is, or its whole body when it is not a stream.

        `name` is the provider's, for error texts. With `json_only` a reply that is neither a stream of events nor a
        JSON object counts as none; an error is never a stream, and one that is no JSON keeps its status and headers and
        says so in JSON. Without it what is neither a stream nor JSON nor an error comes bare, piece by piece. `framing`
        says how a stream of events is known and taken apart; None: it is bytes like any others. Raises UpstreamRefused,
        UpstreamSilent, UpstreamBroke; all three also while the events are read, the first where these are too many
        bytes. A cancelled call closes its connection.
        """
        end = asyncio.get_running_loop().time() + deadlines.total
        response = await self._head(method, url, headers, body, deadlines, name)
        try:
            incoming = _Incoming(response, deadlines, end, name)
            _check_head(response, name, json_only)
            framed = framing is not None and response.content_type == framing[0]
            kept = kept_headers(response.raw_headers)
            failed = json_only and response.status >= 400
            bodiless = method == "HEAD" or response.status in _BODILESS
            short = response.status >= 400 or is_json(response.content_type)  # and better told whole
            bare = not json_only and (bodiless or not (framed or short))
            streamed = not bodiless if bare else framed and not failed
            if bare:
                events = _one(Event.whole(b"")) if bodiless else incoming.events()
                kept += length(response.raw_headers) if response.status not in _BODILESS else []
            elif streamed and framing:
                events = framing[1](incoming.pieces())
            else:
                came = await incoming.whole()
                whole = Event.whole(error_of(came) if failed else came)
                if json_only and whole.data is None:
                    told = f"{name} answered {response.status} with something that is not JSON."
                    if not failed:
                        raise UpstreamRefused(told)
                    whole = Event.whole(page_as_json(told, response.status))
                events, kept = _one(whole), as_json(kept) if framed or whole.raw != came else kept
        except UpstreamError as error:
            error.unanswered = response.status < 300  # a model was at work, by its own word
            response.close()
            raise
        except BaseException:
            response.close()
            raise
        return Reply(response.status, kept, events, streamed, [incoming.aclose], bare)

    async def _head(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, deadlines: Deadlines, name: str
    ) -> aiohttp.ClientResponse:
        """The response once its head is here.

        A server may close a kept connection in the moment we use it again (RFC 9112, 9.3.1). Then the request is sent
        a second time on a new connection: only if the connection was an old one, nothing at all came back on it and
        it broke at once. A model that worked on a request and then died is not asked twice.
        """
        if self._kept is None or self._fresh is None:
            raise RuntimeError("Transport.start() was not called")
        target, origin = target_of(url)
        if origin not in self._hosts:
            raise UpstreamRefused(f"{name} was asked for at a host that is not in its configuration.")
        way = Way(self._hosts[origin])
        WAY.set(way)
        began = asyncio.get_running_loop().time()
        for session in (self._kept, self._fresh):
            waited = asyncio.get_running_loop().time() - began
            try:
                async with asyncio.timeout(deadlines.head - waited):
                    return await session.request(
                        method,
                        target,
                        headers=headers,
                        data=body,
                        timeout=aiohttp.ClientTimeout(total=None, connect=deadlines.connect),
                        allow_redirects=False,
                    )
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
                if way.refused:
                    raise UpstreamRefused(_why_refused(way.refused, name)) from None
                stale = way.reused and asyncio.get_running_loop().time() - began < STALE_SECONDS
                if session is self._fresh or not stale:
                    raise _before_head(error, name, deadlines) from None
                way.reused = False
            except (aiohttp.ClientError, TimeoutError) as error:
                raise _before_head(error, name, deadlines) from None
            except ValueError:
                raise BadRequest("A header or the path of the request cannot be forwarded.") from None
        raise AssertionError("unreachable")


class _Incoming:
    """The body of a response on its way in."""

    def __init__(self, response: aiohttp.ClientResponse, deadlines: Deadlines, end: float, name: str) -> None:
        self._response = response
        self._between = deadlines.between_bytes
        self._end = end
        self._name = name

    async def aclose(self) -> None:
        """Close the connection, unless the whole reply was read: then it is back in the pool already."""
        self._response.close()

    async def whole(self) -> bytes:
        """The decoded body. Raises UpstreamRefused over REPLY_BYTES."""
        return b"".join([event.raw async for event in self.events()])

    def events(self) -> AsyncIterator[Event]:
        """The decoded body as it arrives. Raises UpstreamRefused over REPLY_BYTES, at once where its length is told."""
        too_large = UpstreamRefused(f"{self._name} sent a reply of more than {limits.REPLY_BYTES} bytes.")
        if (self._response.content_length or 0) > limits.REPLY_BYTES:
            raise too_large
        return self._bounded(too_large)

    async def _bounded(self, too_large: UpstreamRefused) -> AsyncIterator[Event]:
        size = 0
        async for piece in self.pieces():
            size += len(piece)
            if size > limits.REPLY_BYTES:
                raise too_large
            yield Event.whole(piece)

    async def pieces(self) -> AsyncIterator[bytes]:
        """The decoded body as it arrives. Closes the connection when it does not come to its end."""
        unpack = zlib.decompressobj(wbits=47) if coding(self._response.raw_headers) else None
        complete = False
        try:
            while raw := await self._next():
                if unpack is None:
                    yield raw
                    continue
                piece = b""
                while raw or len(piece) == PIECE_BYTES:  # a full piece: more may wait inside
                    piece = unpack.decompress(raw, PIECE_BYTES)
                    raw = unpack.unconsumed_tail
                    if piece:
                        yield piece
                    if unpack.unused_data:  # another part, or no part at all: it would be kept without a bound
                        raise UpstreamBroke(f"{self._name} sent bytes behind the end of its compressed reply.")
            if unpack is not None and not unpack.eof:
                raise UpstreamBroke(f"{self._name} ended its reply too early.")
            complete = True
        except zlib.error:
            raise UpstreamBroke(f"{self._name} sent compressed data that cannot be read.") from None
        finally:
            if not complete:
                self._response.close()

    async def _next(self) -> bytes:
        """The next bytes, empty at the end. Sets a timer only when it has to wait."""
        content = self._response.content
        left = self._end - asyncio.get_running_loop().time()
        try:
            here = _come(content)
            if left > 0 and (here or content.at_eof()):
                return here
            async with asyncio.timeout(min(self._between, left)):
                return await content.readany()
        except TimeoutError:
            why = "took too long over its reply" if left < self._between else "stopped in the middle of its reply"
            raise UpstreamSilent(f"{self._name} {why}.") from None
        except aiohttp.ClientError:
            raise UpstreamBroke(f"{self._name} ended its reply too early.") from None


def _come(content: aiohttp.StreamReader) -> bytes:
    """What has come in already. Raises what broke the connection, but only behind it: aiohttp's own ways to read raise
    at once, and whoever was busy meanwhile would lose a reply that is here."""
    here = b""
    if content.exception() is not None:
        here = content._read_nowait(-1)  # pyright: ignore[reportPrivateUsage]  # nothing else reads then
    return here or content.read_nowait()


def _check_head(response: aiohttp.ClientResponse, name: str, json_only: bool) -> None:
    """Raises UpstreamRefused on a head that no reply of a model has."""
    if 300 <= response.status < 400 and (json_only or response.status != 304):
        raise UpstreamRefused(f"{name} answered with a redirect, which is not followed. Check its base_url.")
    if not 200 <= response.status < 600:
        raise UpstreamRefused(f"{name} answered with the status {response.status}, which is no answer.")
    if coding(response.raw_headers) not in ("", "gzip", "x-gzip", "deflate"):
        raise UpstreamRefused(f"{name} sent a compression that was not asked for.")
    if sum(len(key) + len(value) for key, value in response.raw_headers) > limits.HEADER_BYTES:
        raise UpstreamRefused(f"{name} sent more than {limits.HEADER_BYTES} bytes of headers.")


def _why_refused(reason: str, name: str) -> str:
    if reason == PRIVATE:
        return (
            f"{name} is not called: its host name stands for an address inside a network. Is that meant, then write "
            f"`network: private` under providers.{name} in gate.yaml."
        )
    return f"{name} is not called: its host name stands for an address that is never called, such as link-local ones."


def _before_head(error: Exception, name: str, deadlines: Deadlines) -> UpstreamError:
    """What a failure means that came before any byte of the reply, and whether the request had been sent."""
    failed = _in_words(error, name, deadlines)
    unsent = isinstance(error, aiohttp.ConnectionTimeoutError | aiohttp.ClientConnectorError)
    failed.unanswered = not unsent and isinstance(
        error, TimeoutError | aiohttp.ServerDisconnectedError | aiohttp.ClientOSError
    )
    return failed


def _in_words(error: Exception, name: str, deadlines: Deadlines) -> UpstreamError:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return UpstreamSilent(f"{name} could not be reached within {deadlines.connect:.0f} s.")
    if isinstance(error, TimeoutError):
        return UpstreamSilent(f"{name} did not begin to answer within {deadlines.head:.0f} s.")
    if isinstance(error, aiohttp.ClientSSLError):
        return UpstreamRefused(f"{name} could not be reached: its TLS certificate or handshake was not accepted.")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return UpstreamRefused(f"{name} could not be reached: its host name is unknown.")
    if isinstance(error, aiohttp.ClientConnectorError):
        return UpstreamRefused(f"{name} could not be reached: no connection.")
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError):
        return UpstreamRefused(f"{name} closed the connection without an answer.")
    return UpstreamRefused(f"{name} sent something that is not HTTP.")


async def _one(event: Event) -> AsyncIterator[Event]:
    yield event
