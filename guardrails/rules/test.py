"""Runs the tests that rules carry."""

from collections.abc import Iterable
from dataclasses import dataclass

from ...engine.exchange import Scope
from .asked import about_callers
from .ruleset import Rule, only
from .schema import Test
from .when import Facts


@dataclass(frozen=True, slots=True)
class TestResult:
    """What a rule made of one of its tests."""

    rule: str
    index: int
    place: str
    """file:line:column of the test"""
    expected: str
    got: str
    spans: tuple[tuple[int, int], ...]
    ok: bool
    wanted: tuple[tuple[int, int], ...] | None = None
    """The spans that the test asks for; None: it asks for none."""
    overridden: str = ""
    """What of the rule an override has set, and where."""

    def __str__(self) -> str:
        """One line for people: where, which, and what was wrong. The text of the test is in the file."""
        wanted = "" if self.wanted is None else f" at {list(self.wanted)}"
        state = "passed" if self.ok else f"expected {self.expected}{wanted}, got {self.got} at {list(self.spans)}"
        by = f" (overridden: {self.overridden})" * bool(self.overridden)
        return f"{self.place}: {self.rule}{by}, test {self.index + 1}: {state}"


def run_tests(rules: Iterable[Rule], skip: str | None = None) -> list[TestResult]:
    """Every test of some rules, less those in files whose name begins with `skip`. A rule is tried alone, in the first
    of its scopes, in force even in shadow mode.

    A test that names a key, a team or a role is one of the rule as it holds for these.
    """
    return [
        run(rule, test, index)
        for rule in rules
        for index, test in enumerate(rule.tests)
        if skip is None or not _place(rule, index).startswith(skip)
    ]


def _place(rule: Rule, index: int) -> str:
    return rule.tested[index] if index < len(rule.tested) else rule.place


def run(rule: Rule, test: Test, index: int) -> TestResult:
    from ..scan import scan

    scope = next(scope for scope in Scope if scope in rule.scopes)
    asked = (test.key, test.team, test.role) != (None, None, None)
    asker = Facts(key=test.key or "", team=test.team or "", role=test.role) if asked else None
    held = asker is None or rule.holding.for_asker(asker) == "on"
    found = scan(only(about_callers(rule)), test.text, scope, asker).findings if held else []
    got = rule.action if found else "pass"
    spans = tuple((each.start, each.end) for each in found)
    place = _place(rule, index)
    wanted = None if test.spans is None else tuple(test.spans)
    ok = got == test.expect and (wanted is None or sorted(spans) == sorted(wanted))
    return TestResult(rule.id, index, place, test.expect, got, spans, ok, wanted, str(rule.overridden or ""))
