"""Between Anthropic's messages and OpenAI's chat: what is carried comes back the same, what is not is named."""

from typing import Any

import anthropic.types as theirs
import openai.types.chat as ours
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.between_replies import chat_of_message, message_of_chat
from tidegate.engine.dialects.between_requests import chat_of_messages, messages_of_chat
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import BadRequest, UpstreamRefused

CHAT: TypeAdapter[Any] = TypeAdapter(ours.completion_create_params.CompletionCreateParamsNonStreaming)
MESSAGES: TypeAdapter[Any] = TypeAdapter(theirs.message_create_params.MessageCreateParamsNonStreaming)

words = st.text(min_size=1, max_size=8)
names = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
values = st.recursive(st.none() | st.booleans() | st.integers() | words, lambda inner: st.lists(inner, max_size=2))
objects = st.dictionaries(names, values, max_size=3)


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said}


images = st.sampled_from(
    [
        {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
    ]
)
uses = st.builds(lambda i, n, g: {"type": "tool_use", "id": i, "name": n, "input": g}, names, names, objects)
results = st.builds(
    lambda i, c: {"type": "tool_result", "tool_use_id": i, "content": c},
    names,
    words | st.lists(words.map(text), min_size=1, max_size=2),
)
asks = st.builds(
    lambda c: {"role": "user", "content": c}, words | st.lists(words.map(text) | images, min_size=1, max_size=3)
)
answers = st.builds(
    lambda before, calls: {"role": "assistant", "content": [*before, *calls]},
    st.lists(words.map(text), max_size=2),
    st.lists(uses, min_size=1, max_size=2),
) | st.builds(lambda c: {"role": "assistant", "content": c}, words | st.lists(words.map(text), min_size=1, max_size=2))
replies_of_tools = st.builds(lambda r: {"role": "user", "content": r}, st.lists(results, min_size=1, max_size=2))
turns = st.lists(st.tuples(asks | replies_of_tools, answers), min_size=1, max_size=3).map(
    lambda t: [m for p in t for m in p]
)
tools = st.builds(
    lambda n, d, s: {
        "name": n,
        "input_schema": {"type": "object", "properties": s},
        **({"description": d} if d else {}),
    },
    names,
    st.none() | words,
    st.dictionaries(names, st.just({"type": "string"}), max_size=2),
)
requests = st.fixed_dictionaries(
    {"model": names, "max_tokens": st.integers(1, 9), "messages": turns},
    optional={
        "system": words | st.lists(words.map(text), min_size=1, max_size=2),
        "stop_sequences": st.lists(words, min_size=1, max_size=2),
        "temperature": st.floats(0, 1),
        "top_p": st.floats(0, 1),
        "metadata": st.builds(lambda u: {"user_id": u}, words),
        "tools": st.lists(tools, min_size=1, max_size=2),
        "tool_choice": st.sampled_from(
            [{"type": "auto"}, {"type": "any", "disable_parallel_tool_use": True}, {"type": "none"}]
        )
        | names.map(lambda n: {"type": "tool", "name": n}),
    },
)


@given(requests)
def test_a_request_goes_over_and_comes_back_the_same(body: dict[str, Any]) -> None:
    AnthropicMessages().check(body)
    chat = chat_of_messages(body)
    OpenAIChat().check(chat)
    CHAT.validate_python(chat)
    back = messages_of_chat(chat, 4096)
    MESSAGES.validate_python(back)
    assert back == body


CALL = {"id": "c", "type": "function", "function": {"name": "n", "arguments": '{"a":1}'}}
ASKED: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "developer", "content": "be brief"},
        {
            "role": "user",
            "content": [text("look"), {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}],
        },
        {"role": "assistant", "content": "so", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c", "content": "sunny"},
        {"role": "user", "content": "and now?"},
    ],
    "stop": "END",
    "tools": [{"type": "function", "function": {"name": "n"}}],
    "parallel_tool_calls": False,
    "frequency_penalty": None,
}


def test_a_chat_request_as_messages() -> None:
    body = messages_of_chat(ASKED, 4096)
    MESSAGES.validate_python(body)
    AnthropicMessages().check(body)
    assert body["system"] == "be brief"
    assert body["max_tokens"] == 4096
    assert body["stop_sequences"] == ["END"]
    assert body["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}
    assert body["tools"] == [{"name": "n", "input_schema": {"type": "object"}}]
    assert [turn["role"] for turn in body["messages"]] == ["user", "assistant", "user", "user"]
    assert body["messages"][1]["content"] == [
        text("so"),
        {"type": "tool_use", "id": "c", "name": "n", "input": {"a": 1}},
    ]
    assert body["messages"][2]["content"] == [{"type": "tool_result", "tool_use_id": "c", "content": "sunny"}]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"seed": 1}, "seed"),
        ({"n": 2}, "n"),
        ({"temperature": 1.5}, "temperature"),
        ({"x_unknown": 1}, "x_unknown"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"tool_choice": {"type": "allowed_tools"}}, "tool_choice"),
        ({"tools": [{"type": "custom", "custom": {"name": "n"}}]}, "tools.0.type"),
        ({"messages": [{"role": "user", "content": "x", "name": "ann"}]}, "messages.0.name"),
        ({"messages": [{"role": "user", "content": "x"}, {"role": "system", "content": "y"}]}, "messages.1.role"),
        ({"messages": [{"role": "function", "name": "n", "content": "x"}]}, "messages.0.role"),
        (
            {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}]},
            "messages.0.content.0.type",
        ),
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "u", "detail": "low"}}]}
                ]
            },
            "messages.0.content.0.image_url.detail",
        ),
        (
            {
                "messages": [
                    {"role": "assistant", "tool_calls": [{**CALL, "function": {"name": "n", "arguments": "["}}]}
                ]
            },
            "messages.0.tool_calls.0.function.arguments",
        ),
    ],
)
def test_what_chat_says_and_messages_cannot_is_named(change: dict[str, Any], place: str) -> None:
    with pytest.raises(BadRequest) as caught:
        messages_of_chat({**ASKED, **change}, 4096)
    assert (caught.value.param, caught.value.code) == (place, "not_carried")


def blocks(role: str, *content: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": list(content)}]}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"top_k": 5}, "top_k"),
        ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, "thinking"),
        ({"container": "c"}, "container"),
        ({"metadata": {"user_id": "u", "x": 1}}, "metadata.x"),
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "tools.0.type"),
        ({"tool_choice": {"type": "of_tomorrow"}}, "tool_choice.type"),
        ({"system": [{**text("x"), "citations": []}]}, "system.0.citations"),
        (blocks("assistant", {"type": "thinking", "thinking": "hm", "signature": "s"}), "messages.0.content.0.type"),
        (blocks("user", {"type": "document", "source": {"type": "text", "data": "x"}}), "messages.0.content.0.type"),
        (
            blocks("user", {"type": "image", "source": {"type": "file", "file_id": "f"}}),
            "messages.0.content.0.source.type",
        ),
        (
            blocks("user", {"type": "tool_result", "tool_use_id": "t", "content": "x", "is_error": True}),
            "messages.0.content.0.is_error",
        ),
        (
            blocks("user", {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "image", "source": {}}]}),
            "messages.0.content.0.content.0.type",
        ),
        (
            blocks("assistant", {"type": "tool_use", "id": "t", "name": "n", "input": {}}, text("after")),
            "messages.0.content.1.type",
        ),
    ],
)
def test_what_messages_say_and_chat_cannot_is_named(change: dict[str, Any], place: str) -> None:
    body = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}], **change}
    with pytest.raises(BadRequest) as caught:
        chat_of_messages(body)
    assert (caught.value.param, caught.value.code) == (place, "not_carried")


def test_marks_for_the_providers_cache_are_left_behind_and_a_stream_asks_for_usage() -> None:
    marked = {**text("x"), "cache_control": {"type": "ephemeral"}}
    body = {"model": "m", "max_tokens": 9, "stream": True, **blocks("user", marked)}
    chat = chat_of_messages(body)
    assert chat["messages"] == [{"role": "user", "content": [text("x")]}]
    assert chat["stream_options"] == {"include_usage": True}


# Replies

said = st.builds(
    lambda thought, words_, calls: [
        *([{"type": "thinking", "thinking": thought, "signature": ""}] if thought else []),
        *([text(words_)] if words_ else []),
        *calls,
    ],
    st.none() | words,
    st.none() | words,
    st.lists(uses, max_size=2),
)
messages = st.builds(
    lambda content, stop, usage: {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": usage,
    },
    said,
    st.sampled_from(["end_turn", "max_tokens", "tool_use", "refusal"]),
    st.fixed_dictionaries(
        {"input_tokens": st.integers(0, 99), "output_tokens": st.integers(0, 99)},
        optional={"cache_read_input_tokens": st.integers(1, 99)},
    ),
)


@given(messages)
def test_a_reply_goes_over_and_comes_back_the_same(whole: dict[str, Any]) -> None:
    theirs.Message.model_validate(whole)
    chat = chat_of_message(whole, 1700000000)
    ours.ChatCompletion.model_validate(chat)
    assert message_of_chat(chat) == whole


def test_a_refusal_is_one_in_both() -> None:
    choice = {"index": 0, "message": {"role": "assistant", "content": None, "refusal": "no"}, "finish_reason": "stop"}
    whole = message_of_chat({"id": "c", "model": "m", "choices": [choice]})
    assert (whole["stop_reason"], whole["content"]) == ("refusal", [text("no")])
    assert chat_of_message(whole, 0)["choices"][0]["finish_reason"] == "content_filter"


@pytest.mark.parametrize(
    "whole",
    [
        {"choices": []},
        {"choices": [{"message": {}}, {"message": {}}]},
        {"choices": [{"message": {"tool_calls": [{"id": "c", "function": {"name": "n", "arguments": "{"}}]}}]},
        {"choices": [{"message": {"tool_calls": [{"id": "c"}]}}]},
    ],
)
def test_a_chat_reply_that_cannot_be_read_is_an_error_of_the_provider(whole: dict[str, Any]) -> None:
    with pytest.raises(UpstreamRefused):
        message_of_chat(whole)


def test_a_message_with_content_of_another_kind_is_an_error_and_not_half_an_answer() -> None:
    with pytest.raises(UpstreamRefused):
        chat_of_message({"content": [{"type": "server_tool_use", "id": "t", "name": "n", "input": {}}]}, 0)
