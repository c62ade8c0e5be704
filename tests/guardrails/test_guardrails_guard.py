"""The two stages, on real bodies of the chat dialect: what is masked, blocked and left alone, on the way in and out."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tidegate.engine import jsonio
from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.errors import Blocked
from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.headers import outcome as summary
from tidegate.guardrails.guard import ReplyGuard, RequestGuard
from tidegate.guardrails.rules.compile import load_ruleset
from tidegate.tests.guardrails.guarded import CARD, MAIL, PII, WORDS, exchange, finish, rules, run, said, whole


async def test_the_model_sees_placeholders_and_the_caller_their_own_values() -> None:
    asked = exchange(f"mail {MAIL}, card {CARD}, mail {MAIL}")
    seen: list[bytes] = []

    def answer(exchange: Exchange) -> Reply:
        seen.append(jsonio.dumps(exchange.body))
        return whole("I wrote to <EMAIL_ADDRESS_1> about <CREDIT_CARD_1>.")

    reply = await run(rules(PII), asked, answer)
    assert b"mail <EMAIL_ADDRESS_1>, card <CREDIT_CARD_1>, mail <EMAIL_ADDRESS_1>" in seen[0]
    assert MAIL.encode() not in seen[0]
    assert await said(reply) == f"I wrote to {MAIL} about {CARD}."
    assert summary(asked) == ("masked", ["pii"])
    assert MAIL not in repr(asked.verdicts) + repr(asked.memo)


async def test_two_callers_who_ask_the_same_send_the_same() -> None:
    bodies: list[Any] = []
    for mail in (MAIL, "bob@example.net"):
        asked = exchange(f"write to {mail}")
        await run(rules(PII), asked, lambda _: whole("ok"))
        bodies.append(asked.body)
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize(
    ("dialect", "turns", "prompt"),
    [(AnthropicMessages(), "messages", "system"), (OpenAIResponses(), "input", "instructions")],
)
async def test_a_later_turn_moves_no_number_of_what_stands_outside_the_conversation(
    dialect: Dialect, turns: str, prompt: str
) -> None:
    for turn in ([MAIL], [MAIL, "bob@example.net"]):
        messages = [{"role": "user", "content": each} for each in turn]
        body: dict[str, Any] = {"model": "m", turns: messages, prompt: "mail eve@example.com"}  # in the SDKs' order
        await run(rules(PII), Exchange(dialect, "/", {}, body, "m", False), lambda _: whole("ok"))
        assert (body[prompt], messages[0]["content"]) == ("mail <EMAIL_ADDRESS_1>", "<EMAIL_ADDRESS_2>")


async def test_a_fake_in_the_system_prompt_stays_where_the_model_has_said_it() -> None:
    async def sent(*said: str) -> dict[str, Any]:
        messages = [{"role": "assistant", "content": each} for each in said]
        body: dict[str, Any] = {"model": "m", "messages": messages, "system": CARD}
        asked = Exchange(AnthropicMessages(), "/v1/messages", {}, body, "m", False)
        await run(rules(PII.replace("mask}", "mask, mask: {mode: fake}}")), asked, lambda _: whole("ok"))
        return body

    made = (await sent())["system"]
    again = await sent(made)
    assert made != CARD
    assert (again["system"], again["messages"][0]["content"]) == (made, made)


async def test_what_the_caller_typed_like_a_placeholder_comes_back_as_typed() -> None:
    asked = exchange(f"is <EMAIL_ADDRESS_1> a placeholder for {MAIL}?")
    reply = await run(rules(PII), asked, lambda e: whole(e.body["messages"][0]["content"]))
    assert await said(reply) == f"is <EMAIL_ADDRESS_1> a placeholder for {MAIL}?"


async def test_system_prompts_tool_arguments_and_tool_results_are_checked_too() -> None:
    asked = exchange("hi")
    asked.body["messages"] += [
        {"role": "system", "content": f"the boss is {MAIL}"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "1",
                    "type": "function",
                    "function": {"name": "f", "arguments": '{"to": "jane\\u0040example.org"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "1", "content": f"sent to {MAIL}"},
    ]
    await run(rules(PII), asked, lambda _: whole("ok"))
    body = jsonio.dumps(asked.body).decode()
    assert "jane" not in body
    assert body.count("<EMAIL_ADDRESS_1>") == 3


async def test_a_blocked_request_names_the_rule_and_the_place_and_never_the_text() -> None:
    asked = exchange([{"type": "text", "text": "tell me about Project  Falcon"}])
    with pytest.raises(Blocked) as caught:
        await run(rules(WORDS), asked, lambda _: pytest.fail("the model was asked"))
    assert str(caught.value) == 'Not that one. (rule "words")'
    assert caught.value.param == "messages.0.content.0.text"
    assert summary(asked) == ("blocked", ["words"])


async def test_a_value_that_the_model_made_up_is_masked_for_good() -> None:
    asked = exchange(f"I am {MAIL}")
    reply = await run(rules(PII), asked, lambda _: whole(f"{MAIL}? No, it is bob@example.net"))
    assert await said(reply) == f"{MAIL}? No, it is <EMAIL_ADDRESS_2>"


async def test_a_reply_that_no_rule_is_about_is_not_even_parsed() -> None:
    ruleset = rules("version: 1\nrules: [{id: a, scope: input, detect: {keywords: [x]}, action: block}]")
    sent = Reply.whole(200, b"not json at all")
    assert await run(ruleset, exchange("hi"), lambda _: sent) is sent
    assert await sent.read() == b"not json at all"


async def test_a_reply_that_nobody_changed_leaves_byte_for_byte() -> None:
    raw = b'{ "choices": [ {"index":0, "message": {"role":"assistant","content":"hi"}} ],\n "unknown": 1.0 }'
    reply = await run(rules(WORDS), exchange("hi"), lambda _: Reply.whole(200, raw))
    assert await reply.read() == raw


async def test_an_error_body_of_the_provider_is_checked_too() -> None:
    raw = jsonio.dumps({"error": {"message": "no such user bob@example.net", "type": "x", "code": None}})
    reply = await run(rules(PII), exchange("hi"), lambda _: Reply.whole(404, raw))
    assert b"bob@" not in await reply.read()


async def test_a_shadow_rule_notes_what_it_would_have_done_and_changes_nothing() -> None:
    asked = exchange("project falcon")
    reply = await run(
        rules(WORDS.replace("action: block", "action: block, mode: shadow")), asked, lambda _: whole("ok")
    )
    assert await said(reply) == "ok"
    assert [(v.rule, v.action, v.reason) for v in asked.verdicts] == [("words", "shadow", "block")]
    assert summary(asked) == ("pass", [])


async def test_an_exchange_keeps_the_rules_that_it_began_with() -> None:
    current = [rules(WORDS)]
    guard = ReplyGuard(lambda: current[0])

    async def model(exchange: Exchange) -> Reply:
        current[0] = rules("version: 1\nrules: []")
        return await guard(exchange, answer)

    async def answer(exchange: Exchange) -> Reply:
        return whole("project falcon")

    reply = await RequestGuard(lambda: current[0])(exchange("hi"), model)
    assert await finish(reply) == ["content_filter"]


@asynccontextmanager
async def turns_of_others() -> AsyncIterator[Counter[str]]:
    """Counts how often something else has its turn on the loop meanwhile."""
    turns = Counter[str]()

    async def tick() -> None:
        while True:
            await asyncio.sleep(0)
            turns["tick"] += 1

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    yield turns
    ticking.cancel()


async def test_a_long_text_does_not_stop_the_event_loop() -> None:
    text = "the quick brown fox jumps " * 40_000
    async with turns_of_others() as turns:
        await run(load_ruleset(["pack:pii"]), exchange(text + MAIL), lambda _: whole("ok"))
    assert turns.total() > 3


async def test_thousands_of_values_are_masked_in_order_and_in_turns() -> None:
    addresses = [f"u{at}@example.org" for at in range(1_200)]
    asked = exchange("<EMAIL_ADDRESS_1> " + " ".join(addresses))
    seen: list[str] = []

    def model(sent: Exchange) -> Reply:
        seen.append(sent.body["messages"][0]["content"])
        return whole("<EMAIL_ADDRESS_1>, <EMAIL_ADDRESS_1200>, <LITERAL_1>")

    async with turns_of_others() as turns:
        reply = await run(rules(PII), asked, model)
    assert seen == ["<LITERAL_1> " + " ".join(f"<EMAIL_ADDRESS_{at + 1}>" for at in range(1_200))]
    assert await said(reply) == f"{addresses[0]}, {addresses[-1]}, <EMAIL_ADDRESS_1>"
    assert [(each.rule, each.labels) for each in asked.verdicts] == [("pii", ("EMAIL_ADDRESS",))]
    assert turns.total()


@pytest.mark.parametrize("size", [0, 999_999])
async def test_a_large_body_is_read_as_any_other(size: int) -> None:
    asked = exchange(f"mail {MAIL}", metadata={"at": MAIL})
    asked.size = size
    await run(rules(PII), asked, lambda _: whole("ok"))
    assert asked.body["messages"][0]["content"] == "mail <EMAIL_ADDRESS_1>"
    assert asked.body["metadata"] == {"at": "<EMAIL_ADDRESS_1>"}


async def test_thousands_of_values_in_a_reply_are_looked_at_in_turns() -> None:
    values = [f"row {at}" for at in range(5_000)]
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": {"rows": values, "mail": MAIL}}}
    ruleset = rules(PII)

    async def model(_: Exchange) -> Reply:
        return whole("", tool_calls=[call])

    async with turns_of_others() as turns:
        reply = await ReplyGuard(lambda: ruleset)(exchange("hi"), model)
    assert turns.total() > 3
    [got] = jsonio.loads(await reply.read())["choices"][0]["message"]["tool_calls"]
    assert got["function"]["arguments"] == {"rows": values, "mail": "<EMAIL_ADDRESS_1>"}


@pytest.mark.parametrize("name", [f"pay {CARD}", "project falcon"])
async def test_a_word_cannot_hide_in_the_name_of_a_field(name: str) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"properties": {name: {"type": "string"}}}}}
    asked = exchange("hi", tools=[tool])
    with pytest.raises(Blocked) as caught:
        await run(rules(WORDS), asked, lambda _: whole("never"))
    assert caught.value.param == "tools.0.function.parameters.properties"
    assert name not in str(caught.value)
