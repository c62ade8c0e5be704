"""JSON Schemas as strict modes want them: every object says what it holds.

Sources: Anthropic API, structured outputs; OpenAI API, structured outputs.
"""

from collections.abc import Container, Iterator, Mapping
from typing import Any, cast

from ..openai_common import dicts
from .carry import mapping

_INNER = ("items", "additionalProperties")
_LISTS = ("anyOf", "oneOf", "prefixItems")
_NAMED = ("properties", "$defs", "definitions")
"""Where a schema holds others: one, several, or one under each name."""
_JOIN = "allOf"


def closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """`schema`, in which every object that does not say what else it may hold holds nothing else.

    Left open is what `allOf` puts together: objects that each hold only their own fields let no value pass them all.
    """
    return _closed(schema, frozenset(_joined_names(schema)))


def _closed(schema: Mapping[str, Any], joined: Container[str]) -> dict[str, Any]:
    out = {name: _inner(name, value, joined) for name, value in schema.items()}
    if _is_object(schema) and _JOIN not in schema:
        out.setdefault("additionalProperties", False)
    return out


def _inner(name: str, value: Any, joined: Container[str]) -> Any:
    if name in _NAMED and isinstance(value, dict):
        named = cast("dict[str, Any]", value)
        return {key: one if f"#/{name}/{key}" in joined else _shut(one, joined) for key, one in named.items()}
    if name in _LISTS and isinstance(value, list):
        return [_shut(one, joined) for one in cast("list[Any]", value)]
    return _shut(value, joined) if name in _INNER else value


def _shut(value: Any, joined: Container[str]) -> Any:
    return _closed(cast("dict[str, Any]", value), joined) if isinstance(value, dict) else value


def _joined_names(schema: Mapping[str, Any]) -> Iterator[str]:
    """Where the schemas lie that `allOf` puts together with others. An `allOf` of one alone puts nothing together."""
    parts = dicts(schema.get(_JOIN))
    if len(parts) > 1 or _is_object(schema):
        yield from (str(part.get("$ref")) for part in parts)
    for one in _below(schema):
        yield from _joined_names(one)


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
    shut = schema.get("additionalProperties") is False and _JOIN not in schema
    return shut and (optional or all(name in needed for name in given))


def _objects(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every object that a schema speaks of, at any depth."""
    if _is_object(schema):
        yield schema
    for one in _below(schema):
        yield from _objects(one)


def _below(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The schemas that one holds itself."""
    inner: list[Any] = [schema.get(name) for name in _INNER]
    inner += [one for name in (*_LISTS, _JOIN) for one in dicts(schema.get(name))]
    inner += [one for name in _NAMED for one in mapping(schema.get(name)).values()]
    return dicts(inner)


def _is_object(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type")
    return kind == "object" or "properties" in schema or (isinstance(kind, list) and "object" in kind)
