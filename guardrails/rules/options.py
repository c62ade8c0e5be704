"""Options that stand beside a detector, as in `{regex: x, path: $.q}`: the same as in it, if that is one reading."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from jsonschema import Draft202012Validator

from ...engine.jsonio import Address, Json
from ...engine.yamlfile import Located, nearest, shorten
from ..detectors import registry
from ..detectors.base import Context
from .schema import DETECTORS, MAIN, options_of

_ELSE = {
    ("keywords", "ignore_case"): "keywords ignore case by themselves; case_sensitive: true ends that",
    ("regex", "case_sensitive"): "a regex minds case by itself; ignore_case: true ends that",
    ("json_schema", "not"): "invert: true finds what does not fit",
}
"""Options of other detectors, and what to write here."""
_FORM = frozenset(Draft202012Validator.VALIDATORS) | frozenset(
    "$schema $id $anchor $comment $defs $vocabulary definitions title description default examples deprecated readOnly "
    "writeOnly contentEncoding contentMediaType contentSchema".split()
)
"""Keywords of JSON Schema, draft 2020-12."""


def joined(name: str, given: Mapping[str, Any], context: Context) -> tuple[Json, Context]:
    """The configuration of the detector `name` with the options beside it, and the context that knows their places.

    Raises ConfigError for an option that the detector does not have, or that stands in it too.
    """
    inner, main = given[name], MAIN.get(name, "")
    options = {key: value for key, value in given.items() if key != name}
    wrapped = bool(main) and (_is_form(inner) if name == "json_schema" else not isinstance(inner, dict))
    if not options and not (wrapped and name == "json_schema"):
        return given[name], context.below(name)
    for key in options:
        _refuse_unknown(name, key, context)
    plain = cast(Any, {main: inner} if wrapped else {} if inner is None else inner)
    if not isinstance(plain, dict):
        raise context.error("expected a mapping of keys to values here", (name,))
    within = cast("dict[str, Any]", plain)
    for key in options:
        if key in within:
            raise context.error(f'"{key}" is given twice: in {name} and beside it', (key,), key=True)
    return {**within, **options}, _placed(name, main if wrapped else "", given, context)


def _is_form(inner: Json) -> bool:
    """Whether it is a JSON Schema itself: it has such keywords alone, of which none is a setting of the detector."""
    return isinstance(inner, dict) and inner != {} and _FORM.issuperset(cast("dict[str, Any]", inner))


def _refuse_unknown(name: str, key: str, context: Context) -> None:
    if name in ("any", "all", "not"):
        raise context.error(f"{name} takes no options", (key,), key=True, hint="they stand beside a detector in it")
    if name not in DETECTORS:
        hint = f"{name}: {{{key}: ...}}, if it has such an option"
        raise context.error(f"options of {name} stand in it", (key,), key=True, hint=hint)
    known = list(options_of(name))
    if key not in known:
        hint = _ELSE.get((name, key)) or nearest(key, known) or "its options: " + ", ".join(known)
        raise context.error(f'{name} has no option "{shorten(key)}"', (key,), key=True, hint=hint)


def _placed(name: str, main: str, given: Mapping[str, Any], context: Context) -> Context:
    """The context of the detector, with the places of options as if they stood in it."""
    places = {path: context.tree.place_of((*context.at, *path)) for path in _addresses(cast(Json, {**given}))}
    inner = {(name, main, *path[1:]): place for path, place in places.items() if main and path[:1] == (name,)}
    beside = {(name, *path): place for path, place in places.items() if path and path[0] != name}
    moved = {(*context.at, *path): place for path, place in (places | inner | beside).items()}
    return replace(context.below(name), tree=replace(context.tree, places=moved))


def _addresses(value: Json, at: Address = ()) -> Iterator[Address]:
    """Of a value and all in it."""
    yield at
    below = cast("dict[str, Any]", value).items() if isinstance(value, dict) else ()
    for step, each in enumerate(cast("list[Any]", value)) if isinstance(value, list) else below:
        yield from _addresses(each, (*at, step))


def instead(given: Mapping[str, Any], options: Mapping[str, Any], tree: Located, at: Address) -> dict[str, Any]:
    """What a rule detects with some options in the place of its own. `at`: where they stand in `tree`.

    Raises ConfigError for an option that its detector does not have; what it may be is for the detector to say.
    """
    name = next((key for key in given if key in ("any", "all", "not", *registry.names())), None)
    if name is None:
        return {**given}  # which is told where it stands
    context = Context(tree, at, "", {})
    if name in ("any", "all", "not") and options:
        hint = "write a rule of your own in its place"
        raise context.error(f"{name} combines detectors, which have no options together", key=True, hint=hint)
    inner, main = given[name], MAIN.get(name, "")
    if name in DETECTORS:
        for key in options:
            _refuse_unknown(name, key, context)
        wrapped = bool(main) and (_is_form(inner) if name == "json_schema" else not isinstance(inner, dict))
        inner = cast(Any, {main: inner} if wrapped else {} if inner is None else inner)
    if not isinstance(inner, dict):
        return {**given}
    beside = {key: value for key, value in given.items() if key != name and key not in options}
    return {name: {**cast("dict[str, Any]", inner), **options}, **beside}


def as_read(given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a detector as `instead` gives them, with what holds where they say nothing."""
    found: dict[str, Any] = {}
    for name, inner in given.items():
        if name in DETECTORS and isinstance(inner, dict):
            fields = DETECTORS[name].model_fields.items()
            usual = {field.alias or key: field.default for key, field in fields if not field.is_required()}
            found |= usual | cast("dict[str, Any]", inner)
    return found | {name: value for name, value in given.items() if name not in DETECTORS}
