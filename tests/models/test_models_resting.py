"""A provider that asked to be left alone or keeps failing rests, and one whose fault it was not does not."""

import asyncio

import pytest

from tidegate.engine.errors import UpstreamResting
from tidegate.engine.steering import Steering
from tidegate.models.balance import Fastest
from tidegate.models.breaker import Health, Limits
from tidegate.models.routes import Route, Router
from tidegate.models.routing import RouteStage
from tidegate.models.targets import Target
from tidegate.tests.models.scripted import AGAIN, Reply_, Scripted, ask, stage, until


async def test_a_retry_after_beyond_the_longest_pause_is_not_waited_for() -> None:
    a = Scripted("a", Reply_(429, headers=[("retry-after", "3600")]))
    b = Scripted("b")
    await stage(a, b, retries=AGAIN)(ask())
    assert (a.asked, b.asked) == (1, 1)


async def test_who_asked_to_be_left_alone_is_asked_last_for_that_model_and_not_refused() -> None:
    a, b = Scripted("a", Reply_(429, headers=[("retry-after", "30")])), Scripted("b", 200, 503)
    tested = stage(a, b)
    await tested(ask())
    await tested(ask())
    assert (a.asked, b.asked) == (2, 2), "b first, then a all the same"
    other = ask()
    other.model = "gpt-4o-mini"
    await tested(other)
    assert a.asked == 3


async def test_a_limit_on_a_caller_s_own_key_is_not_held_against_others() -> None:
    a, b = Scripted("a", Reply_(429, headers=[("retry-after", "30")])), Scripted("b")
    a.lends_credential = True
    tested = stage(a, b)
    await tested(ask())
    await tested(ask())
    assert a.asked == 2


async def test_a_provider_that_keeps_failing_is_passed_over_and_probed_once() -> None:
    now = [0.0]
    health = Health(Limits(failures=2, rest=5), lambda: now[0])
    a, b = Scripted("a", 503), Scripted("b")
    tested = RouteStage(Router([Route([a, b])]), health)
    for _ in range(5):
        await tested(ask())
    assert (a.asked, health.breaker("a").state) == (2, "open")
    exchange = ask()
    await tested(exchange)
    assert exchange.attempts == 1, "who was not asked is no attempt"
    now[0] = 5.0
    a.does, a.wait = [200], asyncio.Event()
    probe = asyncio.create_task(tested(ask()))
    await until(lambda: a.asked == 3)
    await tested(ask())
    assert a.asked == 3, "one probe at a time"
    a.wait.set()
    await probe
    assert health.breaker("a").state == "closed"


async def test_where_nobody_else_is_left_a_resting_provider_is_asked_all_the_same() -> None:
    a = Scripted("a", 503)
    tested = stage(a, limits=Limits(failures=2))
    for _ in range(5):
        assert (await tested(ask())).status == 503
    assert a.asked == 5
    a.does = [200]
    assert (await tested(ask())).status == 200


async def test_or_the_caller_is_told_at_once_when_to_come_back() -> None:
    a = Scripted("a", 503)
    tested = stage(a, limits=Limits(failures=2, rest=7, fail_fast=True))
    for _ in range(2):
        await tested(ask())
    exchange = ask()
    with pytest.raises(UpstreamResting) as told:
        await tested(exchange)
    assert (a.asked, told.value.status, told.value.headers) == (2, 503, {"retry-after": "7"})
    assert exchange.attempts == 0


async def test_failing_at_once_is_not_fast() -> None:
    a, b = Target(Scripted("a", 429)), Target(Scripted("b"))
    tested = stage(a, b, balance=Fastest([a, b]))
    for _ in range(20):
        await tested(ask())
    assert a.provider.asked == 1


async def test_limits_and_the_caller_s_own_errors_do_not_open_a_breaker() -> None:
    health = Health(Limits(failures=2, least=2))
    for does in (429, 400, 404):
        tested = RouteStage(Router([Route([Scripted("a", does), Scripted("b")])]), health)
        for _ in range(5):
            await tested(ask())
    assert health.breaker("a").state == "closed"


async def test_a_caller_in_a_hurry_opens_no_breaker() -> None:
    a, b = Scripted("a"), Scripted("b")
    a.wait = asyncio.Event()
    stage = RouteStage(Router([Route([a], fallback=[b])]), health := Health(Limits(failures=1)))
    for _ in range(3):
        asked = ask()
        asked.steering = Steering(seconds=0.001)
        reply = await stage(asked)
        assert (asked.provider, asked.attempts) == ("b", 2)
        await reply.aclose()
    assert health.breaker("a").state == "closed"
