"""The semantic tier where the store searches: the same cascade, over what the server names for one question.

The local index holds the last few thousand entries that the server named, so that everything behind the search (rules,
verifier, bound) is the same as over a local index, and so that a server that is away leaves something to answer from.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any, cast

from ..engine.ports import Embedder, Entry, Store
from .answer import decode
from .key import Place
from .semantic import CANDIDATES, TEXT_CHARS, Match, Semantic
from .stores.record import SearchingStore
from .verify import Verifier

KEPT = 4096
"""Entries in the local index."""
BATCH = 16
"""Texts embedded at once, between requests."""


class RemoteSemantic(Semantic):
    """Texts of a store that is larger than this process."""

    def __init__(self, store: SearchingStore, embedder: Embedder, verifier: Verifier, max_wrong_hits: float) -> None:
        super().__init__(embedder, None, verifier, max_wrong_hits, KEPT)
        self._store = store

    async def start(self) -> None:
        """The self-test, then the index on the server. Raises ConfigError when the server cannot search."""
        await super().start()
        if not self.off:
            await self._store.prepare(self.embedder.id, self.embedder.dim)

    async def find(self, memo: dict[str, Any], where: Place, required: Callable[[str], float]) -> Match | None:
        """As `Semantic.find`, after the server was asked what is near."""
        if self.off or not where.text or len(where.text) > TEXT_CHARS:
            return None
        if await self._store.has(where.partition) and (vector := await self.vector(memo, where.text)) is not None:
            for entry in await self._store.near(where.partition, vector, CANDIDATES):
                answer = decode(entry.value)
                if answer is not None and answer.partition == where.partition and entry.vector is not None:
                    self._add(entry.partition, entry.key, answer.text, entry.vector)
        return await super().find(memo, where, required)

    async def load(self, store: Store, entries: AsyncIterator[Entry], *, embed: bool) -> None:
        """Nothing is taken in; entries without a vector of this encoder are given one."""
        if not embed:
            return
        async for page in self._store.unembedded():
            answers = [(entry, decode(entry.value)) for entry in page]
            bare = [(entry, found.text) for entry, found in answers if found and 0 < len(found.text) <= TEXT_CHARS]
            for at in range(0, len(bare), BATCH):
                await self._embed_again(store, bare[at : at + BATCH])


def semantic_over(
    store: Store, embedder: Embedder, static: Embedder | None, verifier: Verifier, max_wrong_hits: float, limit: int
) -> Semantic:
    """The semantic tier for a store: over its own search if it has one, else over an index of this process's."""
    if hasattr(store, "near"):
        return RemoteSemantic(cast("SearchingStore", store), embedder, verifier, max_wrong_hits)
    return Semantic(embedder, static, verifier, max_wrong_hits, limit)
