"""Who asks. Until there are virtual keys, a caller is whoever presents the same credential."""

from collections.abc import Callable, Sequence

from ..engine.exchange import Caller, Exchange, Reply
from ..engine.ports import Next
from ..engine.secret import Secret

KEY_HEADERS = ("x-api-key", "api-key", "x-goog-api-key")
"""Where the clients of some dialects put their key."""


class Admit:
    """Names the caller by a keyed digest of the credential presented, so that the credential itself goes no further.

    Without a credential the caller is `anonymous`: all who present none share what they are told.
    """

    def __init__(self, key: Callable[[], bytes], gate_headers: Sequence[str] = ()) -> None:
        """`key` is asked for once, by `start`.

        `gate_headers` are where clients of other gateways put their key for the gateway: it says who asks, and is
        never lent to a provider. What stands in the usual place beside it is then a key for the provider.
        """
        self._source = key
        self._gate_headers = gate_headers
        self._key = b""

    def start(self) -> None:
        """Fetch the key of the digests. Raises ConfigError when it cannot be had."""
        self._key = self._source()

    async def __call__(self, exchange: Exchange, next: Next) -> Reply:
        headers = exchange.headers
        credential = presented(headers)
        for_gate = [headers[name].removeprefix("Bearer ") for name in self._gate_headers if headers.get(name)]
        who = Secret(for_gate[0]) if for_gate else credential
        if who is not None:
            exchange.caller = Caller(who.digest(self._key), credential=credential, header=header_of(headers))
        for name in ("authorization", *KEY_HEADERS, *self._gate_headers):
            exchange.headers.pop(name, None)
        return await next(exchange)


def presented(headers: dict[str, str]) -> Secret | None:
    """The credential of a request: a bearer token (RFC 6750), or what stands in one of KEY_HEADERS."""
    name = header_of(headers)
    value = headers.get(name, "")
    return Secret(value.partition(" ")[2].strip() if name == "authorization" else value) if value else None


def header_of(headers: dict[str, str]) -> str:
    """The header that the credential stands in; empty when there is none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return "authorization"
    return next((name for name in KEY_HEADERS if headers.get(name)), "")
