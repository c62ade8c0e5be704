"""Where entries are kept: `memory:`, `sqlite:PATH`, `redis://host`."""

from pathlib import Path

from ...engine.errors import ConfigError
from ...engine.ports import Store
from .memory import MemoryStore
from .record import Secret

KINDS = "memory: | sqlite:PATH | redis://HOST[:PORT][/DB][?recall=server] | rediss://..."


def open_store(url: str, max_entries: int = 100_000, max_bytes: int = 1 << 30, secret: Secret = bytes) -> Store:
    """The store that `url` names, not started yet. Raises ConfigError on one that names none.

    The bounds hold for the whole store: for all processes on one file, for all nodes on one server. What others could
    write to is signed with `secret`; with an empty one damage is found, and forgery is not.
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

        return SqliteStore(Path(path), max_entries, max_bytes, secret)
    if url.startswith(("redis://", "rediss://")):
        return _open_redis(url, max_entries, max_bytes, secret)
    # The address may hold a password: name the scheme alone.
    raise ConfigError(f"unknown cache store {url.partition(':')[0]!r}", hint=f"one of {KINDS}")


def _open_redis(url: str, max_entries: int, max_bytes: int, secret: Secret) -> Store:
    """`?recall=server` is ours, every other parameter the client's."""
    bare, _, query = url.partition("?")
    parameters = [part for part in query.split("&") if part]
    recall = [part.partition("=")[2] for part in parameters if part.partition("=")[0] == "recall"]
    if recall not in ([], ["server"]):
        raise ConfigError("recall says that the server searches vectors", hint="?recall=server, or leave it out")
    rest = "&".join(part for part in parameters if part.partition("=")[0] != "recall")
    address = f"{bare}?{rest}" if rest else bare
    if recall == ["server"]:
        from .redis_search import RedisSearchStore

        return RedisSearchStore(address, max_entries, max_bytes, secret)
    from .redis import RedisStore

    return RedisStore(address, max_entries, max_bytes, secret)
