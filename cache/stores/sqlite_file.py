"""The cache file: its schema, how it is opened, and what happens to a damaged one."""

import contextlib
import logging
import re
import sqlite3
import time
from pathlib import Path

from ...engine.shared_file import identity as identity
from ...engine.shared_file import write_ahead
from .record import NOTES, YEAR

log = logging.getLogger("tidegate.cache")

VERSION = 1
"""Of the schema, kept in `user_version`. A file of another version is moved aside, never guessed at."""

WAIT_SECONDS = 5.0
"""How long a start waits for others that have the file locked."""
STEP = 1e-6
"""Seconds that a note is younger than the one before, at least."""
CHECK_SECONDS = 1.0
"""Time for the integrity check at start; a file too large for it is trusted to its row checksums."""

_SCHEMA = """
CREATE TABLE entries (
  key TEXT PRIMARY KEY, partition TEXT NOT NULL, value BLOB NOT NULL, created REAL NOT NULL, expires REAL NOT NULL,
  total BLOB NOT NULL, vector BLOB, encoder TEXT NOT NULL DEFAULT '', vector_sum BLOB,
  size INTEGER NOT NULL, used REAL NOT NULL, seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX entries_used ON entries(used);
CREATE INDEX entries_seq ON entries(seq);
CREATE INDEX entries_expires ON entries(expires);
CREATE TABLE totals (one INTEGER PRIMARY KEY CHECK (one = 1), entries INTEGER, bytes INTEGER, seq INTEGER);
INSERT INTO totals VALUES (1, 0, 0, 0);
CREATE TRIGGER counted AFTER INSERT ON entries BEGIN
  UPDATE totals SET entries = entries + 1, bytes = bytes + new.size;
END;
CREATE TRIGGER resized AFTER UPDATE OF size ON entries BEGIN
  UPDATE totals SET bytes = bytes + new.size - old.size;
END;
CREATE TRIGGER uncounted AFTER DELETE ON entries BEGIN
  UPDATE totals SET entries = entries - 1, bytes = bytes - old.size;
END;
"""

_LATER = (
    "CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value BLOB NOT NULL, at REAL NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS notes_at ON notes(at)",
    "CREATE TABLE IF NOT EXISTS damage (one INTEGER PRIMARY KEY CHECK (one = 1), entries INTEGER NOT NULL)",
    "INSERT OR IGNORE INTO damage VALUES (1, 0)",
)
"""Also added to a file that was made without them."""


class NotOurs(sqlite3.DatabaseError):
    """The file is a database, but not one that this version can read."""


def connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """A connection for use by one thread at a time. Raises sqlite3.Error."""
    link = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
    link.text_factory = _text
    try:
        link.execute("PRAGMA synchronous=NORMAL")
        link.execute("PRAGMA secure_delete=ON")  # not every SQLite is built so: what is deleted stays in no free page
    except UnicodeDecodeError:  # the message about a damaged schema quotes it
        link.close()
        raise sqlite3.DatabaseError("the schema is damaged") from None
    return link


def close(reader: sqlite3.Connection | None, writer: sqlite3.Connection | None) -> None:
    """Let go of the file. Its journal is emptied first, which other processes would keep: what was deleted stands there
    until they have written as much again. Not where they are at work in it for longer than the writer waits."""
    if reader is not None:
        reader.close()
    if writer is not None:
        with contextlib.suppress(sqlite3.Error):
            writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        writer.close()


def _text(raw: bytes) -> str:
    """A damaged text is for the signature to find, not for the driver to fail on."""
    return raw.decode("utf-8", "replace")


def prepare(path: Path) -> None:
    """Make `path` a sound file of our schema; move what is not sound aside. Raises sqlite3.Error, OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(2):
        try:
            with contextlib.closing(connect(path, WAIT_SECONDS)) as link:
                _ready(link)
            return
        except sqlite3.OperationalError:
            raise  # locked, full, not permitted: the file itself may be sound
        except sqlite3.DatabaseError as error:
            if attempt:
                raise
            move_aside(path, str(error))


def _ready(link: sqlite3.Connection) -> None:
    write_ahead(link, WAIT_SECONDS)
    link.execute("BEGIN IMMEDIATE")  # of several processes that start at once, one makes the tables
    try:
        version = link.execute("PRAGMA user_version").fetchone()[0]
        if version == 0 and not link.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            for statement in _statements():
                link.execute(statement)
            link.execute(f"PRAGMA user_version={VERSION}")
        elif version != VERSION:
            raise NotOurs(f"its schema version is {version}, not {VERSION}")
        for statement in _LATER:
            link.execute(statement)
        link.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            link.execute("ROLLBACK")
        raise
    _check(link)


def _statements() -> list[str]:
    """The schema, statement by statement: a script would end the transaction it runs in."""
    found: list[str] = []
    text = ""
    for line in _SCHEMA.splitlines(keepends=True):
        text += line
        if sqlite3.complete_statement(text):
            found.append(text)
            text = ""
    return found


def _check(link: sqlite3.Connection) -> None:
    deadline = time.monotonic() + CHECK_SECONDS
    link.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
    try:
        answer = link.execute("PRAGMA quick_check(1)").fetchone()
        if answer and answer[0] == "ok":
            _count_again(link)
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        return
    finally:
        link.set_progress_handler(None, 0)
    if not answer or answer[0] != "ok":
        raise sqlite3.DatabaseError("the integrity check failed")


def _count_again(link: sqlite3.Connection) -> None:
    """Damaged totals would lift the bounds, or empty the cache. A full disk or a busy file leaves them as they are."""
    counted = link.execute("SELECT count(*), coalesce(sum(size), 0) FROM entries").fetchone()
    if link.execute("SELECT entries, bytes FROM totals WHERE one = 1").fetchone() != counted:
        with contextlib.suppress(sqlite3.OperationalError):
            link.execute("UPDATE totals SET (entries, bytes) = (SELECT count(*), coalesce(sum(size), 0) FROM entries)")


def move_aside(path: Path, reason: str) -> None:
    """Rename the file and its journals to `*.damaged-<seconds>`, so that nothing is lost to a mistake of ours."""
    stamp = f".damaged-{int(time.time())}"
    log.warning("cache file %s cannot be used (%s): moved to %s%s, starting empty", path.name, reason, path.name, stamp)
    for end in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            source = path.with_name(path.name + end)
            source.rename(source.with_name(path.name + stamp + end))


def given_up(path: Path) -> int:
    """How many files were moved aside."""
    return sum(not other.name.endswith(("-wal", "-shm")) for other in _aside(path))


def remove_given_up(path: Path) -> int:
    """Delete them, journals too: their texts are readable still. How many there were. Raises OSError."""
    found, count = _aside(path), given_up(path)
    for other in found:
        other.unlink(missing_ok=True)
    return count


def _aside(path: Path) -> list[Path]:
    named = re.compile(re.escape(path.name) + r"\.damaged-[0-9]+(?:-wal|-shm)?")
    return [other for other in path.parent.glob("*.damaged-*") if named.fullmatch(other.name)]


def is_damage(error: Exception) -> bool:
    """Whether the file itself is at fault, not its lock, its disk or its permissions."""
    if not isinstance(error, sqlite3.Error):
        return True
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "no such" in str(error)


def set_note(link: sqlite3.Connection, name: str, value: bytes) -> None:
    """Keep a note; beyond NOTES of them the one written longest ago leaves."""
    now = time.time()
    # Whoever reads on from the newest must see it also after the clock was set back. Beyond a year it is damage.
    newest = link.execute("SELECT max(at) FROM notes WHERE at < ?", (now + YEAR,)).fetchone()[0]
    at = max(now, (newest or 0.0) + STEP)
    known = link.execute("UPDATE notes SET value = ?, at = ? WHERE name = ?", (value, at, name)).rowcount
    if not known:
        link.execute("INSERT INTO notes VALUES (?, ?, ?)", (name, value, at))
        if link.execute("SELECT count(*) FROM notes").fetchone()[0] > NOTES:
            link.execute("DELETE FROM notes WHERE name = (SELECT name FROM notes ORDER BY at LIMIT 1)")
