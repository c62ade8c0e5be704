"""The wheel: it holds every file of the package, and works where the checkout is not."""

import importlib.metadata
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import tidegate

ROOT = Path(tidegate.__file__).parent
ROOMS = ("engine", "guardrails", "cache", "models", "governance", "serve")
SHIPPED = (".py", ".yaml", ".json", ".jsonl")


def run(*command: str, cwd: Path, **env: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=cwd, env=env or None, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that nothing is left in the checkout and nothing left there gets in."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for room in ROOMS:
        shutil.copytree(ROOT / room, source / room, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE", "__init__.py", "py.typed"):
        shutil.copy(ROOT / file, source / file)
    try:
        enough = int(importlib.metadata.version("setuptools").split(".")[0]) >= 77
    except importlib.metadata.PackageNotFoundError:
        enough = False
    # Without a setuptools that is new enough, pip fetches one from the registry.
    quick = ("--no-build-isolation",) if enough else ()
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", *quick, "-q", "-w", str(out), str(source), cwd=out)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = (sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "-q", "--no-compile")
    run(*command, "--target", str(folder), str(wheel), cwd=folder)
    return folder


def elsewhere(site: Path, code: str) -> Any:
    """What `code` prints, as JSON, in an interpreter that finds the installed wheel first."""
    return json.loads(run(sys.executable, "-c", code, cwd=site, PYTHONPATH=str(site)))


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    files = {
        f"tidegate/{path.relative_to(ROOT).as_posix()}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.suffix in SHIPPED
    }
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert sorted(files - held) == []
    assert "tidegate/py.typed" in held and "tidegate/__init__.py" in held
    folders = {name.split("/")[0] for name in held}
    assert folders == {"tidegate", f"tidegate-{tidegate.__version__}.dist-info"}
    assert not [name for name in held if name.startswith(("tidegate/tests", "tidegate/benchmarks", "tidegate/docs"))]


def test_the_installed_package_is_found_where_it_was_installed(site: Path) -> None:
    found = elsewhere(site, "import json, tidegate; print(json.dumps([tidegate.__file__, tidegate.__version__]))")
    assert Path(found[0]).is_relative_to(site) and found[1] == tidegate.__version__


def test_the_packs_of_the_installed_package_load(site: Path) -> None:
    code = """
import json
from tidegate.guardrails.rules.load import PACKS, load_rules, packs
rules = load_rules([f"pack:{name}" for name in packs()]).rules
print(json.dumps({"at": str(PACKS), "packs": packs(), "rules": [loaded.rule.id for loaded in rules]}))
"""
    found = elsewhere(site, code)
    assert Path(found["at"]).is_relative_to(site)
    assert found["packs"] == sorted(path.stem for path in (ROOT / "guardrails" / "packs").glob("*.yaml"))
    assert found["packs"] and found["rules"]


def test_the_installed_command_line_starts(site: Path) -> None:
    shown = run(
        sys.executable, "-c", "from tidegate.serve.cli import main; main()", "--help", cwd=site, PYTHONPATH=str(site)
    )
    assert "serve" in shown and "check" in shown
