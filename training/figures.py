"""Figures of a verifier: what passes at what price, with counts and intervals."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

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


def fit_logistic(scores: Sequence[Sequence[float]], labels: Sequence[int]) -> list[float]:
    """The logistic curve from scores to a probability (Platt 1999): a slope for each list of scores, and the offset."""
    from scipy.optimize import minimize

    good = sum(labels)
    high, low = (good + 1) / (good + 2), 1 / (len(labels) - good + 2)
    y = np.where(np.asarray(labels) > 0, high, low)
    rows = np.vstack([*scores, np.ones(len(labels))])

    def loss(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = x @ rows
        p = 1 / (1 + np.exp(-np.clip(z, -40, 40)))
        return float(np.sum(np.logaddexp(0, z) - y * z) + 1e-3 * x @ x), rows @ (p - y) + 2e-3 * x

    return [float(value) for value in minimize(loss, np.zeros(len(rows)), jac=True, method="L-BFGS-B").x]
