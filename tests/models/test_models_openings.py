"""What a stream says before its first word is no answer yet: until that comes, somebody else may be asked."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tidegate.engine.errors import TidegateError, UpstreamBroke
from tidegate.engine.exchange import Exchange
from tidegate.engine.sse import DONE, Event
from tidegate.models import attempts
from tidegate.models.failures import Failure, opens
from tidegate.models.routes import Route, Router
from tidegate.models.routing import RouteStage
from tidegate.models.targets import Target
from tidegate.tests.models.scripted import AGAIN, ERROR, TEXT, Reply_, Scripted, ask, stage, until

COMMENT, PING = Event(b": queued\n\n", b""), Event.of({"type": "ping"})


def chunk(delta: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": None, **more}]}


def block(**held: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": 0, "content_block": held}


def item(**held: Any) -> dict[str, Any]:
    return {"type": "response.output_item.added", "output_index": 0, "item": held}


ROLE = chunk({"role": "assistant", "content": "", "refusal": None, "tool_calls": []})
EMPTY: list[list[dict[str, Any]]] = [
    [ROLE],
    [{"choices": [], "prompt_filter_results": []}, ROLE],
    [{"type": "message_start", "message": {"content": []}}, {"type": "ping"}, block(type="text", text="")],
    [{"type": "message_start", "message": {"content": []}}, block(type="thinking", thinking="", signature="")],
    [
        {"type": "response.created", "response": {"output": []}},
        {"type": "response.in_progress", "response": {"output": []}},
        item(type="message", content=[]),
        {"type": "response.content_part.added", "part": {"type": "output_text", "text": "", "annotations": []}},
    ],
    [{"type": "response.created", "response": {"output": []}}, item(type="reasoning", summary=[])],
]
FULL: list[dict[str, Any]] = [
    chunk({"content": "hi"}),
    chunk({"reasoning_content": "hm"}),
    chunk({"refusal": "no"}),
    chunk({"tool_calls": [{"index": 0, "id": "c"}]}),
    chunk({}, finish_reason="stop"),
    {"choices": [{"text": ""}]},
    {"choices": [3]},
    {"candidates": []},
    {"type": ["ping"]},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
    {"type": "message_stop"},
    block(type="tool_use", id="t", name="f", input={}),
    block(type="redacted_thinking", data="x"),
    block(type="text", text="hi"),
    item(type="web_search_call"),
    item(type="reasoning", summary=[], encrypted_content="x"),
    {"type": "response.output_text.delta", "delta": "hi"},
    {"type": "response.completed", "response": {}},
    {**ROLE, "error": {"type": "server_error"}},
    {},
]


@pytest.mark.parametrize("opening", EMPTY, ids=str)
@pytest.mark.parametrize("ends", [ERROR, UpstreamBroke("x"), None], ids=["error", "cut", "end"])
async def test_an_error_before_the_first_word_leads_to_the_next(
    opening: list[dict[str, Any]], ends: Event | TidegateError | None
) -> None:
    events: list[Event | TidegateError] = [COMMENT, *map(Event.of, opening), *([ends] if ends else [])]
    a, b = Scripted("a", Reply_(events=events)), Scripted("b", Reply_(events=[*map(Event.of, opening), TEXT, DONE]))
    exchange = ask(stream=True)
    reply = await stage(a, b)(exchange)
    assert await reply.read() == b"".join(Event.of(each).raw for each in opening) + TEXT.raw + DONE.raw
    await reply.aclose()
    assert (exchange.provider, a.closed, b.closed) == ("b", 1, 1)


async def test_it_is_retried_and_told_as_what_it_says_it_is() -> None:
    limited = Event.of({"type": "error", "error": {"type": "overloaded_error"}})
    a, b = Scripted("a", Reply_(events=[PING, limited]), Reply_(events=[PING, TEXT])), Scripted("b")
    reply = await stage(a, b, retries=AGAIN)(ask(stream=True))
    assert await reply.read() == PING.raw + TEXT.raw and (a.asked, b.asked) == (2, 0)
    exchange = ask(stream=True)
    a = Scripted("a", Reply_(events=[PING, limited]))
    await stage(a, fallback={Failure.LIMITED: [Scripted("c", Reply_(events=[TEXT]))]})(exchange)
    assert exchange.provider == "c"


@pytest.mark.parametrize("ends", [ERROR, UpstreamBroke("x"), None], ids=["error", "cut", "end"])
@pytest.mark.parametrize("took", [7, 0])
async def test_what_it_took_so_far_is_told(ends: Event | TidegateError | None, took: int) -> None:
    begin = Event.of({"type": "message_start", "message": {"usage": {"input_tokens": took, "output_tokens": 0}}})
    a, bills = Scripted("a", Reply_(events=[begin, PING, *([ends] if ends else [])])), list[Exchange]()
    route = Router([Route([a, Scripted("b", Reply_(events=[begin, TEXT]))])])
    exchange = ask(stream=True)
    await RouteStage(route, bill=lambda bill, _: bills.append(bill))(exchange)
    told = [(bill.id, bill.provider, bill.spent.usage.input) for bill in bills if bill.spent]
    assert told == ([(exchange.id + ".attempt1", "a", 7)] if took else [])


async def test_how_soon_it_began_is_told_by_its_first_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or else the last target, whose first word nobody waits for, would seem to be the fastest."""
    monkeypatch.setattr(attempts, "OPENING_SECONDS", 0.3)
    slow = Slow()
    target = Target(slow.provider)
    reply = await stage(target, slow.other)(ask(stream=True))
    await reply.aclose()
    assert 0 < target.pace.guess(True) < 0.2


@pytest.mark.parametrize("said", FULL, ids=str)
async def test_a_word_a_call_or_an_end_is_an_answer(said: dict[str, Any]) -> None:
    assert not opens(said)
    assert all(map(opens, [each for opening in EMPTY for each in opening]))


async def test_the_caller_s_own_error_and_the_last_one_s_pass_as_they_came() -> None:
    own = Event.of({"type": "error", "error": {"type": "invalid_request_error"}})
    a, b = Scripted("a", Reply_(events=[PING, own])), Scripted("b")
    assert await (await stage(a, b)(ask(stream=True))).read() == PING.raw + own.raw and b.asked == 0
    a, b = Scripted("a", 503), Scripted("b", Reply_(events=[PING, ERROR]))
    assert await (await stage(a, b)(ask(stream=True))).read() == PING.raw + ERROR.raw


@pytest.mark.parametrize("each", [PING, Event.of({"type": "response.created", "text": "x" * 100_000})])
async def test_no_more_than_a_few_are_held(each: Event) -> None:
    a = Scripted("a", Reply_(events=[each] * 20 + [ERROR]))
    reply = await stage(a, Scripted("b"))(ask(stream=True))
    assert await reply.read() == each.raw * 20 + ERROR.raw


class Slow:
    """Begins, and says more when it is told to."""

    def __init__(self) -> None:
        self.more, self.ended = asyncio.Event(), False
        self.provider, self.other = Scripted("a", Reply_(events=[])), Scripted("b")
        self.provider.stream = self._events

    async def _events(self) -> AsyncIterator[Event]:
        try:
            yield PING
            await self.more.wait()
            yield TEXT
            yield DONE
        finally:
            self.ended = True


@pytest.mark.parametrize("by", ["deadline", "time"])
async def test_a_stream_that_says_nothing_for_long_is_passed_on_as_it_came(
    by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "OPENING_SECONDS", 0.02 if by == "time" else 60.0)
    slow = Slow()
    reply = await stage(slow.provider, slow.other, deadline=0.05 if by == "deadline" else None)(ask(stream=True))
    assert (await anext(reply.events)).raw == PING.raw
    slow.more.set()
    assert await reply.read() == TEXT.raw + DONE.raw
    await reply.aclose()
    assert (slow.provider.closed, slow.other.asked) == (1, 0)


async def test_a_caller_who_leaves_meanwhile_ends_it() -> None:
    slow = Slow()
    asked = asyncio.create_task(stage(slow.provider, slow.other)(ask(stream=True)))
    await until(lambda: slow.provider.replies == 1)
    await asyncio.sleep(0.01)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert slow.ended and slow.provider.closed == 1
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize("reads", [0, 1, 2])
async def test_so_does_one_who_leaves_when_it_was_passed_on(reads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "OPENING_SECONDS", 0.01)
    slow = Slow()
    reply = await stage(slow.provider, slow.other)(ask(stream=True))
    reading = asyncio.create_task(_read(reply.events, reads))
    await asyncio.sleep(0.01)
    if reads == 2:
        reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await reply.aclose()
    assert slow.ended and slow.provider.closed == 1
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def _read(events: AsyncIterator[Event], count: int) -> None:
    for _ in range(count):
        await anext(events)
