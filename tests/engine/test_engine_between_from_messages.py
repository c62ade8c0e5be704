"""From Anthropic's messages to OpenAI's chat: what messages say has its word there, or is named."""

from collections.abc import Callable
from typing import Any

import pytest

from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.between.carry import FAILED
from tidegate.engine.dialects.between.chat_request_write import write_chat
from tidegate.engine.dialects.between.messages_request import read_messages
from tidegate.engine.dialects.between.responses_request_write import write_responses
from tidegate.engine.errors import BadRequest
from tidegate.tests.engine.crossing import CHAT, SCHEMA, chat_of_messages, text


def blocks(role: str, *content: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": list(content)}]}


def asked_by_message(change: dict[str, Any]) -> dict[str, Any]:
    return {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}], **change}


TOOL = {"name": "mail", "input_schema": SCHEMA}
PDF = {"type": "base64", "media_type": "application/pdf", "data": "AAAA"}


@pytest.mark.parametrize(
    ("message", "chat"),
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, {"reasoning_effort": "low"}),
        ({"thinking": {"type": "enabled", "budget_tokens": 30000}}, {"reasoning_effort": "high"}),
        ({"thinking": {"type": "disabled"}}, {"reasoning_effort": "none"}),
        (
            {"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": "max"}},
            {"reasoning_effort": "xhigh"},
        ),
        ({"model": "gpt-5-mini"}, {"model": "gpt-5-mini", "max_tokens": None, "max_completion_tokens": 9}),
        ({"model": "openai/o3"}, {"model": "openai/o3", "max_tokens": None, "max_completion_tokens": 9}),
        (
            {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True},
                }
            },
        ),
        ({"service_tier": "auto", "cache_control": {"type": "ephemeral"}}, {}),
        (
            blocks("user", {"type": "document", "source": PDF, "title": "a.pdf"}),
            blocks(
                "user",
                {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}},
            ),
        ),
        (
            blocks(
                "user", {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "said"}}
            ),
            {"messages": [{"role": "user", "content": "said"}]},
        ),
        (
            blocks("user", {"type": "tool_result", "tool_use_id": "t", "content": "gone", "is_error": True}),
            {
                "messages": [
                    {
                        "role": "tool",
                        "tool_call_id": "t",
                        "content": [text(FAILED), text("gone")],
                    }
                ]
            },
        ),
        (
            blocks("assistant", {"type": "thinking", "thinking": "hm", "signature": ""}, text("so")),
            {"messages": [{"role": "assistant", "content": "so"}]},
        ),
        ({"speed": "standard", "mcp_servers": []}, {}),
        ({"metadata": {"user_id": "u" * 64}}, {"user": "u" * 64}),
        ({"context_management": {"edits": []}}, {}),
        ({"context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}}, {}),
        (
            {"tools": [{**TOOL, "allowed_callers": ["direct"], "defer_loading": False, "input_examples": []}]},
            {"tools": [{"type": "function", "function": {"name": "mail", "parameters": SCHEMA}}]},
        ),
    ],
)
def test_what_messages_say_has_its_word_in_chat(message: dict[str, Any], chat: dict[str, Any]) -> None:
    asked = asked_by_message(message)
    AnthropicMessages().check(asked)
    body, plain = chat_of_messages(asked), chat_of_messages(asked_by_message({}))
    CHAT.validate_python(body)
    assert body == {name: value for name, value in {**plain, **chat}.items() if value is not None}


CLEARS = {"type": "clear_thinking_20251015", "keep": {"type": "thinking_turns", "value": 1}}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"top_k": 5}, "top_k"),
        ({"thinking": {"type": "between_tools"}}, "thinking.type"),
        ({"thinking": {"type": "enabled", "budget_tokens": "many"}}, "thinking.budget_tokens"),
        ({"container": "c"}, "container"),
        (
            {"context_management": {"edits": [CLEARS, {"type": "clear_tool_uses_20250919"}]}},
            "context_management.edits.1",
        ),
        ({"context_management": {"edits": [], "of": "tomorrow"}}, "context_management.of"),
        ({"context_management": {"edits": "all"}}, "context_management.edits"),
        ({"context_management": "all"}, "context_management"),
        ({"metadata": {"user_id": "u", "x": 1}}, "metadata.x"),
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "tools.0.type"),
        ({"tool_choice": {"type": "of_tomorrow"}}, "tool_choice.type"),
        ({"speed": "fast"}, "speed"),
        ({"tools": [{**TOOL, "defer_loading": True}]}, "tools.0.defer_loading"),
        ({"tools": [{**TOOL, "allowed_callers": ["code_execution_20260120"]}]}, "tools.0.allowed_callers"),
        ({"system": [{**text("x"), "citations": []}]}, "system.0.citations"),
        (blocks("assistant", {"type": "thinking", "thinking": "hm", "signature": "s"}), "messages.0.content.0"),
        (blocks("assistant", {"type": "redacted_thinking", "data": "s"}), "messages.0.content.0"),
        (
            blocks("user", {"type": "document", "source": PDF, "citations": {"enabled": True}}),
            "messages.0.content.0.citations",
        ),
        (
            blocks("user", {"type": "document", "source": {"type": "url", "url": "https://example.org/a.pdf"}}),
            "messages.0.content.0",
        ),
        (
            blocks("user", {"type": "image", "source": {"type": "file", "file_id": "f"}}),
            "messages.0.content.0.source.type",
        ),
        (
            blocks(
                "user",
                {
                    "type": "tool_result",
                    "tool_use_id": "t",
                    "content": [{"type": "image", "source": {"type": "url", "url": "u"}}],
                },
            ),
            "messages.0.content.0.content.0",
        ),
        (
            blocks("assistant", {"type": "server_tool_use", "id": "t", "name": "n", "input": {}}),
            "messages.0.content.0.type",
        ),
    ],
)
def test_what_messages_say_and_chat_cannot_is_named(change: dict[str, Any], place: str) -> None:
    with pytest.raises(BadRequest) as caught:
        chat_of_messages(asked_by_message(change))
    assert (caught.value.param, caught.value.code) == (place, "not_carried")


@pytest.mark.parametrize("write", [write_chat, write_responses])
def test_a_user_with_a_longer_name_than_openai_takes_is_known_by_its_digest(write: Callable[..., Any]) -> None:
    """As Claude Code names its users, in some 150 characters."""
    told = [
        write(read_messages(asked_by_message({"metadata": {"user_id": name}}), "m", False))["user"]
        for name in ("u" * 65, "u" * 65, "v" * 65)
    ]
    assert told[0] == told[1] != told[2]
    assert all(len(name) <= 64 for name in told)


def called(id: str) -> dict[str, Any]:
    return {"type": "tool_use", "id": id, "name": "n", "input": {}}


def test_answers_side_by_side_are_one_message_so_that_results_follow_their_calls() -> None:
    results = [{"type": "tool_result", "tool_use_id": id, "content": "x"} for id in ("a", "b")]
    said = [("assistant", [called("a")]), ("assistant", [called("b")]), ("user", results)]
    messages = [{"role": role, "content": content} for role, content in said]
    chat = chat_of_messages(asked_by_message({"messages": messages}))
    assert [message["role"] for message in chat["messages"]] == ["assistant", "tool", "tool"]
    assert [call["id"] for call in chat["messages"][0]["tool_calls"]] == ["a", "b"]


@pytest.mark.parametrize("after", ["\n", "I have asked."])
def test_words_after_a_call_are_carried_beside_it(after: str) -> None:
    chat = chat_of_messages(asked_by_message(blocks("assistant", called("a"), text(after))))
    [answer] = chat["messages"]
    assert (answer["content"], [call["id"] for call in answer["tool_calls"]]) == (after, ["a"])


def test_marks_for_the_providers_cache_are_left_behind_and_a_stream_asks_for_usage() -> None:
    marked = {**text("x"), "cache_control": {"type": "ephemeral"}}
    body = {"model": "m", "max_tokens": 9, "stream": True, **blocks("user", marked)}
    chat = chat_of_messages(body)
    assert chat["messages"] == [{"role": "user", "content": "x"}]
    assert chat["stream_options"] == {"include_usage": True}
