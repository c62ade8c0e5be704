"""A stage that learns from what follows its replies, and what stands around it: vectors, a verifier, a model, callers.

Imported as `tidegate.tests.cache.learning`; a test file that asks for `make` takes it from there.
"""

import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import numpy as np
import pytest

from tidegate.cache.semantic import CANARIES
from tidegate.cache.stage import CacheStage
from tidegate.cache.stores import open_store
from tidegate.cache.verify import Candidate
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.exchange import Caller, Exchange, Reply
from tidegate.engine.ports import Vector
from tidegate.engine.sse import DONE, Event

DIALECT = OpenAIChat()


class Words:
    """Texts by their words, hashed."""

    id, dim = "words@1", 128

    def embed(self, texts: Sequence[str]) -> Vector:
        out = np.full((len(texts), self.dim), 1e-3, np.float32)
        for row, text in zip(out, texts, strict=True):
            for word in text.lower().replace("?", "").replace(".", "").split():
                row[zlib.crc32(word.encode()) % self.dim] += 1.0
        return out / np.linalg.norm(out, axis=1, keepdims=True)


class Says:
    """A verifier that says `chance` of every pair but the canaries."""

    gate = floor = -1.0
    sentences = True
    reads, spread = 8, 2.0

    def __init__(self, chance: Callable[[str, str], float] = lambda *_: 0.95) -> None:
        self.chance = chance

    def veto(self, question: str, candidate: str) -> str:
        return ""

    async def judge(self, question: str, candidates: Sequence[Candidate]) -> list[float]:
        known = {(a, b): float(same) for a, b, same in CANARIES}
        return [known.get((question, c.text), self.chance(question, c.text)) for c in candidates]

    def threshold(self, max_wrong_hits: float) -> float:
        return 0.8

    def close(self) -> None: ...


class Model:
    """Answers from a table of questions, else the same to all."""

    def __init__(self, **answers: str) -> None:
        self.answers = {name.replace("_", " "): text for name, text in answers.items()}
        self.asked: list[str] = []
        self.error: Exception | None = None
        self.status = 200

    def says(self, text: str) -> str:
        return self.answers.get(text, "The value is 17.")

    async def __call__(self, asked: Exchange) -> Reply:
        text = asked.body["messages"][-1]["content"]
        self.asked.append(text)
        if self.error is not None:
            raise self.error
        return await answer(self.says(text), asked.stream, self.status)


async def answer(text: str, stream: bool = False, status: int = 200) -> Reply:
    if stream:
        head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        events = [
            Event.of({**head, "choices": [{"index": 0, "delta": {"role": "assistant", "content": text}}]}),
            Event.of({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
            DONE,
        ]
        return Reply(status, [("content-type", "text/event-stream")], each(events), streamed=True)
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": 4, "completion_tokens": 6, "total_tokens": 10}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": choices, "usage": usage}
    return Reply.whole(status, json.dumps(body).encode(), [("content-type", "application/json")])


async def each(events: list[Event]) -> AsyncIterator[Event]:
    for event in events:
        yield event


def exchange(text: str, who: str = "ann", *, stream: bool = False, **headers: str) -> Exchange:
    body: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": text}]}
    if stream:
        body["stream"] = True
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange(DIALECT, DIALECT.path, named, body, "m", stream, caller=Caller(who))


Make = Callable[..., Awaitable[CacheStage]]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    made: list[CacheStage] = []

    async def build(verifier: Any = None, **changes: Any) -> CacheStage:
        store = open_store(changes.pop("url", "memory:"), 10_000, 1 << 26)

        async def same(_: Exchange, reply: Reply) -> Reply:
            return reply

        changes = {"embedder": Words(), "audit": 1.0, **changes}
        stage = CacheStage(store, verifier or Says(), lambda _: "rules@1", same, **changes)
        await stage.start()
        assert stage.semantic is None or stage.semantic.off == ""
        made.append(stage)
        return stage

    yield build
    for stage in made:
        await stage.aclose()


async def ask(stage: CacheStage, model: Any, asked: Exchange | str) -> tuple[Exchange, str]:
    """The exchange, and what the caller was told; everything behind it done."""
    asked = exchange(asked) if isinstance(asked, str) else asked
    reply = await stage(asked, model)
    raw = await reply.read()
    before = len(getattr(model, "asked", ()))
    await reply.aclose()
    assert len(getattr(model, "asked", ())) == before  # nothing is asked before the caller has it all
    await settle(stage)
    text = "" if asked.stream else json.loads(raw)["choices"][0]["message"]["content"]
    return asked, text


async def settle(stage: CacheStage) -> None:
    for _ in range(3):
        await stage.background.drain()
        await stage.lessons.background.drain()


def token(asked: Exchange) -> str:
    """What came with an answer from memory."""
    (found,) = (value for tell in asked.tells for name, value in tell(asked) if name == "x-tidegate-feedback")
    return found


def scope(stage: CacheStage) -> dict[str, Any]:
    (found,) = stage.bound.stats()
    return found
