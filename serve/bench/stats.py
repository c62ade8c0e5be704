"""Figures with their uncertainty: shares, F1 over spans, areas under curves, times."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...cache.rates import wilson

RESAMPLES = 500
REPEATS = 5


def share(hits: int, of: int) -> dict[str, Any]:
    """A proportion with its interval of 95 % (Wilson)."""
    if not of:
        return {"count": 0, "of": 0}
    low, high = wilson(hits, of)
    return {"count": hits, "of": of, "share": round(hits / of, 4), "low": round(low, 4), "high": round(high, 4)}


def auc(attacks: Sequence[float], ordinary: Sequence[float]) -> float | None:
    """How often an attack scores higher than an ordinary text, ties counting half. None without both."""
    if not attacks or not ordinary:
        return None
    known = np.sort(np.asarray(ordinary))
    below, upto = (np.searchsorted(known, attacks, side=side) for side in ("left", "right"))
    return round(float((below + upto).mean() / 2 / len(known)), 4)


@dataclass(frozen=True, slots=True)
class Row:
    """What was found in one text: of `gold` spans `hit` were found, of `found` spans `right` are right."""

    hit: int
    gold: int
    right: int
    found: int


def f1(rows: Sequence[Row]) -> dict[str, Any]:
    """Precision, recall and F1 over all spans; the interval of F1 is the middle 95 % when texts are drawn anew."""
    counts = np.array([(row.hit, row.gold, row.right, row.found) for row in rows], dtype=float).reshape(-1, 4)
    hit, gold, right, found = (int(value) for value in counts.sum(axis=0))
    if not gold:
        return {"gold": 0, "found": found}
    draws = np.random.default_rng(7).multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=RESAMPLES)
    low, high = np.percentile([_f1(*sums) for sums in draws @ counts], (2.5, 97.5))
    precision = right / found if found else 0.0
    return {
        "precision": round(precision, 4),
        "recall": round(hit / gold, 4),
        "f1": round(_f1(hit, gold, right, found), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
        "gold": gold,
        "found": found,
    }


def _f1(hit: float, gold: float, right: float, found: float) -> float:
    recall, precision = hit / gold if gold else 0.0, right / found if found else 0.0
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def milliseconds(look: Callable[[str], object], texts: Sequence[str]) -> dict[str, Any]:
    """p50 and p99 over the texts, each by the median of REPEATS looks, and the processor's part of the p50: what else
    the machine does lengthens the former, not the latter."""
    for text in texts[:3]:
        look(text)
    times: list[float] = []
    processor: list[float] = []
    for text in texts:
        each: list[float] = []
        used = time.process_time()
        for _ in range(REPEATS):
            begun = time.perf_counter()
            look(text)
            each.append((time.perf_counter() - begun) * 1000)
        processor.append((time.process_time() - used) * 1000 / REPEATS)
        times.append(float(np.median(each)))
    if not times:
        return {"texts": 0}
    p50, p99 = np.percentile(times, (50, 99))
    return {
        "p50_ms": round(float(p50), 4),
        "p99_ms": round(float(p99), 4),
        "processor_p50_ms": round(float(np.median(processor)), 4),
        "processor_p99_ms": round(float(np.percentile(processor, 99)), 4),
        "texts": len(times),
    }


def of_words(texts: Sequence[str], words: int, most: int = 100) -> list[str]:
    """Texts of so many words, made by joining those given in order."""
    run = " ".join(texts).split()
    return [" ".join(run[at : at + words]) for at in range(0, len(run) - words + 1, words)][:most]
