"""`tidegate bench cache`: the semantic tier on labelled pairs, as shipped, beside the cosine of the encoder.

The threshold is fixed before the pairs are read. How much of what could have been had with hindsight it keeps is a
matter of calibration, not of ranking (arXiv 2606.19719): `hindsight` is the point with most hits whose precision is the
promised one on these very pairs, `kept` the hits at the fixed threshold as a share of its hits, `off_by` how far the
precision at the fixed threshold lies from the promise, and `calibration_error` the mean distance between probabilities
and shares in ten bins (ECE) of what the verifier judged.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from ..cache.measure import Labelled, Point, Scored, auc, curve, point, share
from .config import Cache
from .pairs import read_pairs, score, steps
from .terminal import out
from .tune import said, thinned

COSINES = (0.80, 0.90, 0.95)
"""Thresholds that caches ship with."""
LEAST = 10
"""Pairs of a kind or language below which it is not shown."""


def bench(
    files: Sequence[Path], section: Cache, limit: int | None, progress: Callable[[str], None]
) -> list[dict[str, Any]]:
    """A report for each file; `limit` draws so many pairs of each, always the same ones. Raises ConfigError."""
    found: list[dict[str, Any]] = []
    for file in files:
        pairs = read_pairs(file)
        if limit is not None and len(pairs) > limit:
            pairs = random.Random(11).sample(pairs, limit)
        scored, verifier = score(section, pairs, lambda done, name=file.name: progress(f"{name}: {done}"))
        threshold = verifier.threshold(section.max_wrong_hits)
        found.append({"file": file.name, **reported(scored, threshold, section.max_wrong_hits)})
    return found


def reported(scored: Sequence[Scored], threshold: float, max_wrong_hits: float) -> dict[str, Any]:
    """The figures of one set of pairs."""
    labels = [one.pair.same for one in scored]
    values, cosines = [one.probability for one in scored], [one.cosine for one in scored]
    points, fixed = curve(values, labels), point(values, labels, threshold)
    return {
        "pairs": len(scored),
        "max_wrong_hits": max_wrong_hits,
        "as_shipped": fixed.as_json(),
        "fixed_beforehand": kept(points, fixed, 1 - max_wrong_hits) | {"calibration_error": error(scored)},
        "steps": steps(scored),
        "verifier": {"auc": auc(values, labels), "curve": [one.as_json() for one in thinned(points)]},
        "cosine": {
            "auc": auc(cosines, labels),
            "curve": [one.as_json() for one in thinned(curve(cosines, labels))],
            "fixed": [point(cosines, labels, at).as_json() for at in COSINES],
        },
        "kinds": grouped(scored, threshold, lambda pair: pair.kind),
        "languages": grouped(scored, threshold, lambda pair: pair.lang),
    }


def kept(points: Sequence[Point], fixed: Point, promised: float) -> dict[str, Any]:
    """The fixed threshold beside hindsight."""
    good = [one for one in points if one.precision >= promised]
    best = max(good, key=lambda one: one.hits, default=None)
    return {
        "hindsight": best.as_json() if best is not None else None,
        "kept": fixed.hits / best.hits if best is not None else None,
        "off_by": fixed.precision - promised if fixed.hits + fixed.wrong else None,
    }


def error(scored: Sequence[Scored], bins: int = 10) -> float | None:
    """Expected calibration error of the probabilities; None when none was given."""
    groups: dict[int, list[Scored]] = defaultdict(list)
    for one in scored:
        if one.ended == "judged":
            groups[min(bins - 1, int(one.probability * bins))].append(one)
    total = sum(map(len, groups.values()))
    if not total:
        return None
    gaps = (abs(sum(one.probability - one.pair.same for one in group)) for group in groups.values())
    return sum(gaps) / total


def grouped(scored: Sequence[Scored], threshold: float, name: Callable[[Labelled], str]) -> list[dict[str, Any]]:
    """What passes at the threshold, by kind or language."""
    groups: dict[tuple[str, bool], list[float]] = defaultdict(list)
    for one in scored:
        groups[name(one.pair), one.pair.same].append(one.probability)
    return [
        {"name": label, "same": same, "passed": share(sum(value >= threshold for value in values), len(values))}
        for (label, same), values in sorted(groups.items())
        if label and len(values) >= LEAST
    ]


def report(found: Sequence[dict[str, Any]]) -> None:
    """The same for people."""
    for one in found:
        table = Table("", "threshold", "paraphrases hit", "traps let through", "precision", box=None)
        rows = [("as shipped", one["as_shipped"])]
        rows += (
            [("with hindsight", one["fixed_beforehand"]["hindsight"])] if one["fixed_beforehand"]["hindsight"] else []
        )
        rows += [("cosine, fixed", row) for row in one["cosine"]["fixed"]]
        rows += [("verifier", row) for row in one["verifier"]["curve"]]
        rows += [("cosine", row) for row in one["cosine"]["curve"]]
        for name, row in rows:
            cells = (said(row[key]) for key in ("hit", "traps", "precision"))
            table.add_row(name, f"{row['threshold']:.4f}", *cells)
        out.print(f"\n[bold]{one['file']}[/bold]: {one['pairs']} pairs, AUC {_number(one['verifier']['auc'])}", end=" ")
        fixed = one["fixed_beforehand"]
        out.print(
            f"(cosine {_number(one['cosine']['auc'])}); of hindsight's hits kept {_number(fixed['kept'])},", end=" "
        )
        out.print(f"precision off by {_number(fixed['off_by'])}, ECE {_number(fixed['calibration_error'])}")
        out.print(table)
        ended = ", ".join(
            f"{name} {n['same']} + {n['different']}" for name, n in one["steps"].items() if any(n.values())
        )
        out.print(f"  where pairs ended (paraphrases + traps): {ended}")
        for title in ("kinds", "languages"):
            for row in one[title]:
                out.print(f"  {'paraphrase' if row['same'] else 'trap':<10} {row['name']:<24} {said(row['passed'])}")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
