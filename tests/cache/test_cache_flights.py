"""Equal requests at the same time share one call: whoever joins or leaves, however it ends, and never past a bound."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tidegate.cache import flights
from tidegate.engine.errors import UpstreamBroke, UpstreamRefused, UpstreamSilent
from tidegate.engine.exchange import Caller, Exchange, Reply
from tidegate.engine.pipeline import Pipeline, Stages
from tidegate.engine.sse import DONE, Event
from tidegate.engine.steering import Steering
from tidegate.guardrails.conversations import Conversations
from tidegate.guardrails.guard import RequestGuard
from tidegate.guardrails.rules.compile import compile_rules
from tidegate.guardrails.rules.load import load_text
from tidegate.tests.cache import staging
from tidegate.tests.cache.staging import Make, Model, ask, chunks, exchange

make = staging.make


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


@pytest.mark.parametrize("status", [200, 429])
async def test_who_travels_along_gets_no_header_that_was_meant_for_another(make: Make, status: int) -> None:
    stage, model = await make(), Model(status=status)
    model.gate.clear()
    personal = [("set-cookie", "session=1"), ("x-visitor", "1")]

    async def app(asked: Exchange) -> Reply:
        reply = await model(asked)
        reply.headers += [*personal, ("retry-after", "7")]
        return reply

    asking = [asyncio.create_task(stage(exchange(), app)) for _ in range(2)]
    await asyncio.sleep(0.02)
    model.gate.set()
    one, other = await asyncio.gather(*asking)
    assert set(personal) <= set(one.headers) and model.calls == 1
    assert other.headers == [("content-type", "application/json"), ("retry-after", "7")]
    await one.aclose()
    await other.aclose()


async def test_callers_of_two_scopes_do_not_share_a_flight(make: Make) -> None:
    stage, model = await make(), Model()
    model.gate.clear()
    tasks = [asyncio.create_task(ask(stage, model, exchange(caller=Caller(n)))) for n in ("ann", "bob")]
    await asyncio.sleep(0.02)
    model.gate.set()
    await asyncio.gather(*tasks)
    assert model.calls == 2


async def test_callers_under_other_rules_do_not_share_a_flight(make: Make) -> None:
    stage, model = await make(share="all", policy=lambda asked: f"rules of {asked.caller.id}"), Model()
    model.gate.clear()
    tasks = [asyncio.create_task(ask(stage, model, exchange(caller=Caller(n)))) for n in ("ann", "bob", "bob")]
    await asyncio.sleep(0.02)
    model.gate.set()
    await asyncio.gather(*tasks)
    assert model.calls == 2


async def test_who_would_wait_longer_does_not_fail_with_one_who_would_not(make: Make) -> None:
    stage, calls = await make(), list[float | None]()

    async def route(asked: Exchange) -> Reply:
        seconds = asked.steering.seconds if asked.steering is not None else None
        calls.append(seconds)
        await asyncio.sleep(0.02)
        if seconds is not None:
            raise UpstreamSilent("The provider did not answer in time.")
        return await Model()(asked)

    hasty = exchange()
    hasty.steering = Steering(seconds=0.02)
    tasks = [asyncio.create_task(stage(one, route)) for one in (hasty, exchange(), exchange())]
    first, *others = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(first, UpstreamSilent) and calls == [0.02, None]
    for other in others:
        assert isinstance(other, Reply) and b"Paris" in await other.read()


async def test_a_traveller_gets_none_of_its_own_values_for_somebody_elses_placeholder(make: Make) -> None:
    stage, model = await make(), Model("write to <EMAIL_ADDRESS_1>")
    rules = "version: 1\nrules:\n  - {id: pii, detect: {pii: [EMAIL_ADDRESS]}, action: mask}\n"
    ruleset, secret = compile_rules(load_text(rules)), b"a secret of the gate"
    kept = Conversations("header.x-session-id", ttl=60.0, most=10, most_chars=10_000, secret=lambda: secret)
    guard = RequestGuard(lambda: ruleset, conversations=kept)

    async def through(session: str, text: str) -> bytes:
        async def cached(asked: Exchange) -> Reply:
            return await stage(asked, model)

        reply = await guard(exchange(text, headers={"x-session-id": session}), cached)
        try:
            return await reply.read()
        finally:
            await reply.aclose()

    await through("second", "I am carol@home.example")
    model.gate.clear()
    tasks = [asyncio.create_task(through(session, "Whom do I write to?")) for session in ("first", "second")]
    await asyncio.sleep(0.02)
    model.gate.set()
    for told in await asyncio.gather(*tasks):
        assert b"write to <EMAIL_ADDRESS_1>" in told
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


async def test_a_leader_cancelled_while_the_reply_is_read_does_not_end_the_others(make: Make) -> None:
    stage, model, closed = await make(), Model(), list[str]()
    reading, on = asyncio.Event(), asyncio.Event()

    async def slow(asked: Exchange) -> Reply:
        reply = await model(asked)
        events = reply.events

        async def body() -> AsyncIterator[Event]:
            reading.set()
            await on.wait()
            async for event in events:
                if closed:
                    raise UpstreamBroke("its connection was closed")
                yield event

        async def close() -> None:
            closed.append("closed")

        return Reply(200, reply.headers, body(), closers=[close])

    whole = Pipeline(Stages(cache=stage), slow)
    leader = asyncio.create_task(whole(exchange()))
    await reading.wait()
    other = asyncio.create_task(whole(exchange()))
    await asyncio.sleep(0.01)
    leader.cancel()
    await asyncio.sleep(0.01)
    on.set()
    reply = await other
    assert b"Paris" in await reply.read() and model.calls == 1
    await reply.aclose()
    assert closed == ["closed"]


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


async def test_events_of_two_bytes_do_not_pile_up_either(make: Make) -> None:
    stage, came = await make(max_entry_bytes=2000), list[int]()

    async def blanks(asked: Exchange) -> Reply:
        async def events() -> AsyncIterator[Event]:
            for number in range(200):
                came.append(number)
                yield Event(b"\n\n", b"")

        return Reply(200, [], events(), streamed=True)

    first = await stage(exchange(stream=True), blanks)
    await asyncio.sleep(0.02)
    assert len(came) < 20
    await first.aclose()


async def test_background_work_is_bounded_and_dropped_work_is_counted() -> None:
    from tidegate.cache.background import Background

    background, done = Background(limit=3), []

    async def work() -> None:
        await asyncio.sleep(0.01)
        done.append(1)

    assert [background.spawn(work()) for _ in range(5)] == [True, True, True, False, False]
    await background.drain()
    assert (len(done), background.dropped, len(background)) == (3, 2, 0)


@pytest.mark.parametrize("slow", [0, 1])
async def test_who_reads_nothing_of_a_shared_stream_holds_up_nobody_for_good(
    make: Make, monkeypatch: pytest.MonkeyPatch, slow: int
) -> None:
    monkeypatch.setattr(flights, "PATIENCE", 0.1)
    monkeypatch.setattr(flights, "_LOOK", 0.02)
    stage, model = await make(max_entry_bytes=2000), Model("word " * 200)
    replies = [await stage(exchange(stream=True), model) for _ in range(2)]
    async with asyncio.timeout(5.0):
        whole = await replies[1 - slow].read()
    assert whole.endswith(DONE.raw) and model.calls == 1
    with pytest.raises(UpstreamBroke, match="too slowly"):
        await replies[slow].read()
    for reply in replies:
        await reply.aclose()
    assert len(stage.flights) == 0 and model.closed == 1


async def test_a_shared_stream_waits_for_all_who_read_while_none_of_them_has_to(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flights, "PATIENCE", 0.2)
    monkeypatch.setattr(flights, "_LOOK", 0.005)
    stage, model = await make(max_entry_bytes=2000), Model("word " * 200)
    replies = [await stage(exchange(stream=True), model) for _ in range(2)]
    await asyncio.sleep(0.4)  # neither reads
    one, other = await asyncio.gather(*(reply.read() for reply in replies))
    assert one == other and one.endswith(DONE.raw)
    for reply in replies:
        await reply.aclose()


async def test_a_call_ends_with_its_only_reader_though_he_has_just_read_on(make: Make) -> None:
    """What was read wakes the call at the moment at which it is given up."""
    stage, closed = await make(max_entry_bytes=2000), 0

    async def endless() -> AsyncIterator[Event]:
        while True:
            for event in chunks("word " * 30)[1:-2]:
                yield event
            await asyncio.sleep(0.001)

    async def close() -> None:
        nonlocal closed
        closed += 1

    async def model(asked: Exchange) -> Reply:
        return Reply(200, [("content-type", "text/event-stream")], endless(), streamed=True, closers=[close])

    reply = await stage(exchange(stream=True), model)
    events = aiter(reply.events)
    await anext(events)
    await asyncio.sleep(0.05)  # it is far ahead by now, and waits
    await anext(events)
    async with asyncio.timeout(2.0):
        await reply.aclose()
    assert closed == 1
