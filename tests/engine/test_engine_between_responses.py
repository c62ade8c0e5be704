"""Requests between OpenAI's Responses and the other dialects: what is carried comes back, what is not is named."""

from dataclasses import replace
from typing import Any

import anthropic.types as anthropics
import openai.types.chat as chats
import openai.types.responses as theirs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tidegate.engine.dialects.between.carry import FAILED, merged
from tidegate.engine.dialects.between.chat_request import read_chat
from tidegate.engine.dialects.between.chat_request_write import write_chat
from tidegate.engine.dialects.between.messages_request import read_messages
from tidegate.engine.dialects.between.messages_request_write import write_messages
from tidegate.engine.dialects.between.responses_request import read_responses
from tidegate.engine.dialects.between.responses_request_write import write_responses
from tidegate.engine.dialects.between.seals import open_request
from tidegate.engine.dialects.between.talk import Call, Choice, Format, Media, Result, Talk, Text, Tool, Turn
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.errors import BadRequest

BODY: TypeAdapter[Any] = TypeAdapter(theirs.response_create_params.ResponseCreateParamsNonStreaming)
STREAMED: TypeAdapter[Any] = TypeAdapter(theirs.response_create_params.ResponseCreateParamsStreaming)
TOOLS: TypeAdapter[Any] = TypeAdapter(list[theirs.ToolParam])
CHAT: TypeAdapter[Any] = TypeAdapter(chats.completion_create_params.CompletionCreateParamsNonStreaming)
MESSAGES: TypeAdapter[Any] = TypeAdapter(anthropics.message_create_params.MessageCreateParamsNonStreaming)
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False}

words = st.text(min_size=1, max_size=8)
names = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
sources = st.sampled_from(["{}", '{"a":1}', '{"city":"Köln","n":[1,2]}'])


def as_talk(body: dict[str, Any]) -> Talk:
    OpenAIResponses().check(body)
    return open_request(read_responses(body, body["model"], bool(body.get("stream"))))


def in_turns(talk: Talk) -> Talk:
    return replace(talk, turns=merged(talk.turns))


# The neutral form itself

texts = st.builds(Text, words)
media = st.sampled_from(
    [
        Media("image", url="https://example.org/a.png", detail="low"),
        Media("image", "image/png", "AAAA", detail="auto"),
        Media("file", "application/pdf", "AAAA", name="a.pdf"),
    ]
)
answers = st.builds(
    lambda p, c: Turn("assistant", (*p, *c)),
    st.lists(texts, min_size=1, max_size=2),
    st.lists(st.builds(Call, names, names, sources), max_size=2),
)
links = st.just(Media("file", url="https://example.org/a.pdf"))


def talks(asked: Any, shown: Any, stream: Any) -> Any:
    """Of what users ask, what tools show, and whether a stream is asked for."""
    results = st.builds(Result, names, st.lists(shown, min_size=1, max_size=2).map(tuple))
    before = (
        st.lists(asked, min_size=1, max_size=3).map(lambda p: Turn("user", tuple(p)))
        | st.lists(results, min_size=1, max_size=2).map(lambda r: Turn("user", tuple(r)))
        | texts.map(lambda t: Turn("system", (t,)))
    )
    return st.builds(
        Talk,
        names,
        st.lists(st.tuples(before, answers), min_size=1, max_size=3).map(lambda pairs: tuple(sum(pairs, ()))),
        stream,
        st.lists(st.builds(Tool, names, words, st.none() | st.just(SCHEMA), st.booleans()), max_size=2).map(tuple),
        choice=st.none()
        | st.builds(Choice, st.sampled_from(["auto", "must", "never"]))
        | st.builds(
            Choice, st.sampled_from(["auto", "must"]), st.lists(names, min_size=1, max_size=3, unique=True).map(tuple)
        ),
        parallel=st.none() | st.booleans(),
        format=st.none()
        | st.just(Format())
        | st.builds(Format, st.just(SCHEMA), names, words, st.none() | st.booleans()),
        temperature=st.none() | st.floats(0, 2),
        top_p=st.none() | st.floats(0, 1),
        max_tokens=st.none() | st.integers(1, 99),
        effort=st.none() | st.sampled_from(["minimal", "low", "high", "xhigh"]),
        verbosity=st.none() | st.sampled_from(["low", "high"]),
        user=st.none() | words,
        metadata=st.none() | st.dictionaries(names, words, max_size=2),
        store=st.booleans(),
    )


@given(talks(texts | media | links, texts | media | links, st.booleans()), st.sampled_from([None, True]))
def test_what_responses_can_say_is_read_as_it_was_written(talk: Talk, shown: bool | None) -> None:
    talk = replace(talk, show_thoughts=shown)
    body = write_responses(talk)
    (STREAMED if talk.stream else BODY).validate_python(body)
    TOOLS.validate_python(body.get("tools", []))
    assert in_turns(as_talk(body)) == in_turns(talk)


@given(talks(texts | media, texts, st.just(False)))
def test_a_request_goes_over_to_chat_and_comes_back_the_same(talk: Talk) -> None:
    body = write_responses(talk)
    chat = write_chat(as_talk(body))
    OpenAIChat().check(chat)
    CHAT.validate_python(chat)
    assert in_turns(read_chat(chat, talk.model, False)) == in_turns(talk)
    assert in_turns(as_talk(write_responses(read_chat(chat, talk.model, False)))) == in_turns(talk)


# What it has words for

ASKED: dict[str, Any] = {"model": "m", "input": "hi"}
TOOL = {"type": "function", "name": "n", "parameters": SCHEMA, "strict": True}


def items(*given: dict[str, Any]) -> dict[str, Any]:
    return {"input": list(given)}


def said(*parts: dict[str, Any], role: str = "user") -> dict[str, Any]:
    return items({"role": role, "content": list(parts)})


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


# What it has none for

CALL = {"type": "function_call", "call_id": "c", "name": "n", "arguments": "{}"}
AUDIO = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
OUTPUT = {"type": "function_call_output", "call_id": "c", "output": "x"}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"prompt": {"id": "p"}}, "prompt"),
        ({"context_management": [{"type": "compaction"}]}, "context_management"),
        ({"x_unknown": 1}, "x_unknown"),
        ({"truncation": "auto"}, "truncation"),
        ({"service_tier": "flex"}, "service_tier"),
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"include": ["reasoning.encrypted_content", "message.output_text.logprobs"]}, "include.1"),
        ({"include": "all"}, "include"),
        ({"prompt_cache_options": {"prewarm": True}}, "prompt_cache_options.prewarm"),
        ({"reasoning": {"mode": "pro"}}, "reasoning.mode"),
        ({"reasoning": {"context": "all_turns"}}, "reasoning.context"),
        ({"reasoning": "high"}, "reasoning"),
        ({"text": {"format": {"type": "grammar"}}}, "text.format.type"),
        ({"text": {"format": {"schema": SCHEMA}}}, "text.format.type"),
        ({"text": {"format": {"type": "text", "strict": True}}}, "text.format.strict"),
        ({"user": "u", "safety_identifier": "v"}, "safety_identifier"),
        ({"text": {"format": {"type": "json_schema", "schema": 1}}}, "text.format.schema"),
        ({"tools": [{"type": "web_search"}]}, "tools.0.type"),
        ({"tools": [TOOL, {"type": "mcp", "server_label": "s"}]}, "tools.1.type"),
        ({"tools": [{"type": "custom", "name": "n"}]}, "tools.0.type"),
        ({"tools": [{**TOOL, "defer_loading": True}]}, "tools.0.defer_loading"),
        ({"tools": [{**TOOL, "output_schema": SCHEMA}]}, "tools.0.output_schema"),
        ({"tool_choice": {"type": "web_search"}}, "tool_choice"),
        ({"tool_choice": {"type": "allowed_tools", "mode": []}}, "tool_choice"),
        ({"tool_choice": {"type": "allowed_tools", "mode": "none"}}, "tool_choice"),
        ({"tool_choice": {"type": "allowed_tools", "mode": "auto"}}, "tool_choice.tools"),
        ({"tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": []}}, "tool_choice.tools"),
        ({"tool_choice": {"type": "function", "name": "n", "x": 1}}, "tool_choice.x"),
        (
            {"tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "mcp"}]}},
            "tool_choice.tools.0.type",
        ),
        (items({"type": "item_reference", "id": "msg_1"}), "input.0.type"),
        (items({"id": "msg_1"}), "input.0.type"),
        (items({"type": "web_search_call", "id": "ws"}), "input.0.type"),
        (items({"type": "custom_tool_call", "call_id": "c", "name": "n", "input": "x"}), "input.0.type"),
        (items({"type": "reasoning", "id": "r", "summary": [], "encrypted_content": "s"}), "input.0"),
        (items({"role": "tool", "content": "x"}), "input.0.role"),
        (items({"role": "user", "content": "x", "name": "ann"}), "input.0.name"),
        (items({**CALL, "arguments": "[]"}), "input.0.arguments"),
        (items({**CALL, "namespace": "s"}), "input.0.namespace"),
        (items({**CALL, "caller": {"type": "program", "caller_id": "p"}}), "input.0.caller"),
        (items({**CALL, "async": True}), "input.0.async"),
        (items(CALL, {**OUTPUT, "call_id": None}), "input.1.call_id"),
        (items(CALL, {**OUTPUT, "output": {"a": 1}}), "input.1.output"),
        (items(CALL, {**OUTPUT, "output": ["a"]}), "input.1.output.0.type"),
        (said({"type": "input_image", "file_id": "f", "detail": "auto"}), "input.0.content.0.file_id"),
        (said({"type": "input_image", "image_url": "data:image/png,AA"}), "input.0.content.0.image_url"),
        (said({"type": "input_file", "file_id": "f"}), "input.0.content.0.file_id"),
        (said({"type": "input_file", "file_data": "AAAA"}), "input.0.content.0.file_data"),
        (said({"type": "input_file", "file_url": "u", "detail": "high"}), "input.0.content.0.detail"),
        (said({"type": "input_audio", "input_audio": {}}), "input.0.content.0.type"),
        (
            said({"type": "output_text", "text": "x", "annotations": [{"type": "file_citation"}]}, role="assistant"),
            "input.0.content.0.annotations",
        ),
    ],
)
def test_what_cannot_be_carried_from_responses_is_named(change: dict[str, Any], place: str) -> None:
    with pytest.raises(BadRequest) as caught:
        as_talk({**ASKED, **change})
    assert (caught.value.param, caught.value.code) == (place, "not_carried")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"stop": "END"}, "stop"),
        ({"seed": 1}, "seed"),
        ({"frequency_penalty": 1}, "frequency_penalty"),
        ({"messages": [{"role": "user", "content": [AUDIO]}]}, "messages.0.content.0.input_audio"),
    ],
)
def test_what_chat_says_and_responses_cannot_is_named(change: dict[str, Any], place: str) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], **change}
    with pytest.raises(BadRequest) as caught:
        write_responses(read_chat(body, "m", False))
    assert (caught.value.param, caught.value.code) == (place, "not_carried")


def test_what_only_one_of_responses_and_messages_can_say_has_the_callers_own_name() -> None:
    body = {"model": "m", "max_tokens": 9, "top_k": 3, "messages": [{"role": "user", "content": "x"}]}
    with pytest.raises(BadRequest) as caught:
        write_responses(read_messages(body, "m", False))
    assert caught.value.param == "top_k"
    for change, place in (
        ({"text": {"verbosity": "low"}}, "text.verbosity"),
        ({"text": {"format": {"type": "json_object"}}}, "text.format"),
        ({"temperature": 1.5}, "temperature"),
    ):
        with pytest.raises(BadRequest) as caught:
            write_messages(as_talk({**ASKED, **change}))
        assert caught.value.param == place
