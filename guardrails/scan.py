"""Rules over a text by itself, without a request around it: for the command line and for rule tests."""

from dataclasses import dataclass

from ..engine.exchange import Scope
from ..engine.stream import apply
from . import actions
from .rules.compile import Ruleset
from .screen import Seen, examine
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


@dataclass(frozen=True, slots=True)
class Scan:
    """What rules make of a text."""

    findings: list[Found]
    """Everything found, in order; finds of different rules may overlap."""
    text: str | None
    """The text as it would go on, masks and redactions made; None when it would be blocked."""


def scan(ruleset: Ruleset, text: str, scope: Scope = Scope.INPUT) -> Scan:
    """Look at one text with the rules of `scope`. Raises RuntimeError when a detector fails."""
    seen = examine(ruleset.group(scope), text) if text else Seen(0)
    if seen.failed:
        rule, reason = seen.failed[0]
        raise RuntimeError(f'the detector of rule "{rule.id}" failed: {reason}')
    hits = sorted(seen.hits, key=lambda hit: (hit.start, -hit.end))
    findings = [
        Found(
            rule=hit.rule.id,
            action="shadow" if hit.rule.shadow else hit.rule.action,
            label=hit.finding.label,
            start=hit.start,
            end=hit.end,
            score=hit.finding.score,
        )
        for hit in hits
    ]
    if any(found.action == "block" for found in findings):
        return Scan(findings, None)
    return Scan(findings, apply(text, actions.edits(text, hits, Vault().mask)))
