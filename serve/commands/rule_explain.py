"""What `tidegate rules explain` tells of a text: each find, how it came about and what would change it, and what was
nearly found or kept from acting."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from ...engine.errors import ConfigError
from ...engine.exchange import Scope
from ...engine.yamlfile import nearest
from ...guardrails.detectors.why import Why
from ...guardrails.rules.asked import exception_for, meant_for
from ...guardrails.rules.compile import load_ruleset
from ...guardrails.rules.load import Exempt
from ...guardrails.rules.roles import ROLES, role_named
from ...guardrails.rules.ruleset import EDITING, Rule, Ruleset, only
from ...guardrails.rules.when import Facts
from ...guardrails.scan import Found, Scan, attempt, nearly, scan
from ..rule_models import hand_models, in_words

MOST = 3
"""What is told at most of one place that a rule nearly found: many types of numbers have one form."""


@in_words()
def explain(files: list[str], text: str, scope: str, key: str = "", team: str = "", role: str = "") -> dict[str, Any]:
    """Every find in a text: how it was read, where, how sure and why, by which rule, and what it comes to, exceptions
    included; and what was nearly found.

    With a key, a team or a role, by the rules as they hold for such.
    """
    ruleset = hand_models(load_ruleset(files, Path.cwd()))
    ruleset.start()
    if scope not in list(Scope):
        raise ConfigError(f'there is no scope "{scope[:40]}"', hint=nearest(scope, list(Scope)) or ", ".join(Scope))
    if role and role not in ROLES:
        raise ConfigError(f'there is no role "{role[:40]}"', hint=nearest(role, ROLES) or ", ".join(ROLES))
    asker, at = Facts(key=key, team=team, role=role_named(role)), Scope(scope)
    rules = meant_for(ruleset, asker) if key or team or role else ruleset
    outcome, whole = scan(rules, text, at, asker), scan(rules, text, at)
    judged = nearly(rules, text, at)
    by_id = {rule.id: rule for rule in rules.rules}
    finds: list[dict[str, Any]] = []
    for each in whole.findings:
        rule = by_id[each.rule]
        exempt = exception_for(ruleset, rule, each.found, asker)
        told = {"place": rule.place, "severity": rule.severity, "why": _why(each, judged)}
        told["overridden"] = str(rule.overridden or "")
        finds.append(asdict(each) | told | _outcome(ruleset, rule, each, exempt, outcome))
    others = (rule for rule in ruleset.rules if at not in rule.scopes)
    elsewhere = [rule.id for rule in others if attempt(only(rule), text, min(rule.scopes)).findings]
    return {
        "finds": finds,
        "nearly": [*_unmet(ruleset, rules, text, at), *_nearly(text, judged, whole.findings)],
        "points": outcome.points,
        "threshold": outcome.threshold,
        "text": outcome.text,
        "in other scopes": elsewhere,
    }


def _why(found: Found, judged: list[tuple[str, Why]]) -> str:
    """How a find came to its score; empty where the detector does not say, or only another view has it."""
    own = (why for rule, why in judged if rule == found.rule and why.label == found.label and why.score >= why.least)
    same = [why for why in own if (why.start, why.end) == (found.start, found.end)]
    return max(same, key=lambda why: why.score).reason if same else ""


def _outcome(ruleset: Ruleset, rule: Rule, found: Found, exempt: Exempt | None, outcome: Scan) -> dict[str, str]:
    """What a find comes to, be it by an exception, and what would change that."""
    if exempt is not None:
        action = exempt.excepted.mode if exempt.excepted.mode == "shadow" else "pass"
        left = f"without the exception: {rule.action if found.action != 'shadow' else 'shadow'}"
        return {"action": action, "exception": exempt.place, "becomes": "", "otherwise": left}
    ways = list(_ways(ruleset, rule, found, outcome))
    change = next((each for each in outcome.changes if each.start <= found.start and found.end <= each.end), None)
    editing = found.action in EDITING
    if editing and change and change.rule != rule.id:
        ways.insert(0, f"overlaps with {change.rule}, which prevails; without that: {rule.action}")
    if editing and outcome.text is None:
        ways.insert(0, f"without what blocks the text: {rule.action}")
    becomes = change.text if editing and change else ""
    return {"exception": "", "becomes": becomes, "otherwise": "; ".join(ways)}


def _ways(ruleset: Ruleset, rule: Rule, found: Found, outcome: Scan) -> Iterator[str]:
    """What would make the find go away, or count for less or more."""
    if rule.shadow:
        points = outcome.points + ruleset.scoring.sum([rule.severity])
        told = f" to make {points} points, where {outcome.threshold} block" if rule.action == "score" else ""
        yield f"in force it would {rule.action}{told}; it is in shadow mode"
    elif rule.action == "score":
        own, sum, block = ruleset.scoring.sum([rule.severity]), outcome.points, outcome.threshold
        without = "still blocks" if sum - own >= block else "does not"
        lacks = f"without it {sum - own} points, which {without}" if sum >= block else f"{block - sum} more would block"
        yield f"adds {own} ({rule.severity}) to make {sum} points, where {block} block: {lacks}"
    if found.view:
        yield f"views: none on {rule.id}"
    if rule.holding.when is not None:
        yield f"its condition may not be met: when {_condition(rule)}"
    if rule.holding.sample < 1:
        yield f"it looks at {rule.holding.sample:.0%} of the requests"
    yield f"an exception for {rule.id}, or allow_text with this text"


def _condition(rule: Rule) -> str:
    """The rule's condition, in the words of its file."""
    said: dict[str, Any] = rule.holding.when.model_dump(exclude_defaults=True) if rule.holding.when else {}
    return ", ".join(f"{name}: {_told(value)}" for name, value in said.items())


def _told(value: Any) -> str:
    return ", ".join(map(str, cast("list[Any]", value))) if isinstance(value, list) else str(value)


def _near(rule: str, start: int, end: int, label: str, score: float, found: str, why: str) -> dict[str, Any]:
    told = {"rule": rule, "start": start, "end": end, "label": label, "score": score, "found": found}
    return told | {"why": why}


def _unmet(ruleset: Ruleset, rules: Ruleset, text: str, scope: Scope) -> Iterator[dict[str, Any]]:
    """What rules would find whose condition the caller does not meet."""
    held = {rule.id for rule in rules.rules}
    for rule in ruleset.group(scope).rules:
        for each in attempt(only(rule), text, scope).findings if rule.id not in held else ():
            why = f"its condition is not met: when {_condition(rule)}"
            yield _near(rule.id, each.start, each.end, each.label, each.score, each.found, why)


def _nearly(text: str, judged: list[tuple[str, Why]], finds: list[Found]) -> Iterator[dict[str, Any]]:
    """What has the form of a find and is none, the likeliest of each place; and what a surer find of the same rule
    covers."""
    told: dict[tuple[str, int, int], list[Why]] = {}
    for rule, why in judged:
        across = [each for each in finds if each.rule == rule and each.start < why.end and why.start < each.end]
        if not across:
            told.setdefault((rule, why.start, why.end), []).append(why)
        elif why.score >= why.least and why.label not in {each.label for each in across}:
            score = f"{why.score:.2f} ({why.reason})"
            reason = f"{score}, and {across[0].label}, which it overlaps, is surer or longer"
            yield _near(rule, why.start, why.end, why.label, why.score, text[why.start : why.end], reason)
    broken = [place for place, whys in told.items() if any(why.failed for why in whys)]
    for (rule, start, end), whys in told.items():
        inside = any(s <= start and end <= e and e - s > end - start for _, s, e in broken)
        for why in sorted(whys, key=lambda why: (not why.failed, -why.score))[: 0 if inside else MOST]:
            reason = why.reason if why.failed else f"{why.score:.2f} of {why.least:.2f}: {why.reason}"
            if why.score >= why.least:
                reason = f"{why.score:.2f} ({why.reason}), by a part of the rule; the whole (all, not) finds nothing"
            yield _near(rule, start, end, why.label, why.score, text[start:end], reason)
