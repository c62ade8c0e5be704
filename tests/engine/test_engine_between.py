"""Requests between Anthropic's messages and OpenAI's chat: what is carried comes back, what is not is named."""

from dataclasses import replace
from typing import Any

import anthropic.types as theirs
import openai.types.chat as ours
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.between.carry import FAILED, merged
from tidegate.engine.dialects.between.chat_request import read_chat
from tidegate.engine.dialects.between.chat_request_write import write_chat
from tidegate.engine.dialects.between.messages_request import read_messages
from tidegate.engine.dialects.between.messages_request_write import write_messages
from tidegate.engine.dialects.between.seals import open_request
from tidegate.engine.dialects.between.talk import Call, Choice, Format, Media, Result, Talk, Text, Tool, Turn
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import BadRequest

CHAT: TypeAdapter[Any] = TypeAdapter(ours.completion_create_params.CompletionCreateParamsNonStreaming)
MESSAGES: TypeAdapter[Any] = TypeAdapter(theirs.message_create_params.MessageCreateParamsNonStreaming)


def talk_of_chat(body: dict[str, Any]) -> Talk:
    return open_request(read_chat(body, body["model"], bool(body.get("stream"))))


def talk_of_messages(body: dict[str, Any]) -> Talk:
    return open_request(read_messages(body, body["model"], bool(body.get("stream"))))


def chat_of_messages(body: dict[str, Any]) -> dict[str, Any]:
    return write_chat(talk_of_messages(body))


def messages_of_chat(body: dict[str, Any]) -> dict[str, Any]:
    return write_messages(talk_of_chat(body))


def in_turns(talk: Talk) -> Talk:
    return replace(talk, turns=merged(talk.turns))


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
    {
        "model": names,
        "max_tokens": st.integers(1, 9),
        "messages": turns,
        "tools": st.lists(tools, min_size=1, max_size=2),
    },
    optional={
        "system": words | st.lists(words.map(text), min_size=1, max_size=2),
        "stop_sequences": st.lists(words, min_size=1, max_size=2),
        "temperature": st.floats(0, 1),
        "top_p": st.floats(0, 1),
        "metadata": st.builds(lambda u: {"user_id": u}, words),
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
    back = messages_of_chat(chat)
    AnthropicMessages().check(back)
    MESSAGES.validate_python(back)
    assert in_turns(talk_of_messages(back)) == in_turns(talk_of_messages(body))


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
    body = messages_of_chat(ASKED)
    MESSAGES.validate_python(body)
    AnthropicMessages().check(body)
    assert body["system"] == "be brief"
    assert body["max_tokens"] == 4096
    assert body["stop_sequences"] == ["END"]
    assert body["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}
    assert body["tools"] == [{"name": "n", "input_schema": {"type": "object"}}]
    assert [turn["role"] for turn in body["messages"]] == ["user", "assistant", "user"]
    assert body["messages"][1]["content"] == [
        text("so"),
        {"type": "tool_use", "id": "c", "name": "n", "input": {"a": 1}},
    ]
    assert body["messages"][2]["content"] == [
        {"type": "tool_result", "tool_use_id": "c", "content": "sunny"},
        text("and now?"),
    ]


SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("chat", "message"),
    [
        ({"max_completion_tokens": 7}, {"max_tokens": 7}),
        ({"reasoning_effort": "none"}, {"thinking": {"type": "disabled"}}),
        ({"reasoning_effort": "high"}, {"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}}),
        ({"reasoning_effort": "minimal"}, {"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}},
            {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
        ),
        ({"response_format": {"type": "text"}}, {}),
        ({"tool_choice": "required"}, {"tool_choice": {"type": "any", "disable_parallel_tool_use": True}}),
        ({"tool_choice": "none"}, {"tool_choice": {"type": "none"}}),
        ({"tools": None, "tool_choice": "auto"}, {"tools": None, "tool_choice": None}),
        ({"safety_identifier": "u7"}, {"metadata": {"user_id": "u7"}}),
        ({"presence_penalty": 0, "logprobs": False, "n": 1, "store": False, "service_tier": "auto"}, {}),
        ({"prompt_cache_key": "k", "metadata": {}, "verbosity": "medium"}, {}),
    ],
)
def test_what_chat_says_has_its_word_in_messages(chat: dict[str, Any], message: dict[str, Any]) -> None:
    body, plain = messages_of_chat({**ASKED, **chat}), messages_of_chat(ASKED)
    MESSAGES.validate_python(body)
    assert body == {name: value for name, value in {**plain, **message}.items() if value is not None}


def blocks(role: str, *content: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": list(content)}]}


def asked_by_message(change: dict[str, Any]) -> dict[str, Any]:
    return {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}], **change}


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
    ],
)
def test_what_messages_say_has_its_word_in_chat(message: dict[str, Any], chat: dict[str, Any]) -> None:
    asked = asked_by_message(message)
    AnthropicMessages().check(asked)
    body, plain = chat_of_messages(asked), chat_of_messages(asked_by_message({}))
    CHAT.validate_python(body)
    assert body == {name: value for name, value in {**plain, **chat}.items() if value is not None}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"seed": 1}, "seed"),
        ({"n": 2}, "n"),
        ({"temperature": 1.5}, "temperature"),
        ({"x_unknown": 1}, "x_unknown"),
        ({"store": True}, "store"),
        ({"metadata": {"a": "b"}}, "metadata"),
        ({"verbosity": "low"}, "verbosity"),
        ({"service_tier": "priority"}, "service_tier"),
        ({"max_tokens": 7, "max_completion_tokens": 8}, "max_completion_tokens"),
        ({"user": "u", "safety_identifier": "v"}, "safety_identifier"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"tool_choice": {"type": "allowed_tools"}}, "tool_choice"),
        ({"tools": [{"type": "custom", "custom": {"name": "n"}}]}, "tools.0.type"),
        ({"messages": [{"role": "user", "content": "x", "name": "ann"}]}, "messages.0.name"),
        ({"messages": [{"role": "function", "name": "n", "content": "x"}]}, "messages.0.role"),
        (
            {"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}]},
            "messages.0.content.0.file.file_id",
        ),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}}],
                    }
                ]
            },
            "messages.0.content.0.input_audio",
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
        messages_of_chat({**ASKED, **change})
    assert (caught.value.param, caught.value.code) == (place, "not_carried")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"top_k": 5}, "top_k"),
        ({"thinking": {"type": "between_tools"}}, "thinking.type"),
        ({"thinking": {"type": "enabled", "budget_tokens": "many"}}, "thinking.budget_tokens"),
        ({"container": "c"}, "container"),
        ({"context_management": {"edits": []}}, "context_management"),
        ({"metadata": {"user_id": "u", "x": 1}}, "metadata.x"),
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "tools.0.type"),
        ({"tool_choice": {"type": "of_tomorrow"}}, "tool_choice.type"),
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
            blocks("assistant", {"type": "tool_use", "id": "t", "name": "n", "input": {}}, text("after")),
            "messages.0.content.1",
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


def test_marks_for_the_providers_cache_are_left_behind_and_a_stream_asks_for_usage() -> None:
    marked = {**text("x"), "cache_control": {"type": "ephemeral"}}
    body = {"model": "m", "max_tokens": 9, "stream": True, **blocks("user", marked)}
    chat = chat_of_messages(body)
    assert chat["messages"] == [{"role": "user", "content": "x"}]
    assert chat["stream_options"] == {"include_usage": True}


def test_a_system_message_in_the_middle_keeps_its_place() -> None:
    said = [{"role": "user", "content": "x"}, {"role": "developer", "content": "y"}, {"role": "user", "content": "z"}]
    body = messages_of_chat({"model": "m", "messages": said})
    MESSAGES.validate_python(body)
    assert "system" not in body
    assert [turn["role"] for turn in body["messages"]] == ["user", "system", "user"]


# The neutral form itself

texts = st.builds(Text, words)
media = st.sampled_from(
    [
        Media("image", url="https://example.org/a.png"),
        Media("image", "image/png", "AAAA"),
        Media("file", "application/pdf", "AAAA"),
    ]
)
results_told = st.builds(Result, names, st.lists(texts, min_size=1, max_size=2).map(tuple))
tools_told = st.builds(Tool, names, words, st.just(SCHEMA), st.none() | st.booleans())
portable = st.builds(
    Talk,
    names,
    st.lists(
        st.builds(lambda p: Turn("user", tuple(p)), st.lists(texts | media, min_size=1, max_size=3))
        | st.builds(
            lambda p, c: Turn("assistant", (*p, *c)),
            st.lists(texts, max_size=2),
            st.lists(st.builds(Call, names, names, st.just('{"a":1}')), min_size=1, max_size=2),
        )
        | st.builds(
            lambda r: Turn("user", tuple(r)),
            st.lists(
                st.builds(Result, names, st.lists(texts, min_size=1, max_size=2).map(tuple)), min_size=1, max_size=2
            ),
        ),
        min_size=1,
        max_size=4,
    ).map(tuple),
    st.booleans(),
    st.lists(st.builds(Tool, names, words, st.just(SCHEMA), st.none() | st.booleans()), min_size=1, max_size=2).map(
        tuple
    ),
    choice=st.none()
    | st.builds(Choice, st.sampled_from(["auto", "must", "never"]))
    | st.builds(lambda n: Choice("must", (n,)), names),
    format=st.none() | st.just(Format(SCHEMA, strict=True)),
    temperature=st.none() | st.floats(0, 1),
    top_p=st.none() | st.floats(0, 1),
    max_tokens=st.integers(1, 99),
    stop=st.lists(words, max_size=2).map(tuple),
    user=st.none() | words,
)


@given(portable)
def test_what_both_can_say_is_read_as_it_was_written(talk: Talk) -> None:
    for read, write, check in (
        (read_chat, write_chat, OpenAIChat().check),
        (read_messages, write_messages, AnthropicMessages().check),
    ):
        body = write(talk)
        check(body)
        back = in_turns(read(body, talk.model, talk.stream))
        label = back.format and replace(back.format, name="")
        assert replace(back, format=label) == in_turns(talk)


@given(
    st.builds(
        Choice, st.sampled_from(["auto", "must"]), st.lists(names, min_size=1, max_size=3, unique=True).map(tuple)
    )
)
def test_a_choice_among_some_tools_is_read_as_it_was_written(choice: Choice) -> None:
    talk = Talk("m", (Turn("user", (Text("x"),)),), tools=(Tool("n"),), choice=choice)
    assert read_chat(write_chat(talk), "m", False) == talk
