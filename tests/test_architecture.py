"""The shape of the package: who may import whom, what stays cheap to import, and how long a file may be."""

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import tidegate

ROOT = Path(tidegate.__file__).parent
ROOMS = ("engine", "guardrails", "cache", "models", "governance", "serve")
APART = ("guardrails", "cache", "models", "governance")
"""Rooms that know the engine and not each other."""
HEAVY = (
    "ahocorasick",
    "aiohttp",
    "botocore",
    "faiss",
    "genai_prices",
    "onnxruntime",
    "presidio_analyzer",
    "re2",
    "redis",
    "sentence_transformers",
    "spacy",
    "tokenizers",
    "torch",
    "xllamacpp",
)
MOST_FILES = {"tokenizers": 4, "onnxruntime": 4, "spacy": 3}
"""How many files may import a heavy library, where it is not two. The encoder, its static table, the networks that ship
and the classifier of another project each have a tokenizer. onnxruntime runs the encoder, these networks and the layers
that find names, and quantises the encoder when it is exported. spaCy cuts texts into words, loads the pipeline of those
layers, and runs beside them in the bench."""
MOST_LINES = 320
TABLES = {"cache/rules/words.py"}
"""Data that happens to be spelt in Python."""


@dataclass(frozen=True)
class Import:
    """`module` imports `target` (and perhaps a name of it), at line `line`."""

    module: str
    target: str
    line: int
    lazy: bool
    """Inside a function."""
    typing: bool
    """Under `if TYPE_CHECKING`."""


def files() -> list[Path]:
    return [ROOT / "__init__.py", *(path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))]


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(("tidegate", *(part for part in parts if part != "__init__")))


@cache
def modules() -> dict[str, Path]:
    return {name_of(path): path for path in files()}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def walk(node: ast.AST, lazy: bool = False, typing: bool = False) -> Iterator[tuple[ast.AST, bool, bool]]:
    for child in ast.iter_child_nodes(node):
        yield child, lazy, typing
        inside = lazy or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            yield from walk(child, inside, True)
        else:
            yield from walk(child, inside, typing)


def targets(node: ast.AST, module: str, is_package: bool) -> list[str]:
    """What a statement imports, as absolute names; of `from x import y` it is `x.y` if that is a module of ours."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.Call):  # importlib.import_module("x")
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        constants = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        return constants if called == "import_module" else []
    if not isinstance(node, ast.ImportFrom):
        return []
    base = node.module or ""
    if node.level:
        parts = module.split(".")
        above = parts[: len(parts) - node.level + is_package]
        base = ".".join([*above, *([base] if base else [])])
    return [full if (full := f"{base}.{alias.name}") in modules() else base for alias in node.names]


@cache
def imports() -> list[Import]:
    found: list[Import] = []
    for module, path in modules().items():
        is_package = path.name == "__init__.py"
        for node, lazy, typing in walk(tree(path)):
            found += [
                Import(module, target, getattr(node, "lineno", 0), lazy, typing)
                for target in targets(node, module, is_package)
            ]
    return found


def room_of(module: str) -> str:
    """The room of one of our modules; empty for the package itself and for others' modules."""
    parts = module.split(".")
    return parts[1] if parts[0] == "tidegate" and len(parts) > 1 else ""


def shown(wrong: list[Import]) -> str:
    return "\n".join(f"{found.module}:{found.line} imports {found.target}" for found in wrong)


def test_the_walk_sees_the_imports_that_are_there() -> None:
    pairs = {(found.module, found.target) for found in imports()}
    assert ("tidegate.engine.handler", "tidegate.engine.jsonio") in pairs
    assert ("tidegate.engine.dialects.openai_chat", "tidegate.engine.dialects") in pairs
    assert ("tidegate.engine.ports", "numpy") in pairs
    assert [found for found in imports() if found.typing] and [found for found in imports() if found.lazy]


def test_imports_point_one_way() -> None:
    allowed = {"engine": {"engine"}, "serve": set(ROOMS), **{room: {room, "engine"} for room in APART}}
    rooms = [found for found in imports() if room_of(found.module) and room_of(found.target)]
    wrong = [found for found in rooms if room_of(found.target) not in allowed[room_of(found.module)]]
    assert not wrong, shown(wrong)


def test_only_the_package_itself_imports_serve_and_only_when_asked() -> None:
    wrong = [
        found
        for found in imports()
        if room_of(found.target) == "serve" and room_of(found.module) != "serve" and not found.lazy and not found.typing
    ]
    assert not wrong, shown(wrong)


def test_the_package_imports_itself_relatively() -> None:
    for path in files():
        for node in ast.walk(tree(path)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert not [name for name in names if name.split(".")[0] == "tidegate"], f"{path.name}: {names}"


def test_annotations_are_not_postponed() -> None:
    wrong = [found for found in imports() if found.target == "__future__"]
    assert not wrong, shown(wrong)


def test_no_module_imports_itself_in_a_circle() -> None:
    graph: dict[str, set[str]] = {module: set() for module in modules()}
    for found in imports():
        if not found.lazy and not found.typing and found.target in graph and found.target != found.module:
            graph[found.module].add(found.target)
    done: set[str] = set()

    def visit(module: str, way: list[str]) -> None:
        assert module not in way, " -> ".join([*way[way.index(module) :], module])
        if module not in done:
            for target in sorted(graph[module]):
                visit(target, [*way, module])
            done.add(module)

    for module in graph:
        visit(module, [])


@pytest.mark.parametrize("library", HEAVY)
def test_a_heavy_library_is_imported_in_the_files_that_wrap_it_and_nowhere_else(library: str) -> None:
    using = sorted({found.module for found in imports() if found.target.split(".")[0] == library})
    assert len(using) <= MOST_FILES.get(library, 2), using


def fresh(code: str) -> object:
    """What `code` prints, as JSON, in an interpreter of its own."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


LOADED = f"import json, sys; print(json.dumps(sorted(set({HEAVY!r}) & set(sys.modules))))"


def test_importing_the_package_imports_no_heavy_library_and_no_room() -> None:
    assert fresh(f"import tidegate; {LOADED}") == []
    assert fresh("import json, sys, tidegate; print(json.dumps([n for n in sys.modules if 'tidegate.' in n]))") == []


def test_the_engine_needs_no_heavy_library() -> None:
    names = ", ".join(name for name in modules() if name.startswith("tidegate.engine"))
    assert fresh(f"import {names}; {LOADED}") == []


def test_no_file_is_loaded_under_two_names() -> None:
    ours = {path.resolve() for path in files()}
    loaded: dict[Path, list[str]] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and (path := Path(file).resolve()) in ours:
            loaded.setdefault(path, []).append(name)
    assert {path: names for path, names in loaded.items() if names != [name_of(path)]} == {}


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]


def test_the_list_of_packages_is_complete() -> None:
    packages = {name_of(path) for path in files() if path.name == "__init__.py"}
    assert project()["packages"] == sorted(packages)
    folders = {path.parent for path in files()}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_no_file_is_too_long_to_be_read_at_once() -> None:
    lines = {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in files()}
    assert {name: count for name, count in lines.items() if count > MOST_LINES and name not in TABLES} == {}


@pytest.mark.parametrize("path", [path for path in files() if path.stat().st_size], ids=name_of)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree(path))


@pytest.mark.parametrize("module", ["ports", "exchange", "errors", "stream", "handler", "dialects/__init__"])
def test_everything_public_in_the_contract_is_explained(module: str) -> None:
    silent = [
        node.name
        for node in tree(ROOT / "engine" / f"{module}.py").body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_every_limit_has_its_reason() -> None:
    body = tree(ROOT / "engine" / "limits.py").body
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.Assign):
            assert isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant), ast.unparse(node)
