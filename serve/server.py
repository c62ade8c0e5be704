"""uvicorn with uvloop and httptools, and the gate's app in it."""

import asyncio
import contextlib
import functools
import gc
import json
import logging
import math
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from ..engine.door import Door
from ..engine.errors import ConfigError
from .commands.terminal import say_logs
from .config.gate_yaml import Source, read_config
from .gate import Gate
from .protocol import Protocol
from .reach import lent_to_anybody
from .workers import STARTUP_FAILURE, Workers

log = logging.getLogger("tidegate")
_LOOK_SECONDS = 0.05


def options(host: str, port: int, grace: float = 20.0) -> dict[str, Any]:
    """What every uvicorn of ours runs with. `grace`: seconds for what is under way when it is told to stop."""
    return {
        "host": host,
        "port": port,
        "loop": "uvloop" if sys.platform != "win32" else "asyncio",
        "http": Protocol,
        "ws": "none",
        "lifespan": "on",
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "log_config": None,  # its words are told like ours, see say_logs
        "log_level": "warning",
        "timeout_keep_alive": 75,
        "timeout_graceful_shutdown": math.ceil(grace),
        "backlog": 2048,
    }


def run(config: Path, *, host: str | None, port: int | None, workers: int, as_json: bool) -> None:
    """Serve until told to stop. Raises ConfigError before the socket is opened."""
    source = read_config(config)
    loaded = source.load()
    gate = Gate(loaded)  # before anything listens, so that what is wrong is said at once
    door = gate.app()
    keep()
    listen = loaded.config.listen
    where = options(host or listen.host, port if port is not None else listen.port, listen.grace)
    if workers > 1 and loaded.config.guardrails.vault:
        raise loaded.error(
            "masked values of conversations are kept by one process",
            ("guardrails", "vault"),
            hint="--workers 1, or no vault",
        )
    if lent := lent_to_anybody(loaded, where["host"]):
        told = (
            "whoever reaches %s is served with the gate's own credentials for %s: keys: {require: true} asks for a key"
        )
        log.warning(told, where["host"], ", ".join(lent))
    listening = bind(where["host"], where["port"])
    bound = listening.getsockname()
    logging.getLogger("uvicorn.error").addFilter(_worth_telling)
    address = Address(listening, workers, as_json)
    if workers > 1:
        with _counted() as folder:
            made = functools.partial(worker, source, Path(folder))
            several = uvicorn.Config(made, factory=True, workers=workers, **where)
            hangup = loaded.config.guardrails.reload != "off"
            processes = Workers(several, listening, hangup=hangup, serving=address.told, beside=Path(folder))
            address.watch(processes.should_exit.set)
            processes.run()
    else:
        _deaf()
        server = uvicorn.Server(uvicorn.Config(door, **where))
        address.watch(lambda: setattr(server, "should_exit", True))
        with contextlib.suppress(SystemExit):  # uvicorn's way out when the app does not start
            server.run(sockets=[listening])
        if not server.started and not address.taken:
            raise ConfigError("the gate did not start; the log above says why")
    if address.taken:
        raise _cannot_listen(where["host"], bound[1], "Address already in use")


def _counted() -> tempfile.TemporaryDirectory[str]:
    """A folder for what the processes count: in memory where there is such a place, which a container has even if it
    may write to no disk. Raises ConfigError."""
    memory = "/dev/shm"
    try:
        return tempfile.TemporaryDirectory(prefix="tidegate-", dir=memory if os.access(memory, os.W_OK) else None)
    except OSError as error:
        raise ConfigError(
            f"no folder for temporary files: {error.strerror}", hint="set TMPDIR, or --workers 1"
        ) from None


@dataclass(slots=True)
class Address:
    """Tells where the gate is once it listens there: whoever reads it may ask at once.

    Two who do not listen yet may bind one port, as gates that start at once do; of these the later one to listen
    cannot, and neither uvicorn nor uvloop says so.
    """

    listening: socket.socket
    workers: int
    as_json: bool
    told: threading.Event = field(default_factory=threading.Event)
    taken: bool = False
    """Somebody else listens there."""

    def watch(self, stop: Callable[[], None]) -> None:
        """On a thread, until one or the other is known. `stop` is called when the address is taken."""
        threading.Thread(target=self._watch, args=(stop,), daemon=True).start()

    def _watch(self, stop: Callable[[], None]) -> None:
        bound = self.listening.getsockname()
        while not _listens(self.listening):  # it does when the models are loaded, and not before
            if _answered(bound) and not _listens(self.listening):
                self.taken = True
                stop()
                return
            time.sleep(_LOOK_SECONDS)
        self.told.set()
        host, port = bound[:2]
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        if self.as_json:
            print(json.dumps({"address": address}), flush=True)
        else:
            several = f" with {self.workers} processes" if self.workers > 1 else ""
            log.info("serving on %s%s (stop with Ctrl-C)", address, several)


def _listens(listening: socket.socket) -> bool:
    return bool(listening.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def _answered(bound: tuple[Any, ...]) -> bool:
    """Whether somebody listens at an address: with the link of an address that has one."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bound[0], bound[0])
    with socket.socket(socket.AF_INET6 if ":" in bound[0] else socket.AF_INET) as asking:
        asking.settimeout(1.0)
        return asking.connect_ex((near, *bound[1:])) == 0


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ConfigError when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise _cannot_listen(host, port, str(error.strerror)) from None
    return listening


def _cannot_listen(host: str, port: int, why: str) -> ConfigError:
    return ConfigError(f"cannot listen on {host}:{port}: {why}", hint="try --port")


def worker(source: Source, beside: Path) -> Door:
    """The app of one of several processes: each has the configuration that the first one read, and all count in the
    folder `beside`.

    Ends the process, with a line in the log, where it cannot be made: rule files may have changed since.
    """
    say_logs()
    logging.getLogger("uvicorn.error").addFilter(_worth_telling)
    _deaf()
    threading.Thread(target=_end_with_parent, args=(beside,), daemon=True).start()
    try:
        door = Gate(source.load(), beside=beside).app()
    except ConfigError as error:
        log.error("%s", error)
        raise SystemExit(STARTUP_FAILURE) from None
    keep()
    return door


def _end_with_parent(beside: Path) -> None:
    """Where the first process is killed, nobody looks after the others, which would keep the port for ever, nor takes
    away the folder in which they count."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        shutil.rmtree(beside, ignore_errors=True)
        os.kill(os.getpid(), signal.SIGTERM)


def _worth_telling(record: logging.LogRecord) -> bool:
    """What is cut when the gate stops is told of in one line for all, not by a traceback for each."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def _deaf() -> None:
    """SIGHUP, which ends a process otherwise, does nothing until the gate listens for it, if it does."""
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def keep() -> None:
    """What is loaded stays loaded: a full garbage collection, in which nothing else runs, need not visit it.

    Without this one takes 40 ms and more, and a large prompt sets one off.
    """
    gc.collect()
    gc.freeze()
