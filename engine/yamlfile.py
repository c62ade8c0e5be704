"""YAML as configuration: strict, bounded, and every value knows its line and column.

Read by the core schema of YAML 1.2, so that `off`, `no` and `12:30` are text. What configuration never needs is
refused in words: aliases and anchors (bombs), tags, duplicate keys, several documents, deep nesting.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, cast

import yaml

from .errors import ConfigError
from .jsonio import Address, Json
from .mistakes import Mistakes

FILE_BYTES = 1024 * 1024
"""A longer configuration file is a mistake or an attack."""
DEPTH = 20
"""Levels of nesting; the deepest sensible file has eight."""
KEYS = 2_000
"""Keys of one mapping."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Place(NamedTuple):
    """Where a key or list item stands, counted from 1; 0: nowhere in the file."""

    line: int = 0
    column: int = 0
    value: int = 0
    """The column of what stands behind a key in the same line; else that of the key."""


@dataclass(frozen=True, slots=True)
class Located:
    """A file's content as plain values (`data`), and where each of them stands."""

    data: Json
    file: str = ""
    places: dict[Address, Place] = field(default_factory=dict[Address, Place], repr=False)

    def place_of(self, path: Address) -> Place:
        """The place of `path`, or of the nearest thing around it that stands in the file."""
        found = path
        while found and found not in self.places:
            found = found[:-1]
        line, column, value = self.places.get(found, Place())
        return Place(line, column, value if found == path else column)

    def line_of(self, path: Address) -> int:
        """Its line."""
        return self.place_of(path).line

    def where(self, path: Address) -> str:
        """`file:line:column` of a key or list item."""
        line, column, _ = self.place_of(path)
        return f"{self.file}:{line}:{column}"

    def error(self, message: str, path: Address = (), *, hint: str = "", key: bool = False) -> ConfigError:
        """An error that names the file, line and column of the value at `path`, or of its key if that is what is wrong
        (`key`)."""
        line, column, value = self.place_of(path)
        return ConfigError(message, file=self.file, line=line, column=column if key else value, hint=hint)

    def within(self, at: Address) -> dict[Address, Place]:
        """The places below `at`, as addresses from there."""
        return {path[len(at) :]: place for path, place in self.places.items() if path[: len(at)] == at}


def load_yaml(source: Path | str, *, file: str = "") -> Located:
    """Read a file (a Path) or YAML text (a str; `file` is its name in errors). Raises ConfigError."""
    file = file or (str(source) if isinstance(source, Path) else "")
    text = _read(source, file) if isinstance(source, Path) else source
    if len(text) > FILE_BYTES:
        raise ConfigError(f"the file is longer than {FILE_BYTES // 1024} KiB", file=file)
    places: dict[Address, Place] = {}
    try:
        events = cast(Iterator[Any], yaml.parse(text, Loader=_Loader))
        return Located(_Reader(events, file, places).document(), file, places)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        message = f"not valid YAML: {error.problem or error.context}"
        tab = bool(mark) and any(each[column - 1 : column] == "\t" for each in text.split("\n")[line - 1 : line])
        hint = "YAML is indented with blanks, and here is a tab" if tab else ""
        if "escape" in str(error.problem):
            hint = r"in double quotes \ begins an escape; in single ones it is itself"
        raise ConfigError(message, file=file, line=line, column=column, hint=hint) from None
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
        before = error.object[: error.start].decode()  # less the byte order mark
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise ConfigError("not UTF-8", file=file, line=line, column=column) from None


class _Reader:
    """Builds plain values from the parser's events."""

    def __init__(self, events: Iterator[Any], file: str, places: dict[Address, Place]) -> None:
        self._events = events
        self._file = file
        self._places = places
        self._twice = Mistakes()

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
        self._twice.end()
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
            line, column = _mark(event)
            self._places[here] = Place(line, column, column)
            items.append(self._value(event, here, depth + 1))
        return items

    def _mapping(self, path: Address, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._error(event, "a key must be plain text")
            key: str = event.value
            if key in out:
                hint = f"first on line {self._places[(*path, key)].line}"
                self._twice.add(self._error(event, f'the key "{shorten(key)}" stands here twice', hint=hint))
            if len(out) == KEYS:
                raise self._error(event, f"more than {KEYS} keys in one mapping")
            self._value_checked(event)
            value = next(self._events)
            here, (line, column), (below, behind) = (*path, key), _mark(event), _mark(value)
            self._places[here] = Place(line, column, behind if below == line else column)
            out[key] = self._value(value, here, depth + 1)
        return out

    def _value_checked(self, key: Any) -> None:
        if getattr(key, "anchor", None) or key.tag not in (None, "!"):
            raise self._error(key, "anchors and tags are not allowed on keys")

    def _error(self, event: Any, message: str, *, hint: str = "") -> ConfigError:
        line, column = _mark(event)
        return ConfigError(message, file=self._file, line=line, column=column, hint=hint)


def _mark(event: Any) -> tuple[int, int]:
    """The line and column at which something begins, from 1."""
    return event.start_mark.line + 1, event.start_mark.column + 1


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
