"""Overrides: settings that one file has for rules of others, such as a pack's.

They are applied in order when all files have been read, so that whatever comes after (tests, digests, tools, reload)
sees a rule as it will act. What an override says must be possible for each rule that it is about, and change something.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Generic, Protocol, Self, TypeVar, cast

from ...engine.errors import ConfigError
from ...engine.jsonio import Address
from ...engine.mistakes import Mistakes
from ...engine.yamlfile import Located, nearest, shorten
from .options import as_read, instead
from .schema import OnError, Override, Rule, Test, Views
from .sense import refuse_what_does_nothing

NAMES = 500
"""Names of rules in all overrides together."""
CHANGES = 20_000
"""Rules that all overrides together may change, each as often as it is changed."""
_BESIDE_ACTION = ("with_", "to", "mask")
"""Settings that go with an action: another one leaves those of the rule aside."""


@dataclass(frozen=True, slots=True)
class Overridden:
    """What of a rule is not as its own file has it."""

    places: Mapping[str, str]
    """file:line:column of the override, by what it sets."""
    detect: Mapping[str, Any]
    """`detect` as the rule's file has it."""
    tests: tuple[str, ...]
    """Where each test stands."""
    options: tuple[Located, Address] | None = None
    """Where the options stand that were set last."""

    def __str__(self) -> str:
        """In words: what, and where."""
        by: dict[str, list[str]] = {}
        for name, place in self.places.items():
            by.setdefault(place, []).append(name)
        return "; ".join(f"{', '.join(names)} at {place}" for place, names in by.items())


class Overridable(Protocol):
    """A rule ready to run, as far as it tells who has set what."""

    @property
    def place(self) -> str: ...
    @property
    def overridden(self) -> Overridden | None: ...


def said_at(rule: Overridable, setting: str) -> str:
    """file:line:column of what set it: the rule itself, or an override."""
    return rule.overridden.places.get(setting, rule.place) if rule.overridden else rule.place


class Stands(Protocol):
    """A rule of a file, as `Loaded` has it."""

    @property
    def rule(self) -> Rule: ...
    @property
    def tree(self) -> Located: ...
    @property
    def index(self) -> int: ...
    @property
    def on_error(self) -> OnError: ...
    @property
    def allow_unread(self) -> bool: ...
    @property
    def views(self) -> Views | None: ...
    @property
    def overridden(self) -> Overridden | None: ...
    def become(self, rule: Rule, overridden: Overridden) -> Self:
        """The same with these settings."""
        ...


RULE = TypeVar("RULE", bound=Stands)


@dataclass(frozen=True, slots=True)
class Written:
    """An override and where it stands."""

    override: Override
    tree: Located
    index: int

    @property
    def at(self) -> Address:
        return ("overrides", self.index)

    @property
    def given(self) -> list[str]:
        """What it sets."""
        told = self.override.model_fields_set - {"rules", "reason", "tests"}
        return [name for name in Override.model_fields if name in told]


def covers(name: str, rule: Rule) -> bool:
    """Whether a name in an override or exception means this rule: its id, a glob, or `tag:NAME`."""
    return name[4:] in rule.tags if name.startswith("tag:") else fnmatchcase(rule.id, name)


def apply(overrides: Sequence[Written], rules: Mapping[str, RULE], mistakes: Mistakes) -> dict[str, RULE]:
    """The rules with all overrides. Those that are wrong are left out, and told in `mistakes`."""
    found, names, changes = {**rules}, 0, 0
    last: dict[tuple[str, str], Written] = {}
    about: list[list[str]] = []
    for each in overrides:
        names += len(each.override.rules)
        with mistakes.gather():
            if names > NAMES:
                raise each.tree.error(f"overrides name more than {NAMES} rules", each.at)
            change = _Change(each, found)
            changes += len(change.about)
            if changes > CHANGES:
                raise each.tree.error(f"overrides change rules more than {CHANGES} times", each.at)
            found |= change.made()
            last |= {(rule, field): each for rule in change.about for field in _fields(each)}
            about.append([*change.about])
        if names > NAMES or changes > CHANGES:
            break
    for each, some in zip(overrides, about, strict=True) if not mistakes else ():
        with mistakes.gather():
            _refuse_undone(each, some, last)
    return found


def _fields(each: Written) -> list[str]:
    """What it sets, each option by itself."""
    return [*(name for name in each.given if name != "options"), *(f"options.{key}" for key in each.override.options)]


def _refuse_undone(each: Written, about: Sequence[str], last: Mapping[tuple[str, str], Written]) -> None:
    """Raises ConfigError for what later overrides of the same file set again, for each of its rules."""
    for field in _fields(each):
        by = [last[name, field] for name in about]
        if all(other is not each and other.tree.file == each.tree.file for other in by):
            steps = _key(field).split(".")
            raise each.tree.error(
                f'"{steps[-1]}" does nothing here: a later override sets it again for the same rules',
                (*each.at, *steps),
                key=True,
                hint=f"at {by[-1].tree.where(by[-1].at)}",
            )


def _key(field: str) -> str:
    """A field's name in files."""
    return "with" if field == "with_" else field


class _Change(Generic[RULE]):
    """One override at work."""

    def __init__(self, written: Written, rules: Mapping[str, RULE]) -> None:
        self._written = written
        self._override = written.override
        self._rules = rules
        self._named = [[rule for rule in rules.values() if covers(name, rule.rule)] for name in written.override.rules]
        self.about = {rule.rule.id: rule for rules in self._named for rule in rules}

    def made(self) -> dict[str, RULE]:
        """The rules that it is about, as they are now. Raises ConfigError."""
        changed: dict[str, RULE] = {}
        idle = set(self._written.given)
        for place, name in enumerate(self._override.rules):
            about = self._named[place]
            if not about:
                raise self._unknown(name, ("rules", place))
            some = False
            for rule in about:
                differing = self._differing(rule)
                idle -= differing
                some = some or bool(differing)
                changed[rule.rule.id] = self._changed(rule)
            if not some:
                raise self._error(f'nothing changes for "{shorten(name)}"', ("rules", place), hint="it is so already")
        if idle:
            name = _key(min(idle))
            raise self._error(f'"{name}" changes nothing: it is so already', (name,), key=True)
        if self._override.tests and len(changed) > 1:
            raise self._error("tests are for an override of one rule", ("tests",), key=True)
        return changed

    def _unknown(self, name: str, at: Address) -> ConfigError:
        known = [*self._rules, *(f"tag:{tag}" for rule in self._rules.values() for tag in rule.rule.tags)]
        hint = nearest(name, known) or "a rule's id, with * and ?, or tag:NAME"
        return self._error(f'no rule fits "{shorten(name)}"', at, hint=hint)

    def _error(self, message: str, at: Address, *, hint: str = "", key: bool = False) -> ConfigError:
        return self._written.tree.error(message, (*self._written.at, *at), hint=hint, key=key)

    def _differing(self, loaded: RULE) -> set[str]:
        """What of it the rule does not say already."""
        rule = loaded.rule
        own = {"on_error": loaded.on_error, "allow_unread": loaded.allow_unread, "views": rule.views or loaded.views}
        found = {
            name
            for name in self._written.given
            if name != "options" and getattr(self._override, name) != own.get(name, getattr(rule, name, None))
        }
        before = instead(rule.detect, {}, rule.id, *self._options)
        return found | ({"options"} if as_read(self._detect(rule)) != as_read(before) else set[str]())

    @property
    def _options(self) -> tuple[Located, Address]:
        return self._written.tree, (*self._written.at, "options")

    def _detect(self, rule: Rule) -> dict[str, Any]:
        return instead(rule.detect, self._override.options, rule.id, *self._options)

    def _changed(self, loaded: RULE) -> RULE:
        rule, override, before = loaded.rule, self._override, loaded.overridden
        new = {name: getattr(override, name) for name in self._written.given if name != "options"}
        if override.action not in (None, rule.action):
            new = dict.fromkeys(_BESIDE_ACTION) | ({"on_error": None} if override.action == "flag" else {}) | new
        if new.get("mode") == "enforce":
            new = {"sample": None} | new
        if override.options:
            new["detect"] = self._detect(rule)
        places = before.tests if before else _places(loaded.tree, ("rules", loaded.index), rule.tests)
        kept = [(test, at) for test, at in zip(rule.tests, places, strict=True) if self._speaks_of(test)]
        tests = [self._expecting(test, rule.action) for test, _ in kept] + override.tests
        tested = (*(at for _, at in kept), *_places(self._written.tree, self._written.at, override.tests))
        made = rule.model_copy(update=new | {"tests": tests})
        try:
            refuse_what_does_nothing(made, self._written.tree, self._written.at)
        except ConfigError as error:
            raise self._for(rule, error) from None
        if "message" in new and made.action == "flag":
            raise self._error(f'{rule.id} flags: nobody is told its "message"', ("message",), key=True)
        where = self._written.tree.where(self._written.at)
        said = dict(before.places if before else {}) | {_key(name): where for name in _fields(self._written)}
        detect = before.detect if before else rule.detect
        options = self._options if override.options else before.options if before else None
        return loaded.become(made, Overridden(said, detect, tested, options))

    def _for(self, rule: Rule, error: ConfigError) -> ConfigError:
        told, hint = f"{rule.id}: {error.bare}", error.hint
        return ConfigError(told, file=error.file, line=error.line, column=error.column, hint=hint)

    def _speaks_of(self, test: Test) -> bool:
        """Whether a test still tells of the rule: not where something else is looked for than it was written for."""
        given = self._written.given
        if "options" in given or "views" in given:
            return False
        return "when" not in given or (test.key, test.team, test.role) == (None, None, None)

    def _expecting(self, test: Test, action: str) -> Test:
        """A test that expects what the rule did expects what it does."""
        new = self._override.action
        return test.model_copy(update={"expect": new}) if new and test.expect == action else test


def _places(tree: Located, at: Address, tests: Sequence[Test]) -> tuple[str, ...]:
    return tuple(tree.where((*at, "tests", index)) for index in range(len(tests)))


def moved(error: ConfigError, rule: Rule, overridden: Overridden) -> ConfigError:
    """What the detector of a rule says against options that an override has, with the place of these."""
    if overridden.options is None:
        return error
    tree, at = overridden.options
    keys = [step[-1] for step in tree.places if step[:-1] == at]

    def told(each: ConfigError) -> ConfigError:
        named = next((key for key in keys if re.search(rf"\b{re.escape(str(key))}\b", each.bare)), None)
        place = (*at, cast(Any, named)) if named is not None else (*at, *keys[:1])
        return tree.error(f"{rule.id}: {each.bare}", place, hint=each.hint)

    return ConfigError.together([told(each) for each in error.errors])


def tested(overridden: Overridden | None, tree: Located, at: Address, rule: Rule) -> tuple[str, ...]:
    """Where each test of a rule stands."""
    return overridden.tests if overridden else _places(tree, at, rule.tests)
