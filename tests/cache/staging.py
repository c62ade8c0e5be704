"""A stage over a real store and the chat dialect, and what stands around it: vectors, questions, a model that counts.

Imported as `tidegate.tests.cache.staging`; a test file that asks for `make` takes it from there.
"""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import numpy as np
import pytest

from tidegate.cache.stage import CacheStage
from tidegate.cache.stores import open_store
from tidegate.cache.verify import LexicalVerifier
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.exchange import Caller, Exchange, Reply
from tidegate.engine.ports import Vector
from tidegate.engine.sse import DONE, Event

DIALECT = OpenAIChat()


class Words:
    """Texts by their words, hashed: deterministic, and near where words are shared."""

    id = "words@1"
    dim = 128

    def __init__(self) -> None:
        self.calls = 0

    def embed(self, texts: Sequence[str]) -> Vector:
        self.calls += 1
        out = np.full((len(texts), self.dim), 1e-3, np.float32)
        for row, text in zip(out, texts, strict=True):
            words = text.lower().replace("?", "").replace(".", "").split()
            for word in [word for word in words if len(word) > 4 and word.isalpha()] or words:
                row[zlib.crc32(word.encode()) % self.dim] += 1.0
        return out / np.linalg.norm(out, axis=1, keepdims=True)


def exchange(text: str = "What is the capital of France?", *, stream: bool = False, **changes: Any) -> Exchange:
    headers: dict[str, str] = changes.pop("headers", {})
    caller = changes.pop("caller", Caller("ann"))
    body: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": text}], **changes}
    if stream:
        body["stream"] = True
    return Exchange(DIALECT, DIALECT.path, headers, body, "m", stream, caller=caller)


def completion(text: str, **extra: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, "x_mine": 1}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "x": [1.5],
        **extra,
    }


def chunks(text: str) -> list[Event]:
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "x_unknown": "kept"}
    deltas: list[tuple[dict[str, Any], str | None]] = [({"role": "assistant"}, None)]
    deltas += [({"content": part}, None) for part in text.split(" ")]
    deltas += [({}, "stop")]
    made = [{**head, "choices": [{"index": 0, "delta": d, "finish_reason": f}]} for d, f in deltas]
    return [*(Event.of(data) for data in made), DONE]


class Model:
    """What stands behind the cache: counts its calls, answers in the form asked for."""

    def __init__(self, text: str = "Paris is it", status: int = 200) -> None:
        self.text = text
        self.status = status
        self.calls = 0
        self.closed = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None
        self.events: list[Event] | None = None
        self.body: dict[str, Any] | None = None

    async def __call__(self, asked: Exchange) -> Reply:
        self.calls += 1
        asked.provider, asked.attempts = "up", 1
        if self.error is not None and not asked.stream:
            await self.gate.wait()
            raise self.error

        async def close() -> None:
            self.closed += 1

        if asked.stream:
            kind = [("content-type", "text/event-stream")]
            return Reply(self.status, kind, self._stream(), streamed=True, closers=[close])
        await self.gate.wait()
        raw = json.dumps(self.body or completion(self.text)).encode()
        reply = Reply.whole(self.status, raw, [("content-type", "application/json"), ("x-up", "1")])
        reply.closers.append(close)
        return reply

    async def _stream(self) -> AsyncIterator[Event]:
        events = self.events or chunks(self.text)
        for n, event in enumerate(events):
            if n == 2:
                await self.gate.wait()
                if self.error is not None:
                    raise self.error
            yield event


async def same(_: Exchange, reply: Reply) -> Reply:
    return reply


Make = Callable[..., Awaitable[CacheStage]]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    made: list[CacheStage] = []

    async def build(**changes: Any) -> CacheStage:
        store = open_store(changes.pop("url", "memory:"), 1000, 1 << 24)
        policy = changes.pop("policy", lambda _: "rules@1")
        rescreen = changes.pop("rescreen", same)
        changes = {"mode": "semantic", "embedder": Words(), **changes}
        if changes["mode"] == "exact":
            changes.pop("embedder")
        stage = CacheStage(store, LexicalVerifier(), policy, rescreen, **changes)
        made.append(stage)
        await stage.start()
        return stage

    yield build
    for stage in made:
        await stage.aclose()


async def ask(stage: CacheStage, model: Model, asked: Exchange) -> bytes:
    reply = await stage(asked, model)
    try:
        return await reply.read()
    finally:
        await reply.aclose()
        await stage.background.drain()
