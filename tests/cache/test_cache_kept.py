"""What callers may ask of memory, which answers it keeps, and what becomes of those when the rules change."""

import asyncio
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.errors import Blocked, NotInCache
from tidegate.engine.exchange import Caller, Exchange, Reply, Scope, Verdict
from tidegate.engine.sse import Event
from tidegate.tests.cache import staging
from tidegate.tests.cache.staging import DIALECT, Make, Model, ask, chunks, completion, exchange

make = staging.make


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


@pytest.mark.parametrize("url", ["memory:", "sqlite:{}"])
async def test_a_clock_that_was_set_back_keeps_no_answer_for_longer(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str
) -> None:
    """What comes from the future is left alone: once the clock is there again it is served, in other words too."""
    stage, model = await make(url=url.format(tmp_path / "c.db")), Model()
    await ask(stage, model, exchange())
    await stage.background.drain()
    real, back = time.time, [3600.0]
    monkeypatch.setattr("time.time", lambda: real() - back[0])
    for text in ("What is the capital of France?", "Tell me the capital of France"):
        asked = exchange(text, headers={"x-tidegate-cache-ttl": "0"})
        await ask(stage, model, asked)
        assert asked.cache.status == "miss"
    back[0] = 30.0  # as clocks of two nodes differ
    for text in ("What is the capital of France?", "Tell me the capital of France"):
        asked = exchange(text)
        await ask(stage, model, asked)
        assert asked.cache.status == "hit"


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


@pytest.mark.parametrize("places", [(0, 0, 0), (0, 1)])
async def test_a_stream_without_an_end_mark_is_kept_whole_before_its_last_event_leaves(
    make: Make, places: tuple[int, ...]
) -> None:
    gemini = Gemini(streams=True)

    def asked() -> Exchange:
        body = {"contents": [{"role": "user", "parts": [{"text": "Capital of France?"}]}]}
        return Exchange(gemini, gemini.path, {}, body, "g", True)

    def piece(index: int, text: str) -> Event:  # each says that it ended, as some models do
        candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP", "index": index}
        return Event.of({"candidates": [candidate]})

    stage, model = await make(mode="exact"), Model()
    model.events = [*(piece(place, f"part {n}") for n, place in enumerate(places)), Event.of({"usageMetadata": {}})]
    reply = await stage(asked(), model)
    live = [(await anext(reply.events)).raw for _ in model.events]
    await reply.aclose()  # whoever has the last event may hang up
    again = asked()
    replayed = await ask(stage, model, again)
    assert (again.cache.detail, model.calls) == ("exact", 1)
    assert replayed == b"".join(live) == b"".join(event.raw for event in model.events)


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


@pytest.mark.parametrize("fate", ["replaced", "deleted"])
async def test_an_answer_that_was_being_screened_does_not_come_back_over_what_became_of_it(
    make: Make, fate: str
) -> None:
    rules, screened = ["1"], asyncio.Event()

    async def screen(_: Exchange, reply: Reply) -> Reply:
        await screened.wait()
        return reply

    stage = await make(policy=lambda _: rules[0], rescreen=screen)
    await ask(stage, Model("the old answer"), exchange())
    rules[0] = "2"
    (old,) = [entry async for entry in stage.store.entries()]
    screening = asyncio.create_task(ask(stage, Model(), exchange()))
    await asyncio.sleep(0.01)
    if fate == "replaced":
        await ask(stage, Model("the new answer"), exchange(headers={"cache-control": "no-cache"}))
    else:
        await stage.store.delete(old.key)
    screened.set()
    assert b"the old answer" in await screening
    left = [b"the new answer" in entry.value async for entry in stage.store.entries()]
    assert left == ([True] if fate == "replaced" else [])


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
    assert stage.stats()["counts"]["rescreen_refused"] == 1


async def test_a_callers_stricter_rules_do_not_take_an_answer_from_the_others(make: Make) -> None:
    async def screen(asked: Exchange, reply: Reply) -> Reply:
        if asked.caller.id == "bob":
            raise Blocked("no")
        return reply

    def policy(asked: Exchange) -> str:
        return f"rules of {asked.caller.id}"

    stage, model = await make(mode="exact", share="all", policy=policy, rescreen=screen), Model()
    await ask(stage, model, exchange())
    model.status = 502  # what bob is told is not kept
    for who, status in (("bob", "stale"), ("ann", "hit"), ("bob", "stale"), ("ann", "hit")):
        asked = exchange(caller=Caller(who))
        await ask(stage, model, asked)
        assert (who, asked.cache.status) == (who, status)
    assert model.calls == 3


@pytest.mark.parametrize("first", [False, True])
async def test_an_answer_that_was_judged_as_a_stream_is_judged_whole_before_it_is_served_whole(
    make: Make, first: bool
) -> None:
    screened: list[tuple[bool, bytes]] = []

    async def screen(_: Exchange, reply: Reply) -> Reply:
        raw = await reply.read()
        screened.append((reply.streamed, raw))
        return Reply.whole(200, raw.replace(b"Paris", b"*****"))

    stage, model = await make(mode="exact", rescreen=screen), Model()
    await ask(stage, model, exchange(stream=first))
    for stream in (True, False, False, True):
        await ask(stage, model, exchange(stream=stream))
    if first:
        ((streamed, raw),) = screened
        assert not streamed and b"Paris" in raw and model.calls == 2
    else:
        assert not screened and model.calls == 1, "who has seen it whole has seen more than in a stream"


async def test_a_stream_that_passed_whole_is_screened_no_more(make: Make) -> None:
    screened: list[str] = []

    async def screen(asked: Exchange, reply: Reply) -> Reply:
        screened.append(asked.id)
        return reply

    stage, model = await make(mode="exact", rescreen=screen), Model()
    for stream in (True, False, False, True, False):
        await ask(stage, model, exchange(stream=stream))
    assert len(screened) == 1 and model.calls == 1


@pytest.mark.parametrize("objects", [True, False])
async def test_a_stream_under_new_rules_is_served_in_no_form_that_they_have_not_passed(
    make: Make, objects: bool
) -> None:
    rules, screened = ["1"], list[bool]()

    async def screen(asked: Exchange, reply: Reply) -> Reply:
        screened.append(reply.streamed)
        asked.note(Verdict("r", "flag", "x", Scope.OUTPUT))
        if reply.streamed and objects:  # to what the whole body does not show
            raise Blocked("no")
        return reply

    stage, model = await make(mode="exact", policy=lambda _: rules[0], rescreen=screen), Model()
    await ask(stage, model, exchange(stream=True))
    rules[0], model.status = "2", 502  # what is told from now on is not kept
    whole, streamed = exchange(), exchange(stream=True)
    await ask(stage, model, whole)
    await ask(stage, model, streamed)
    told = "stale" if objects else "hit"
    assert (whole.cache.status, streamed.cache.status) == (told, told)
    assert screened == ([True, True] if objects else [True, False])
    assert len(whole.verdicts) == (0 if objects else 1), "what is found in two forms is noted once"


async def test_a_file_that_somebody_locks_holds_up_no_whole_reply(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tidegate.cache.keep.STORE_WAIT_SECONDS", 0.01)
    stage = await make(mode="exact", url=f"sqlite:{tmp_path}/cache.db")
    lock = sqlite3.connect(tmp_path / "cache.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        asked = exchange()
        async with asyncio.timeout(1.0):  # the store itself waits for two seconds
            reply = await stage(asked, Model())
            assert b"Paris" in await reply.read() and not asked.cache.stored
        await reply.aclose()
    finally:
        lock.execute("ROLLBACK")
        lock.close()


async def test_behind_an_answer_that_has_left_the_next_one_is_found(make: Make) -> None:
    stage, model = await make(), Model()
    for text in ("Tell me the capital of France", "What's the capital of France?"):
        asked = exchange(text, headers={"cache-control": "no-cache"})
        await ask(stage, model, asked)
    await stage.background.drain()
    (left,) = [entry.key async for entry in stage.store.entries() if b"Tell me" in entry.value]
    await stage.store.delete(left)
    asked = exchange("Tell me the capital of France.")
    await ask(stage, model, asked)
    assert (asked.cache.detail, model.calls) == ("semantic", 2)
