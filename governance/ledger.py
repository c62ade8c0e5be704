"""The request log: one row an exchange, written after the reply has left, bounded in queue and age.

Texts in it are those that the provider saw and gave: masked by the request guard, and not restored.
"""

import json
import logging
import math
import queue
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..engine.errors import ConfigError, TidegateError
from ..engine.exchange import Exchange, Reply
from ..engine.headers import outcome
from ..engine.jsonio import dumps
from ..engine.pipeline import overhead
from ..engine.ports import Next
from ..engine.shared_file import identity, write_ahead
from ..engine.sse import Event
from .finds import finds

log = logging.getLogger("tidegate")

QUEUE = 10_000
"""Rows that may wait for the disk; more are dropped and counted."""
QUEUE_BYTES = 64 * 1024 * 1024
"""Bytes of texts that may wait with them; rows beyond are dropped and counted too."""
TEXT_BYTES = 64 * 1024
"""Kept of a request's and of a reply's text."""
PRUNE_SECONDS = 600.0
"""The longest that a row stays in the file beyond its time."""
PRUNE_PAUSE = 1.0
"""The shortest time between two looks for old rows."""
PRUNED = 1000
"""Old rows deleted at once: after a long stop there may be millions, and other processes wait only so long."""
PRUNED_PAUSE = 0.05
"""Until the next of them are, so that others come to write."""
BUSY_SECONDS = 2.0
"""How long another process is waited for."""
SENT = "models.sent"
"""What routing leaves on an exchange: the model that the provider which answered was asked for."""
ASKED = "models.asked"
"""The same: the provider that was asked last, whether it answered or not."""
_TAP = "governance.reply"
_LATER = ("input_tokens INTEGER", "output_tokens INTEGER", "cost REAL", "sent TEXT", "finds TEXT")
"""Columns that older files lack."""
_NAMES_LATER = frozenset(column.split()[0] for column in _LATER)
_SHOWN = (
    *("id", "at", "caller", "dialect", "model", "provider", "status", "error", "cache", "guard", "rules"),
    *("overhead_ms", "total_ms", "input_tokens", "output_tokens", "cost", "sent", "finds"),
)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (
    id TEXT PRIMARY KEY, at REAL NOT NULL, caller TEXT NOT NULL, dialect TEXT NOT NULL, model TEXT NOT NULL,
    provider TEXT NOT NULL, status INTEGER NOT NULL, error TEXT NOT NULL, stream INTEGER NOT NULL,
    cache TEXT NOT NULL, guard TEXT NOT NULL, rules TEXT NOT NULL, overhead_ms REAL NOT NULL, total_ms REAL NOT NULL,
    request BLOB, reply BLOB, input_tokens INTEGER, output_tokens INTEGER, cost REAL,
    sent TEXT, finds TEXT
);
CREATE INDEX IF NOT EXISTS requests_at ON requests(at);
"""

_LISTS = frozenset(("rules", "finds"))
_ACTED = "EXISTS (SELECT 1 FROM json_each(nullif(rules, '')) AS acted WHERE acted.value GLOB :rule)"
_FOUND = "EXISTS (SELECT 1 FROM json_each(finds) AS find WHERE json_extract(find.value, '$.rule') GLOB :rule)"
_PRUNE = "DELETE FROM requests WHERE rowid IN (SELECT rowid FROM requests WHERE at < ? ORDER BY at LIMIT ?)"


@dataclass(slots=True)
class Tap:
    """A stage behind the request guard: collects a reply's bytes while they are still masked."""

    async def __call__(self, exchange: Exchange, next: Next) -> Reply:
        reply = await next(exchange)
        kept = exchange.memo[_TAP] = bytearray()
        reply.events = self._listen(reply.events, kept)
        return reply

    async def _listen(self, events: AsyncIterator[Event], kept: bytearray) -> AsyncIterator[Event]:
        async for event in events:
            if len(kept) < TEXT_BYTES:
                kept += event.raw[: TEXT_BYTES - len(kept)]
            yield event


class Ledger:
    """Keeps rows for `keep` seconds in an SQLite file, whether new ones come or not. A failing disk costs rows, never a
    request."""

    def __init__(self, path: Path, content: Literal["masked", "none"], keep: float) -> None:
        self._path = path
        self._content = content
        self._keep = keep
        self._rows: queue.Queue[tuple[Any, ...] | None] = queue.Queue(QUEUE)
        self._thread: threading.Thread | None = None
        self._put = self._taken = 0  # bytes of texts, each counted by one thread
        self.dropped = 0
        """Rows that were lost: the queue was full, or the file could not be written."""

    def start(self) -> None:
        """Open the file. Raises ConfigError when it cannot be written."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._open().close()
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(f"the log cannot be opened: {error}", file=str(self._path)) from None
        self._thread = threading.Thread(target=self._run, name="tidegate-ledger", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what waits, then stop."""
        if self._thread is not None:
            self._rows.put(None)
            self._thread.join(timeout=5)
            self._thread = None

    def observe(self, exchange: Exchange, status: int, error: TidegateError | None) -> None:
        """An exchange is over."""
        row = self._row(exchange, status, error)
        size = _texts(row)
        try:
            if self._put - self._taken + size > QUEUE_BYTES:
                raise queue.Full
            self._rows.put_nowait(row)
            self._put += size
        except queue.Full:
            self.dropped += 1

    def _row(self, exchange: Exchange, status: int, error: TidegateError | None) -> tuple[Any, ...]:
        said, rules = outcome(exchange)
        cache, spent = exchange.cache, exchange.spent
        sent = exchange.memo.get(SENT, exchange.model) if exchange.provider else ""
        # A request that a rule refused was not masked to the end: its text is not kept.
        texts = self._content == "masked" and exchange.memo.get(_TAP) is not None
        return (
            exchange.id,
            time.time(),
            exchange.caller.id,
            exchange.dialect.name,
            exchange.model[:200] if exchange.model_passed else "",
            exchange.provider or exchange.memo.get(ASKED, ""),
            status,
            error.code if error else "",
            exchange.stream,
            f"{cache.status} {cache.detail}".strip(),
            said,
            json.dumps(rules),
            _added(exchange),
            exchange.timings.get("total", 0.0),
            dumps(exchange.body)[:TEXT_BYTES] if texts else None,
            bytes(exchange.memo[_TAP]) if texts else None,
            spent.usage.input if spent else None,
            spent.usage.output if spent else None,
            spent.dollars if spent else None,
            sent[:200] if exchange.model_passed else "",
            json.dumps(finds(exchange.verdicts)),
        )

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
        write_ahead(db, BUSY_SECONDS)
        db.execute("PRAGMA synchronous=NORMAL")
        db.executescript(_SCHEMA)
        db.execute("BEGIN IMMEDIATE")  # several processes may open an older file at once
        there = {row[1] for row in db.execute("PRAGMA table_info(requests)")}
        for column in _LATER:
            if column.split()[0] not in there:
                db.execute(f"ALTER TABLE requests ADD COLUMN {column}")
        db.execute("COMMIT")
        return db

    def _run(self) -> None:
        db, there = self._open(), identity(self._path)
        due = 0.0  # by the monotonic clock; at once, for what a stopped gate left
        running, told, taken = True, False, 0
        while running:
            self._taken += taken  # those that were written, or lost
            rows = self._waiting(due - time.monotonic())
            taken = sum(_texts(row) for row in rows if row)
            running = None not in rows
            prune = time.monotonic() >= due
            if prune:
                due = time.monotonic() + max(PRUNE_PAUSE, min(self._keep, PRUNE_SECONDS))
            try:
                if rows and identity(self._path) != there:  # deleted or moved: what is written would be lost with it
                    if _alone(db):
                        db.close()
                        db, there = self._open(), identity(self._path)
                    elif not told:
                        told = True
                        log.warning(
                            "the request log was moved or deleted; it stays in use, other processes write it too"
                        )
                if self._written(db, rows, prune) == PRUNED:
                    due = time.monotonic() + PRUNED_PAUSE
            except sqlite3.Error as error:
                self.dropped += sum(row is not None for row in rows)
                log.warning("the request log could not be written: %s", type(error).__name__)
                with suppress(sqlite3.Error):  # also closed, where no file could be made anew
                    if db.in_transaction:
                        db.execute("ROLLBACK")
        self._taken += taken
        db.close()

    def _written(self, db: sqlite3.Connection, rows: list[tuple[Any, ...] | None], prune: bool) -> int:
        """How many rows that are too old went, once these are in."""
        db.execute("BEGIN")
        db.executemany(f"INSERT OR REPLACE INTO requests VALUES ({','.join('?' * 21)})", [row for row in rows if row])
        gone = db.execute(_PRUNE, (time.time() - self._keep, PRUNED)).rowcount if prune else 0
        db.execute("COMMIT")
        return gone

    def _waiting(self, seconds: float) -> list[tuple[Any, ...] | None]:
        """The rows that wait, 500 at most; none when none has come within `seconds`."""
        rows: list[tuple[Any, ...] | None] = []
        with suppress(queue.Empty):
            rows.append(self._rows.get(timeout=max(0.0, seconds)))
            while len(rows) < 500:
                rows.append(self._rows.get_nowait())
        return rows


def _texts(row: tuple[Any, ...]) -> int:
    """Bytes of a row's texts."""
    return sum(len(value) for value in row if isinstance(value, bytes))


def _added(exchange: Exchange) -> float:
    """Milliseconds that the gate added: of a stream until its head, since behind that its pace is the model's."""
    times = exchange.timings
    if exchange.stream:
        return overhead(times)
    return times.get("total", 0.0) - times.get("upstream", 0.0)


def _alone(db: sqlite3.Connection) -> bool:
    """Whether no other process has this file open; all there is stands in it then, and nothing beside. Processes that
    share a file that was moved share what lies beside its old place, too: a new one there would mix with it."""
    try:
        db.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:  # such as that it was moved; or it is closed, where no file could be made anew
        return getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY
    return True


def read(
    path: Path, last: int, keep: float = math.inf, *, id: str = "", failed: bool = False, rule: str = ""
) -> list[dict[str, Any]]:
    """The newest `last` rows of the last `keep` seconds, without texts, oldest first. With `id` those whose id begins
    so, with `failed` those with a status of 400 or more, with `rule` those in which such a rule found something, `*`
    and `?` as in names of files.

    Raises ConfigError for a file that is no request log.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            db.row_factory = sqlite3.Row
            there = {row["name"] for row in db.execute("PRAGMA table_info(requests)")}
            columns = [name for name in _SHOWN if name in there or name not in _NAMES_LATER]  # an older file lacks some
            fits = "at >= :since AND coalesce(status, 0) >= :least AND substr(id, 1, length(:id)) = :id"
            if rule:
                fits += f" AND ({_ACTED} OR {_FOUND})" if "finds" in there else f" AND {_ACTED}"
            asked = f"SELECT {', '.join(columns)} FROM requests WHERE {fits} ORDER BY at DESC LIMIT :last"
            given = {"since": time.time() - keep, "least": 400 if failed else 0, "id": id, "rule": rule, "last": last}
            rows = db.execute(asked, given).fetchall()
    except sqlite3.Error as error:
        raise ConfigError(f"cannot be read as a request log: {error}", file=str(path)) from None
    return [dict(row) | {name: json.loads(row[name] or "[]") for name in _LISTS & {*columns}} for row in reversed(rows)]
