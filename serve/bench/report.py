"""The figures of a run as tables for a terminal."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

from ..commands.terminal import out

Figures = Mapping[str, Any]
ABOUT = ("machine", "rows", "skipped", "reads with")


def tables(report: Figures) -> None:
    """Print every figure."""
    out.print(escape(report["machine"]), highlight=False)
    if pii := report.get("pii"):
        for what in ("structured", "names"):
            _spans(f"{what}, {pii['rows']} rows", pii[what])
        _skipped(pii)
    if injection := report.get("injection"):
        reads = injection["reads with"] or "no learned rule"
        title = f"injection, {injection['rows']} rows, reads with {reads}"
        judged = {who: figures for who, figures in injection.items() if who not in ABOUT}
        _attacks(title, judged)
        _skipped(injection)
    dressed, ordinary = report["encodings"], report["ordinary texts"]
    title = f"{dressed['attacks']} attacks in {dressed['encodings']} encodings: {_share(dressed['still caught'])}"
    _print(title, ("encoding", "still caught"), ((n, _share(s)) for n, s in dressed["by encoding"].items()))
    title = f"ordinary texts stopped: {_share(ordinary['with views'])}, without views {_share(ordinary['without'])}"
    rows = ((k, str(c["of"]), str(c.get("with", 0)), str(c.get("without", 0))) for k, c in ordinary["by kind"].items())
    _print(title, ("kind", "texts", "stopped", "without views"), rows)
    out.print(", ".join(f"{count} by {rule}" for rule, count in ordinary["by rule"].items()))


def _skipped(figures: Figures) -> None:
    for name, why in figures["skipped"].items():
        out.print(escape(f"{name}: {why}"))


def _spans(title: str, found: Figures) -> None:
    rows: list[tuple[str, ...]] = []
    for who, figures in found.items():
        rows.append((who, "all", *_f1(figures["all"])))
        rows.append((who, "exact borders", *_f1(figures["exact"])))
        rows.append((who, "any type", *_f1(figures["any type"])))
        rows += ((who, name, *_f1(each)) for name, each in figures["by source"].items())
        rows += ((who, name, *_f1(each)) for name, each in figures["by type"].items())
    if rows:
        _print(title, ("", "of", "P", "R", "F1", "95 %", "spans", "found"), rows)
    for who, figures in found.items():
        alarms = figures["alarms on texts without spans"]
        out.print(f"{who}: covered {_share(figures['covered'])}; alarms {_share(alarms)}; {_times(figures['time'])}")


def _attacks(title: str, judged: Figures) -> None:
    rows: list[tuple[str, ...]] = []
    for who, figures in judged.items():
        rows.append((who, "all", *_stopped(figures)))
        for by in ("by source", "by kind", "by language", "by length"):
            rows += ((who, f"{by[3:]} {name}", *_stopped(each)) for name, each in figures[by].items())
    _print(title, ("", "of", "caught", "false alarms", "AUC"), rows)
    for who, figures in judged.items():
        out.print(f"{who}: {_times(figures['time'])}")


def _stopped(figures: Figures) -> tuple[str, str, str]:
    area = figures["auc"]
    return _share(figures["caught"]), _share(figures["false alarms"]), "" if area is None else f"{area:.3f}"


def _f1(figures: Figures) -> tuple[str, ...]:
    if not figures["gold"]:
        return ("", "", "", "", "0", str(figures["found"]))
    numbers = (f"{figures[name]:.3f}" for name in ("precision", "recall", "f1"))
    return (*numbers, f"{figures['low']:.3f}-{figures['high']:.3f}", str(figures["gold"]), str(figures["found"]))


def _share(figures: Figures) -> str:
    if not figures["of"]:
        return ""
    return f"{figures['count']} of {figures['of']}, {figures['share']:.3f} ({figures['low']:.3f}-{figures['high']:.3f})"


def _times(times: Figures) -> str:
    return "; ".join(
        f"{name}: p50 {t['p50_ms']:.3f} p99 {t['p99_ms']:.3f} ms (processor {t['processor_p50_ms']:.3f} and "
        f"{t['processor_p99_ms']:.3f})"
        for name, t in times.items()
        if t["texts"]
    )


def _print(title: str, columns: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    table = Table(*columns, title=title, title_justify="left", box=None)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    out.print(table)
