"""A function of an installed package as a detector: it gets a text, and gives spans.

The package names it under the entry point group `tidegate.functions`; a rule file cannot reach any other code. It runs
in processes of its own, with a deadline and bounded memory, and without the gate's environment: one that hangs, eats
memory or crashes is ended, the text is not evaluated, and the rule's `on_error` decides. In a stream everything is held
until the end, since nothing is known of what the function looks for.
"""

import contextlib
import json
import os
import queue
import re
import selectors
import subprocess
import sys
import threading
import time
import weakref
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field

from ...engine.errors import ConfigError
from ...engine.jsonio import Json
from ...engine.plugins import unique
from ...engine.ports import Finding, Unjudged
from ...engine.yamlfile import nearest
from .base import Context

GROUP = "tidegate.functions"
PROCESSES = 2
"""Of one detector, at most. They start when they are needed."""
START_SECONDS = 20.0
LONGEST = 1024 * 1024
"""Characters of a text; a longer one is not evaluated."""
FINDINGS = 10_000
ANSWER_BYTES = 2 * 1024 * 1024
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "VIRTUAL_ENV", "SYSTEMROOT")


class PythonConfig(BaseModel):
    """A function of an installed package."""

    model_config = ConfigDict(extra="forbid")

    function: str = Field(description="Its name in the entry point group tidegate.functions.", max_length=200)
    deadline_ms: int = Field(default=200, ge=1, le=4000, description="What it may take for one text, in milliseconds.")
    memory_mb: int = Field(
        default=256, ge=16, le=16_384, description="What it may take beyond its own modules, in MiB; Linux and macOS."
    )


class FunctionFailed(Unjudged):
    """The function raised, gave no spans, or was ended."""


class OutOfTime(FunctionFailed):
    """The function was ended at its deadline, or all its processes were busy until then."""


class Python:
    """Finds what a function finds: it returns (start, end) or (start, end, label), in characters."""

    kind = "python"
    slow = True
    context = None
    hold = None

    def __init__(self, config: PythonConfig, label: str, version: str = "") -> None:
        self.label = label
        self.version = f"1/{version}"
        self._deadline = config.deadline_ms / 1000
        self._pool = _Pool(config.function, config.memory_mb)

    @classmethod
    def from_config(cls, config: Json, context: Context) -> "Python":
        """The function's name, or a mapping (PythonConfig). Raises ConfigError when no package names it."""
        settings = context.parse(PythonConfig, {"function": config} if isinstance(config, str) else config)
        points = unique(entry_points(group=GROUP), "function")
        if settings.function not in points:
            hint = nearest(settings.function, tuple(points)) or f"installed: {', '.join(sorted(points)) or 'none'}"
            raise context.error(f'no installed package has a function "{settings.function[:60]}"', hint=hint)
        return cls(settings, context.label, _version(points[settings.function]))

    def start(self) -> None:
        """Start a process. Raises ConfigError when the function cannot be imported."""
        self._pool.resting = False
        try:
            self._pool.give(self._pool.take(time.monotonic() + START_SECONDS))
        except FunctionFailed as error:
            raise ConfigError(f'the function "{self._pool.name}" cannot be used: {error}') from None

    def rest(self) -> None:
        """End its processes: other rules have taken over, and those that still look start one for each text."""
        self._pool.rest()

    def find(self, text: str) -> list[Finding]:
        """Raises FunctionFailed."""
        if len(text) > LONGEST:
            raise FunctionFailed(f"the text is too long for a function, over {LONGEST:,} characters")
        until = time.monotonic() + self._deadline
        worker = self._pool.take(until)
        try:
            answer = worker.ask(json.dumps(text).encode(), time.monotonic() + self._deadline)
        except BaseException:
            self._pool.drop(worker)
            raise
        self._pool.give(worker)
        return _findings(answer, len(text), self.label)

    def open_from(self, text: str) -> int:
        return 0


def _version(point: EntryPoint) -> str:
    return f"{point.dist.name}-{point.dist.version}:{point.value}" if point.dist else point.value


def _findings(answer: Any, size: int, label: str) -> list[Finding]:
    if "found" not in answer:
        raise FunctionFailed(f"it raised {str(answer.get('failed'))[:60]}")
    found: list[Finding] = []
    for each in cast("list[Any]", answer["found"])[: FINDINGS + 1]:
        match each:
            case [int(start), int(end)]:
                name = label
            case [int(start), int(end), str(name)] if re.fullmatch(r"[A-Z][A-Z0-9_]{0,47}", name):
                pass
            case _:
                raise FunctionFailed("it gave something that is no (start, end) or (start, end, LABEL)")
        if not 0 <= start < end <= size:
            raise FunctionFailed("it gave a span outside the text")
        found.append(Finding(start, end, name))
    if len(found) > FINDINGS:
        raise FunctionFailed(f"it gave more than {FINDINGS} spans")
    return sorted(found, key=lambda finding: finding.start)


class _Pool:
    """The processes of one function. They end with it."""

    def __init__(self, name: str, megabytes: int) -> None:
        self.name = name
        self._megabytes = megabytes
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._free = threading.Semaphore(PROCESSES)
        self.resting = False
        """Whether a process ends when it has answered."""

    def take(self, until: float) -> "_Worker":
        """A process that nobody else has. Raises OutOfTime when there is none until then, FunctionFailed."""
        if not self._free.acquire(timeout=max(0.0, until - time.monotonic())):
            raise OutOfTime("all its processes were busy")
        try:
            while True:
                try:
                    worker = self._idle.get_nowait()
                except queue.Empty:
                    return _Worker(self.name, self._megabytes)
                if worker.alive:
                    return worker
        except BaseException:
            self._free.release()
            raise

    def give(self, worker: "_Worker") -> None:
        if self.resting:
            worker.kill()
        else:
            self._idle.put(worker)
        self._free.release()

    def rest(self) -> None:
        self.resting = True
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().kill()

    def drop(self, worker: "_Worker") -> None:
        worker.kill()
        self._free.release()


class _Worker:
    """One process (python_worker.py)."""

    def __init__(self, name: str, megabytes: int) -> None:
        """Raises FunctionFailed when the function cannot be imported."""
        script = Path(__file__).with_name("python_worker.py")
        kept = {key: os.environ[key] for key in _KEPT if key in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(script), GROUP, name, str(megabytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            bufsize=0,
            start_new_session=True,
        )
        weakref.finalize(self, _end, self._process)
        assert self._process.stdin and self._process.stdout
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        for pipe in (self._in, self._out):
            os.set_blocking(pipe, False)
        try:
            said = self._read(time.monotonic() + START_SECONDS)
        except FunctionFailed:
            self.kill()
            raise
        if "ready" not in said:
            self.kill()
            raise FunctionFailed(f"its import raised {str(said.get('failed'))[:60]}")

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        _end(self._process)

    def ask(self, message: bytes, until: float) -> Any:
        """Its answer to a message. Raises FunctionFailed; then the process must be dropped."""
        left = memoryview(len(message).to_bytes(4, "big") + message)
        while left:
            self._wait(self._in, selectors.EVENT_WRITE, until)
            try:
                left = left[os.write(self._in, left) :]
            except BlockingIOError:
                continue
            except OSError:
                raise FunctionFailed("its process ended") from None
        return self._read(until)

    def _read(self, until: float) -> Any:
        size = int.from_bytes(self._exactly(4, until), "big")
        if size > ANSWER_BYTES:
            raise FunctionFailed("its answer is too large")
        return json.loads(self._exactly(size, until))

    def _exactly(self, size: int, until: float) -> bytes:
        got = b""
        while len(got) < size:
            self._wait(self._out, selectors.EVENT_READ, until)
            try:
                more = os.read(self._out, size - len(got))
            except BlockingIOError:
                continue
            if not more:
                raise FunctionFailed("its process ended")
            got += more
        return got

    def _wait(self, pipe: int, event: int, until: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, event)
            if not selector.select(max(0.0, until - time.monotonic())):
                raise OutOfTime("it was ended at its deadline (deadline_ms)")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and wait for it; its pipes are closed."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
