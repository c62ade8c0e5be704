"""Connections to providers: kept for the next request, and made only to addresses that were judged."""

import socket
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any
from weakref import WeakSet

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ConnectionKey
from yarl import URL

from ..engine import limits
from .hosts import Origin, Reach

KEEPALIVE_SECONDS = 30.0
"""How long an idle connection is kept. Most servers close theirs after 60 s or more."""
DNS_SECONDS = 60
"""How long a resolved address is used again."""
IDLE_PER_HOST = 128
"""Connections to one host that are kept for the next request; after a burst the others are closed."""
LINE_BYTES = 8190
"""The status line, or one header, of a reply."""


@dataclass(slots=True)
class Way:
    """Where the connection of one call may lead, and what became of it."""

    reach: Reach
    refused: str = ""
    """Why an address was not allowed, as long as none was."""
    tried: bool = False
    reused: bool = False


WAY: ContextVar[Way] = ContextVar("way")
"""A pool's hooks learn through it whose connection they make: they run in the call's own context."""


class Pool(aiohttp.TCPConnector):
    """A connector that tells whether the connection it gave was used before."""

    def __init__(self, keepalive: float | None) -> None:
        # Nobody waits for a connection: whoever sends bounds how much is under way, exchanges and copies apart.
        if keepalive is None:
            super().__init__(limit=0, ttl_dns_cache=DNS_SECONDS, socket_factory=_judged_socket, force_close=True)
        else:
            super().__init__(
                limit=0, ttl_dns_cache=DNS_SECONDS, socket_factory=_judged_socket, keepalive_timeout=keepalive
            )
        self._factory = partial(_Handler, self._loop)
        self._seen: WeakSet[object] = WeakSet()

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[aiohttp.tracing.Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109
    ) -> aiohttp.connector.Connection:
        connection = await super().connect(req, traces, timeout)
        WAY.get().reused = connection.protocol in self._seen
        if connection.protocol is not None:
            self._seen.add(connection.protocol)
        return connection

    def _release(
        self,
        key: ConnectionKey,
        protocol: ResponseHandler,
        *,
        should_close: bool = False,
    ) -> None:
        full = len(self._conns.get(key, ())) >= IDLE_PER_HOST
        super()._release(key, protocol, should_close=should_close or full)


class _Handler(ResponseHandler):
    """Tells a body's reader when the framing turns out to be broken; else it would wait for its deadline."""

    def set_exception(self, exc: BaseException, exc_cause: BaseException | None = None) -> None:
        super().set_exception(exc, *(() if exc_cause is None else (exc_cause,)))
        body = self._payload
        if body is not None and not body.is_eof() and body.exception() is None:
            body.set_exception(aiohttp.ClientPayloadError("the body's framing is broken"))


def _judged_socket(info: Any) -> socket.socket:
    """A socket for this very address, so that no second look-up can put another in its place. Raises OSError."""
    family, kind, protocol, _, address = info
    way = WAY.get()
    if refused := way.reach.refusal(str(address[0])):
        way.refused = "" if way.tried else refused
        raise OSError("this address is not allowed")
    way.refused, way.tried = "", True
    return socket.socket(family, kind, protocol)


@lru_cache(maxsize=256)
def target_of(url: str) -> tuple[URL, Origin]:
    """A URL as the client takes it apart, and the host that it would call."""
    target = URL(url, encoded=True)
    return target, (target.scheme.lower(), (target.raw_host or "").lower(), target.port or 0)


def open_session(keepalive: float | None) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=Pool(keepalive),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        max_line_size=LINE_BYTES,
        max_field_size=LINE_BYTES,
        max_headers=limits.HEADER_COUNT,
        headers={"accept-encoding": "identity"},
        skip_auto_headers=("user-agent", "accept", "content-type"),
    )
