"""What breaks under the cache, and what a caller notices of it.

    python -m benchmarks.cache_faults [redis] [search] [disk] [flips] [--modes exact semantic] [--flips N] [--seconds S]

`redis`: the eight tenants of `cache_tenants` ask without a pause while the server is killed, flushed, made to answer
late, and filled with foreign values. `search`: the same with `recall=server` on a Redis that can search vectors, where
there is one. `disk`: the same while the cache file's file system is full. Each in both modes: with `semantic` questions
in other words are answered too. `flips`: the cache file with one byte changed, a thousand times over: every entry is
read. Exits with 1 when a request failed, an answer was wrong, or the cache did not come back.
"""
# ruff: noqa: ASYNC110, ASYNC240

import argparse
import asyncio
import contextlib
import itertools
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias

from redis.exceptions import ResponseError

from tidegate.cache.stage import CacheStage
from tidegate.cache.stores import open_store
from tidegate.cache.stores.sqlite import SqliteStore
from tidegate.cache.verify import LexicalVerifier
from tidegate.engine.exchange import Caller, Exchange, Reply
from tidegate.engine.ports import Entry

from .cache_tenants import TENANTS, Words, answer, model, question, stamp
from .late import Proxy
from .servers import Server, Unavailable

Mode: TypeAlias = Literal["exact", "semantic"]
WHAT = ["redis", "search", "disk", "flips"]
ASKED = 200
"""Questions of each tenant, asked over and over, so that answers are in memory whenever a fault comes."""
DISK = 1 << 20
"""Bytes of the small file system."""


class Load:
    """Tenants that ask without a pause, and what they saw."""

    def __init__(self, store: Any, mode: Mode = "exact") -> None:
        self.store = store
        self.seen: Counter[str] = Counter()
        self.slowest = 0.0
        self.hit_at = 0.0
        """When an answer last came from memory."""

        async def unchanged(_: Exchange, reply: Reply) -> Reply:
            return reply

        args: Any = (store, LexicalVerifier(), lambda _: "rules@1", unchanged)
        self.stage = CacheStage(*args, mode=mode, embedder=Words())

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Load"]:
        await self.stage.start()
        tasks = [asyncio.create_task(self._ask(f"tenant-{at}")) for at in range(TENANTS)]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.stage.aclose()

    async def _ask(self, name: str) -> None:
        for turn in itertools.count():
            asked = question(random.Random(f"{name} {turn % ASKED}"), Caller(name))
            begun = time.perf_counter()
            try:
                got = await answer(asked, await self.stage(asked, model))
            except Exception as error:  # what this is here to find
                self.seen[f"failed {type(error).__name__}"] += 1
                continue
            self.slowest = max(self.slowest, time.perf_counter() - begun)
            own, how = stamp(asked), asked.cache.status
            if how == "hit" and asked.cache.detail == "semantic":
                how, own["text"] = "hit semantic", got["text"]  # the one thing in which it may differ
            self.seen["foreign" if got != own else how] += 1
            if asked.cache.status == "hit":
                self.hit_at = time.perf_counter()
            await asyncio.sleep(0.001)

    async def until_hit(self, limit: float = 10.0) -> float:
        """Seconds from now to the next answer from memory."""
        begun = time.perf_counter()
        while self.hit_at < begun and time.perf_counter() - begun < limit:
            await asyncio.sleep(0.01)
        return time.perf_counter() - begun

    def bad(self) -> int:
        return sum(count for what, count in self.seen.items() if what == "foreign" or what.startswith("failed"))


async def fill_with_foreign_values(store: Any) -> None:
    """Every key of the store becomes something else, or holds something else."""
    chance = random.Random(1)
    for name in await store._redis.keys("*"):
        if b":e:" in name and chance.random() < 0.7:
            field = chance.choice(("value", "partition", "created", "expires", "total", "encoder"))
            with contextlib.suppress(ResponseError):
                await store._redis.hset(name, field, chance.randbytes(chance.choice((0, 8, 5000))))
        else:
            await store._redis.delete(name)
            with contextlib.suppress(ResponseError):  # the tenants have just put it right again
                await chance.choice((store._redis.set, store._redis.rpush, store._redis.sadd))(name, b"\xff hostile")


async def redis_faults(
    folder: Path, seconds: float, mode: Mode = "exact", *, search: bool = False
) -> dict[str, tuple[Counter[str], float, float, int]]:
    """For each fault: what was seen during it, the slowest request, seconds until the next hit, bad replies.

    With `search` the server finds what is near. Raises Unavailable where there is no such server.
    """
    server = Server(folder, "stack" if search else "valkey")
    proxy = Proxy(server.port)
    url = await proxy.start() + ("?recall=server" if search else "")
    store: Any = open_store(url, 100_000, 1 << 28, lambda: b"s")
    found: dict[str, tuple[Counter[str], float, float, int]] = {}

    async def flush() -> None:
        await store._redis.flushall()

    async def slow() -> None:
        proxy.delay = 0.4

    async def fast() -> None:
        proxy.delay = 0.0

    async def nothing() -> None:
        pass

    async def kill() -> None:
        server.kill()

    async def restart() -> None:
        await asyncio.to_thread(server.start)

    async def foreign() -> None:
        await fill_with_foreign_values(store)

    faults: dict[str, tuple[Callable[[], Awaitable[None]], Callable[[], Awaitable[None]]]] = {
        "none": (nothing, nothing),
        "flushed": (flush, nothing),
        "foreign values": (foreign, nothing),
        "slow": (slow, fast),
        "killed": (kill, restart),
    }
    load = Load(store, mode)
    try:
        async with load.running():
            for name, (begin, end) in faults.items():
                load.seen.clear()
                load.slowest = 0.0
                await begin()
                await asyncio.sleep(seconds)
                await end()
                back = await load.until_hit()
                found[name] = (Counter(load.seen), load.slowest, back, load.bad())
    finally:
        await proxy.aclose()
        server.kill()
    return found


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A folder whose files cannot grow beyond DISK: a file system of its own, or a limit on this process."""
    mounted = folder / "small"
    mounted.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(mounted)]
    if shutil.which("mount") and not subprocess.run(command, capture_output=True, check=False).returncode:
        try:
            yield mounted
        finally:
            subprocess.run(["umount", "-l", str(mounted)], check=True)
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (DISK // 2, before[1]))
    try:
        yield mounted
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def disk_fault(folder: Path, seconds: float, mode: Mode = "exact") -> tuple[Counter[str], dict[str, int]]:
    """What was seen while the disk was full, and the store's counters."""
    with small_disk(folder) as small:
        store: Any = open_store(f"sqlite:{small}/cache.db", 100_000, 1 << 28, lambda: b"s")
        load = Load(store, mode)
        async with load.running():
            deadline = time.monotonic() + 30
            while not store.counts["failed_writes"] and time.monotonic() < deadline:
                now = time.time()  # large entries, until nothing fits
                await store.put(Entry(f"big{now}", "p", bytes(60_000), now, now + 600))
            load.seen.clear()
            await asyncio.sleep(seconds)
            await load.until_hit()
            return load.seen, store.stats()


async def flips(folder: Path, count: int, seed: int = 1) -> Counter[str]:
    """What reading every entry gave, over `count` copies of a file with one byte changed."""
    chance = random.Random(seed)
    sound, path = folder / "sound.db", folder / "cache.db"
    store = SqliteStore(sound, 10_000, 1 << 26, lambda: b"s")
    await store.start()
    values = {f"k{at}": chance.randbytes(chance.choice((20, 300, 6000))) for at in range(100)}
    now = time.time()
    for key, value in values.items():
        await store.put(Entry(key, "p", value, now, now + 3600))
    await store.aclose()
    raw = sound.read_bytes()
    seen: Counter[str] = Counter()
    for _ in range(count):
        for old in folder.glob("cache.db*"):
            old.unlink()
        changed = bytearray(raw)
        changed[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        store = SqliteStore(path, 10_000, 1 << 26, lambda: b"s")
        await store.start()
        missing = 0
        for key, value in values.items():
            found = await store.get(key)
            seen["right" if found is not None and found.value == value else "missed" if found is None else "wrong"] += 1
            missing += found is None
        seen["read"] += len([entry async for entry in store.entries()])
        _, counts = await store.changes("0"), store.stats()
        await store.aclose()
        # A damaged name may look like one that was given under another secret.
        told = sum(counts[name] for name in ("damaged", "failed_reads", "rescued", "strangers"))
        told += len(list(folder.glob("cache.db.damaged-*")))
        seen["files with misses"] += missing > 0
        seen["of them not counted as damage"] += missing > 0 and not told
        seen["files set aside"] += bool(list(folder.glob("cache.db.damaged-*")))
        seen["damaged entries counted"] += store.counts["damaged"]
    return seen


async def served(what: str, folder: Path, seconds: float, mode: Mode) -> int:
    """The faults of a server, told; how many replies were bad or hits late."""
    bad = 0
    try:
        found = await redis_faults(folder, seconds, mode, search=what == "search")
    except Unavailable as error:
        print(f"{what}, {mode}: not run, {error}")
        return 0
    for fault, (seen, slowest, back, wrong) in found.items():
        bad += wrong + (back > 1.0)
        print(f"{what}, {mode}, {fault}: {wrong} bad of {seen.total()}, slowest {slowest * 1e3:.0f} ms, hits after "
              f"{back:.2f} s; {dict(seen)}")  # fmt: skip
    return bad


async def main(arguments: argparse.Namespace) -> int:
    bad = 0
    what = arguments.what or WHAT
    runs = [(each, mode) for mode in arguments.modes for each in what if each in ("redis", "search", "disk")]
    for each, mode in runs:
        with tempfile.TemporaryDirectory() as name:
            if each == "disk":
                seen, counts = await disk_fault(Path(name), arguments.seconds, mode)
                wrong = sum(count for how, count in seen.items() if how.startswith(("failed", "foreign")))
                bad += wrong
                print(f"full disk, {mode}: {wrong} bad of {seen.total()}; {dict(seen)}; store {counts}")
            elif each == "redis" or mode == "semantic":  # without a semantic tier nothing is searched for
                bad += await served(each, Path(name), arguments.seconds, mode)
    if "flips" in what:
        with tempfile.TemporaryDirectory() as name:
            seen = await flips(Path(name), arguments.flips)
        bad += seen["wrong"] + seen["of them not counted as damage"]
        print(f"{arguments.flips} flipped bytes: {dict(seen)}, wrong {seen['wrong']}")
    return int(bad > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What breaks under the cache, and what a caller notices of it.")
    parser.add_argument("what", nargs="*", choices=[*WHAT, []], default=[])
    parser.add_argument("--modes", nargs="+", choices=["exact", "semantic"], default=["exact", "semantic"])
    parser.add_argument("--flips", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=2.0)
    sys.exit(asyncio.run(main(parser.parse_args())))
