"""What stores share: the checksums of an entry, its size, and changes made by other processes."""

import hashlib
import struct
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ...engine.ports import Entry, Store, Vector

OVERHEAD = 256
"""Bytes an entry costs beside its value and vector: keys, digests, index rows."""

NOTES = 20_000
"""Notes kept beside the entries."""
NOTE_BYTES = 4096
"""A longer one is not kept."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Entries that were written or given a vector since a cursor."""

    cursor: str
    entries: list[Entry]
    lost: bool = False
    """Some changes were forgotten before they were read: rebuild from `entries()`."""


class SharedStore(Store, Protocol):
    """A store that several processes write to."""

    async def changes(self, since: str | None) -> Changes:
        """What was written since a cursor, this process's own writes included; None asks for the newest cursor."""
        ...


def size(entry: Entry) -> int:
    """Bytes that an entry counts against the bound."""
    return OVERHEAD + len(entry.value) + (0 if entry.vector is None else entry.vector.nbytes)


def checksum(entry: Entry) -> bytes:
    """BLAKE2b, 16 bytes, over all that a hit depends on. Finds damage, and values put under another key."""
    times = struct.pack(">dd", entry.created, entry.expires)
    return _sum(entry.key.encode(), entry.partition.encode(), times, entry.value)


def vector_checksum(key: str, partition: str, encoder: str, vector: bytes) -> bytes:
    """The same for the vector, apart, because it arrives later."""
    return _sum(key.encode(), partition.encode(), encoder.encode(), vector)


def _sum(*fields: bytes) -> bytes:
    state = hashlib.blake2b(digest_size=16)
    for field in fields:
        state.update(len(field).to_bytes(8, "big") + field)
    return state.digest()


def pack(vector: Vector) -> bytes:
    """A vector as little-endian float32."""
    return np.ascontiguousarray(vector, dtype="<f4").tobytes()


def unpack(raw: bytes) -> Vector | None:
    """The vector, or None when the bytes are none."""
    if not raw or len(raw) % 4:
        return None
    vector = np.frombuffer(raw, dtype="<f4").astype(np.float32)
    return vector if bool(np.isfinite(vector).all()) else None


def verified(entry: Entry, total: bytes, vector: bytes, encoder: str, vector_sum: bytes) -> Entry | None:
    """The entry with its vector if both checksums hold, without it if only the first does, None if neither."""
    if checksum(entry) != total:
        return None
    if not vector or vector_checksum(entry.key, entry.partition, encoder, vector) != vector_sum:
        return entry
    return Entry(
        entry.key, entry.partition, entry.value, entry.created, entry.expires, vector=unpack(vector), encoder=encoder
    )
