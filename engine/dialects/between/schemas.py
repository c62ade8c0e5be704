"""JSON Schemas as strict modes want them: every object says what it holds.

Sources: Anthropic API, structured outputs; OpenAI API, structured outputs.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from ..openai_common import dicts
from .carry import mapping

_INNER = ("items", "additionalProperties")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_NAMED = ("properties", "$defs", "definitions")
"""Where a schema holds others: one, several, or one under each name."""


def closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """`schema`, in which every object that does not say what else it may hold holds nothing else."""
    out = {name: _closed(name, value) for name, value in schema.items()}
    if _is_object(schema):
        out.setdefault("additionalProperties", False)
    return out


def _closed(name: str, value: Any) -> Any:
    if name in _NAMED and isinstance(value, dict):
        return {key: _shut(inner) for key, inner in cast("dict[str, Any]", value).items()}
    if name in _LISTS and isinstance(value, list):
        return [_shut(inner) for inner in cast("list[Any]", value)]
    return _shut(value) if name in _INNER else value


def _shut(value: Any) -> Any:
    return closed(cast("dict[str, Any]", value)) if isinstance(value, dict) else value


def strictly(schema: Mapping[str, Any], strict: bool | None, *, optional: bool) -> tuple[dict[str, Any], bool | None]:
    """A schema, and whether it shall be held to strictly. Where that is asked for, the schema is closed; where it has
    objects that no strict mode takes so (open ones, and with fields that may be missing unless these are `optional`),
    it stays as it is, and nothing is said."""
    if not strict:
        return dict(schema), strict
    shut = closed(schema)
    fits = shut.get("type") == "object" and all(_fits(one, optional) for one in _objects(shut))
    return (shut, True) if fits else (dict(schema), None)


def _fits(schema: Mapping[str, Any], optional: bool) -> bool:
    required = schema.get("required")
    needed = cast("list[Any]", required) if isinstance(required, list) else []
    given = mapping(schema.get("properties"))
    return schema.get("additionalProperties") is False and (optional or all(name in needed for name in given))


def _objects(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every object that a schema speaks of, at any depth."""
    if _is_object(schema):
        yield schema
    inner: list[Any] = [schema.get(name) for name in _INNER]
    inner += [one for name in _LISTS for one in dicts(schema.get(name))]
    inner += [one for name in _NAMED for one in mapping(schema.get(name)).values()]
    for one in dicts(inner):
        yield from _objects(one)


def _is_object(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type")
    return kind == "object" or "properties" in schema or (isinstance(kind, list) and "object" in kind)
