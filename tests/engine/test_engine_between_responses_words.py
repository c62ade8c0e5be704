"""Requests between OpenAI's Responses and the other dialects: what one says has its word in the other."""

from typing import Any

import pytest

from tidegate.engine.dialects.between.carry import FAILED
from tidegate.engine.dialects.between.chat_request import read_chat
from tidegate.engine.dialects.between.chat_request_write import write_chat
from tidegate.engine.dialects.between.messages_request import read_messages
from tidegate.engine.dialects.between.messages_request_write import write_messages
from tidegate.engine.dialects.between.responses_request_write import write_responses
from tidegate.tests.engine.crossing import CHAT, MESSAGES, SCHEMA
from tidegate.tests.engine.crossing_responses import ASKED, BODY, TOOL, TOOLS, as_talk, items, said

CONVERSATION = items(
    {"role": "developer", "content": "in German"},
    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "weather?"}]},
    {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}]},
    {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "phase": "commentary",
        "content": [{"type": "output_text", "text": "I look", "annotations": [], "logprobs": []}],
    },
    {
        "type": "function_call",
        "id": "fc_1",
        "call_id": "c1",
        "name": "n",
        "arguments": '{"a":1}',
        "status": "completed",
    },
    {
        "type": "function_call",
        "call_id": "c2",
        "name": "n",
        "arguments": "{}",
        "caller": {"type": "direct"},
        "async": False,
    },
    {"type": "function_call_output", "call_id": "c1", "output": "sun"},
    {"type": "function_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "rain"}]},
    {"role": "user", "content": "and?"},
)


def test_a_conversation_of_items_as_chat_and_as_messages() -> None:
    talk = as_talk({"model": "m", "instructions": "be brief", **CONVERSATION})
    assert [(turn.role, len(turn.parts)) for turn in talk.turns] == [
        ("system", 1),
        ("system", 1),
        ("user", 1),
        ("assistant", 3),
        ("user", 2),
        ("user", 1),
    ]
    chat = write_chat(talk)
    CHAT.validate_python(chat)
    assert chat["messages"] == [
        {"role": "system", "content": "be brief"},
        {"role": "system", "content": "in German"},
        {"role": "user", "content": "weather?"},
        {
            "role": "assistant",
            "content": "I look",
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "n", "arguments": '{"a":1}'}},
                {"id": "c2", "type": "function", "function": {"name": "n", "arguments": "{}"}},
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "sun"},
        {"role": "tool", "tool_call_id": "c2", "content": "rain"},
        {"role": "user", "content": "and?"},
    ]
    messages = write_messages(talk)
    MESSAGES.validate_python(messages)
    assert [turn["role"] for turn in messages["messages"]] == ["user", "assistant", "user"]
    assert messages["messages"][1]["content"][1:] == [
        {"type": "tool_use", "id": "c1", "name": "n", "input": {"a": 1}},
        {"type": "tool_use", "id": "c2", "name": "n", "input": {}},
    ]


def test_reasoning_that_stands_alone_leaves_no_empty_answer_behind() -> None:
    alone = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}]}
    said = [{"role": "user", "content": "x"}, alone, {"role": "user", "content": "y"}]
    assert [turn["role"] for turn in write_chat(as_talk({"model": "m", **items(*said)}))["messages"]] == ["user"] * 2


@pytest.mark.parametrize(
    ("given_", "chat"),
    [
        ({"max_output_tokens": 7}, {"max_tokens": 7}),
        ({"reasoning": {"effort": "none"}}, {"reasoning_effort": "none"}),
        (
            {"reasoning": {"effort": "high", "summary": "auto", "mode": "standard", "context": "auto"}},
            {"reasoning_effort": "high"},
        ),
        ({"text": {"format": {"type": "text"}, "verbosity": "low"}}, {"verbosity": "low"}),
        ({"text": {"format": {"type": "json_object"}}}, {"response_format": {"type": "json_object"}}),
        (
            {"text": {"format": {"type": "json_schema", "name": "x", "schema": SCHEMA, "strict": True}}},
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "x", "schema": SCHEMA, "strict": True},
                }
            },
        ),
        (
            {"tools": [TOOL], "tool_choice": {"type": "function", "name": "n"}, "parallel_tool_calls": False},
            {
                "tools": [{"type": "function", "function": {"name": "n", "parameters": SCHEMA, "strict": True}}],
                "tool_choice": {"type": "function", "function": {"name": "n"}},
                "parallel_tool_calls": False,
            },
        ),
        ({"safety_identifier": "u7"}, {"user": "u7"}),
        (
            {
                "background": False,
                "client_metadata": {"x-codex-installation-id": "i"},
                "include": ["reasoning.encrypted_content", "web_search_call.results"],
                "max_tool_calls": 3,
                "previous_response_id": None,
                "prompt_cache_key": "k",
                "service_tier": "auto",
                "top_logprobs": 0,
                "truncation": "disabled",
            },
            {},
        ),
        (
            said({"type": "input_image", "image_url": "data:image/png;base64,AA", "detail": "original"}),
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA", "detail": "high"}}
                        ],
                    }
                ]
            },
        ),
        (
            said({"type": "input_file", "filename": "a.pdf", "file_data": "AAAA"}),
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {
                                "type": "file",
                                "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"},
                            }
                        ],
                    }
                ]
            },
        ),
        (
            said({"type": "refusal", "refusal": "no"}, role="assistant"),
            {"messages": [{"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]}]},
        ),
    ],
)
def test_what_responses_say_has_its_word_in_chat(given_: dict[str, Any], chat: dict[str, Any]) -> None:
    body = write_chat(as_talk({**ASKED, **given_}))
    CHAT.validate_python(body)
    assert body == {**write_chat(as_talk(ASKED)), **chat}


@pytest.mark.parametrize(
    ("chat", "responses"),
    [
        ({"store": True, "metadata": {"a": "b"}}, {"store": True, "metadata": {"a": "b"}}),
        ({"reasoning_effort": "low"}, {"reasoning": {"effort": "low"}}),
        ({"max_completion_tokens": 9}, {"max_output_tokens": 9}),
        (
            {"tools": [{"type": "function", "function": {"name": "n"}}], "tool_choice": "required"},
            {
                "tools": [{"type": "function", "name": "n", "parameters": None, "strict": False}],
                "tool_choice": "required",
            },
        ),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}},
            {"text": {"format": {"type": "json_schema", "name": "x", "schema": SCHEMA}}},
        ),
    ],
)
def test_what_chat_says_has_its_word_in_responses(chat: dict[str, Any], responses: dict[str, Any]) -> None:
    messages = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hi"}]
    body = write_responses(read_chat({"model": "m", "messages": messages, **chat}, "m", False))
    BODY.validate_python(body)
    TOOLS.validate_python(body.get("tools", []))
    one = {"type": "message", "role": "user", "content": "hi"}
    assert body == {"model": "m", "instructions": "be brief", "input": [one], "store": False, **responses}


def test_what_messages_say_has_its_word_in_responses() -> None:
    image = {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}}
    pdf = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "AAAA"}}
    content = [
        {"type": "tool_result", "tool_use_id": "t", "content": [image], "is_error": True},
        pdf,
    ]
    body = write_responses(
        read_messages(
            {
                "model": "m",
                "max_tokens": 9,
                "thinking": {"type": "enabled", "budget_tokens": 5000, "display": "summarized"},
                "messages": [{"role": "user", "content": content}],
            },
            "m",
            True,
        )
    )
    assert body["reasoning"] == {"effort": "medium", "summary": "auto"}
    assert (body["stream"], body["max_output_tokens"]) == (True, 9)
    assert body["input"] == [
        {
            "type": "function_call_output",
            "call_id": "t",
            "output": [
                {"type": "input_text", "text": FAILED},
                {"type": "input_image", "image_url": "https://example.org/a.png", "detail": "auto"},
            ],
        },
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_file", "filename": "file.pdf", "file_data": "data:application/pdf;base64,AAAA"}
            ],
        },
    ]
