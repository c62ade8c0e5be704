"""Attempts to take over a model: `pack:injection` as it ships, at its fixed threshold, against labelled texts."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...guardrails.detectors.injection import Injection
from ...guardrails.rules.compile import load_ruleset
from ...guardrails.rules.ruleset import Ruleset
from ...guardrails.scan import scan
from ..rule_models import hand_models
from . import beside
from .rows import Row
from .stats import auc, milliseconds, of_words, share

LENGTHS = ((200, "under 200 characters"), (1_000, "200 to 999"), (4_000, "1,000 to 3,999"))
TIMED, TIMED_LONG = 40, 8


@dataclass(frozen=True, slots=True)
class Judged:
    """One row, whether it was stopped, and its score."""

    row: Row
    stopped: bool
    score: float


def loaded(*, reads: bool = True) -> Ruleset:
    """The pack, with or without the network that reads what n-grams leave undecided."""
    ruleset = load_ruleset(["pack:injection"])
    if reads:
        hand_models(ruleset)
    ruleset.start()
    return ruleset


def model_of(ruleset: Ruleset) -> Injection | None:
    """The learned detector among the rules."""
    return next((rule.detector for rule in ruleset.rules if isinstance(rule.detector, Injection)), None)


def measure(
    rows: Sequence[Row], ruleset: Ruleset, others: Sequence[str], note: Callable[[str], None]
) -> dict[str, Any]:
    """All figures of one file of rows (text, label, source, perhaps kind, category and lang)."""
    model = model_of(ruleset)

    def ours(text: str) -> tuple[bool, float]:
        return scan(ruleset, text).text is None, model.score(text) if model else 0.0

    looks: dict[str, Callable[[str], tuple[bool, float]]] = {"tidegate": ours}
    timed: dict[str, Callable[[str], object]] = {"tidegate": lambda text: scan(ruleset, text)}
    if model:
        looks["learned rule alone"] = lambda text: (bool(model.find(text)), model.score(text))
        timed["learned rule alone"] = model.find
    skipped: dict[str, str] = {}
    if "stackone" in others:
        try:
            looks["stackone-defender"] = timed["stackone-defender"] = beside.stackone()
        except ImportError:
            skipped["stackone"] = "not installed: pip install 'stackone-defender[onnx]==0.9.4' beside tidegate"
    texts = [str(row["text"]) for row in rows]
    report: dict[str, Any] = {"rows": len(rows), "skipped": skipped, "reads with": model.reads_with if model else ""}
    for who, look in looks.items():
        note(f"injection: {who}")
        judged = [Judged(row, *look(row["text"])) for row in rows]
        report[who] = _figures(judged) | {
            "time": {
                "the rows": milliseconds(timed[who], texts[:TIMED]),
                "400 words": milliseconds(timed[who], of_words(texts, 400, TIMED_LONG)),
            },
            "by source": _split(judged, lambda row: row.get("source")),
            "by kind": _split(judged, lambda row: row.get("kind") or row.get("category")),
            "by language": _split(judged, lambda row: row.get("lang")),
            "by length": _split(judged, lambda row: _length(row["text"])),
        }
    return report


def _figures(judged: Sequence[Judged]) -> dict[str, Any]:
    attacks = [each for each in judged if each.row["label"]]
    ordinary = [each for each in judged if not each.row["label"]]
    return {
        "caught": share(sum(each.stopped for each in attacks), len(attacks)),
        "false alarms": share(sum(each.stopped for each in ordinary), len(ordinary)),
        "auc": auc([each.score for each in attacks], [each.score for each in ordinary]),
    }


def _split(judged: Sequence[Judged], by: Callable[[Row], Any]) -> dict[str, Any]:
    groups: dict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        if (name := by(each.row)) is not None:
            groups[str(name)].append(each)
    return {name: _figures(group) for name, group in sorted(groups.items())}


def _length(text: str) -> str:
    return next((name for most, name in LENGTHS if len(text) < most), "4,000 and more")
