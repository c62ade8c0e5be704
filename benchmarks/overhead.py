"""What the gate adds to a call: `make bench`, or python -m benchmarks.overhead [--requests N] [--json].

A mock upstream and one gate for each configuration run as processes of their own. Direct and gated requests take turns
on keep-alive connections, so that both see the same machine; throughput is measured at 1 and at 32 connections. Each
kind of answer is checked by its headers, and the share that was of that kind is printed.
"""

import argparse
import asyncio
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .client import Client, Got

PLACES = [
    "France",
    "Spain",
    "Italy",
    "Portugal",
    "Germany",
    "Austria",
    "Poland",
    "Greece",
    "Norway",
    "Sweden",
    "Finland",
    "Denmark",
    "Iceland",
    "Ireland",
    "Hungary",
    "Romania",
    "Bulgaria",
    "Croatia",
    "Serbia",
    "Albania",
    "Estonia",
    "Latvia",
    "Lithuania",
    "Ukraine",
    "Turkey",
    "Egypt",
    "Morocco",
    "Kenya",
    "Ghana",
    "Nigeria",
    "Ethiopia",
    "Senegal",
    "Angola",
    "Zambia",
    "Malawi",
    "Uganda",
    "Japan",
    "China",
    "India",
    "Nepal",
    "Thailand",
    "Vietnam",
    "Laos",
    "Malaysia",
    "Indonesia",
    "Mongolia",
    "Peru",
    "Chile",
    "Bolivia",
    "Brazil",
    "Uruguay",
    "Paraguay",
    "Colombia",
    "Ecuador",
    "Venezuela",
    "Mexico",
    "Cuba",
    "Jamaica",
    "Canada",
    "Panama",
]
ASKED = "What is the capital of {}?"
REWORDED = "Can you tell me what the capital of {} is?"

PLAIN = "version: 1\nproviders: {{up: {{kind: openai, base_url: 'http://127.0.0.1:{port}/v1', api_key: bench}}}}\n"
GUARDS = PLAIN + "guardrails: {{files: ['pack:pii', 'pack:secrets', 'pack:injection']}}\n"
# Without audits: each stores the model's own answer, and the next time the hit is an exact one.
ALL = GUARDS + "cache: {{mode: semantic, store: 'sqlite:cache.db', audit: 0}}\n"


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    config: str
    ask: Callable[[int], str]
    is_kind: Callable[[Got], bool]


def _cache(got: Got) -> str:
    return got.headers.get("cache-status", "")


def _unique(i: int) -> str:
    return f"How does the {PLACES[i % 60]} office number {i} handle orders of kind {i * 7919 % 10007}?"


CASES = (
    Case("pass-through", PLAIN, lambda i: ASKED.format(PLACES[i % 60]), lambda got: got.status == 200),
    Case(
        "guards on",
        GUARDS,
        lambda i: ASKED.format(PLACES[i % 60]),
        lambda got: "pass" in got.headers["x-tidegate-guard"],
    ),
    Case("exact hit", ALL, lambda i: ASKED.format(PLACES[i % 60]), lambda got: "detail=exact" in _cache(got)),
    Case("semantic hit", ALL, lambda i: REWORDED.format(PLACES[i % 60]), lambda got: "detail=semantic" in _cache(got)),
    Case("semantic miss", ALL, _unique, lambda got: "fwd=miss" in _cache(got)),
)


def _body(text: str) -> dict[str, Any]:
    system = {"role": "system", "content": "Answer in one sentence."}
    return {"model": "mock", "messages": [system, {"role": "user", "content": text}], "temperature": 0}


@contextmanager
def process(arguments: list[str], port: int, folder: Path) -> Iterator[None]:
    """A server in a process of its own, up once its port answers."""
    said = (folder / "said.txt").open("w")
    started = subprocess.Popen([sys.executable, *arguments], cwd=folder, stderr=said)
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if started.poll() is not None:
                raise SystemExit(f"{arguments} ended with {started.returncode}: {(folder / 'said.txt').read_text()}")
            time.sleep(0.05)
        yield
    finally:
        started.terminate()
        started.wait(10)
        said.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def latency(case: Case, direct: int, gated: int, requests: int) -> dict[str, float]:
    """p50 and p99 in ms, direct and through the gate, the two in turn."""
    ours, theirs = Client(gated), Client(direct)
    for i in range(60):  # warm up both; for hits this fills the cache
        await theirs.post(_body(ASKED.format(PLACES[i])))
        await ours.post(_body(ASKED.format(PLACES[i])))
    await asyncio.sleep(1.0)  # vectors of new entries are made after the reply
    through: list[float] = []
    straight: list[float] = []
    kind = 0
    for i in range(requests):
        straight.append((await theirs.post(_body(case.ask(i)))).ms)
        got = await ours.post(_body(case.ask(i)))
        through.append(got.ms)
        kind += case.is_kind(got)
    await ours.close()
    await theirs.close()
    a, b = statistics.quantiles(straight, n=100), statistics.quantiles(through, n=100)
    return {
        "direct_p50": a[49], "direct_p99": a[98], "gate_p50": b[49], "gate_p99": b[98],
        "added_p50": b[49] - a[49], "added_p99": b[98] - a[98], "of_kind": kind / requests,
    }  # fmt: skip


async def throughput(case: Case, port: int, connections: int, seconds: float, first: int) -> float:
    """Requests a second with `connections` at once."""
    done = 0
    until = time.perf_counter() + seconds
    numbers = iter(range(first, first + 10**9))

    async def one() -> None:
        nonlocal done
        client = Client(port)
        while time.perf_counter() < until:
            await client.post(_body(case.ask(next(numbers))))
            done += 1
        await client.close()

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    return done / (time.perf_counter() - begun)


async def measure(case: Case, direct: int, gated: int, requests: int, seconds: float) -> dict[str, float]:
    figures = await latency(case, direct, gated, requests)
    for n in (1, 32):
        straight = await throughput(case, direct, n, seconds, 10**6 * n)
        through = await throughput(case, gated, n, seconds, 10**6 * n)
        figures |= {f"direct_rps_{n}": straight, f"gate_rps_{n}": through, f"rps_ratio_{n}": through / straight}
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--requests", type=int, default=600)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each throughput figure")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        upstream = free_port()
        with process([str(Path(__file__).with_name("mock.py")), str(upstream)], upstream, here):
            for case in CASES:
                (here / "gate.yaml").write_text(case.config.format(port=upstream))
                (here / "cache.db").unlink(missing_ok=True)
                port = free_port()
                with process(["-m", "tidegate.serve.cli", "serve", "--port", str(port)], port, here):
                    work = measure(case, upstream, port, options.requests, options.seconds)
                    results[case.name] = asyncio.run(work)
    print(json.dumps(results, indent=1)) if options.json else _print(results)


def _print(results: dict[str, dict[str, float]]) -> None:
    print(
        f"{'':14} {'added ms':>16} {'ratio to direct':>16} {'req/s, 1 conn':>20} {'req/s, 32 conns':>20} {'of kind':>8}"
    )
    print(f"{'':14} {'p50':>8}{'p99':>8} {'p50':>8}{'p99':>8} {'gate':>10}{'ratio':>10} {'gate':>10}{'ratio':>10}")
    for name, f in results.items():
        ratios = f"{f['gate_p50'] / f['direct_p50']:8.2f}{f['gate_p99'] / f['direct_p99']:8.2f}"
        rates = f"{f['gate_rps_1']:10.0f}{f['rps_ratio_1']:10.2f} {f['gate_rps_32']:10.0f}{f['rps_ratio_32']:10.2f}"
        print(f"{name:14} {f['added_p50']:8.2f}{f['added_p99']:8.2f} {ratios} {rates} {f['of_kind']:8.0%}")


if __name__ == "__main__":
    main()
