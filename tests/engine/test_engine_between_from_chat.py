"""From OpenAI's chat to Anthropic's messages: what chat says has its word there, or is named."""

import re
from typing import Any

import pytest

from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import BadRequest
from tidegate.tests.engine.crossing import MESSAGES, SCHEMA, messages_of_chat, text

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


@pytest.mark.parametrize(
    ("asked", "length"),
    [
        ({"reasoning_effort": "none"}, 4096),
        ({"reasoning_effort": "low"}, 4096 + 1024),
        ({"reasoning_effort": "medium"}, 4096 + 8192),
        ({"reasoning_effort": "high"}, 4096 + 24576),
        ({"reasoning_effort": "high", "max_completion_tokens": 7}, 7),
    ],
)
def test_thinking_takes_nothing_of_an_answer_s_length_that_nobody_named(asked: dict[str, Any], length: int) -> None:
    body = messages_of_chat({"model": "m", "messages": [{"role": "user", "content": "x"}], **asked})
    assert body["max_tokens"] == length


ADAPTIVE = {"thinking": {"type": "adaptive"}}


@pytest.mark.parametrize(
    ("chat", "message"),
    [
        ({"max_completion_tokens": 7}, {"max_tokens": 7}),
        ({"reasoning_effort": "none"}, {"thinking": {"type": "disabled"}}),
        ({"reasoning_effort": "high"}, {**ADAPTIVE, "max_tokens": 28672, "output_config": {"effort": "high"}}),
        ({"reasoning_effort": "minimal"}, {**ADAPTIVE, "max_tokens": 5120, "output_config": {"effort": "low"}}),
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
        ({"top_logprobs": 0, "logit_bias": {}, "functions": []}, {}),
    ],
)
def test_what_chat_says_has_its_word_in_messages(chat: dict[str, Any], message: dict[str, Any]) -> None:
    body, plain = messages_of_chat({**ASKED, **chat}), messages_of_chat(ASKED)
    MESSAGES.validate_python(body)
    assert body == {name: value for name, value in {**plain, **message}.items() if value is not None}


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


def test_texts_without_a_word_are_left_out_as_anthropic_refuses_them() -> None:
    said = [
        {"role": "system", "content": ""},
        {"role": "user", "content": [text(""), text("q")]},
        {"role": "assistant", "content": [text("\n")], "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c", "content": [text("")]},
        {"role": "assistant", "content": " "},
        {"role": "user", "content": "and?"},
    ]
    body = messages_of_chat({"model": "m", "messages": said})
    assert "system" not in body
    assert body["messages"] == [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "c", "name": "n", "input": {"a": 1}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c"}, text("and?")]},
    ]


def test_what_the_sdk_parsed_is_left_out_as_it_repeats_its_source() -> None:
    plain = {"role": "assistant", "content": "so", "tool_calls": [CALL]}
    call = {**CALL, "function": {**CALL["function"], "parsed_arguments": {"a": 1}}}
    bodies = [
        messages_of_chat({"model": "m", "messages": [said]})
        for said in (plain, {**plain, "parsed": {"b": 2}, "tool_calls": [call]})
    ]
    assert bodies[0] == bodies[1]


def test_a_pictures_link_may_be_a_bare_string_as_mistrals_clients_write_it() -> None:
    def asked(link: Any) -> dict[str, Any]:
        return {"model": "m", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": link}]}]}

    link = "https://example.org/a.png"
    assert messages_of_chat(asked(link)) == messages_of_chat(asked({"url": link}))


def test_a_picture_has_the_media_type_that_anthropic_knows() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/jpg;base64,AA"}}
    body = messages_of_chat({"model": "m", "messages": [{"role": "user", "content": [picture]}]})
    assert body["messages"][0]["content"][0]["source"]["media_type"] == "image/jpeg"


def test_a_system_message_in_the_middle_keeps_its_place() -> None:
    said = [{"role": "user", "content": "x"}, {"role": "developer", "content": "y"}, {"role": "user", "content": "z"}]
    body = messages_of_chat({"model": "m", "messages": said})
    MESSAGES.validate_python(body)
    assert "system" not in body
    assert [turn["role"] for turn in body["messages"]] == ["user", "system", "user"]


def test_ids_of_calls_that_another_host_made_are_such_as_anthropic_takes() -> None:
    ids = ["call_1", "functions.mail:0", "functions_mail:0", "a|" + "b" * 60, ""]
    calls = [{**CALL, "id": id} for id in ids]
    results = [{"role": "tool", "tool_call_id": id, "content": "x"} for id in ids]
    body = messages_of_chat({"model": "m", "messages": [{"role": "assistant", "tool_calls": calls}, *results]})
    asked, given = (turn["content"] for turn in body["messages"])
    made = [block["id"] for block in asked]
    assert made == [block["tool_use_id"] for block in given]
    assert made[0] == "call_1"
    assert len(set(made)) == len(ids)
    assert all(re.fullmatch("[A-Za-z0-9_-]{1,40}", id) for id in made)


def test_what_mistral_thought_is_left_out_unless_it_is_signed_or_somebody_elses() -> None:
    thought: dict[str, Any] = {"type": "thinking", "thinking": [text("hm, "), text("so")], "closed": True}
    said = {"role": "assistant", "content": [thought, text("yes")]}
    asked = {"model": "m", "messages": [{"role": "user", "content": "x"}, said, {"role": "user", "content": "y"}]}
    OpenAIChat().check(asked)
    assert messages_of_chat(asked)["messages"][1] == {"role": "assistant", "content": "yes"}
    for role, signature, place in (("assistant", "s", ""), ("user", None, ".type")):
        said |= {"role": role, "content": [{**thought, "signature": signature}]}
        with pytest.raises(BadRequest) as caught:
            messages_of_chat(asked)
        assert caught.value.param == f"messages.1.content.0{place}"
