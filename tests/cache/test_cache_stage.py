"""The stage from end to end, over the chat dialect and real stores: what hits, what must not, in both forms."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.cache.answer import Piece
from tidegate.engine.exchange import Caller, Exchange, Reply
from tidegate.engine.sse import Event
from tidegate.guardrails.guard import RequestGuard
from tidegate.guardrails.rules.compile import compile_rules
from tidegate.guardrails.rules.load import load_text
from tidegate.tests.cache import staging
from tidegate.tests.cache.staging import DIALECT, Make, Model, Words, ask, completion, exchange

make = staging.make


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


async def test_a_stage_that_is_started_again_answers_other_words_again(make: Make) -> None:
    stage, model = await make(), Model()
    await stage.aclose()
    await stage.start()
    await ask(stage, model, exchange("What is the capital of France?"))
    asked = exchange("Tell me the capital of France")
    await ask(stage, model, asked)
    assert (asked.cache.status, asked.cache.detail) == ("hit", "semantic")


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


BETA, VERSION = "anthropic-beta", "anthropic-version"


@pytest.mark.parametrize(
    ("first", "second", "hit"),
    [
        ({}, {BETA: "redact-thinking-2026-02-12"}, False),
        ({BETA: "one-1"}, {BETA: "one-1,two-2"}, False),
        ({BETA: "one-1,two-2"}, {BETA: "two-2, one-1"}, True),
        ({BETA: "one-1"}, {"openai-beta": "one-1"}, False),
        ({}, {VERSION: "2023-01-01"}, False),
        ({}, {VERSION: "2023-06-01"}, True),
        ({"openai-beta": "assistants=v2"}, {}, False),
    ],
)
async def test_no_answer_crosses_what_headers_ask_of_the_provider(
    make: Make, first: dict[str, str], second: dict[str, str], hit: bool
) -> None:
    stage, model = await make(), Model()
    await ask(stage, model, exchange(headers=first))
    await ask(stage, model, exchange(headers=second))
    assert model.calls == (1 if hit else 2)


@pytest.mark.parametrize("at_once", [False, True])
async def test_an_answers_own_placeholder_never_becomes_a_value_said_beside_the_question(
    make: Make, at_once: bool
) -> None:
    stage, model = await make(), Model("write to <EMAIL_ADDRESS_1>")
    rules = "version: 1\nrules:\n  - {id: pii, detect: {pii: [EMAIL_ADDRESS]}, action: mask}\n"
    ruleset = compile_rules(load_text(rules))
    guard = RequestGuard(lambda: ruleset)

    async def through(**beside: Any) -> tuple[bytes, Exchange]:
        asked = exchange("Whom do I write to?", **beside)
        reply = await guard(asked, lambda it: stage(it, model))
        return await reply.read(), asked

    if at_once:
        model.gate.clear()
    first = asyncio.create_task(through())
    await asyncio.sleep(0.02)
    beside = [asyncio.create_task(through(user="carol@home.example"))]
    beside += [asyncio.create_task(through(metadata={"mail": "dan@home.example"}))]
    await asyncio.sleep(0.02)
    model.gate.set()
    assert b"write to <EMAIL_ADDRESS_1>" in (await first)[0]
    for told, asked in [await one for one in beside]:
        # What the model said to a request that has a first address is about that one, whoever asks.
        assert b"carol@home.example" in told or b"dan@home.example" in told, asked.cache
    assert model.calls == 2
    again = await through()
    assert again[1].cache.detail == "exact" and b"<EMAIL_ADDRESS_1>" in again[0]


async def test_an_entry_from_another_partition_is_not_served_even_if_the_store_gives_it(make: Make) -> None:
    stage, model = await make(mode="exact"), Model()
    await ask(stage, model, exchange())
    (stored,) = [entry async for entry in stage.store.entries()]

    async def lie(_: str) -> Any:
        return stored

    stage.store.get = lie  # type: ignore[method-assign]
    await ask(stage, model, exchange(caller=Caller("bob")))
    assert model.calls == 2


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
