"""What a route does when its targets fail: retries, fallbacks by class, breakers, deadlines, copies."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import (
    BadRequest,
    TidegateError,
    UpstreamBroke,
    UpstreamRefused,
    UpstreamResting,
    UpstreamSilent,
)
from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.sse import DONE, Event
from tidegate.engine.steering import Steering
from tidegate.models.balance import Fastest
from tidegate.models.breaker import Health, Limits
from tidegate.models.failures import BEFORE_IT_BEGAN, Failure
from tidegate.models.mirror import MOST, Mirror
from tidegate.models.retries import Retries
from tidegate.models.routes import Route, Router
from tidegate.models.routing import FALLBACK, RouteStage
from tidegate.models.targets import Target

TEXT = Event.of({"choices": [{"delta": {"content": "hi"}}]})
FILTERED = {"choices": [{"finish_reason": "content_filter", "message": {"content": ""}}]}
WELL = {"choices": [{"finish_reason": "stop", "message": {"content": "hi"}}]}


@dataclass
class Reply_:
    """A scripted reply: a status with a JSON body, or a stream of events in which an error may stand."""

    status: int = 200
    body: Any = field(default_factory=lambda: WELL)
    headers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    events: Sequence[Event | TidegateError] | None = None


Does = int | TidegateError | Reply_


class Scripted:
    """A provider that does one thing after the other, and then the last again."""

    lends_credential = False

    def __init__(self, name: str, *does: Does) -> None:
        self.name = name
        self.does = list(does or (200,))
        self.sent: list[Exchange] = []
        self.replies = self.closed = 0
        self.wait: asyncio.Event | None = None
        self.stream: Callable[[], AsyncIterator[Event]] | None = None

    @property
    def asked(self) -> int:
        return len(self.sent)

    async def __call__(self, exchange: Exchange) -> Reply:
        self.sent.append(exchange)
        if self.wait is not None:
            await self.wait.wait()
        does = self.does.pop(0) if len(self.does) > 1 else self.does[0]
        if isinstance(does, TidegateError):
            raise does
        scripted = Reply_(does) if isinstance(does, int) else does

        async def close() -> None:
            self.closed += 1

        if scripted.events is None:
            reply = Reply.whole(scripted.status, json.dumps(scripted.body).encode(), scripted.headers)
        else:
            events = self.stream() if self.stream else _events(scripted.events)
            reply = Reply(scripted.status, scripted.headers, events, streamed=True)
        reply.closers.append(close)
        self.replies += 1
        return reply


async def _events(scripted: Sequence[Event | TidegateError]) -> AsyncIterator[Event]:
    for event in scripted:
        if isinstance(event, TidegateError):
            raise event
        yield event


def ask(*, stream: bool = False, **more: Any) -> Exchange:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}], **more}
    return Exchange(OpenAIChat(), OpenAIChat.path, {}, body, model="gpt-4o", stream=stream)


def stage(*to: Any, limits: Limits | None = None, **changes: Any) -> RouteStage:
    return RouteStage(Router([Route(list(to), **changes)]), Health(limits))


async def until(holds: Callable[[], bool]) -> None:
    """Let the others run until something has happened."""
    while not holds():  # noqa: ASYNC110
        await asyncio.sleep(0)


AGAIN = Retries(most=2, wait=0.0)


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


ERROR = Event.of({"error": {"type": "server_error", "message": "x"}})
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


async def test_a_target_is_asked_for_its_own_model_and_the_caller_s_request_stays_as_it_was() -> None:
    a, b = Scripted("a", 503), Scripted("b")
    exchange = ask()
    await stage(a, Target(b, "gpt-4o-mini"))(exchange)
    assert a.sent[0] is exchange
    assert (b.sent[0].model, b.sent[0].body["model"], b.sent[0].body["messages"]) == (
        "gpt-4o-mini",
        "gpt-4o-mini",
        exchange.body["messages"],
    )
    assert (exchange.model, exchange.body["model"], exchange.attempts) == ("gpt-4o", "gpt-4o", 2)


async def test_where_the_path_names_the_model_the_path_changes() -> None:
    a = Scripted("a")
    a.speaks = ("gemini",)
    path = "/v1beta/models/gemini-pro:generateContent"
    exchange = Exchange(Gemini(), path, {}, {"contents": []}, model="gemini-pro", stream=False)
    await stage(Target(a, "gemini-flash"))(exchange)
    assert a.sent[0].path == "/v1beta/models/gemini-flash:generateContent" and a.sent[0].body == {"contents": []}


async def test_each_try_of_one_request_has_the_same_idempotency_key_and_another_request_another() -> None:
    a, b = Scripted("a", 503), Scripted("b", 503)
    exchange = ask()
    await stage(a, Target(b, "other"), retries=AGAIN)(exchange)
    keys = [sent.headers.get("idempotency-key") for sent in (*a.sent, *b.sent)]
    assert len(keys) == 6 and len(set(keys[:3])) == 1 == len(set(keys[3:])) and keys[0] != keys[3]
    assert "idempotency-key" not in exchange.headers
    own = ask()
    own.headers["idempotency-key"] = "mine"
    await stage(a, retries=AGAIN)(own)
    assert {sent.headers["idempotency-key"] for sent in a.sent[3:]} == {"mine"}


async def test_a_mirror_gets_a_copy_and_the_caller_does_not_wait_or_hear_of_it() -> None:
    a, b = Scripted("a"), Scripted("b", UpstreamRefused("x"))
    b.wait = asyncio.Event()
    told: list[tuple[str, str]] = []
    mirror = Mirror(Target(b, "new"), 1.0)
    tested = RouteStage(Router([Route([a], mirror=mirror)]), mirrored=lambda *what: told.append(what))
    exchange = ask()
    exchange.headers["idempotency-key"] = "mine"
    assert (await tested(exchange)).status == 200
    assert (exchange.attempts, exchange.provider, told) == (1, "a", [])
    await until(lambda: bool(b.asked))
    assert b.sent[0].model == "new" and "idempotency-key" not in b.sent[0].headers
    b.wait.set()
    await until(lambda: bool(told))
    assert told == [("b", "failed")]


async def test_copies_are_bounded_and_given_up_when_the_gate_stops() -> None:
    a, b = Scripted("a"), Scripted("b")
    b.wait = asyncio.Event()
    told: list[str] = []
    mirror = Mirror(Target(b), 1.0)
    tested = RouteStage(Router([Route([a], mirror=mirror)]), mirrored=lambda _, what: told.append(what))
    for _ in range(MOST + 3):
        await tested(ask())
    await asyncio.sleep(0)
    assert (b.asked, told) == (MOST, ["dropped"] * 3)
    await tested.aclose()
    assert told.count("failed") == MOST


async def test_only_a_share_is_mirrored_and_nothing_that_a_rule_sends_elsewhere() -> None:
    a, b = Scripted("a"), Scripted("b")
    draws = iter([0.04, 0.06])
    mirror = Mirror(Target(b), 0.05, lambda: next(draws))
    tested = RouteStage(Router([Route([a], mirror=mirror)]))
    for _ in range(2):
        await tested(ask())
    chosen = ask()
    chosen.route_to = "a"
    await tested(chosen)
    await asyncio.sleep(0)
    assert b.asked == 1


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
