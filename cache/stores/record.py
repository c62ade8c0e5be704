"""What stores share: the signatures of an entry, its size, and changes made by other processes."""

import hashlib
import hmac
import logging
import struct
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias

import numpy as np

from ...engine.ports import Entry, Store, Vector

log = logging.getLogger("tidegate.cache")

Secret: TypeAlias = Callable[[], bytes]
"""Gives the gate's secret; asked when the store starts."""

Unpack: TypeAlias = Callable[[bytes], Vector | None]
"""A vector from its bytes; None when they are none."""

OVERHEAD = 256
"""Bytes an entry costs beside its value and vector: keys, digests, index rows."""

NOTES = 20_000
"""Notes kept beside the entries."""
NOTE_BYTES = 4096
"""A longer one is not kept."""
YEAR = 366 * 86_400.0
"""Seconds. A note from later than that is damaged: no clock is wrong by so much."""


class Unanswered(Exception):
    """The store gave no answer: nothing is known of what it has, or whether something was done."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Entries that were written or given a vector since a cursor."""

    cursor: str
    entries: list[Entry]
    lost: bool = False
    """Some changes were forgotten before they were read: rebuild from `entries()`."""


class SharedStore(Store, Protocol):
    """A store that several processes write to."""

    @property
    def unanswered(self) -> int:
        """Questions that had no answer so far. What was read while it stood still is all that there is."""
        ...

    async def changes(self, since: str | None) -> Changes:
        """What was written since a cursor, this process's own writes included; None asks for the newest cursor."""
        ...

    async def damage(self) -> dict[str, int]:
        """What was found damaged or forged, by any process that uses the store."""
        ...

    async def amend(self, entry: Entry, value: bytes) -> None:
        """Put a value in place of that of an entry that was read, in one step: one that has gone since, or whose place
        another has taken, stays so. Times and vector are left alone. Raises Unanswered unless that is done."""
        ...

    async def erase(self, keys: Sequence[str]) -> None:
        """Delete some hundred entries at most, and whatever has expired. Raises Unanswered unless that is done."""
        ...

    async def note(self, name: str) -> bytes | None:
        """See Store. Raises Unanswered where that does not mean that there is none."""
        ...

    async def set_note(self, name: str, value: bytes) -> None:
        """See Store. Raises Unanswered unless that is done."""
        ...


class SearchingStore(Store, Protocol):
    """A store that finds vectors itself."""

    def expect(self, encoder: str, dim: int) -> None:
        """Read and write an encoder's vectors from now on, and no other's."""
        ...

    async def prepare(self, encoder: str, dim: int) -> None:
        """The same, and be ready to find them. Raises ConfigError when the store cannot search."""
        ...

    async def has(self, partition: str) -> bool:
        """Whether a partition holds any of them."""
        ...

    async def near(self, partition: str, vector: Vector, count: int) -> list[Entry]:
        """The nearest entries of a partition, with their vectors."""
        ...

    def unembedded(self) -> AsyncIterator[list[Entry]]:
        """Entries without a vector of this encoder. Give some theirs, then ask for more: none is named twice."""
        ...


def size(entry: Entry) -> int:
    """Bytes that an entry counts against the bound."""
    return OVERHEAD + len(entry.value) + (0 if entry.vector is None else entry.vector.nbytes)


class Signer:
    """Signs what is kept where others can write: keyed BLAKE2b, 16 bytes (RFC 7693), under a key made of the secret.

    Finds damage, values put under another key, and what was written by somebody who does not know the secret. It does
    not find an older entry put back in place of a newer one before it expires. With no secret it finds damage alone.
    """

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.blake2b(secret, digest_size=32, person=b"tidegate.cache").digest()
        self.prefix = self._sign(b"prefix")[:4].hex() + "."
        """Leads the names of all that is kept, so that gates with different secrets never meet."""

    def name(self, key: str) -> str:
        """The name under which something is kept."""
        return self.prefix + key

    def key(self, name: str) -> str | None:
        """The key of a name; None when it was given by a gate with another secret."""
        return name.removeprefix(self.prefix) if name.startswith(self.prefix) else None

    def entry(self, entry: Entry) -> bytes:
        """Signature of all that a hit depends on."""
        times = struct.pack(">dd", entry.created, entry.expires)
        return self._sign(b"entry", entry.key.encode(), entry.partition.encode(), times, entry.value)

    def amended(self, entry: Entry, value: bytes) -> tuple[str, bytes, bytes]:
        """An entry's name, and its signature before and after it is given a value."""
        return self.name(entry.key), self.entry(entry), self.entry(replace(entry, value=value))

    def vector(self, key: str, partition: str, encoder: str, vector: bytes) -> bytes:
        """The same for the vector, apart, because it arrives later."""
        return self._sign(b"vector", key.encode(), partition.encode(), encoder.encode(), vector)

    def seal(self, name: str, note: bytes) -> bytes:
        """A note led by its signature."""
        return self._sign(b"note", name.encode(), note) + note

    def unseal(self, name: str, sealed: bytes) -> bytes | None:
        """The note, or None when the signature is not ours."""
        note = sealed[16:]
        return note if hmac.compare_digest(sealed, self.seal(name, note)) else None

    def verified(self, entry: Entry, total: bytes, vector: bytes, vector_sum: bytes, read: Unpack) -> Entry | None:
        """The entry with its vector if both signatures hold, without it if only the first does, None if neither."""
        if not hmac.compare_digest(self.entry(entry), total):
            return None
        ours = vector and self.vector(entry.key, entry.partition, entry.encoder, vector)
        if not ours or not hmac.compare_digest(ours, vector_sum):
            return replace(entry, encoder="")
        return replace(entry, vector=read(vector))

    def _sign(self, *fields: bytes) -> bytes:
        state = hashlib.blake2b(key=self._key, digest_size=16)
        for field in fields:
            state.update(len(field).to_bytes(8, "big") + field)
        return state.digest()


def opened(signer: Signer, rows: Iterable[Sequence[Any]]) -> list[tuple[str, bytes, float]]:
    """Notes of ours among rows of name, sealed note and time. Times are not signed: who reads on from the newest would
    hear of none any more after one that is damaged."""
    found: list[tuple[str, bytes, float]] = []
    latest = time.time() + YEAR
    for name, sealed, at in rows:
        if not (isinstance(name, str) and isinstance(sealed, bytes) and isinstance(at, float) and at < latest):
            continue  # damaged
        key = signer.key(name)
        if key is not None and (note := signer.unseal(key, sealed)) is not None:
            found.append((key, note, at))
    return found


class Strangers:
    """Says once that there is something that this gate cannot verify."""

    def __init__(self, place: str) -> None:
        self.seen = 0
        self._place = place

    def met(self) -> None:
        """An entry under another secret, or under none."""
        if not self.seen:
            log.warning(
                "%s also holds answers that were not signed with this gate's secret; they are never used. "
                "Gates share answers only when they have the same `secret`.",
                self._place,
            )
        self.seen += 1


def pack(vector: Vector) -> bytes:
    """A vector as little-endian float32."""
    return np.ascontiguousarray(vector, dtype="<f4").tobytes()


def unpack(raw: bytes) -> Vector | None:
    """The vector, or None when the bytes are none."""
    if not raw or len(raw) % 4:
        return None
    vector = np.frombuffer(raw, dtype="<f4").astype(np.float32)
    return vector if bool(np.isfinite(vector).all()) else None
