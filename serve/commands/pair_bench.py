"""`tidegate bench cache`: the semantic tier on labelled pairs, as shipped, beside the cosine of the encoder.

The threshold is fixed before the pairs are read. How much of what could have been had with hindsight it keeps is a
matter of calibration, not of ranking (arXiv 2606.19719): `hindsight` is the point with most hits whose precision is the
promised one on these very pairs, `kept` the hits at the fixed threshold as a share of its hits, `off_by` how far the
precision at the fixed threshold lies from the promise, and `calibration_error` the mean distance between probabilities
and shares in ten bins (ECE) of what the verifier judged.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from ...cache.measure import Labelled, Point, Scored, auc, curve, point, share
from ...cache.verify import NEVER
from ...engine.errors import ConfigError
from ..config.gate_yaml import Loaded, parse_config
from .labels import Label, by_sample, labelled, read_labels, weighed
from .pair_proxy import Way, through_proxy
from .pair_proxy import reported as proxied
from .pairs import read_pairs, score, steps
from .terminal import out
from .tune import said, thinned

COSINES = (0.80, 0.90, 0.95)
"""Thresholds that caches ship with."""
USUAL = 0.90
"""The one of them that kinds and languages are shown at."""
LEAST = 10
"""Pairs of a kind or language below which it is not shown."""


def shipped() -> Loaded:
    """The semantic tier with all other settings as they are where nobody says otherwise."""
    return parse_config("version: 1\ncache: {mode: semantic}\n", file="as shipped", folder=Path.cwd())


def bench(
    files: Sequence[Path],
    loaded: Loaded,
    limit: int | None,
    progress: Callable[[str], None],
    *,
    labels: Path | None = None,
    proxy: bool = False,
) -> list[dict[str, Any]]:
    """A report for each file; `limit` draws so many pairs of each, always the same ones. Raises ConfigError.

    With `labels` those take the place of the files' own, pairs without one are left out, and each sample that they name
    has a report of its own. With `proxy` all pairs also go through a whole gate.
    """
    found: list[dict[str, Any]] = []
    known = read_labels(labels) if labels is not None else None
    section = loaded.config.cache
    for file in files:
        pairs, given = _drawn(file, known, limit)
        scored, verifier = score(section, pairs, _counted(progress, file.name))
        threshold = verifier.threshold(section.max_wrong_hits)
        ways = through_proxy(loaded, pairs, _counted(progress, f"{file.name}, gate")) if proxy else []
        found += _reports(file.name, scored, given, ways, threshold, section.max_wrong_hits)
    return found


def _counted(progress: Callable[[str], None], what: str) -> Callable[[int], None]:
    return lambda count: progress(f"{what}: {count}")


def _drawn(file: Path, known: Mapping[str, Label] | None, limit: int | None) -> tuple[list[Labelled], list[Label]]:
    """Pairs of a file, with their `known` labels if there are some."""
    pairs, given = read_pairs(file), list[Label]()
    if known is not None:
        rows = labelled(pairs, known)
        if not rows:
            raise ConfigError("no pair of it has one of these labels", file=str(file))
        pairs, given = [pair for pair, _ in rows], [label for _, label in rows]
    if limit is not None and len(pairs) > limit:
        at = random.Random(11).sample(range(len(pairs)), limit)
        pairs, given = [pairs[index] for index in at], [given[index] for index in at if given]
    return pairs, given


def _reports(
    name: str, scored: Sequence[Scored], given: Sequence[Label], ways: Sequence[Way], threshold: float, bound: float
) -> list[dict[str, Any]]:
    """One, or one for each sample of the labels."""
    if not given:
        of = {"through_proxy": proxied(ways, scored, threshold)} if ways else {}
        return [{"file": name, **reported(scored, threshold, bound), **of}]
    reports: list[dict[str, Any]] = []
    for sample, drawn in by_sample(range(len(scored)), given).items():
        rows = [(scored[at], weight) for at, weight in drawn]
        part = [one for one, _ in rows]
        report = {"file": name, "sample": sample, **reported(part, threshold, bound)}
        if any(weight != 1 for _, weight in rows):
            report["weighted"] = weighed(rows, threshold)
        if ways:
            report["through_proxy"] = proxied([ways[at] for at, _ in drawn], part, threshold)
        reports.append(report)
    return reports


def reported(scored: Sequence[Scored], threshold: float, max_wrong_hits: float) -> dict[str, Any]:
    """The figures of one set of pairs."""
    labels = [one.pair.same for one in scored]
    values, cosines = [one.probability for one in scored], [one.cosine for one in scored]
    points, fixed = curve(values, labels), point(values, labels, threshold)
    alike = as_many(curve(cosines, labels), fixed)
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
            "as_many_traps": point(cosines, labels, alike).as_json(),
        },
        "kinds": grouped(scored, threshold, alike, lambda pair: pair.kind),
        "languages": grouped(scored, threshold, alike, lambda pair: pair.lang),
    }


def as_many(points: Sequence[Point], fixed: Point) -> float:
    """The lowest threshold at which no more traps pass than at `fixed`; NEVER where each lets more through."""
    return min((one.threshold for one in points if one.wrong <= fixed.wrong), default=NEVER)


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


def grouped(
    scored: Sequence[Scored], threshold: float, alike: float, name: Callable[[Labelled], str]
) -> list[dict[str, Any]]:
    """What passes at the threshold by kind or language, and what at two of cosine: as many traps in all, and USUAL."""
    groups: dict[tuple[str, bool], list[Scored]] = defaultdict(list)
    for one in scored:
        groups[name(one.pair), one.pair.same].append(one)
    return [
        {
            "name": label,
            "same": same,
            "passed": share(sum(one.probability >= threshold for one in group), len(group)),
            "cosine_as_many_traps": share(sum(one.cosine >= alike for one in group), len(group)),
            "cosine_usual": share(sum(one.cosine >= USUAL for one in group), len(group)),
        }
        for (label, same), group in sorted(groups.items())
        if label and len(group) >= LEAST
    ]


def report(found: Sequence[dict[str, Any]]) -> None:
    """The same for people."""
    for one in found:
        rows = [("as shipped", one["as_shipped"])]
        rows += [("weighted", one["weighted"])] if "weighted" in one else []
        rows += (
            [("with hindsight", one["fixed_beforehand"]["hindsight"])] if one["fixed_beforehand"]["hindsight"] else []
        )
        rows += [("cosine, fixed", row) for row in one["cosine"]["fixed"]]
        rows += [("cosine, as many traps", one["cosine"]["as_many_traps"])]
        rows += [("verifier", row) for row in one["verifier"]["curve"]]
        rows += [("cosine", row) for row in one["cosine"]["curve"]]
        table = Table("", "threshold", "paraphrases hit", "traps let through", "precision", box=None)
        for name, row in rows:
            table.add_row(
                name, _threshold(row["threshold"]), *(said(row[key]) for key in ("hit", "traps", "precision"))
            )
        name = f"{one['file']}, {one['sample'] or 'labelled'}" if "sample" in one else one["file"]
        out.print(f"\n[bold]{name}[/bold]: {one['pairs']} pairs, AUC {_number(one['verifier']['auc'])}", end=" ")
        fixed = one["fixed_beforehand"]
        out.print(
            f"(cosine {_number(one['cosine']['auc'])}); of hindsight's hits kept {_number(fixed['kept'])},", end=" "
        )
        out.print(f"precision off by {_number(fixed['off_by'])}, ECE {_number(fixed['calibration_error'])}")
        out.print(table)
        _ended("  where pairs ended", one["steps"])
        if "through_proxy" in one:
            _proxied(one["through_proxy"])
        _groups(one)


def _ended(title: str, ends: dict[str, dict[str, int]]) -> None:
    ended = (f"{name} {n['same']} + {n['different']}" for name, n in ends.items() if any(n.values()))
    out.print(f"{title} (paraphrases + traps): {'; '.join(ended)}", highlight=False, soft_wrap=True)


def _proxied(found: dict[str, Any]) -> None:
    hit, traps, precision = (said(found[name]) for name in ("hit", "traps", "precision"))
    out.print(f"  through the gate: paraphrases hit {hit}, traps let through {traps}, precision {precision}")
    _ended("  where they ended there", found["ended"])
    more, fewer = found["unlike_the_steps"].values()
    if more or fewer:
        out.print(f"  of pairs that no rule kept from memory {more} hit and {fewer} missed unlike the steps alone")


def _groups(one: dict[str, Any]) -> None:
    alike = one["cosine"]["as_many_traps"]["threshold"]
    columns = "passed", f"cosine {_threshold(alike)}, as many traps in all", f"cosine {USUAL:.2f}"
    for title in ("kinds", "languages"):
        if not one[title]:
            continue
        table = Table("", title, *columns, box=None)
        for row in one[title]:
            cells = (said(row[key]) for key in ("passed", "cosine_as_many_traps", "cosine_usual"))
            table.add_row("paraphrase" if row["same"] else "trap", row["name"], *cells)
        out.print(table)


def _threshold(value: float) -> str:
    return f"{value:.4f}" if value < NEVER else "above all"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
