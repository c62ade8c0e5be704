"""`redis://...?recall=server`: the server searches, within the partition, and is believed nothing it cannot prove."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tidegate.benchmarks.cache_tenants import Words
from tidegate.benchmarks.servers import Server, Unavailable
from tidegate.cache.remote import RemoteSemantic
from tidegate.cache.stage import CacheStage
from tidegate.cache.stores import open_store
from tidegate.cache.stores.redis_search import RedisSearchStore
from tidegate.cache.verify import LexicalVerifier
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import ConfigError
from tidegate.engine.exchange import Caller, Exchange, Reply
from tidegate.engine.ports import Entry, Vector

DIALECT = OpenAIChat()
DIM = 32


def unit(seed: int) -> Vector:
    found = np.random.default_rng(seed).normal(size=DIM).astype(np.float32)
    return found / np.linalg.norm(found)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    try:
        running = Server(tmp_path_factory.mktemp("stack"), "stack")
    except Unavailable as error:
        pytest.skip(str(error))
    yield running
    running.kill()


Open = Callable[..., Awaitable[Any]]


@pytest.fixture
async def node(server: Server) -> AsyncIterator[Open]:
    made: list[Any] = []

    async def opened(secret: bytes = b"s", encoder: str = "e@1") -> Any:
        store: Any = open_store(server.url + "?recall=server", 10_000, 1 << 26, lambda: secret)
        await store.start()
        if not made:
            await store._redis.flushall()
        await store.prepare(encoder, DIM)
        made.append(store)
        return store

    yield opened
    for store in made:
        await store.aclose()


def entry(key: str, partition: str, vector: Vector | None = None, encoder: str = "e@1") -> Entry:
    now = time.time()
    return Entry(key, partition, b"v" + key.encode(), now, now + 60, vector, encoder if vector is not None else "")


async def test_the_nearest_of_the_partition_are_named_and_no_other(node: Open) -> None:
    store = await node()
    vectors = {f"{partition}{at}": unit(at) for partition in "pq" for at in range(200)}
    for key, vector in vectors.items():
        await store.put(entry(key, key[0], vector))
    for seed in range(1000, 1020):
        query = unit(seed)
        found = await store.near("p", query, 8)
        best = sorted((k for k in vectors if k[0] == "p"), key=lambda k: -float(vectors[k] @ query))[:8]
        assert {each.partition for each in found} == {"p"} and len(found) == 8
        assert len({each.key for each in found} & set(best)) >= 7  # float16 may swap the last two
        assert all(np.allclose(each.vector, vectors[each.key], atol=1e-3) for each in found)
    assert await store.has("p") and not await store.has("r") and await store.near("r", unit(1), 8) == []


async def test_vectors_are_kept_once_and_at_half_their_size(node: Open) -> None:
    store = await node()
    await store.put(entry("a", "p"))
    await store.set_vector("a", unit(1), "e@1")
    at = "{tidegate}:cache:e:" + store._signer.name("a")
    fields = await store._redis.hgetall(at)
    assert len(fields[b"near:e@1"]) == 2 * DIM and b"vector" not in fields
    found = await store.get("a")
    assert np.allclose(found.vector, unit(1), atol=1e-3) and found.encoder == "e@1"
    info = await store._redis.execute_command("FT.INFO", store._index)
    assert b"FLOAT16" in str(info).encode() and b"HNSW" in str(info).encode()


async def test_what_the_server_names_is_verified(node: Open) -> None:
    store = await node()
    await store.put(entry("a", "p", unit(1)))
    await store.put(entry("b", "q", unit(2)))
    at = "{tidegate}:cache:e:" + store._signer.prefix
    await store._redis.hset(at + "b", "partition", "p")  # moved into another's partition
    await store._redis.hset(at + "forged", mapping=await store._redis.hgetall(at + "a"))
    assert [found.key for found in await store.near("p", unit(1), 8)] == ["a"]
    assert store.counts["damaged"] == 2


async def test_gates_with_different_secrets_have_different_indexes(node: Open) -> None:
    one, two = await node(b"one"), await node(b"two")
    await one.put(entry("a", "p", unit(1)))
    assert await one.has("p") and not await two.has("p") and await two.near("p", unit(1), 8) == []


async def test_a_flushed_server_gets_its_index_again(node: Open) -> None:
    store = await node()
    await store._redis.flushall()
    assert await store.near("p", unit(1), 8) == []  # the index is made again on the way
    await store.put(entry("a", "p", unit(1)))
    assert [found.key for found in await store.near("p", unit(1), 8)] == ["a"]


async def test_another_encoder_finds_what_has_no_vector_of_it(node: Open) -> None:
    store = await node()
    for at in range(150):
        await store.put(entry(f"k{at}", "p", unit(at)))
    other = await node(encoder="e@2")
    named: list[str] = []
    async for page in other.unembedded():
        for found in page:
            named.append(found.key)
            if found.key != "k7":  # one that cannot be embedded is named once and not again
                await other.set_vector(found.key, -unit(int(found.key[1:])), "e@2")
    assert sorted(named) == sorted(f"k{at}" for at in range(150))
    assert [found.key for found in await other.near("p", -unit(3), 1)] == ["k3"]
    fields = await other._redis.hkeys("{tidegate}:cache:e:" + other._signer.name("k3"))
    assert b"near:e@2" in fields and b"near:e@1" not in fields


async def test_a_server_that_cannot_search_is_a_config_error_at_start(tmp_path_factory: Any) -> None:
    plain = Server(tmp_path_factory.mktemp("valkey"))
    store: Any = open_store(plain.url + "?recall=server")
    try:
        await store.start()
        with pytest.raises(ConfigError, match="Redis 8 or Redis Stack"):
            await store.prepare("e@1", DIM)
    finally:
        await store.aclose()
        plain.kill()


@pytest.mark.parametrize("query", ["recall=nodes", "recall=", "recall=server&recall=server", "nonsense=1"])
def test_a_parameter_that_means_nothing_is_a_config_error(query: str) -> None:
    with pytest.raises(ConfigError):
        open_store("redis://127.0.0.1:1?" + query)


def test_other_parameters_are_the_clients() -> None:
    store: Any = open_store("redis://127.0.0.1:1/0?protocol=2&recall=server")
    assert isinstance(store, RedisSearchStore)
    assert store._redis.connection_pool.connection_kwargs["protocol"] == 2


# Through the stage


async def model(asked: Exchange) -> Reply:
    message = {"role": "assistant", "content": "Paris"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return Reply.whole(200, json.dumps(body).encode(), [("content-type", "application/json")])


async def ask(stage: CacheStage, text: str, caller: str = "ann") -> str:
    body: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": text}]}
    asked = Exchange(DIALECT, DIALECT.path, {}, body, "m", False, caller=Caller(caller))
    reply = await stage(asked, model)
    await reply.read()
    await reply.aclose()
    await stage.background.drain()
    return f"{asked.cache.status} {asked.cache.detail}".strip()


async def unchanged(_: Exchange, reply: Reply) -> Reply:
    return reply


def stage_on(url: str, encoder: Words) -> CacheStage:
    store = open_store(url + "?recall=server", 1000, 1 << 24, lambda: b"s")
    return CacheStage(store, LexicalVerifier(), lambda _: "rules@1", unchanged, embedder=encoder)


async def test_a_node_answers_in_other_words_what_another_node_stored(node: Open, server: Server) -> None:
    await node()
    one, two = stage_on(server.url, Words()), stage_on(server.url, Words())
    await one.start()
    await two.start()
    assert isinstance(two.semantic, RemoteSemantic)
    assert await ask(two, "What is the capital of France?") == "miss"
    assert await ask(one, "Tell me the capital of France") == "hit semantic"
    assert await ask(one, "Tell me the capital of Spain") == "miss"
    assert await ask(one, "Tell me the capital of France", caller="bob") == "miss"
    await one.aclose()
    await two.aclose()


async def test_a_new_encoder_embeds_again_what_the_server_holds(node: Open, server: Server) -> None:
    await node()
    first = stage_on(server.url, Words())
    await first.start()
    assert await ask(first, "What is the capital of France?") == "miss"
    await first.aclose()
    second = stage_on(server.url, Words("words@2"))
    await second.start()
    assert await ask(second, "What is the capital of France?") == "hit exact"
    store: Any = second.store
    for _ in range(500):
        if not [page async for page in store.unembedded() if page]:
            break
        await asyncio.sleep(0.02)
    assert await ask(second, "Tell me the capital of France") == "hit semantic"
    await second.aclose()


async def test_a_dead_server_costs_no_request(tmp_path_factory: Any) -> None:
    try:
        server = Server(tmp_path_factory.mktemp("stack"), "stack")
    except Unavailable as error:
        pytest.skip(str(error))
    stage = stage_on(server.url, Words())
    await stage.start()
    assert await ask(stage, "What is the capital of France?") == "miss"
    server.kill()
    said = [await ask(stage, "Tell me the capital of France") for _ in range(5)]
    assert said == ["miss not-kept-store"] * 5
    await stage.aclose()
