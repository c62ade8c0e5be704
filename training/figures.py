"""Figures of a verifier: what passes at what price, with counts and intervals."""

import math
from collections.abc import Sequence

import numpy as np

UNREAD = -20.0
"""The score of a pair that is too long to read."""


def wilson(hits: int, of: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    if not of:
        return 0.0, 1.0
    z, p = 1.96, hits / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def auc(scores: Sequence[float], labels: Sequence[int]) -> float:
    """The share of (same, different) couples that are ranked rightly; ties count half. nan without both."""
    order = sorted(range(len(scores)), key=lambda at: scores[at])
    ranks, start = [0.0] * len(order), 0
    while start < len(order):
        end = start
        while end < len(order) and scores[order[end]] == scores[order[start]]:
            end += 1
        for at in order[start:end]:
            ranks[at] = (start + end + 1) / 2
        start = end
    good = sum(labels)
    bad = len(labels) - good
    if not good or not bad:
        return math.nan
    return (sum(rank for rank, label in zip(ranks, labels, strict=True) if label) - good * (good + 1) / 2) / (
        good * bad
    )


def threshold_at(scores: Sequence[float], labels: Sequence[int], traps: float) -> float:
    """The lowest score at which at most this share of the different pairs passes (score >= threshold)."""
    bad = sorted((s for s, label in zip(scores, labels, strict=True) if not label), reverse=True)
    allowed = int(traps * len(bad))
    if allowed >= len(bad):
        return min(scores)
    above = [s for s in scores if s > bad[allowed]]
    return min(above, default=bad[allowed] + 1e-6)


def passed(scores: Sequence[float], labels: Sequence[int], threshold: float) -> tuple[int, int, int, int]:
    """(paraphrases hit, paraphrases, traps let through, traps) at score >= threshold."""
    good = [s for s, label in zip(scores, labels, strict=True) if label]
    bad = [s for s, label in zip(scores, labels, strict=True) if not label]
    return sum(s >= threshold for s in good), len(good), sum(s >= threshold for s in bad), len(bad)


def share(hits: int, of: int) -> str:
    """`.412 [.371-.455] 231/560`."""
    low, high = wilson(hits, of)
    return f"{hits / of if of else math.nan:.3f} [{low:.3f}-{high:.3f}] {hits}/{of}"


def fit_sigmoid(scores: Sequence[float], labels: Sequence[int], steps: int = 100) -> tuple[float, float]:
    """Slope and offset of the logistic curve from score to probability (Platt 1999), by damped Newton steps."""
    good = sum(labels)
    high, low = (good + 1) / (good + 2), 1 / (len(labels) - good + 2)
    x, y = np.asarray(scores, float), np.where(np.asarray(labels) > 0, high, low)

    def loss(slope: float, offset: float) -> float:
        z = slope * x + offset
        return float(np.sum(np.logaddexp(0, z) - y * z)) + 1e-3 * slope * slope

    slope, offset = 0.0, math.log((good + 1) / (len(labels) - good + 1))
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(slope * x + offset, -40, 40)))
        d, w = p - y, np.maximum(p * (1 - p), 1e-9)
        ga, gb = float(d @ x) + 2e-3 * slope, float(d.sum())
        haa, hab, hbb = float(w @ (x * x)) + 2e-3, float(w @ x), float(w.sum())
        det = haa * hbb - hab * hab
        da, db = (hbb * ga - hab * gb) / det, (haa * gb - hab * ga) / det
        size, before = 1.0, loss(slope, offset)
        while size > 1e-6 and loss(slope - size * da, offset - size * db) > before:
            size /= 2
        slope, offset = slope - size * da, offset - size * db
        if abs(da) + abs(db) < 1e-8:
            break
    return slope, offset
