"""`tidegate cache tune`: what the verifier does to an operator's own pairs, and the threshold to set for them."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from rich.table import Table

from ...cache.measure import Point, auc, choose, curve, point
from ...cache.rates import wilson
from ...engine.errors import ConfigError
from ..config.gate_yaml import Cache, load_config, parse_config
from . import outfiles
from .curve import Series
from .curve import picture as svg
from .curve_png import png
from .pairs import read_pairs, score, steps
from .terminal import out

GRID = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Shares of the paraphrases at which the curve is printed."""
_THRESHOLD = re.compile(r"\bthreshold:(?:[ \t]+(?!#)[^\s,}]+)?")
"""The setting and its value, without what stands behind them."""
_SECTION = re.compile(r"^(?P<head>cache:[^\r\n]*)(?P<end>\r?\n)(?=(?:[ \t]*(?:#.*)?\r?\n)*(?P<indent>[ \t]*))", re.M)
"""The line that begins the section, and how far what follows is indented."""


def tune(config: Path, file: Path, progress: Callable[[int], None], *, picture: Path | None = None) -> dict[str, Any]:
    """The curve, the threshold in force, and the one that keeps max_wrong_hits on these pairs, None if none does."""
    section = load_config(config).config.cache
    scored, verifier = score(section, read_pairs(file), progress)
    values, labels = [one.probability for one in scored], [one.pair.same for one in scored]
    cosine = curve([one.cosine for one in scored], labels)
    found = curves(section, values, labels, verifier.threshold(section.max_wrong_hits), file.stem, picture, cosine)
    return {**found, "steps": steps(scored), "cosine": [one.as_json() for one in thinned(cosine)]}


def curves(
    section: Cache,
    values: Sequence[float],
    labels: Sequence[bool],
    threshold: float,
    title: str,
    picture: Path | None,
    cosine: Sequence[Point] = (),
) -> dict[str, Any]:
    """What passes at which probability, and at the threshold in force; also drawn, if there is a `picture` to write."""
    points = curve(values, labels)
    chosen = choose(points, section.max_wrong_hits)
    now = point(values, labels, threshold)
    if picture is not None:
        outfiles.write(picture, drawn(picture, title, points, cosine, now))
    return {
        "pairs": len(values),
        "max_wrong_hits": section.max_wrong_hits,
        "auc": auc(values, labels),
        "curve": [one.as_json() for one in thinned(points)],
        "now": now.as_json(),
        "chosen": chosen.as_json() if chosen is not None else None,
        "chosen_rule": "the lowest threshold with (wrong + 1) / (passed + 2) within max_wrong_hits, on these pairs",
    }


def thinned(points: Sequence[Point]) -> list[Point]:
    """The point at each share of GRID: the first that reaches it."""
    found: list[Point] = []
    for want in GRID:
        at = next((one for one in points if one.same and one.hits / one.same >= want), None)
        if at is not None and at not in found:
            found.append(at)
    return found


def drawn(file: Path, title: str, points: Sequence[Point], cosine: Sequence[Point], now: Point) -> bytes:
    """The curves with the threshold in force: a PNG if the file is named so, else SVG."""
    lines = [Series("verifier", "#0b6", _line(points), True)]
    lines += [Series("cosine", "#a33", _line(cosine))] if cosine else []
    marks = [("as configured", now.hits / now.same, now.precision)] if now.hits and now.same else []
    lowest = min((at[1] for line in lines for at in line.points[len(line.points) // 10 :]), default=0.5)
    what = f"{title}: precision against hits", lines, marks, max(0.0, min(0.9, lowest - 0.02))
    return png(*what) if file.suffix == ".png" else svg(*what).encode()


def _line(points: Sequence[Point]) -> list[tuple[float, float, float, float]]:
    return [(one.hits / one.same, one.precision, *wilson(one.hits, one.hits + one.wrong)) for one in points if one.same]


def report(found: dict[str, Any]) -> None:
    """The same for people."""
    table = Table("threshold", "hit", "precision (95 %)", "wrong", box=None)
    rows = [("", row) for row in found["curve"]] + [("now ", found["now"])]
    rows += [("set ", found["chosen"])] if found["chosen"] else []
    for name, row in rows:
        table.add_row(f"{name}{row['threshold']:.4f}", *(said(row[key]) for key in ("hit", "precision", "traps")))
    out.print(table)
    if found["chosen"] is None:
        bound = found["max_wrong_hits"]
        least = round(1 / bound) - 1
        out.print(
            f"no threshold keeps {bound:g} wrong hits on these pairs; showing it takes {least} hits without a wrong one"
        )


def said(value: dict[str, Any]) -> str:
    """A share for people."""
    if value["share"] is None:
        return "-"
    return f"{value['share']:.3f} ({value['low']:.3f}-{value['high']:.3f}) {value['count']}/{value['of']}"


def write(config: Path, threshold: float) -> None:
    """Put `cache.threshold` into a gate.yaml, and change nothing else. Raises ConfigError when that cannot be done."""
    outfiles.write(config, placed(config, threshold).encode())


def placed(config: Path, threshold: float) -> str:
    """A gate.yaml with `cache.threshold` in it. Raises ConfigError when it would do nothing, or has no place."""
    threshold = math.floor(threshold * 1e6) / 1e6
    loaded = load_config(config)
    if loaded.config.cache.mode != "semantic":
        raise loaded.error("a threshold does nothing in this mode", ("cache", "mode"), hint="set mode: semantic")
    before = cast("dict[str, Any]", loaded.tree.data)  # as written: settings that hold secrets are never equal
    wanted: dict[str, Any] = {**before, "cache": {**before["cache"], "threshold": threshold}}
    written = config.read_bytes().decode()  # with the ends of lines that it has
    if wanted == before:
        return written
    for changed in _attempts(written, f"threshold: {threshold}"):
        try:
            tried = parse_config(changed, file=str(config), folder=loaded.folder)
        except ConfigError:
            continue
        if tried.tree.data == wanted:
            return changed
    raise ConfigError("the place for it was not found", file=str(config), hint=f"write cache.threshold: {threshold}")


def _attempts(text: str, setting: str) -> Iterator[str]:
    """The file with the setting in every place where it may belong; the reader tells which is right."""
    for found in _THRESHOLD.finditer(text):
        yield text[: found.start()] + setting + text[found.end() :]
    for found in _SECTION.finditer(text):
        head, brace, rest = found["head"].partition("{")
        if brace:
            yield f"{text[: found.start()]}{head}{{{setting}, {rest}{text[found.end('head') :]}"
        line = f"{found['indent'] or '  '}{setting}{found['end']}"
        yield text[: found.end("end")] + line + text[found.end("end") :]
