"""How the rules of a body hold: which conditions its texts meet, which exceptions they fall under."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..engine.exchange import Segment
from .examine import Effective, as_written
from .hits import Hit
from .rules.lacks import beside as is_beside
from .rules.roles import Role, role_of
from .rules.ruleset import Rule, Ruleset
from .rules.when import OF_TOOLS, Facts, Mode, plain

_Text = tuple[Role | None, frozenset[str], bool]
"""What conditions make of a text: who speaks, the rules that do not hold for its tool, and whether it is no part of an
answer."""


@dataclass(frozen=True, slots=True)
class Held:
    """How they hold for a text."""

    effective: Effective = as_written
    allowed: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """For some rules, texts that are no finds."""
    under: str = ""
    """The modes of all rules that do not always hold: what is found in a text is found under these."""

    @property
    def lets(self) -> str:
        """What exceptions let pass, by rule; empty where nothing, equal where the same."""
        return repr(sorted((rule, sorted(texts)) for rule, texts in self.allowed.items())) if self.allowed else ""

    def counting(self, hits: Sequence[Hit], text: str) -> Sequence[Hit]:
        """Hits less those that an exception lets pass."""
        return [hit for hit in hits if not self._lets_pass(hit, text)] if self.allowed else hits

    def _lets_pass(self, hit: Hit, text: str) -> bool:
        texts = self.allowed.get(hit.rule.id)
        return texts is not None and plain(text[hit.start : hit.end]) in texts


class Holds:
    """The rules as they hold for the texts of one body, told once for texts of which conditions ask alike."""

    def __init__(self, ruleset: Ruleset, facts: Facts) -> None:
        self._rules, self._facts = ruleset.conditional, facts
        self._by_role = any(rule.holding.by_role for rule in self._rules)
        self._by_tool = [rule for rule in self._rules if rule.holding.by_tool]
        self._lacking = ruleset.lacking
        self._known: dict[_Text, Held] = {}
        self._tool: tuple[str, bool] | None = None
        self._off = frozenset[str]()

    def of(self, segment: Segment) -> Held:
        tool = segment.tool, segment.scope in OF_TOOLS
        if tool != self._tool:  # the names of tools may be as many as the texts, what rules make of them is not
            self._off = frozenset(rule.id for rule in self._by_tool if not rule.holding.for_tool(*tool))
            self._tool = tool
        beside = bool(self._lacking) and is_beside(segment)
        told = role_of(segment) if self._by_role else None, self._off, beside
        return self._known.get(told) or self._known.setdefault(told, self._held(*told))

    def _held(self, role: Role | None, off: frozenset[str], beside: bool) -> Held:
        if not self._rules and not beside:
            return Held()
        facts = replace(self._facts, role=role)
        modes: dict[str, Mode] = {
            rule.id: "off" if rule.id in off else rule.holding.mode(rule.id, facts) for rule in self._rules
        }
        held = {rule.id: _as(rule, modes[rule.id]) for rule in self._rules}
        if beside:
            held |= {name: rule and _as(rule, modes.get(name, "on")) for name, rule in self._lacking.items()}
        allowed = {rule.id: texts for rule in self._rules if (texts := rule.holding.allowed(facts))}
        under = " ".join([*(f"{name}:{mode}" for name, mode in modes.items() if mode != "on"), *["beside"] * beside])
        return Held(lambda rule: held.get(rule.id, rule), allowed, under)


def _as(rule: Rule, mode: Mode) -> Rule | None:
    return None if mode == "off" else rule.shadowed if mode == "shadow" else rule
