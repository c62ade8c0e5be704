"""What breaks under the cache costs answers from memory, never a request; and what was reported stored is there."""

import asyncio
import contextlib
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from tidegate.benchmarks import cache_faults, crash
from tidegate.benchmarks import cache_tenants as tenants
from tidegate.benchmarks.cache_tenants import Words
from tidegate.benchmarks.servers import Server, Unavailable
from tidegate.cache.current import keep_current
from tidegate.cache.stage import CacheStage
from tidegate.cache.stores import open_store, sqlite_file, sqlite_jobs
from tidegate.cache.stores.redis import RedisStore
from tidegate.cache.stores.sqlite import SqliteStore
from tidegate.cache.verify import LexicalVerifier
from tidegate.engine.ports import Entry


@pytest.mark.parametrize(("mode", "search"), [("exact", False), ("semantic", False), ("semantic", True)])
async def test_no_request_fails_while_redis_is_killed_flushed_slowed_and_filled_with_foreign_values(
    tmp_path: Path, mode: cache_faults.Mode, search: bool
) -> None:
    try:
        found = await cache_faults.redis_faults(tmp_path, 0.4, mode, search=search)
    except Unavailable as error:
        pytest.skip(str(error))
    assert set(found) == {"none", "flushed", "foreign values", "slow", "killed"}
    for fault, (seen, _, back, bad) in found.items():
        assert bad == 0 and seen.total() > 0, (fault, seen)
        assert back < 10.0, fault  # it came back; how soon is for the benchmark to say


@pytest.mark.parametrize("mode", ["exact", "semantic"])
async def test_no_request_fails_while_the_disk_is_full(tmp_path: Path, mode: cache_faults.Mode) -> None:
    seen, counts = await cache_faults.disk_fault(tmp_path, 0.4, mode)
    assert counts["failed_writes"] > 0 and counts["rescued"] == 0
    assert seen["hit"] + seen["hit semantic"] > 0 and not [how for how in seen if how.startswith(("failed", "foreign"))]


async def test_a_flipped_byte_never_gives_a_wrong_answer_and_is_counted(tmp_path: Path) -> None:
    seen = await cache_faults.flips(tmp_path, 25)
    assert seen["wrong"] == 0 and seen["right"] > 2000
    assert seen["files with misses"] > 0 and seen["of them not counted as damage"] == 0


async def test_killing_gate_and_redis_server_loses_nothing_that_was_reported_stored(tmp_path: Path) -> None:
    found = await crash.run(tmp_path, 2, "server")
    assert found.stored and found.asked >= len(found.stored)
    assert (found.lost, found.torn) == (0, 0)


async def opened(path: Path) -> SqliteStore:
    store = SqliteStore(path, 1000, 1 << 24, lambda: b"s")
    await store.start()
    return store


async def test_a_file_that_takes_no_writes_is_told_of_once_and_so_is_its_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    now = time.time()
    store = SqliteStore(tmp_path / "c.db", 1000, 1 << 24, lambda: b"s", busy_seconds=0.05)
    await store.start()
    other = sqlite_file.connect(tmp_path / "c.db", 1.0)
    other.execute("BEGIN IMMEDIATE")
    assert not any([await store.put(Entry(key, "p", b"v", now, now + 60)) for key in "abc"])
    assert [record.message for record in caplog.records] == [
        "the cache file c.db takes no writes (database is locked): going on without new answers"
    ]
    other.execute("ROLLBACK")
    other.close()
    assert await store.put(Entry("a", "p", b"v", now, now + 60))
    assert caplog.records[-1].message == "the cache file c.db takes writes again" and len(caplog.records) == 2
    await store.aclose()


async def test_a_full_file_is_told_of_once_though_deletions_are_done(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store, now = await opened(tmp_path / "c.db"), time.time()
    assert await store.put(Entry("a", "p", b"v", now, now + 60))
    assert store._writer is not None
    [pages] = store._writer.execute("PRAGMA page_count").fetchone()
    store._writer.execute(f"PRAGMA max_page_count = {pages}")
    for _ in range(3):
        assert not await store.put(Entry("b", "p", b"v" * 100_000, now, now + 60))
        await store.delete("nobody")
        await asyncio.sleep(0.1)
    await store.aclose()
    assert [record.message for record in caplog.records] == [
        "the cache file c.db takes no writes (database or disk is full): going on without new answers"
    ]


async def test_a_file_that_cannot_be_opened_is_told_of_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_bytes(b"")
    store, now = await opened(tmp_path / "file" / "c.db"), time.time()
    assert not any([await store.put(Entry(key, "p", b"v", now, now + 60)) for key in "abc"])
    assert len(caplog.records) == 1
    await store.aclose()


async def test_damage_is_remembered_by_the_file(tmp_path: Path) -> None:
    now = time.time()
    store = await opened(tmp_path / "c.db")
    for key in "abc":
        await store.put(Entry(key, "p", b"right", now, now + 60))
    assert store._writer is not None
    store._writer.execute("UPDATE entries SET value = 'wrong' WHERE key LIKE '%.a' OR key LIKE '%.b'")
    assert [entry.key async for entry in store.entries()] == ["c"] and await store.get("a") is None
    await store.aclose()
    again = await opened(tmp_path / "c.db")
    assert await again.damage() == {"damaged_answers": 2, "damaged_files": 0}
    await again.aclose()


async def test_damaged_totals_are_counted_again_at_start(tmp_path: Path) -> None:
    now = time.time()
    store = await opened(tmp_path / "c.db")
    await store.put(Entry("a", "p", b"right", now, now + 60))
    sound = store.stats()
    assert store._writer is not None
    store._writer.execute("UPDATE totals SET entries = 1 << 50, bytes = 'x'")
    await store.aclose()
    again = await opened(tmp_path / "c.db")
    assert again.stats() == sound and await again.get("a") is not None
    await again.aclose()


async def test_a_file_overwritten_under_a_running_store_is_set_aside_and_said_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, now = tmp_path / "c.db", time.time()
    store = await opened(path)
    for at in range(50):
        await store.put(Entry(f"k{at}", "p", bytes(3000), now, now + 60))
    store._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    with path.open("r+b") as file:
        file.write(b"this is not a database, " * 20_000)
    for _ in range(100):
        await store.get("k1")
        if await store.put(Entry("new", "p", b"v", now, now + 60)) and await store.get("new") is not None:
            break
        await asyncio.sleep(0.05)
    found = await store.get("new")
    assert found is not None and found.value == b"v"
    assert (await store.damage())["damaged_files"] == 1 and "starting empty" in caplog.text
    await store.aclose()


@pytest.mark.parametrize("how", ["moved", "deleted"])
async def test_a_file_that_was_moved_or_deleted_is_used_no_longer(
    tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_jobs, "WAIT_SECONDS", 0.02)
    path, now = tmp_path / "c.db", time.time()
    one = await opened(path)
    await one.put(Entry("old", "p", b"v", now, now + 60))
    cursor = (await one.changes(None)).cursor
    if how == "moved":
        sqlite_file.move_aside(path, "damaged")
    else:
        path.unlink()
    two = await opened(path)
    for key in "abc":
        assert await two.put(Entry(key, "p", b"v", now, now + 60))
    for _ in range(200):
        if await one.get("a") is not None:
            break
        await asyncio.sleep(0.02)
    assert await one.get("a") is not None and await one.get("old") is None
    assert (await one.changes(cursor)).lost, "its numbers are those of another file"
    assert await one.put(Entry("d", "p", b"v", now, now + 60)) and await two.get("d") is not None
    await one.aclose()
    await two.aclose()


class Index:
    """Keys that it was given."""

    def __init__(self) -> None:
        self.keys: set[str] = set()

    async def load(self, store: Any, entries: Any, *, embed: bool) -> None:
        async for entry in entries:
            self.keys.add(entry.key)


@pytest.mark.parametrize("written", ["before", "meanwhile"])
async def test_what_a_silent_server_did_not_tell_an_index_is_asked_for_again(
    tmp_path: Path, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(tmp_path)
    one, two = (RedisStore(server.url, 1000, 1 << 24, lambda: b"s") for _ in "12")
    index, named, keys = Index(), two._named, {f"k{at}" for at in range(20)}

    async def falls_silent(name: bytes) -> Entry | None:
        if len(index.keys) == 5 or written == "meanwhile":
            monkeypatch.undo()
            server.pause()
        return await named(name)

    async def write() -> None:
        now = time.time()
        for key in keys:
            assert await one.put(Entry(key, "p", b"v", now, now + 60))
        monkeypatch.setattr(two, "_named", falls_silent)

    async def until(done: Callable[[], bool]) -> None:
        for _ in range(1000):
            if done():
                break
            await asyncio.sleep(0.02)
        assert done()

    if written == "before":
        await write()
    following = asyncio.create_task(keep_current(two, cast("Any", index), Counter()))
    if written == "meanwhile":
        await asyncio.sleep(0.1)
        await write()
    await until(lambda: not two.available)
    assert index.keys < keys
    server.resume()
    await until(lambda: index.keys == keys)
    following.cancel()
    for store in (one, two):
        await store.aclose()
    server.kill()


async def test_a_damaged_number_does_not_stop_a_store_from_following_others(tmp_path: Path) -> None:
    now = time.time()
    one, two = await opened(tmp_path / "c.db"), await opened(tmp_path / "c.db")
    cursor = (await two.changes(None)).cursor
    for key in "abc":
        await one.put(Entry(key, "p", b"v", now, now + 60))
    assert one._writer is not None
    one._writer.execute("UPDATE entries SET seq = 1 << 60 WHERE key LIKE '%.a'")
    one._writer.execute("UPDATE entries SET seq = 'x' WHERE key LIKE '%.b'")
    changes = await two.changes(cursor)
    assert [entry.key for entry in changes.entries] == ["c"] and not changes.lost
    await one.put(Entry("d", "p", b"v", now, now + 60))
    assert [entry.key for entry in (await two.changes(changes.cursor)).entries] == ["d"]
    await one.aclose()
    await two.aclose()


OTHER = """
import asyncio, sys, time
from pathlib import Path
from tidegate.benchmarks import cache_tenants as tenants
from tidegate.cache.stage import CacheStage
from tidegate.cache.stores import open_store
from tidegate.cache.verify import LexicalVerifier
from tidegate.engine.errors import NotInCache

async def unchanged(_, reply):
    return reply

async def main():
    store = open_store(sys.argv[1], secret=lambda: b"s")
    stage = CacheStage(store, LexicalVerifier(), lambda _: "r", unchanged, embedder=tenants.Words())
    await stage.start()
    dialect = tenants.DIALECTS[0]
    body = {"model": "m", "messages": [{"role": "user", "content": sys.argv[2]}]}
    headers = {"x-tidegate-namespace": "", "cache-control": sys.argv[3]}
    for _ in range(600):
        asked = tenants.Exchange(dialect, dialect.path, headers, body, "m", False, caller=tenants.Caller("ann"))
        try:
            await tenants.answer(asked, await stage(asked, tenants.model))
        except NotInCache:
            await asyncio.sleep(0.05)
            continue
        await stage.background.drain()
        print(asked.cache.status, asked.cache.detail, flush=True)
        break
    await stage.aclose()

asyncio.run(main())
"""


def test_worker_processes_on_one_file_answer_from_what_another_stored_while_they_ran(tmp_path: Path) -> None:
    """The first process starts on an empty file and asks until the second one's answer reaches it."""
    script = tmp_path / "other.py"
    script.write_text(OTHER)
    command = [sys.executable, str(script), f"sqlite:{tmp_path}/cache.db"]
    following = subprocess.Popen(
        [*command, "Tell me the capital of France", "only-if-cached"], stdout=subprocess.PIPE, text=True
    )
    try:
        writing = [*command, "What is the capital of France?", "max-age=60"]
        said = subprocess.run(writing, capture_output=True, text=True, timeout=60, check=True).stdout
        assert said.startswith("miss")
        assert following.communicate(timeout=60)[0].strip() == "hit semantic"
    finally:
        with contextlib.suppress(ProcessLookupError):
            following.kill()


class Gated(Words):
    """Another encoder, that says nothing until it is let."""

    def __init__(self, event: Any) -> None:
        super().__init__("words@2")
        self.event = event

    def embed(self, texts: Any) -> Any:
        if any("Peru" in text for text in texts):
            self.event.wait(30)
        return super().embed(texts)


async def test_while_a_new_encoder_embeds_again_the_exact_tier_serves(tmp_path: Path) -> None:
    async def unchanged(_: Any, reply: Any) -> Any:
        return reply

    async def ask(stage: CacheStage, text: str) -> str:
        dialect = tenants.DIALECTS[0]
        body: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": text}]}
        headers = {"x-tidegate-namespace": ""}
        asked = tenants.Exchange(dialect, dialect.path, headers, body, "m", False, caller=tenants.Caller("ann"))
        await tenants.answer(asked, await stage(asked, tenants.model))
        return f"{asked.cache.status} {asked.cache.detail}".strip()

    url, let = f"sqlite:{tmp_path}/c.db", threading.Event()
    first = CacheStage(open_store(url), LexicalVerifier(), lambda _: "r", unchanged, embedder=Words())
    await first.start()
    assert await ask(first, "What is the capital of Peru?") == "miss"
    await first.aclose()
    second = CacheStage(open_store(url), LexicalVerifier(), lambda _: "r", unchanged, embedder=Gated(let))
    await second.start()
    try:
        assert await ask(second, "What is the capital of Peru?") == "hit exact"
        assert second.semantic is not None and len(second.semantic) == 0
    finally:
        let.set()
    for _ in range(500):
        if len(second.semantic):
            break
        await asyncio.sleep(0.01)
    assert await ask(second, "Tell me the capital of Peru") == "hit semantic"
    await second.aclose()
