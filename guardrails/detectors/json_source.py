"""JSON texts for detectors that look inside: the value at a path, and where its strings stand.

Paths are a small part of JSONPath (RFC 9535): `$.query`, `$.items[0].name`, `$.items[*].name`, `$..sql`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from ...engine import jsonio
from ...engine.jsonio import Address, Json, JsonText, Leaf

_STEP = re.compile(r"\.\.([A-Za-z_][\w-]*)|\.([A-Za-z_][\w-]*)|\[(\d{1,6}|\*)\]|\[['\"]([^'\"]+)['\"]\]")
ANY, DEEP = -1, -2  # no names, for a field can have any

Path = tuple[str | int, ...]


def parse_path(written: str) -> Path:
    """Steps of a path. Raises ValueError when it is not one of those that are known here."""
    if not written.startswith("$"):
        raise ValueError("a path begins with $")
    steps: list[str | int] = []
    at = 1
    while at < len(written):
        found = _STEP.match(written, at)
        if not found:
            raise ValueError(f"this part of the path is not known: {written[at : at + 20]}")
        deep, name, index, quoted = found.groups()
        if deep:
            steps += (DEEP, deep)
        elif index:
            steps.append(ANY if index == "*" else int(index))
        else:
            steps.append(name or quoted)
        at = found.end()
    return tuple(steps)


def fits(path: Path, address: Address) -> bool:
    """Whether an address is at the path, or below it."""
    reached = {0}
    for step in address:
        if len(path) in reached:
            return True
        reached = _further(path, reached, step)
    return len(path) in reached


def _further(path: Path, reached: Iterable[int], step: str | int) -> set[int]:
    """How far in the path one is behind a step of an address: in several places, since `..` also stays where it is.
    Each place counts once, however many ways lead there."""
    further: set[int] = set()
    for at in reached:
        if at == len(path):
            continue
        if path[at] == DEEP:
            further.add(at)
            at += 1
        if path[at] in (ANY, step):
            further.add(at + 1)
    return further


def source_of(text: str) -> tuple[str, Sequence[int] | None]:
    """The JSON source of a text, and for each of its characters the offset there. Plain text is its own source."""
    return (text.source, text.offsets) if isinstance(text, JsonText) else (text, None)


def load(text: str) -> Json:
    """The JSON value of a text, or the one that it stands in. Raises ValueError."""
    return jsonio.loads(text.within.source if isinstance(text, Leaf) else source_of(text)[0])


def values(value: Json, path: Path) -> Iterator[Json]:
    """The values at a path."""
    yield from _values(value, path, {0})


def _values(value: Json, path: Path, reached: set[int]) -> Iterator[Json]:
    if len(path) in reached:
        yield value
    inner = cast("dict[str, Any]", value).items() if isinstance(value, dict) else ()
    for step, child in enumerate(cast("list[Any]", value)) if isinstance(value, list) else inner:
        if further := _further(path, reached, step):
            yield from _values(child, path, further)


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def scalars(source: str) -> Iterator[tuple[Address, int, int]]:
    """Every string (without its quotes), number and word of valid JSON: its address and where it stands."""
    path: list[str | int] = []
    kinds: list[str] = []
    key = False
    for token in _TOKEN.finditer(source):
        text, first = token[0], token[0][0]
        if first in "{[":
            kinds.append(first)
            path.append(0 if first == "[" else "")
            key = first == "{"
        elif first in "}]":
            kinds.pop()
            path.pop()
            key = False
        elif first == ",":
            key = kinds[-1] == "{"
            if not key:
                path[-1] = cast(int, path[-1]) + 1
        elif first == ":":
            key = False
        elif key:
            path[-1] = cast(str, jsonio.loads(text))
        elif first == '"':
            yield tuple(path), token.start() + 1, token.end() - 1
        else:
            yield tuple(path), token.start(), token.end()
