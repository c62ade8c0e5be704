"""What is written to the cache file, each inside a transaction of the writer's. Rows go by their names."""

import sqlite3
import time
from collections.abc import Callable
from typing import Any

SWEPT = 1000
"""Rows removed at once because they have expired: others wait meanwhile."""
_EXPIRED = "SELECT key FROM entries WHERE expires <= ?"
COLUMNS = "key, partition, value, created, expires, total, vector, encoder, vector_sum"
_PUT = f"""INSERT INTO entries ({COLUMNS}, size, used, seq) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)
  ON CONFLICT(key) DO UPDATE SET partition=excluded.partition, value=excluded.value, created=excluded.created,
  expires=excluded.expires, total=excluded.total, vector=excluded.vector, encoder=excluded.encoder,
  vector_sum=excluded.vector_sum, size=excluded.size, used=excluded.used, seq=excluded.seq"""


def put(link: sqlite3.Connection, row: tuple[Any, ...], size: int) -> None:
    """Write a row of COLUMNS, in place of the one of its name."""
    link.execute(_PUT, (*row, size, time.time(), _next_number(link)))


def set_vector(link: sqlite3.Connection, name: str, vector: bytes, encoder: str, sign: Callable[[str], bytes]) -> None:
    """Give a row its vector; `sign` is told the row's partition."""
    found = link.execute("SELECT partition, length(vector) FROM entries WHERE key = ?", (name,)).fetchone()
    if found is not None:
        link.execute(
            "UPDATE entries SET vector=?, encoder=?, vector_sum=?, size=size+?, seq=? WHERE key=?",
            (vector, encoder, sign(found[0]), len(vector) - (found[1] or 0), _next_number(link), name),
        )


def amend(link: sqlite3.Connection, value: bytes, name: str, before: bytes, after: bytes) -> None:
    """Give a row another value if its signature is still `before`; `after` is the new one."""
    link.execute(
        "UPDATE entries SET size=size+?-length(value), value=?, total=? WHERE key=? AND total=?",
        (len(value), value, after, name, before),
    )


def delete(link: sqlite3.Connection, name: str) -> None:
    """Remove a row; nothing happens when there is none."""
    link.execute("DELETE FROM entries WHERE key = ?", (name,))


def erase(link: sqlite3.Connection, names: list[str]) -> None:
    """Remove rows, and all that has expired."""
    link.executemany("DELETE FROM entries WHERE key = ?", [(name,) for name in names])
    link.execute("DELETE FROM entries WHERE expires <= ?", (time.time(),))


def touch(link: sqlite3.Connection, used: dict[str, float]) -> None:
    """Note when rows were last used."""
    link.executemany("UPDATE entries SET used = ? WHERE key = ?", [(at, name) for name, at in used.items()])


def damaged(link: sqlite3.Connection, name: object) -> None:
    """Remove a row that is not what was written, and count it."""
    if link.execute("DELETE FROM entries WHERE key = ?", (name,)).rowcount:
        link.execute("UPDATE damage SET entries = entries + 1")


def expired(link: sqlite3.Connection | None) -> bool:
    """Whether there are rows to be removed. False where the file does not say so."""
    try:
        return link is not None and bool(link.execute(f"{_EXPIRED} LIMIT 1", (time.time(),)).fetchall())
    except sqlite3.Error:
        return False


def evict(link: sqlite3.Connection, max_entries: int, max_bytes: int) -> int:
    """Remove what has expired, SWEPT rows at most, and keep the bounds: then what has expired leaves first, and behind
    it the least recently used. How many went to make room."""
    link.execute(f"DELETE FROM entries WHERE key IN ({_EXPIRED} LIMIT {SWEPT})", (time.time(),))
    gone = 0
    while True:
        entries, used = link.execute("SELECT entries, bytes FROM totals").fetchone()
        if entries <= max_entries and used <= max_bytes:
            return gone
        step = max(1, entries - max_entries, entries // 64)
        victims = link.execute("DELETE FROM entries WHERE expires <= ?", (time.time(),)).rowcount
        if not victims:
            query = "DELETE FROM entries WHERE key IN (SELECT key FROM entries ORDER BY used LIMIT ?)"
            victims = link.execute(query, (step,)).rowcount
        if not victims:
            return gone
        gone += victims


def _next_number(link: sqlite3.Connection) -> int:
    """The next number in the order of commits."""
    return link.execute("UPDATE totals SET seq = seq + 1 RETURNING seq").fetchone()[0]
