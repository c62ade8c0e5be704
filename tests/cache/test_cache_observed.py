"""Pairs that the gate saw compared: kept beside the entries by every store, bounded, and erased when asked for."""

import random
import secrets
import zlib
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest

from tidegate.benchmarks.servers import Server
from tidegate.cache import observed
from tidegate.cache.journal import Journal
from tidegate.cache.observed import Observed, decode_pair, forget_pairs, kept_pairs
from tidegate.cache.stores import open_store
from tidegate.engine.ports import Store


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("redis"))
    yield running
    running.kill()


@pytest.fixture(params=["memory", "sqlite", "redis"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, server: Server) -> AsyncIterator[Store]:
    url = {"memory": "memory:", "sqlite": f"sqlite:{tmp_path}/c.db", "redis": server.url}[request.param]
    secret = secrets.token_bytes(32)  # tests on one server do not meet
    opened = open_store(url, 20, 100_000, lambda: secret)
    await opened.start()
    yield opened
    await opened.aclose()


def process(store: Store, verifier: str = "v1") -> tuple[Observed, Journal]:
    """What one process has of it."""
    seen = Observed(verifier)
    journal = Journal(store, {"p": seen}, shared=True)
    seen.touched = journal.touched
    return seen, journal


async def texts(store: Store) -> list[str]:
    return [pair.asked for _, pair in await kept_pairs(store)]


async def test_a_pair_comes_back_as_it_was_seen(store: Store) -> None:
    seen, journal = process(store)
    seen.add("ab" * 32, "asked, in 日本語?", "stored?", "different", 0.75, "near")
    await journal.flush()
    ((_, pair),) = await kept_pairs(store)
    assert (pair.asked, pair.stored, pair.verdict, pair.kind) == ("asked, in 日本語?", "stored?", "different", "near")
    assert (pair.probability, pair.scope, pair.verifier) == (0.75, "ab" * 6, "v1")
    await forget_pairs(store, lambda pair: pair.stored == "another")
    assert len(await kept_pairs(store)) == 1
    await forget_pairs(store, lambda pair: pair.stored == "stored?")
    assert await kept_pairs(store) == []


async def test_two_processes_keep_the_newest_and_no_more(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    places = [f"p:{number}" for number in range(20)]
    monkeypatch.setattr(observed, "PLACES", places)
    monkeypatch.setattr(observed, "OLDEST", 1)
    first, second = process(store), process(store)
    # Near the time of the store's own server: a note from years ahead is damaged.
    clock = count(observed.time.time())
    monkeypatch.setattr(observed.time, "time", lambda: next(clock))
    for number in range(50):
        seen, journal = (first, second)[number % 2]
        seen.add("s", f"question {number}", "stored", "same", 0.9, "audit")
        await journal.flush()
        await first[1].listen()
        await second[1].listen()
    assert await texts(store) == [f"question {number}" for number in range(30, 50)]


async def test_a_new_process_knows_which_places_are_taken(store: Store) -> None:
    seen, journal = process(store)
    for number in range(40):
        seen.add("s", f"question {number}", "stored", "same", 0.9, "audit")
    await journal.flush()
    other, others = process(store)
    await others.listen()
    other.add("s", "one more", "stored", "same", 0.9, "audit")
    await others.flush()
    assert len(await texts(store)) == 41


async def test_two_questions_too_long_for_a_note_are_counted_and_left_out() -> None:
    seen, draw = Observed("v1"), random.Random(1)
    noise = ["".join(chr(draw.randrange(0x4E00, 0x9FFF)) for _ in range(2000)) for _ in range(2)]
    seen.add("s", noise[0], noise[1], "same", 0.9, "audit")
    assert dict(seen.counts) == {"long": 1}
    seen.add("s", noise[0][:1000], noise[0][:999] + "?", "same", 0.9, "audit")  # what they share is written once
    assert dict(seen.counts) == {"long": 1, "audit": 1}


def test_what_is_no_pair_is_none() -> None:
    for payload in (b"", b"x", zlib.compress(b""), zlib.compress(b"\x93abc"), zlib.compress(bytes(1 << 20))):
        assert decode_pair(payload) is None
