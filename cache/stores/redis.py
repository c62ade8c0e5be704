"""`redis://` entries shared by many nodes, on a plain Redis 7 or Valkey, without modules.

One hash an entry, with its own expiry; sorted sets for the order of use and of expiry; a stream of changes from which
each node keeps its vectors current. Writes and evictions are one script each, so they are whole or not at all.
Every failure is a miss. After two in a row the server is left alone and asked again in the background, so that a dead
one costs a request nothing.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from ...engine.errors import ConfigError
from ...engine.ports import Entry, Vector
from .record import NOTE_BYTES, NOTES, Changes, checksum, pack, size, vector_checksum, verified

log = logging.getLogger("tidegate.cache")
T = TypeVar("T")

TIMEOUT = 0.25
"""Seconds for any one answer of the server."""
FAILURES = 2
"""Failures in a row after which the server is left alone."""
PROBE_SECONDS = 1.0
VALUE_BYTES = 32 * 1024 * 1024
"""A longer value is not fetched, whoever put it there."""
CHANGES_KEPT = 10_000

# All keys carry one hash tag, so that a cluster keeps them on one node and the scripts may name them.
_ROOT = "{tidegate}:cache:"
_ENTRY, _USED, _EXPIRES, _SIZES, _BYTES, _CHANGES = (
    _ROOT + n for n in ("e:", "used", "expires", "sizes", "bytes", "changes")
)
_FIELDS = ("partition", "value", "created", "expires", "total", "vector", "encoder", "vector_sum")

_DROP = """
local function drop(key)
  local size = redis.call('HGET', KEYS[3], key)
  if size then redis.call('INCRBY', KEYS[4], -tonumber(size)) redis.call('HDEL', KEYS[3], key) end
  redis.call('ZREM', KEYS[1], key) redis.call('ZREM', KEYS[2], key)
  redis.call('UNLINK', ARGV[1] .. key)
end
"""
_PUT = (
    _DROP
    + """
local key, now, size, expires = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
drop(key)
for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 100)) do drop(old) end
redis.call('HSET', ARGV[1] .. key, unpack(ARGV, 9))
redis.call('PEXPIREAT', ARGV[1] .. key, expires)
redis.call('ZADD', KEYS[1], now, key) redis.call('ZADD', KEYS[2], expires, key)
redis.call('HSET', KEYS[3], key, size)
local bytes = redis.call('INCRBY', KEYS[4], size)
local evicted = 0
while (redis.call('ZCARD', KEYS[1]) > tonumber(ARGV[6]) or bytes > tonumber(ARGV[7])) and evicted < 1000 do
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
  if not oldest then redis.call('SET', KEYS[4], 0) break end
  drop(oldest)
  bytes = tonumber(redis.call('GET', KEYS[4]))
  evicted = evicted + 1
end
redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[8], '*', 'key', key)
return evicted
"""
)
_GET = """
local at = ARGV[1] .. ARGV[2]
if redis.call('HSTRLEN', at, 'value') > tonumber(ARGV[4]) then return {} end
if redis.call('HSTRLEN', at, 'vector') > 65536 then return {} end
local found = redis.call('HMGET', at, unpack(ARGV, 5))
if found[1] then redis.call('ZADD', KEYS[1], 'XX', ARGV[3], ARGV[2]) end
return found
"""
_SET_VECTOR = """
local at = ARGV[1] .. ARGV[2]
if redis.call('HGET', at, 'partition') ~= ARGV[3] then return 0 end
local grown = #ARGV[4] - redis.call('HSTRLEN', at, 'vector')
redis.call('HSET', at, 'vector', ARGV[4], 'encoder', ARGV[5], 'vector_sum', ARGV[6])
redis.call('HINCRBY', KEYS[3], ARGV[2], grown) redis.call('INCRBY', KEYS[4], grown)
redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[7], '*', 'key', ARGV[2])
return 1
"""
_DELETE = _DROP + "drop(ARGV[2]) return 1"
_NOTES_KEPT, _NOTED = _ROOT + "notes", _ROOT + "noted"
_SET_NOTE = """
local t = redis.call('TIME')
redis.call('HSET', KEYS[6], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[7], t[1] + t[2] / 1000000, ARGV[1])
local over = math.min(redis.call('ZCARD', KEYS[7]) - tonumber(ARGV[3]), 100)
if over > 0 then
  for _, old in ipairs(redis.call('ZRANGE', KEYS[7], 0, over - 1)) do
    redis.call('HDEL', KEYS[6], old) redis.call('ZREM', KEYS[7], old)
  end
end
return 1
"""
_KEYS = [_USED, _EXPIRES, _SIZES, _BYTES, _CHANGES, _NOTES_KEPT, _NOTED]


class RedisStore:
    """Bounded by entries and bytes over all nodes that share the server."""

    def __init__(self, url: str, max_entries: int, max_bytes: int, timeout: float = TIMEOUT) -> None:
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self.counts: dict[str, int] = dict.fromkeys(("damaged", "failures", "skipped", "evicted", "opened"), 0)
        try:
            pool = BlockingConnectionPool.from_url(  # pyright: ignore[reportUnknownVariableType]
                url,
                max_connections=32,
                timeout=timeout,
                socket_timeout=timeout,
                socket_connect_timeout=timeout,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError:
            raise ConfigError("the redis store's address cannot be read", hint="redis://HOST:6379/0") from None
        self._redis = cast("Any", Redis(connection_pool=cast("Any", pool)))
        self._scripts: dict[str, Any] = {
            text: self._redis.register_script(text) for text in (_PUT, _GET, _SET_VECTOR, _DELETE, _SET_NOTE)
        }
        self._failed_in_a_row = 0
        self._probe: asyncio.Task[None] | None = None

    @property
    def available(self) -> bool:
        """Whether the server is being asked at all."""
        return self._probe is None

    def stats(self) -> dict[str, int]:
        return {**self.counts, "available": int(self.available)}

    async def start(self) -> None:
        """Ask the server once. Does not raise: one that is away is asked again until it is there."""
        await self._ask(self._redis.ping, None)
        if self._failed_in_a_row:
            self._leave_alone()

    async def aclose(self) -> None:
        if self._probe is not None:
            self._probe.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._probe
        with contextlib.suppress(RedisError, OSError):
            await self._redis.aclose()

    async def get(self, key: str) -> Entry | None:
        values = [_ENTRY, key, _ms(time.time()), VALUE_BYTES, *_FIELDS]
        return await self._entry(key, await self._run(_GET, values, []))

    async def put(self, entry: Entry) -> bool:
        if size(entry) > min(self.max_bytes, VALUE_BYTES):
            return False
        vector = b"" if entry.vector is None else pack(entry.vector)
        fields: dict[str, Any] = {
            "partition": entry.partition,
            "value": entry.value,
            "created": repr(entry.created),
            "expires": repr(entry.expires),
            "total": checksum(entry),
        }
        if vector:
            total = vector_checksum(entry.key, entry.partition, entry.encoder, vector)
            fields |= {"vector": vector, "encoder": entry.encoder, "vector_sum": total}
        limits = [self.max_entries, self.max_bytes, CHANGES_KEPT]
        head = [_ENTRY, entry.key, _ms(time.time()), size(entry), _ms(entry.expires), *limits]
        evicted = await self._run(_PUT, [*head, *(part for pair in fields.items() for part in pair)], None)
        if evicted is None:
            return False
        self.counts["evicted"] += evicted
        return True

    async def set_vector(self, key: str, vector: Vector, encoder: str) -> None:
        raw = pack(vector)
        partition = await self._ask(lambda: self._redis.hget(_ENTRY + key, "partition"), None)
        if partition is None:
            return
        total = vector_checksum(key, partition.decode("utf-8", "replace"), encoder, raw)
        await self._run(_SET_VECTOR, [_ENTRY, key, partition, raw, encoder, total, CHANGES_KEPT], None)

    async def delete(self, key: str) -> None:
        await self._run(_DELETE, [_ENTRY, key], None)

    async def entries(self) -> AsyncIterator[Entry]:
        cursor = 0
        while True:
            now = _ms(time.time())
            page = await self._ask(lambda at=cursor: self._redis.zscan(_EXPIRES, at, count=200), None)
            if page is None:
                return
            cursor, found = page
            for name, expires in found:
                if expires > now and (entry := await self._peek(name.decode("utf-8", "replace"))) is not None:
                    yield entry
            if not cursor:
                return

    async def changes(self, since: str | None) -> Changes:
        """The stream of changes, 500 at a time. See SharedStore."""
        if since is None:
            newest = await self._ask(lambda: self._redis.xrevrange(_CHANGES, count=1), [])
            return Changes(newest[0][0].decode() if newest else "0-0", [])
        news = await self._ask(lambda: self._redis.xrange(_CHANGES, min="(" + since, count=500), [])
        if not news:
            return Changes(since, [])
        oldest = await self._ask(lambda: self._redis.xrange(_CHANGES, count=1), [])
        lost = since != "0-0" and bool(oldest) and _order(oldest[0][0]) > _order(since.encode())
        keys = dict.fromkeys(fields.get(b"key", b"").decode("utf-8", "replace") for _, fields in news)
        entries = [entry for key in keys if (entry := await self._peek(key)) is not None]
        return Changes(news[-1][0].decode(), entries, lost)

    async def note(self, name: str) -> bytes | None:
        return await self._ask(lambda: self._redis.hget(_NOTES_KEPT, name), None)

    async def set_note(self, name: str, value: bytes) -> None:
        if len(value) <= NOTE_BYTES:
            await self._run(_SET_NOTE, [name, value, NOTES], None)

    async def notes(self, since: float) -> list[tuple[str, bytes, float]]:
        found: list[tuple[str, bytes, float]] = []
        for start in range(0, NOTES, 500):
            bounds = {"start": start, "num": 500, "withscores": True}
            page = await self._ask(lambda more=bounds: self._redis.zrangebyscore(_NOTED, since, "+inf", **more), [])
            names = [name for name, _ in page]
            values = await self._ask(lambda asked=names: self._redis.hmget(_NOTES_KEPT, asked), []) if names else []
            for (name, at), value in zip(page, values, strict=False):
                if value is not None and len(value) <= NOTE_BYTES:
                    found.append((name.decode("utf-8", "replace"), value, float(at)))
            if len(page) < 500:
                break
        return found

    async def _peek(self, key: str) -> Entry | None:
        """An entry, without counting as use."""
        return await self._entry(key, await self._ask(lambda: self._redis.hmget(_ENTRY + key, _FIELDS), []))

    async def _entry(self, key: str, found: list[Any]) -> Entry | None:
        if not found or found[0] is None:
            return None
        partition, value, created, expires, total, vector, encoder, vector_sum = found
        try:
            bare = Entry(key, partition.decode(), value, float(created), float(expires))
            entry = verified(bare, total, vector or b"", (encoder or b"").decode(), vector_sum or b"")
        except (AttributeError, TypeError, ValueError):
            entry = None
        if entry is None:
            self.counts["damaged"] += 1
            await self.delete(key)
            return None
        return entry if entry.expires > time.time() else None

    async def _run(self, script: str, values: list[Any], otherwise: T) -> T | Any:
        return await self._ask(lambda: self._scripts[script](keys=_KEYS, args=values), otherwise)

    async def _ask(self, question: Callable[[], Awaitable[Any]], otherwise: T) -> T | Any:
        """The server's answer, or `otherwise` when it has none in time."""
        if self._probe is not None:
            self.counts["skipped"] += 1
            return otherwise
        try:
            async with asyncio.timeout(TIMEOUT * 2):
                answer = await question()
        except ResponseError:  # it lives, but something foreign lies under our key
            self.counts["failures"] += 1
            return otherwise
        except (RedisError, OSError, TimeoutError, ValueError):
            self.counts["failures"] += 1
            self._failed_in_a_row += 1
            if self._failed_in_a_row >= FAILURES:
                self._leave_alone()
            return otherwise
        self._failed_in_a_row = 0
        return answer

    def _leave_alone(self) -> None:
        if self._probe is None:
            self.counts["opened"] += 1
            log.warning("the cache's redis server does not answer; going on without it")
            self._probe = asyncio.get_running_loop().create_task(self._ask_again())

    async def _ask_again(self) -> None:
        """Until it answers, once in PROBE_SECONDS."""
        while True:
            await asyncio.sleep(PROBE_SECONDS)
            with contextlib.suppress(RedisError, OSError, TimeoutError, ValueError):
                async with asyncio.timeout(TIMEOUT * 2):
                    await self._redis.ping()
                break
        self._probe, self._failed_in_a_row = None, 0
        log.warning("the cache's redis server answers again")


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


def _order(name: bytes) -> tuple[int, int]:
    """A stream id as numbers, for comparing."""
    ms, _, count = name.partition(b"-")
    return int(ms), int(count or 0)
