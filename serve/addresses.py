"""Which way a request goes on where the gate has no providers, told before the cache: what one address answers is not
another's answer.

An app may answer by everything that an address says; so do hosts. No credential of an address is part of it, and of the
rest only a digest stays with the exchange.
"""

from ..cache.key import digest
from ..engine.door import SCOPE, Scope
from ..engine.exchange import Exchange, Reply
from ..engine.handler import MODEL
from ..engine.ports import Next
from ..engine.query import with_key
from .onward import REQUEST, parted


async def at_app(exchange: Exchange, next: Next) -> Reply:
    """To the app behind the gate: the host, the place where it is mounted, and the query."""
    scope: Scope = exchange.memo[SCOPE]
    query = bytes(scope.get("query_string", b"")).decode("latin-1")
    host, root = exchange.headers.get("host", ""), str(scope.get("root_path", ""))
    exchange.lane = digest("app", host.lower(), root, _told_by(exchange, query))
    return await next(exchange)


async def at_host(exchange: Exchange, next: Next) -> Reply:
    """To the address that the client was told: all of it but the endpoint itself."""
    url = exchange.memo[REQUEST].url
    base = f"{url.scheme}://{url.netloc.decode('latin-1')}{parted(url.path)[0]}"
    exchange.lane = digest("host", base, _told_by(exchange, url.query.decode("latin-1")))
    return await next(exchange)


def _told_by(exchange: Exchange, query: str) -> str:
    """What an answer may depend on. Where the path names the model, `key` says who asks and `alt` in which form: both
    are seen to elsewhere."""
    if MODEL not in exchange.dialect.path:
        return query
    return "&".join(field for field in with_key({}, query)[1].split("&") if field not in ("alt=sse", "alt=json"))
