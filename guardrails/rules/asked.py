"""Rules as they hold for one caller, and the callers that rules name."""

from collections.abc import Iterator

from ...engine.exchange import Scope
from .ruleset import Group, Rule, Ruleset


def callers_named(ruleset: Ruleset) -> Iterator[tuple[str, str, str]]:
    """`key` or `team`, a pattern of its name, and the place of the condition or exception that has it."""
    for rule in ruleset.rules:
        if when := rule.holding.when:
            yield from (("key", glob, rule.place) for glob in when.key)
            yield from (("team", glob, rule.place) for glob in when.team)
    for each in ruleset.exceptions:
        yield from (("key", glob, each.place) for glob in each.excepted.keys)
        yield from (("team", glob, each.place) for glob in each.excepted.teams)


def asked_by(ruleset: Ruleset, key: str, team: str) -> Ruleset:
    """The rules that hold for a caller, in shadow mode where an exception says so; other conditions aside."""
    rules = tuple(held for rule in ruleset.rules if (held := _held(rule, key, team)) is not None)
    groups = {scope: Group(tuple(rule for rule in rules if scope in rule.scopes)) for scope in Scope}
    used = {scope: group for scope, group in groups.items() if group.rules}
    return Ruleset(rules, ruleset.digest, used, ruleset.scoring, ruleset.exceptions, ruleset.files)


def _held(rule: Rule, key: str, team: str) -> Rule | None:
    mode = rule.holding.for_caller(key, team)
    return None if mode == "off" else rule.shadowed if mode == "shadow" else rule
