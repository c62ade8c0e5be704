"""JSON in and out of the engine, strict, and paths into it.

Parsing is msgspec's: it refuses NaN, infinities, lone surrogates and bad UTF-8, and keeps integers of any size. Of
duplicate keys the last counts, as in most parsers; because a request is forwarded re-encoded from what was parsed,
whoever stands behind us reads that same value. A reply leaves as it came, unless `repeats` finds such keys in it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias, cast

import msgspec

from .errors import BadRequest, BodyTooLarge
from .escapes import unescape
from .limits import ANY_DEPTH, JSON_DEPTH, JSON_VALUES
from .nested import Source, nested

Json: TypeAlias = Any
"""Anything that JSON can say, as Python's own types."""

Address: TypeAlias = tuple[str | int, ...]
"""A path into a JSON value; shown as `messages.2.content`."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def loads(raw: bytes | bytearray | memoryview | str) -> Json:
    """Parse JSON. Raises ValueError on anything that is not strict JSON, or nests deeper than ANY_DEPTH."""
    try:
        value = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if len(raw) > 2 * ANY_DEPTH and _opened(raw) > ANY_DEPTH and depth_over(value, ANY_DEPTH):
        raise ValueError("nested too deeply")
    return value


def _opened(raw: bytes | bytearray | memoryview | str) -> int:
    """How many brackets and braces there are that may begin a value."""
    if isinstance(raw, str):
        return raw.count("[") + raw.count("{")
    told = bytes(raw)
    return told.count(b"[") + told.count(b"{")


def dumps(value: Json) -> bytes:
    """Encode compactly, as UTF-8, in the order of the keys."""
    return _encode(value)


_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"')


def repeats(raw: bytes, value: Json) -> bool:
    """Whether an object of the source `raw`, which says `value`, has a field twice. Only the last of them was read."""
    if raw == _encode(value):
        return False
    fields, level = 0, [value]
    while level:
        fields += sum(len(cast("dict[str, Any]", node)) for node in level if isinstance(node, dict))
        level = _deeper(level)
    return _STRING.sub(b"", raw).count(b":") > fields


def is_json(kind: str) -> bool:
    """Whether a media type, without parameters and in lower case, is one of JSON. Source: RFC 6839, 3.1."""
    return kind == "application/json" or kind.endswith("+json")


_CHARSET = re.compile(r"(?i)charset\*?\s*=[\s\"]*([^\s;\"]*)")


def is_utf8(content_type: str) -> bool:
    """Whether a content type names no charset but UTF-8. JSON has no other (RFC 8259, 8.1), and yet some read it by
    what is named here: in UTF-7 letters that a rule looks for are written in others."""
    return all(name.lower().strip("'") in ("", "utf-8", "utf8", "us-ascii") for name in _CHARSET.findall(content_type))


def parse_request(raw: bytes) -> dict[str, Any]:
    """The body of a request: one JSON object, at most JSON_DEPTH levels deep, of at most JSON_VALUES values. Raises
    BadRequest and BodyTooLarge in words."""
    try:
        body = loads(raw)
    except ValueError as error:
        raise BadRequest(f"The body is not valid JSON: {error}.", code="invalid_json") from None
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.", code="invalid_json")
    if depth_over(cast(Json, body), JSON_DEPTH):
        raise BadRequest(f"The body is nested more than {JSON_DEPTH} levels deep.", code="invalid_json")
    if twin := _twin(cast("dict[str, Any]", body)):
        said = f"Some hosts mind no capitals: send '{twin}' once, in the letters that the API has."
        raise BadRequest(said, param=twin, code="ambiguous_field")
    # Each value takes two bytes at least.
    if len(raw) > 2 * JSON_VALUES and _values_over(cast(Json, body), JSON_VALUES):
        raise BodyTooLarge(f"The body holds more than {JSON_VALUES} values.")
    return cast(dict[str, Any], body)


_READ = frozenset({"model", "messages", "input", "prompt", "contents", "stream"})
"""Fields of a body that are read for more than their texts."""


def _twin(body: Mapping[str, Any]) -> str:
    """The field that the body has in other letters, or in several. Hosts in Go mind no case (encoding/json), and of
    `model` and `Model` they would take the last; here only the first was read."""
    folded: dict[str, str] = {}
    for name in body:
        plain = name.casefold()
        if plain in folded or (plain in _READ and plain != name):
            return plain if plain in _READ else show((name,))
        folded[plain] = name
    return ""


def _values_over(value: Json, most: int) -> bool:
    """Whether an object or array holds more than so many values, at all levels."""
    level, count = [value], 0
    while level and count <= most:
        count += sum(map(len, level))
        level = _deeper(level)
    return count > most


def texts_over(value: Json, most: int) -> bool:
    """Whether an object or array holds more than so many strings and names of fields, at all levels."""
    level, count = [value], 0
    while level and count <= most:
        for node in level:
            children = cast("dict[str, Any]", node).values() if isinstance(node, dict) else cast("list[Any]", node)
            count += len(children) if isinstance(node, dict) else 0
            count += sum(isinstance(child, str) for child in children)
        level = _deeper(level)
    return count > most


def depth_over(value: Json, limit: int) -> bool:
    """Whether `value` nests deeper than `limit` objects and arrays."""
    level: list[Any] = [value] if isinstance(value, dict | list) else []
    for _ in range(limit):
        if not level:
            return False
        level = _deeper(level)
    return bool(level)


_HOLDERS = frozenset({dict, list})


def _deeper(level: list[Any]) -> list[Any]:
    """The objects and arrays that these hold."""
    held = (cast("dict[str, Any]", node).values() if isinstance(node, dict) else node for node in level)
    # Of a vector's thousand numbers one look tells that none holds anything.
    holding = (children for children in held if not _HOLDERS.isdisjoint(map(type, children)))
    return [child for children in holding for child in children if type(child) in _HOLDERS]


_NAME = re.compile(r"(?=.{1,40}\Z)[$@]?[A-Za-z_-]+(?:[0-9]{1,2}[A-Za-z_-]+)*[0-9]{0,2}")
DRAWN = re.compile(r"(?=.*[0-9])(?=.*[A-Z]|(?:.*?[0-9]+[A-Za-z_]+){3}).{16}")
"""How a name looks that was drawn at random, as keys are: capitals and digits, or digits in several places."""


def show(address: Address) -> str:
    """`("messages", 2, "content")` as `messages.2.content`. A name that is no plain word may be anything, such as
    somebody's number or key, and addresses stand in errors and logs: it is shown as `*`."""
    return ".".join(str(step) if isinstance(step, int) or _is_word(step) else "*" for step in address)


def _is_word(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and not DRAWN.match(name)


def get(body: Json, address: Address) -> Json:
    """The value at `address`; KeyError or IndexError when there is none."""
    for step in address:
        body = body[step]
    return body


def put(body: Json, address: Address, value: Json) -> None:
    """Replace the value at `address` in place."""
    get(body, address[:-1])[address[-1]] = value


def rename(holder: dict[str, Any], names: Mapping[str, str]) -> None:
    """Give fields other names, in their places: `names` has the new one of each old one. Of fields that would get the
    same name the later ones get a number behind it, so that none is lost."""
    fields, taken, numbers = dict(holder), holder.keys() - names.keys(), dict[str, int]()
    holder.clear()
    for old, value in fields.items():
        new = name = names.get(old, old)
        while old in names and new in taken:
            numbers[name] = numbers.get(name, 1) + 1
            new = f"{name} {numbers[name]}"
        taken.add(new)
        holder[new] = value


def strings(node: Json, address: Address = ()) -> Iterator[tuple[Address, str]]:
    """Every string value below `node`, with its address, in reading order."""
    if isinstance(node, str):
        yield address, node
    elif isinstance(node, dict):
        for key, child in cast("dict[str, Any]", node).items():
            if isinstance(child, str):
                yield (*address, key), child
            elif isinstance(child, dict | list):
                yield from strings(child, (*address, key))
    elif isinstance(node, list):
        for index, child in enumerate(cast("list[Any]", node)):
            yield from strings(child, (*address, index))


def looks_like_json(source: str) -> bool:
    """Whether a source begins as an object or array does. Arguments that are plain text get no quotes from us."""
    return source.lstrip()[:1] in ("{", "[")


class JsonText(str):
    """JSON source as a person would read it, for detectors that also look at it as JSON."""

    __slots__ = ("offsets", "source")

    source: str
    offsets: Sequence[int] | None
    """For each character and for the end, where in `source` it began; None: in the same place."""

    @classmethod
    def of(cls, source: str, done: bool, end: int | None = None, pieces: Source | bool = False) -> "JsonText":
        """`source` with its escapes decoded up to `end`; see `escapes.unescape` and `Segment.reading`."""
        raw, done = source[:end], done or end is not None
        read = pieces if isinstance(pieces, Source) else None
        if not pieces and looks_like_json(source):
            read = nested(raw)
        text, offsets = unescape(raw, done) if read is None else read.reading(done)
        if end is not None:
            text += source[end:]
            offsets = offsets and [*offsets[:-1], *range(end, len(source) + 1)]
        made = cls(text)
        made.source, made.offsets = source, offsets
        return made


class Within(msgspec.Struct, frozen=True, gc=False):
    """Where a text stands in a larger JSON value that is sent as values and not as source."""

    path: Address | None
    """None: it is the name of a field."""
    source: str
    """All of that value, as JSON."""
    digest: bytes = b""
    """What stands for the source where texts are compared: BLAKE2b, 16 bytes."""


class Leaf(str):
    """A text from within a JSON value, for detectors that look at the value."""

    __slots__ = ("within",)

    within: Within

    @classmethod
    def of(cls, text: str, within: Within) -> "Leaf":
        made = cls(text)
        made.within = within
        return made


def escape(text: str) -> str:
    """`text` as it stands inside a JSON string, without the quotes."""
    return dumps(text).decode()[1:-1]
