"""Masked values that outlive a request: those of a conversation, by a key that the caller names.

So a value has the same placeholder in every turn, and one that was masked in an earlier turn comes back in a later one.
What is kept belongs to caller and conversation together: no other caller can reach it, whatever key they name. Who
presents no credential cannot be told from others, so their vaults last for one request.
"""

import asyncio
import hmac
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol, TypeVar
from weakref import WeakValueDictionary

from ..engine.errors import BadRequest
from ..engine.exchange import METADATA, Caller, Exchange, metadata
from .vault import Known, Vault

ROOM = 1024 * 1024
"""Characters of values that one conversation can have masked. What is beyond is redacted."""
TOUCH_SECONDS = 60.0
"""How often the time of last use is written when nothing else is; more often where the ttl is short."""
_ANONYMOUS = Caller().id
T = TypeVar("T")
_log = logging.getLogger("tidegate")


class Sealed(Protocol):
    """Where conversations lie that must last (vaultfile.py). Blocking; raises OSError."""

    def start(self) -> None: ...
    def read(self, id: bytes) -> list[tuple[str, str, bool]]: ...
    def write(self, id: bytes, changes: int, rows: list[tuple[str, str, bool]], expires: float) -> None: ...
    def close(self) -> None: ...


@dataclass(slots=True)
class _Kept:
    known: Known
    size: int
    expires: float
    changes: int = -1
    written: float = 0.0


class Conversations:
    """Bounded by conversations, by characters of all their values, and by the time since they were last used."""

    def __init__(
        self, key: str, ttl: float, most: int, most_chars: int, secret: Callable[[], bytes], file: Sealed | None = None
    ) -> None:
        """`key` is `header.NAME` or `metadata.NAME`, `ttl` in seconds; `secret` is asked for once."""
        self._source, _, self._name = key.partition(".")
        self._ttl, self._most, self._most_chars = ttl, most, most_chars
        self._secret = cache(secret)
        self._file = file
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._live: WeakValueDictionary[bytes, Known] = WeakValueDictionary()
        self._chars = 0

    async def start(self) -> None:
        """Raises ConfigError when the file cannot be used."""
        if self._file is not None:
            await asyncio.to_thread(self._file.start)

    async def aclose(self) -> None:
        if self._file is not None:
            await asyncio.to_thread(self._file.close)

    def __len__(self) -> int:
        """How many are in memory."""
        return len(self._kept)

    async def vault(self, exchange: Exchange) -> Vault | None:
        """The vault of the exchange's conversation; None when it names none. Raises BadRequest."""
        id = self._id(exchange)
        if id is None:
            return None
        known = self._remembered(id)
        if known is None and self._file is not None:
            file = self._file
            rows = await self._tried(lambda: file.read(id)) or []
            read = Known(ROOM)
            for label, value, own in rows:
                read.add(label, value, own)
            known = self._remembered(id) or read  # another exchange may have been faster
        known = self._live[id] = known or Known(ROOM)
        return Vault(known)

    async def save(self, exchange: Exchange, vault: Vault) -> None:
        """Keep what a vault of `vault` has come to."""
        id = self._id(exchange)
        if id is None:
            return
        now, known = time.time(), vault.known
        kept = self._kept.pop(id, None) or _Kept(known, 0, 0.0)
        self._chars += known.size - kept.size
        kept.known, kept.size, kept.expires = known, known.size, now + self._ttl
        self._kept[id] = kept
        self._bound(now)
        often = min(TOUCH_SECONDS, self._ttl / 4)
        if self._file is None or (kept.changes == known.changes and now - kept.written < often):
            return
        if known.changes:
            file, changes, rows = self._file, known.changes, known.rows()

            def write() -> bool:
                file.write(id, changes, rows, kept.expires)
                return True

            if await self._tried(write):
                kept.changes, kept.written = changes, now

    def _remembered(self, id: bytes) -> Known | None:
        kept = self._kept.get(id)
        if kept is not None and kept.expires <= time.time():
            self._chars -= self._kept.pop(id).size
            kept = None
        return kept.known if kept else self._live.get(id)

    def _bound(self, now: float) -> None:
        """The least recently used leave: first those that have expired, which stand in front."""
        while self._kept:
            first = next(iter(self._kept.values()))
            if first.expires > now + self._ttl:  # the clock was set back: none is kept for longer than that
                for each in self._kept.values():
                    each.expires = min(each.expires, now + self._ttl)
            if first.expires > now and len(self._kept) <= self._most and self._chars <= self._most_chars:
                return
            self._chars -= self._kept.popitem(last=False)[1].size

    def _id(self, exchange: Exchange) -> bytes | None:
        """What stands for caller and conversation: keyed, so that it tells neither."""
        named = self._named(exchange)
        if not named or exchange.caller.id == _ANONYMOUS:
            return None
        who = exchange.caller.id.encode()
        told = b"tidegate conversation\0%d\0%b%b" % (len(who), who, named.encode("utf-8", "surrogatepass"))
        return hmac.digest(self._secret(), told, "sha256")

    def _named(self, exchange: Exchange) -> str:
        if self._source == "header":
            return exchange.headers.get(self._name, "")
        value = metadata(exchange.headers).get(self._name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
            raise BadRequest(f"In {METADATA}, {self._name} must be a string or a number.", param=METADATA)
        return "" if value is None else str(value)

    async def _tried(self, work: Callable[[], T]) -> T | None:
        """What a file that fails costs is that values of earlier turns do not come back."""
        try:
            return await asyncio.to_thread(work)
        except OSError as error:
            _log.error("the file of conversations failed: %s", error)
            return None
