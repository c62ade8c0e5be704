"""What a gate with the example configuration takes at rest: python -m benchmarks.idle [--json].

Seconds from starting the process to `/readyz`, and resident memory after ten seconds of rest, the embedded model's own
process apart.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from .overhead import free_port

EXAMPLE = Path(__file__).parent.parent / "serve" / "example"


def resident_mb(pid: int) -> float:
    """Resident set size in MB, from /proc."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def children(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout
    return [int(line) for line in found.split()]


def ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as reply:
            return bool(json.load(reply)["ready"])
    except (OSError, urllib.error.URLError):
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description="A gate at rest.")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
        port = free_port()
        begun = time.perf_counter()
        command = [sys.executable, "-m", "tidegate.serve.cli", "serve", "--port", str(port)]
        gate = subprocess.Popen(command, cwd=folder, env=dict(os.environ))
        try:
            while not ready(port):
                if gate.poll() is not None or time.perf_counter() - begun > 120:
                    raise SystemExit("the gate did not become ready")
                time.sleep(0.02)
            seconds = time.perf_counter() - begun
            time.sleep(10)
            figures = {
                "ready_s": round(seconds, 2),
                "gate_mb": round(resident_mb(gate.pid)),
                "model_process_mb": round(sum(map(resident_mb, children(gate.pid)))),
            }
        finally:
            gate.terminate()
            gate.wait(30)
    print(json.dumps(figures) if options.json else "\n".join(f"{name:18} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
