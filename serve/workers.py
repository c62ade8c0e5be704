"""Several processes behind one socket, watched over by uvicorn. A signal to them all is a signal to each."""

import logging
import os
import signal
import threading
import time
from inspect import signature
from pathlib import Path
from socket import socket
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from ..engine.errors import ConfigError
from ..governance.together import fold

log = logging.getLogger("tidegate")

STARTUP_FAILURE = 3
"""uvicorn's exit code for a process that did not come to serve."""
AGAIN_SECONDS = 10.0
"""Until a process that could not take the place of a dead one is tried again."""
START_SECONDS = 120.0
"""In which a process need not answer uvicorn's pings: on a busy machine it takes long to load."""


class Workers(Multiprocess):
    """Restarts a process that dies. On SIGHUP uvicorn would start new processes, whose rules nobody has tested."""

    def __init__(
        self, config: uvicorn.Config, listening: socket, *, hangup: bool, serving: threading.Event, beside: Path
    ) -> None:
        """`hangup`: the processes know what SIGHUP means. `serving` is set once one of them has started. `beside`: the
        folder in which they count."""
        older: dict[str, Any] = {}
        if "target" in signature(Multiprocess).parameters:  # before uvicorn 0.52
            older["target"] = uvicorn.Server(config).run
        super().__init__(config, sockets=[listening], **older)
        self._listening = listening
        self._hangup = hangup
        self._serving = serving
        self._beside = beside
        self._again: float | None = None
        """When processes that could not start are tried again."""
        self._given_up = False
        self._born: dict[int | None, float] = {}

    def handle_hup(self) -> None:
        """Each process reads its rules again, tests them, and keeps the old ones if anything is wrong."""
        for each in self.processes if self._hangup else ():
            if each.process.is_alive() and each.process.pid is not None:
                os.kill(each.process.pid, signal.SIGHUP)

    def keep_subprocess_alive(self) -> None:
        """A process that dies, or hangs, is replaced. If the new one cannot start, as when rule files have changed into
        what the running ones have refused, these serve on, and it is tried again: uvicorn would stop them all."""
        if self.should_exit.is_set():
            return
        dead = [each for each in self.processes if not self._lives(each)]
        for each in dead:
            self._born.pop(each.pid, None)
            each.kill()
            each.join()
        fold(self._beside, {each.pid for each in self.processes if each not in dead})
        failed = [each for each in dead if each.process.exitcode == STARTUP_FAILURE]
        if failed and not (self._serving.is_set() and len(dead) < len(self.processes)):
            self._given_up = True
            self.should_exit.set()
            return
        if len(dead) > len(failed):
            log.error("%d of %d processes died and are replaced", len(dead) - len(failed), len(self.processes))
        waiting = failed if self._wait(len(failed)) else []
        self.processes = [each for each in self.processes if each not in dead] + waiting
        # How a process is made differs between versions of uvicorn, and only this makes some.
        several, self.processes_num = self.processes_num, len(dead) - len(waiting)
        self.init_processes()
        self.processes_num = several

    def terminate_all(self) -> None:
        """Each process closes its socket; while this one kept its own, who connects would wait for nobody."""
        self._listening.close()
        super().terminate_all()

    def _lives(self, each: Any) -> bool:
        born = self._born.setdefault(each.pid, time.monotonic())
        return bool(each.process.is_alive() if time.monotonic() < born + START_SECONDS else each.is_alive())

    def _wait(self, failed: int) -> bool:
        """Whether processes that could not start are still to be left alone."""
        if not failed:
            self._again = None
        elif self._again is None:
            self._again = time.monotonic() + AGAIN_SECONDS
            log.error(
                "%d of %d processes cannot start; the others serve on, and it is tried again every %.0f s",
                *(failed, len(self.processes), AGAIN_SECONDS),
            )
        elif time.monotonic() >= self._again:
            self._again = None
        return self._again is not None

    def run(self) -> None:
        """Until told to stop. Raises ConfigError when no process can start."""
        super().run()
        if self._given_up:
            raise ConfigError("the gate did not start; the log above says why")
