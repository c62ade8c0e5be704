"""Conversations' masked values in a file, each sealed with AES-256-GCM under a key made of the gate's secret.

One process at a time: numbers of placeholders are given out in memory. SQLite's own lock refuses a second. A row that
cannot be opened (another secret, damage) counts as none. Source: NIST SP 800-38D; nonces are random, 96 bits.
"""

import hmac
import math
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..engine import jsonio
from ..engine.errors import ConfigError

NONCE = 12
SWEEP = 64
"""Writes after which what has expired, and what is too much, is removed."""


class VaultFile:
    """Bounded by rows and by bytes; the least recently used leave first."""

    def __init__(
        self, path: Path, most: int, most_bytes: int, secret: Callable[[], bytes], ttl: float = math.inf
    ) -> None:
        """None is kept for longer than `ttl` seconds, also where the clock is set back."""
        self._path, self._most, self._most_bytes = path, most, most_bytes
        self._secret, self._ttl = secret, ttl
        self._lock = threading.Lock()
        self._link: sqlite3.Connection | None = None
        self._box: AESGCM | None = None
        self._writes = 0

    def start(self) -> None:
        """Raises ConfigError when the file cannot be used, or another process uses it."""
        self._box = AESGCM(hmac.digest(self._secret(), b"tidegate vaults", "sha256"))
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            self._link = sqlite3.connect(self._path, timeout=1.0, isolation_level=None, check_same_thread=False)
            self._link.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._link.execute("PRAGMA secure_delete=ON")
            self._link.execute("BEGIN EXCLUSIVE")
            self._link.execute(
                "CREATE TABLE IF NOT EXISTS vaults "
                "(id BLOB PRIMARY KEY, changes INTEGER, expires REAL, sealed BLOB) WITHOUT ROWID"
            )
            self._sweep(self._link)
            self._link.execute("COMMIT")
        except (OSError, sqlite3.Error) as error:
            self.close()
            busy = isinstance(error, sqlite3.OperationalError) and "locked" in str(error)
            raise ConfigError(
                "another process uses the file of conversations" if busy else f"cannot be used: {error}",
                file=str(self._path),
                hint="one process, or a file for each" if busy else "",
            ) from None

    def close(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            with self._lock:
                link.close()

    def read(self, id: bytes) -> list[tuple[str, str, bool]]:
        """Label, value, and whether it comes back, in order. Raises OSError."""
        with self._lock, closing(self._cursor()) as cursor:
            found = self._run(
                cursor, "SELECT sealed FROM vaults WHERE id=? AND expires>?", (id, time.time())
            ).fetchone()
        if found is None or self._box is None:
            return []
        try:
            opened = self._box.decrypt(found[0][:NONCE], found[0][NONCE:], id)
        except (InvalidTag, ValueError, TypeError):
            self._drop(id)
            return []
        rows = cast("list[list[Any]]", jsonio.loads(opened))
        return [(str(label), str(value), bool(own)) for label, value, own in rows]

    def _drop(self, id: bytes) -> None:
        """Nothing that was damaged stands in the way of what is written next."""
        with self._lock, closing(self._cursor()) as cursor:
            self._run(cursor, "DELETE FROM vaults WHERE id=?", (id,))

    def write(self, id: bytes, changes: int, rows: list[tuple[str, str, bool]], expires: float) -> None:
        """Keep a conversation, unless a later state of it is there that has not expired. Raises OSError."""
        if self._box is None:
            return
        nonce = os.urandom(NONCE)
        sealed = nonce + self._box.encrypt(nonce, jsonio.dumps(cast(Any, rows)), id)
        with self._lock, closing(self._cursor()) as cursor:
            self._run(
                cursor,
                "INSERT INTO vaults VALUES (?,?,?,?) ON CONFLICT(id) DO UPDATE SET changes=excluded.changes, "
                "expires=excluded.expires, sealed=excluded.sealed WHERE excluded.changes >= changes OR expires <= ?",
                (id, changes, expires, sealed, time.time()),
            )
            self._writes += 1
            if self._writes % SWEEP == 0:
                self._sweep(cursor)

    def _sweep(self, link: sqlite3.Connection | sqlite3.Cursor) -> None:
        now = time.time()
        link.execute("DELETE FROM vaults WHERE expires<=?", (now,))
        link.execute("UPDATE vaults SET expires=? WHERE expires>?", (now + self._ttl, now + self._ttl))
        kept = 0
        rows = link.execute("SELECT id, length(sealed) FROM vaults ORDER BY expires DESC").fetchall()
        for place, (id, size) in enumerate(rows):
            kept += size
            if place >= self._most or kept > self._most_bytes:
                link.execute("DELETE FROM vaults WHERE id=?", (id,))

    def _cursor(self) -> sqlite3.Cursor:
        if self._link is None:
            raise OSError("it is closed")
        return self._link.cursor()

    def _run(self, cursor: sqlite3.Cursor, statement: str, given: tuple[Any, ...]) -> sqlite3.Cursor:
        try:
            return cursor.execute(statement, given)
        except sqlite3.Error as error:
            raise OSError(str(error)) from None
