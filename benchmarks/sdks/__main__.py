"""The official SDKs' own suites, straight against a mock host and through a gate in front of it.

    python -m benchmarks.sdks              fetch the suites if need be, run both, print both results and what differs
    python -m benchmarks.sdks prepare      only fetch
    python -m benchmarks.sdks openai tests/api_resources/test_files.py      one SDK, some files

The gate has a rule pack and lets other paths through. Exit status 1: some test differs.
"""

import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from tidegate import Gate
from tidegate.serve.config.gate_yaml import parse_config
from tidegate.serve.server import bind, options

from . import suite
from .mock import Mock

CONFIG = """
version: 1
providers: {{up: {{kind: {sdk}, base_url: '{url}/v1', api_key: sk-operator}}}}
routes: [{{to: [up], passthrough: true}}]
guardrails: {{files: [pack:pii]}}
"""


@contextmanager
def serving(app: Any, lifespan: str = "on") -> Iterator[str]:
    """`app` on a port of its own; its address."""
    listening = bind("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, **{**options("127.0.0.1", 0), "lifespan": lifespan}))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join(timeout=10)
        listening.close()


def compare(
    sdk: str, files: Sequence[str], workers: int, select: str = ""
) -> tuple[suite.Results, suite.Results, Mock]:
    """The results without and with the gate."""
    mock = Mock(sdk)
    below = "/v1" if sdk == "openai" else ""
    with serving(mock, "off") as url, tempfile.TemporaryDirectory() as folder:
        loaded = parse_config(CONFIG.format(sdk=sdk, url=url), file="gate.yaml", folder=Path(folder))
        direct = suite.run(sdk, url + below, files, workers, select)
        with serving(Gate(loaded).app()) as gate:
            return direct, suite.run(sdk, gate + below, files, workers, select), mock


def differing(direct: suite.Results, gated: suite.Results) -> list[str]:
    """A line for each test that did not end alike."""
    names = sorted(direct.keys() | gated.keys())
    pairs = ((name, direct.get(name, "not run"), gated.get(name, "not run")) for name in names)
    return [f"{name}: {before} -> {after}" for name, before, after in pairs if before != after]


def main(arguments: Sequence[str]) -> int:
    suite.prepare()
    if list(arguments) == ["prepare"]:
        return 0
    sdks = [arguments[0]] if arguments else list(suite.SDKS)
    differences = 0
    for sdk in sdks:
        began = time.perf_counter()
        direct, gated, mock = compare(sdk, arguments[1:] or (suite.RESOURCES,), min(os.cpu_count() or 1, 4))
        lines = differing(direct, gated)
        for name, results in (("straight", direct), ("through tidegate", gated)):
            counts = Counter(results.values())
            print(f"{suite.where(sdk).name:18} {name:17}", *(f"{n} {state}" for state, n in counts.most_common()))
        print(f"{len(lines)} differ; {time.perf_counter() - began:.0f} s", *lines, sep="\n  ")
        unanswered = sorted(set(mock.unknown))
        if unanswered:
            print("the mock had no answer to:", *unanswered, sep="\n  ")
        failed = sorted(name for name, state in direct.items() if state == "failed")
        if failed:
            print("failed straight:", *failed, sep="\n  ")
        differences += len(lines)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
