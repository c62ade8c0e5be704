"""A gate.yaml under way, and the notes on what it lacks."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import yaml

from ...engine.jsonio import Address
from ...engine.yamlfile import Located, shorten
from ...models.providers.presets import PRESETS, SITE
from .names import OS_ENV, REFERENCE, Names, host_of


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True  # our own files have none


@dataclass(frozen=True, slots=True)
class Note:
    """Something of the other file that ours says otherwise, or not at all."""

    line: int
    path: str
    text: str
    left_out: bool
    """False: it is carried over, with a difference that the text tells."""

    def __str__(self) -> str:
        return ": ".join(filter(None, (f"line {self.line}", self.path, self.text)))


@dataclass(slots=True)
class Draft:
    """What is known so far. Secrets that stand in the other file are not copied: an environment variable is named."""

    tree: Located
    providers: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    routes: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    rest: dict[str, Any] = field(default_factory=dict[str, Any])
    notes: list[Note] = field(default_factory=list[Note])
    names: Names = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.names = Names(self.tree.data)

    def left_out(self, path: Address, why: str) -> None:
        self._note(path, why, left_out=True)

    def changed(self, path: Address, what: str) -> None:
        self._note(path, what, left_out=False)

    def _note(self, path: Address, text: str, *, left_out: bool) -> None:
        note = Note(self.tree.line_of(path) or 1, shorten(".".join(map(str, path)), 120), text, left_out)
        if note not in self.notes:
            self.notes.append(note)

    def unread(self, held: Mapping[str, Any], path: Address, why: str = "there is nothing like it here") -> None:
        """Each key of `held` that nobody has taken."""
        for name in held:
            self.left_out((*path, name), why)

    def provider(self, wanted: str, section: dict[str, Any]) -> str:
        """The name of a provider with these settings: one that is there already, or a new one."""
        for name, known in self.providers.items():
            if known == section:
                return name
        base = re.sub(r"[^A-Za-z0-9_.-]", "-", wanted).strip("-.")[:50] or "provider"
        base = base if base[0].isalpha() else f"p-{base}"
        name = next(
            name for at in range(1, 10_000) if (name := base if at == 1 else f"{base}-{at}") not in self.providers
        )
        self.providers[name] = section
        return name

    def key(self, section: dict[str, Any], value: object, path: Address, wanted: str) -> str:
        """The key of a provider, whose address is known already, as `${NAME}`. None: it is not in the other file."""
        if value is not None:
            return self.secret(value, path, lambda key: self.names.of_provider(section, wanted, key))
        variable = self.names.custom(section, wanted)
        if variable != wanted:
            self.changed(path, f"no key is written out: it is read from {variable}, for this host alone")
        return f"${{{variable}}}"

    def secret(self, value: object, path: Address, name: Callable[[str], str]) -> str:
        """A credential as `${NAME}`; `name` gives one that is written out its variable."""
        written = reference(value)
        if REFERENCE.fullmatch(written):
            return written
        variable = name(written)
        self.left_out(path, f"the credential itself is not copied: put it into the environment as {variable}")
        return f"${{{variable}}}"

    def host(self, section: dict[str, Any], base_url: str) -> None:
        """Give a provider its address; a bare name is a host inside a network."""
        section["base_url"] = base_url
        host = host_of(base_url)
        if host and host != "localhost" and "." not in host and ":" not in host:
            section["network"] = "private"

    def text(self) -> str:
        """The file."""
        gate: dict[str, Any] = {"version": 1, "providers": self.providers}
        if self.routes:
            gate["routes"] = self.routes
        gate |= self.rest
        lines = [f"# {note}" for note in self.notes if note.left_out]
        head = ["# Not carried over:", *lines] if lines else []
        body = yaml.dump(gate, Dumper=_Dumper, sort_keys=False, width=110, default_flow_style=None, allow_unicode=True)
        return "\n".join([*head, body])


def reference(value: object) -> str:
    """A value as text, `os.environ/NAME` as `${NAME}`."""
    text = str(value)
    return f"${{{text.removeprefix(OS_ENV)}}}" if text.startswith(OS_ENV) else text


def duration(seconds: float) -> str:
    """Seconds as gate.yaml has them: to the millisecond, and no exponent."""
    return f"{max(seconds, 0.001):.3f}".rstrip("0").rstrip(".") + "s"


def needs_site(kind: str) -> bool:
    """Whether a preset's address holds something of the operator's."""
    return kind in PRESETS and SITE in PRESETS[kind].base_url


def needs_key(kind: str) -> bool:
    return kind not in PRESETS or PRESETS[kind].needs_key


def target(provider: str, model: str = "", weight: float | None = None) -> Any:
    """A target in its shortest form."""
    section: dict[str, Any] = {"provider": provider}
    if model:
        section["model"] = model
    if weight is not None:
        section["weight"] = weight
    return section if len(section) > 1 else provider


def same(one: Any, other: Any) -> bool:
    """Whether two targets are the same provider and model."""
    return _who(one) == _who(other)


def without(targets: Sequence[Any], taken: Sequence[Any]) -> list[Any]:
    """Those that are not among the ones taken, each once, and without a weight."""
    kept: list[Any] = []
    for each in targets:
        if not any(same(each, other) for other in (*taken, *kept)):
            kept.append(target(*_who(each)))
    return kept


def _who(one: Any) -> tuple[str, str]:
    if isinstance(one, str):
        return one, ""
    section = cast("dict[str, Any]", one)
    return str(section["provider"]), str(section.get("model", ""))


def section_of(value: object) -> dict[str, Any]:
    """A copy of a mapping; what is none counts as empty."""
    return dict(cast("dict[str, Any]", value)) if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """A list; a single value is a list of one, none is empty."""
    if value is None:
        return []
    return cast("list[Any]", value) if isinstance(value, list) else [value]
