"""The two stages, on real bodies of the chat dialect: in, out, streamed and whole."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.engine import jsonio
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import Blocked, NotEvaluated, UpstreamRefused
from tidegate.engine.exchange import Exchange, Reply, Scope
from tidegate.engine.headers import outcome as summary
from tidegate.engine.ports import Finding
from tidegate.engine.sse import DONE, Event
from tidegate.guardrails import screen as screen_module
from tidegate.guardrails.guard import ReplyGuard, RequestGuard
from tidegate.guardrails.rules.compile import compile_rules, load_ruleset
from tidegate.guardrails.rules.load import load_text, packs
from tidegate.guardrails.rules.ruleset import Group, Rule, Ruleset
from tidegate.guardrails.scan import scan

CARD, MAIL = "4111 1111 1111 1111", "jane@example.org"
PII = "version: 1\nrules:\n  - {id: pii, detect: {pii: structured}, action: mask}\n"
WORDS = PII + "  - {id: words, detect: {keywords: [project falcon]}, action: block, message: Not that one.}\n"


def rules(text: str) -> Ruleset:
    return compile_rules(load_text(text))


def exchange(content: Any, **more: Any) -> Exchange:
    body = {"model": "m", "messages": [{"role": "user", "content": content}], **more}
    return Exchange(OpenAIChat(), "/v1/chat/completions", {}, body, "m", bool(more.get("stream")))


def whole(content: str, **message: Any) -> Reply:
    body = {
        "id": "c",
        "object": "chat.completion",
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, **message},
                "finish_reason": "stop",
            }
        ],
    }
    return Reply.whole(200, jsonio.dumps(body))


def streamed(pieces: list[str], key: str = "content") -> Reply:
    def delta(piece: str) -> dict[str, Any]:
        if key == "content":
            return {"content": piece}
        return {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}

    async def events() -> AsyncIterator[Event]:
        for piece in pieces:
            choice = {"index": 0, "delta": delta(piece), "finish_reason": None}
            yield Event.of({"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [choice]})
        yield Event.of({"id": "c", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        yield DONE

    return Reply(200, [], events(), streamed=True)


async def run(ruleset: Ruleset, asked: Exchange, answer: Any) -> Reply:
    """Through both guards, in their order, to a model that `answer`s."""

    async def model(exchange: Exchange) -> Reply:
        return answer(exchange)

    async def inner(exchange: Exchange) -> Reply:
        return await ReplyGuard(lambda: ruleset)(exchange, model)

    return await RequestGuard(lambda: ruleset)(asked, inner)


async def said(reply: Reply) -> str:
    """The text that the caller reads, streamed or not."""
    if not reply.streamed:
        return jsonio.loads(await reply.read())["choices"][0]["message"]["content"]
    out = ""
    async for event in reply.events:
        for choice in (event.data or {}).get("choices", []):
            out += choice["delta"].get("content") or ""
            for call in choice["delta"].get("tool_calls") or []:
                out += call["function"]["arguments"]
    return out


async def finish(reply: Reply) -> list[str]:
    events = [event.data or {} async for event in reply.events]
    return [c["finish_reason"] for data in events for c in data.get("choices", []) if c.get("finish_reason")]


def split(text: str, cuts: list[int]) -> list[str]:
    marks = [0, *sorted({min(cut, len(text)) for cut in cuts}), len(text)]
    return [text[a:b] for a, b in pairwise(marks)]


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


@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(0, 120), max_size=20), key=st.sampled_from(["content", "arguments"]))
async def test_masks_come_back_in_streams_and_tool_arguments_wherever_they_are_cut(cuts: list[int], key: str) -> None:
    text = '{"to": "<EMAIL_ADDRESS_1>", "n": "<email_address_1>", "card": "<CREDIT_CARD_1>", "x": "<EMAIL_ADDRESS_9>"}'
    asked = exchange(f"{MAIL} {CARD}", stream=True)
    reply = await run(rules(PII), asked, lambda _: streamed(split(text, cuts), key))
    whole_text = text.replace("<EMAIL_ADDRESS_1>", MAIL).replace("<email_address_1>", MAIL)
    assert await said(reply) == whole_text.replace("<CREDIT_CARD_1>", CARD)


async def test_values_are_escaped_where_they_go_back_into_json() -> None:
    ruleset = rules("version: 1\nrules: [{id: q, scope: input, detect: {regex: '\"[a-z]+\"'}, action: mask}]")
    reply = await run(ruleset, exchange('say "abc"'), lambda _: streamed(['{"t": "<Q_', '1>"}'], "arguments"))
    assert jsonio.loads(await said(reply)) == {"t": '"abc"'}


@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(0, 80), max_size=20))
async def test_no_character_of_a_forbidden_text_leaves_in_a_stream(cuts: list[int]) -> None:
    asked = exchange("hi", stream=True)
    reply = await run(
        rules(WORDS), asked, lambda _: streamed(split("It is called Project Falcon, and it flies.", cuts))
    )
    text = await said(reply)
    # Events leave whole, so the last one that holds a forbidden character stays behind with all it holds.
    assert "It is called ".startswith(text)
    assert text == "It is called " or not {13} & set(cuts)
    assert summary(asked) == ("blocked", ["words"])


async def test_a_blocked_reply_ends_in_the_dialects_own_form_and_closes_the_upstream() -> None:
    for make in (lambda: streamed(["project ", "falcon ", "is"]), lambda: whole("project falcon")):
        closed: list[int] = []

        def answer(_: Exchange, make: Any = make, closed: list[int] = closed) -> Reply:
            reply = make()

            async def close() -> None:
                closed.append(1)

            reply.closers.append(close)
            return reply

        reply = await run(rules(WORDS), exchange("hi"), answer)
        assert await finish(reply) == ["content_filter"]
        assert closed == [1]


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


async def test_a_whole_reply_that_is_not_json_is_refused_by_rules_that_must_read_it() -> None:
    with pytest.raises(UpstreamRefused, match='rule "pii"'):
        await run(rules(PII), exchange("hi"), lambda _: Reply.whole(200, b"<html>"))


IMAGE = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]


async def test_content_that_cannot_be_read_is_refused_unless_the_rule_lets_it_pass() -> None:
    asked = exchange(IMAGE)
    with pytest.raises(NotEvaluated, match="allow_unread") as caught:
        await run(rules(PII), asked, lambda _: whole("ok"))
    assert caught.value.param == "messages.0.content.0.image_url.url"
    assert "not_evaluated" in [verdict.action for verdict in asked.verdicts]
    for extra, outcome in (("allow_unread: true", "pass"), ("on_error: pass", "pass"), ("on_error: flag", "flagged")):
        asked = exchange(IMAGE)
        await run(rules(PII.replace("action: mask", f"action: mask, {extra}")), asked, lambda _: whole("ok"))
        assert "not_evaluated" in [verdict.action for verdict in asked.verdicts]
        assert summary(asked)[0] == outcome
    asked = exchange(IMAGE)
    await run(rules(PII.replace("action: mask", "action: flag")), asked, lambda _: whole("ok"))
    assert summary(asked)[0] == "pass"


class Faulty:
    """A detector that raises, or takes too long."""

    kind = "faulty"
    context = 0

    def __init__(self, seconds: float = 0.0) -> None:
        self.slow = seconds > 0
        self.seconds = seconds

    def find(self, text: str) -> list[Finding]:
        if self.seconds:
            time.sleep(self.seconds)
            return []
        raise RuntimeError(text)

    def open_from(self, text: str) -> int:
        return len(text)


def faulty(on_error: Any, seconds: float = 0.0) -> Ruleset:
    rule = Rule("f", frozenset(Scope), Faulty(seconds), "block", False, on_error, False, "", "warning", ())
    return Ruleset((rule,), "", {scope: Group((rule,)) for scope in Scope})


async def test_a_detector_that_fails_blocks_unless_the_rule_says_otherwise() -> None:
    with pytest.raises(NotEvaluated) as caught:
        await run(faulty("block"), exchange("my secret"), lambda _: whole("ok"))
    assert "secret" not in str(caught.value)
    asked = exchange("hi")
    assert await said(await run(faulty("pass"), asked, lambda _: whole("ok"))) == "ok"
    assert {verdict.action for verdict in asked.verdicts} == {"not_evaluated"}
    assert not any("hi" in verdict.reason for verdict in asked.verdicts)


async def test_a_detector_that_takes_too_long_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_module, "DETECTOR_SECONDS", 0.02)
    with pytest.raises(NotEvaluated, match="out of time"):
        await run(faulty("block", 0.2), exchange("hi"), lambda _: whole("ok"))


async def test_a_failing_detector_ends_a_stream() -> None:
    ruleset = faulty("block")
    outgoing = Ruleset(ruleset.rules, "", {Scope.OUTPUT: ruleset.groups[Scope.OUTPUT]})
    reply = await run(outgoing, exchange("hi"), lambda _: streamed(["a", "b"]))
    assert await finish(reply) == ["content_filter"]


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


CASES = [
    (pack, rule.id, test.text)
    for pack in packs()
    for rule in load_ruleset([f"pack:{pack}"]).rules
    for test in rule.tests
]


@settings(max_examples=6, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("pack", packs())
async def test_a_stream_is_judged_as_the_whole_for_every_test_of_every_pack(pack: str, data: st.DataObject) -> None:
    ruleset = load_ruleset([f"pack:{pack}"])
    outgoing = Ruleset(ruleset.rules, "", {Scope.OUTPUT: Group(ruleset.rules)})
    for _, _, text in (case for case in CASES if case[0] == pack):
        cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=12))
        reply = await run(outgoing, exchange("hi", stream=True), lambda _, t=text, c=cuts: streamed(split(t, c)))
        expected = scan(outgoing, text, Scope.OUTPUT)
        got = await said(reply)
        if expected.text is None:
            first = min(f.start for f in expected.findings if f.action == "block")
            assert text[:first].startswith(got)
        else:
            assert got == expected.text


@pytest.mark.parametrize("name", [f"pay {CARD}", "project falcon"])
async def test_a_word_cannot_hide_in_the_name_of_a_field(name: str) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"properties": {name: {"type": "string"}}}}}
    asked = exchange("hi", tools=[tool])
    with pytest.raises(Blocked) as caught:
        await run(rules(WORDS), asked, lambda _: whole("never"))
    assert caught.value.param == "tools.0.function.parameters.properties"
    assert name not in str(caught.value)


@pytest.mark.parametrize(
    ("ruleset", "held"),
    [
        (PII, "390"),
        (WORDS.replace("pii: structured", "pii: [URL]"), "2070"),
        (PII + "  - {id: x, detect: {regex: 'a.*b'}, action: block}\n", "open"),
        ("version: 1\nrules:\n  - {id: x, detect: {keywords: [a]}, action: flag}\n", "0"),
    ],
)
async def test_a_stream_says_how_much_of_it_may_be_held_back(ruleset: str, held: str) -> None:
    reply = await run(rules(ruleset), exchange("hi", stream=True), lambda _: streamed(["ok"]))
    assert dict(reply.headers)["x-tidegate-hold"] == held
    reply = await run(rules(ruleset), exchange("hi"), lambda _: whole("ok"))
    assert "x-tidegate-hold" not in dict(reply.headers)
