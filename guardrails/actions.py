"""What becomes of findings: overlaps joined, the strongest action taken, and the text that goes in their place."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from msgspec import Struct

from ..engine.exchange import Segment, Verdict
from ..engine.jsonio import show
from ..engine.stream import Edit
from .hits import Hit
from .masks import Mask
from .rules.ruleset import EDITING, Rule

Masker = Callable[[Mask, str, str], str]
"""How, label and value to what goes in the value's place."""


class Run(Struct, frozen=True, gc=False):
    """Hits that overlap, from `start` to `end`, and the strongest of them."""

    start: int
    end: int
    best: Hit


def runs(hits: Iterable[Hit]) -> list[Run]:
    """The runs of hits of editing rules, in order. Hits of other rules change nothing."""
    editing = [hit for hit in hits if hit.rule.changes and hit.rule.action in EDITING and hit.end > hit.start]
    return [Run(run[0].start, max(hit.end for hit in run), _decides(run)) for run in chains(editing)]


def _decides(run: list[Hit]) -> Hit:
    """The strongest hit of a run. One that leaves characters in sight decides over its own alone: where a hit that is
    to be hidden reaches beyond it, they would be that one's."""
    best = max(run, key=lambda hit: hit.rank)
    if not _shows(best):
        return best
    beyond = [hit for hit in run if not _shows(hit) and (hit.start < best.start or hit.end > best.end)]
    return max(beyond, key=lambda hit: hit.rank) if beyond else best


def _shows(hit: Hit) -> bool:
    return hit.rule.action == "mask" and hit.rule.mask.mode == "partial"


def edit(text: str, run: Run, mask: Masker) -> Edit:
    """The whole run is replaced, in the way of its strongest hit, so that no part of a weaker one is left standing."""
    return Edit(run.start, run.end, _instead(run.best, text[run.start : run.end], mask))


def firsts(hits: Iterable[Hit]) -> list[Hit]:
    """The first hit of each rule, in order."""
    known: dict[str, Hit] = {}
    for hit in hits:
        known.setdefault(hit.rule.id, hit)
    return list(known.values())


def _instead(hit: Hit, value: str, mask: Masker) -> str:
    label = fit(hit.finding.label)
    if hit.rule.action == "mask":
        return mask(hit.rule.mask, label, value)
    return hit.rule.text if hit.rule.action == "replace" else f"[{label}]"


def chains(hits: list[Hit]) -> Iterable[list[Hit]]:
    """Hits in order, those together that overlap."""
    run: list[Hit] = []
    end = 0
    for hit in sorted(hits, key=lambda hit: hit.start):
        if run and hit.start >= end:
            yield run
            run = []
        run.append(hit)
        end = max(end, hit.end) if len(run) > 1 else hit.end
    if run:
        yield run


@lru_cache(1024)
def fit(label: str) -> str:
    """A label as placeholders have it: capitals, digits, underscores; a letter first, a letter or digit last."""
    made = re.sub(r"[^A-Z0-9]+", "_", label.upper()).strip("_")[:48].strip("_")
    return f"N_{made}" if made[:1].isdigit() else made or "TEXT"


def verdicts(hits: Sequence[Hit], segment: Segment, left: int = 0, scored: str = "score") -> list[Verdict]:
    """One verdict for each rule that found something. `left`: characters of a stream that have left; `scored`: what
    points would have come to that were added in shadow mode."""
    late = f"{left} characters had left the stream" if segment.channel else ""
    labels: dict[str, tuple[Rule, dict[str, None]]] = {}
    for hit in hits:
        labels.setdefault(hit.rule.id, (hit.rule, {}))[1][hit.finding.label] = None
    return [
        Verdict(
            rule.id,
            "shadow" if rule.shadow else rule.action,
            show(segment.address),
            segment.scope,
            tuple(found),
            (scored if rule.action == "score" else rule.action) if rule.shadow else late if rule.stops_late else "",
        )
        for rule, found in labels.values()
    ]


def failure(action: str, rule: Rule, segment: Segment, reason: str) -> Verdict:
    """The verdict of a rule that could not look, or of one among those whose points block."""
    return Verdict(rule.id, action, show(segment.address), segment.scope, (), reason)
