"""Overrides: settings that one file has for rules of others, such as a pack's.

They are applied in order when all files have been read, so that whatever comes after (tests, digests, tools, reload)
sees a rule as it will act. What an override says must be possible for each rule that it is about, and change something.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...engine.errors import ConfigError
from ...engine.jsonio import Address
from ...engine.mistakes import Mistakes
from ...engine.yamlfile import Located, nearest, shorten
from .loaded import Loaded, Overridden
from .options import as_read, instead
from .schema import Override, Rule, Test
from .sense import refuse_what_does_nothing
from .when import covers

NAMES = 500
"""Names of rules in all overrides together."""
CHANGES = 20_000
"""Rules that all overrides together may change, each as often as it is changed."""
_BESIDE_ACTION = {"with_": None, "to": None, "mask": None}
"""Settings that go with an action: another one leaves those of the rule aside."""
_UNFLAGGED = {"on_error": None, "stream": None, "message": ""}
"""Settings that do nothing when a rule flags."""


@dataclass(frozen=True, slots=True)
class Written:
    """An override and where it stands."""

    override: Override
    tree: Located
    index: int
    lists: Mapping[str, list[str]]
    """Those of its file."""

    @property
    def at(self) -> Address:
        return ("overrides", self.index)

    @property
    def where(self) -> str:
        """file:line:column"""
        return self.tree.where(self.at)

    @property
    def given(self) -> list[str]:
        """What it sets."""
        told = self.override.model_fields_set - {"rules", "reason", "tests"}
        return [name for name in Override.model_fields if name in told]

    @property
    def keys(self) -> list[str]:
        """The same as files have it, each option by itself."""
        plain = [_key(name) for name in self.given if name != "options"]
        return plain + [f"options.{key}" for key in self.override.options]

    def error(self, message: str, at: Address = (), *, hint: str = "", key: bool = False) -> ConfigError:
        return self.tree.error(message, (*self.at, *at), hint=hint, key=key)


def apply(overrides: Sequence[Written], rules: Mapping[str, Loaded], mistakes: Mistakes) -> dict[str, Loaded]:
    """The rules with all overrides. Those that are wrong are left out, and told in `mistakes`."""
    found, names, changes = {**rules}, 0, 0
    about: list[tuple[Written, list[str]]] = []
    for each in overrides:
        names += len(each.override.rules)
        with mistakes.gather():
            if names > NAMES:
                raise each.error(f"overrides name more than {NAMES} rules")
            named = _named(each, found)
            changes += sum(map(len, named))
            if changes > CHANGES:
                raise each.error(f"overrides change rules more than {CHANGES} times")
            made = _made(each, named)
            found |= made
            about.append((each, [*made]))
        if names > NAMES or changes > CHANGES:
            break
    for each, some in about if not mistakes else ():
        with mistakes.gather():
            _refuse_undone(each, [found[name] for name in some])
    return found


def no_rule(name: str, rules: Iterable[Loaded], tree: Located, at: Address) -> ConfigError:
    """A name in an override or exception that means none of the rules."""
    written = [each.rule for each in rules]
    known = [rule.id for rule in written] + [f"tag:{tag}" for rule in written for tag in rule.tags]
    hint = nearest(name, known) or "a rule's id, with * and ?, or tag:NAME"
    return tree.error(f'no rule fits "{shorten(name)}"', at, hint=hint)


def _named(each: Written, rules: Mapping[str, Loaded]) -> list[list[Loaded]]:
    """The rules that each of its names means. Raises ConfigError for a name that means none."""
    found: list[list[Loaded]] = []
    for place, name in enumerate(each.override.rules):
        found.append([loaded for loaded in rules.values() if covers(name, loaded.rule.id, loaded.rule.tags)])
        if not found[-1]:
            raise no_rule(name, rules.values(), each.tree, (*each.at, "rules", place))
    return found


def _made(each: Written, named: Sequence[Sequence[Loaded]]) -> dict[str, Loaded]:
    """These rules with an override. Raises ConfigError."""
    made: dict[str, Loaded] = {}
    idle = set(each.given)
    for place, (name, some) in enumerate(zip(each.override.rules, named, strict=True)):
        differing: set[str] = set()
        for loaded in some:
            try:
                differing |= _differing(each, loaded)
                made[loaded.rule.id] = _changed(each, loaded)
            except ConfigError as error:
                told, hint = f"{loaded.rule.id}: {error.bare}", error.hint
                raise ConfigError(told, file=error.file, line=error.line, column=error.column, hint=hint) from None
        if not differing:
            raise each.error(f'nothing changes for "{shorten(name)}"', ("rules", place), hint="it is so already")
        idle -= differing
    if idle:
        name = _key(min(idle))
        raise each.error(f'"{name}" changes nothing: it is so already', (name,), key=True)
    if each.override.tests and len(made) > 1:
        raise each.error("tests are for an override of one rule", ("tests",), key=True)
    return made


def _differing(each: Written, loaded: Loaded) -> set[str]:
    """What of it the rule does not say already."""
    rule, new = loaded.rule, each.override
    before: dict[str, Any] = {name: getattr(rule, name, None) for name in each.given}
    after: dict[str, Any] = {name: getattr(new, name) for name in each.given}
    before |= {"on_error": loaded.on_error, "allow_unread": loaded.allow_unread}
    before |= {"views": rule.views or loaded.views, "scope": {*rule.scope}}
    after |= {"views": new.views or loaded.views, "scope": {*new.scope}}
    lists, changed = _lists(each, loaded), _detect(each, rule)
    before["options"] = as_read(instead(rule.detect, {}, each.tree, each.at)), loaded.lists
    after["options"] = as_read(changed), lists
    return {name for name in each.given if before[name] != after[name]}


def _detect(each: Written, rule: Rule) -> dict[str, Any]:
    return instead(rule.detect, each.override.options, each.tree, (*each.at, "options"))


def _lists(each: Written, loaded: Loaded) -> Mapping[str, list[str]]:
    """Those of the rule's file, and the one that an option names of the override's."""
    name = each.override.options.get("list")
    return {**loaded.lists, name: each.lists[name]} if isinstance(name, str) and name in each.lists else loaded.lists


def _changed(each: Written, loaded: Loaded) -> Loaded:
    rule, override, before = loaded.rule, each.override, loaded.overridden
    new: dict[str, Any] = {name: getattr(override, name) for name in each.given if name != "options"}
    if override.action not in (None, rule.action):
        new = _BESIDE_ACTION | (_UNFLAGGED if override.action == "flag" else {}) | new
    if new.get("mode") == "enforce":
        new = {"sample": None} | new
    if override.options:
        new["detect"] = _detect(each, rule)
    kept = [pair for pair in zip(rule.tests, loaded.tested, strict=True) if _speaks_of(each, *pair)]
    tests = [_expecting(each, test, rule.action) for test, _ in kept] + override.tests
    made = rule.model_copy(update=new | {"tests": tests})
    refuse_what_does_nothing(made, each.tree, each.at)
    said = {**before.places} if before else {}
    said |= dict.fromkeys((*(key for key in map(_key, new) if key in said), *each.keys), each.where)
    options = {**before.options} if before else {}
    options |= dict.fromkeys(override.options, (each.tree, (*each.at, "options")))
    return replace(
        loaded,
        rule=made,
        on_error=made.on_error or loaded.on_error,
        allow_unread=loaded.allow_unread if made.allow_unread is None else made.allow_unread,
        lists=_lists(each, loaded),
        tested=(*(at for _, at in kept), *places(override.tests, each.tree, each.at)),
        overridden=Overridden(said, before.detect if before else rule.detect, options),
    )


def _speaks_of(each: Written, test: Test, place: str) -> bool:
    """Whether a test still tells of the rule: not where something else is looked for than it was written for, unless
    the same file has it."""
    if _file(place) == _file(each.where):
        return True
    if "options" in each.given or "views" in each.given:
        return False
    return "when" not in each.given or (test.key, test.team, test.role) == (None, None, None)


def _expecting(each: Written, test: Test, action: str) -> Test:
    """A test that expects what the rule did expects what it does."""
    new = each.override.action
    return test.model_copy(update={"expect": new}) if new and test.expect == action else test


def _refuse_undone(each: Written, about: Sequence[Loaded]) -> None:
    """Raises ConfigError for what later overrides of the same file set again, or leave aside, for each of its rules."""
    for key in each.keys:
        by = [loaded.overridden.places[key] for loaded in about if loaded.overridden]
        if each.where not in by and all(_file(place) == _file(each.where) for place in by):
            steps = key.split(".", 1)
            told = f'"{steps[-1]}" does nothing here: a later override says otherwise for the same rules'
            raise each.error(told, (*steps,), key=True, hint=f"at {by[-1]}")


def _key(field: str) -> str:
    """A field's name in files."""
    return "with" if field == "with_" else field


def _file(place: str) -> str:
    return place.rsplit(":", 2)[0]


def places(tests: Sequence[Test], tree: Located, at: Address) -> tuple[str, ...]:
    """Where each test of a rule or override stands: file:line:column."""
    return tuple(tree.where((*at, "tests", index)) for index in range(len(tests)))
