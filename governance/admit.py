"""Who asks: the name that a known key stands for, or whoever presents the same credential."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from ..engine.errors import Unauthorized
from ..engine.exchange import CREDENTIALS, Caller, Exchange, Reply
from ..engine.ports import Next
from ..engine.secret import Secret
from .keys import Keyring, NamedKey

_COOKIE = "cookie"
_NO_KEY = (
    "This gate serves only callers with a key of its own, and none was sent: send it as Authorization: Bearer KEY. "
    "The gate's operator hands keys out."
)
_UNKNOWN_KEY = (
    "The key that was sent is not one of this gate's, and it serves no other callers: check the key, or ask the gate's "
    "operator for one."
)

_EXPIRED_KEY = 'The key "{known.name}" was good until {known.until}: ask the gate\'s operator for a new one.'


class Admit:
    """Names the caller by a known key, or by a keyed digest of the credential presented; the credential itself goes no
    further in the headers.

    A known key is the gate's own and is lent to nobody. What only an app behind the gate can read, an Authorization of
    another scheme or a cookie, tells callers apart and is never lent either. Without any of these the caller is
    `anonymous`: all who present none share what they are told.
    """

    def __init__(
        self,
        key: Callable[[], bytes],
        gate_headers: Sequence[str] = (),
        known: Sequence[NamedKey] = (),
        *,
        require: bool = False,
    ) -> None:
        """`key` is that of the digests, asked for once, by `start`. `require`: only known keys are served.

        `gate_headers` are where clients of other gateways put their key for the gateway: it says who asks, and is
        never lent to a provider. What stands in the usual place beside it is then a key for the provider.
        """
        self._source = key
        self._gate_headers = gate_headers
        self._keyring = Keyring(known)
        self._require = require
        self._key = b""

    def start(self) -> None:
        """Fetch the key of the digests. Raises ConfigError when it cannot be had."""
        self._key = self._source()

    async def __call__(self, exchange: Exchange, next: Next) -> Reply:
        """Raises Unauthorized."""
        names = (*CREDENTIALS, _COOKIE, *self._gate_headers)
        sent = {name: exchange.headers.pop(name) for name in names if name in exchange.headers}
        exchange.caller = self.caller_of(sent)
        return await next(exchange)

    def caller_of(self, headers: Mapping[str, str]) -> Caller:
        """Who sends these headers. Raises Unauthorized for a key that has expired, which would go to a provider if it
        were taken for an unknown one, and for a caller without a known key where that is required."""
        for_gate = [Secret(_bearer(headers[name]) or headers[name]) for name in self._gate_headers if headers.get(name)]
        own = presented(headers)
        known = next(filter(None, map(self._keyring.find, (*for_gate, *own.values()))), None)
        others = ((name, each) for name, each in own.items() if known is None or not self._keyring.find(each))
        header, lent = next(others, ("", None))
        if known is not None:
            if known.expired(datetime.now(UTC).date()):
                raise Unauthorized(_EXPIRED_KEY.format(known=known))
            return Caller(known.id, known.team, lent, header, known.name)
        if self._require:
            raise Unauthorized(_UNKNOWN_KEY if for_gate or own else _NO_KEY)
        signs = (*for_gate, _of_another_scheme(headers), lent, _cookie(headers))
        who = next((sign for sign in signs if sign is not None), None)
        return Caller() if who is None else Caller(who.digest(self._key), credential=lent, header=header)


def _bearer(written: str) -> str:
    """The token behind `Bearer`, in any case (RFC 9110, 11.1); empty where something else stands."""
    scheme, _, token = written.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _of_another_scheme(headers: Mapping[str, str]) -> Secret | None:
    """An Authorization that is no bearer token, whole. It counts before the other headers: an app that asks for it may
    not look at them, and SDKs fill theirs with any word."""
    scheme, _, _ = (given := headers.get("authorization", "").strip()).partition(" ")
    return None if scheme.lower() in ("", "bearer") else Secret(given)


def _cookie(headers: Mapping[str, str]) -> Secret | None:
    return Secret(headers[_COOKIE]) if headers.get(_COOKIE) else None


def presented(headers: Mapping[str, str]) -> dict[str, Secret]:
    """The credentials of a request by their headers, the one that counts most first.

    A bearer token (RFC 6750), and what stands in the others of CREDENTIALS.
    """
    found = {name: headers.get(name, "") for name in CREDENTIALS}
    found["authorization"] = _bearer(found["authorization"])
    return {name: Secret(value) for name, value in found.items() if value}
