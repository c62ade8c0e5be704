"""What an SDK asks for, read from its own source: each method and path, and the type that the reply must have.

The resource classes of `openai` and `anthropic` are generated code: every method ends in a call such as
`self._get(path_template("/files/{file_id}", file_id=file_id), ..., cast_to=FileObject)`.
"""

import ast
import builtins
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any, get_args

_VERBS = {name: name[1:].upper() for name in ("_get", "_post", "_put", "_patch", "_delete")} | {"_get_api_list": "GET"}
_HOLE = re.compile(r"\\\{[^}]*\\\}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one resource."""

    verb: str
    path: str
    """As the source has it: `/files/{file_id}`, or `/v1/messages?beta=true`."""
    reply: Any
    """The type of a whole reply; None when the source does not say one."""
    event: Any
    """The type of one event of a stream; None when it does not stream."""
    always_streams: bool
    beta: bool


class Operations:
    """All of an SDK's operations, to be found by what a request says."""

    def __init__(self, sdk: str) -> None:
        found = sorted(_of_package(importlib.import_module(f"{sdk}.resources")), key=lambda each: each.path.count("{"))
        self._patterns = [(_pattern(each.path), each) for each in found]

    def __len__(self) -> int:
        return len(self._patterns)

    @lru_cache(maxsize=4096)  # noqa: B019
    def find(self, verb: str, path: str, query: str, beta: bool) -> Operation | None:
        """The operation at `path`. One whose path has a query is meant only by a request with the same; of two with one
        path, that of the beta by a request with its header."""
        fit = [each for pattern, each in self._patterns if each.verb == verb and pattern.fullmatch(path)]
        asked = set(query.split("&"))
        queried = [each for each in fit if "?" in each.path and set(each.path.split("?")[1].split("&")) <= asked]
        plain = [each for each in fit if "?" not in each.path]
        return max(queried or plain, key=lambda each: each.beta == beta, default=None)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(_HOLE.sub("[^/]+", re.escape(path.split("?")[0])))


def _of_package(package: ModuleType) -> Iterator[Operation]:
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not info.ispkg:
            module = importlib.import_module(info.name)
            for node in ast.walk(ast.parse(inspect.getsource(module))):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("Async"):
                    yield from _of_class(node, module)


def _of_class(node: ast.ClassDef, module: ModuleType) -> Iterator[Operation]:
    for call in ast.walk(node):
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=attr), args=[first, *_]) if attr in _VERBS:
                path, given = _path(first), {word.arg: word.value for word in call.keywords if word.arg}
                if path is not None:
                    yield _operation(_VERBS[attr], path, given, module)


def _path(node: ast.expr) -> str | None:
    match node:
        case ast.Constant(value=str(path)):
            return path
        case ast.Call(func=ast.Name(id="path_template"), args=[ast.Constant(value=str(path)), *_]):
            return path
    return None


def _operation(verb: str, path: str, given: dict[str, ast.expr], module: ModuleType) -> Operation:
    method = given.get("method")
    verb = method.value.upper() if isinstance(method, ast.Constant) and isinstance(method.value, str) else verb
    streams = _value(given.get("stream_cls"), module)
    event = get_args(streams)[0] if get_args(streams) else None
    reply = _value(given.get("page", given.get("cast_to")), module)
    always = isinstance(given.get("stream"), ast.Constant) and bool(_value(given["stream"], module))
    return Operation(verb, path, reply, event, always, ".beta." in module.__name__)


def _value(node: ast.expr | None, module: ModuleType) -> Any:
    """What an expression of the source stands for, its method called without any argument that may be left out."""
    if node is None:
        return None
    return eval(compile(ast.Expression(node), module.__name__, "eval"), vars(module), _Names(vars(module)))


class _Names(dict[str, Any]):
    """A module's names; every other is an argument that was left out."""

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name, self.get("omit"))
