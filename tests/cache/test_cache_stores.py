"""Every store keeps the same promises; the files and servers are real."""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from tidegate.benchmarks.servers import Server
from tidegate.cache.stores import open_store
from tidegate.cache.stores import redis_scripts as scripts
from tidegate.cache.stores.memory import MemoryStore
from tidegate.cache.stores.record import SharedStore, Unanswered
from tidegate.cache.stores.redis import RedisStore
from tidegate.cache.stores.sqlite import SqliteStore
from tidegate.engine.errors import ConfigError
from tidegate.engine.ports import Store
from tidegate.tests.cache.storing import entry, vector

KIND: Any = os.environ.get("TIDEGATE_TEST_REDIS", "valkey")
"""Which server the tests run against: valkey, redis or stack."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("redis"), KIND)
    yield running
    running.kill()


@pytest.fixture(params=["memory", "sqlite", "redis"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, server: Server) -> AsyncIterator[Store]:
    url = {"memory": "memory:", "sqlite": f"sqlite:{tmp_path}/cache.db", "redis": server.url}[request.param]
    opened = open_store(url, max_entries=20, max_bytes=100_000)
    await opened.start()
    if isinstance(opened, RedisStore):
        await opened._redis.flushall()
    yield opened
    await opened.aclose()


async def test_what_was_put_is_there(store: Store) -> None:
    given = entry("a", b"\x00\xff" * 100)
    assert await store.put(given)
    found = await store.get("a")
    assert found == given
    assert await store.get("b") is None


async def test_what_was_deleted_is_gone(store: Store) -> None:
    await store.put(entry("a"))
    await store.delete("a")
    await asyncio.sleep(0.05)
    assert await store.get("a") is None


async def test_an_entry_is_never_served_after_its_time(store: Store) -> None:
    await store.put(entry("a", seconds=0.1))
    await asyncio.sleep(0.15)
    assert await store.get("a") is None
    assert [found async for found in store.entries()] == []


async def test_what_has_expired_leaves_the_file_of_a_gate_with_nothing_to_do(tmp_path: Path) -> None:
    opened = open_store(f"sqlite:{tmp_path}/cache.db", 100, 1 << 20)
    await opened.start()
    try:
        for name in ("a", "b"):
            await opened.put(entry(name, seconds=0.05))
        await opened.put(entry("c"))
        link, left = sqlite3.connect(tmp_path / "cache.db"), list[tuple[str]]()
        for _ in range(100):
            await asyncio.sleep(0.05)
            left = link.execute("SELECT key FROM entries").fetchall()
            if len(left) == 1:
                break
        link.close()
        assert [name.rpartition(".")[2] for (name,) in left] == ["c"]
        assert cast("SqliteStore", opened).stats()["evicted"] == 0
    finally:
        await opened.aclose()


async def test_a_later_put_replaces_the_earlier(store: Store) -> None:
    await store.put(entry("a", b"1"))
    await store.put(entry("a", b"2"))
    found = await store.get("a")
    assert found is not None and found.value == b"2"
    assert len([one async for one in store.entries()]) == 1


async def test_what_is_noted_of_an_entry_does_not_bring_it_back_nor_costs_its_vector(store: Store) -> None:
    if isinstance(store, MemoryStore):
        pytest.skip("nothing comes between, in one process")
    shared = cast("SharedStore", store)
    read, v = entry("a"), vector()
    await store.put(read)
    await store.set_vector("a", v, "e@1")
    await shared.amend(read, b"value, and more")
    found = await store.get("a")
    assert found is not None and (found.value, found.expires) == (b"value, and more", read.expires)
    assert found.vector is not None and found.encoder == "e@1"
    newer = entry("a", b"newer")
    await store.put(newer)
    await shared.amend(read, b"older")
    assert (await store.get("a")) == newer
    await shared.erase(["a"])
    await shared.amend(newer, b"back")
    assert await store.get("a") is None


async def test_a_vector_comes_back_as_it_was_given(store: Store) -> None:
    await store.put(entry("a"))
    await store.set_vector("a", vector(), "encoder@1")
    await store.set_vector("nobody", vector(), "encoder@1")
    await asyncio.sleep(0.05)
    found = await store.get("a")
    assert found is not None and found.vector is not None
    assert np.array_equal(found.vector, vector()) and found.encoder == "encoder@1"


async def test_entries_stay_under_their_number(store: Store) -> None:
    for n in range(50):
        assert await store.put(entry(f"k{n}"))
    left = [found.key async for found in store.entries()]
    assert 1 <= len(left) <= 20
    assert "k49" in left


async def test_entries_stay_under_their_bytes(store: Store) -> None:
    for n in range(12):
        await store.put(entry(f"k{n}", os.urandom(20_000)))
    left = [found async for found in store.entries()]
    assert 1 <= len(left) <= 5
    assert not await store.put(entry("huge", bytes(200_000)))


async def test_the_least_recently_used_leaves_first(tmp_path: Path) -> None:
    store = MemoryStore(3, 1 << 20)
    for name in "abc":
        await store.put(entry(name))
    await store.get("a")
    await store.put(entry("d"))
    assert await store.get("a") is not None and await store.get("b") is None


NOWHERE = ["", "memory:x", "mysql://h", "sqlite:", "sqlite:///x", "redis://:secret@h:notaport", "redis://h:6379/secret"]


@pytest.mark.parametrize("url", [*NOWHERE, "redis://h/0/1", "redis://h/-1", "rediss://h/2x?recall=server"])
def test_an_address_that_names_no_store_is_a_config_error_without_the_password(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("place", ["", "/", "/0", "/15", "/15?recall=server", "?db=3"])
def test_an_address_of_redis_may_name_a_database_by_its_number(place: str) -> None:
    assert isinstance(open_store("redis://127.0.0.1:6379" + place), RedisStore)


# redis


async def test_nodes_follow_each_other_through_the_stream(server: Server) -> None:
    one, two = RedisStore(server.url, 100, 1 << 20), RedisStore(server.url, 100, 1 << 20)
    await one.start()
    await one._redis.flushall()
    await one.put(entry("a"))
    cursor = (await two.changes(None)).cursor
    await one.put(entry("b"))
    await one.set_vector("b", vector(), "e")
    changes = await two.changes(cursor)
    assert [(found.key, found.encoder) for found in changes.entries] == [("b", "e")]
    assert not changes.lost and (await two.changes(changes.cursor)).entries == []
    await one._redis.xtrim("{tidegate}:cache:changes", maxlen=0, approximate=False)
    await one.put(entry("c"))
    assert (await two.changes(changes.cursor)).lost
    await one.aclose()
    await two.aclose()


async def test_hostile_values_are_misses(server: Server) -> None:
    store = RedisStore(server.url, 100, 1 << 20)
    await store._redis.flushall()
    await store.put(entry("a", b"right"))
    await store.put(entry("b", b"other"))
    at = "{tidegate}:cache:e:" + store._signer.prefix
    await store._redis.hset(at + "a", "value", b"wrong")
    assert await store.get("a") is None
    await store._redis.hset(at + "c", mapping=await store._redis.hgetall(at + "b"))  # under another key
    assert await store.get("c") is None
    await store._redis.hset(at + "d", mapping={"partition": b"\xff", "value": b"", "created": b"x", "expires": b"y"})
    assert await store.get("d") is None
    await store._redis.set(at + "e", "a string where a hash belongs")
    assert await store.get("e") is None
    assert await store.get("b") is not None and store.available
    assert store.counts["damaged"] == 3
    await store.aclose()


async def test_a_dead_server_is_left_alone_and_found_again(tmp_path: Path) -> None:
    server = Server(tmp_path, KIND)
    store = RedisStore(server.url, 100, 1 << 20)
    await store.start()
    assert await store.put(entry("a"))
    server.kill()
    assert await store.get("a") is None and await store.get("a") is None
    assert not store.available
    asked = store.stats()["failures"]
    assert [await store.put(entry("b")) for _ in range(100)] == [False] * 100
    assert store.stats()["failures"] == asked and store.stats()["skipped"] >= 100
    server.start()
    for _ in range(200):
        if store.available:
            break
        await asyncio.sleep(0.05)
    assert await store.put(entry("c")) and await store.get("c") is not None
    server.kill()
    await store.aclose()


async def test_a_server_that_came_back_is_asked_over_connections_that_live(tmp_path: Path) -> None:
    server = Server(tmp_path, KIND)
    store = RedisStore(server.url, 100, 1 << 20)
    await store.start()
    try:
        link = store._link
        await asyncio.gather(*(link.redis.ping() for _ in range(12)))  # as many connections
        server.kill()
        await asyncio.gather(*(store.get("a") for _ in range(2)))
        assert not link.available
        server.start()
        for _ in range(500):
            if link.available:
                break
            await asyncio.sleep(0.02)
        failures = link.counts["failures"]
        await asyncio.gather(*(store.get("a") for _ in range(8)))
        assert link.counts["failures"] == failures
        assert link.available
    finally:
        await store.aclose()
        server.kill()


@pytest.mark.parametrize(
    "refusing", [["CONFIG", "SET", "maxmemory", "1"], ["CONFIG", "SET", "min-replicas-to-write", "1"], ["REPLICAOF"]]
)
async def test_a_server_that_takes_no_writes_is_read_all_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, refusing: list[str]
) -> None:
    server = Server(tmp_path, KIND)
    store = RedisStore(server.url, 100, 1 << 20)
    await store.start()
    assert await store.put(entry("a"))
    await store._redis.execute_command(*refusing, *(["127.0.0.1", "1"] if refusing == ["REPLICAOF"] else []))
    assert await store.get("a") is not None and store.unanswered == 0
    with pytest.raises(Unanswered):  # the first command that only grows
        await store.set_note("n", b"v")
    assert store.unanswered == 1 and store.available and await store.get("a") is not None
    for _ in range(3):
        with contextlib.suppress(Unanswered):
            await store.set_note("n", b"v")
    assert ["refuses commands" in record.message for record in caplog.records] == [True]
    assert store.counts["healed"] == 0
    server.kill()
    await store.aclose()


async def test_a_server_that_may_evict_the_books_is_told_of_and_thinks_of_them_last(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = Server(tmp_path, KIND)
    store = RedisStore(server.url, 1000, 1 << 20)
    await store.start()
    assert "books" not in caplog.text and await store.put(entry("a"))
    await asyncio.sleep(2.1)
    assert await store.get("a") is not None
    books = [name for name in scripts.BOOKS if await store._redis.exists(name)]
    assert [await store._redis.object("IDLETIME", name) <= 1 for name in books] == [True] * 5
    await store._redis.config_set("maxmemory-policy", "allkeys-lru")
    await store._redis.config_set("maxmemory", "100mb")
    again = RedisStore(server.url, 1000, 1 << 20)
    await again.start()
    assert "may evict the cache's own books" in caplog.text
    await again.aclose()
    server.kill()
    await store.aclose()


async def test_what_a_server_does_not_permit_is_no_answer(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    server = Server(tmp_path, KIND)
    store = RedisStore(server.url, 100, 1 << 20)
    await store.start()
    assert await store.put(entry("a"))
    await store._redis.execute_command("ACL", "SETUSER", "default", "-eval", "-evalsha")
    assert await store.get("a") is None and store.unanswered == 1, "it is not said to have gone"
    assert not await store.put(entry("b")) and "refuses commands" in caplog.text
    server.kill()
    await store.aclose()


async def test_a_server_that_permits_no_more_than_is_needed_says_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = Server(tmp_path, KIND)
    store = RedisStore(server.url, 100, 1 << 20)
    await store._redis.execute_command("ACL", "SETUSER", "default", "-@dangerous", "-touch")
    await store.start()
    assert await store.put(entry("a")) and await store.get("a") is not None
    assert (store.unanswered, caplog.text) == (0, "")
    server.kill()
    await store.aclose()


async def test_a_server_that_runs_somebodys_script_gives_no_answer(tmp_path: Path) -> None:
    server = Server(tmp_path, KIND)
    store, other = RedisStore(server.url, 100, 1 << 20), RedisStore(server.url, 100, 1 << 20, timeout=10.0)
    await store.start()
    assert await store.put(entry("a"))
    await store._redis.config_set("busy-reply-threshold", "10")
    endless = asyncio.create_task(other._link.run("while true do end", [], [], None))
    await asyncio.sleep(0.2)
    assert await store.get("a") is None and store.unanswered == 1, "it is not said to have gone"
    await store._redis.script_kill()
    await endless
    server.kill()
    await store.aclose()
    await other.aclose()


async def test_a_server_that_hangs_costs_a_miss(tmp_path: Path) -> None:
    server = Server(tmp_path, KIND)
    store = RedisStore(server.url, 100, 1 << 20)
    await store.start()
    await store.put(entry("a"))
    server.pause()
    assert await store.get("a") is None
    server.resume()
    server.kill()
    await store.aclose()
