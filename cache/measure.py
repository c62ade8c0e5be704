"""Labelled pairs on the way that a request takes: static gate, word rules, encoder, verifier. No store, no index.

The first text is taken as stored, the second as asked. What a step turns away gets probability 0: a miss.
"""

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..engine.ports import Embedder, Vector
from .rates import wilson
from .semantic import TEXT_CHARS
from .verify import Candidate, Verifier

BATCH = 64


@dataclass(frozen=True, slots=True)
class Labelled:
    """Two prompts, and whether one answer serves both."""

    a: str
    b: str
    same: bool
    kind: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """How far a pair came."""

    pair: Labelled
    probability: float
    """The verifier's; 0.0 when it was not asked."""
    cosine: float
    """Of the sentence vectors."""
    ended: str
    """The step that turned it away: long, gated, vetoed, far; or judged."""


class Measure:
    """Scores pairs as `Semantic` would. The parts are those of a gate."""

    def __init__(self, embedder: Embedder, static: Embedder | None, verifier: Verifier) -> None:
        self._embedder = embedder
        self._static = static
        self._verifier = verifier

    async def __call__(self, pairs: Sequence[Labelled], progress: Callable[[int], None]) -> list[Scored]:
        """One score for each pair, in order; `progress` hears how many are done."""
        found: list[Scored] = []
        for start in range(0, len(pairs), BATCH):
            part = pairs[start : start + BATCH]
            texts = sorted({text for pair in part for text in (pair.a, pair.b)}, key=len)
            vectors = dict(zip(texts, await asyncio.to_thread(self._embedder.embed, texts), strict=True))
            static = dict(zip(texts, self._static.embed(texts), strict=True)) if self._static is not None else None
            found += [await self._score(pair, vectors, static) for pair in part]
            progress(len(found))
        return found

    async def _score(self, pair: Labelled, vectors: dict[str, Vector], static: dict[str, Vector] | None) -> Scored:
        cosine = float(vectors[pair.a] @ vectors[pair.b])
        near = None if static is None else float(static[pair.a] @ static[pair.b])
        if max(len(pair.a), len(pair.b)) > TEXT_CHARS:
            return Scored(pair, 0.0, cosine, "long")
        if near is not None and near < self._verifier.gate:
            return Scored(pair, 0.0, cosine, "gated")
        if self._verifier.veto(pair.b, pair.a):
            return Scored(pair, 0.0, cosine, "vetoed")
        by_sentences = near is None or self._verifier.sentences
        if by_sentences and cosine < self._verifier.floor:
            return Scored(pair, 0.0, cosine, "far")
        known = Candidate(pair.a, cosine if by_sentences or near is None else near)
        probability = (await self._verifier.judge(pair.b, [known]))[0]
        return Scored(pair, probability, cosine, "judged")


@dataclass(frozen=True, slots=True)
class Point:
    """What passes at a threshold."""

    threshold: float
    hits: int
    """Pairs of the same answer that pass."""
    same: int
    wrong: int
    """Pairs of different answers that pass."""
    different: int

    @property
    def precision(self) -> float:
        """nan when nothing passes."""
        return self.hits / (self.hits + self.wrong) if self.hits + self.wrong else math.nan

    def as_json(self) -> dict[str, object]:
        passed = self.hits + self.wrong
        return {
            "threshold": self.threshold,
            "hit": share(self.hits, self.same),
            "traps": share(self.wrong, self.different),
            "precision": share(self.hits, passed),
            "hit_ratio": share(passed, self.same + self.different),
        }


def share(count: int, of: int) -> dict[str, object]:
    """A share with its 95 % interval (Wilson) and its counts; null when there is nothing to share."""
    low, high = wilson(count, of)
    return {"share": count / of if of else None, "low": low, "high": high, "count": count, "of": of}


def point(scores: Sequence[float], same: Sequence[bool], threshold: float) -> Point:
    """What passes at score >= threshold."""
    hits = sum(score >= threshold for score, label in zip(scores, same, strict=True) if label)
    wrong = sum(score >= threshold for score, label in zip(scores, same, strict=True) if not label)
    return Point(threshold, hits, sum(same), wrong, len(same) - sum(same))


def curve(scores: Sequence[float], same: Sequence[bool]) -> list[Point]:
    """A point for each score that occurs above 0, highest threshold first."""
    total, others = sum(same), len(same) - sum(same)
    points: list[Point] = []
    hits = wrong = 0
    order = sorted(zip(scores, same, strict=True), reverse=True)
    for at, (score, label) in enumerate(order):
        if score <= 0.0:
            break
        hits, wrong = hits + label, wrong + (not label)
        if at + 1 == len(order) or order[at + 1][0] < score:
            points.append(Point(score, hits, total, wrong, others))
    return points


def auc(scores: Sequence[float], same: Sequence[bool]) -> float | None:
    """The share of (same, different) couples that are ranked rightly, ties counting half; None without both."""
    good, bad = sum(same), len(same) - sum(same)
    if not good or not bad:
        return None
    below = ranked = 0.0
    order = sorted(zip(scores, same, strict=True))
    at = 0
    while at < len(order):
        end = at
        while end < len(order) and order[end][0] == order[at][0]:
            end += 1
        tied = sum(label for _, label in order[at:end])
        others = end - at - tied
        ranked += tied * (below + others / 2)
        below += others
        at = end
    return ranked / (good * bad)


def choose(points: Sequence[Point], max_wrong_hits: float) -> Point | None:
    """The lowest threshold at which (wrong + 1) / (passed + 2) is within the bound: few hits are never believed."""
    good = [point for point in points if (point.wrong + 1) / (point.hits + point.wrong + 2) <= max_wrong_hits]
    return min(good, key=lambda point: point.threshold, default=None)
