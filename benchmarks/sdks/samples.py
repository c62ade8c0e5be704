"""A value of a type, as JSON: every field filled, of several members the first, of several words the first."""

import types
import typing
from datetime import date, datetime
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

DEEP = 12
"""Levels after which fields that may be absent are left out: some types hold themselves."""


def sample(of: Any, *, names: str = "text", depth: int = 0) -> Any:
    """`names` is what every field called `id` holds."""
    while hasattr(of, "__value__"):  # a type that was given a name
        of = of.__value__
    origin, args = get_origin(of), get_args(of)
    if origin is typing.Annotated:
        return sample(args[0], names=names, depth=depth)
    if origin is Literal:
        return args[0]
    if origin in (Union, types.UnionType):
        return sample(next(each for each in args if each is not type(None)), names=names, depth=depth)
    if origin is not None and issubclass(origin, dict):
        return {"key": sample(args[1], names=names, depth=depth + 1)}
    if origin is not None and issubclass(origin, typing.Iterable):
        return [] if depth > DEEP else [sample(args[0], names=names, depth=depth + 1)]
    if isinstance(of, type) and issubclass(of, BaseModel):
        return _model(of, names, depth)
    plain = {str: "text", int: 1, float: 1.5, bool: True, object: "text", Any: "text", type(None): None}
    plain |= {datetime: "2026-01-02T03:04:05Z", date: "2026-01-02", dict: {}, list: []}
    if of not in plain:
        raise TypeError(f"no sample for {of!r}")
    return plain[of]


def _model(of: type[BaseModel], names: str, depth: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, field in of.model_fields.items():
        if depth > DEEP and not field.is_required():
            continue
        value = names if name == "id" and field.annotation is str else None
        made[field.alias or name] = value or sample(field.annotation, names=names, depth=depth + 1)
    return made
