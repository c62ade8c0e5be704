"""The child of python.py: one function, texts in, spans out. Only the standard library; run as a file.

    python -P python_worker.py GROUP NAME MEGABYTES

Messages are JSON behind their length, four bytes, big-endian, on what were standard input and output; these are closed
to the function, so that nothing that it prints is taken for an answer. It ends with its input.
"""

import json
import os
import resource
import sys
import threading
import time
from importlib.metadata import entry_points
from typing import Any


def main() -> None:
    group, name, megabytes = sys.argv[1:]
    asked, said = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    try:
        function: Any = next(iter(entry_points(group=group, name=name))).load()
        _bound(int(megabytes))
    except BaseException as error:
        _say(said, {"failed": type(error).__name__})
        return
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()
    _say(said, {"ready": True})
    while head := asked.read(4):
        text = json.loads(asked.read(int.from_bytes(head, "big")))
        try:
            _say(said, {"found": [list(each) for each in function(text)]})
        except Exception as error:  # its kind alone: the message may hold the text
            _say(said, {"failed": type(error).__name__})


def _watch(parent: int) -> None:
    """End when the gate has: a function that never returns would not see the end of its input."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


def _bound(megabytes: int) -> None:
    """What may be taken from here on, beyond what the function's modules take already; no core file with texts."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    taken = 0
    if os.path.exists("/proc/self/statm"):  # noqa: PTH110
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            taken = int(file.read().split()[0]) * resource.getpagesize()
    bound = taken + megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))


def _say(to: Any, value: Any) -> None:
    raw = json.dumps(value).encode()
    to.write(len(raw).to_bytes(4, "big") + raw)
    to.flush()


if __name__ == "__main__":
    main()
