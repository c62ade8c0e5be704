"""Rule files to typed rules: includes followed, names checked, every mistake with its file, line and column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from ...engine.errors import ConfigError
from ...engine.jsonio import Address
from ...engine.mistakes import Mistakes, together
from ...engine.validate import validate
from ...engine.yamlfile import Located, load_yaml, nearest, shorten
from ..detectors.base import Context
from .loaded import Loaded
from .overrides import Written, apply, no_rule, places
from .roles import heard
from .schema import PACKS, Override, Rule, RuleFile
from .schema import packs as packs
from .scoring import Scoring
from .sense import refuse_what_does_nothing
from .when import Excepted, covers

RULES = 5_000
"""Rules in all files together."""
FILES = 200
"""Files that one configuration may draw in."""
PART = TypeVar("PART", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Exempt:
    """An exception and where it stands."""

    excepted: Excepted
    place: str
    """file:line:column"""


@dataclass(slots=True)
class Book:
    """All rules of a configuration, and what holds for all of them."""

    rules: list[Loaded] = field(default_factory=list[Loaded])
    scoring: Scoring = field(default_factory=Scoring)
    exceptions: list[Exempt] = field(default_factory=list[Exempt])
    files: tuple[Path, ...] = ()
    """Every file that was read."""
    lists: dict[str, str] = field(default_factory=dict[str, str])
    """The lists of all files by name, each with its file:line:column."""


class _Unknown(dict[str, list[str]]):
    """The lists of a file of which an included one has a mistake: any name may be one of them."""

    def __bool__(self) -> bool:
        return True

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> list[str]:
        return [key]


@dataclass(slots=True)
class _State:
    mistakes: Mistakes
    rules: dict[str, Loaded] = field(default_factory=dict[str, Loaded])
    scoring: Scoring | None = None
    exceptions: list[tuple[Excepted, Located, int]] = field(default_factory=list[tuple[Excepted, Located, int]])
    overrides: list[Written] = field(default_factory=list[Written])
    lists: dict[Path, dict[str, list[str]] | None] = field(default_factory=dict[Path, dict[str, list[str]] | None])
    """Of each file that has been read, the lists that it offers; None: they are not known, for it has a mistake."""
    open: list[Path] = field(default_factory=list[Path])
    named: dict[str, str] = field(default_factory=dict[str, str])
    """Where each list stands, by name."""


def listed(files: Sequence[Path | str], folder: Path) -> list[Path]:
    """The files that a configuration names, globs followed, without what they include. Those that are gone too."""
    found: list[Path] = []
    for name in map(str, files):
        if not name.startswith("pack:"):
            path = folder / Path(name).expanduser()
            found += _glob(path) if "*" in name or "?" in name else [path]
    return found


def load_rules(
    files: Sequence[Path | str],
    folder: Path = Path(),
    tree: Located | None = None,
    mistakes: Mistakes | None = None,
) -> Book:
    """The rules of `files` and of all they include. Raises ConfigError with what is wrong with them; with
    `mistakes`, that is gathered there, and the rest is read.

    A file is a path or a glob below `folder`, or `pack:NAME`. `tree` is the configuration that lists them under
    `guardrails.files`, so that an error can point there.
    """
    with together(mistakes) as found:
        state = _State(found)
        for index, file in enumerate(files):
            with found.gather():
                for path in _named(str(file), folder, tree or Located(None), ("guardrails", "files", index)):
                    _read(path, state)
        return _book(state)


def _book(state: _State) -> Book:
    """What was read, with overrides applied and every exception's rules looked up, unless some may be among those that
    were not read."""
    if not state.mistakes:
        state.rules = apply(state.overrides, state.rules, state.mistakes)
    rules = list(state.rules.values())
    for each in state.exceptions if not state.mistakes else ():
        with state.mistakes.gather():
            _look_up(*each, rules)
    exempt = [Exempt(excepted, tree.where(("exceptions", index))) for excepted, tree, index in state.exceptions]
    return Book(rules, state.scoring or Scoring(), exempt, tuple(state.lists), state.named)


def _look_up(excepted: Excepted, tree: Located, index: int, rules: Sequence[Loaded]) -> None:
    """Raises ConfigError for an exception that is about no rule."""
    for place, name in enumerate(excepted.rules):
        if not any(covers(name, each.rule.id, each.rule.tags) for each in rules):
            raise no_rule(name, rules, tree, ("exceptions", index, "rules", place))
    about = [each.rule for each in rules if excepted.covers(each.rule.id, each.rule.tags)]
    if excepted.roles and not any(heard(excepted.roles, rule.scope) for rule in about):
        raise tree.error("no text that these rules look at is of such a role", ("exceptions", index, "roles"))


def _named(name: str, folder: Path, tree: Located, at: Address) -> list[Path]:
    if name.startswith("pack:"):
        return [_pack(name, tree, at)]
    path = folder / Path(name).expanduser()
    globbed = "*" in name or "?" in name
    found = _glob(path) if globbed else [each for each in (path,) if each.is_file()]
    if not found:
        raise tree.error(f'there is no rule file "{shorten(name)}"', at, hint=_beside(name, folder) or f"in {folder}")
    return found


def _glob(path: Path) -> list[Path]:
    base = path.parent
    while "*" in str(base) or "?" in str(base):
        base = base.parent
    return sorted(each for each in base.glob(path.relative_to(base).as_posix()) if each.is_file())


def _beside(name: str, folder: Path) -> str:
    return nearest(name, [each.relative_to(folder).as_posix() for each in sorted(folder.glob("*.y*ml"))[:200]])


def load_text(text: str, *, file: str = "rules") -> Book:
    """The rules of a file given as text; it may include packs only. Raises ConfigError."""
    with together(None) as found:
        state = _State(found)
        with found.gather():
            _take(load_yaml(text, file=file), None, state)
        return _book(state)


def _read(path: Path, state: _State) -> dict[str, list[str]] | None:
    """Add a file's rules to `state`; the lists that it offers."""
    real = path.resolve()
    if real in state.open:
        chain = " > ".join(each.name for each in (*state.open[state.open.index(real) :], real))
        raise ConfigError(f"files include each other in a circle: {chain}", file=str(path))
    if real not in state.lists:
        if len(state.lists) >= FILES:
            raise ConfigError(f"more than {FILES} rule files", file=str(path))
        name = f"pack:{path.stem}" if path.parent == PACKS else str(path)
        state.lists[real] = None
        state.open.append(real)
        with state.mistakes.gather():
            state.lists[real] = _take(load_yaml(path, file=name), real.parent, state)
        state.open.pop()
    return state.lists[real]


def _take(tree: Located, folder: Path | None, state: _State) -> dict[str, list[str]] | None:
    """Add a file's rules to `state`, those of its includes first. The lists that it offers; None: one is not known."""
    if tree.data is None:
        raise tree.error("the file is empty", hint="begin with version: 1")
    rules, exceptions = _each(Rule, "rules", tree, state), _each(Excepted, "exceptions", tree, state)
    overrides = _each(Override, "overrides", tree, state)
    file = validate(RuleFile, _without(tree, "rules", "overrides", "exceptions"))
    if "defaults" in file.model_fields_set and not cast("dict[str, Any]", tree.data).get("rules"):
        hint = "of others' rules overrides say it: {rules: ['*'], ...}"
        state.mistakes.add(
            tree.error("the defaults are for rules of this file, and it has none", ("defaults",), hint=hint)
        )
    lists: dict[str, list[str]] = {}
    whole = True
    for index, name in enumerate(file.include):
        offered = None
        with state.mistakes.gather():
            offered = _read(_included(name, folder, tree, index), state)
            _offer(offered or {}, lists, tree, ("include", index))
        whole = whole and offered is not None
    _offer(file.lists, lists, tree, ("lists",))
    state.named |= {name: tree.where(("lists", name)) for name in file.lists}
    if file.scoring is not None:
        if state.scoring not in (None, file.scoring):
            state.mistakes.add(tree.error("another file has a scoring section that says otherwise", ("scoring",)))
        state.scoring = file.scoring
    state.overrides += [Written(each, tree, index, lists) for index, each in overrides]
    state.exceptions += [(each, tree, index) for index, each in exceptions]
    for index, rule in rules:
        with state.mistakes.gather():
            refuse_what_does_nothing(rule, tree, ("rules", index))
            _refuse_one_too_many(rule, tree, index, state)
            state.rules[rule.id] = Loaded(
                rule,
                tree,
                index,
                on_error=rule.on_error or file.defaults.on_error,
                allow_unread=file.defaults.allow_unread if rule.allow_unread is None else rule.allow_unread,
                lists=lists if whole else _Unknown(),
                tested=places(rule.tests, tree, ("rules", index)),
                views=file.defaults.views,
                hold=file.defaults.hold,
            )
    return lists if whole else None


def _each(model: type[PART], name: str, tree: Located, state: _State) -> list[tuple[int, PART]]:
    """The parts of a file's list that are right, with their places in it."""
    given = cast("dict[str, Any]", tree.data).get(name) if isinstance(tree.data, dict) else None
    found: list[tuple[int, PART]] = []
    for index, part in enumerate(cast("list[Any]", given) if isinstance(given, list) else []):
        with state.mistakes.gather():
            if part is None:
                raise tree.error("expected a mapping of keys to values here", (name, index))
            found.append((index, validate(model, tree, (name, index))))
            continue
        if model is Rule and isinstance(part, dict):
            _look_at_detector(cast("dict[str, Any]", part), tree, (name, index), state.mistakes)
    return found


def _look_at_detector(part: dict[str, Any], tree: Located, at: Address, mistakes: Mistakes) -> None:
    """What is wrong with the detector of a rule that is refused for something else: both are told at once."""
    from .compile import detector  # it reads this module

    if detect := part.get("detect"):
        with mistakes.gather():
            detector(detect, Context(tree, (*at, "detect"), lists=_Unknown()))


def _without(tree: Located, *names: str) -> Located:
    """The same less some lists."""
    if not isinstance(tree.data, dict):
        return tree
    given = cast("dict[str, Any]", tree.data)
    return replace(tree, data={k: v for k, v in given.items() if k not in names or not isinstance(v, list)})


def _refuse_one_too_many(rule: Rule, tree: Located, index: int, state: _State) -> None:
    """Raises ConfigError where an id is taken, or there are RULES already."""
    if other := state.rules.get(rule.id):
        place = other.tree.where(("rules", other.index, "id"))
        hint = f"by the rule at {place}; `overrides` give that one other settings, else choose another id"
        raise tree.error(f'the id "{rule.id}" is taken', ("rules", index, "id"), hint=hint)
    if len(state.rules) >= RULES:
        raise tree.error(f"more than {RULES} rules", ("rules", index))


def _offer(new: Mapping[str, list[str]], lists: dict[str, list[str]], tree: Located, at: Address) -> None:
    for name, words in new.items():
        if lists.get(name, words) != words:
            raise tree.error(f'the list "{shorten(name)}" is defined twice', (*at, name))
        lists[name] = words


def _included(name: str, folder: Path | None, tree: Located, index: int) -> Path:
    """The file that an include names. Raises ConfigError unless it lies in or below the including file's folder."""
    at = ("include", index)
    if name.startswith("pack:"):
        return _pack(name, tree, at)
    if folder is None:
        raise tree.error("only packs can be included here", at, hint="pack:NAME")
    if not name or "\0" in name or Path(name).is_absolute() or not (folder / name).resolve().is_relative_to(folder):
        raise tree.error(f'"{shorten(name)}" lies outside the folder of this file', at, hint="give a path below it")
    path = folder / name
    if not path.is_file():
        raise tree.error(f'there is no file "{shorten(name)}" beside this one', at, hint=_beside(name, folder))
    return path


def _pack(name: str, tree: Located, at: Address) -> Path:
    wanted = name.removeprefix("pack:")
    if wanted not in packs():
        hint = nearest(wanted, packs()) or "packs: " + ", ".join(packs())
        raise tree.error(f'there is no pack "{shorten(wanted)}"', at, hint=hint)
    return PACKS / f"{wanted}.yaml"
