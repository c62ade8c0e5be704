"""Who can write to a store cannot make answers: entries, vectors and notes carry a signature of the gate's secret."""

import contextlib
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from redis.asyncio import Redis

from tidegate.benchmarks.servers import Server
from tidegate.cache.stores import open_store
from tidegate.cache.stores.record import Signer
from tidegate.engine.ports import Entry

ENTRY = "{tidegate}:cache:e:"
VECTOR: Any = np.array([0.6, 0.8], np.float32)


def entry(key: str, value: bytes = b"right") -> Entry:
    now = time.time()
    return Entry(key, "p", value, now, now + 60)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("redis"))
    yield running
    running.kill()


Open = Callable[[bytes], Awaitable[Any]]


@pytest.fixture(params=["sqlite", "redis"])
async def place(request: pytest.FixtureRequest, tmp_path: Path, server: Server) -> AsyncIterator[Open]:
    """Opens one and the same store under the secret given."""
    made: list[Any] = []
    url = f"sqlite:{tmp_path}/cache.db" if request.param == "sqlite" else server.url

    async def under(secret: bytes) -> Any:
        store: Any = open_store(url, 100, 1 << 20, lambda: secret)
        await store.start()
        made.append(store)
        return store

    if request.param == "redis":
        await (await under(b"first"))._redis.flushall()
    yield under
    for store in made:
        await store.aclose()


async def test_gates_with_one_secret_share_answers_and_others_never_meet(place: Open) -> None:
    ours, same, other = await place(b"ours"), await place(b"ours"), await place(b"another")
    assert await ours.put(entry("a", b"ours")) and await other.put(entry("a", b"theirs"))
    assert (await same.get("a")).value == b"ours" and (await other.get("a")).value == b"theirs"
    assert [found.value async for found in same.entries()] == [b"ours"]
    await other.delete("a")
    assert (await same.get("a")).value == b"ours"
    assert all(store.counts["damaged"] == 0 for store in (ours, same, other))


async def test_what_others_signed_is_said_at_start(place: Open, caplog: pytest.LogCaptureFixture) -> None:
    first = await place(b"first")
    await first.put(entry("a"))
    with caplog.at_level(logging.WARNING, "tidegate.cache"):
        await place(b"first")
        assert "secret" not in caplog.text
        store = await place(b"second")
    assert "not signed with this gate's secret" in caplog.text and "the same `secret`" in caplog.text
    assert store.stats()["strangers"] == 1


async def test_a_note_is_given_back_only_as_it_was_written_and_under_its_name(place: Open) -> None:
    store, other = await place(b"first"), await place(b"second")
    await store.set_note("a", b"one")
    await store.set_note("b", b"two")
    assert await store.note("a") == b"one" and await other.note("a") is None
    assert [name for name, _, _ in await other.notes(0.0)] == []
    assert sorted((name, value) for name, value, _ in await store.notes(0.0)) == [("a", b"one"), ("b", b"two")]
    if hasattr(store, "_redis"):
        sealed = await store._redis.hget("{tidegate}:cache:notes", store._signer.name("a"))
        await store._redis.hset("{tidegate}:cache:notes", store._signer.name("b"), sealed)
    else:
        with contextlib.closing(sqlite3.connect(store.path)) as link:
            link.execute("UPDATE notes SET value = (SELECT value FROM notes ORDER BY name LIMIT 1)")
            link.commit()
    assert await store.note("b") is None and await store.note("a") == b"one"


async def test_an_answer_forged_by_one_who_knows_how_but_not_the_secret_is_a_miss(server: Server) -> None:
    gate: Any = open_store(server.url, 100, 1 << 20, lambda: b"the gate's")
    await gate.start()
    await gate._redis.flushall()
    forged, forger = entry("a", b"forged"), Signer(b"guessed")
    fields: dict[str, Any] = {
        "partition": forged.partition,
        "value": forged.value,
        "created": repr(forged.created),
        "expires": repr(forged.expires),
        "total": forger.entry(forged),
    }
    await gate._redis.hset(ENTRY + gate._signer.name("a"), mapping=fields)
    assert await gate.get("a") is None
    assert gate.counts["damaged"] == 1 and (await gate.damage())["damaged_answers"] == 1
    await gate.aclose()


@pytest.mark.parametrize("field", ["partition", "value", "created", "expires", "total", "vector", "encoder"])
async def test_no_field_of_an_entry_can_be_changed(server: Server, field: str) -> None:
    store: Any = open_store(server.url, 100, 1 << 20, lambda: b"s")
    await store.start()
    await store._redis.flushall()
    await store.put(replace(entry("a"), vector=VECTOR, encoder="e"))
    await store.put(replace(entry("b", b"other"), vector=-VECTOR, encoder="f"))
    at = ENTRY + store._signer.prefix
    changed = b"q" if field == "partition" else await store._redis.hget(at + "b", field)
    await store._redis.hset(at + "a", field, changed)
    found = await store.get("a")
    if field in ("vector", "encoder"):  # the answer is sound: it is only not near to anything
        assert found is not None and found.vector is None and found.encoder == ""
    else:
        assert found is None
    await store.aclose()


def test_a_signature_of_one_kind_is_none_of_another() -> None:
    signer, now = Signer(b"s"), time.time()
    stored = Entry("k", "p", b"v", now, now)
    encoder = "x" * 16
    assert signer.vector("k", "p", encoder, b"v") != signer.entry(stored)
    assert signer.seal("k", b"v")[:16] != signer.entry(stored)
    assert Signer(b"s").prefix == signer.prefix != Signer(b"t").prefix


async def test_foreign_values_under_the_stores_own_names_are_removed_and_it_goes_on(server: Server) -> None:
    store: Any = open_store(server.url, 100, 1 << 20, lambda: b"s")
    await store.start()
    client: Any = Redis.from_url(server.url)
    await client.flushall()
    await store.put(entry("a"))
    for name in ("used", "expires", "sizes", "changes", "notes", "noted"):
        await client.delete("{tidegate}:cache:" + name)
        await client.set("{tidegate}:cache:" + name, "hostile")
    await client.set("{tidegate}:cache:bytes", "not a number")
    await client.lpush("{tidegate}:cache:e:" + store._signer.name("b"), "hostile")
    assert await store.get("b") is None
    assert await store.put(entry("b")) and await store.get("b") is not None
    assert [found.key async for found in store.entries()] == ["b"]
    assert store.stats()["healed"] == 1 and store.available
    await client.aclose()
    await store.aclose()
