"""The test suites that `openai` and `anthropic` publish with their source, and how they are run.

They are fetched from the package registry in the versions that are installed, with the pytest plugins that they load.
Only `tests/api_resources` asks a host: the rest of a suite tests the SDK against itself.
"""

import importlib.metadata
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

FOLDER = Path(__file__).resolve().parents[2] / "build" / "sdks"
SDKS = ("openai", "anthropic")
PLUGINS = ("inline-snapshot", "http-snapshot", "asttokens", "executing", "respx", "dirty-equals", "standardwebhooks")
"""What the suites import beside what is installed. Apart from the rest: a pytest plugin takes part in every run."""
RESOURCES = "tests/api_resources"

Results = dict[str, str]
"""By test: passed, failed or skipped."""


def where(sdk: str) -> Path:
    """The folder of the installed version's suite; it may not be there yet."""
    return FOLDER / f"{sdk}-{importlib.metadata.version(sdk)}"


def prepared() -> bool:
    """Whether the suites can be run without a network."""
    return (FOLDER / "plugins").is_dir() and all((where(sdk) / RESOURCES).is_dir() for sdk in SDKS)


def prepare() -> None:
    """Fetch what is missing. Raises CalledProcessError when the registry does not have it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    for sdk in SDKS:
        if (where(sdk) / RESOURCES).is_dir():
            continue
        wanted = f"{sdk}=={importlib.metadata.version(sdk)}"
        subprocess.run([*pip, "download", "--no-deps", "--no-binary", sdk, "--dest", str(FOLDER), wanted], check=True)
        with tarfile.open(FOLDER / f"{where(sdk).name}.tar.gz") as archive:
            archive.extractall(FOLDER, filter="data")
    if not (FOLDER / "plugins").is_dir():
        subprocess.run([*pip, "install", "--no-deps", "--target", str(FOLDER / "plugins"), *PLUGINS], check=True)


def run(sdk: str, base_url: str, files: Sequence[str], workers: int, select: str = "") -> Results:
    """Run `files` of the suite against `base_url`; each test and what became of it. `select` is pytest's `-k`."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = [
            "-q",
            "-o",
            "addopts=",
            "-p",
            "no:cacheprovider",
            "-n",
            str(workers),
            f"--junitxml={report}",
            "-k",
            select,
        ]
        env = {**os.environ, "TEST_API_BASE_URL": base_url, "PYTHONPATH": str(FOLDER / "plugins")}
        command = [sys.executable, "-m", "pytest", *options, *files]
        done = subprocess.run(command, cwd=where(sdk), env=env, capture_output=True, text=True)
        if not report.is_file():
            raise RuntimeError(f"the suite of {sdk} could not be run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return dict(_read(report))


def _read(report: Path) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for case in ElementTree.parse(report).iter("testcase"):
        tags = {child.tag for child in case}
        state = "failed" if tags & {"failure", "error"} else "skipped" if "skipped" in tags else "passed"
        found.append((f"{case.get('classname')}.{case.get('name')}", state))
    return found
