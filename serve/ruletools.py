"""What `tidegate rules check`, `test`, `coverage`, `explain` and `bench` find out, as plain values."""

import re
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ..engine.errors import ConfigError
from ..engine.exchange import Scope
from ..engine.yamlfile import nearest, shorten
from ..guardrails.rules import review
from ..guardrails.rules.asked import asked_by, exception_for, meant_for
from ..guardrails.rules.compile import compile_rules, load_ruleset
from ..guardrails.rules.load import Exempt, load_rules
from ..guardrails.rules.roles import ROLES, Role, role_named
from ..guardrails.rules.ruleset import STRENGTH, Rule, Ruleset, only
from ..guardrails.rules.test import TestResult, run_tests
from ..guardrails.rules.when import Facts
from ..guardrails.scan import Found, Scan, attempt, scan
from .jsonlines import numbered, value
from .outfiles import write
from .rule_models import hand_models, in_words

CASES = 100_000
"""Lines of a file of tests."""
CASE = ("text", "expect", "rule", "scope", "key", "team", "role")
"""What a line of such a file may say."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold (XML 1.0, section 2.2)."""


@in_words()
def check(files: list[str]) -> dict[str, Any]:
    """Load and start rule files, run their tests, and say what a reader should know. Raises ConfigError."""
    book = load_rules(files, Path.cwd())
    ruleset = hand_models(compile_rules(book))
    ruleset.start()
    results = run_tests(ruleset.rules)
    remarks = review.remarks(book, ruleset, datetime.now(UTC).date())
    rules = [
        {
            "id": rule.id,
            "place": rule.place,
            "action": f"{rule.action} (shadow)" if rule.shadow else rule.action,
            "scopes": review.scopes_of(rule),
            "views": rule.views,
            "holds": getattr(rule.detector, "hold", None) if rule.holds else 0,
            "microseconds": round(review.cost(rule), 1),
        }
        for rule in ruleset.rules
    ]
    return {
        "rules": rules,
        "held back in streams": ruleset.holds(),
        "digest": ruleset.digest,
        "passed": sum(result.ok for result in results),
        "failed": [str(result) for result in results if not result.ok],
        "remarks": [f"{remark.place}: {remark.text}" for remark in remarks],
    }


@in_words()
def test(files: list[str], data: Path | None, junit: Path | None) -> dict[str, Any]:
    """Run the tests of some rule files, and those of a JSONL file. Raises ConfigError."""
    ruleset = hand_models(load_ruleset(files, Path.cwd()))
    ruleset.start()
    results = run_tests(ruleset.rules)
    if data is not None:
        results += _cases(ruleset, data)
    if junit is not None:
        write(junit, _junit(results))
    return {
        "passed": sum(result.ok for result in results),
        "failed": [str(result) for result in results if not result.ok],
    }


def _cases(ruleset: Ruleset, path: Path) -> list[TestResult]:
    """Tests one a line: `text`, `expect` (an action or pass), and perhaps `rule`, `scope`, `key`, `team`, `role`."""
    results: list[TestResult] = []

    @cache
    def asked(key: str, team: str, role: Role | None) -> Ruleset:
        return asked_by(ruleset, Facts(key=key, team=team, role=role))

    for number, line in numbered(path):
        if number > CASES:
            raise ConfigError(f"more than {CASES} tests", file=str(path))
        results.append(_case(ruleset, asked, line, str(path), number))
    return results


def _case(
    ruleset: Ruleset, asked: Callable[[str, str, Role | None], Ruleset], line: str, file: str, number: int
) -> TestResult:
    try:
        case = dict(value(line))
        odd = next((each for each in case if each not in CASE), "")
        text, expect, name, scope = (
            case["text"],
            case["expect"],
            case.get("rule", ""),
            Scope(case.get("scope", "input")),
        )
        by = str(case.get("key") or ""), str(case.get("team") or ""), role_named(case.get("role"))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigError(
            'a test is {"text": ..., "expect": ...} with a scope that exists', file=file, line=number
        ) from None
    if odd or not isinstance(text, str):
        wrong = f'unknown key "{shorten(odd)}"' if odd else "the text of a test must be a string"
        raise ConfigError(wrong, file=file, line=number, hint=odd and (nearest(odd, CASE) or ", ".join(CASE)))
    asker = Facts(key=by[0], team=by[1], role=by[2]) if {"key", "team", "role"} & set(case) else None
    rules = asked(*by) if asker else ruleset
    if name:
        if not any(rule.id == name for rule in ruleset.rules):
            hint = nearest(str(name), [rule.id for rule in ruleset.rules])
            raise ConfigError(f'there is no rule "{str(name)[:64]}"', file=file, line=number, hint=hint)
        rules = next((only(rule) for rule in rules.rules if rule.id == name), Ruleset())
    found = scan(rules, text, scope, asker)
    got = _strongest(found, expect)
    if found.text is None and got not in ("block", "respond"):
        got = "block"  # by points
    spans = tuple((each.start, each.end) for each in found.findings)
    return TestResult(name or "all rules", number - 1, f"{file}:{number}", str(expect), got, spans, got == expect)


def _strongest(found: Scan, expect: Any) -> str:
    """The strongest action. Some are of one strength, such as flag and route: then the one that is expected."""
    actions = [each.action for each in found.findings if each.action in STRENGTH]
    most = max(map(STRENGTH.__getitem__, actions), default=0)
    strongest = [each for each in actions if STRENGTH[each] == most]
    return expect if expect in strongest else next(iter(strongest), "pass")


def _junit(results: list[TestResult]) -> str:
    """The results in the form that CI systems read: a case for each test, by file and rule."""
    failed = sum(not result.ok for result in results)
    suite = ElementTree.Element("testsuite", name="tidegate rules", tests=str(len(results)), failures=str(failed))
    for result in results:
        name = f"{result.rule}, test {result.index + 1}"
        case = ElementTree.SubElement(suite, "testcase", classname=result.place.rsplit(":", 1)[0], name=name)
        if not result.ok:
            ElementTree.SubElement(case, "failure", message=str(result))
    whole = ElementTree.tostring(suite, encoding="unicode")
    return "<?xml version='1.0' encoding='utf-8'?>\n" + _NOT_XML.sub("\ufffd", whole)


@in_words()
def coverage(files: list[str]) -> dict[str, Any]:
    """Which rules, and which of their branches, no test of theirs reaches: one that it finds, and one that it lets
    pass. Raises ConfigError."""
    ruleset = hand_models(load_ruleset(files, Path.cwd()))
    ruleset.start()
    branches = review.coverage(ruleset)
    missed = [asdict(branch) for branch in branches if not (branch.hits and branch.refused)]
    return {"branches": len(branches), "reached": len(branches) - len(missed), "missed": missed}


@in_words()
def explain(files: list[str], text: str, scope: str, key: str = "", team: str = "", role: str = "") -> dict[str, Any]:
    """Every find in a text: how it was read, where, how sure, by which rule, and what it comes to, exceptions included.

    With a key, a team or a role, by the rules as they hold for such.
    """
    ruleset = hand_models(load_ruleset(files, Path.cwd()))
    ruleset.start()
    if scope not in list(Scope):
        raise ConfigError(f'there is no scope "{scope[:40]}"', hint=nearest(scope, list(Scope)) or ", ".join(Scope))
    if role and role not in ROLES:
        raise ConfigError(f'there is no role "{role[:40]}"', hint=nearest(role, ROLES) or ", ".join(ROLES))
    asker = Facts(key=key, team=team, role=role_named(role))
    rules = meant_for(ruleset, asker) if key or team or role else ruleset
    found = scan(rules, text, Scope(scope), asker)
    by_id = {rule.id: rule for rule in rules.rules}
    finds: list[dict[str, Any]] = []
    for each in scan(rules, text, Scope(scope)).findings:
        rule = by_id[each.rule]
        exempt = exception_for(ruleset, rule, each.found, asker)
        told = {"place": rule.place, "severity": rule.severity}
        finds.append(asdict(each) | told | _outcome(rule, each, exempt))
    others = (rule for rule in ruleset.rules if Scope(scope) not in rule.scopes)
    elsewhere = [rule.id for rule in others if attempt(only(rule), text, min(rule.scopes)).findings]
    return {
        "finds": finds,
        "points": found.points,
        "threshold": found.threshold,
        "text": found.text,
        "in other scopes": elsewhere,
    }


def _outcome(rule: Rule, found: Found, exempt: Exempt | None) -> dict[str, str]:
    """What a find comes to, be it by an exception, and what would change that."""
    if exempt is None:
        return {"exception": "", "otherwise": _otherwise(rule, found.view)}
    action = exempt.excepted.mode if exempt.excepted.mode == "shadow" else "pass"
    return {"action": action, "exception": exempt.place, "otherwise": f"without the exception: {found.action}"}


def _otherwise(rule: Rule, view: str) -> str:
    """What would make the find go away or count for less."""
    ways = [f"views: none on {rule.id}"] if view else []
    ways.append(f"an exception for {rule.id}, or allow_text with this text")
    if rule.holding.when is not None:
        ways.append("its conditions (when), which a request may not meet")
    return "; ".join(ways)


@in_words()
def bench(files: list[str], seconds: float) -> dict[str, Any]:
    """Milliseconds that all rules take for ordinary text of 40 and 400 words, and the costliest rules."""
    ruleset = hand_models(load_ruleset(files, Path.cwd()))
    ruleset.start()
    figures: dict[str, Any] = {}
    for words in (40, 400):
        text = " ".join((review.SAMPLE * 2).split()[:words])
        times: list[float] = []
        until = time.perf_counter() + seconds
        while time.perf_counter() < until or len(times) < 20:
            begun = time.perf_counter()
            scan(ruleset, text)
            times.append((time.perf_counter() - begun) * 1000)
        p50, p99 = review.percentiles(times)
        figures[f"{words} words"] = {"p50_ms": round(p50, 4), "p99_ms": round(p99, 4), "runs": len(times)}
    costs = sorted(((review.cost(rule), rule.id) for rule in ruleset.rules), reverse=True)[:10]
    figures["costliest"] = [{"rule": name, "microseconds": round(cost, 1)} for cost, name in costs]
    return figures
