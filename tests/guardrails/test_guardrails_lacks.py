"""What a reply must have is asked of its answer, and not of the names, ids and thoughts that stand beside it."""

from typing import Any

import pytest

from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.exchange import Scope, Segment
from tidegate.guardrails.held import Holds
from tidegate.guardrails.rules.when import Facts
from tidegate.tests.guardrails.guarded import exchange, finish, rules, run, said, streamed, whole

FORM = "{json_schema: {schema: {type: object, required: [a]}, invert: true}}"
MUST = "version: 1\nrules: [{id: must, scope: output, detect: %s, action: block}]"

CHAT = {
    "id": "chatcmpl-1", "model": "gpt-4o", "system_fingerprint": "fp_1",
    "choices": [{"index": 0, "finish_reason": "stop", "logprobs": {"content": [{"token": "said"}]}, "message": {
        "role": "assistant", "content": "said", "reasoning_content": "thought",
        "annotations": [{"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "A"}}],
        "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
    }}],
}  # fmt: skip
MESSAGES = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude",
    "content": [{"type": "thinking", "thinking": "thought", "signature": "sig"}, {"type": "text", "text": "said"}],
}  # fmt: skip
RESPONSES = {
    "id": "resp_1", "object": "response", "model": "gpt", "output": [
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "thought"}],
         "content": [{"type": "reasoning_text", "text": "thought"}]},
        {"type": "message", "id": "msg_1", "role": "assistant", "content": [{"type": "output_text", "text": "said"}]},
        {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": "{}"},
    ],
}  # fmt: skip
GEMINI = {
    "candidates": [{"content": {"role": "model", "parts": [{"text": "said", "thoughtSignature": "sig"}]}}],
    "modelVersion": "gemini-2", "responseId": "r1",
}  # fmt: skip


@pytest.mark.parametrize(
    ("dialect", "reply"),
    [(OpenAIChat(), CHAT), (AnthropicMessages(), MESSAGES), (OpenAIResponses(), RESPONSES), (Gemini(), GEMINI)],
)
def test_only_an_answer_can_lack_something(dialect: Any, reply: dict[str, Any]) -> None:
    ruleset = rules(MUST % FORM)
    holds = Holds(ruleset, Facts())
    segments = [each for each in dialect.reply_segments(reply, False) if each.scope is Scope.OUTPUT]
    asked = [each.text for each in segments if holds.of(each).effective(ruleset.rules[0])]
    assert len(segments) > len(asked)
    assert asked == ["said"]


@pytest.mark.parametrize("detect", [FORM, "{not: {regex: '\"a\"'}}", "{length: {min: 6}}"])
async def test_an_answer_that_has_what_it_must_passes_whole_and_streamed(detect: str) -> None:
    ruleset = rules(MUST % detect)
    assert await said(await run(ruleset, exchange("hi"), lambda _: whole('{"a": 1}'))) == '{"a": 1}'
    assert await said(await run(ruleset, exchange("hi"), lambda _: whole("{}"))) == ""
    pieces = ['{"a"', ": 1}"]
    assert await said(await run(ruleset, exchange("hi", stream=True), lambda _: streamed(pieces))) == '{"a": 1}'
    assert await finish(await run(ruleset, exchange("hi", stream=True), lambda _: streamed(["{", "}"]))) == [
        "content_filter"
    ]


async def test_what_is_looked_for_beside_is_found_in_names_too() -> None:
    ruleset = rules(MUST % "{any: [{keywords: [falcon]}, {length: {min: 6}}]}")
    call = [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    passed = await run(ruleset, exchange("hi"), lambda _: whole("long enough", tool_calls=call))
    assert await said(passed) == "long enough"
    call[0]["function"] = {"name": "falcon", "arguments": "{}"}
    assert await said(await run(ruleset, exchange("hi"), lambda _: whole("long enough", tool_calls=call))) == ""
    longest = Holds(most := rules(MUST % "{length: {min: 2, max: 9}}"), Facts())
    beside = longest.of(Segment(("id",), "x", Scope.OUTPUT)).effective(most.rules[0])
    assert beside and (beside.detector.find("x"), len(beside.detector.find("x" * 10))) == ([], 1)
    every = rules(MUST % "{all: [{not: {keywords: [please]}}, {length: {min: 9}}]}")
    assert await said(await run(every, exchange("hi"), lambda _: whole("so, please do"))) == "so, please do"
