"""One process and several: what one does at SIGHUP and at a failed start holds for them all."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx2
import pytest

from tidegate.engine.errors import ConfigError
from tidegate.serve import server
from tidegate.serve.server import Address, bind

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there is no SIGHUP")

RULE = "version: 1\nrules: [{id: a, detect: {keywords: [%s]}, action: block, tests: [{text: %s, expect: block}]}]\n"
GATE = """version: 1
providers: {up: {kind: openai, base_url: "http://127.0.0.1:9/v1", api_key: kkkkkkkkkkkkkkkkkkkk}}
guardrails: {files: [r.yaml], reload: "%s"}
"""
COMMAND = [sys.executable, "-m", "tidegate.serve.cli", "serve", "--port", "0", "--json", "--workers"]


@contextmanager
def serving(
    folder: Path, reload: str, workers: str = "2", stderr: IO[str] | int = subprocess.DEVNULL
) -> Generator[tuple[str, Callable[[], None]]]:
    """The address of some processes, and what sends SIGHUP to the first, which minds the others."""
    (folder / "gate.yaml").write_text(GATE % reload)
    (folder / "r.yaml").write_text(RULE % ("falcon", "falcon"))
    with subprocess.Popen(
        [*COMMAND, workers],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env={**os.environ, "NO_COLOR": "1"},
    ) as process:
        try:
            assert process.stdout is not None
            url = json.loads(process.stdout.readline())["address"]
            assert until(lambda: count(url) == int(workers)) and blocks(url, "falcon")
            yield url, lambda: process.send_signal(signal.SIGHUP)
        finally:
            process.terminate()
            process.wait(30)


def until(holds: Callable[[], bool], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.2)
    return False


def count(url: str, name: str = "tidegate_processes") -> float:
    """What all processes together have counted, whichever of them tells: at first how many serve."""
    text = httpx2.get(url + "/metrics", timeout=5).text
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if re.match(rf"{name}[{{ ]", line))


def blocks(url: str, word: str) -> bool:
    """Whether a rule stops it, whichever process is asked."""
    body = {"model": "m", "messages": [{"role": "user", "content": word}]}
    try:
        said = [httpx2.post(url + "/v1/chat/completions", json=body, timeout=5).status_code for _ in range(6)]
    except httpx2.TransportError:
        return False
    return set(said) == {400}


def test_sighup_has_each_process_test_its_new_rules_first(tmp_path: Path) -> None:
    with serving(tmp_path, "signal") as (url, hang_up):
        (tmp_path / "r.yaml").write_text(RULE % ("swift", "heron"))
        hang_up()
        assert not until(lambda: not blocks(url, "falcon"), 2.0), "the new rules fail their own test"
        (tmp_path / "r.yaml").write_text(RULE % ("heron", "heron"))
        hang_up()
        assert until(lambda: blocks(url, "heron"))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_sighup_changes_nothing_where_rules_are_never_read_again(tmp_path: Path, workers: str) -> None:
    with serving(tmp_path, "off", workers) as (url, hang_up):
        (tmp_path / "r.yaml").write_text(RULE % ("heron", "heron"))
        hang_up()
        assert not until(lambda: not blocks(url, "falcon"), 2.0)


def test_processes_that_cannot_start_are_a_failure(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(RULE % ("falcon", "falcon"))
    (tmp_path / "gate.yaml").write_text(GATE % "off" + "log: {store: 'sqlite:r.yaml/log.db'}\n")
    done = subprocess.run([*COMMAND, "2"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and "the gate did not start" in done.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_address_is_told_when_somebody_answers_there(tmp_path: Path, workers: str) -> None:
    (tmp_path / "r.yaml").write_text(RULE % ("falcon", "falcon"))
    (tmp_path / "gate.yaml").write_text(GATE % "off")
    with subprocess.Popen([*COMMAND, workers], cwd=tmp_path, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            url = json.loads(process.stdout.readline())["address"]
            assert httpx2.get(url + "/readyz", timeout=20).status_code == 200
        finally:
            process.terminate()
            process.wait(30)


def test_each_process_says_what_it_does_and_when(tmp_path: Path) -> None:
    with (tmp_path / "err").open("w") as err, serving(tmp_path, "signal", stderr=err) as (url, hang_up):
        (tmp_path / "r.yaml").write_text(RULE % ("heron", "heron"))
        hang_up()
        assert until(lambda: blocks(url, "heron"))
        said = (tmp_path / "err").read_text()
        assert until(lambda: (tmp_path / "err").read_text().count("new rules are in force") == 2), said
        assert "INFO" in said


def test_an_address_that_another_gate_listens_at_is_not_told() -> None:
    """Both have bound it, as gates that start at once may, and the other one was the first to listen."""
    other = bind("127.0.0.1", 0)
    with other, bind("127.0.0.1", other.getsockname()[1]) as ours:
        stopped, address = threading.Event(), Address(ours, 1, True)
        address.watch(stopped.set)
        assert not stopped.wait(0.2) and not address.taken
        other.listen()
        assert stopped.wait(10) and address.taken and not address.told.is_set()


CHILDREN = "/proc/{pid}/task/{pid}/children"


@pytest.mark.skipif(not Path(CHILDREN.format(pid=os.getpid())).exists(), reason="needs /proc")
def test_the_processes_left_serve_on_where_a_dead_one_cannot_be_replaced(tmp_path: Path) -> None:
    """They have refused the new rules, and a new process has no old ones. All have the `gate.yaml` of the first."""
    (tmp_path / "r.yaml").write_text(RULE % ("falcon", "falcon"))
    command = [*COMMAND, "2", "--config", "/dev/stdin"]
    with (
        (tmp_path / "err").open("w") as err,
        subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err) as process,
    ):
        try:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write((GATE % "changes").encode())
            process.stdin.close()
            url = json.loads(process.stdout.readline())["address"]
            assert until(lambda: count(url) == 2)
            assert blocks(url, "falcon")
            (tmp_path / "r.yaml").write_text("version: [")
            assert until(lambda: said(tmp_path).count("the rules stay as they were") == 2)
            asked = "tidegate_requests_total"
            assert until(lambda: count(url, asked) == 6)
            os.kill(workers_of(process.pid)[0], signal.SIGKILL)
            assert until(lambda: "1 of 2 processes cannot start" in said(tmp_path))
            assert blocks(url, "falcon") and "Traceback" not in said(tmp_path)
            assert until(lambda: (count(url), count(url, asked)) == (1, 12)), "what a dead process counted, stays"
            (tmp_path / "r.yaml").write_text(RULE % ("heron", "heron"))
            assert until(lambda: count(url) == 2 and blocks(url, "heron"), 60.0), said(tmp_path)
            assert all(
                re.match(r"\d{4}-\d\d-\d\dT[\d:]+[+-]\d{4} [A-Z]+ ", line) for line in said(tmp_path).splitlines()
            )
        finally:
            process.terminate()
            assert process.wait(30) == 0


@pytest.mark.skipif(not Path(CHILDREN.format(pid=os.getpid())).exists(), reason="needs /proc")
def test_processes_are_added_and_taken_away_and_end_with_the_first(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(RULE % ("falcon", "falcon"))
    (tmp_path / "gate.yaml").write_text(GATE % "off")
    with subprocess.Popen([*COMMAND, "2"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["address"]
        assert until(lambda: count(url) == 2)
        for asked, several in ((signal.SIGTTIN, 3), (signal.SIGTTOU, 2)):
            process.send_signal(asked)
            assert until(lambda several=several: count(url) == several), asked
        pids = workers_of(process.pid)
        process.kill()
        process.wait()
        assert len(pids) == 2 and until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def test_without_a_folder_to_count_in_the_error_is_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object, **__: object) -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "mkdtemp", none)
    with pytest.raises(ConfigError, match="no folder for temporary files: No usable"):
        server._counted()


def said(folder: Path) -> str:
    return (folder / "err").read_text()


def workers_of(pid: int) -> list[int]:
    children = map(int, Path(CHILDREN.format(pid=pid)).read_text().split())
    return [each for each in children if "spawn_main" in Path(f"/proc/{each}/cmdline").read_text()]
