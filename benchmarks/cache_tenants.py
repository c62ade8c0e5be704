"""Whether an answer ever reaches somebody it does not belong to.

    python -m benchmarks.cache_tenants [--operations 5000] [--stores memory sqlite redis stack] [--seed 1]

`stack` finds what is near on the server, where one that can is to be had.

Eight tenants ask one and the same few questions at the same time, through the cache stage, each in two namespaces and
two dialects and with a system prompt, tools, earlier turns and parameters that differ now and then; some answers are
purged on the way. The model's answer spells out who asked what, so that every reply can be told to be its asker's own.
Exits with 1 when one is not.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tidegate.cache.key import place
from tidegate.cache.stage import CacheStage
from tidegate.cache.stores import open_store
from tidegate.cache.verify import LexicalVerifier
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.exchange import Caller, Exchange, Reply
from tidegate.engine.ports import Vector

from .servers import Server, Unavailable

TENANTS = 8
SUBJECTS = ("France", "Spain", "Peru", "Kenya", "Nepal", "Chile", "Norway", "Ghana")
WORDINGS = ("What is the capital of {}?", "Tell me the capital of {}.", "How many people live in {}?")
TEXTS = [wording.format(subject) for subject in SUBJECTS for wording in WORDINGS]
SYSTEM = {"role": "system", "content": "Answer like a pirate."}
EARLIER = [{"role": "user", "content": "Good morning."}, {"role": "assistant", "content": "Good morning to you."}]
TOOLS = [{"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}]
VARIANTS: list[dict[str, Any]] = [
    {}, {"system": True}, {"earlier": True}, {"model": "other"}, {"tools": TOOLS}, {"temperature": 0.3}, {"top_p": 0.5},
    {"max_tokens": 9}, {"seed": 7}, {"stop": ["x"]}, {"response_format": {"type": "json_object"}}, {"x_own": "yes"},
]  # fmt: skip
"""What a request may differ in, beside its text: one at a time, so that most questions are asked again."""


class Words:
    """Texts by their longer words, hashed: deterministic, and near where words are shared."""

    dim = 128

    def __init__(self, name: str = "words@1") -> None:
        self.id = name

    def embed(self, texts: Sequence[str]) -> Vector:
        out = np.full((len(texts), self.dim), 1e-3, np.float32)
        for row, text in zip(out, texts, strict=True):
            words = text.lower().replace("?", "").replace(".", "").split()
            for word in [word for word in words if len(word) > 4] or words:
                row[zlib.crc32(word.encode()) % self.dim] += 1.0
        return out / np.linalg.norm(out, axis=1, keepdims=True)


class Other(OpenAIChat):
    """A dialect that differs from chat in nothing but its name."""

    name = "other.chat"


DIALECTS = (OpenAIChat(), Other())


def question(chance: random.Random, tenant: Caller) -> Exchange:
    """One of the questions, asked somehow."""
    changes = dict(chance.choice(VARIANTS))
    messages = [SYSTEM] if changes.pop("system", False) else []
    messages += EARLIER if changes.pop("earlier", False) else []
    messages.append({"role": "user", "content": chance.choice(TEXTS)})
    body = {"model": "m", "messages": messages, **changes}
    headers = {"x-tidegate-namespace": chance.choice(("", "tests"))}
    if chance.random() < 0.05:
        headers["cache-control"] = chance.choice(("no-cache", "no-store", "max-age=0"))
    stream = chance.random() < 0.2
    dialect = chance.choice(DIALECTS)
    return Exchange(dialect, dialect.path, headers, body, body["model"], stream, caller=tenant)


def stamp(asked: Exchange) -> dict[str, Any]:
    """Everything that an answer to this request belongs to."""
    frame = {name: value for name, value in asked.body.items() if name not in ("messages", "stream")}
    *before, last = asked.body["messages"]
    namespace = asked.headers["x-tidegate-namespace"]
    where = {"tenant": asked.caller.team or asked.caller.id, "namespace": namespace, "dialect": asked.dialect.name}
    return {**where, "frame": frame, "before": before, "text": last["content"]}


async def model(asked: Exchange) -> Reply:
    """Repeats who asked what."""
    await asyncio.sleep(0)  # others go on meanwhile
    message = {"role": "assistant", "content": json.dumps(stamp(asked))}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    if not asked.stream:
        return Reply.whole(200, json.dumps(body).encode(), [("content-type", "application/json")])
    events = asked.dialect.split(body, asked.body)

    async def stream() -> AsyncIterator[Any]:
        for event in events:
            await asyncio.sleep(0)
            yield event

    return Reply(200, [("content-type", "text/event-stream")], stream(), streamed=True)


async def answer(asked: Exchange, reply: Reply) -> dict[str, Any]:
    """What the reply says whose it is."""
    events = [event async for event in reply.events]
    await reply.aclose()
    whole = asked.dialect.assemble(events) if reply.streamed else events[0].data
    return json.loads((whole or {})["choices"][0]["message"]["content"])


async def tenant(stage: CacheStage, who: Caller, operations: int, chance: random.Random, seen: Counter[str]) -> None:
    for turn in range(operations):
        if turn % 20 == 19:  # vectors of new entries are made after the reply, whenever the machine comes to it
            await stage.background.drain()
        asked = question(chance, who)
        if chance.random() < 0.03:
            seen["purged"] += 1
            await stage.store.delete(place(asked, asked.dialect.question(asked.body), stage.share).key)
            continue
        got, own = await answer(asked, await stage(asked, model)), stamp(asked)
        how = f"{asked.cache.status} {asked.cache.detail}".strip()
        if how == "hit semantic":  # the one thing in which it may differ
            own["text"] = got["text"]
        seen["foreign" if got != own else how] += 1


async def run(
    url: str,
    operations: int,
    seed: int,
    mode: Literal["exact", "semantic"] = "semantic",
    share: Literal["key", "team"] = "key",
) -> Counter[str]:
    """What became of the operations of all tenants; `foreign` counts answers that were somebody else's.

    With `share: team` six of them are two teams, and an answer belongs to its asker's team.
    """

    async def unchanged(_: Exchange, reply: Reply) -> Reply:
        return reply

    store = open_store(url, 100_000, 1 << 28, lambda: b"tenants")
    stage = CacheStage(
        store, LexicalVerifier(), lambda _: "rules@1", unchanged, mode=mode, embedder=Words(), share=share
    )
    await stage.start()
    seen: Counter[str] = Counter()
    try:
        teams = ("red", "blue", "red", "blue", "red", "blue") if share == "team" else ()
        callers = [Caller(f"tenant-{at}", team) for at, team in zip_longest(range(TENANTS), teams, fillvalue="")]
        await asyncio.gather(
            *(tenant(stage, who, operations, random.Random(f"{seed} {who.id}"), seen) for who in callers)
        )
    finally:
        await stage.aclose()
    return seen


@asynccontextmanager
async def place_of(name: str) -> AsyncIterator[str]:
    """A fresh store's address."""
    with tempfile.TemporaryDirectory() as folder:
        if name in ("memory", "sqlite"):
            yield "memory:" if name == "memory" else f"sqlite:{folder}/cache.db"
            return
        server = Server(Path(folder), "stack" if name == "stack" else "valkey")
        try:
            yield server.url + ("?recall=server" if name == "stack" else "")
        finally:
            server.kill()


async def main(arguments: argparse.Namespace) -> int:
    foreign = 0
    for name in arguments.stores:
        try:
            async with place_of(name) as url:
                begun = time.perf_counter()
                seen = await run(url, arguments.operations, arguments.seed)
                took = time.perf_counter() - begun
        except Unavailable as error:
            print(f"{name}: not run, {error}")
            continue
        foreign += seen["foreign"]
        total = sum(seen.values())
        # Rule of three: what 0 of n allows at 95 % confidence.
        bound = "" if seen["foreign"] else f" (at most {3 / total:.4%})"
        print(f"{name}: {total} operations in {took:.0f} s, {seen['foreign']} foreign answers{bound}")
        print("  " + ", ".join(f"{how} {count}" for how, count in seen.most_common() if how != "foreign"))
    return int(foreign > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Whether an answer ever reaches somebody it does not belong to.")
    parser.add_argument("--operations", type=int, default=5000, help="of each of the eight tenants")
    stores = ["memory", "sqlite", "redis", "stack"]
    parser.add_argument("--stores", nargs="+", default=stores, choices=stores)
    parser.add_argument("--seed", type=int, default=1)
    sys.exit(asyncio.run(main(parser.parse_args())))
