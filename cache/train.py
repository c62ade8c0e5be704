"""Fit the verifier: `python -m tidegate.cache.train --pairs FILE... --embedder MODULE:FACTORY --out FILE`.

Pairs are JSON lines with `a`, `b`, `same` (1: one answer serves both), and `cosine` where it is known; an embedder
is needed for the rest. To the pairs come everyday rewordings and one-detail contrasts made from their prompts. All is
split by connected prompts, so that no prompt is on both sides: three quarters to fit, a quarter to calibrate and to
set the thresholds. Seeded, numpy alone, under a minute without the embedding.
"""

import argparse
import importlib
import json
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ..engine.ports import Embedder
from .pairs import Pair, grouped, load_pairs, made
from .rules.reading import read
from .rules.veto import veto
from .verify import FEATURES, NEVER, features

Array = NDArray[np.float64]

SIGNS = tuple({"bias": 0, "few_words": 0, "cosine": 1}.get(name, -1) for name in FEATURES)
"""Which way each feature may push the probability; 0 is either."""
SHARES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1)
"""Shares of wrong hits for which a threshold is tabled."""
LEAST_WRONG = 20
"""Wrong pairs below which a slope is not believed."""
LEAST_HITS = 30
"""Hits below which a share is not believed."""


def fit(x: Array, y: Array, weight: Array, ridge: float = 1e-2, steps: int = 60) -> Array:
    """Weights of a logistic regression, by Newton's method with a ridge on all but the bias."""
    beta = np.zeros(x.shape[1])
    penalty = np.full(x.shape[1], ridge * weight.sum() / 100)
    penalty[0] = 1e-9
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -40, 40)))
        gradient = x.T @ (weight * (p - y)) + penalty * beta
        curve = (x * (weight * np.maximum(p * (1 - p), 1e-6))[:, None]).T @ x + np.diag(penalty + 1e-9)
        step = np.linalg.solve(curve, gradient)
        beta -= step
        if np.abs(step).max() < 1e-8:
            break
    return beta


def fit_signed(x: Array, y: Array, weight: Array) -> Array:
    """The same, with columns left out whose weight has the wrong sign: what is nearer is never less alike.

    Few pairs are left to learn from; a sign that goes against sense is an accident of theirs.
    """
    keep = [True] * x.shape[1]
    while True:
        beta = np.zeros(x.shape[1])
        beta[keep] = fit(x[:, keep], y, weight)
        wrong = [i for i, sign in enumerate(SIGNS) if beta[i] * sign < 0]
        if not wrong:
            return beta
        for i in wrong:
            keep[i] = False


def platt(scores: Array, y: Array) -> tuple[float, float]:
    """Slope and offset that make scores into probabilities, with Platt's smoothed targets (Platt 1999).

    Too few wrong pairs say nothing of the slope: then it is 1, and the offset alone is fitted.
    """
    positives, negatives = float(y.sum()), float(len(y) - y.sum())
    targets = y * (positives + 1) / (positives + 2) + (1 - y) / (negatives + 2)
    if negatives >= LEAST_WRONG:
        beta = fit(np.stack([np.ones_like(scores), scores], axis=1), targets, np.ones_like(y), ridge=1e-4)
        return float(beta[1]), float(beta[0])
    low, high = -40.0, 40.0
    for _ in range(80):
        middle = (low + high) / 2
        short = (1 / (1 + np.exp(-np.clip(scores + middle, -40, 40)))).sum() < targets.sum()
        low, high = (middle, high) if short else (low, middle)
    return 1.0, (low + high) / 2


def table(probability: Array, same: Array, weight: Array) -> list[dict[str, float]]:
    """For each share of wrong hits the lowest threshold that keeps it on these pairs, with the counts behind it.

    The share is (wrong + 1) / (hits + 2), weighted: few hits are never believed to be all right.
    """
    rows: list[dict[str, float]] = []
    order = np.argsort(-probability)
    p, wrong = probability[order], np.cumsum((weight * (1 - same))[order])
    hits, count = np.cumsum(weight[order]), np.arange(1, len(order) + 1)
    last = np.append(p[1:] < p[:-1], True)  # a threshold takes all of equal probability
    share = (wrong + 1) / (hits + 2)
    for limit in SHARES:
        good = np.flatnonzero(last & (share <= limit) & (count >= LEAST_HITS) & (p > 0))
        if len(good):
            at = int(good[-1])
            rows.append(
                {
                    "wrong": limit,
                    "probability": round(float(p[at]), 6),
                    "hits": int(count[at]),
                    "wrong_hits": int((1 - same)[order][: at + 1].sum()),
                }
            )
    return rows


def embed_missing(pairs: list[Pair], embedder: Embedder | None) -> list[Pair]:
    """Pairs with their cosines. Raises ValueError when one is missing and there is no embedder."""
    missing = [pair for pair in pairs if math.isnan(pair.cosine)]
    if not missing:
        return pairs
    if embedder is None:
        raise ValueError("some pairs have no cosine: name an --embedder")
    texts = sorted({text for pair in missing for text in (pair.a, pair.b)}, key=len)
    vectors: dict[str, Any] = {}
    for start in range(0, len(texts), 32):
        batch = texts[start : start + 32]
        vectors.update(zip(batch, embedder.embed(batch), strict=True))
    return [
        replace(pair, cosine=float(vectors[pair.a] @ vectors[pair.b])) if math.isnan(pair.cosine) else pair
        for pair in pairs
    ]


def train(pairs: list[Pair], embedder: Embedder | None, seed: int = 0) -> dict[str, Any]:
    """The content of `verifier.json`.

    The rules refuse nearly all contrasts, so that few are left to learn from. The model is therefore fitted as if the
    rules had missed all of them, and calibrated on what they do let through.
    """
    rng = random.Random(seed)
    given = grouped(pairs)
    groups = sorted({pair.group for pair in given})
    rng.shuffle(groups)
    held = set(groups[: len(groups) // 4])
    sides = ([p for p in given if p.group not in held], [p for p in given if p.group in held])
    refused = {p: bool(veto(read(p.a), read(p.b))) for side in sides for p in (*side, *made(side, rng))}
    both = embed_missing([pair for pair, vetoed in refused.items() if not (pair.same and vetoed)], embedder)
    passed = np.array([not vetoed for pair, vetoed in refused.items() if not (pair.same and vetoed)])
    x = np.array([features(read(p.a), read(p.b), p.cosine) for p in both])
    y = np.array([float(p.same) for p in both])
    away = np.array([p.group in held for p in both])
    share = float(y[~away].mean())
    weight = y * 0.5 / share + (1 - y) * 0.5 / (1 - share)  # both labels weigh the same
    beta = fit_signed(x[~away], y[~away], weight[~away])
    scores = x @ beta
    seen = away & passed
    slope, offset = platt(scores[seen], y[seen])
    probability = 1 / (1 + np.exp(-(slope * scores + offset)))
    return {
        "features": list(FEATURES),
        "weights": [round(float(value), 6) for value in beta],
        "slope": round(slope, 6),
        "offset": round(offset, 6),
        "thresholds": table(probability[seen], y[seen], np.ones(int(seen.sum()))),
        "measured_on": {
            "note": "Held-back quarter by connected prompts: pairs by hand, rewordings and contrasts made from them. "
            "Shares are of this mixture, among pairs that no rule refuses. The word rules were written with the "
            "hand-written pairs in sight.",
            "pairs": int(away.sum()),
            "not_refused_same": int(y[seen].sum()),
            "not_refused_different": int((1 - y[seen]).sum()),
            "fitted_on": int((~away).sum()),
            "seed": seed,
        },
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Prints the table of thresholds."""
    parser = argparse.ArgumentParser(prog="python -m tidegate.cache.train", description=__doc__)
    parser.add_argument("--pairs", nargs="+", type=Path, required=True, help="JSON lines with a, b, same[, cosine]")
    parser.add_argument("--embedder", default="", help="MODULE:FACTORY, called without arguments, gives an Embedder")
    parser.add_argument("--out", type=Path, required=True, help="where to write the weights")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    embedder: Embedder | None = None
    if options.embedder:
        module, _, factory = cast("str", options.embedder).partition(":")
        embedder = cast("Callable[[], Embedder]", getattr(importlib.import_module(module), factory))()
    fitted = train(load_pairs(options.pairs), embedder, options.seed)
    cast("Path", options.out).write_text(json.dumps(fitted, indent=1, ensure_ascii=False) + "\n", "utf-8")
    for row in fitted["thresholds"] or [{"wrong": 0, "probability": NEVER, "hits": 0, "wrong_hits": 0}]:
        print(
            f"wrong hits <= {row['wrong']:<6} threshold {row['probability']:.4f}  {row['wrong_hits']} of {row['hits']}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
