"""Configuration against its model: all that is wrong with it, in words, each with its place."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, TypeVar, cast, get_args

from pydantic import BaseModel, BeforeValidator, ValidationError, WithJsonSchema

from .errors import ConfigError
from .jsonio import Address, Json, show
from .mistakes import MOST
from .yamlfile import Located, nearest, shorten

MODEL = TypeVar("MODEL", bound=BaseModel)
_SENTENCE = re.compile(r"(?<=\w)\. (?=[A-Z])")


def _day(value: object) -> date:
    try:
        return date.fromisoformat(value if isinstance(value, str) and len(value) == 10 else "")
    except ValueError:
        raise ValueError("must be a day such as 2027-01-31") from None


Date = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
"""A day, as people write it; to pydantic alone a number is one, too."""


def validate(model: type[MODEL], tree: Located, at: Address = ()) -> MODEL:
    """The part of `tree` at `at` as an instance of `model`. Raises ConfigError with what is wrong with it, MOST things
    at most."""
    data = tree.data
    for step in at:
        data = data[step]
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise tree.error("expected a mapping of keys to values here", at)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = [_Problem(model, cast(Json, data), at, dict(found)) for found in error.errors(include_url=False)]
        raise ConfigError.together([each.error(tree) for each in _worth_telling(problems, tree)[:MOST]]) from None


def _worth_telling(problems: Sequence["_Problem"], tree: Located) -> list["_Problem"]:
    """In the order of the file, missing keys last; less those of a union's members that are not meant, and keys that
    are there misspelt."""
    meant: dict[Address, _Problem] = {}
    for each in problems:
        if each.member and each.furthest < meant.setdefault(each.union, each).furthest:
            meant[each.union] = each
    kept = [each for each in problems if not each.member or meant[each.union].member == each.member]
    lists = {each.path for each in problems if each.member and each.kind == "list_type"}
    for each in kept:
        each.or_list = each.kind == "literal_error" and each.member != "" and each.path in lists
    odd: dict[Address, list[str]] = {}
    for each in kept:
        if each.kind == "extra_forbidden":
            odd.setdefault(each.path[:-1], []).append(each.key)
    kept = [
        each
        for each in kept
        if each.kind != "missing" or not any(nearest(key, [each.key]) for key in odd.get(each.path, ()))
    ]
    return sorted(kept, key=lambda each: (each.kind == "missing", tree.place_of((*each.at, *each.path))))


class _Problem:
    """One of pydantic's errors in our words. Values are never quoted: they may be secrets."""

    def __init__(self, model: type[BaseModel], data: Json, at: Address, found: dict[str, Any]) -> None:
        self.kind: str = found["type"]
        self.at = at
        self._text: str = found["msg"]
        self._context: dict[str, Any] = found.get("ctx", {})
        self._input: object = found.get("input")
        self.path: Address = ()
        self.key = ""
        self.union: Address = ()
        self.member = ""
        """Of a union that is under way, where it stands and the member by which this is wrong."""
        self.or_list = False
        """Whether a list may stand there too."""
        self.top = model.model_fields
        self.models = [model]
        self._about = ""
        """What its description says of the key."""
        steps = list(cast("tuple[str | int, ...]", found["loc"]))
        last = steps.pop() if self.kind in ("extra_forbidden", "missing") else None
        for step in steps:
            # Pydantic puts the names of a union's members into the path; they are not in the file.
            if (isinstance(data, dict) and step in data) or (
                isinstance(data, list) and isinstance(step, int) and step < len(cast("list[Any]", data))
            ):
                data = cast(Json, data[step])
                self.path += (step,)
                told = (field.description for each in self.models if (field := each.model_fields.get(str(step))))
                self._about = next((words for words in told if words), "")
                self.models = _below(self.models, step)
            elif not self.member:
                self.union, self.member = self.path, str(step)
        if last is not None:
            self.key = str(last)
            if self.kind == "extra_forbidden":
                self.path += (last,)

    @property
    def furthest(self) -> tuple[int, bool]:
        """Of the ways in which the members of a union fail, the one that got furthest, the least here, says most."""
        missing = self.kind == "missing"
        return -len(self.path) - missing, missing

    def error(self, tree: Located) -> ConfigError:
        about_key = self.kind == "extra_forbidden"
        return tree.error(self.message(), (*self.at, *self.path), hint=self.hint(), key=about_key)

    def message(self) -> str:
        at = show((*self.at, *self.path))
        if self.kind == "extra_forbidden":
            parent = show((*self.at, *self.path[:-1]))
            return f'unknown key "{shorten(self.key)}"' + (f" in {parent}" if parent else "")
        if self.kind == "missing":
            return f'the key "{self.key}" is missing' + (f" in {at}" if at else "")
        if self.kind == "union_tag_invalid":
            names = (str(self._context[name]) for name in ("discriminator", "expected_tags"))
            return f"{at}: {' should be one of '.join(names)}"
        if self.kind in ("model_type", "dict_type"):
            return f"{at}: should be a mapping of keys to values"
        if self._form_is_told:
            return f"{at}: is not of the form that is expected"
        text = self._text.removeprefix("Value error, ").removeprefix("Input ")
        if self.kind in ("too_short", "too_long"):
            text = "should" + text.partition(" should")[2].partition(" after")[0]
        text = text[:1].lower() + text[1:] + " or a list" * self.or_list
        return f"{at}: {text}" if at else text

    @property
    def _form_is_told(self) -> bool:
        """Whether the key's description says what to write, where an expression is all that pydantic has."""
        return self.kind == "string_pattern_mismatch" and bool(self._about)

    def hint(self) -> str:
        if self._form_is_told:
            return _SENTENCE.split(self._about)[0].rstrip(".")
        if self.kind == "extra_forbidden":
            named = (field.alias or name for model in self.models for name, field in model.model_fields.items())
            known = [name for name in dict.fromkeys(named) if name != self.key]  # a union's other members may have it
            if self.key in self.top and not self.at:
                return f"`{self.key}:` stands at the top of the file"
            return nearest(self.key, known) or ("known: " + ", ".join(known) if known else "")
        near = ""
        if self.kind in ("literal_error", "enum") and isinstance(self._input, str):
            near = nearest(self._input, re.findall(r"'([^']*)'", str(self._context.get("expected", ""))))
        bare = (self.kind == "list_type" or self.or_list) and isinstance(self._input, str | int | float)
        return near or "in brackets: [one, two]" * bare


def _below(models: list[type[BaseModel]], step: str | int) -> list[type[BaseModel]]:
    """The models that can stand under `step`: a field's own, or, inside a list or dict, the same again."""
    found: list[type[BaseModel]] = []
    for model in models:
        for name, info in model.model_fields.items():
            if step in (name, info.alias):
                found += _models_in(info.annotation)
    return found or (models if isinstance(step, int) or not any(step in m.model_fields for m in models) else [])


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]
