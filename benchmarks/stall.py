"""How long a large prompt keeps everybody else waiting: the longest stall of the gate's event loop.

    python -m benchmarks.stall [--kilobytes 1000]

A gate with every pack runs in this process, its model an application that answers at once. While a large prompt is
checked, a timer of one millisecond notes how late it comes. Prompts of ordinary prose, of code, of text full of
personal data, of base64, of digits in groups and of a table, each as one message and as a conversation of 200.

Rules that block flag here: they look at the same, and one that errs (a learned one took rows of numbers for an attack)
ends no request before all of it was looked at. Exits with 1 when a request is not answered all the same.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.handler import Request
from tidegate.engine.jsonio import dumps
from tidegate.guardrails.rules.compile import load_ruleset
from tidegate.guardrails.rules.load import packs
from tidegate.serve.build import build
from tidegate.serve.config.gate_yaml import Loaded, parse_config
from tidegate.serve.server import keep

CONFIG = "version: 1\nguardrails: {files: [rules.yaml]}\n"
RULES = "version: 1\ninclude: [{}]\noverrides: [{{rules: [{}], action: flag}}]\n"
ANSWER = {
    "id": "1", "object": "chat.completion", "created": 1, "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Noted."}, "finish_reason": "stop"}],
}  # fmt: skip
PROSE = "The harbour at {0} was quiet that morning, and the {0} boats that had come in overnight lay side by side. "
DATA = "Customer {0}: Jan Kowalski, jan{0}@example.com, +48 601 234 {1:03d}, 10.0.{2}.7, order {0}. "


async def answer(exchange: Exchange) -> Reply:
    return Reply.whole(200, dumps(ANSWER), [("content-type", "application/json")])


def prose(size: int) -> str:
    return "".join(PROSE.format(at) for at in range(size // len(PROSE) + 1))[:size]


def code(size: int) -> str:
    root = Path(__file__).parent.parent
    text = "".join(path.read_text("utf-8") for path in sorted((root / "engine").rglob("*.py")))
    return (text * (size // len(text) + 1))[:size]


def data(size: int) -> str:
    return "".join(DATA.format(at, at % 1000, at % 250) for at in range(size // len(DATA) + 1))[:size]


def base64(size: int) -> str:
    return b64encode(random.Random(1).randbytes(size)).decode()[:size]


def digits(size: int) -> str:
    rng = random.Random(2)
    return " ".join(f"{rng.randrange(10_000):04}" for _ in range(size // 5 + 1))[:size]


def table(size: int) -> str:
    rng = random.Random(3)
    rows = (f"{rng.randrange(10**6)},{rng.randrange(10**9)},{rng.random() * 1000:.2f}\n" for _ in range(size // 16 + 1))
    return "".join(rows)[:size]


async def late(stalls: list[float]) -> None:
    """Note by how many ms a pause of 1 ms was too long."""
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(0.001)
        stalls.append((time.perf_counter() - begun) * 1000 - 1)


PROMPTS = {
    "prose": prose, "code": code, "personal data": data, "base64": base64, "digits": digits, "table": table,
}  # fmt: skip


async def measure(handle: Callable[[Request], Awaitable[Any]], messages: list[str]) -> tuple[float, float, int]:
    """The longest stall and the whole time, both in ms, and the status."""
    body = dumps({"model": "m", "messages": [{"role": "user", "content": text} for text in messages]})
    stalls: list[float] = []
    watching = asyncio.create_task(late(stalls))
    await asyncio.sleep(0.02)
    stalls.clear()
    begun = time.perf_counter()
    found = await handle(Request("POST", "/v1/chat/completions", {"content-type": "application/json"}, body))
    took = (time.perf_counter() - begun) * 1000
    await asyncio.sleep(0.02)
    watching.cancel()
    await found.aclose()
    return max(stalls), took, found.status


def configured(folder: Path) -> Loaded:
    """A gate with every pack, whose rules look at all of a request: none ends it."""
    named = [f"pack:{name}" for name in packs()]
    blocking = [rule.id for rule in load_ruleset(named, folder).rules if rule.action == "block"]
    quoted = (", ".join(f"'{each}'" for each in some) for some in (named, blocking))
    (folder / "rules.yaml").write_text(RULES.format(*quoted), "utf-8")
    return parse_config(CONFIG, file="bench", folder=folder)


async def run(size: int, prompts: Mapping[str, Callable[[int], str]] = PROMPTS) -> list[str]:
    """Measure, and print each case. What was not answered with 200, in words."""
    with tempfile.TemporaryDirectory() as folder:
        parts = build(configured(Path(folder)), upstream=answer)
        await parts.start()
        keep()
        try:
            await measure(parts.handler.handle, ["Hello."])
            print(f"{'':32}{'longest stall':>16}{'whole request':>16}{'status':>8}")
            told = [await case(parts.handler.handle, name, make(size)) for name, make in prompts.items()]
        finally:
            await parts.aclose()
    return [each for some in told for each in some]


async def case(handle: Callable[[Request], Awaitable[Any]], name: str, text: str) -> list[str]:
    """A text as one message, and as 200."""
    step, refused = len(text) // 200, list[str]()
    for shape, messages in (
        ("one message", [text]),
        ("200 messages", [text[at : at + step] for at in range(0, len(text), step)]),
    ):
        salted = [[f"{turn} {each}" for each in messages] for turn in range(3)]  # none is known from before
        found = [await measure(handle, each) for each in salted]
        stall = max(each[0] for each in found)
        took = statistics.median(each[1] for each in found)
        status = next((each[2] for each in found if each[2] != 200), 200)
        print(f"{f'{name}, {shape}':32}{stall:13.1f} ms{took:13.0f} ms{status:8}", flush=True)
        if status != 200:
            refused.append(f"{name}, {shape}: {status}, so that less than the request was measured")
    return refused


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--kilobytes", type=int, default=1000)
    refused = asyncio.run(run(parser.parse_args().kilobytes * 1000))
    for each in refused:
        print(each)
    return int(bool(refused))


if __name__ == "__main__":
    sys.exit(main())
