"""The encoder around the stage: when it runs, what its failure costs, and what a restart or another process finds of
its vectors."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tidegate.cache.stage import CacheStage
from tidegate.engine.ports import Vector
from tidegate.tests.cache import staging
from tidegate.tests.cache.staging import Make, Model, Words, ask, exchange

make = staging.make


class Broken(Words):
    def embed(self, texts: Sequence[str]) -> Vector:
        out = np.zeros((len(texts), self.dim), np.float32)
        out[:, 0] = 1.0
        return out


async def test_an_encoder_that_tells_nothing_apart_stays_off(make: Make) -> None:
    stage, model = await make(embedder=Broken()), Model()
    assert "canary" in stage.stats()["semantic"]["off"]
    await ask(stage, model, exchange())
    asked = exchange("Tell me the capital of France")
    await ask(stage, model, asked)
    assert model.calls == 2
    asked = exchange()
    await ask(stage, model, asked)
    assert asked.cache.detail == "exact"


async def test_an_encoder_that_fails_later_costs_no_request(make: Make) -> None:
    words = Words()
    stage, model = await make(embedder=words), Model()
    await ask(stage, model, exchange())

    def fail(_: Sequence[str]) -> Vector:
        raise RuntimeError("gone")

    words.embed = fail  # type: ignore[method-assign]
    asked = exchange("Tell me the capital of France")
    await ask(stage, model, asked)
    assert asked.cache.status == "miss" and stage.stats()["counts"]["semantic_failures"] == 1


async def test_with_an_empty_partition_nothing_is_embedded_before_the_reply(make: Make) -> None:
    words = Words()
    stage, model = await make(embedder=words), Model()
    before = words.calls
    reply = await stage(exchange(), model)
    assert words.calls == before
    await reply.aclose()
    await stage.background.drain()
    assert words.calls == before + 1


async def test_a_text_is_embedded_once_an_exchange(make: Make) -> None:
    words = Words()
    stage, model = await make(embedder=words), Model()
    await ask(stage, model, exchange("What is the capital of France?"))
    before = words.calls
    asked = exchange("What is the capital of France in summer?")
    await ask(stage, model, asked)
    assert words.calls == before + 1 and list(asked.memo["embedding.words@1"]) == [
        "What is the capital of France in summer?"
    ]


async def settled(stage: CacheStage, vectors: int) -> None:
    for _ in range(100):
        if stage.stats()["semantic"]["vectors"] == vectors:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the index was not filled")


async def test_a_restart_finds_paraphrases_of_what_was_stored_before(make: Make, tmp_path: Path) -> None:
    url = f"sqlite:{tmp_path}/c.db"
    first, model = await make(url=url), Model()
    await ask(first, model, exchange())
    await first.aclose()
    words = Words()
    second = await make(url=url, embedder=words)
    await settled(second, 1)
    assert words.calls == 1  # the self-test; stored vectors are used
    asked = exchange("Tell me the capital of France")
    await ask(second, model, asked)
    assert asked.cache.detail == "semantic" and model.calls == 1


async def test_another_encoder_embeds_stored_entries_again(make: Make, tmp_path: Path) -> None:
    url = f"sqlite:{tmp_path}/c.db"
    first, model = await make(url=url), Model()
    await ask(first, model, exchange())
    await first.aclose()
    words = Words()
    words.id = "words@2"
    second = await make(url=url, embedder=words)
    await settled(second, 1)
    await asyncio.sleep(0.05)
    assert [entry.encoder async for entry in second.store.entries()] == ["words@2"]


async def test_processes_on_one_file_find_each_others_paraphrases(make: Make, tmp_path: Path) -> None:
    url = f"sqlite:{tmp_path}/c.db"
    one, two, model = await make(url=url), await make(url=url), Model()
    await ask(one, model, exchange())
    await settled(two, 1)
    asked = exchange("Tell me the capital of France")
    await ask(two, model, asked)
    assert asked.cache.detail == "semantic" and model.calls == 1


async def test_the_real_encoder_hits_everyday_rewordings_and_no_traps(make: Make) -> None:
    from tidegate.models.embedding import onnx, prepare, static

    prepare.prepare()
    stage, model = await make(embedder=onnx.load(), static=static.load_static()), Model()
    assert stage.stats()["semantic"]["off"] == ""
    stored = ["What is the capital of France?", "How do I reset my password?", "What are the symptoms of the flu?"]
    for text in stored:
        await ask(stage, model, exchange(text))
    for text in (
        "Tell me the capital city of France",
        "capital of france?",
        "how to reset password",
        "What's France's capital?",
    ):
        asked = exchange(text)
        await ask(stage, model, asked)
        assert asked.cache.detail == "semantic", text
    for text in ("What is the capital of Spain?", "How do I set my password?", "What are the causes of the flu?"):
        asked = exchange(text)
        await ask(stage, model, asked)
        assert asked.cache.status == "miss", text
