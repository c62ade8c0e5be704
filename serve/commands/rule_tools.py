"""What `tidegate rules check`, `test`, `coverage` and `bench` find out, as plain values."""

import re
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ...engine.errors import ConfigError
from ...engine.exchange import Scope
from ...engine.yamlfile import nearest, shorten
from ...guardrails.rules import review
from ...guardrails.rules.asked import asked_by
from ...guardrails.rules.compile import load_and_compile, load_ruleset
from ...guardrails.rules.roles import ROLES, Role, role_named
from ...guardrails.rules.ruleset import STRENGTH, Ruleset, only
from ...guardrails.rules.test import TestResult, run_tests
from ...guardrails.rules.waits import bounds, outgrown, seen_late
from ...guardrails.rules.when import Facts
from ...guardrails.scan import Scan, scan
from ..rule_models import hand_models, in_words
from .jsonlines import numbered, value
from .outfiles import write

CASES = 100_000
"""Lines of a file of tests."""
CASE = ("text", "expect", "rule", "scope", "key", "team", "role")
"""What a line of such a file may say."""
CHOICES = {"expect": (*STRENGTH, "pass"), "scope": tuple(Scope), "role": ROLES}
"""Of these, what may be said."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold (XML 1.0, section 2.2)."""


@in_words()
def check(files: list[str]) -> dict[str, Any]:
    """Load and start rule files, run their tests, and say what a reader should know. Raises ConfigError."""
    book, ruleset = load_and_compile(files, Path.cwd())
    hand_models(ruleset)
    ruleset.start()
    results = run_tests(ruleset.rules)
    remarks = review.remarks(book, ruleset, datetime.now(UTC).date())
    share = review.share(len(ruleset.rules))
    rules = [
        {
            "id": rule.id,
            "place": rule.place,
            "overridden": str(rule.overridden or ""),
            "action": f"{rule.action} (shadow)" if rule.shadow else rule.action,
            "scopes": review.scopes_of(rule),
            "views": rule.views,
            "holds": bounds([rule]).get(rule.id, getattr(rule.detector, "hold", None) if rule.holds else 0),
            "microseconds": round(review.cost(rule.detector, seconds=share), 1),
            "patterns": [{"part": name, "microseconds": round(us, 1)} for name, us in review.costs(rule, share)],
        }
        for rule in ruleset.rules
    ]
    return {
        "rules": rules,
        "held back in streams": ruleset.holds(),
        "finds that leave streams": outgrown(ruleset.rules),
        "streams are ended late": ruleset.stopped_late(),
        "encodings in streams are seen": seen_late(ruleset.rules),
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
        for key, known in CHOICES.items():
            if isinstance(word := case.get(key), str) and word not in known:
                hint = nearest(word, known) or ", ".join(known)
                raise ConfigError(f'there is no {key} "{shorten(word)}"', file=file, line=number, hint=hint)
        text, expect, name, scope = (
            case["text"],
            case["expect"],
            case.get("rule", ""),
            Scope(case.get("scope", "input")),
        )
        by = str(case.get("key") or ""), str(case.get("team") or ""), role_named(case.get("role"))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigError(
            'a test is {"text": ..., "expect": ...}, perhaps with rule, scope, key, team, role', file=file, line=number
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
    return TestResult(name or "all rules", number - 1, f"{file}:{number}:1", str(expect), got, spans, got == expect)


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
        file, line, _ = result.place.rsplit(":", 2)
        case = ElementTree.SubElement(suite, "testcase", classname=file, name=name, file=file, line=line)
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
    share = review.share(len(ruleset.rules))
    costs = sorted(((review.cost(rule.detector, seconds=share), rule.id) for rule in ruleset.rules), reverse=True)[:10]
    figures["costliest"] = [{"rule": name, "microseconds": round(cost, 1)} for cost, name in costs]
    return figures
