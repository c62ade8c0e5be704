"""What was observed outlives the process: written behind beside the entries, joined with what other processes saw."""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from typing import Protocol

import msgspec

from ..engine.ports import Store
from .stores.record import Unanswered

log = logging.getLogger("tidegate.cache")

SECONDS = 1.0
"""How long an observation may wait to be written; a killed process loses as much."""
AT_ONCE = 200
"""Notes written in one round."""
WAITING = 20_000
"""Notes that may wait; what changes beyond them is written when it changes again."""


class Book(Protocol):
    """Whose state the notes are."""

    def absorb(self, name: str, payload: bytes) -> None:
        """Join with what the store has; empty when it was written that there is nothing."""
        ...

    def dump(self, name: str) -> bytes:
        """What the store is to have; empty to have nothing."""
        ...


class Journal:
    """Notes by name; the first letter says whose they are."""

    def __init__(self, store: Store, books: Mapping[str, Book], *, shared: bool) -> None:
        """`shared`: other processes write to the store too, and are listened to."""
        self._store = store
        self._books = books
        self._shared = shared
        self._waiting: dict[str, None] = {}
        self._since = 0.0
        self.failures = 0

    def touched(self, name: str) -> None:
        """Something changed under this name."""
        if len(self._waiting) < WAITING:
            self._waiting[name] = None

    async def run(self) -> None:
        """Read everything, then write and listen, until cancelled."""
        await self.listen()
        while True:
            await asyncio.sleep(SECONDS)
            await self.flush()
            if self._shared:
                await self.listen()

    async def flush(self) -> bool:
        """Write what waits, AT_ONCE notes at most. False when the store does not answer: what is left waits on."""
        names = list(self._waiting)[:AT_ONCE]
        for name in names:
            del self._waiting[name]
            book = self._books[name[0]]
            try:
                # Links and pairs are replaced, counts are joined. A note that was lost is written anew, whole.
                if name[0] not in "lp" and (kept := await self._store.note(name)) is not None:
                    self._absorb(name, kept)
                await self._store.set_note(name, seal(name, book.dump(name)))
            except asyncio.CancelledError:
                self._waiting[name] = None
                raise
            except Unanswered:
                self._waiting[name] = None
                self.failures += 1
                return False
            except Exception as error:
                self._failed(error)
        return True

    async def close(self) -> None:
        """Write what is left, within a second."""
        try:
            async with asyncio.timeout(1.0):
                while self._waiting and await self.flush():
                    pass
        except TimeoutError:
            self.failures += 1

    async def listen(self) -> None:
        """Take in the notes that changed since the last time."""
        try:
            for name, value, at in await self._store.notes(self._since):
                self._since = max(self._since, at)
                if name not in self._waiting:  # those are joined when they are written
                    self._absorb(name, value)
                await asyncio.sleep(0)
        except Exception as error:
            self._failed(error)

    def _absorb(self, name: str, value: bytes) -> None:
        book, payload = self._books.get(name[:1]), unseal(name, value)
        if book is None or payload is None:
            return
        try:
            book.absorb(name, payload)
        except (msgspec.DecodeError, UnicodeDecodeError, TypeError):
            self.failures += 1

    def _failed(self, error: Exception) -> None:
        self.failures += 1
        log.warning("observations of the cache could not be kept: %s", type(error).__name__)


def seal(name: str, payload: bytes) -> bytes:
    """The payload behind a checksum over it and its name: a damaged note is no note."""
    return _sum(name, payload) + payload


def unseal(name: str, value: bytes) -> bytes | None:
    """The payload, or None when it is damaged or stands under another name."""
    return value[16:] if len(value) >= 16 and value[:16] == _sum(name, value[16:]) else None


def _sum(name: str, payload: bytes) -> bytes:
    return hashlib.blake2b(name.encode() + b"\0" + payload, digest_size=16).digest()
