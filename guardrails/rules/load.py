"""Rule files to typed rules: includes followed, names checked, every error with its file and line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...engine.errors import ConfigError
from ...engine.jsonio import Address
from ...engine.yamlfile import Located, load_yaml, nearest, shorten, validate
from .roles import heard
from .schema import OnError, Rule, RuleFile, Views
from .scoring import Scoring
from .sense import refuse_what_does_nothing
from .when import Excepted

PACKS = Path(__file__).parent.parent / "packs"
RULES = 5_000
"""Rules in all files together."""
FILES = 200
"""Files that one configuration may draw in."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A rule and where it stands."""

    rule: Rule
    tree: Located
    index: int
    on_error: OnError
    allow_unread: bool
    lists: Mapping[str, list[str]]
    views: Views | None = None


@dataclass(frozen=True, slots=True)
class Exempt:
    """An exception and where it stands."""

    excepted: Excepted
    place: str
    """file:line"""


@dataclass(slots=True)
class Book:
    """All rules of a configuration, and what holds for all of them."""

    rules: list[Loaded] = field(default_factory=list[Loaded])
    scoring: Scoring = field(default_factory=Scoring)
    exceptions: list[Exempt] = field(default_factory=list[Exempt])
    files: tuple[Path, ...] = ()
    """Every file that was read."""


@dataclass(slots=True)
class _State:
    rules: dict[str, Loaded] = field(default_factory=dict[str, Loaded])
    scoring: Scoring | None = None
    exceptions: list[tuple[Excepted, Located, int]] = field(default_factory=list[tuple[Excepted, Located, int]])
    lists: dict[Path, dict[str, list[str]]] = field(default_factory=dict[Path, dict[str, list[str]]])
    """Of each file that has been read, the lists that it offers."""
    open: list[Path] = field(default_factory=list[Path])


def listed(files: Sequence[Path | str], folder: Path) -> list[Path]:
    """The files that a configuration names, globs followed, without what they include. Those that are gone too."""
    found: list[Path] = []
    for name in map(str, files):
        if not name.startswith("pack:"):
            path = folder / Path(name).expanduser()
            found += _glob(path) if "*" in name or "?" in name else [path]
    return found


def packs() -> tuple[str, ...]:
    """The names of the packs that ship."""
    return tuple(sorted(path.stem for path in PACKS.glob("*.yaml")))


def load_rules(files: Sequence[Path | str], folder: Path = Path(), tree: Located | None = None) -> Book:
    """The rules of `files` and of all they include. Raises ConfigError.

    A file is a path or a glob below `folder`, or `pack:NAME`. `tree` is the configuration that lists them under
    `guardrails.files`, so that an error can point there.
    """
    state = _State()
    for index, file in enumerate(files):
        for path in _named(str(file), folder, tree or Located(None), ("guardrails", "files", index)):
            _read(path, state)
    return _book(state)


def _book(state: _State) -> Book:
    """What was read, with every exception's rules looked up. Raises ConfigError for one that is about no rule."""
    rules = list(state.rules.values())
    for excepted, tree, index in state.exceptions:
        for place, name in enumerate(excepted.rules):
            alone = excepted.model_copy(update={"rules": [name]})
            if not any(alone.covers(each.rule.id, each.rule.tags) for each in rules):
                known = [each.rule.id for each in rules] + [f"tag:{tag}" for each in rules for tag in each.rule.tags]
                hint = nearest(name, known) or "a rule's id, with * and ?, or tag:NAME"
                raise tree.error(f'no rule fits "{shorten(name)}"', ("exceptions", index, "rules", place), hint=hint)
        about = [each.rule for each in rules if excepted.covers(each.rule.id, each.rule.tags)]
        if excepted.roles and not any(heard(excepted.roles, rule.scope) for rule in about):
            raise tree.error("no text that these rules look at is of such a role", ("exceptions", index, "roles"))
    places = [f"{tree.file}:{tree.line_of(('exceptions', index))}" for _, tree, index in state.exceptions]
    exempt = [Exempt(each[0], place) for each, place in zip(state.exceptions, places, strict=True)]
    return Book(rules, state.scoring or Scoring(), exempt, tuple(state.lists))


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
    state = _State()
    _take(load_yaml(text, file=file), None, state)
    return _book(state)


def _read(path: Path, state: _State) -> dict[str, list[str]]:
    real = path.resolve()
    if real in state.open:
        chain = " > ".join(each.name for each in (*state.open[state.open.index(real) :], real))
        raise ConfigError(f"files include each other in a circle: {chain}", file=str(path))
    if real not in state.lists:
        if len(state.lists) >= FILES:
            raise ConfigError(f"more than {FILES} rule files", file=str(path))
        name = f"pack:{path.stem}" if path.parent == PACKS else str(path)
        state.open.append(real)
        state.lists[real] = _take(load_yaml(path, file=name), real.parent, state)
        state.open.pop()
    return state.lists[real]


def _take(tree: Located, folder: Path | None, state: _State) -> dict[str, list[str]]:
    """Add a file's rules to `state`, those of its includes first. The lists that it offers."""
    if tree.data is None:
        raise tree.error("the file is empty", hint="begin with version: 1")
    file = validate(RuleFile, tree)
    lists: dict[str, list[str]] = {}
    for index, name in enumerate(file.include):
        included = _included(name, folder, tree, index)
        _offer(_read(included, state), lists, tree, ("include", index))
    _offer(file.lists, lists, tree, ("lists",))
    if file.scoring is not None:
        if state.scoring not in (None, file.scoring):
            raise tree.error("another file has a scoring section that says otherwise", ("scoring",))
        state.scoring = file.scoring
    state.exceptions += [(each, tree, index) for index, each in enumerate(file.exceptions)]
    for index, rule in enumerate(file.rules):
        if rule.id in state.rules:
            other = state.rules[rule.id]
            place = f"{other.tree.file}:{other.tree.line_of(('rules', other.index, 'id'))}"
            raise tree.error(f'the id "{rule.id}" is taken', ("rules", index, "id"), hint=f"by the rule at {place}")
        if len(state.rules) >= RULES:
            raise tree.error(f"more than {RULES} rules", ("rules", index))
        refuse_what_does_nothing(rule, tree, ("rules", index))
        state.rules[rule.id] = Loaded(
            rule,
            tree,
            index,
            on_error=rule.on_error or file.defaults.on_error,
            allow_unread=file.defaults.allow_unread if rule.allow_unread is None else rule.allow_unread,
            lists=lists,
            views=rule.views or file.defaults.views,
        )
    return lists


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
