"""However a reply is cut, masks come back, forbidden text stays, and no more is held than was said."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.engine import jsonio
from tidegate.engine.exchange import Exchange, Reply, Scope
from tidegate.engine.headers import outcome as summary
from tidegate.guardrails.rules.compile import load_ruleset
from tidegate.guardrails.rules.load import packs
from tidegate.guardrails.rules.ruleset import Group, Ruleset
from tidegate.guardrails.scan import scan
from tidegate.tests.guardrails.guarded import (
    CARD,
    MAIL,
    PII,
    WORDS,
    exchange,
    finish,
    rules,
    run,
    said,
    split,
    streamed,
    whole,
)


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


@pytest.mark.parametrize(
    ("ruleset", "held"),
    [
        (PII, "390"),
        (WORDS.replace("pii: structured", "pii: [URL]"), "2070"),
        (PII + "  - {id: x, detect: {regex: 'a.*b'}, action: block}\n", "open"),
        (PII + "  - {id: x, detect: {regex: 'a.*b'}, action: block, scope: tool_args}\n", "390; tool_args=open"),
        (PII + "  - {id: x, detect: {keywords: [abc]}, action: block, scope: tool_args}\n", "390"),
        (
            "version: 1\nrules:\n  - {id: x, detect: {keywords: [ab]}, action: block, scope: tool_args}\n",
            "0; tool_args=128",
        ),
        ("version: 1\nrules:\n  - {id: x, detect: {keywords: [a]}, action: flag}\n", "0"),
    ],
)
async def test_a_stream_says_how_much_of_it_may_be_held_back(ruleset: str, held: str) -> None:
    reply = await run(rules(ruleset), exchange("hi", stream=True), lambda _: streamed(["ok"]))
    assert dict(reply.headers)["x-tidegate-hold"] == held
    reply = await run(rules(ruleset), exchange("hi"), lambda _: whole("ok"))
    assert "x-tidegate-hold" not in dict(reply.headers)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (PII, "at most 390 characters, by pii"),
        (
            PII + "  - {id: x, detect: {regex: 'a.*b'}, action: block, scope: tool_args}\n",
            "at most 390 characters, by pii; in tool_args as long as a match is under way, by x",
        ),
        (
            "version: 1\nrules:\n  - {id: x, detect: {keywords: [ab]}, action: block, scope: tool_args}\n",
            "nothing of text; in tool_args at most 128 characters, by x",
        ),
    ],
)
def test_a_check_says_how_much_is_held_of_text_and_of_arguments(text: str, told: str) -> None:
    assert rules(text).holds() == told
