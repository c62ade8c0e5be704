"""The client's own host as the model's side: requests go on to the address that they were for, with checked bodies."""

from collections.abc import AsyncIterator

import httpx2

from ..engine.errors import UpstreamBroke, UpstreamRefused, UpstreamSilent
from ..engine.exchange import Caller, Exchange, Reply
from ..engine.jsonio import dumps
from ..engine.query import with_key
from ..engine.sse import Event, parse, read_whole
from ..models.heads import OURS, coding
from .passthrough import VERSIONS

REQUEST = "transport.request"
"""Where an exchange's memo keeps the client's own request."""
_FRAMING = ("content-length", "transfer-encoding", "connection", "content-encoding", "keep-alive")
_PLAIN = (b"accept-encoding", b"identity")
"""Said aloud: who hears nothing may choose any compression (RFC 9110, 12.5.3)."""


def parted(path: str) -> tuple[str, str]:
    """What a client's base URL has before the version, which may be anything, versions too, and the endpoint's path."""
    at = max(0, *(path.rfind(version) for version in VERSIONS))
    return path[:at], path[at:]


class Onward:
    """The innermost call when no provider is configured."""

    def __init__(self, inner: httpx2.AsyncBaseTransport | None = None) -> None:
        self._inner = inner or httpx2.AsyncHTTPTransport(retries=0)

    async def __call__(self, exchange: Exchange) -> Reply:
        """Raises UpstreamRefused, UpstreamSilent; reading may raise UpstreamBroke."""
        exchange.provider, exchange.attempts = "client", exchange.attempts + 1
        return await self.send(exchange.memo[REQUEST], exchange.caller, dumps(exchange.body))

    async def send(self, original: httpx2.Request, caller: Caller, content: bytes | None) -> Reply:
        """The client's request with `content` for its body. Raises as the call does."""
        url = original.url
        headers = [(k, v) for k, v in original.headers.raw if k.lower() not in (b"content-length", b"accept-encoding")]
        if caller.name:  # a key of the gate's own goes no further
            headers = [(k, v) for k, v in headers if caller.lends(k.decode("latin-1").lower())]
            query = with_key({}, url.query.decode())[1]
            url = url.copy_with(query=query.encode() or None)
        sent = [*headers, _PLAIN]
        request = httpx2.Request(original.method, url, headers=sent, content=content, extensions=original.extensions)
        try:
            response = await self._inner.handle_async_request(request)
        except httpx2.TimeoutException:
            raise UpstreamSilent("The model's host did not answer in time.") from None
        except httpx2.TransportError as error:
            raise UpstreamRefused(f"The model's host could not be reached ({type(error).__name__}).") from None
        if coding(tuple(response.headers.raw)) not in ("", "gzip", "deflate"):  # these are read all the same
            await response.aclose()
            raise UpstreamRefused("The model's host sent a compression that was not asked for.")
        told = response.headers.multi_items()
        kept = [pair for pair in told if pair[0] not in _FRAMING and not pair[0].startswith(OURS)]
        streamed = response.headers.get("content-type", "").lower().startswith("text/event-stream")
        events = parse(_chunks(response)) if streamed else _whole(response)
        return Reply(response.status_code, kept, events, streamed=streamed, closers=[response.aclose])

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


async def _chunks(response: httpx2.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in response.aiter_bytes():
            yield chunk
    except httpx2.TransportError as error:
        raise UpstreamBroke(f"The reply broke off ({type(error).__name__}).") from None
    except httpx2.DecodingError:
        raise UpstreamBroke("The reply could not be decompressed.") from None


async def _whole(response: httpx2.Response) -> AsyncIterator[Event]:
    yield Event.whole(await read_whole(_chunks(response)))
