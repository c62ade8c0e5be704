"""Where the verifier reads texts itself, static vectors are all that the tier needs: no encoder runs for a lookup."""

import asyncio
import json
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tidegate.cache.figures import condition
from tidegate.cache.semantic import CANARIES
from tidegate.cache.stage import CacheStage
from tidegate.cache.steps import steps
from tidegate.cache.stores import open_store
from tidegate.cache.verify import Candidate
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.exchange import Caller, Exchange, Reply
from tidegate.engine.ports import Vector

DIALECT = OpenAIChat()
STORED, ASKED = "What is the capital city of France?", "Which city is the capital of France?"


class Words:
    """Texts by their words, hashed; counts what it was asked."""

    id, dim = "words@1", 128

    def __init__(self) -> None:
        self.calls = 0

    def embed(self, texts: Sequence[str]) -> Vector:
        self.calls += 1
        out = np.full((len(texts), self.dim), 1e-3, np.float32)
        for row, text in zip(out, texts, strict=True):
            for word in text.lower().strip("?.").split():
                row[zlib.crc32(word.encode()) % self.dim] += 1.0
        return out / np.linalg.norm(out, axis=1, keepdims=True)


class Reads:
    """A verifier that needs no sentence vectors."""

    gate, floor, sentences = 0.2, 2.0, False
    reads, spread = 2, 0.05

    def __init__(self, says: float = 0.95) -> None:
        self.says = says
        self.asked: list[Candidate] = []
        self.vetoed: list[str] = []

    def veto(self, question: str, candidate: str) -> str:
        self.vetoed.append(candidate)
        return "number" if "7" in candidate else ""

    async def judge(self, question: str, candidates: Sequence[Candidate]) -> list[float]:
        self.asked += candidates
        known = {(a, b): float(same) for a, b, same in CANARIES}
        return [known.get((question, each.text), self.says) for each in candidates]

    def threshold(self, max_wrong_hits: float) -> float:
        return 0.8

    def close(self) -> None: ...


async def answer(_: Exchange) -> Reply:
    choice = {"index": 0, "message": {"role": "assistant", "content": "Paris."}, "finish_reason": "stop"}
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return Reply.whole(200, json.dumps(body).encode(), [("content-type", "application/json")])


def exchange(text: str) -> Exchange:
    body = {"model": "m", "messages": [{"role": "user", "content": text}]}
    return Exchange(DIALECT, DIALECT.path, {}, body, "m", False, caller=Caller("ann"))


def made(url: str, encoder: Words, verifier: Reads, static: Words) -> CacheStage:
    return CacheStage(
        *(open_store(url, 100, 1 << 20, lambda: b"k" * 32), verifier, lambda _: "rules", None),  # type: ignore[arg-type]
        embedder=encoder,
        static=static,
    )


async def opened(url: str, encoder: Words, verifier: Reads) -> CacheStage:
    stage = made(url, encoder, verifier, Words())
    await stage.start()
    assert stage.semantic is not None
    assert stage.semantic.off == ""
    return stage


async def ask(stage: CacheStage, text: str) -> Exchange:
    asked = exchange(text)
    reply = await stage(asked, answer)
    async for _ in reply.events:
        pass
    for close in reply.closers:
        await close()
    await stage.background.drain()
    return asked


async def test_the_encoder_is_not_asked_for_a_lookup_nor_for_a_new_entry() -> None:
    encoder, verifier = Words(), Reads()
    stage = await opened("memory:", encoder, verifier)
    assert (await ask(stage, STORED)).cache.status == "miss"
    verifier.asked.clear()
    hit = await ask(stage, ASKED)
    assert (hit.cache.status, hit.cache.detail) == ("hit", "semantic")
    assert hit.cache.similarity == verifier.asked[0].cosine
    assert 0.2 <= verifier.asked[0].cosine < 1.0
    assert encoder.calls == 0
    await stage.aclose()


async def test_entries_without_sentence_vectors_are_found_after_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:{tmp_path / 'cache.db'}"
    stage = await opened(url, Words(), Reads())
    await ask(stage, STORED)
    await stage.aclose()
    encoder = Words()
    stage = await opened(url, encoder, Reads())
    assert stage.semantic is not None
    while STORED not in stage.semantic._texts.values():
        await ask(stage, "Something else entirely, about bread")
        await asyncio.sleep(0.01)  # exact hits alone let nothing else run
    assert (await ask(stage, ASKED)).cache.detail == "semantic"
    assert encoder.calls == 0
    await stage.aclose()


async def test_rules_are_put_to_no_more_candidates_than_will_be_judged() -> None:
    verifier = Reads(0.1)
    stage = await opened("memory:", Words(), verifier)
    stored = [f"how do cats number {name} sleep at night" for name in ("7", "one", "two", "three")]
    for text in (*stored, "how do cats sleep"):
        await ask(stage, text)
    verifier.asked.clear()
    verifier.vetoed.clear()
    await ask(stage, "how do cats number four sleep at night")
    assert [each.text for each in verifier.asked] == [text for text in verifier.vetoed if "7" not in text]
    assert len(verifier.asked) == verifier.reads
    verifier.asked.clear()
    verifier.vetoed.clear()
    await ask(stage, "how do cats sleep today")
    assert [each.text for each in verifier.asked] == ["how do cats sleep"]  # the next lies too far off
    assert verifier.vetoed == ["how do cats sleep"]
    await stage.aclose()


async def test_every_step_counts_what_became_of_lookups_and_takes_its_time() -> None:
    stage = await opened("memory:", Words(), Reads())
    for text in (STORED, "completely unrelated bread", ASKED, "lucky number 7", "lucky number eight"):
        await ask(stage, text)
    by_name = {step.name: step for step in steps(stage)}
    assert list(by_name) == ["exact", "linked", "static", "veto", "encoder", "verifier"]
    outcomes = {name: step.outcomes for name, step in by_name.items()}
    assert outcomes["exact"] == {"found": 0, "none": 5} and outcomes["linked"] == {"found": 0, "none": 5}
    assert outcomes["static"] == {"empty": 1, "far": 2, "near": 2}
    assert outcomes["veto"] == {"refused": 1, "passed": 1}
    assert outcomes["encoder"] == {"busy": 0, "far": 0, "embedded": 0}
    assert outcomes["verifier"] == {"refused": 0, "accepted": 1}
    assert all(by_name[name].seconds > 0 for name in ("exact", "linked", "static", "veto", "verifier"))
    await stage.aclose()


async def test_callers_and_operators_are_told_that_the_tier_failed_its_test() -> None:
    class Flat(Words):
        def embed(self, texts: Sequence[str]) -> Vector:
            return np.full((len(texts), self.dim), self.dim**-0.5, np.float32)

    stage = made("memory:", Words(), Reads(), Flat())
    await stage.start()
    assert condition(stage) == "the same words only: the static vectors do not tell the canary pairs apart"
    await ask(stage, STORED)
    assert (await ask(stage, STORED)).cache.detail == "exact"
    other = (await ask(stage, ASKED)).cache
    assert (other.status, other.detail, other.stored) == ("miss", "semantic-off", True)
    await stage.aclose()


@pytest.mark.parametrize("away", [False, True])
async def test_operators_are_told_that_the_store_does_not_answer(away: bool) -> None:
    stage = made("redis://127.0.0.1:9/0" if away else "memory:", Words(), Reads(), Words())
    await stage.start()
    assert condition(stage) == ("the store does not answer" if away else "ok")
    await stage.aclose()
