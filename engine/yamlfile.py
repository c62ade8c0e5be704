"""YAML as configuration: strict, bounded, and every value knows its line.

Read by the core schema of YAML 1.2, so that `off`, `no` and `12:30` are text. What configuration never needs is
refused in words: aliases and anchors (bombs), tags, duplicate keys, several documents, deep nesting.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from .errors import ConfigError
from .jsonio import Address, Json, show

MODEL = TypeVar("MODEL", bound=BaseModel)

FILE_BYTES = 1024 * 1024
"""A longer configuration file is a mistake or an attack."""
DEPTH = 20
"""Levels of nesting; the deepest sensible file has eight."""
KEYS = 2_000
"""Keys of one mapping."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Located:
    """A file's content as plain values (`data`), and where each of them stands."""

    data: Json
    file: str = ""
    lines: dict[Address, int] = field(default_factory=dict[Address, int], repr=False)
    """Line, counted from 1, of each key or list item."""

    def line_of(self, path: Address) -> int:
        """The line of `path`, or of the nearest thing around it that stands in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)

    def error(self, message: str, path: Address = (), *, hint: str = "") -> ConfigError:
        """An error that names the file and the line of `path`."""
        return ConfigError(message, file=self.file, line=self.line_of(path), hint=hint)


def load_yaml(source: Path | str, *, file: str = "") -> Located:
    """Read a file (a Path) or YAML text (a str; `file` is its name in errors). Raises ConfigError."""
    file = file or (str(source) if isinstance(source, Path) else "")
    text = _read(source, file) if isinstance(source, Path) else source
    if len(text) > FILE_BYTES:
        raise ConfigError(f"the file is longer than {FILE_BYTES // 1024} KiB", file=file)
    lines: dict[Address, int] = {}
    try:
        events = cast(Iterator[Any], yaml.parse(text, Loader=_Loader))
        return Located(_Reader(events, file, lines).document(), file, lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ConfigError(
            f"not valid YAML: {error.problem or error.context}", file=file, line=mark.line + 1 if mark else 0
        ) from None
    except yaml.YAMLError:
        raise ConfigError("not valid YAML: a character that YAML does not allow", file=file) from None


def _read(path: Path, file: str) -> str:
    try:
        with path.open("rb") as stream:
            raw = stream.read(FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=file) from None
    if len(raw) > FILE_BYTES:
        raise ConfigError(f"the file is longer than {FILE_BYTES // 1024} KiB", file=file)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError("not UTF-8", file=file, line=line) from None


class _Reader:
    """Builds plain values from the parser's events."""

    def __init__(self, events: Iterator[Any], file: str, lines: dict[Address, int]) -> None:
        self._events = events
        self._file = file
        self._lines = lines

    def document(self) -> Json:
        next(self._events)  # the stream begins
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            return None
        value = self._value(next(self._events), (), 0)
        next(self._events)  # the document ends
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise self._error(event, "more than one YAML document in the file")
        return value

    def _value(self, event: Any, path: Address, depth: int) -> Json:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._error(event, "anchors and aliases (& and *) are not allowed here", hint="write the value out")
        if event.tag not in (None, "!"):
            raise self._error(event, "tags (! and !!) are not allowed here")
        if depth > DEPTH:
            raise self._error(event, f"nested more than {DEPTH} levels deep")
        if isinstance(event, yaml.ScalarEvent):
            return scalar(event.value) if event.implicit[0] else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth)
        return self._mapping(path, depth)

    def _sequence(self, path: Address, depth: int) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            here = (*path, len(items))
            self._lines[here] = event.start_mark.line + 1
            items.append(self._value(event, here, depth + 1))
        return items

    def _mapping(self, path: Address, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._error(event, "a key must be plain text")
            key: str = event.value
            if key in out:
                first = self._lines[(*path, key)]
                raise self._error(event, f'the key "{shorten(key)}" stands here twice', hint=f"first on line {first}")
            if len(out) == KEYS:
                raise self._error(event, f"more than {KEYS} keys in one mapping")
            here = (*path, key)
            self._lines[here] = event.start_mark.line + 1
            self._value_checked(event)
            out[key] = self._value(next(self._events), here, depth + 1)
        return out

    def _value_checked(self, key: Any) -> None:
        if getattr(key, "anchor", None) or key.tag not in (None, "!"):
            raise self._error(key, "anchors and tags are not allowed on keys")

    def _error(self, event: Any, message: str, *, hint: str = "") -> ConfigError:
        return ConfigError(message, file=self._file, line=event.start_mark.line + 1, hint=hint)


_INT = re.compile(r"[-+]?[0-9]{1,18}|0x[0-9a-fA-F]{1,15}|0o[0-7]{1,20}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")
_WORDS: dict[str, Json] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def scalar(text: str) -> Json:
    """An unquoted word as the core schema reads it. Source: YAML 1.2.2, section 10.3.2."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text, 0 if text[:2] in ("0x", "0o") else 10)
    return float(text) if len(text) < 64 and _FLOAT.fullmatch(text) else text


def nearest(word: str, known: Sequence[str]) -> str:
    """A hint that names the known word closest to `word`; empty when none is close."""
    short = word[:100].casefold()
    close = difflib.get_close_matches(short, {name.casefold(): None for name in known}, 1, 0.6)
    name = next((name for name in known if name.casefold() in close), "")
    name = name or next((name for name in known if short and short in re.split("[_.-]", name.casefold())), "")
    return f'did you mean "{name}"?' if name else ""


def shorten(word: str, limit: int = 60) -> str:
    """`word` fit for an error message: printable, and not longer than `limit` characters."""
    shown = "".join(char if char.isprintable() else "?" for char in word)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def validate(model: type[MODEL], tree: Located, at: Address = ()) -> MODEL:
    """The part of `tree` at `at` as an instance of `model`. Raises ConfigError for the first thing wrong with it."""
    data = tree.data
    for step in at:
        data = data[step]
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise tree.error("expected a mapping of keys to values here", at)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = [_Problem(model, cast(Json, data), dict(found)) for found in error.errors(include_url=False)]
        # A missing key is often a misspelt one, so it comes last. Of the ways in which the members of a union
        # fail, the one that got furthest says most.
        first = min(problems, key=lambda p: (p.kind == "missing", tree.line_of((*at, *p.path)), -len(p.path)))
        raise tree.error(first.message(), (*at, *first.path), hint=first.hint()) from None


class _Problem:
    """One of pydantic's errors in our words. Values are never quoted: they may be secrets."""

    def __init__(self, model: type[BaseModel], data: Json, found: dict[str, Any]) -> None:
        self.kind: str = found["type"]
        self._text: str = found["msg"]
        self._context: dict[str, Any] = found.get("ctx", {})
        self._input: object = found.get("input")
        self.path: Address = ()
        self.models = [model]
        steps = list(cast("tuple[str | int, ...]", found["loc"]))
        last = steps.pop() if self.kind in ("extra_forbidden", "missing") else None
        for step in steps:
            # Pydantic puts the names of union members into the path; they are not in the file.
            if (isinstance(data, dict) and step in data) or (
                isinstance(data, list) and isinstance(step, int) and step < len(cast("list[Any]", data))
            ):
                data = cast(Json, data[step])
                self.path += (step,)
                self.models = _below(self.models, step)
        if last is not None:
            self.key = str(last)
            if self.kind == "extra_forbidden":
                self.path += (last,)

    def message(self) -> str:
        if self.kind == "extra_forbidden":
            parent = show(self.path[:-1])
            return f'unknown key "{shorten(self.key)}"' + (f" in {parent}" if parent else "")
        if self.kind == "missing":
            return f'the key "{self.key}" is missing' + (f" in {show(self.path)}" if self.path else "")
        if self.kind == "union_tag_invalid":
            names = (str(self._context[name]) for name in ("discriminator", "expected_tags"))
            return f"{show(self.path)}: {' should be one of '.join(names)}"
        if self.kind in ("model_type", "dict_type"):
            return f"{show(self.path)}: should be a mapping of keys to values"
        text = self._text.removeprefix("Value error, ").removeprefix("Input ")
        text = text[:1].lower() + text[1:]
        return f"{show(self.path)}: {text}" if self.path else text

    def hint(self) -> str:
        if self.kind == "extra_forbidden":
            named = (field.alias or name for model in self.models for name, field in model.model_fields.items())
            known = list(dict.fromkeys(named))
            return nearest(self.key, known) or ("known: " + ", ".join(known) if known else "")
        if self.kind in ("literal_error", "enum") and isinstance(self._input, str):
            return nearest(self._input, re.findall(r"'([^']*)'", str(self._context.get("expected", ""))))
        return ""


def _below(models: list[type[BaseModel]], step: str | int) -> list[type[BaseModel]]:
    """The models that can stand under `step`: a field's own, or, inside a list or dict, the same again."""
    found: list[type[BaseModel]] = []
    for model in models:
        for name, info in model.model_fields.items():
            if step in (name, info.alias):
                found += _models_in(info.annotation)
    return found or (models if isinstance(step, int) or not any(step in m.model_fields for m in models) else [])


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (Union, UnionType, list, tuple, dict) or get_args(annotation):
        return [model for part in get_args(annotation) for model in _models_in(part)]
    return []
