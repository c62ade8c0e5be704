"""Rules as they hold for one caller, by conditions and exceptions, and the callers that rules name."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ...engine.exchange import Scope
from .load import Exempt
from .ruleset import Group, Rule, Ruleset
from .when import Facts, plain


def callers_named(ruleset: Ruleset) -> Iterator[tuple[str, str, str]]:
    """`key` or `team`, a pattern of its name, and the place of the condition or exception that has it."""
    for rule in ruleset.rules:
        if when := rule.holding.when:
            yield from (("key", glob, rule.said_at("when")) for glob in when.key)
            yield from (("team", glob, rule.said_at("when")) for glob in when.team)
    for each in ruleset.exceptions:
        yield from (("key", glob, each.place) for glob in each.excepted.keys)
        yield from (("team", glob, each.place) for glob in each.excepted.teams)


def asked_by(ruleset: Ruleset, asker: Facts) -> Ruleset:
    """The rules that hold for a key, team and role, in shadow mode where an exception says so; other conditions aside,
    and the exceptions for everybody."""
    return _of(ruleset, (held for rule in ruleset.rules if (held := _held(rule, asker)) is not None))


def meant_for(ruleset: Ruleset, asker: Facts) -> Ruleset:
    """The rules whose conditions on keys, teams and roles are met; other conditions and exceptions aside."""
    met = (rule for rule in ruleset.rules if (when := rule.holding.when) is None or when.fits(asker))
    return _of(ruleset, met)


def exception_for(ruleset: Ruleset, rule: Rule, found: str, asker: Facts) -> Exempt | None:
    """The exception by which a find of these words does less for `asker`, or nothing; None: there is none."""
    about = (each for each in ruleset.exceptions if each.excepted.covers(rule.id, rule.tags))
    holding = [
        each
        for each in about
        if each.excepted.holds(asker) and (each.excepted.mode or plain(found) in map(plain, each.excepted.allow_text))
    ]
    return min(holding, key=lambda each: each.excepted.mode == "shadow", default=None)


def _of(ruleset: Ruleset, some: Iterable[Rule]) -> Ruleset:
    """A ruleset with some of its rules."""
    rules = tuple(some)
    groups = {scope: Group(tuple(rule for rule in rules if scope in rule.scopes)) for scope in Scope}
    used = {scope: group for scope, group in groups.items() if group.rules}
    return Ruleset(rules, ruleset.digest, used, ruleset.scoring, ruleset.exceptions, ruleset.files)


def about_callers(rule: Rule) -> Rule:
    """The same rule with no exceptions but those about keys, teams and roles."""
    return replace(rule, holding=replace(rule.holding, exceptions=rule.holding.for_some))


def _held(rule: Rule, asker: Facts) -> Rule | None:
    mode, own = rule.holding.for_asker(asker), about_callers(rule)
    return None if mode == "off" else own.shadowed if mode == "shadow" else own
