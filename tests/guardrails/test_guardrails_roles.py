"""Conditions and exceptions on who speaks, in every dialect."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.errors import ConfigError
from tidegate.engine.exchange import Scope, Segment
from tidegate.guardrails.rules.load import load_text
from tidegate.guardrails.rules.roles import role_of
from tidegate.guardrails.rules.test import run_tests
from tidegate.guardrails.rules.when import Facts

from .test_guardrails_when import blocks, rules

NOT_SYSTEM = "exceptions: [{rules: [a.b], roles: system, mode: 'off'}]\n"
SAID: dict[str, Any] = {
    "chat": {"messages": [{"role": "user", "content": "hi"}]},
    "messages": {"messages": [{"role": "user", "content": "hi"}]},
    "responses": {"input": "hi"},
    "gemini": {"contents": [{"parts": [{"text": "hi"}]}]},
}
DIALECTS: dict[str, Dialect] = {
    "chat": OpenAIChat(),
    "messages": AnthropicMessages(),
    "responses": OpenAIResponses(),
    "gemini": Gemini(),
}
PARTS = {"parts": [{"text": "falcon"}]}
FIELDS = {"properties": {"systemInstruction": {"type": "STRING", "description": "falcon"}}}
BODIES: list[tuple[str, str | None, dict[str, Any]]] = [
    ("chat", "system", {"messages": [{"role": "system", "content": "falcon"}]}),
    ("chat", "system", {"messages": [{"role": "developer", "content": [{"type": "text", "text": "falcon"}]}]}),
    ("chat", "user", {"messages": [{"role": "user", "content": "falcon"}]}),
    ("chat", "assistant", {"messages": [{"role": "assistant", "content": "falcon"}]}),
    ("chat", "tool", {"messages": [{"role": "tool", "tool_call_id": "1", "content": "falcon"}]}),
    ("chat", None, {"tools": [{"type": "function", "function": {"name": "f", "description": "falcon"}}]}),
    ("messages", "system", {"system": "falcon"}),
    ("messages", "system", {"system": [{"type": "text", "text": "falcon"}]}),
    ("messages", "user", {"messages": [{"role": "user", "content": "falcon"}]}),
    ("messages", "assistant", {"messages": [{"role": "assistant", "content": "falcon"}]}),
    (
        "messages",
        "tool",
        {"messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": "falcon"}]}]},
    ),
    ("messages", None, {"tools": [{"name": "f", "description": "falcon", "input_schema": {}}]}),
    ("responses", "system", {"instructions": "falcon"}),
    ("responses", "system", {"input": [{"role": "developer", "content": "falcon"}]}),
    ("responses", "user", {"input": "falcon"}),
    ("responses", "user", {"input": [{"role": "user", "content": [{"type": "input_text", "text": "falcon"}]}]}),
    ("responses", "tool", {"input": [{"type": "function_call_output", "call_id": "1", "output": "falcon"}]}),
    (
        "responses",
        "assistant",
        {"input": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "falcon"}]}]},
    ),
    ("gemini", "system", {"systemInstruction": PARTS}),
    ("gemini", "system", {"system_instruction": {"role": "user"} | PARTS}),
    ("gemini", "user", {"contents": [PARTS]}),
    ("gemini", "user", {"role": "system", "contents": [{"role": "user"} | PARTS]}),
    ("gemini", "assistant", {"contents": [{"role": "model"} | PARTS]}),
    (
        "gemini",
        "tool",
        {
            "contents": [
                {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"role": "system"} | PARTS}}]}
            ]
        },
    ),
    ("gemini", None, {"tools": [{"functionDeclarations": [{"name": "f", "description": "falcon"}]}]}),
    ("gemini", None, {"tools": [{"functionDeclarations": [{"name": "f", "parameters": FIELDS}]}]}),
    ("gemini", None, {"generationConfig": {"responseSchema": FIELDS}}),
    ("gemini", None, {"labels": {"role": "system"} | PARTS}),
]


@pytest.mark.parametrize(("name", "role", "body"), BODIES)
async def test_who_speaks_is_told_in_every_dialect(name: str, role: str | None, body: dict[str, Any]) -> None:
    async def blocked(when: str, after: str = "") -> bool:
        return await blocks(rules(when, after), body={"model": "m"} | SAID[name] | body, dialect=DIALECTS[name])

    held = [other for other in ("system", "user", "assistant", "tool") if await blocked(f", when: {{role: {other}}}")]
    assert held == ([role] if role else ["system", "user", "assistant", "tool"])
    assert await blocked("", NOT_SYSTEM) == (role != "system"), "what nobody says is no system prompt"


@pytest.mark.parametrize("scope", list(Scope))
def test_replies_and_what_goes_to_tools_are_the_models(scope: Scope) -> None:
    told = {Scope.INPUT: None, Scope.TOOL_RESULT: "tool"}.get(scope, "assistant")
    assert role_of(Segment((), "", scope)) == told
    assert role_of(Segment((), "", scope, role="ipython")) == told


async def test_texts_allowed_for_a_role_are_finds_in_others() -> None:
    ruleset = rules("", "exceptions: [{rules: [a.b], roles: [system], allow_text: [falcon]}]\n")
    said = [{"role": "system", "content": "the falcon"}]
    assert not await blocks(ruleset, body={"messages": said})
    assert await blocks(ruleset, body={"messages": [*said, {"role": "user", "content": "the falcon"}]})
    assert await blocks(ruleset, body={"messages": [{"role": "user", "content": "the falcon"}]})


def test_tests_of_rules_can_name_who_speaks() -> None:
    tests = [("system", "pass"), ("user", "block")]
    lines = ", ".join(f"{{text: a falcon, role: {role}, expect: {expect}}}" for role, expect in tests)
    ruleset = rules(f", tests: [{lines}, {{text: a falcon, expect: block}}]", NOT_SYSTEM)
    assert [each.got for each in run_tests(ruleset.rules)] == ["pass", "block", "block"]
    narrowed = rules(f", when: {{role: [user, tool]}}, tests: [{lines}]")
    assert all(each.ok for each in run_tests(narrowed.rules))


@pytest.mark.parametrize(
    ("scope", "role"),
    [("output", "user"), ("[tool_args, output]", "[system, tool]"), ("tool_result", "system"), ("input", "tool")],
)
def test_a_role_that_no_text_of_the_scope_has_is_refused(scope: str, role: str) -> None:
    with pytest.raises(ConfigError, match="no text of this scope is of such a role"):
        rules(f", scope: {scope}, when: {{role: {role}}}")
    rules(f", scope: [{scope.strip('[]')}, input], when: {{role: [{role.strip('[]')}, user]}}")


@pytest.mark.parametrize(("scope", "role"), [("output", "[user, tool]"), ("tool_result", "system"), ("input", "tool")])
def test_an_exception_for_roles_of_which_its_rules_see_no_text_is_refused(scope: str, role: str) -> None:
    after = f"exceptions: [{{rules: [a.*], roles: {role}, mode: 'off'}}]\n"
    with pytest.raises(ConfigError, match=r":4:\d+: no text that these rules look at is of such a role"):
        rules(f", scope: {scope}", after)
    another = ", detect: {keywords: [x]}, action: flag, scope: [input, tool_result]}\n"
    rules(f", scope: {scope}", "  - {id: a.c" + another + after)


@pytest.mark.parametrize("what", ["mode: 'off'", "allow_text: [falcon]"])
def test_an_answer_that_an_exception_for_a_role_let_pass_is_looked_at_again_behind_it(what: str) -> None:
    after = f"exceptions: [{{rules: [a.b], keys: [red], roles: %s, until: 2026-06-01, {what}}}]\n"
    last, next = (datetime(2026, 6, day, tzinfo=UTC) for day in (1, 2))
    for role, told in (("assistant", True), ("tool", True), ("user", False)):
        ruleset = rules(", scope: [input, output, tool_result]", after % role)
        excepted = ruleset.digest_for(Facts(key="red", now=last))
        others = [ruleset.digest_for(Facts(key="red", now=next)), ruleset.digest_for(Facts(key="blue", now=last))]
        assert [each != excepted for each in others] == [told, told]


@pytest.mark.parametrize("when", ["{role: []}", "{role: developer}", "{role: [system, bot]}"])
def test_roles_that_there_are_not_are_refused(when: str) -> None:
    with pytest.raises(ConfigError, match="role"):
        load_text(f"version: 1\nrules: [{{id: a.b, detect: {{keywords: [x]}}, action: block, when: {when}}}]\n")
