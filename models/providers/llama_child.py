"""The process in which the embedded model runs: options as one JSON line on stdin, its address as one on stdout.

It serves on a loopback port of its own choice, and ends when stdin does, so that it never outlives its parent.
"""

import contextlib
import importlib
import json
import os
import signal
import sys
from typing import Any, TextIO

_LOG_ERRORS = 1
"""llama.cpp's verbosity: errors only, so that no request text is ever printed."""
_PROMPT_CACHE_MIB = 64
"""Memory for prompts already read, beside the slots' own; llama.cpp's default is 8 GiB."""


def main() -> None:
    """Load the model, say where it listens, wait for the end of stdin."""
    _die_with_parent()
    with os.fdopen(os.dup(1), "w") as answer:
        os.dup2(2, 1)  # whatever the library prints is log
        _serve(answer)


def _serve(answer: TextIO) -> None:
    options = json.loads(sys.stdin.buffer.readline())
    xllamacpp: Any = importlib.import_module("xllamacpp")  # has no types
    params = xllamacpp.CommonParams()
    params.model.path = options["model"]
    params.model_alias = {options["alias"]}
    params.api_keys = [options["key"]]
    params.n_ctx = options["n_ctx"]
    params.n_parallel = options["n_parallel"]
    params.kv_unified = True  # one pool: any one conversation may use all of n_ctx
    params.cpuparams.n_threads = options["threads"]
    params.cache_ram_mib = _PROMPT_CACHE_MIB
    params.verbosity = _LOG_ERRORS
    params.warmup = False
    params.ui = False
    params.endpoint_slots = False  # shows running prompts
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    try:
        server = xllamacpp.Server(params)
    except RuntimeError as error:
        sys.exit(str(error))
    answer.write(json.dumps({"address": server.listening_address}) + "\n")
    answer.flush()
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)  # without waiting for answers that nobody will read


def _die_with_parent() -> None:
    """Ask Linux for SIGKILL when the parent goes: the end of stdin can be late if a fork of it holds the pipe open."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1 = PR_SET_PDEATHSIG, linux/prctl.h


if __name__ == "__main__":
    main()
