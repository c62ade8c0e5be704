"""What a caller is handed with an answer from memory, to speak of it later: sealed, so that any process can open it.

AES-256-GCM under a key made of the gate's secret; the exchange and the caller are authenticated with it, so that a
token is worth nothing to anybody else. The nonce is a digest of the exchange's id, random and never used twice.
"""

import base64
import functools
import hashlib
import hmac
import secrets
import time
import zlib
from collections.abc import Callable

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VALID_SECONDS = 7 * 86_400.0
"""How long an answer may be spoken of."""
TEXT_BYTES = 512
"""Of a question, compressed, that travels in a token; a longer one is left out. Headers are short."""
MOST_CHARS = 1200
"""No token is longer."""


class Hit(msgspec.Struct, array_like=True, frozen=True):
    """What was served. Digests as bytes."""

    scope: bytes
    key: bytes
    asked: bytes
    """Key of the question."""
    detail: str
    """exact, semantic or linked."""
    probability: float
    at: float
    """When, in seconds since the epoch."""
    stored: float
    """When the answer was stored, by the clock of whoever did: another that takes its place is another's."""
    question: bytes = b""
    """Compressed; see `packed`."""

    def text(self) -> str:
        """The question, empty when it was too long to travel."""
        return zlib.decompress(self.question).decode() if self.question else ""


def packed(text: str) -> bytes:
    """A question as a token carries it."""
    raw = zlib.compress(text.encode())
    return raw if len(raw) <= TEXT_BYTES else b""


class Tokens:
    """Seals hits, and opens what it has sealed."""

    def __init__(self, secret: Callable[[], bytes]) -> None:
        self._secret = secret

    @functools.cached_property
    def _box(self) -> AESGCM:
        return AESGCM(hmac.digest(self._secret(), b"tidegate feedback", "sha256"))

    def seal(self, exchange: str, caller: str, hit: Hit) -> str:
        """`tg_5f….` and base64url."""
        sealed = self._box.encrypt(_nonce(exchange), _encode(hit), _bound(exchange, caller))
        return f"{exchange}.{base64.urlsafe_b64encode(sealed).decode().rstrip('=')}"

    def open(self, token: str, caller: str) -> tuple[str, Hit] | None:
        """The exchange and what was served; None when it was not this caller's, not made here, or is too old."""
        exchange, _, sealed = token.partition(".")
        if not token.isascii() or len(token) > MOST_CHARS:
            return None
        try:
            raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
            hit = _decode(self._box.decrypt(_nonce(exchange), raw, _bound(exchange, caller)))
        except (InvalidTag, ValueError, msgspec.DecodeError):  # the last: another version's
            return None
        return (exchange, hit) if time.time() - hit.at <= VALID_SECONDS else None


@functools.cache
def own_secret() -> bytes:
    """This process's, where no gate's is given."""
    return secrets.token_bytes(32)


def _nonce(exchange: str) -> bytes:
    return hashlib.blake2b(exchange.encode(), digest_size=12).digest()


def _bound(exchange: str, caller: str) -> bytes:
    return f"{len(exchange)} {exchange} {caller}".encode()


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Hit).decode
