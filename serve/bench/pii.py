"""Personal data and secrets against labelled spans.

A finding is right when it overlaps a labelled span of its type, a span is found when a finding of its type overlaps it
(SemEval 2013's type matching); `exact` asks for equal borders too; `covered` counts spans that findings of whatever
type overlap, which is what masking needs, and `any type` is precision, recall and F1 on the same terms.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ...engine.ports import Finding
from ...guardrails.detectors.names.detector import NAMES
from ...guardrails.detectors.pii.detector import Pii
from ...guardrails.detectors.pii.table import STRUCTURED
from ...guardrails.detectors.secrets.detector import Secrets
from . import beside
from .rows import Row
from .stats import Row as Counts
from .stats import f1, milliseconds, of_words, share

Finder = Callable[[str], Sequence[Finding]]

SAME = {"AWS_ACCESS_KEY": "AWS_ACCESS_KEY_ID"}
"""Names that other label sets have for a type."""
APART = "ADDRESS"
"""A postal address holds places and names: what is found inside one counts neither for nor against."""
PEOPLE = ("PERSON", "LOCATION", "ORGANIZATION")
PEOPLES = frozenset(PEOPLE)
SECRET = tuple(Secrets().labels)
DECIDED = frozenset((*STRUCTURED, *SECRET))
SHARED = "tidegate, types of presidio"
LEAST = {"": 0.0, ", from 0.5": 0.5}
"""Presidio as it comes counts every finding; ours counts from 0.5."""
TIMED = 200


def measure(rows: Sequence[Row], others: Sequence[str], note: Callable[[str], None]) -> dict[str, Any]:
    """All figures of one file of rows (text, spans, source)."""
    labelled = {_type(span) for row in rows for span in row["spans"]}
    ours: dict[str, Finder] = {"tidegate": _ours()}
    kinds: dict[str, frozenset[str]] = {}
    names: dict[str, Finder] = {"tidegate": _names()} if labelled & set(PEOPLE) else {}
    skipped: dict[str, str] = {}
    if "presidio" in others:
        try:
            scored, able = beside.presidio(sorted(labelled & DECIDED), names=False)
            kinds |= {name: frozenset(able) for name in (SHARED, *(f"presidio, patterns{at}" for at in LEAST))}
            ours[SHARED] = ours["tidegate"]
            ours |= {f"presidio, patterns{at}": scored(least) for at, least in LEAST.items()}
            if names:
                names["presidio, spaCy small"] = beside.presidio(list(PEOPLE), names=True)[0](0.0)
        except ImportError as error:
            skipped["presidio"] = str(error)
    texts = [str(row["text"]) for row in rows]
    report: dict[str, Any] = {"rows": len(rows), "skipped": skipped, "structured": {}, "names": {}}
    for who, find in ours.items():
        note(f"personal data: {who}")
        report["structured"][who] = judged(rows, find, kinds.get(who, DECIDED)) | {"time": _times(find, texts)}
    named = [row for row in rows if row.get("source") in _sources_with(rows, PEOPLE)]
    for who, find in names.items():
        note(f"names: {who}")
        report["names"][who] = judged(named, find, PEOPLES) | {"time": _times(find, texts, (40,))}
    return report


def _ours() -> Finder:
    pii, secrets = Pii(STRUCTURED), Secrets()
    return lambda text: [*pii.find(text), *secrets.find(text)]


def _names() -> Finder:
    names = Pii([name for name in NAMES if name in PEOPLE])
    names.start()
    return names.find


def _sources_with(rows: Sequence[Row], types: Iterable[str]) -> set[Any]:
    wanted = set(types)
    return {row.get("source") for row in rows if any(_type(span) in wanted for span in row["spans"])}


def judged(rows: Sequence[Row], find: Finder, types: frozenset[str]) -> dict[str, Any]:
    """Figures in all, by type and by source, and alarms on texts in which nothing is labelled."""
    every: list[Counts] = []
    exact: list[Counts] = []
    loose: list[Counts] = []
    by_type: dict[str, list[Counts]] = defaultdict(list)
    by_source: dict[str, list[Counts]] = defaultdict(list)
    clean = alarms = covered = gold_spans = 0
    for row in rows:
        gold = [(s["start"], s["end"], name) for s in row["spans"] if (name := _type(s)) in types]
        found = [(f.start, f.end, f.label) for f in find(row["text"]) if f.label in types]
        if types is PEOPLES:
            found = [span for span in found if _counts(span, row, gold)]
        if not row["spans"]:
            clean, alarms = clean + 1, alarms + bool(found)
        covered += sum(any(_overlap(g, f) for f in found) for g in gold)
        gold_spans += len(gold)
        counts = _count(gold, found)
        every.append(counts)
        by_source[str(row.get("source", ""))].append(counts)
        loose.append(_count(*([(a, b, "") for a, b, _ in spans] for spans in (gold, found))))
        exact.append(Counts(len(same := set(gold) & set(found)), len(set(gold)), len(same), len(set(found))))
        for name in {span[2] for span in (*gold, *found)}:
            by_type[name].append(_count(*([s for s in spans if s[2] == name] for spans in (gold, found))))
    return {
        "all": f1(every),
        "exact": f1(exact),
        "any type": f1(loose),
        "covered": share(covered, gold_spans),
        "alarms on texts without spans": share(alarms, clean),
        "by source": {name: f1(counts) for name, counts in sorted(by_source.items())},
        "by type": {name: f1(counts) for name, counts in sorted(by_type.items())},
    }


Span = tuple[int, int, str]


def _count(gold: Sequence[Span], found: Sequence[Span]) -> Counts:
    hit = sum(any(g[2] == f[2] and _overlap(g, f) for f in found) for g in gold)
    right = sum(any(g[2] == f[2] and _overlap(g, f) for g in gold) for f in found)
    return Counts(hit, len(gold), right, len(found))


def _counts(span: Span, row: Row, gold: Sequence[Span]) -> bool:
    inside = any(s["type"] == APART and s["start"] < span[1] and span[0] < s["end"] for s in row["spans"])
    return not inside or any(_overlap(span, each) for each in gold)


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _type(span: Row) -> str:
    name = str(span["type"])
    return SAME.get(name, name)


def _times(find: Finder, texts: Sequence[str], sizes: Sequence[int] = (40, 400)) -> dict[str, Any]:
    return {f"{words} words": milliseconds(find, of_words(texts, words, TIMED * 40 // words)) for words in sizes}
