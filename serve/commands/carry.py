"""Stored answers as lines of JSON: `tidegate cache export` and `import`.

A line can be read (question, model, tags, reply) and taken in again whole (`value`, and the vector when there is one).
It is masked as it is stored, and nothing in it is signed: what is taken in is trusted as much as the file is.
"""

import asyncio
import base64
import json
import math
import sys
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TextIO, cast

from ...cache.answer import Answer, decode
from ...cache.key import entry_key
from ...cache.stores.record import pack, unpack
from ...engine.ports import Entry, Store
from ..config.gate_yaml import Loaded, load_config
from .jsonlines import numbered, value
from .memory import insist_on_all, opened
from .outfiles import replacing

FORMAT = 1


def export(config: Path, file: Path | None) -> int:
    """Write every live entry; how many. Raises ConfigError, and leaves the file as it was, when it cannot be written or
    the store does not answer."""
    loaded = load_config(config)
    with replacing(file) if file is not None else nullcontext(sys.stdout) as out:
        return asyncio.run(_export(loaded, out))


def take_in(config: Path, file: Path) -> dict[str, int]:
    """Put exported entries into the store. Those that are there already and as new stay; those that expired are left
    out; lines that are no entry are counted as damaged. Raises ConfigError when the file cannot be read."""
    return asyncio.run(_take_in(config, numbered(file)))


async def _export(loaded: Loaded, out: TextIO) -> int:
    count = 0
    async with opened(loaded) as store:
        async for row in _rows(store):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
        await insist_on_all(store)
    return count


async def _rows(store: Store) -> AsyncGenerator[dict[str, Any]]:
    async for entry in store.entries():
        answer = decode(entry.value)
        if answer is None:
            continue
        vector = {} if entry.vector is None else {"vector": _text(pack(entry.vector)), "encoder": entry.encoder}
        yield {
            "format": FORMAT,
            **_readable(answer),
            "key": entry.key,
            "partition": entry.partition,
            "created": entry.created,
            "expires": entry.expires,
            "value": _text(entry.value),
            **vector,
        }


def _readable(answer: Answer) -> dict[str, Any]:
    """What of a line is for people. It is taken from the value, and has to agree with it."""
    reply = b"".join(piece.raw for piece in answer.pieces).decode("utf-8", "replace")
    return {"text": answer.text, "model": answer.model, "tags": answer.tags, "reply": reply}


async def _take_in(config: Path, lines: Iterable[tuple[int, str]]) -> dict[str, int]:
    counts = {"imported": 0, "already_stored": 0, "expired": 0, "damaged": 0, "not_stored": 0}
    async with opened(load_config(config)) as store:
        for _, line in lines:
            counts[await _take(store, line)] += 1
    return counts


async def _take(store: Store, line: str) -> str:
    entry = _entry(line)
    if entry is None:
        return "damaged"
    if entry.expires <= time.time():
        return "expired"
    known = await store.get(entry.key)
    if known is not None and known.created >= entry.created:
        return "already_stored"
    if not await store.put(Entry(entry.key, entry.partition, entry.value, entry.created, entry.expires)):
        return "not_stored"
    if entry.vector is not None:
        await store.set_vector(entry.key, entry.vector, entry.encoder)
    return "imported"


def _entry(line: str) -> Entry | None:
    """The entry of a line, if all its parts agree with one another."""
    try:
        row = cast("dict[str, Any]", value(line))
        stored = base64.b64decode(row["value"], validate=True)
        created, expires = float(row["created"]), float(row["expires"])
        vector = unpack(base64.b64decode(row["vector"], validate=True)) if "vector" in row else None
        key, partition, encoder = str(row["key"]), str(row["partition"]), str(row.get("encoder", ""))
        encoder.encode()  # a lone surrogate is no name
        known = row["format"] == FORMAT
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
    if not (math.isfinite(created) and math.isfinite(expires)):
        return None
    answer = decode(stored)
    if not known or answer is None or answer.partition != partition or entry_key(partition, answer.text) != key:
        return None
    if any(row.get(name, said) != said for name, said in _readable(answer).items()):
        return None  # somebody has edited what is not what would be stored
    return Entry(key, partition, stored, created, expires, vector, encoder) if created < expires else None


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
