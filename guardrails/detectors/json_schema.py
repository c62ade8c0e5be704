"""Texts that are JSON of a certain form, or are not: arguments of tools, replies that should be JSON.

The form is a JSON Schema (draft 2020-12), checked by the jsonschema package. Patterns in it run in RE2, references
stay inside the schema and lead somewhere, nothing is fetched. What is found is the whole text, since it is whole or not
at all: a stream waits for its end.
"""

import threading
from collections.abc import Hashable, Iterator
from functools import cache
from typing import Any, cast
from urllib.parse import urljoin

from pydantic import BaseModel, ConfigDict, Field

from ...engine.jsonio import Address, Json, Leaf, strings
from ...engine.ports import Finding
from .base import Context
from .json_source import Path, load, parse_path, values
from .regex import compiled

LONGEST = 256 * 1024
"""Characters of a text that is checked; a longer one is not evaluated."""
STEPS = 5_000
"""References that are followed for a text, and one more for each of its characters. Branches that lead to one another
would else take time that doubles with each level of the value; past it the text is not evaluated."""

_REFERENCES = ("$ref", "$dynamicRef")
_DATA = frozenset({"const", "enum", "default", "examples"})
"""Under these stand values, which are no schemas."""
_MAPS = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
"""Under these stand names, which are no keywords, and their schemas."""


class NoSchema(ValueError):
    """A schema is none, for what stands at `at` in it."""

    def __init__(self, message: str, at: Address) -> None:
        super().__init__(message)
        self.at = at


class JsonSchemaConfig(BaseModel):
    """A form of JSON."""

    model_config = ConfigDict(extra="forbid")

    schema_: dict[str, Any] = Field(alias="schema", description="The JSON Schema.")
    path: str = Field(default="$", description="Where in the text the value stands that is checked, such as $.query.")
    invert: bool = Field(
        default=False, description="Find texts that do not fit, or are no JSON, and not those that do."
    )


class JsonSchema:
    """Finds texts that fit a schema; with `invert`, those that do not."""

    kind = "json_schema"
    version = "2"
    slow = False
    resumes = True
    context = None

    def __init__(self, schema: dict[str, Any], path: Path, invert: bool, label: str) -> None:
        self._steps = _Steps()
        self._validator = _validator(schema, self._steps)
        self._path = path
        self._invert = self.lacks = invert
        self.label = label
        self._last = ("", False)
        """The last value of which texts were shown, and whether it fits: it is judged once for all of them."""

    @classmethod
    def from_config(cls, config: Json, context: Context) -> "JsonSchema":
        """`{schema, path, invert}`. Raises ConfigError when the schema is none."""
        settings = context.parse(JsonSchemaConfig, config)
        for address, text in strings(settings.schema_):
            if address[-1] in _REFERENCES and not text.startswith("#"):
                raise context.error("references must stay inside the schema", ("schema", *address))
        named = list(_patterns(settings.schema_))
        for address, text in named:
            try:
                compiled(text)
            except ValueError as error:
                raise context.error(f"not a pattern that runs in linear time: {error}", ("schema", *address)) from None
        if any(address[-2:-1] == ("patternProperties",) for address, _ in named):
            for address, _ in _places(settings.schema_, "unevaluatedProperties"):
                hint = "additionalProperties says it of one schema alone"
                raise context.error("it takes patternProperties in time without bound", ("schema", *address), hint=hint)
        try:
            path = parse_path(settings.path)
        except ValueError as error:
            raise context.error(str(error), ("path",)) from None
        try:
            made = cls(settings.schema_, path, settings.invert, context.label)
        except NoSchema as error:
            raise context.error(str(error), ("schema", *error.at)) from None
        except ValueError as error:
            raise context.error(str(error)) from None
        for address, text in strings(settings.schema_):
            if address[-1] not in _REFERENCES or _in_data(address):
                continue
            if not made.leads(_base(settings.schema_, address) + text):
                wrong = "this reference leads nowhere, in a circle or in too many ways"
                raise context.error(wrong, ("schema", *address), hint="or one behind it does")
        return made

    def leads(self, reference: str) -> bool:
        """Whether a value can be checked by what a reference names."""
        self._steps.left = STEPS
        try:
            list(self._validator.evolve(schema={"$ref": reference}).iter_errors(None))
        except Exception:  # of the package's own kinds, one is not public
            return False
        return True

    def find(self, text: str, start: int = 0) -> list[Finding]:
        """Raises ValueError for a text that is too long to be checked, or takes too many steps."""
        if start or not text or (isinstance(text, Leaf) and text.within.path is None):
            return []  # of a value, its texts are judged by the whole, and its names are not
        if isinstance(text, Leaf):
            source, fits = self._last
            if source != text.within.source:
                fits = self._fits(text)
                self._last = text.within.source, fits
        else:
            fits = self._fits(text)
        return [Finding(0, len(text), self.label)] if fits != self._invert else []

    def _fits(self, text: str) -> bool:
        size = len(text.within.source if isinstance(text, Leaf) else text)
        if size > LONGEST:
            raise ValueError("too long")
        self._steps.left = STEPS + size
        try:
            found = list(values(load(text), self._path))
        except ValueError:
            return False
        return bool(found) and all(self._validator.is_valid(value) for value in found)

    def open_from(self, text: str) -> int:
        return 0


def _places(schema: Any, key: str, at: Address = ()) -> Iterator[tuple[Address, Any]]:
    """Where a key stands in a schema, and its value."""
    inner = cast("dict[str, Any]", schema).items() if isinstance(schema, dict) else ()
    for name, value in [*inner, *(enumerate(cast("list[Any]", schema)) if isinstance(schema, list) else ())]:
        if name == key:
            yield (*at, name), value
        yield from _places(value, key, (*at, name))


def _patterns(schema: dict[str, Any]) -> Iterator[tuple[Address, str]]:
    """The expressions of a schema, values of `pattern` and names under `patternProperties`, with their places."""
    yield from ((address, text) for address, text in strings(schema) if address[-1] == "pattern")
    for address, held in _places(schema, "patternProperties"):
        yield from (((*address, name), name) for name in cast("dict[str, Any]", held) if isinstance(held, dict))


def _in_data(address: Address) -> bool:
    """Whether a value stands there, and no schema: a field may be called `default` too."""
    named = False
    for step in address:
        if not named and step in _DATA:
            return True
        named = not named and step in _MAPS
    return False


def _base(schema: Any, address: Address) -> str:
    """What references at a place of the schema are relative to, by each `$id` above it; empty: the schema itself."""
    base, inner = "", schema
    for step in address:
        named = cast("dict[str, Any]", inner).get("$id") if isinstance(inner, dict) else None
        if isinstance(named, str):  # else the schema of a field that is called so
            base = urljoin(base, named)
        inner = cast(Any, inner)[step]
    return base.partition("#")[0]


def _bare(schema: Any, names: bool = False) -> Any:
    """A schema, or with `names` what has names of its own for some, without the names of drafts: behind one the package
    would check by its own keywords, not ours."""
    if isinstance(schema, list):
        return [_bare(each) for each in cast("list[Any]", schema)]
    inner = cast("dict[str, Any]", schema).items() if isinstance(schema, dict) else ()
    named = ((name, value) for name, value in inner if name != "$schema" or not isinstance(value, str))
    bare = {
        name: value if name in _DATA and not names else _bare(value, name in _MAPS and not names)
        for name, value in named
    }
    return bare if isinstance(schema, dict) else schema


class _Steps(threading.local):
    """How many references may still be followed for the text at hand, in this thread."""

    left = 0


def _same(value: Json) -> Hashable:
    """Equal for JSON values that are equal, and for no others: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, dict):
        return "{}", frozenset((name, _same(each)) for name, each in cast("dict[str, Any]", value).items())
    if isinstance(value, list):
        return "[]", tuple(map(_same, cast("list[Any]", value)))
    return ("", value) if isinstance(value, bool) else cast("str | float | None", value)


def _validator(schema: dict[str, Any], steps: _Steps) -> Any:
    """Raises ValueError in the package's words when `schema` is none."""
    import jsonschema
    from jsonschema import validators

    expression = cache(compiled)  # one for each of the schema's, not for each value that is checked

    def pattern(validator: Any, wanted: str, value: Any, schema: Any) -> Iterator[Any]:
        if isinstance(value, str) and expression(wanted).search(value) is None:
            yield jsonschema.ValidationError("pattern")

    def patterns(validator: Any, wanted: dict[str, Any], value: Any, schema: Any) -> Iterator[Any]:
        for each, inner in wanted.items():
            for key, child in cast("dict[str, Any]", value).items() if isinstance(value, dict) else ():
                if expression(each).search(key):
                    yield from validator.descend(child, inner, path=key, schema_path=each)

    def additional(validator: Any, wanted: Any, value: Any, schema: dict[str, Any]) -> Iterator[Any]:
        known, named = schema.get("properties", {}), list(map(expression, schema.get("patternProperties", {})))
        for key, child in cast("dict[str, Any]", value).items() if isinstance(value, dict) else ():
            if key in known or any(each.search(key) for each in named):
                continue
            if wanted is False:
                yield jsonschema.ValidationError("additionalProperties")
            else:
                yield from validator.descend(child, wanted, path=key)

    def unique(validator: Any, wanted: Any, value: Any, schema: Any) -> Iterator[Any]:
        # The package compares each item with every other.
        if wanted and isinstance(value, list):
            items = cast("list[Any]", value)
            if len(set(map(_same, items))) < len(items):
                yield jsonschema.ValidationError("uniqueItems")

    def reference(validator: Any, wanted: str, value: Any, schema: Any) -> Iterator[Any]:
        steps.left -= 1
        if steps.left < 0:
            raise ValueError("too many references")
        yield from base.VALIDATORS["$ref"](validator, wanted, value, schema)

    base: Any = jsonschema.Draft202012Validator
    try:
        base.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise NoSchema(f"not a JSON Schema: {error.message[:200]}", tuple(error.absolute_path)) from None
    extend = cast(Any, validators).extend
    ours = {"pattern": pattern, "patternProperties": patterns, "additionalProperties": additional}
    return extend(base, ours | {"uniqueItems": unique, "$ref": reference, "$dynamicRef": reference})(_bare(schema))
