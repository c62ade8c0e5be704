"""A condition of Portkey's conditional strategy as `when:` of a route. Source: its page on conditional routing."""

from typing import Any

from ...engine.jsonio import Address
from .draft import Draft, list_of, section_of


def condition(draft: Draft, query: dict[str, Any], path: Address) -> dict[str, Any] | None:
    """What holds when the query does; None when that cannot be said here, which is noted."""
    when: dict[str, Any] = {}
    for name, test in query.items():
        parts = _parts(draft, name, test, (*path, name))
        if parts is None:
            return None
        for part in parts:
            if not _join(when, part):
                draft.left_out((*path, name), "two conditions on one field, or of one kind, are not carried over")
                return None
    if not when:
        draft.left_out(path, "it says nothing")
    return when or None


def _parts(draft: Draft, name: str, test: object, path: Address) -> list[dict[str, Any]] | None:
    """What must hold for one key of a query; None when that cannot be said here, which is noted."""
    if name not in ("$or", "$and"):
        if (part := _field(name, test)) is None:
            draft.left_out(path, "routes look at model and metadata, with $eq, $in, $ne and $nin")
        return None if part is None else [part]
    if not (queries := list_of(test)):
        draft.left_out(path, "it says nothing")
        return None
    made = [condition(draft, section_of(each), (*path, at)) for at, each in enumerate(queries)]
    parts = [part for part in made if part is not None]
    if len(parts) < len(made):
        return None
    return [{"any": parts}] if name == "$or" else parts


def _field(name: str, test: object) -> dict[str, Any] | None:
    """One field and its test."""
    operators = section_of(test) or {"$eq": test}
    if len(operators) != 1:
        return None
    [(operator, wanted)] = operators.items()
    values = list_of(wanted)
    if not values or not all(isinstance(value, str | int | float) for value in values):
        return None
    texts = [_plain(value) for value in values]
    if None in texts:
        return None
    if name == "params.model":
        said: dict[str, Any] = {"model": texts}
    elif name.startswith("metadata."):
        said = {"metadata": {name.removeprefix("metadata."): texts}}
    else:
        return None
    if operator in ("$eq", "$in"):
        return said
    return {"not": said} if operator in ("$ne", "$nin") else None


def _plain(value: object) -> str | None:
    """The value as a pattern that fits it alone; None when it has a pattern's signs in it."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return None if set(text) & set("*?[") else text


def _join(when: dict[str, Any], part: dict[str, Any]) -> bool:
    """Add `part`, both of which must hold. False when one mapping cannot say that."""
    for name, value in part.items():
        if name == "metadata" and name in when:
            if when[name].keys() & value.keys():
                return False
            when[name] = {**when[name], **value}
        elif name in when:
            return False
        else:
            when[name] = value
    return True
