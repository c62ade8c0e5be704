"""`sqlite:PATH` entries survive the process, and several processes may share the file.

One thread writes, in batches; a `put` waits for its commit, so what it reported is there after kill -9 (after a power
cut the last moments may be gone: WAL with synchronous=NORMAL syncs at checkpoints). Reads go straight to the file on a
connection of their own, about 20 microseconds. Whatever fails is counted, and is a miss, a False or Unanswered.
"""

import asyncio
import contextlib
import functools
import queue
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from ...engine.ports import Entry, Vector
from . import sqlite_file, sqlite_rows
from .record import NOTE_BYTES, NOTES, Changes, Secret, Signer, Strangers, Unanswered, opened, pack, size, unpack
from .sqlite_jobs import Job, Outage, Write, gather, tell
from .sqlite_rows import COLUMNS

QUEUE = 4096
"""Writes waiting; a put beyond is refused."""


class SqliteStore:
    """One file, bounded by entries and bytes over all processes that use it."""

    def __init__(
        self, path: Path, max_entries: int, max_bytes: int, secret: Secret = bytes, *, busy_seconds: float = 2.0
    ) -> None:
        self.path = path
        self._secret = secret
        self._strangers = Strangers(f"the cache file {path.name}")
        self._outage = Outage(f"the cache file {path.name}")
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self.busy_seconds = busy_seconds
        self.counts: dict[str, int] = dict.fromkeys(
            ("damaged", "failed_reads", "failed_writes", "refused", "evicted", "rescued"), 0
        )
        self._jobs: queue.Queue[Job | None] = queue.Queue(QUEUE)
        self._used: dict[str, float] = {}
        self._used_lock = threading.Lock()
        self._read_lock = threading.Lock()  # the writer replaces the reader when the file was damaged
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._files = 0  # opened one after the other
        self._broken = threading.Event()
        self._thread: threading.Thread | None = None

    @functools.cached_property
    def _signer(self) -> Signer:
        return Signer(self._secret())

    async def start(self) -> None:
        """Open or make the file. A file that cannot be used leaves a store that only misses.

        Raises ConfigError when there is no secret to be had.
        """
        if self._thread is not None:
            return
        ours = self._signer.prefix
        await asyncio.to_thread(self._open)
        if self._read("SELECT 1 FROM entries WHERE key < ? OR key >= ? LIMIT 1", (ours, ours + "~")):
            self._strangers.met()
        self._thread = threading.Thread(target=self._write_forever, name="tidegate-cache-writer", daemon=True)
        self._thread.start()

    async def aclose(self) -> None:
        """Write what is queued, then close."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.to_thread(self._jobs.put, None)
            await asyncio.to_thread(thread.join)
        await asyncio.to_thread(sqlite_file.close, self._reader, self._writer)
        self._reader = self._writer = None

    @property
    def unanswered(self) -> int:
        """See SharedStore."""
        return self.counts["failed_reads"]

    def stats(self) -> dict[str, int]:
        found = self._read("SELECT entries, bytes FROM totals", ())
        entries, used = found[0] if found else (0, 0)
        return {"entries": entries, "bytes": used, "strangers": self._strangers.seen, **self.counts}

    async def damage(self) -> dict[str, int]:
        """What was found damaged since the file was made, by any process, and files that had to be given up."""
        found = self._read("SELECT entries FROM damage", ())
        return {"damaged_answers": found[0][0] if found else 0, "damaged_files": sqlite_file.given_up(self.path)}

    async def get(self, key: str) -> Entry | None:
        rows = self._read(f"SELECT {COLUMNS} FROM entries WHERE key = ?", (self._signer.name(key),))
        entry = self._entry(rows[0]) if rows else None
        if entry is None or entry.key != key:
            return None
        if entry.expires <= time.time():
            await self.delete(key)
            return None
        with self._used_lock:
            if len(self._used) < 100_000:
                self._used[key] = time.time()
        return entry

    async def put(self, entry: Entry) -> bool:
        if size(entry) > self.max_bytes:
            return False
        vector = None if entry.vector is None else pack(entry.vector)
        sign, name = self._signer, self._signer.name(entry.key)
        row = (name, entry.partition, entry.value, entry.created, entry.expires, sign.entry(entry))
        extra = (vector, entry.encoder, vector and sign.vector(entry.key, entry.partition, entry.encoder, vector))
        return await self._committed(lambda link: sqlite_rows.put(link, (*row, *extra), size(entry)))

    async def set_vector(self, key: str, vector: Vector, encoder: str) -> None:
        raw, name = pack(vector), self._signer.name(key)
        sign = functools.partial(self._signer.vector, key, encoder=encoder, vector=raw)
        self._submit(Job(lambda link: sqlite_rows.set_vector(link, name, raw, encoder, sign)))

    async def amend(self, entry: Entry, value: bytes) -> None:
        signed = self._signer.amended(entry, value)
        if not await self._committed(lambda link: sqlite_rows.amend(link, value, *signed)):
            raise Unanswered

    async def delete(self, key: str) -> None:
        self._submit(Job(lambda link: sqlite_rows.delete(link, self._signer.name(key))))

    async def erase(self, keys: Sequence[str]) -> None:
        names = [self._signer.name(key) for key in keys]
        if not await self._committed(lambda link: sqlite_rows.erase(link, names)):
            raise Unanswered

    async def entries(self) -> AsyncIterator[Entry]:
        after = self._signer.prefix
        end = after + "~"
        while True:
            query = f"SELECT {COLUMNS} FROM entries WHERE key > ? AND key < ? AND expires > ? ORDER BY key LIMIT 200"
            rows = await asyncio.to_thread(self._read_apart, query, (after, end, time.time()))
            for row in rows:
                entry = self._entry(row)
                if entry is not None:
                    yield entry
            if len(rows) < 200:
                return
            after = rows[-1][0]

    async def changes(self, since: str | None) -> Changes:
        """Entries by the order of their commits. See SharedStore."""
        if since is None:
            found = self._read("SELECT seq FROM totals", ())
            return Changes(f"{self._files}:{found[0][0] if found else 0}", [])
        now, (known, _, number) = str(self._files), since.rpartition(":")
        last = int(number)
        # A damaged number, or one of another type, is larger than the newest: it must not become the cursor.
        query = f"""SELECT {COLUMNS}, seq FROM entries
          WHERE seq > ? AND seq <= (SELECT seq FROM totals) ORDER BY seq LIMIT 500"""
        rows = self._read(query, (last,))
        newest = self._read("SELECT seq FROM totals", ())
        behind = bool(newest) and isinstance(newest[0][0], int) and newest[0][0] < last
        lost = behind or known != now  # a fresh file in its place
        entries = [entry for row in rows if (entry := self._entry(row[:-1])) is not None]
        return Changes(f"{now}:{0 if lost else rows[-1][-1] if rows else last}", entries, lost)

    # Notes

    async def note(self, name: str) -> bytes | None:
        rows = self._asked("SELECT value FROM notes WHERE name = ?", (self._signer.name(name),))
        if rows is None:
            raise Unanswered
        return self._signer.unseal(name, rows[0][0]) if rows and isinstance(rows[0][0], bytes) else None

    async def set_note(self, name: str, value: bytes) -> None:
        if len(value) <= NOTE_BYTES:
            kept, sealed = self._signer.name(name), self._signer.seal(name, value)
            if not await self._committed(lambda link: sqlite_file.set_note(link, kept, sealed)):
                raise Unanswered

    async def notes(self, since: float) -> list[tuple[str, bytes, float]]:
        query = "SELECT name, value, at FROM notes WHERE at >= ? ORDER BY at DESC LIMIT ?"
        rows = await asyncio.to_thread(self._read_apart, query, (since, NOTES))
        return opened(self._signer, reversed(rows))

    # Reading

    def _read(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        return self._asked(query, values) or []

    def _asked(self, query: str, values: tuple[Any, ...]) -> list[Any] | None:
        """The rows; None when the file gives no answer."""
        with self._read_lock:
            try:
                return None if self._reader is None else self._reader.execute(query, values).fetchall()
            except sqlite3.Error as error:
                self._failed("failed_reads", error)
                return None

    def _read_apart(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        """The same on a connection of its own, for long scans off the event loop."""
        try:
            with contextlib.closing(sqlite_file.connect(self.path, self.busy_seconds)) as link:
                return link.execute(query, values).fetchall()
        except sqlite3.Error as error:
            self._failed("failed_reads", error)
            return []

    def _entry(self, row: Sequence[Any]) -> Entry | None:
        name, partition, value, created, expires, total, vector, encoder, vector_sum = row
        key = self._signer.key(name) if isinstance(name, str) else ""
        if key is None:
            self._strangers.met()
            return None
        try:
            bare = Entry(key, partition, bytes(value), float(created), float(expires), encoder=encoder)
            entry = self._signer.verified(bare, total, vector or b"", vector_sum or b"", unpack)
        except (TypeError, ValueError, AttributeError):  # a flipped byte may change a column's type
            entry = None
        if entry is None:
            self.counts["damaged"] += 1
            self._submit(Job(lambda link: sqlite_rows.damaged(link, name)))
        return entry

    def _failed(self, count: str, error: Exception) -> None:
        self.counts[count] += 1
        if sqlite_file.is_damage(error):
            self._broken.set()  # the writer moves the file aside

    # Writing, all in one thread

    async def _committed(self, write: Write) -> bool:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[bool] = loop.create_future()
        return await done if self._submit(Job(write, loop, done)) else False

    def _submit(self, job: Job) -> bool:
        try:
            if self._thread is None:
                return False
            self._jobs.put_nowait(job)
            return True
        except queue.Full:
            self.counts["refused"] += 1
            return False

    def _open(self) -> None:
        try:
            sqlite_file.prepare(self.path)
            identity = sqlite_file.identity(self.path)  # of another file, if it is replaced now: that is seen later
            self._writer = sqlite_file.connect(self.path, self.busy_seconds)
            self._reader = sqlite_file.connect(self.path, 0.05)
            self._identity = identity
            self._files += 1
        except (sqlite3.Error, OSError) as error:
            self.counts["failed_writes"] += 1
            self._outage.began(error)

    def _write_forever(self) -> None:
        while True:
            batch, more = gather(self._jobs)
            if self._broken.is_set() or self._replaced():
                self._open_anew()
            if batch or self._used or sqlite_rows.expired(self._writer):
                self._commit(batch)
            if not more:
                return

    def _commit(self, batch: list[Job]) -> None:
        with self._used_lock:
            used, self._used = self._used, {}
        committed = False
        link = self._writer
        if link is None:
            self._open()
            link = self._writer
        try:
            if link is not None:
                link.execute("BEGIN IMMEDIATE")
                for job in batch:
                    job.work(link)
                sqlite_rows.touch(link, {self._signer.name(key): at for key, at in used.items()})
                evicted = sqlite_rows.evict(link, self.max_entries, self.max_bytes)
                link.execute("COMMIT")
                self.counts["evicted"] += evicted
                committed = True
                if any(job.done is not None for job in batch):  # what merely deletes is done on a full disk too
                    self._outage.over()
        except Exception as error:  # a damaged page can hand out a value of any type; the thread must live on
            self._failed("failed_writes", error)
            self._outage.began(error)
            with contextlib.suppress(sqlite3.Error):
                if link is not None and link.in_transaction:
                    link.execute("ROLLBACK")
        tell([job for job in batch if job.done is not None], committed)

    def _replaced(self) -> bool:
        """Whether another process has moved the open file aside, or somebody has deleted it."""
        return self._writer is not None and sqlite_file.identity(self.path) != self._identity

    def _open_anew(self) -> None:
        """Move a damaged file aside, unless another process has already put a fresh one in its place."""
        self._broken.clear()
        with self._read_lock:
            for link in (self._reader, self._writer):
                if link is not None:
                    with contextlib.suppress(sqlite3.Error):
                        link.close()
            self._reader = self._writer = None
        if sqlite_file.identity(self.path) == self._identity:
            with contextlib.suppress(OSError):
                sqlite_file.move_aside(self.path, "damaged")
        else:
            sqlite_file.log.warning("cache file %s was moved or deleted: opened anew", self.path.name)
        self.counts["rescued"] += 1
        self._open()
