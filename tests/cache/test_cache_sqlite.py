"""The store in a file: restarts, several processes, kills, damage, a full disk."""
# ruff: noqa: ASYNC220, ASYNC240

import asyncio
import contextlib
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tidegate.cache.stores import sqlite_file
from tidegate.cache.stores.sqlite import SqliteStore
from tidegate.tests.cache.storing import entry, vector


async def opened(path: Path, **changes: Any) -> SqliteStore:
    found = SqliteStore(path, 10_000, 1 << 26, **changes)
    await found.start()
    return found


async def test_a_file_survives_a_restart(tmp_path: Path) -> None:
    first = await opened(tmp_path / "c.db")
    given = entry("a")
    assert await first.put(given)
    await first.set_vector("a", vector(), "e")
    await first.aclose()
    second = await opened(tmp_path / "c.db")
    found = await second.get("a")
    assert found is not None and found.value == given.value and found.encoder == "e"
    await second.aclose()


async def test_processes_on_one_file_see_each_other(tmp_path: Path) -> None:
    one, two = await opened(tmp_path / "c.db"), await opened(tmp_path / "c.db")
    cursor = (await two.changes(None)).cursor
    await one.put(entry("a"))
    assert await two.get("a") is not None
    await one.set_vector("a", vector(), "e")
    await asyncio.sleep(0.1)
    changes = await two.changes(cursor)
    assert [(found.key, found.encoder) for found in changes.entries] == [("a", "e")]
    assert (await two.changes(changes.cursor)).entries == []
    await asyncio.gather(*(s.put(entry(f"{i}{n}")) for n in range(50) for i, s in enumerate((one, two))))
    assert one.stats()["entries"] == 101
    await one.aclose()
    await two.aclose()


async def test_what_one_process_purges_stands_in_no_file_while_another_has_it_open(tmp_path: Path) -> None:
    gate = await opened(tmp_path / "c.db")
    for number in range(20):
        await gate.put(entry(f"a{number}", b"forget me" * 1000))
    await gate.set_note("p:1", b"forget me")
    purge = await opened(tmp_path / "c.db")
    await purge.erase([f"a{number}" for number in range(20)])
    await purge.set_note("p:1", b"")
    await purge.aclose()
    assert [file.name for file in tmp_path.iterdir() if b"forget me" in file.read_bytes()] == []
    assert await gate.put(entry("b")) and await gate.get("b") is not None
    await gate.aclose()


def test_several_that_start_at_once_on_a_new_file_all_open_it(tmp_path: Path) -> None:
    for turn in range(60):
        barrier = threading.Barrier(4)

        def start(path: Path = tmp_path / f"{turn}.db", barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            sqlite_file.prepare(path)

        with ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(start) for _ in range(4)]:
                done.result()


WRITER = """
import asyncio, sys, time
from pathlib import Path
from tidegate.cache.stores.sqlite import SqliteStore
from tidegate.engine.ports import Entry

async def main():
    store = SqliteStore(Path(sys.argv[1]), 100_000, 1 << 28)
    await store.start()
    async def one(name):
        for n in range(100_000):
            now = time.time()
            if await store.put(Entry(f"{name}-{n}", "p", f"{name}-{n}".encode() * 20, now, now + 600)):
                sys.stdout.write(f"{name}-{n}\\n")
                sys.stdout.flush()
    await asyncio.gather(*(one(f"{sys.argv[2]}w{i}") for i in range(4)))

asyncio.run(main())
"""


async def test_kill_9_loses_nothing_that_was_reported_stored(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    script = tmp_path / "writer.py"
    script.write_text(WRITER)
    reported: list[str] = []
    for run in range(3):
        process = subprocess.Popen(
            [sys.executable, str(script), str(path), str(run)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(random.randint(20, 200))]
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read()
        process.wait()
        whole = ("".join(lines) + rest).split("\n")
        reported += [line for line in whole[:-1] if line]  # the last line may be cut
    store = await opened(path)
    for name in reported:
        found = await store.get(name)
        assert found is not None and found.value == name.encode() * 20
    assert len(reported) > 50 and store.counts["damaged"] == 0
    await store.aclose()


async def test_a_file_that_is_no_database_is_moved_aside(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    path.write_bytes(b"this is not a database, " * 500)
    store = await opened(path)
    assert await store.put(entry("a")) and await store.get("a") is not None
    assert len(list(tmp_path.glob("c.db.damaged-*"))) == 1
    await store.aclose()


async def test_a_file_of_another_version_is_moved_aside(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    with contextlib.closing(sqlite3.connect(path)) as link:
        link.execute("PRAGMA user_version=99")
        link.execute("CREATE TABLE entries (x)")
        link.commit()
    store = await opened(path)
    assert await store.put(entry("a"))
    assert list(tmp_path.glob("c.db.damaged-*"))
    await store.aclose()


async def test_flipped_bytes_never_give_a_wrong_answer(tmp_path: Path) -> None:
    rng = random.Random(3)
    path = tmp_path / "c.db"
    store = await opened(path)
    values = {f"k{n}": rng.randbytes(300) for n in range(300)}
    for key, value in values.items():
        await store.put(entry(key, value))
    await store.aclose()
    sound = path.read_bytes()
    right = damaged = 0
    for _ in range(12):
        raw = bytearray(sound)
        for _ in range(80):
            raw[rng.randrange(100, len(raw))] ^= 1 << rng.randrange(8)
        for old in tmp_path.glob("c.db*"):
            old.unlink()
        path.write_bytes(raw)
        store = await opened(path)
        for key, value in values.items():
            found = await store.get(key)
            assert found is None or found.value == value
            right += found is not None
        assert await store.put(entry("new")) in (True, False)
        damaged += store.counts["damaged"] + store.counts["rescued"] + store.counts["failed_reads"]
        await store.aclose()
    damaged += len(list(tmp_path.glob("*damaged*")))
    assert damaged > 0


async def test_a_damaged_row_is_a_miss_and_is_counted_and_deleted(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    store = await opened(path)
    await store.put(entry("a", b"right"))
    with contextlib.closing(sqlite3.connect(path)) as link:
        link.execute("UPDATE entries SET value = ?", (b"wrong",))
        link.commit()
    assert await store.get("a") is None
    assert store.counts["damaged"] == 1
    await asyncio.sleep(0.1)
    assert store.stats()["entries"] == 0
    await store.aclose()


async def test_a_locked_file_is_a_false_and_never_an_error(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    store = await opened(path, busy_seconds=0.05)
    await store.put(entry("a"))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as link:
        link.execute("BEGIN EXCLUSIVE")
        assert await store.put(entry("b")) is False
        assert await store.get("a") is not None
        link.execute("ROLLBACK")
    assert await store.put(entry("c")) is True
    assert store.counts["failed_writes"] == 1
    await store.aclose()


async def test_a_full_disk_is_a_false_and_never_an_error(tmp_path: Path) -> None:
    store = await opened(tmp_path / "c.db")
    await store.put(entry("a"))
    assert store._writer is not None
    pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count={pages + 2}")
    assert await store.put(entry("big", bytes(200_000))) is False
    assert await store.get("a") is not None
    store._writer.execute("PRAGMA max_page_count=1000000")
    assert await store.put(entry("b")) is True
    await store.aclose()


async def test_a_folder_that_cannot_be_made_leaves_a_store_that_misses(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = await opened(tmp_path / "file" / "c.db")
    assert await store.put(entry("a")) is False
    assert await store.get("a") is None
    assert [found async for found in store.entries()] == []
    await store.aclose()
