"""An answer reaches others only after some of them had the same, and an entry knows where it comes from."""

import asyncio
import json

import pytest

from tidegate.cache.lineage import Lineage
from tidegate.engine.exchange import Exchange, Reply, Spent
from tidegate.engine.usage import Usage
from tidegate.tests.cache import learning
from tidegate.tests.cache.learning import Make, Model, ask, exchange, scope, settle

make = learning.make


async def test_an_answer_is_shared_only_after_others_had_the_same(make: Make) -> None:
    stage, model = await make(share="all", shared_after=2, audit=0.0), Model()
    await ask(stage, model, exchange("first", "ann"))
    asked, _ = await ask(stage, model, exchange("first", "ann"))
    assert asked.cache.detail == "exact"
    asked, _ = await ask(stage, model, exchange("first", "bob"))
    assert (asked.cache.status, asked.cache.detail) == ("miss", "unshared")
    for who in ("cyd", "ann"):
        asked, _ = await ask(stage, model, exchange("first", who))
        assert asked.cache.detail == "exact"
    assert len(model.asked) == 2


async def test_a_poisoned_answer_reaches_nobody_else(make: Make) -> None:
    stage, model, poison = await make(share="all", shared_after=2, audit=0.0), Model(), Model(first="The value is 66.")
    await ask(stage, poison, exchange("first", "eve"))
    for who in ("ann", "bob", "cyd"):
        _, told = await ask(stage, model, exchange("first", who))
        assert told == "The value is 17."
    assert len(model.asked) == 2  # the second honest answer agreed with the first
    _, told = await ask(stage, model, exchange("second", "dan"))
    assert told == "The value is 17."


async def test_an_answer_that_took_the_place_of_the_compared_one_is_not_vouched_for(make: Make) -> None:
    stage, model, poison = await make(share="all", shared_after=2, audit=0.0), Model(), Model(first="The value is 66.")
    await ask(stage, model, exchange("first", "ann"))
    bobs = await stage(exchange("first", "bob"), model)
    eves = await stage(exchange("first", "eve"), poison)  # stored before bob's lesson runs
    for reply in (bobs, eves):
        await reply.read()
        await reply.aclose()
        await settle(stage)
    asked, told = await ask(stage, model, exchange("first", "dan"))
    assert (asked.cache.detail, told) == ("unshared", "The value is 17.")


async def test_a_semantic_neighbour_is_vouched_for_by_an_answer_of_ones_own(make: Make) -> None:
    stage, model = await make(share="all", shared_after=2, audit=0.0), Model()
    await ask(stage, model, exchange("capital of france", "eve"))
    asked, _ = await ask(stage, model, exchange("capital city of france", "ann"))
    assert asked.cache.detail == "unshared"
    for text in ("capital of france", "capital city of france", "france and its capital"):
        asked, _ = await ask(stage, model, exchange(text, "bob"))
        assert asked.cache.status == "hit", text


async def test_callers_do_not_travel_on_a_flight_that_nobody_has_vouched_for(make: Make) -> None:
    stage, model, gate = await make(share="all", shared_after=2, audit=0.0), Model(), asyncio.Event()

    async def slow(asked: Exchange) -> Reply:
        await gate.wait()
        return await model(asked)

    tasks = [asyncio.create_task(ask(stage, slow, exchange("first", who))) for who in ("ann", "bob", "ann")]
    await asyncio.sleep(0.01)
    gate.set()
    await asyncio.gather(*tasks)
    assert len(model.asked) == 2


# Lineage


async def test_an_entry_knows_where_it_comes_from(make: Make) -> None:
    stage, model = await make(audit=0.0), Model()

    async def metered(asked: Exchange) -> Reply:
        asked.spent = Spent(Usage(input=6, output=4), "m", dollars=5.0)
        return await model(asked)

    tags = json.dumps({"app": "shop", "n": 3, "trial": True, "nested": {}, "long": "x" * 500})
    await ask(stage, metered, exchange("first", x_tidegate_metadata=tags))
    await ask(stage, metered, "second")
    found = scope(stage)
    assert found["saved"]["tokens"] == 10 and found["saved"]["cost"] == 5.0
    from tidegate.cache.answer import decode

    (entry,) = [one async for one in stage.store.entries()]
    stored = decode(entry.value)
    assert stored is not None and stored.tags == {"app": "shop", "n": "3", "trial": "true", "long": "x" * 128}
    assert (stored.tokens, stored.cost, stored.vouchers, stored.policy) == (10, 5.0, ["ann"], "rules@1")
    assert entry.encoder == "words@1" and stored.seconds > 0


@pytest.mark.parametrize("allowed", [False, True])
async def test_an_answer_from_a_fallback_is_kept_only_where_allowed(make: Make, allowed: bool) -> None:
    stage, model = await make(lineage=Lineage(fallbacks=allowed)), Model()

    async def fallen(asked: Exchange) -> Reply:
        asked.memo["models.fallback"] = True
        return await model(asked)

    asked, _ = await ask(stage, fallen, "first")
    assert asked.cache.stored is allowed


async def test_an_audit_that_finds_the_same_lets_the_fresh_answer_be_shared(make: Make) -> None:
    stage, model = await make(share="all", shared_after=2), Model()
    for who in ("ann", "bob"):
        await ask(stage, model, exchange("first", who))
    asked, _ = await ask(stage, model, exchange("second", "cyd"))
    assert asked.cache.detail == "semantic" and stage.lessons.counts["audit.same"] == 1
    asked, _ = await ask(stage, model, exchange("second", "dan"))
    assert asked.cache.detail == "exact" and model.asked == ["first", "first", "second"]


async def test_an_audit_that_finds_another_answer_shares_nothing(make: Make) -> None:
    stage, model = await make(share="all", shared_after=2), Model(second="The value is 99.")
    for who in ("ann", "bob"):
        await ask(stage, model, exchange("first", who))
    await ask(stage, model, exchange("second", "cyd"))
    asked, _ = await ask(stage, model, exchange("second", "dan"))
    assert asked.cache.detail == "unshared"
