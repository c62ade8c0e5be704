"""Who asks. Until there are virtual keys, a caller is whoever presents the same credential."""

from ..engine.exchange import Caller, Exchange, Reply
from ..engine.ports import Next
from ..engine.secret import Secret


class Admit:
    """Names the caller by a keyed digest of the credential presented, so that the credential itself goes no further.

    Without a credential the caller is `anonymous`: all who present none share what they are told.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    async def __call__(self, exchange: Exchange, next: Next) -> Reply:
        credential = presented(exchange.headers)
        if credential is not None:
            exchange.caller = Caller(credential.digest(self._key), credential=credential)
        for name in ("authorization", "x-api-key", "api-key", "x-goog-api-key"):
            exchange.headers.pop(name, None)
        return await next(exchange)


def presented(headers: dict[str, str]) -> Secret | None:
    """The credential of a request: a bearer token (RFC 6750), or `x-api-key`, `api-key`, `x-goog-api-key`."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return Secret(token.strip())
    key = headers.get("x-api-key") or headers.get("api-key") or headers.get("x-goog-api-key")
    return Secret(key) if key else None
