"""uvicorn with uvloop and httptools, and the gate's app in it."""

import contextlib
import gc
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

import uvicorn

from ..engine.door import Door
from ..engine.errors import ConfigError
from .config import load_config
from .gate import Gate
from .protocol import Protocol
from .terminal import say_logs
from .workers import Workers

log = logging.getLogger("tidegate")
_ENV = "TIDEGATE_CONFIG"
_LOOK_SECONDS = 0.05


def options(host: str, port: int) -> dict[str, Any]:
    """What every uvicorn of ours runs with."""
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
        "log_level": "warning",
        "timeout_keep_alive": 75,
        "timeout_graceful_shutdown": 20,
        "backlog": 2048,
    }


def run(config: Path, *, host: str | None, port: int | None, workers: int, as_json: bool) -> None:
    """Serve until told to stop. Raises ConfigError before the socket is opened."""
    loaded = load_config(config)
    gate = Gate(loaded)  # before anything listens, so that what is wrong is said at once
    door = gate.app()
    keep()
    where = options(host or loaded.config.listen.host, port if port is not None else loaded.config.listen.port)
    if workers > 1 and loaded.config.guardrails.vault:
        raise loaded.error(
            "masked values of conversations are kept by one process",
            ("guardrails", "vault"),
            hint="--workers 1, or no vault",
        )
    listening = bind(where["host"], where["port"])
    bound = listening.getsockname()
    threading.Thread(target=_say, args=(bound, workers, as_json), daemon=True).start()
    if workers > 1:
        os.environ[_ENV] = str(config.resolve())
        several = uvicorn.Config("tidegate.serve.server:worker", factory=True, workers=workers, **where)
        Workers(several, listening, hangup=loaded.config.guardrails.reload != "off").run()
        return
    _deaf()
    server = uvicorn.Server(uvicorn.Config(door, **where))
    with contextlib.suppress(SystemExit):  # uvicorn's way out when the app does not start
        server.run(sockets=[listening])
    if not server.started:
        raise ConfigError("the gate did not start; the log above says why")


def _say(bound: tuple[Any, ...], workers: int, as_json: bool) -> None:
    """Tell the address once somebody answers there: whoever reads it may ask at once."""
    host, port = bound[:2]
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    while True:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as asking:
            asking.settimeout(1.0)
            if asking.connect_ex((near, *bound[1:])) == 0:  # with the link of an address that has one
                break
        time.sleep(_LOOK_SECONDS)  # a socket listens when the models are loaded, and not before
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    if as_json:
        print(json.dumps({"address": address}), flush=True)
    else:
        log.info("serving on %s%s (stop with Ctrl-C)", address, f" with {workers} processes" if workers > 1 else "")


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ConfigError when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}", hint="try --port") from None
    return listening


def worker() -> Door:
    """The app of one of several processes."""
    say_logs()
    _deaf()
    door = Gate.from_config(os.environ[_ENV]).app()
    keep()
    return door


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
