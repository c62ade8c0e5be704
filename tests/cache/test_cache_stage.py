"""The stage from end to end, over the chat dialect and real stores: what hits, what must not, what is kept."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.cache.answer import Piece
from tidegate.cache.stage import CacheStage
from tidegate.cache.stores import open_store
from tidegate.cache.verify import LexicalVerifier
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import Blocked, NotInCache, UpstreamBroke, UpstreamRefused
from tidegate.engine.exchange import Caller, Exchange, Reply, Scope, Verdict
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


class Broken(Words):
    def embed(self, texts: Sequence[str]) -> Vector:
        out = np.zeros((len(texts), self.dim), np.float32)
        out[:, 0] = 1.0
        return out


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


async def test_the_same_question_is_answered_from_memory(make: Make) -> None:
    stage, model = await make(), Model()
    first, second = exchange(), exchange()
    one = await ask(stage, model, first)
    two = await ask(stage, model, second)
    assert one == two and model.calls == 1
    assert (first.cache.status, first.cache.stored) == ("miss", True)
    assert (second.cache.status, second.cache.detail) == ("hit", "exact")
    assert second.cache.age == 0 and second.cache.ttl is not None and 86390 < second.cache.ttl <= 86400


@pytest.mark.parametrize(
    "other",
    ["Tell me the capital of France", "capital of france?", "What's the capital of France?", "capital of France"],
)
@pytest.mark.parametrize("static", [False, True])
async def test_the_same_question_in_other_words_is_answered_from_memory(make: Make, other: str, static: bool) -> None:
    stage, model = await make(static=Words() if static else None), Model()
    await ask(stage, model, exchange("What is the capital of France?"))
    asked = exchange(other)
    await ask(stage, model, asked)
    assert model.calls == 1
    assert (asked.cache.status, asked.cache.detail) == ("hit", "semantic")
    assert asked.cache.similarity is not None and 0 < asked.cache.similarity <= 1.001


async def test_a_request_may_be_stricter_than_the_cache_about_other_words(make: Make) -> None:
    stage, model = await make(), Model()
    await ask(stage, model, exchange("What is the capital of France?"))
    near = "Please tell me the capital of France"
    for least, calls in (("0.5", 1), ("0.95", 2), ("exact", 3)):
        asked = exchange(near, headers={"x-tidegate-cache-similarity": least, "x-tidegate-cache-ttl": "0"})
        await ask(stage, model, asked)
        assert model.calls == calls, (least, asked.cache)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("What is the capital of France?", "What is the capital of Spain?"),
        ("How do I turn on the light?", "How do I turn off the light?"),
        ("Give me 5 tips for sleep", "Give me 8 tips for sleep"),
        ("Convert 5 Celsius to Fahrenheit", "Convert 5 Fahrenheit to Celsius"),
        ("Mail <EMAIL_ADDRESS_1> now", "Mail <EMAIL_ADDRESS_2> now"),
        ("Does Ann owe Bob money?", "Does Bob owe Ann money?"),
    ],
)
async def test_a_question_that_differs_in_one_detail_goes_to_the_model(make: Make, first: str, second: str) -> None:
    stage, model = await make(), Model()
    await ask(stage, model, exchange(first))
    asked = exchange(second)
    await ask(stage, model, asked)
    assert model.calls == 2 and asked.cache.status == "miss"


@pytest.mark.parametrize(
    "other",
    [
        {"caller": Caller("bob")},
        {"headers": {"x-tidegate-namespace": "n"}},
        {"temperature": 0},
        {"model": "other"},
        {
            "messages": [
                {"role": "system", "content": "s"},
                {"role": "user", "content": "What is the capital of France?"},
            ]
        },
        {"response_format": {"type": "json_object"}},
    ],
)
async def test_no_answer_crosses_a_scope_or_a_frame(make: Make, other: dict[str, Any]) -> None:
    stage, model = await make(), Model()
    await ask(stage, model, exchange())
    asked = exchange(**other)
    await ask(stage, model, asked)
    assert model.calls == 2 and asked.cache.status == "miss"


async def test_an_entry_from_another_partition_is_not_served_even_if_the_store_gives_it(make: Make) -> None:
    stage, model = await make(mode="exact"), Model()
    await ask(stage, model, exchange())
    (stored,) = [entry async for entry in stage.store.entries()]

    async def lie(_: str) -> Any:
        return stored

    stage.store.get = lie  # type: ignore[method-assign]
    await ask(stage, model, exchange(caller=Caller("bob")))
    assert model.calls == 2


@pytest.mark.parametrize("first", [False, True])
async def test_an_entry_answers_both_forms(make: Make, first: bool) -> None:
    stage, model = await make(), Model()
    await ask(stage, model, exchange(stream=first))
    asked = exchange(stream=not first)
    reply = await stage(asked, model)
    events = [event async for event in reply.events]
    assert model.calls == 1 and asked.cache.status == "hit" and reply.streamed is not first
    whole = DIALECT.assemble(events) if reply.streamed else events[0].data
    assert whole is not None
    assert whole["choices"][0]["message"]["content"].replace(" ", "") == "Parisisit"
    kind = dict(reply.headers)["content-type"]
    assert kind.startswith("text/event-stream" if reply.streamed else "application/json")


async def test_a_replayed_stream_is_the_live_one_to_the_byte(make: Make) -> None:
    stage, model = await make(), Model()
    live = await ask(stage, model, exchange(stream=True))
    again = await ask(stage, model, exchange(stream=True))
    assert live == again and model.calls == 1


async def test_a_stream_with_other_options_is_not_the_recorded_bytes(make: Make) -> None:
    stage, model = await make(), Model()
    await ask(stage, model, exchange(stream=True))
    asked = exchange(stream=True, stream_options={"include_usage": True})
    assert (await ask(stage, model, asked)).endswith(b"data: [DONE]\n\n")
    assert asked.cache.status == "hit"


@settings(deadline=None)
@given(st.lists(st.tuples(st.binary(max_size=40), st.binary(max_size=20), st.text(max_size=5))), st.booleans())
def test_replay_equals_live_for_arbitrary_events(parts: list[tuple[bytes, bytes, str]], framed: bool) -> None:
    events = [Event(raw, payload, kind=kind, framed=framed) for raw, payload, kind in parts]
    again = [Piece.of(event).event(framed) for event in events]
    for live, replayed in zip(events, again, strict=True):
        assert (live.raw, live.payload, live.kind) == (replayed.raw, replayed.payload, replayed.kind)


# What may be asked for, and what may be kept


async def test_no_store_keeps_memory_out(make: Make) -> None:
    stage, model = await make(), Model()
    asked = exchange(headers={"cache-control": "no-store"})
    await ask(stage, model, asked)
    assert (asked.cache.status, asked.cache.detail, asked.cache.stored) == ("bypass", "no-store", False)
    await ask(stage, model, exchange())
    assert model.calls == 2


async def test_no_cache_asks_the_model_and_keeps_the_new_answer(make: Make) -> None:
    stage, model = await make(), Model()
    await ask(stage, model, exchange())
    model.text = "Still Paris"
    asked = exchange(headers={"cache-control": "no-cache"})
    await ask(stage, model, asked)
    assert (asked.cache.status, asked.cache.stored, model.calls) == ("bypass", True, 2)
    assert b"Still Paris" in await ask(stage, model, exchange())


async def test_max_age_makes_an_old_answer_stale(make: Make) -> None:
    stage, model = await make(), Model()
    await ask(stage, model, exchange())
    await asyncio.sleep(0.02)
    asked = exchange(headers={"cache-control": "max-age=0"})
    await ask(stage, model, asked)
    assert (asked.cache.status, model.calls) == ("stale", 2)
    asked = exchange(headers={"cache-control": "max-age=60"})
    await ask(stage, model, asked)
    assert (asked.cache.status, model.calls) == ("hit", 2)


async def test_only_if_cached_never_calls_the_model(make: Make) -> None:
    stage, model = await make(), Model()
    with pytest.raises(NotInCache):
        await stage(exchange(headers={"cache-control": "only-if-cached"}), model)
    assert model.calls == 0
    await ask(stage, model, exchange())
    asked = exchange(headers={"cache-control": "only-if-cached"})
    await ask(stage, model, asked)
    assert asked.cache.status == "hit"


async def test_what_the_dialect_bypasses_is_not_read_and_not_kept(make: Make) -> None:
    stage, model = await make(), Model()
    image = [{"type": "text", "text": "what is it"}, {"type": "image_url", "image_url": {"url": "https://x.example/a"}}]
    body = [{"role": "user", "content": image}]
    for _ in range(2):
        asked = exchange(messages=body)
        await ask(stage, model, asked)
        assert asked.cache.status == "bypass" and asked.cache.detail
    assert model.calls == 2


@pytest.mark.parametrize(
    "change",
    [
        {"status": 500},
        {"body": completion("x", choices=[])},
        {"body": {"choices": [{"index": 0, "message": {"content": "cut"}, "finish_reason": "length"}]}},
        {"body": {"nonsense": 1}},
        {"body": completion("x" * 2000)},
    ],
)
async def test_only_complete_clean_replies_of_a_fitting_size_are_kept(make: Make, change: dict[str, Any]) -> None:
    stage, model = await make(max_entry_bytes=1500), Model()
    for name, value in change.items():
        setattr(model, name, value)
    asked = exchange()
    await ask(stage, model, asked)
    assert asked.cache.stored is False
    await ask(stage, model, exchange())
    assert model.calls == 2


async def test_a_stream_that_does_not_end_is_not_kept(make: Make) -> None:
    stage, model = await make(), Model()
    model.events = chunks("half an answer")[:-1]
    await ask(stage, model, exchange(stream=True))
    await ask(stage, model, exchange(stream=True))
    assert model.calls == 2


async def test_whoever_saw_the_end_of_a_stream_may_hang_up_and_finds_it_kept(make: Make) -> None:
    stage, model = await make(), Model()
    reply = await stage(exchange(stream=True), model)
    async for event in reply.events:
        if DIALECT.is_end(event):
            break
    await reply.aclose()
    asked = exchange(stream=True)
    await ask(stage, model, asked)
    assert asked.cache.status == "hit" and model.calls == 1


# Rules that changed


async def test_a_rule_change_screens_a_stored_answer_once(make: Make) -> None:
    rules, screened = ["1"], []

    async def screen(asked: Exchange, reply: Reply) -> Reply:
        screened.append(asked.id)
        return reply

    stage, model = await make(policy=lambda _: rules[0], rescreen=screen), Model()
    await ask(stage, model, exchange())
    rules[0] = "2"
    for _ in range(3):
        asked = exchange()
        await ask(stage, model, asked)
        assert asked.cache.status == "hit"
    assert len(screened) == 1 and model.calls == 1


@pytest.mark.parametrize("way", ["raises", "changes"])
async def test_an_answer_that_new_rules_object_to_is_never_served_again(make: Make, way: str) -> None:
    rules = ["1"]

    async def screen(asked: Exchange, reply: Reply) -> Reply:
        asked.note(Verdict("r", "block", "x", Scope.OUTPUT))
        if way == "raises":
            raise Blocked("no")
        return Reply.whole(200, (await reply.read()).replace(b"Paris", b"*****"))

    stage, model = await make(policy=lambda _: rules[0], rescreen=screen), Model()
    await ask(stage, model, exchange())
    rules[0] = "2"
    asked = exchange()
    await ask(stage, model, asked)
    assert (asked.cache.status, model.calls, asked.verdicts) == ("stale", 2, [])
    assert (await stage.store.get("x")) is None and stage.stats()["counts"]["rescreen_refused"] == 1


# Flights


@pytest.mark.parametrize("stream", [False, True])
async def test_equal_requests_at_the_same_time_make_one_call(make: Make, stream: bool) -> None:
    stage, model = await make(), Model()
    model.gate.clear()
    asked = [exchange(stream=stream) for _ in range(20)]
    tasks = [asyncio.create_task(ask(stage, model, one)) for one in asked]
    await asyncio.sleep(0.02)
    model.gate.set()
    answers = await asyncio.gather(*tasks)
    assert len(set(answers)) == 1 and model.calls == 1 and len(stage.flights) == 0
    assert {one.provider for one in asked} == {"up"}


async def test_callers_of_two_scopes_do_not_share_a_flight(make: Make) -> None:
    stage, model = await make(), Model()
    model.gate.clear()
    tasks = [asyncio.create_task(ask(stage, model, exchange(caller=Caller(n)))) for n in ("ann", "bob")]
    await asyncio.sleep(0.02)
    model.gate.set()
    await asyncio.gather(*tasks)
    assert model.calls == 2


async def test_a_late_joiner_gets_what_has_passed_and_then_the_rest(make: Make) -> None:
    stage, model = await make(), Model()
    model.gate.clear()
    first = await stage(exchange(stream=True), model)
    early = [await anext(first.events), await anext(first.events)]
    late = await stage(exchange(stream=True), model)
    got = [await anext(late.events), await anext(late.events)]
    assert [e.raw for e in early] == [e.raw for e in got]
    model.gate.set()
    rest = [event.raw async for event in first.events]
    assert rest == [event.raw async for event in late.events] and model.calls == 1
    await first.aclose()
    await late.aclose()


async def test_the_leaders_leaving_does_not_end_the_others(make: Make) -> None:
    stage, model = await make(), Model()
    model.gate.clear()
    leader = await stage(exchange(stream=True), model)
    other = asyncio.create_task(ask(stage, model, exchange(stream=True)))
    await asyncio.sleep(0.01)
    await leader.aclose()
    assert model.closed == 0
    model.gate.set()
    assert (await other).endswith(b"[DONE]\n\n") and model.calls == 1 and model.closed == 1


async def test_a_leader_cancelled_while_waiting_does_not_end_the_others(make: Make) -> None:
    stage, model = await make(), Model()
    model.gate.clear()
    leader = asyncio.create_task(ask(stage, model, exchange()))
    await asyncio.sleep(0.01)
    other = asyncio.create_task(ask(stage, model, exchange()))
    await asyncio.sleep(0.01)
    leader.cancel()
    model.gate.set()
    assert b"Paris" in await other and model.calls == 1


async def test_when_all_have_left_the_call_is_closed_at_once_and_nobody_joins_it(make: Make) -> None:
    stage, model = await make(), Model()
    model.gate.clear()
    replies = [await stage(exchange(stream=True), model) for _ in range(3)]
    for reply in replies:
        await reply.aclose()
    assert model.closed == 1 and len(stage.flights) == 0
    model.gate.set()
    await ask(stage, model, exchange(stream=True))
    assert model.calls == 2


async def test_a_waiting_call_is_ended_when_its_only_caller_is_cancelled(make: Make) -> None:
    stage, model = await make(), Model()
    model.gate.clear()
    task = asyncio.create_task(ask(stage, model, exchange()))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(stage.flights) == 0


@pytest.mark.parametrize("stream", [False, True])
async def test_a_failure_reaches_all(make: Make, stream: bool) -> None:
    stage, model = await make(), Model()
    model.gate.clear()
    model.error = UpstreamBroke("half") if stream else UpstreamRefused("no")
    tasks = [asyncio.create_task(ask(stage, model, exchange(stream=stream))) for _ in range(5)]
    await asyncio.sleep(0.02)
    model.gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in results] == [type(model.error)] * 5 and model.calls == 1
    assert [entry async for entry in stage.store.entries()] == []


async def test_past_the_bound_nobody_joins_and_nothing_piles_up(make: Make) -> None:
    stage, model = await make(max_entry_bytes=2000), Model()
    model.events = [*(Event.of({"choices": [], "n": n, "pad": "x" * 200}) for n in range(200)), DONE]
    first = await stage(exchange(stream=True), model)
    await asyncio.sleep(0.02)
    late = exchange(stream=True)
    await ask(stage, model, late)
    assert model.calls == 2 and late.cache.detail != "collapsed"
    got = [event async for event in first.events]
    assert [event.raw for event in got] == [event.raw for event in model.events]
    await first.aclose()


# Failure and restart


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


async def test_tenants_interleaved_get_no_foreign_answer(make: Make) -> None:
    stage = await make()
    texts = [f"What is the capital of {place}?" for place in ("France", "Spain", "Italy", "Peru")]

    async def answer(asked: Exchange) -> Reply:
        body = completion(f"{asked.caller.id}:{asked.body['messages'][-1]['content']}")
        return Reply.whole(200, json.dumps(body).encode())

    async def tenant(name: str) -> None:
        for n in range(60):
            text = texts[(n * 7) % 4] if n % 3 else texts[n % 4].replace("What is", "Tell me").rstrip("?")
            reply = await stage(exchange(text, caller=Caller(name)), answer)
            got = json.loads(await reply.read())["choices"][0]["message"]["content"]
            await reply.aclose()
            who, _, question = got.partition(":")
            assert who == name and question.rstrip("?").split()[-1] == text.rstrip("?").split()[-1]

    await asyncio.gather(*(tenant(f"t{n}") for n in range(8)))
    counts = stage.stats()["counts"]
    answered = sum(counts.get(name, 0) for name in ("hit.exact", "hit.semantic", "collapsed"))
    assert answered == 8 * 60 - counts["stored"] and counts["hit.exact"] > 100


async def test_background_work_is_bounded_and_dropped_work_is_counted() -> None:
    from tidegate.cache.background import Background

    background, done = Background(limit=3), []

    async def work() -> None:
        await asyncio.sleep(0.01)
        done.append(1)

    assert [background.spawn(work()) for _ in range(5)] == [True, True, True, False, False]
    await background.drain()
    assert (len(done), background.dropped, len(background)) == (3, 2, 0)


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
