"""Long whole numbers are texts wherever they stand: a card's need not be in quotes."""

import time
from typing import Any

import pytest

from tidegate.engine import jsonio
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.figures import figures
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.exchange import Reply, Scope
from tidegate.engine.sse import DONE, Event
from tidegate.tests.guardrails.guarded import PII, WORDS, exchange, rules, run, whole

CARD = 4111111111111111


def test_numbers_are_told_by_place_as_a_card_is_written() -> None:
    body: dict[str, Any] = {
        "model": "m",
        "seed": CARD,
        "messages": [{"role": "tool", "content": "x", "number": 4.111111111111111e15}],
        "x_below": -CARD,
        "x_list": [[CARD, 7, True, 0.12345678901, 10**30]],
        "tools": [{"function": {"parameters": {"properties": {"n": {"maximum": 2**53 - 1, "default": CARD}}}}}],
    }
    found = list(figures(body, OpenAIChat().request_segments(body), Scope.INPUT))
    assert sorted((segment.address[0], segment.text, segment.scope) for segment in found) == [
        ("messages", str(CARD), Scope.TOOL_RESULT),
        ("tools", str(CARD), Scope.INPUT),
        ("x_below", f"-{CARD}", Scope.INPUT),
        ("x_list", str(CARD), Scope.INPUT),
    ]


def test_numbers_in_arguments_are_told_once() -> None:
    block = {"type": "tool_use", "id": "t", "name": "f", "input": {"n": CARD}}
    body = {"model": "m", "messages": [{"role": "assistant", "content": [block]}]}
    assert not list(figures(body, AnthropicMessages().request_segments(body), Scope.INPUT))


@pytest.mark.parametrize(
    "name",
    "created created_at expires_at completedAt createTime total_duration eval_duration prompt_eval_ns timestamp ts "
    "seed token_id tokenId prompt_tokens max_tokens maximum minLength start_ms usage_bytes accountCount".split(),
)
def test_times_sizes_and_bounds_are_nobodys(name: str) -> None:
    assert not list(figures({name: CARD}, (), Scope.OUTPUT))


@pytest.mark.parametrize("name", ["account", "bankAccount", "birth_date", "amount", "phone"])
def test_what_only_ends_as_they_do_is_somebodys(name: str) -> None:
    assert [each.text for each in figures({name: CARD}, (), Scope.OUTPUT)] == [str(CARD)]


async def test_a_card_in_a_field_that_takes_anything_reaches_no_provider_and_comes_back() -> None:
    seen: list[bytes] = []

    def answer(asked: Any) -> Reply:
        seen.append(jsonio.dumps(asked.body))
        return whole("for <CREDIT_CARD_1>")

    reply = await run(rules(PII), exchange("pay", metadata={"card": CARD}), answer)
    assert b"4111" not in seen[0]
    assert b'"card":"<CREDIT_CARD_1>"' in seen[0]
    assert str(CARD).encode() in await reply.read()


@pytest.mark.parametrize("stream", [False, True])
async def test_a_card_that_a_reply_has_as_a_number_does_not_leave(stream: bool) -> None:
    def answer(asked: Any) -> Reply:
        return _with_number() if stream else whole("hi", x_found=[{"card": CARD}])

    reply = await run(rules(PII), exchange("pay", stream=stream), answer)
    left = b"".join([event.raw async for event in reply.events])
    assert b"4111" not in left
    assert b"<CREDIT_CARD_1>" in left


async def test_what_is_left_of_a_reply_that_was_withheld_has_no_card_as_a_number() -> None:
    body = jsonio.loads(await whole("about Project Falcon").read()) | {"usage": {"card": CARD, "total_tokens": 12}}
    reply = await run(rules(WORDS), exchange("hi"), lambda _: Reply.whole(200, jsonio.dumps(body)))
    left = jsonio.loads(await reply.read())
    assert left["tidegate"]["guard"] == "blocked"
    assert left["usage"] == {"card": "<CREDIT_CARD_1>", "total_tokens": 12}


def _with_number() -> Reply:
    async def events() -> Any:
        choice = {"index": 0, "delta": {"content": "hi", "x_found": CARD}, "finish_reason": None}
        yield Event.of({"id": "c", "created": 1764330000, "model": "m", "choices": [choice]})
        yield DONE

    return Reply(200, [], events(), streamed=True)


def test_very_many_numbers_take_time_by_their_number_alone() -> None:
    body = {"x": [[CARD + n] for n in range(50_000)]}
    begun = time.process_time()
    assert len(list(figures(body, (), Scope.OUTPUT))) == 50_000
    assert time.process_time() - begun < 5
