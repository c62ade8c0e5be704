"""Several processes behind one socket, watched over by uvicorn. A signal to them all is a signal to each."""

import os
import signal
from inspect import signature
from socket import socket
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from ..engine.errors import ConfigError

STARTUP_FAILURE = 3
"""uvicorn's exit code for a process that did not come to serve."""


class Workers(Multiprocess):
    """Restarts a process that dies. On SIGHUP uvicorn would start new processes, whose rules nobody has tested."""

    def __init__(self, config: uvicorn.Config, listening: socket, *, hangup: bool) -> None:
        """`hangup`: the processes know what SIGHUP means."""
        older: dict[str, Any] = {}
        if "target" in signature(Multiprocess).parameters:  # before uvicorn 0.52
            older["target"] = uvicorn.Server(config).run
        super().__init__(config, sockets=[listening], **older)
        self._hangup = hangup

    def handle_hup(self) -> None:
        """Each process reads its rules again, tests them, and keeps the old ones if anything is wrong."""
        for each in self.processes if self._hangup else ():
            if each.process.is_alive() and each.process.pid is not None:
                os.kill(each.process.pid, signal.SIGHUP)

    def run(self) -> None:
        """Until told to stop. Raises ConfigError when a process cannot start."""
        super().run()
        if any(each.process.exitcode == STARTUP_FAILURE for each in self.processes):
            raise ConfigError("the gate did not start; the log above says why")
