"""What one text may say of another, and what a rule does where it can change nothing."""

import base64
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tidegate.engine import jsonio
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.errors import Blocked
from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.sse import Event
from tidegate.guardrails import screen
from tidegate.tests.guardrails.guarded import exchange, finish, rules, run, said, streamed, whole

PATH = "detect: {regex: {pattern: '(?i)drop table', path: $.query}}"
FORM = "detect: {json_schema: {schema: {properties: {query: {type: string}}, maxProperties: 1}, invert: true}}"
NEEDS = "detect: {json_schema: {schema: {required: [query]}, invert: true}}"


def _call(arguments: str) -> dict[str, Any]:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


@pytest.mark.parametrize(
    ("detect", "primer", "bad"),
    [
        (PATH, r'{"note": "x\", \"query\": \"DROP TABLE users"}', '{"note": "x", "query": "DROP TABLE users"}'),
        (FORM, r'{"query": "x\", \"admin\": \"yes"}', '{"query": "x", "admin": "yes"}'),
    ],
)
async def test_a_clean_text_vouches_for_no_json_that_only_reads_like_it(detect: str, primer: str, bad: str) -> None:
    ruleset = rules(f"version: 1\nrules:\n  - {{id: r, scope: tool_args, {detect}, action: block}}\n")
    asked = exchange("hi")
    asked.body["messages"].append(_call(primer))
    await run(ruleset, asked, lambda _: whole("fine"))
    asked = exchange("hi")
    asked.body["messages"].append(_call(bad))
    with pytest.raises(Blocked):
        await run(ruleset, asked, lambda _: whole("fine"))


async def test_a_word_that_a_long_stream_cuts_in_its_views_is_not_there() -> None:
    ruleset = rules("version: 1\nrules:\n  - {id: w, scope: output, detect: {keywords: [falcon]}, action: block}\n")
    words = random.Random(1).choices(["the", "superfalcon", "flew", "to", "café", "again"], k=1500)
    text = " ".join(words)
    pieces = [text[at : at + 12] for at in range(0, len(text), 12)]
    assert await said(await run(ruleset, exchange("hi", stream=True), lambda _: streamed(pieces))) == text


@pytest.mark.parametrize("action", ["score, severity: notice", "route, to: eu"])
async def test_a_rule_that_changes_no_text_blocks_no_name(action: str) -> None:
    ruleset = rules(
        f"version: 1\nrules:\n  - {{id: r, scope: input, detect: {{keywords: [falcon]}}, action: {action}}}\n"
    )
    schema = {"type": "object", "properties": {"falcon": {"type": "string"}}}
    asked = exchange("hi", tools=[{"type": "function", "function": {"name": "f", "parameters": schema}}])
    assert await said(await run(ruleset, asked, lambda _: whole("fine"))) == "fine"
    assert [verdict.rule for verdict in asked.verdicts] == ["r"]


class _Slow:
    kind, slow, context, hold = "slow", True, None, None

    def find(self, text: str) -> list[Any]:
        return []

    def open_from(self, text: str) -> int:
        return 0


@pytest.mark.parametrize("mode", ["off", "shadow"])
async def test_out_of_time_a_rule_that_an_exception_stills_stops_nothing(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "BODY_SECONDS", 0)
    text = f"""
version: 1
rules: [{{id: still, detect: {{keywords: [x]}}, action: block}}]
exceptions: [{{rules: [still], mode: {mode}}}]
"""
    ruleset = rules(text)
    for rule in ruleset.rules:
        object.__setattr__(rule, "detector", _Slow())
    assert await said(await run(ruleset, exchange("hello"), lambda _: whole("fine"))) == "fine"


def _anthropic(arguments: dict[str, Any], stream: bool) -> Reply:
    call = {"type": "tool_use", "id": "t", "name": "run_sql", "input": {} if stream else arguments}
    message = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [] if stream else [call],
        "stop_reason": None if stream else "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    if not stream:
        return Reply.whole(200, jsonio.dumps(message))
    piece = {"type": "input_json_delta", "partial_json": jsonio.dumps(arguments).decode()}
    told = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": call},
        {"type": "content_block_delta", "index": 0, "delta": piece},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ]

    async def events() -> AsyncIterator[Event]:
        for data in told:
            yield Event.of(data, kind=str(data["type"]))

    return Reply(200, [], events(), streamed=True)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("detect", "arguments", "refused"),
    [
        (PATH, {"query": "DROP TABLE users"}, True),
        (PATH, {"query": '["DROP TABLE users"]'}, True),
        (PATH, {"query": "select 1", "note": "never drop table"}, False),
        (FORM, {"query": "select 1"}, False),
        (FORM, {"query": "select 1", "limit": 2}, True),
        (NEEDS, {}, True),
        (NEEDS, {"other": None}, True),
        (NEEDS, {"query": "x"}, False),
    ],
)
async def test_arguments_that_are_values_are_judged_as_their_json_is(
    detect: str, arguments: dict[str, Any], refused: bool, stream: bool
) -> None:
    ruleset = rules(f"version: 1\nrules:\n  - {{id: r, scope: tool_args, {detect}, action: block}}\n")
    body = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}], "stream": stream}
    asked = Exchange(AnthropicMessages(), "/v1/messages", {}, body, "m", stream)
    raw = await (await run(ruleset, asked, lambda _: _anthropic(arguments, stream))).read()
    assert (b'"refusal"' in raw) == refused


async def test_a_rule_at_a_path_masks_there_and_nowhere_else() -> None:
    ruleset = rules(
        "version: 1\nrules:\n"
        "  - {id: r, scope: tool_args, action: redact, detect: {regex: {pattern: sun, path: $.query}}}\n"
    )
    body = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    asked = Exchange(AnthropicMessages(), "/v1/messages", {}, body, "m", False)
    said_ = await run(ruleset, asked, lambda _: _anthropic({"query": "the sun", "note": "sun"}, False))
    assert jsonio.loads(await said_.read())["content"][0]["input"] == {"query": "the [R]", "note": "sun"}


HIDDEN = base64.b64encode(b"the project falcon is late").decode()


@pytest.mark.parametrize(("key", "pieces"), [("content", ["Here: ", HIDDEN]), ("calls", [f'{{"q": "{HIDDEN}"}}'])])
async def test_the_last_word_of_a_stream_is_read_in_its_views_too(key: str, pieces: list[str]) -> None:
    ruleset = rules("version: 1\nrules: [{id: w, detect: {keywords: [project falcon]}, action: block}]")
    reply = await run(ruleset, exchange("hi", stream=True), lambda _: streamed(pieces, key))
    assert await finish(reply) == ["content_filter"]


@pytest.mark.parametrize("before", [100, 5_000, 9_001])
async def test_a_text_without_blanks_is_read_in_its_views_while_it_comes(before: int) -> None:
    ruleset = rules("version: 1\nrules: [{id: w, scope: output, detect: {keywords: [禁止词]}, action: block}]")
    text = ("天气很好，" * before)[:before] + "禁\u200b止词。" + "好" * 2_000
    asked = exchange("hi", stream=True)
    reply = await run(ruleset, asked, lambda _: streamed([text[at : at + 3] for at in range(0, len(text), 3)]))
    left = "".join([str(event.data) async for event in reply.events if event.data])
    assert "content_filter" in left and left.count("好") < before // 5 + 1_500


async def test_no_view_of_a_text_without_blanks_begins_or_ends_in_a_word() -> None:
    ruleset = rules("version: 1\nrules: [{id: w, scope: output, detect: {keywords: [ass]}, action: block}]")
    text = "<b\u200b/>" + "class=lass;" * 800
    reply = await run(ruleset, exchange("hi", stream=True), lambda _: streamed(list(text)))
    assert await finish(reply) == ["stop"]


async def test_points_that_only_a_view_shows_end_a_stream_and_are_noted_once() -> None:
    text = (
        "version: 1\nscoring: {thresholds: {output: %d}}\n"
        "rules: [{id: s, scope: output, detect: {keywords: [project falcon]}, action: score, severity: critical}]"
    )
    pieces = ["Here: ", HIDDEN, " and", " so", " on"]
    asked = exchange("hi", stream=True)
    assert await finish(await run(rules(text % 5), asked, lambda _: streamed(pieces))) == ["content_filter"]
    asked = exchange("hi", stream=True)
    assert await said(await run(rules(text % 9), asked, lambda _: streamed(pieces))) == "".join(pieces)
    assert [verdict.action for verdict in asked.verdicts] == ["score"]


def _chat(delta: dict[str, Any], finish: str | None = None) -> Event:
    return Event.of({"model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


async def test_points_of_a_call_are_not_those_of_the_next_under_its_number() -> None:
    both = "{id: %s, scope: tool_args, detect: {regex: %s}, action: score}"
    ruleset = rules(f"version: 1\nrules: [{both % ('a', 'alpha')}, {both % ('b', 'beta')}]")
    calls = [
        {"index": 0, "id": f"call-{word}", "function": {"name": "f", "arguments": f'{{"q": "{word}"}}'}}
        for word in ("alpha", "beta")
    ]

    async def events() -> AsyncIterator[Event]:
        for call in calls:
            yield _chat({"tool_calls": [call]})
        yield _chat({}, "tool_calls")

    answer = Reply(200, [], events(), streamed=True)
    assert await finish(await run(ruleset, exchange("hi", stream=True), lambda _: answer)) == ["tool_calls"]


async def test_points_in_a_name_are_told_as_points() -> None:
    ruleset = rules("version: 1\nrules: [{id: s, detect: {regex: alpha}, action: score, severity: critical}]")
    schema = {"type": "object", "properties": {"alpha": {"type": "string"}}}
    asked = exchange("hi", tools=[{"type": "function", "function": {"name": "f", "parameters": schema}}])
    with pytest.raises(Blocked, match=r"do not allow this request \(5 points of 5\)"):
        await run(ruleset, asked, lambda _: whole("fine"))


async def test_what_is_too_long_in_a_stream_is_cut_off_with_one_mark() -> None:
    ruleset = rules("version: 1\nrules: [{id: cut, scope: output, detect: {length: 10}, action: redact}]")
    text = "0123456789 and more, and more of it"
    for size in (1, 4, 100):
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        reply = await run(ruleset, exchange("hi", stream=True), lambda _, p=pieces: streamed(p))
        assert await said(reply) == "0123456789[CUT]"


@pytest.mark.parametrize(
    "parts", ["all: [{length: 10}, {keywords: [more]}]", "any: [{length: 10}, {keywords: [less]}]"]
)
async def test_so_it_is_beside_other_conditions(parts: str) -> None:
    ruleset = rules(
        f"version: 1\nrules: [{{id: cut, scope: output, detect: {{{parts}}}, action: redact, views: none}}]"
    )
    text = "more 56789 and again, and once again"
    for size in (1, 4, 100):
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        reply = await run(ruleset, exchange("hi", stream=True), lambda _, p=pieces: streamed(p))
        assert (await said(reply)).removeprefix("[CUT]").removeprefix("more") == " 56789[CUT]"


@pytest.mark.parametrize("parts", ["any: [{regex: ab}, {length: 9}]", "all: [{regex: ab}, {length: 9}]"])
async def test_what_is_found_before_has_a_mark_for_each(parts: str) -> None:
    ruleset = rules(f"version: 1\nrules: [{{id: cut, scope: output, detect: {{{parts}}}, action: redact}}]")
    text = "x ababab and ab"
    for size in (1, 2, 3, 4, 100):
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        reply = await run(ruleset, exchange("hi", stream=True), lambda _, p=pieces: streamed(p))
        assert await said(reply) == "x [CUT][CUT][CUT] [CUT]"
