"""`memory:` entries live as long as the process."""

import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import replace

from ...engine.ports import Entry, Vector
from .record import NOTE_BYTES, NOTES, size


class MemoryStore:
    """Least recently used entries leave first, bounded by entries and bytes."""

    def __init__(self, max_entries: int, max_bytes: int) -> None:
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self.bytes = 0
        self.evicted = 0
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._notes: OrderedDict[str, tuple[bytes, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def stats(self) -> dict[str, int]:
        return {"entries": len(self._entries), "bytes": self.bytes, "evicted": self.evicted}

    async def get(self, key: str) -> Entry | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.expires <= time.time():
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return entry

    async def put(self, entry: Entry) -> bool:
        if size(entry) > self.max_bytes or self.max_entries < 1:
            return False
        self._drop(entry.key)
        self._entries[entry.key] = entry
        self.bytes += size(entry)
        self._evict()
        return True

    async def set_vector(self, key: str, vector: Vector, encoder: str) -> None:
        entry = self._entries.get(key)
        if entry is None:
            return
        changed = replace(entry, vector=vector, encoder=encoder)
        self.bytes += size(changed) - size(entry)
        self._entries[key] = changed
        self._evict()

    async def delete(self, key: str) -> None:
        self._drop(key)

    async def entries(self) -> AsyncIterator[Entry]:
        now = time.time()
        for entry in list(self._entries.values()):
            if entry.expires > now:
                yield entry

    async def note(self, name: str) -> bytes | None:
        found = self._notes.get(name)
        return found[0] if found else None

    async def set_note(self, name: str, value: bytes) -> None:
        if len(value) > NOTE_BYTES:
            return
        self._notes[name] = (value, time.time())
        self._notes.move_to_end(name)
        if len(self._notes) > NOTES:
            self._notes.popitem(last=False)

    async def notes(self, since: float) -> list[tuple[str, bytes, float]]:
        return [(name, value, at) for name, (value, at) in self._notes.items() if at >= since]

    async def start(self) -> None:
        pass

    async def aclose(self) -> None:
        self._entries.clear()
        self._notes.clear()
        self.bytes = 0

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.bytes -= size(entry)

    def _evict(self) -> None:
        while len(self._entries) > self.max_entries or self.bytes > self.max_bytes:
            _, entry = self._entries.popitem(last=False)
            self.bytes -= size(entry)
            self.evicted += 1
