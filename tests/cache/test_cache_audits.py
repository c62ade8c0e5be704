"""After the reply the model is asked again what a hit was worth: bounded, told of as what it is, kept as a pair."""

import asyncio
from typing import Any

import pytest

from tidegate.cache.lessons import REST_SECONDS, WAITING
from tidegate.cache.observed import kept_pairs
from tidegate.cache.stage import CacheStage
from tidegate.engine.errors import Blocked, UpstreamRefused
from tidegate.engine.exchange import Exchange, Reply, Spent
from tidegate.engine.steering import Choice, Steering
from tidegate.engine.usage import Usage
from tidegate.tests.cache import learning
from tidegate.tests.cache.learning import Make, Model, Says, ask, exchange, scope, settle, token

make = learning.make


@pytest.mark.parametrize("stream", [False, True])
async def test_an_audit_asks_the_model_after_the_caller_has_the_cached_answer(make: Make, stream: bool) -> None:
    stage, model = await make(), Model()
    await ask(stage, model, exchange("first question", stream=stream))
    asked, _ = await ask(stage, model, exchange("second question", stream=stream))
    assert asked.cache.detail == "semantic" and model.asked == ["first question", "second question"]
    assert scope(stage)["audits"] == {"same": 1, "different": 0, "unclear": 0}
    asked, _ = await ask(stage, model, exchange("second question", stream=stream))
    assert asked.cache.detail == "exact"  # the fresh answer was kept


async def test_a_wrong_hit_is_seen_and_its_question_gets_its_own_answer(make: Make) -> None:
    stage, model = await make(), Model(second="The value is 99.")
    await ask(stage, model, "first")
    _, told = await ask(stage, model, "second")
    assert told == "The value is 17."
    found = scope(stage)
    assert found["audits"]["different"] == 1 and found["wrong_hit_rate"] == 1.0
    asked, told = await ask(stage, model, "second")
    assert (asked.cache.detail, told) == ("exact", "The value is 99.")


async def test_without_audits_the_model_is_left_alone(make: Make) -> None:
    stage, model = await make(audit=0.0), Model()
    for text in ("first", "second", "third"):
        await ask(stage, model, text)
    assert model.asked == ["first"]


@pytest.mark.parametrize("failure", [UpstreamRefused("no"), 503])
async def test_audits_rest_while_the_model_fails(make: Make, failure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stage, model = await make(), Model()
    await ask(stage, model, "first")
    if isinstance(failure, int):
        model.status = failure
    else:
        model.error = failure
    await ask(stage, model, "second")
    assert len(model.asked) == 2 and scope(stage)["audits"]["same"] == 0
    await ask(stage, model, "third")
    assert len(model.asked) == 2 and stage.lessons.counts["audit.skipped"] == 1
    model.error, model.status = None, 200
    stage.lessons._rests_until -= REST_SECONDS + 1  # pyright: ignore[reportPrivateUsage]
    await ask(stage, model, "fourth")
    assert len(model.asked) == 3


async def test_a_blocked_fresh_answer_is_unclear(make: Make) -> None:
    stage, model = await make(), Model()
    await ask(stage, model, "first")
    model.error = Blocked("no")
    await ask(stage, model, "second")
    assert scope(stage)["audits"] == {"same": 0, "different": 0, "unclear": 1}


@pytest.mark.parametrize(
    ("model_status", "error", "said"),
    [(200, None, (200, "")), (503, None, (503, "")), (200, Blocked("no"), (400, "content_filter"))],
)
async def test_an_audit_is_told_of_as_what_it_is(
    make: Make, model_status: int, error: Exception | None, said: tuple[int, str]
) -> None:
    stage, model = await make(), Model()
    told: list[tuple[Exchange, int, str]] = []
    stage.lessons.told = lambda asked, status, failure: told.append((asked, status, failure.code if failure else ""))
    await ask(stage, model, "first")
    model.status, model.error = model_status, error

    async def counted(asked: Exchange) -> Reply:
        asked.spent = Spent(Usage(input=4, output=6), "m", dollars=0.5)
        return await model(asked)

    hit, _ = await ask(stage, counted, "second")
    ((asked, *rest),) = told
    assert (asked.id, asked.caller.id, asked.cache.status) == (hit.id + ".audit", "audit", "audit")
    assert tuple(rest) == said and asked.timings["total"] > 0
    assert stage.lessons.spent == {"tokens": 10, "cost": 0.5}
    assert scope(stage)["audits_took"] == {"tokens": 10, "cost": 0.5}


async def test_an_audit_goes_the_way_that_its_request_would_have_gone(make: Make) -> None:
    stage, ways = await make(), list[tuple[Any, ...]]()

    async def seen(asked: Exchange) -> Reply:
        ways.append((asked.steering, asked.lane, asked.metadata))
        return await Model()(asked)

    for text in ("first", "second"):
        asked = exchange(text)
        asked.steering, asked.lane, asked.metadata = Steering((Choice(("private",)),)), "private", {"team": "a"}
        await ask(stage, seen, asked)
    assert len(ways) == 2 and ways[0] == ways[1] and ways[1][1] == "private"


async def test_every_kind_of_comparison_is_kept_as_a_pair(make: Make) -> None:
    chances = {"third": 0.5}
    stage = await make(Says(lambda question, _: chances.get(question, 0.95)), max_wrong_hits=0.01)
    model = Model(third="The value is 99.")
    await ask(stage, model, "first")
    await ask(stage, model, "second")  # audited
    await ask(stage, model, "third")  # refused
    stage.bound.audit = 0.0
    asked, _ = await ask(stage, model, "fourth")
    assert await stage.feedback(token(asked), "ann", False)
    stage.bound.tallies[asked_scope(stage)].new_era()  # off
    await ask(stage, model, "fifth")
    await stage.journal.flush()
    pairs = {pair.asked: pair for _, pair in await kept_pairs(stage.store)}
    assert {asked: (pair.kind, pair.verdict) for asked, pair in pairs.items()} == {
        "second": ("audit", "same"),
        "third": ("near", "different"),
        "fourth": ("feedback", "different"),
        "fifth": ("shadow", "same"),
    }
    assert pairs["second"].stored == "first" and pairs["third"].probability == 0.5


def asked_scope(stage: CacheStage) -> str:
    (found,) = stage.bound.tallies
    return found


async def test_audits_are_bounded_and_what_is_too_much_is_counted(make: Make) -> None:
    stage, model, gate = await make(), Model(), asyncio.Event()
    await ask(stage, model, "first")

    async def slow(asked: Exchange) -> Reply:
        await gate.wait()
        return await model(asked)

    for n in range(WAITING + 5):
        reply = await stage(exchange(f"other {n}"), slow)
        await reply.read()
        await reply.aclose()
    assert stage.stats()["lessons"]["dropped"] == 5
    gate.set()
    await settle(stage)
