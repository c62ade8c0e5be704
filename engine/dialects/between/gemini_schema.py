"""Gemini's own form of a schema as JSON Schema. Source: Gemini API reference, Schema (a subset of OpenAPI 3.0)."""

from typing import Any, cast

from ...jsonio import Address
from .carry import uncarried
from .gemini_fields import Fields

_SAME = ("title", "description", "enum", "required", "pattern", "default", "minimum", "maximum")
_COUNTS = ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties")
_INNER = ("items", "additionalProperties")
_LISTS = ("anyOf", "prefixItems")
_NAMED = {"properties": "properties", "defs": "$defs", "$defs": "$defs"}
_KNOWN = (
    *_SAME,
    *_COUNTS,
    *_INNER,
    *_LISTS,
    *_NAMED,
    "type",
    "format",
    "nullable",
    "example",
    "ref",
    "$ref",
    "propertyOrdering",
)


def json_schema(value: Any, place: Address) -> dict[str, Any]:
    """`value` in the words of JSON Schema. The order in which properties are written is left to the model.

    Raises `uncarried` for what is no schema.
    """
    said = Fields(value, place, *_KNOWN)
    out: dict[str, Any] = {}
    if kind := said.said("type").lower():
        out["type"] = [kind, "null"] if said.flag("nullable") else kind
    out |= {name: said.get(name) for name in _SAME if name in said}
    for name in _COUNTS:
        if name in said:
            out[name] = _count(said, name)
    if said.said("format") not in ("", "enum"):  # the latter says that there is an `enum`
        out["format"] = said.said("format")
    if "example" in said:
        out["examples"] = [said.get("example")]
    for name in ("ref", "$ref"):
        if name in said:
            out["$ref"] = said.word(name).replace("#/defs/", "#/$defs/")
    for name in _INNER:
        if name in said:
            held = said.get(name)
            out[name] = held if isinstance(held, bool) else json_schema(held, said.at(name))
    for name in _LISTS:
        if name in said:
            out[name] = [json_schema(item, at) for item, at in said.each(name)]
    for name, theirs in _NAMED.items():
        if name in said:
            held, at = said.get(name), said.at(name)
            if not isinstance(held, dict):
                raise uncarried(*at)
            named = cast("dict[str, Any]", held)
            out[theirs] = {key: json_schema(item, (*at, key)) for key, item in named.items()}
    if said.flag("nullable") and "type" not in out:
        return {"anyOf": [out, {"type": "null"}]}
    if said.flag("nullable") and "enum" in out:
        out["enum"] = [*(item for item, _ in said.each("enum")), None]
    return out


def _count(said: Fields, name: str) -> int | None:
    """Google's JSON spells 64-bit numbers as strings."""
    value = said.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return said.whole(name)
