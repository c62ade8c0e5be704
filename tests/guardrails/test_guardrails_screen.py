"""What one text may say of another, and what a rule does where it can change nothing."""

import random
from typing import Any

import pytest

from tidegate.engine.errors import Blocked
from tidegate.guardrails import screen
from tidegate.tests.guardrails.guarded import exchange, rules, run, said, streamed, whole

PATH = "detect: {regex: {pattern: '(?i)drop table', path: $.query}}"
FORM = "detect: {json_schema: {schema: {properties: {query: {type: string}}, maxProperties: 1}, invert: true}}"


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
