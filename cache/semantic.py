"""The semantic tier: the same question in other words. A cascade, the cheap steps first.

An empty partition ends it at once. A static embedding, if there is one, finds candidates without a transformer; the
verifier's rules drop those that differ in a detail. Where there is none, or the verifier goes by sentence vectors, the
question is embedded, off the event loop. Then the verifier says how probable it is that one answer serves both.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from ..engine.ports import Embedder, Entry, Store, Vector
from .answer import decode
from .key import Place
from .recall import Recall
from .vectors import Vectors
from .verify import Candidate, Verifier
from .worker import Worker

CANDIDATES = 8
TEXT_CHARS = 2000
"""Longer texts are answered by the exact tier alone: encoders read their beginning only."""
EMBEDS_WAITING = 64
"""Lookups and new entries waiting for the encoder; beyond it the tier steps aside."""

CANARIES = (
    ("What is the capital of France?", "Tell me the capital city of France.", True),
    ("How do I reset my password?", "How can I reset my password?", True),
    ("What is the capital of France?", "How do I bake a sourdough bread?", False),
    ("How do I reset my password?", "Why is the sky blue in the evening?", False),
)

COUNTED = (
    *("empty", "gated", "near", "static_ms"),
    *("vetoed", "passed", "veto_ms"),
    *("busy", "far", "embedded", "embed_ms"),
    *("judged", "refused", "accepted", "judge_ms"),
)
"""What became of lookups at the static recall, the veto, the encoder and the verifier; milliseconds that these took.
`embedded` counts texts, those of new entries too."""


@dataclass(frozen=True, slots=True)
class Match:
    """A stored text that the same answer serves."""

    key: str
    similarity: float
    """Cosine of the vectors that the verifier went by: of the sentences, else the static ones. Of a link none is known:
    0.0."""
    probability: float
    """The verifier's: that one answer serves both."""
    accepted: bool = True
    """Whether that is enough for this entry; if not, it is the nearest of those that are not."""
    linked: bool = False
    """Shown to be the same before: the verifier was not asked."""


class Semantic:
    """Texts of the store by meaning, within their partitions. All but the embedding runs on the event loop."""

    def __init__(
        self, embedder: Embedder, static: Embedder | None, verifier: Verifier, max_wrong_hits: float, limit: int
    ) -> None:
        self.embedder = embedder
        self.static = static
        self.verifier = verifier
        self._sentences = static is None or verifier.sentences
        self.threshold = verifier.threshold(max_wrong_hits)
        self.off = "not started"
        """Why the tier does not answer; empty when it does."""
        self.counts: dict[str, float] = dict.fromkeys(COUNTED, 0)
        self._index = Recall((static or embedder).dim, limit)
        self._vectors = Vectors(embedder.dim)  # of sentences, where the index holds static ones and both are needed
        self._texts: dict[str, str] = {}
        self._worker = Worker("tidegate-embed")
        self._waiting = 0
        self._canaries: list[Candidate] = []

    def __len__(self) -> int:
        return len(self._index)

    async def start(self) -> None:
        """The self-test, before anything is answered."""
        await self.prove()

    async def prove(self) -> None:
        """The self-test: a broken encoder must not answer. Does not raise; `off` says what failed."""
        self._index.open()
        try:
            self.off = await self._worker.do(self._self_test) or await self._verifier_test()
        except Exception as error:  # whatever is wrong with an encoder, the exact tier goes on
            self.off = f"the encoder fails: {type(error).__name__}"
        if not self.off and self.threshold > 1.0:
            self.off = "no threshold of the verifier keeps max_wrong_hits"

    def close(self) -> None:
        self._worker.close()
        self._index.close()
        self.verifier.close()

    async def find(self, memo: dict[str, Any], where: Place, required: Callable[[str], float]) -> Match | None:
        """The best match in the question's partition; `required` says what probability an entry must reach.

        None when nothing is near, and when the tier is off or too busy.
        """
        if self.off or not where.text or len(where.text) > TEXT_CHARS:
            return None
        if not self._index.size(where.partition):
            return self._none("empty")
        near = self._near_statically(where) if self.static is not None else None
        if near is not None and not near:
            return None
        if near is not None and not self._sentences:
            candidates = [(key, Candidate(self._texts[key], cosine)) for key, cosine in near.items()]
            return await self._judge(where, candidates, required)
        vector = await self.vector(memo, where.text)
        if vector is None:
            return self._none("busy")
        candidates = self._candidates(where, vector, near)
        return await self._judge(where, candidates, required) if candidates else None

    def _near_statically(self, where: Place) -> dict[str, float]:
        """Keys that pass the static gate and the rules, with their static cosine."""
        assert self.static is not None
        began = time.perf_counter()
        query = self.static.embed([where.text])[0]
        found = self._index.search(where.partition, query, CANDIDATES)
        near = [(key, cosine) for key, cosine in found if cosine >= self.verifier.gate]
        self.counts["static_ms"] += (time.perf_counter() - began) * 1e3
        self.counts["near" if near else "gated"] += 1
        return self._passing(where, near) if near else {}

    def _passing(self, where: Place, near: list[tuple[str, float]]) -> dict[str, float]:
        """Those that the rules let by, nearest first; only as many as will be judged, since the rules read each."""
        began = time.perf_counter()
        kept: dict[str, float] = {}
        for key, cosine in near:
            if len(kept) == self.verifier.reads or cosine < max(kept.values(), default=-1.0) - self.verifier.spread:
                break
            if not self.verifier.veto(where.text, self._texts[key]):
                kept[key] = cosine
        self.counts["veto_ms"] += (time.perf_counter() - began) * 1e3
        self.counts["passed" if kept else "vetoed"] += 1
        return kept

    def _candidates(self, where: Place, vector: Vector, near: dict[str, float] | None) -> list[tuple[str, Candidate]]:
        if near is None:
            found = self._index.search(where.partition, vector, CANDIDATES)
        else:
            known = ((key, self._vectors.get(key)) for key in near)
            found = [(key, float(vector @ other)) for key, other in known if other is not None]
        pairs = [(key, cosine) for key, cosine in found if cosine >= self.verifier.floor]
        if not pairs:
            self._none("far")
        elif near is None:
            pairs = list(self._passing(where, pairs).items())
        return [(key, Candidate(self._texts[key], cosine)) for key, cosine in pairs]

    async def _judge(
        self, where: Place, candidates: list[tuple[str, Candidate]], required: Callable[[str], float]
    ) -> Match:
        began = time.perf_counter()
        chances = await self.verifier.judge(where.text, [candidate for _, candidate in candidates])
        self.counts["judged"] += 1
        self.counts["judge_ms"] += (time.perf_counter() - began) * 1e3
        matches = [
            Match(key, candidate.cosine, chance, chance >= required(key))
            for (key, candidate), chance in zip(candidates, chances, strict=True)
        ]
        best = max(matches, key=lambda match: (match.accepted, match.probability))
        self.counts["accepted" if best.accepted else "refused"] += 1
        return best

    def _none(self, count: str) -> None:
        self.counts[count] += 1

    async def vector(self, memo: dict[str, Any], text: str) -> Vector | None:
        """The text's sentence vector, computed at most once an exchange; None when the encoder has too much to do.

        The memo `embedding.<id>` maps texts to vectors, so that other stages find it and leave theirs.
        """
        known = cast("dict[str, Vector]", memo.setdefault("embedding." + self.embedder.id, {}))
        if text not in known:
            if self._waiting >= EMBEDS_WAITING:
                return None
            known[text] = (await self._embed([text]))[0]
        return known[text]

    async def _embed(self, texts: list[str]) -> Vector:
        began = time.perf_counter()
        self._waiting += 1
        try:
            return await self._worker.do(self.embedder.embed, texts)
        finally:
            self._waiting -= 1
            self.counts["embedded"] += len(texts)
            self.counts["embed_ms"] += (time.perf_counter() - began) * 1e3

    # Learning and forgetting

    async def learn(self, store: Store, where: Place, memo: dict[str, Any]) -> None:
        """Take a new entry in, and give the store its sentence vector, if those are needed."""
        if self.off or not where.text or len(where.text) > TEXT_CHARS:
            return
        if not self._sentences:
            self._add(where.partition, where.key, where.text, None)
        elif (vector := await self.vector(memo, where.text)) is not None:
            self._add(where.partition, where.key, where.text, vector)
            await store.set_vector(where.key, vector, self.embedder.id)

    def forget(self, key: str) -> None:
        """An entry is gone."""
        self._texts.pop(key, None)
        self._vectors.remove(key)
        self._index.remove(key)

    async def load(self, store: Store, entries: AsyncIterator[Entry], *, embed: bool) -> None:
        """Take stored entries in. Where sentence vectors are needed, those with none of this encoder are embedded,
        sixteen at a time, or left out.

        Left out is right while following a store: whoever wrote an entry is about to give it its vector.
        """
        bare: list[tuple[Entry, str]] = []
        async for entry in entries:
            answer = decode(entry.value)
            if answer is None or not answer.text or len(answer.text) > TEXT_CHARS:
                continue
            vector = entry.vector if self._sentences else None
            known = vector is not None and entry.encoder == self.embedder.id and vector.shape == (self.embedder.dim,)
            if known or not self._sentences:
                if entry.key not in self._texts:
                    self._add(entry.partition, entry.key, answer.text, vector)
                    await asyncio.sleep(0)  # requests first
            elif embed:
                bare.append((entry, answer.text))
            if len(bare) == 16:
                await self._embed_again(store, bare)
                bare = []
        if bare:
            await self._embed_again(store, bare)

    async def _embed_again(self, store: Store, bare: list[tuple[Entry, str]]) -> None:
        vectors = await self._embed([text for _, text in bare])
        for (entry, text), vector in zip(bare, vectors, strict=True):
            self._add(entry.partition, entry.key, text, vector)
            await store.set_vector(entry.key, vector, self.embedder.id)

    def _add(self, partition: str, key: str, text: str, vector: Vector | None) -> None:
        """Take a text in, with its sentence vector where those are needed."""
        if self.static is None:
            assert vector is not None
            indexed = vector
        else:
            indexed = self.static.embed([text])[0]
            if vector is not None:
                self._vectors.put(key, vector)
        self._texts[key] = text
        gone = self._index.add(partition, key, indexed)
        if gone is not None:
            self.forget(gone)

    def _self_test(self) -> str:
        """Why the vectors must not be used; empty when they may. Blocking."""
        texts = sorted({text for first, second, _ in CANARIES for text in (first, second)})
        of: dict[str, Vector] = {}
        if self.static is not None:
            of = dict(zip(texts, self.static.embed(texts), strict=True))
            if _gap(of) <= 0.0:
                return "the static vectors do not tell the canary pairs apart"
        if self._sentences:
            vectors = self.embedder.embed(texts)
            if vectors.shape != (len(texts), self.embedder.dim) or not np.isfinite(vectors).all():
                return "the encoder's vectors have the wrong shape, or are not finite"
            if not np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-2):
                return "the encoder's vectors are not of length 1"
            of = dict(zip(texts, vectors, strict=True))
            if _gap(of) < 0.1:
                return "the encoder does not tell the canary pairs apart"
        self._canaries = [Candidate(b, float(of[a] @ of[b])) for a, b, _ in CANARIES]
        return ""

    async def _verifier_test(self) -> str:
        """The same of the verifier: equal pairs above even odds and all others, these below the threshold."""
        chances = [
            (await self.verifier.judge(pair[0], [candidate]))[0]
            for pair, candidate in zip(CANARIES, self._canaries, strict=True)
        ]
        same = [chance for chance, pair in zip(chances, CANARIES, strict=True) if pair[2]]
        other = [chance for chance, pair in zip(chances, CANARIES, strict=True) if not pair[2]]
        if min(same) > max(0.5, *other) and max(other) < self.threshold:
            return ""
        return "the verifier does not tell the canary pairs apart"


def _gap(of: dict[str, Vector]) -> float:
    """The least cosine of the equal canaries over the greatest of the others."""
    same, other = ([float(of[a] @ of[b]) for a, b, alike in CANARIES if alike is which] for which in (True, False))
    return min(same) - max(other)
