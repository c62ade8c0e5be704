"""What a route does when its targets fail: it asks again, then the next one, a fallback by class, and nobody once a
reply has begun or the caller has left."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.errors import BadRequest, TidegateError, UpstreamBroke, UpstreamRefused, UpstreamSilent
from tidegate.engine.sse import DONE, Event
from tidegate.models.breaker import Health, Limits
from tidegate.models.failures import BEFORE_IT_BEGAN, Failure
from tidegate.models.retries import Retries
from tidegate.models.routes import Route, Router
from tidegate.models.routing import FALLBACK, RouteStage
from tidegate.tests.models.scripted import AGAIN, ERROR, FILTERED, TEXT, WELL, Does, Reply_, Scripted, ask, stage, until


async def test_a_target_is_asked_again_before_the_next_one() -> None:
    a, b = Scripted("a", 503, UpstreamRefused("x"), 200), Scripted("b")
    exchange = ask()
    reply = await stage(a, b, retries=AGAIN)(exchange)
    assert (reply.status, a.asked, b.asked, exchange.attempts, exchange.provider) == (200, 3, 0, 3, "a")
    assert a.closed == 1, "the reply that was not passed on"


async def test_tries_are_counted_and_then_the_next_one_is_asked() -> None:
    a, b = Scripted("a", 429), Scripted("b")
    exchange = ask()
    await stage(a, b, retries=AGAIN)(exchange)
    assert (a.asked, b.asked, exchange.attempts, exchange.provider) == (3, 1, 4, "b")


@pytest.mark.parametrize("silence", [UpstreamSilent("x"), UpstreamBroke("x")], ids=repr)
async def test_silence_after_the_request_was_sent_is_not_retried_by_itself(silence: TidegateError) -> None:
    a = Scripted("a", silence)
    with pytest.raises(type(silence)):
        await stage(a, retries=AGAIN)(ask())
    assert a.asked == 1
    a = Scripted("a", silence, 200)
    told = Retries(most=2, wait=0.0, on=frozenset({Failure.SILENT}))
    assert (await stage(a, retries=told)(ask())).status == 200


async def test_a_connection_that_was_never_made_is_retried() -> None:
    unsent = UpstreamSilent("no connection")
    unsent.unanswered = False
    a = Scripted("a", unsent, 200)
    assert (await stage(a, retries=AGAIN)(ask())).status == 200


async def test_after_silence_nobody_else_is_asked_to_run_a_provider_s_tools() -> None:
    a, b = Scripted("a", UpstreamSilent("x")), Scripted("b")
    with pytest.raises(UpstreamSilent):
        await stage(a, b, fallback=[Scripted("c")])(ask(tools=[{"type": "web_search"}]))
    assert b.asked == 0
    functions = ask(tools=[{"type": "function", "function": {"name": "f"}}])
    assert (await stage(a, b)(functions)).status == 200
    told = Retries(most=1, wait=0.0, on=frozenset({Failure.SILENT}))
    assert (await stage(a, b, retries=told)(ask(tools=[{"type": "web_search"}]))).status == 200
    a = Scripted("a", 503)
    assert (await stage(a, b)(ask(tools=[{"type": "web_search"}]))).status == 200, "it said no, so nothing was run"


@pytest.mark.parametrize(
    ("does", "name"),
    [(503, "r"), (UpstreamRefused("x"), "r"), (429, "l"), (529, "l"), (UpstreamSilent("x"), "s"), (FILTERED, "c")],
    ids=str,
)
async def test_a_fallback_is_chosen_by_what_went_wrong(does: Any, name: str) -> None:
    a = Scripted("a", Reply_(body=does) if isinstance(does, dict) else does)
    fallback = {
        Failure.REFUSED: [Scripted("r")],
        Failure.LIMITED: [Scripted("l")],
        Failure.SILENT: [Scripted("s")],
        Failure.CONTENT_FILTER: [Scripted("c")],
    }
    exchange = ask()
    reply = await stage(a, fallback=fallback)(exchange)
    assert (exchange.provider, exchange.attempts, exchange.memo[FALLBACK]) == (name, 2, True)
    assert json.loads(await reply.read()) == WELL


async def test_a_class_without_a_fallback_is_the_caller_s() -> None:
    spare = Scripted("spare")
    exchange = ask()
    reply = await stage(Scripted("a", 429), fallback={Failure.SILENT: [spare]})(exchange)
    assert (reply.status, spare.asked, exchange.provider) == (429, 0, "a")
    assert FALLBACK not in exchange.memo


async def test_a_filtered_reply_is_an_answer_unless_a_fallback_is_named_for_it() -> None:
    spare = Scripted("spare")
    reply = await stage(Scripted("a", Reply_(body=FILTERED)), fallback=[spare])(ask())
    assert json.loads(await reply.read()) == FILTERED and spare.asked == 0
    twice = stage(Scripted("a", Reply_(body=FILTERED)), fallback={Failure.CONTENT_FILTER: [spare]})
    spare.does = [Reply_(body=FILTERED)]
    assert json.loads(await (await twice(ask())).read()) == FILTERED, "the last one's is the caller's, byte for byte"


async def test_an_answer_from_the_second_of_to_is_not_marked_as_a_fallback() -> None:
    exchange = ask()
    await stage(Scripted("a", 503), Scripted("b"))(exchange)
    assert exchange.provider == "b" and FALLBACK not in exchange.memo


COMMENT = Event(b": queued\n\n", b"")


@pytest.mark.parametrize(
    "events",
    [[ERROR], [COMMENT, ERROR], [], [COMMENT], [UpstreamBroke("x")], [UpstreamSilent("x")]],
    ids=["error", "comment then error", "nothing", "only a comment", "broken", "silent"],
)
async def test_a_stream_that_fails_before_its_first_event_has_not_begun(events: list[Event | TidegateError]) -> None:
    a, b = Scripted("a", Reply_(events=events)), Scripted("b", Reply_(events=[COMMENT, TEXT, DONE]))
    exchange = ask(stream=True)
    reply = await stage(a, b)(exchange)
    assert [event.raw async for event in reply.events] == [COMMENT.raw, TEXT.raw, DONE.raw]
    assert (exchange.provider, exchange.attempts, a.closed) == ("b", 2, 1)


async def test_a_stream_that_has_begun_is_never_asked_for_again() -> None:
    a, b = Scripted("a", Reply_(events=[TEXT, UpstreamBroke("x")])), Scripted("b")
    reply = await stage(a, b, retries=AGAIN)(ask(stream=True))
    with pytest.raises(UpstreamBroke):
        await reply.read()
    assert (a.asked, b.asked) == (1, 0)


async def test_the_last_one_s_error_event_reaches_the_caller_as_it_came() -> None:
    a, b = Scripted("a", Reply_(events=[ERROR])), Scripted("b", Reply_(events=[ERROR, DONE]))
    reply = await stage(a, b)(ask(stream=True))
    assert await reply.read() == ERROR.raw + DONE.raw


async def test_a_stream_whose_error_is_the_caller_s_fault_is_final() -> None:
    a = Scripted("a", Reply_(events=[Event.of({"error": {"type": "invalid_request_error"}})]))
    b = Scripted("b")
    await stage(a, b)(ask(stream=True))
    assert b.asked == 0


async def test_a_deadline_bounds_all_attempts_together() -> None:
    a, b = Scripted("a"), Scripted("b")
    a.wait = asyncio.Event()
    with pytest.raises(UpstreamSilent, match="deadline of this route"):
        await stage(a, b, deadline=0.02)(ask())
    assert b.asked == 0
    c = Scripted("c", 503)
    reply = await stage(c, retries=Retries(most=5, wait=1000.0, longest=1000.0), deadline=0.5)(ask())
    assert (reply.status, c.asked) == (503, 1), "no pause that would outlast it is begun"


async def test_a_caller_who_leaves_ends_the_attempt_and_no_other_follows() -> None:
    a, b = Scripted("a"), Scripted("b")
    a.wait = asyncio.Event()
    health = Health(Limits(failures=1))
    task = asyncio.create_task(RouteStage(Router([Route([a, b])]), health)(ask()))
    await until(lambda: bool(a.asked))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert b.asked == 0 and health.breaker("a").state == "closed"


async def test_a_caller_who_leaves_before_the_first_event_closes_the_stream() -> None:
    waits = asyncio.Event()

    async def never() -> AsyncIterator[Event]:
        waits.set()
        await asyncio.Event().wait()
        yield TEXT

    a, b = Scripted("a", Reply_(events=[])), Scripted("b")
    a.stream = never
    task = asyncio.create_task(stage(a, b)(ask(stream=True)))
    await waits.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (a.closed, b.asked) == (1, 0)


OUTCOMES = st.sampled_from(["ok", "bad request", "refused", "limited", "silent", "filtered", "late", "empty", "error"])


def scripted(what: str, stream: bool) -> Does:
    whole: dict[str, Does] = {
        "ok": Reply_(events=[TEXT, DONE]) if stream else 200,
        "bad request": 400,
        "refused": UpstreamRefused("x"),
        "limited": 429,
        "silent": UpstreamSilent("x"),
        "filtered": Reply_(body=FILTERED),
        "late": Reply_(events=[TEXT, UpstreamBroke("x")]),
        "empty": Reply_(events=[]),
        "error": Reply_(events=[ERROR]),
    }
    return whole[what]


@given(
    scripts=st.lists(st.lists(OUTCOMES, min_size=1, max_size=4), min_size=4, max_size=4),
    stream=st.booleans(),
    most=st.integers(0, 3),
    on=st.frozensets(st.sampled_from(BEFORE_IT_BEGAN)),
)
async def test_whatever_happens_calls_are_bounded_and_each_reply_is_passed_on_or_closed(
    scripts: list[list[str]], stream: bool, most: int, on: frozenset[Failure]
) -> None:
    providers = [
        Scripted(name, *(scripted(what, stream) for what in script))
        for name, script in zip("abcd", scripts, strict=True)
    ]
    a, b, c, d = providers
    tested = stage(
        a,
        b,
        retries=Retries(most=most, wait=0.0, on=on),
        fallback={Failure.LIMITED: [c], Failure.SILENT: [c, d], Failure.CONTENT_FILTER: [d]},
    )
    exchange = ask(stream=stream)
    passed = 0
    try:
        reply = await tested(exchange)
        asked = [provider.asked for provider in providers]
        passed = 1
        with suppress(UpstreamBroke):
            await reply.read()
        assert [provider.asked for provider in providers] == asked, "nobody is asked once the reply is handed on"
    except TidegateError:
        pass
    assert exchange.attempts == sum(provider.asked for provider in providers)
    assert all(provider.asked <= 1 + most for provider in providers)
    assert sum(provider.replies - provider.closed for provider in providers) == passed


async def test_every_attempt_is_told_with_its_outcome() -> None:
    told: list[tuple[str, str]] = []
    a, b = Scripted("a", 429, UpstreamSilent("x")), Scripted("b")
    record: Callable[[str, str], None] = lambda *what: told.append(what)  # noqa: E731
    tested = RouteStage(Router([Route([a, b])]), Health(Limits(failures=1)), attempted=record)
    for _ in range(3):
        await tested(ask())
    assert told == [("a", "limited"), ("b", "ok"), ("a", "silent"), ("b", "ok"), ("a", "rests"), ("b", "ok")]


async def test_what_one_dialect_cannot_say_goes_to_a_provider_that_can_take_it() -> None:
    a, b = Scripted("a"), Scripted("b")
    a.speaks = ["anthropic"]  # pyright: ignore[reportAttributeAccessIssue]
    exchange = ask(logprobs=True)
    assert (await stage(a, b)(exchange)).status == 200
    assert (a.asked, b.asked, exchange.attempts, exchange.provider) == (0, 1, 1, "b")
    with pytest.raises(BadRequest, match="logprobs"):
        await stage(a)(ask(logprobs=True))
    down = Scripted("down", UpstreamRefused("down"))
    with pytest.raises(UpstreamRefused, match="down"):
        await stage(down, a)(ask(logprobs=True))


EXPLODED = {"error": {"message": "the host behind did not answer", "code": 502}}


@pytest.mark.parametrize(
    ("body", "by"),
    [
        (EXPLODED, "refused"),
        ({"error": {"message": "x", "code": 429}, "user_id": "u"}, "limited"),
        ({"object": "response", "status": "failed", "output": [], "error": {"code": "server_error"}}, "refused"),
        ({"error": {"message": "x", "code": "content_policy_violation"}}, "content_filter"),
        ({"error": {"message": "x", "code": 400}}, "a"),
        ({**WELL, "error": {"message": "x", "code": 502}}, "a"),
        ({**WELL, "error": ""}, "a"),
        ({**WELL, "error": None}, "a"),
        ({}, "a"),
    ],
)
async def test_a_200_that_holds_an_error_in_place_of_an_answer_is_none(body: Any, by: str) -> None:
    spare = {failure: [Scripted(failure.value)] for failure in Failure}
    exchange = ask()
    await stage(Scripted("a", Reply_(body=body)), fallback=spare)(exchange)
    assert exchange.provider == by


async def test_such_a_200_opens_the_breaker_and_reaches_the_caller_as_it_came_where_nobody_else_is_left() -> None:
    route = stage(Scripted("a", Reply_(body=EXPLODED)), limits=Limits(failures=2))
    for state in ("closed", "open"):
        reply = await route(ask())
        assert (reply.status, json.loads(await reply.read())) == (200, EXPLODED)
        assert route._health.breaker("a").state == state  # pyright: ignore[reportPrivateUsage]
