"""`redis://...?recall=server`: the server also searches the vectors, for fleets whose entries outgrow a node.

One index for each secret and encoder, over the entries' own hashes: the partition as a tag that every search is
filtered by, vectors as float16 in an HNSW graph. What it names is fetched and verified like any other entry. Needs
RediSearch 2.10 (Redis 8, Redis Stack 7.4). A new encoder gets an index of its own; the one before stays until an
operator drops it, for other nodes may still use it.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast

import numpy as np

from ...engine.errors import ConfigError
from ...engine.ports import Entry, Vector
from . import redis_scripts as scripts
from .record import Changes, log, unpack
from .redis import RedisStore

SEARCH_MS = 200
"""The server gives a search up after it."""
PAGE = 64
INDEXING_SECONDS = 0.5
"""How often an index that is being built is asked whether it is done."""


class RedisSearchStore(RedisStore):
    """Entries, and their vectors' index, on one server. `expect` says which encoder's; before that nothing is near, and
    no vector is read or written."""

    _index = ""
    _encoder = ""
    _dim = 0

    async def prepare(self, encoder: str, dim: int) -> None:
        """Make the index of an encoder's vectors, unless it is there.

        Raises ConfigError when the server answers and cannot search; one that is away is asked again later.
        """
        self.expect(encoder, dim)
        if refused := await self._make():
            raise ConfigError(
                f"the redis server cannot search vectors: {refused[:120]}",
                hint="recall=server needs Redis 8 or Redis Stack 7.4; without it every node searches for itself",
            )

    def expect(self, encoder: str, dim: int) -> None:
        """Read and write the vectors of an encoder, as the gates do that search for them."""
        self.vector_field = f"near:{encoder}"
        made = hashlib.blake2b(f"{encoder}:{dim}".encode(), digest_size=4).hexdigest()
        self._index, self._encoder, self._dim = f"{scripts.ROOT}{self._signer.prefix}{made}", encoder, dim

    async def put(self, entry: Entry) -> bool:
        ours = entry.encoder == self._encoder and self._fits(entry.vector)
        return await super().put(entry if ours else replace(entry, vector=None, encoder=""))

    async def set_vector(self, key: str, vector: Vector, encoder: str) -> None:
        """See Store. Another encoder's is left out: no gate would read it, and none make its own in its place."""
        if encoder == self._encoder and self._fits(vector):
            await super().set_vector(key, vector, encoder)

    def _fits(self, vector: Vector | None) -> bool:
        return vector is not None and vector.shape == (self._dim,)

    async def has(self, partition: str) -> bool:
        """Whether a partition holds anything with a vector; saves embedding a question that nothing can be near to."""
        query = "@partition:{$p} @encoder:{$e}"
        return (await self._search(query, ["p", partition, "e", self._encoder], 0, 0))[0] > 0

    async def near(self, partition: str, vector: Vector, count: int) -> list[Entry]:
        """The entries of a partition whose vectors are nearest, each verified; none when the server has no answer."""
        query = f"(@partition:{{$p}})=>[KNN {count} @near $v]"
        _, names = await self._search(query, ["p", partition, "v", self._pack(vector)], 0, count)
        entries = await asyncio.gather(*(self._named(name) for name in names))
        return [entry for entry in entries if entry is not None and entry.partition == partition]

    async def unembedded(self) -> AsyncIterator[list[Entry]]:
        """Entries with no vector of this encoder, a few at a time. See SearchingStore."""
        passed = 0
        while True:
            _, names = await self._search("-@encoder:{$e}", ["e", self._encoder], passed, PAGE)
            entries = await asyncio.gather(*(self._named(name) for name in names))
            yield [entry for entry in entries if entry is not None]
            passed += await self._left_out(names)  # look behind them
            if not names:
                if not self.available or not await self._indexing():
                    return
                await asyncio.sleep(INDEXING_SECONDS)

    async def _left_out(self, names: list[bytes]) -> int:
        """How many of them are still without a vector of this encoder."""
        at = [scripts.ENTRY.encode() + name for name in names]
        found = [await self._link.ask(lambda one=one: self._redis.hget(one, "encoder"), None) for one in at]
        return sum(encoder != self._encoder.encode() for encoder in found)

    async def changes(self, since: str | None) -> Changes:
        """Nothing: nodes keep no copy that must follow."""
        return Changes(since or "0", [])

    def _pack(self, vector: Vector) -> bytes:
        return np.ascontiguousarray(vector, dtype="<f2").tobytes()

    def _unpack(self, raw: bytes) -> Vector | None:
        if len(raw) != 2 * self._dim:
            return None
        return unpack(np.frombuffer(raw, dtype="<f2").astype("<f4").tobytes())

    async def _search(self, query: str, parameters: list[Any], first: int, count: int) -> tuple[int, list[bytes]]:
        """How many documents match, and the names of those from `first` on. None when there is no answer."""
        words = ["FT.SEARCH", self._index, query, "NOCONTENT", "LIMIT", first, count, "TIMEOUT", SEARCH_MS]
        words += ["PARAMS", len(parameters), *parameters, "DIALECT", 2]
        refusals: list[str] = []
        found = await self._link.ask(lambda: self._redis.execute_command(*words), None, refusals.append)
        if refusals and "index" in refusals[0].lower():  # the server was flushed, or is a new one
            await self._make()
        if isinstance(found, dict):  # RESP3
            facts = cast("dict[bytes, Any]", found)
            documents = [document[b"id"] for document in facts.get(b"results", [])]
            return facts.get(b"total_results", 0), [_name(each) for each in documents]
        rows = cast("list[Any]", found or [0])
        return rows[0], [_name(each) for each in rows[1:]]

    async def _make(self) -> str:
        """Make the index; why the server cannot, empty when it could or did not answer."""
        refusals: list[str] = []
        await self._link.ask(
            lambda: self._redis.execute_command(
                *("FT.CREATE", self._index, "ON", "HASH", "PREFIX", 1, scripts.ENTRY + self._signer.prefix, "SCHEMA"),
                *("partition", "TAG", "CASESENSITIVE", "encoder", "TAG", "CASESENSITIVE"),
                *(self.vector_field, "AS", "near", "VECTOR", "HNSW", 6),
                *("TYPE", "FLOAT16", "DIM", self._dim, "DISTANCE_METRIC", "IP"),
            ),
            None,
            refusals.append,
        )
        if not refusals or "already exists" in refusals[0].lower():
            return ""
        log.warning("the cache's redis server cannot make an index: %s", refusals[0][:120])
        return refusals[0]

    async def _indexing(self) -> bool:
        found = await self._link.ask(lambda: self._redis.execute_command("FT.INFO", self._index), None)
        if isinstance(found, list):  # RESP2
            rows = cast("list[Any]", found)
            found = dict(zip(rows[::2], rows[1::2], strict=False))
        return int(cast("dict[bytes, Any]", found or {}).get(b"indexing", 0)) == 1


def _name(document: bytes) -> bytes:
    return document.removeprefix(scripts.ENTRY.encode())
