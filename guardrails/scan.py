"""Rules over a text by itself, without a request around it: for the command line and for rule tests.

It is read as the gate reads one: JSON with its escapes decoded.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..engine.edits import apply, whole_edits
from ..engine.exchange import Scope, Segment
from ..engine.sources import as_source
from . import actions
from .detectors.why import Why, whys_of
from .examine import Seen, examine
from .hits import Hit
from .masks import Mask, masked
from .rules.ruleset import Rule, Ruleset
from .rules.when import Facts, plain
from .vault import Vault


@dataclass(frozen=True, slots=True)
class Found:
    """One find: which rule, what it does, what it is called, where, how sure."""

    rule: str
    action: str
    label: str
    start: int
    end: int
    score: float
    found: str
    """What stands there, as it was read; where it stands is counted in the text as it was given."""
    view: str = ""
    """How the text had to be read to find it; empty: as it stands."""


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of the text as it was given, the rule by which it is replaced, and what stands in its place."""

    start: int
    end: int
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What rules make of a text."""

    findings: list[Found]
    """Everything found, in order; finds of different rules may overlap."""
    text: str | None
    """The text as it would go on, with all edits made; None when it would be blocked or answered."""
    points: int = 0
    threshold: int = 0
    """The points that rules have added, and how many block."""
    failed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Rules whose detector failed, and why: they are not evaluated."""
    changes: list[Change] = field(default_factory=list[Change])
    """What is replaced; of finds that overlap the strongest decides."""


def scan(ruleset: Ruleset, text: str, scope: Scope = Scope.INPUT, asker: Facts | None = None) -> Scan:
    """Look at one text with the rules of `scope`, conditions aside. Exceptions hold as they do for `asker`; without one
    they are left aside too.

    Raises RuntimeError when a detector fails.
    """
    seen = attempt(ruleset, text, scope, asker)
    for rule, reason in seen.failed:
        raise RuntimeError(f'the detector of rule "{rule}" failed: {reason}')
    return seen


def attempt(ruleset: Ruleset, text: str, scope: Scope = Scope.INPUT, asker: Facts | None = None) -> Scan:
    """The same where a detector that fails is no end: its rule is named, and blocks unless its on_error lets pass."""
    segment = as_source(Segment((), text, scope))
    read, offsets = segment.reading(True)
    seen = examine(ruleset.group(scope), read, effective=lambda rule: _held(rule, asker)) if text else Seen(0)
    if asker is not None:
        allowed = {id: rule.holding.allowed(asker) for id, rule in {hit.rule.id: hit.rule for hit in seen.hits}.items()}
        seen.hits = [hit for hit in seen.hits if plain(read[hit.start : hit.end]) not in allowed[hit.rule.id]]
    failed = list({rule.id: reason for rule, reason in seen.failed}.items())
    refused = any(rule.changes and rule.on_error == "block" for rule, _ in seen.failed)
    hits = _once(sorted(seen.hits, key=lambda hit: (hit.start, -hit.end, hit.view, -hit.finding.score)))
    findings = [
        Found(
            rule=hit.rule.id,
            action="shadow" if hit.rule.shadow else hit.rule.action,
            label=hit.finding.label,
            start=_given(offsets, hit.start),
            end=_given(offsets, hit.end),
            score=hit.finding.score,
            found=read[hit.start : hit.end],
            view=hit.view,
        )
        for hit in hits
    ]
    scored = {hit.rule.id: hit.rule.severity for hit in hits if hit.rule.action == "score" and not hit.rule.shadow}
    points, threshold = ruleset.scoring.sum(scored.values()), ruleset.scoring.threshold(scope)
    stopped = any(found.action in ("block", "respond") for found in findings) or (scored and points >= threshold)
    if stopped or refused:
        return Scan(findings, None, points, threshold, failed)
    vault, key = Vault(), secrets.token_bytes(32)

    def mask(how: Mask, label: str, value: str) -> str:
        return vault.mask(label, value) if how.mode == "reversible" else masked(how, label, value, key)

    runs = actions.runs(hits)
    made = [actions.edit(read, run, mask) for run in runs]
    changes = [
        Change(_given(offsets, each.start), _given(offsets, each.end), run.best.rule.id, each.text)
        for run, each in zip(runs, made, strict=True)
    ]
    return Scan(findings, apply(text, whole_edits(segment, made, offsets)), points, threshold, failed, changes)


def _given(offsets: Sequence[int] | None, at: int) -> int:
    return offsets[at] if offsets else at


def _once(hits: list[Hit]) -> list[Hit]:
    """Hits in order, each value once for a rule that finds it in several ways."""
    known: dict[tuple[str, str, int, int], Hit] = {}
    for hit in hits:
        known.setdefault((hit.rule.id, hit.finding.label, hit.start, hit.end), hit)
    return list(known.values())


def nearly(ruleset: Ruleset, text: str, scope: Scope = Scope.INPUT) -> list[tuple[str, Why]]:
    """What the detectors of a scope's rules say of the text as it stands, found or not, with the rule's id."""
    read, offsets = as_source(Segment((), text, scope)).reading(True)
    return [
        (rule.id, replace(why, start=_given(offsets, why.start), end=_given(offsets, why.end)))
        for rule in ruleset.group(scope).rules
        for why in whys_of(rule.detector, read)
    ]


def _held(rule: Rule, asker: Facts | None) -> Rule | None:
    """The rule as exceptions leave it; None: it does not look."""
    mode = rule.holding.excepted(asker) if asker is not None else "on"
    return None if mode == "off" else rule.shadowed if mode == "shadow" else rule
