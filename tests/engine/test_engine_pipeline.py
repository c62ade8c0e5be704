"""The pipeline: the order is a promise, time is told apart, and no fault shows what it says."""

import asyncio
from types import SimpleNamespace

import pytest

from tidegate.engine import pipeline
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import Blocked, InternalError
from tidegate.engine.exchange import CacheNote, Exchange, Reply, Scope, Verdict
from tidegate.engine.headers import cache_status, guard_header, outcome, overhead_ms, reply_headers, server_timing
from tidegate.engine.limits import FINDINGS
from tidegate.engine.pipeline import Pipeline, Stages, overhead
from tidegate.engine.ports import Next, Stage


class Clock:
    """The pipeline's clock, moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(pipeline, "time", SimpleNamespace(perf_counter=lambda: self.now))


def exchange() -> Exchange:
    return Exchange(OpenAIChat(), "/v1/chat/completions", {}, {"model": "m"}, "m", False)


async def route(exchange: Exchange) -> Reply:
    exchange.memo.setdefault("way", []).append("route")
    return Reply.whole(200, b"{}")


def passing(name: str) -> Stage:
    async def stage(exchange: Exchange, next: Next) -> Reply:
        exchange.memo.setdefault("way", []).append(name)
        reply = await next(exchange)
        exchange.memo["way"].append(f"/{name}")
        return reply

    return stage


PLACES = ["admit", "compat", "limit", "outer", "request_guard", "tap", "cache", "reply_guard", "inner"]


async def test_requests_travel_in_the_published_order_and_replies_travel_back() -> None:
    single = {name: passing(name) for name in PLACES if name not in ("outer", "inner")}
    stages = Stages(**single, outer=[passing("o1"), passing("o2")], inner=[passing("i1"), passing("i2")])
    seen = exchange()
    await Pipeline(stages, route)(seen)
    order = ["admit", "compat", "limit", "o1", "o2", "request_guard", "tap", "cache", "reply_guard", "i1", "i2"]
    assert seen.memo["way"] == [*order, "route", *(f"/{name}" for name in reversed(order))]
    assert set(seen.timings) == {*PLACES, "upstream"}


async def test_places_that_are_empty_are_passed_over() -> None:
    seen = exchange()
    assert await (await Pipeline(Stages(), route)(seen)).read() == b"{}"
    assert set(seen.timings) == {"upstream"}


async def test_each_stage_is_charged_its_own_time_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)

    async def slow(exchange: Exchange, next: Next) -> Reply:
        clock.now += 0.02
        return await next(exchange)

    async def silent(exchange: Exchange) -> Reply:
        clock.now += 0.04
        return await route(exchange)

    seen = exchange()
    await Pipeline(Stages(admit=passing("admit"), cache=slow), silent)(seen)
    assert seen.timings == pytest.approx({"admit": 0, "cache": 20, "upstream": 40})
    assert overhead(seen.timings) == pytest.approx(20)
    assert overhead(seen.timings | {"total": 60}) == pytest.approx(20)


async def test_a_stage_that_tries_again_is_charged_once_for_itself_and_the_model_for_each_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    calls: list[int] = []

    async def failing(exchange: Exchange) -> Reply:
        calls.append(1)
        clock.now += 0.01
        if len(calls) < 3:
            raise Blocked("not yet")
        return await route(exchange)

    async def again(exchange: Exchange, next: Next) -> Reply:
        for _ in range(2):
            try:
                return await next(exchange)
            except Blocked:
                continue
        return await next(exchange)

    seen = exchange()
    await Pipeline(Stages(inner=[again]), failing)(seen)
    assert len(calls) == 3
    assert seen.timings == pytest.approx({"upstream": 30, "inner": 0})


async def test_time_is_noted_of_a_stage_that_fails_too() -> None:
    async def blocking(exchange: Exchange, next: Next) -> Reply:
        raise Blocked("no")

    seen = exchange()
    with pytest.raises(Blocked):
        await Pipeline(Stages(request_guard=blocking, cache=passing("cache")), route)(seen)
    assert set(seen.timings) == {"request_guard"}
    assert "way" not in seen.memo


async def test_a_fault_becomes_an_internal_error_that_says_nothing_of_it() -> None:
    async def faulty(exchange: Exchange, next: Next) -> Reply:
        raise ValueError("sk-secret in a traceback")

    seen = exchange()
    with pytest.raises(InternalError) as caught:
        await Pipeline(Stages(cache=faulty), route)(seen)
    assert "secret" not in str(caught.value)
    assert seen.id in str(caught.value)
    assert isinstance(caught.value.__cause__, ValueError)


async def test_a_cancelled_exchange_stays_cancelled() -> None:
    async def cancelled(exchange: Exchange) -> Reply:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Pipeline(Stages(cache=passing("cache")), cancelled)(exchange())


async def test_a_stage_that_fails_after_the_model_has_answered_leaves_no_connection_open() -> None:
    closed: list[int] = []

    async def close() -> None:
        closed.append(1)

    async def answering(exchange: Exchange) -> Reply:
        reply = Reply.whole(200, b"{}")
        reply.closers.append(close)
        return reply

    async def refusing(exchange: Exchange, next: Next) -> Reply:
        await next(exchange)
        raise Blocked("no")

    with pytest.raises(Blocked):
        await Pipeline(Stages(outer=[passing("o")], reply_guard=refusing), answering)(exchange())
    assert closed == [1]


async def test_every_closer_is_called_once_the_last_first_even_when_one_fails() -> None:
    closed: list[int] = []

    def closer(number: int) -> None:
        async def close() -> None:
            closed.append(number)
            if number == 2:
                raise OSError("already gone")

        reply.closers.append(close)

    reply = Reply.whole(200, b"{}")
    for number in (1, 2, 3):
        closer(number)
    with pytest.raises(OSError, match="already gone"):
        await reply.aclose()
    await reply.aclose()
    assert closed == [3, 2, 1]


# --- headers


def verdict(rule: str, action: str) -> Verdict:
    return Verdict(rule, action, "messages.0", Scope.INPUT)


def test_the_guard_header_names_the_worst_outcome_and_every_rule() -> None:
    seen = exchange()
    assert guard_header(seen) == "pass"
    seen.note(verdict("a", "flag"))
    assert guard_header(seen) == 'flagged; rules="a"'
    seen.note(verdict("b", "mask"))
    seen.note(verdict("a", "redact"))
    assert outcome(seen) == ("masked", ["a", "b"])
    seen.note(verdict("c", "block"))
    seen.note(verdict("d", "not_evaluated"))
    assert guard_header(seen) == 'blocked; rules="a, b, c"; not-evaluated="d"'


def test_the_guard_header_is_bounded() -> None:
    seen = exchange()
    for number in range(FINDINGS + 500):
        seen.note(verdict(f"rule-{number}", "flag"))
    assert len(seen.verdicts) == FINDINGS and seen.verdict_count == FINDINGS + 500
    assert guard_header(seen).count("rule-") == 20 and guard_header(seen).endswith(', ..."')


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        (CacheNote("hit", "exact", ttl=60), "tidegate; hit; detail=exact; ttl=60"),
        (CacheNote("hit", "semantic"), "tidegate; hit; detail=semantic"),
        (CacheNote("miss", stored=True), "tidegate; fwd=miss; stored"),
        (CacheNote("bypass", "no-store"), "tidegate; fwd=bypass; detail=no-store"),
        (CacheNote("bypass", "no-cache", stored=True), "tidegate; fwd=request; stored; detail=no-cache"),
        (CacheNote("stale"), "tidegate; fwd=stale"),
        (CacheNote("miss", "collapsed"), "tidegate; fwd=miss; collapsed"),
        (CacheNote("miss", forwarded=False), "tidegate"),
        (CacheNote("bypass", "word", forwarded=False), "tidegate; detail=word"),
    ],
)
def test_the_cache_status_is_spelt_as_rfc_9211_has_it(note: CacheNote, shown: str) -> None:
    assert cache_status(note) == shown


def test_server_timing_sums_the_parts_that_have_a_name() -> None:
    seen = exchange()
    seen.timings |= {"admit": 9.0, "request_guard": 1.0, "reply_guard": 0.5, "cache": 0.25, "upstream": 10.0}
    assert server_timing(seen) == "guard;dur=1.50, cache;dur=0.25, upstream;dur=10.00"


def test_overhead_is_what_is_left_when_the_model_is_not_counted() -> None:
    seen = exchange()
    before = overhead_ms(seen)
    seen.timings["upstream"] = 1000.0
    assert before >= 0 > overhead_ms(seen) >= before - 1000


def test_a_reply_says_who_answered_and_what_the_cache_did() -> None:
    seen = exchange()
    names = {name for name, _ in reply_headers(seen)}
    always = {"x-tidegate-id", "x-request-id", "x-tidegate-guard", "server-timing", "x-tidegate-overhead-ms"}
    assert names == always
    seen.provider, seen.attempts, seen.cache = "local", 2, CacheNote("hit", "exact", age=5)
    shown = dict(reply_headers(seen))
    assert shown["x-tidegate-provider"] == "local" and shown["x-tidegate-attempts"] == "2"
    assert shown["age"] == "5" and shown["cache-status"] == "tidegate; hit; detail=exact"


def test_a_request_keeps_the_id_that_it_came_with() -> None:
    seen = exchange()
    assert dict(reply_headers(seen))["x-request-id"] == seen.id
    seen.headers["x-request-id"] = "mine" * 100
    assert dict(reply_headers(seen))["x-request-id"] == ("mine" * 100)[:128]


async def test_a_caller_that_leaves_while_a_stage_holds_a_reply_leaves_it_closed() -> None:
    closed: list[bool] = []
    holds = asyncio.Event()

    async def upstream(_: Exchange) -> Reply:
        async def close() -> None:
            closed.append(True)

        reply = Reply.whole(200, b"{}")
        reply.closers.append(close)
        return reply

    async def slow(exchange: Exchange, next: Next) -> Reply:
        reply = await next(exchange)
        holds.set()
        await asyncio.Event().wait()
        return reply

    call = asyncio.ensure_future(Pipeline(Stages(cache=slow), upstream)(exchange()))
    await holds.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert closed == [True]
