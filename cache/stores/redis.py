"""`redis://` entries shared by many nodes, on a plain Redis 7 or Valkey, without modules.

One hash an entry; a stream of changes from which each node keeps its vectors current. The server is not trusted: what
does not carry the signature of a gate with the same secret is a miss; a failure is a miss, a False or Unanswered.
"""

import contextlib
import functools
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeVar

from redis.exceptions import NoPermissionError

from ...engine.ports import Entry, Vector
from . import redis_scripts as scripts
from .record import NOTE_BYTES, NOTES, Changes, Secret, Signer, Strangers, Unanswered, log, opened, pack, size, unpack
from .redis_link import TIMEOUT, RedisLink

T = TypeVar("T")

VALUE_BYTES = 32 * 1024 * 1024
"""A longer entry is not fetched, whoever put it there."""
CHANGES_KEPT = 10_000
_ALLKEYS = (
    "the cache's redis server may evict the cache's own books (maxmemory-policy allkeys-...): answers that it still "
    "has are then neither listed nor purged; a volatile-... policy evicts answers alone"
)
HEAL_SECONDS = 1.0
"""How often foreign values under our own names are looked for, at most."""


class RedisStore:
    """Bounded by entries and bytes over all nodes that share the server."""

    vector_field = "vector"
    """The field of an entry's hash that holds its vector."""

    def __init__(
        self, url: str, max_entries: int, max_bytes: int, secret: Secret = bytes, *, timeout: float = TIMEOUT
    ) -> None:
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self.counts: dict[str, int] = dict.fromkeys(("damaged", "evicted", "healed"), 0)
        self._secret = secret
        self._strangers = Strangers("the cache's redis server")
        self._link = RedisLink(url, timeout)
        self._redis = self._link.redis
        self._healed = 0.0

    @functools.cached_property
    def _signer(self) -> Signer:
        return Signer(self._secret())

    @property
    def available(self) -> bool:
        """Whether the server is being asked at all."""
        return self._link.available

    @property
    def unanswered(self) -> int:
        """See SharedStore."""
        return self._link.unanswered

    def stats(self) -> dict[str, int]:
        more = {"strangers": self._strangers.seen, "available": int(self.available)}
        return {**self.counts, **self._link.counts, **more}

    async def damage(self) -> dict[str, int]:
        """What was found damaged or forged on this server, by any node."""
        found = await self._link.ask(lambda: self._redis.get(scripts.DAMAGED), None)
        return {"damaged_answers": int(found) if found is not None and found.isdigit() else 0}

    async def start(self) -> None:
        """Ask the server once; one that is away is asked again until it is there.

        Raises ConfigError when there is no secret to be had.
        """
        ours = self._signer.prefix.encode()
        await self._link.start()
        names: list[bytes] = []
        names = await self._link.ask(lambda: self._redis.hrandfield(scripts.SIZES, 100), names)
        if any(not name.startswith(ours) for name in names):
            self._strangers.met()
        memory: dict[str, Any] = await self._link.ask(self._memory, {})
        if str(memory.get("maxmemory_policy", "")).startswith("allkeys") and memory.get("maxmemory"):
            log.warning(_ALLKEYS)

    async def _memory(self) -> dict[str, Any]:
        """What the server says of its memory. Access lists often leave `INFO` out: nobody misses an answer then."""
        with contextlib.suppress(NoPermissionError):
            return await self._redis.info("memory")
        return {}

    async def aclose(self) -> None:
        await self._link.aclose()

    async def get(self, key: str) -> Entry | None:
        return await self._fetch(key, _ms(time.time()))

    async def put(self, entry: Entry) -> bool:
        if size(entry) > min(self.max_bytes, VALUE_BYTES):
            return False
        sign, vector = self._signer, b"" if entry.vector is None else self._pack(entry.vector)
        fields: dict[str, Any] = {
            "partition": entry.partition,
            "value": entry.value,
            "created": repr(entry.created),
            "expires": repr(entry.expires),
            "total": sign.entry(entry),
        }
        if vector:
            total = sign.vector(entry.key, entry.partition, entry.encoder, vector)
            fields |= {self.vector_field: vector, "encoder": entry.encoder, "vector_sum": total}
        limits = [self.max_entries, self.max_bytes, CHANGES_KEPT]
        head = [scripts.ENTRY, sign.name(entry.key), _ms(time.time()), size(entry), _ms(entry.expires), *limits]
        values = [*head, *(part for pair in fields.items() for part in pair)]
        evicted = await self._run(scripts.PUT, values, None)
        if evicted is None and await self._heal():
            evicted = await self._run(scripts.PUT, values, None)
        if evicted is None:
            return False
        self.counts["evicted"] += evicted
        return True

    async def set_vector(self, key: str, vector: Vector, encoder: str) -> None:
        raw, name = self._pack(vector), self._signer.name(key)
        partition = await self._link.ask(lambda: self._redis.hget(scripts.ENTRY + name, "partition"), None)
        if partition is None:
            return
        total = self._signer.vector(key, partition.decode("utf-8", "replace"), encoder, raw)
        values = [scripts.ENTRY, name, partition, raw, encoder, total, CHANGES_KEPT, self.vector_field]
        await self._run(scripts.SET_VECTOR, values, None)

    async def amend(self, entry: Entry, value: bytes) -> None:
        values = [scripts.ENTRY, *self._signer.amended(entry, value), value]
        if await self._run(scripts.AMEND, values, None) is None:
            raise Unanswered

    async def delete(self, key: str) -> None:
        await self._run(scripts.DELETE, [scripts.ENTRY, self._signer.name(key)], None)

    async def erase(self, keys: Sequence[str]) -> None:
        """See SharedStore. What has expired the server deletes by itself."""
        for key in keys:
            if await self._run(scripts.DELETE, [scripts.ENTRY, self._signer.name(key)], None) is None:
                raise Unanswered

    async def entries(self) -> AsyncIterator[Entry]:
        cursor = 0
        while True:
            now = _ms(time.time())
            page = await self._link.ask(lambda at=cursor: self._redis.zscan(scripts.EXPIRES, at, count=200), None)
            if page is None:
                return
            cursor, found = page
            for name, expires in found:
                if expires > now and (entry := await self._named(name)) is not None:
                    yield entry
            if not cursor:
                return

    async def changes(self, since: str | None) -> Changes:
        """The stream of changes, 500 at a time. See SharedStore."""
        if since is None:
            newest = await self._link.ask(lambda: self._redis.xrevrange(scripts.CHANGES, count=1), [])
            return Changes(newest[0][0].decode() if newest else "0-0", [])
        news = await self._link.ask(lambda: self._redis.xrange(scripts.CHANGES, min="(" + since, count=500), [])
        if not news:
            return Changes(since, [])
        oldest = await self._link.ask(lambda: self._redis.xrange(scripts.CHANGES, count=1), [])
        lost = since != "0-0" and bool(oldest) and _order(oldest[0][0]) > _order(since.encode())
        names = dict.fromkeys(fields.get(b"key", b"") for _, fields in news)
        entries = [entry for name in names if (entry := await self._named(name)) is not None]
        return Changes(news[-1][0].decode(), entries, lost)

    async def note(self, name: str) -> bytes | None:
        found = await self._link.ask(lambda: self._redis.hmget(scripts.NOTES, [self._signer.name(name)]), None)
        if found is None:
            raise Unanswered
        return None if found[0] is None else self._signer.unseal(name, found[0])

    async def set_note(self, name: str, value: bytes) -> None:
        if len(value) > NOTE_BYTES:
            return
        values = [self._signer.name(name), self._signer.seal(name, value), NOTES]
        if await self._run(scripts.SET_NOTE, values, None) is None:
            raise Unanswered

    async def notes(self, since: float) -> list[tuple[str, bytes, float]]:
        rows: list[tuple[str, bytes, float]] = []
        for start in range(0, NOTES, 500):
            more = {"start": start, "num": 500, "withscores": True}
            page = await self._link.ask(
                lambda more=more: self._redis.zrangebyscore(scripts.NOTED, since, "+inf", **more), []
            )
            names = [name for name, _ in page]
            values = await self._link.ask(lambda of=names: self._redis.hmget(scripts.NOTES, of), []) if names else []
            if len(values) < len(names):
                break  # no answer: who asks on from the newest that was given must not pass by these
            for (name, at), value in zip(page, values, strict=False):
                if value is not None and len(value) <= 2 * NOTE_BYTES:
                    rows.append((name.decode("utf-8", "replace"), value, float(at)))
            if len(page) < 500:
                break
        return opened(self._signer, rows)

    async def _named(self, name: bytes) -> Entry | None:
        """An entry by the name it is kept under, without counting as use."""
        key = self._signer.key(name.decode("utf-8", "replace"))
        if key is None:
            self._strangers.met()
            return None
        return await self._fetch(key, "")

    async def _fetch(self, key: str, now: int | str) -> Entry | None:
        values = [scripts.ENTRY, self._signer.name(key), now, VALUE_BYTES, *scripts.FIELDS, self.vector_field]
        found = await self._run(scripts.GET, values, [])
        if not found or found[0] is None:
            return None
        partition, value, created, expires, total, encoder, vector_sum, vector = found
        try:
            bare = Entry(
                *(key, partition.decode(), value, float(created), float(expires)), encoder=(encoder or b"").decode()
            )
            entry = self._signer.verified(bare, total, vector or b"", vector_sum or b"", self._unpack)
        except (AttributeError, TypeError, ValueError):
            entry = None
        if entry is None:
            self.counts["damaged"] += 1
            await self._run(scripts.DELETE_DAMAGED, [scripts.ENTRY, self._signer.name(key)], None)
            return None
        return entry if entry.expires > time.time() else None

    def _pack(self, vector: Vector) -> bytes:
        return pack(vector)

    def _unpack(self, raw: bytes) -> Vector | None:
        return unpack(raw)

    async def _run(self, script: str, values: list[Any], otherwise: T) -> T | Any:
        return await self._link.run(script, scripts.BOOKS, values, otherwise)

    async def _heal(self) -> bool:
        """Whether something foreign lay under our own names, and was removed."""
        if not self.available or time.monotonic() - self._healed < HEAL_SECONDS:
            return False
        self._healed = time.monotonic()
        done = await self._run(scripts.HEAL, [], 0)
        self.counts["healed"] += bool(done)
        return bool(done)


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


def _order(name: bytes) -> tuple[int, int]:
    """A stream id as numbers, for comparing."""
    ms, _, count = name.partition(b"-")
    return int(ms), int(count or 0)
