"""Where entries are kept: `memory:`, `sqlite:PATH`, `redis://host`."""

from pathlib import Path

from ...engine.errors import ConfigError
from ...engine.ports import Store
from .memory import MemoryStore

KINDS = "memory: | sqlite:PATH | redis://HOST[:PORT][/DB] | rediss://..."


def open_store(url: str, max_entries: int = 100_000, max_bytes: int = 1 << 30) -> Store:
    """The store that `url` names, not started yet. Raises ConfigError on one that names none.

    The bounds hold for the whole store: for all processes on one file, for all nodes on one server.
    """
    if max_entries < 1 or max_bytes < 1:
        raise ConfigError("a store needs room for at least one entry", hint="raise max_entries and max_bytes")
    if url in ("memory:", "memory"):
        return MemoryStore(max_entries, max_bytes)
    if url.startswith("sqlite:"):
        path = url.removeprefix("sqlite:")
        if not path or path.startswith("//") or path == ":memory:":
            raise ConfigError("the sqlite store names no file", hint="write sqlite:.tidegate/cache.db, or memory:")
        from .sqlite import SqliteStore

        return SqliteStore(Path(path), max_entries, max_bytes)
    if url.startswith(("redis://", "rediss://")):
        from .redis import RedisStore

        return RedisStore(url, max_entries, max_bytes)
    # The address may hold a password: name the scheme alone.
    raise ConfigError(f"unknown cache store {url.partition(':')[0]!r}", hint=f"one of {KINDS}")
