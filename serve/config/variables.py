"""Environment variables in `gate.yaml`: `${NAME}`, and nothing else that looks like it."""

import os
import re
from dataclasses import replace
from typing import Any, cast

from ...engine.jsonio import Address, Json
from ...engine.mistakes import Mistakes
from ...engine.yamlfile import Located, load_yaml

_ENV = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_MARK = re.compile("\ue000\ue000([A-Za-z0-9_]+)\ue001")
"""`${NAME}` as it goes through the YAML parser, to which bare braces would mean a mapping; as long as written."""
_SHELLS = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")
_REFERENCE = {"type": "string", "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"}


class Variable(str):
    """A text with a variable's value in it: not as it was written in the file."""

    __slots__ = ()


def load_expanded(text: str, file: str, *, only: str = "") -> Located:
    """A file's values, with those of variables in their places; of one key of the file alone, if `only` names it.
    Raises ConfigError."""
    marked = load_yaml(_ENV.sub("\ue000\ue000\\1\ue001", text), file=file)
    if only:
        whole = cast("dict[str, Any]", marked.data) if isinstance(marked.data, dict) else {}
        marked = replace(marked, data={only: whole[only]} if only in whole else {})
    mistakes = Mistakes()
    data = _expand(marked.data, (), marked, mistakes)
    mistakes.end()
    return replace(marked, data=data)


def _expand(value: Json, at: Address, tree: Located, mistakes: Mistakes) -> Json:
    """Variables in place of their names. An unset one is an error: an empty key helps nobody."""
    if isinstance(value, str):
        with mistakes.gather():
            return _text(value, at, tree)
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        for wrong in (key for key in fields if "${" in key or _MARK.search(key)):
            told = "only values are read from the environment, not names of fields"
            mistakes.add(tree.error(told, (*at, wrong), key=True))
        return {key: _expand(child, (*at, key), tree, mistakes) for key, child in fields.items()}
    if isinstance(value, list):
        return [_expand(child, (*at, index), tree, mistakes) for index, child in enumerate(cast("list[Any]", value))]
    return value


def _text(value: str, at: Address, tree: Located) -> str:
    if "${" in value:  # a default or a misspelt name would go out as the text itself, be it a key
        raise tree.error(
            "only ${NAME} is read from the environment",
            at,
            hint="NAME is letters, digits and _, without a default",
        )

    def known(match: re.Match[str]) -> str:
        if (found := os.environ.get(match[1])) is None:
            raise tree.error(f"the environment variable {match[1]} is not set", at, hint=f"export {match[1]}=...")
        return found

    expanded, count = _MARK.subn(known, value)
    return Variable(expanded) if count else value


def credential(value: str) -> str:
    """A credential as it is. Raises ValueError for one written `$NAME`: a shell would read a variable there."""
    if not isinstance(value, Variable) and _SHELLS.fullmatch(value):
        raise ValueError("$NAME is not read from the environment; write ${NAME}")
    return str(value)


def plain(value: Any) -> Any:
    """The same without the mark on texts, for code that takes no subclass of str."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [plain(each) for each in cast("list[Any]", value)]
    return str(value) if isinstance(value, str) else value


def with_references(schema: dict[str, Any]) -> dict[str, Any]:
    """A JSON Schema under which `${NAME}` may stand for a number, a boolean or a text of a certain form."""
    out: dict[str, Any] = {}
    for key, part in schema.items():
        if key in ("properties", "patternProperties", "$defs"):
            # A provider's kind tells which of several schemas is meant.
            out[key] = {name: each if name == "kind" else with_references(each) for name, each in part.items()}
        elif key in ("anyOf", "oneOf"):
            out[key] = [with_references(each) for each in part]
        elif key in ("items", "additionalProperties") and isinstance(part, dict):
            out[key] = with_references(cast("dict[str, Any]", part))
        else:
            out[key] = part
    formed = out.get("type") == "string" and bool(out.keys() & {"pattern", "enum"})
    if "const" in out or not (formed or out.get("type") in ("integer", "number", "boolean")):
        return out
    told = {key: out.pop(key) for key in ("title", "description", "default") if key in out}
    return told | {"anyOf": [out, _REFERENCE]}
