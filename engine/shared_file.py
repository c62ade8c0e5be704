"""What SQLite leaves to those who share a file between processes, which may also move or delete it."""

import sqlite3
import time
from pathlib import Path

_PAUSE = 0.01


def identity(path: Path) -> tuple[int, int] | None:
    """Which file lies at `path` now."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def write_ahead(link: sqlite3.Connection, seconds: float) -> None:
    """Let the file be read while it is written. Of several processes that start at once on a new file all want this,
    and SQLite lets none of them wait: whoever is not the first tries again, for so long. Raises sqlite3.Error."""
    until = time.monotonic() + seconds
    while True:
        try:
            link.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_PAUSE)
