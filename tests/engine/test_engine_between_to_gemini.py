"""Requests to Gemini: what chat and the neutral form say has its word there, or is named."""

from typing import Any

import pytest

from tidegate.engine.dialects.between.chat import CHAT
from tidegate.engine.dialects.between.gemini import GEMINI
from tidegate.engine.dialects.between.gemini_contents import UNSIGNED
from tidegate.engine.dialects.between.seals import open_request
from tidegate.engine.dialects.between.talk import Call, Media, Result, Talk, Text, Turn
from tidegate.engine.errors import BadRequest
from tidegate.tests.engine.crossing_gemini import MODEL, SCHEMA

ASKED: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "x"}]}
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
TOOL = {"type": "function", "function": {"name": "f", "parameters": SCHEMA}}


def of_chat(change: dict[str, Any]) -> dict[str, Any]:
    body = ASKED | change
    return GEMINI.write_request(open_request(CHAT.read_request(body, body["model"], False)))


@pytest.mark.parametrize(
    ("change", "config"),
    [
        ({"reasoning_effort": "none"}, {"thinkingConfig": {"thinkingBudget": 0}}),
        ({"reasoning_effort": "high"}, {"thinkingConfig": {"thinkingLevel": "HIGH"}}),
        ({"model": "gemini-2.5-pro", "reasoning_effort": "low"}, {"thinkingConfig": {"thinkingBudget": 1024}}),
        ({"model": "gemini-2.5-pro", "reasoning_effort": "xhigh"}, {"thinkingConfig": {"thinkingBudget": 24576}}),
        ({"stop": "END", "seed": 3, "max_tokens": 4}, {"stopSequences": ["END"], "seed": 3, "maxOutputTokens": 4}),
        ({"response_format": {"type": "json_object"}}, {"responseMimeType": "application/json"}),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}},
            {"responseMimeType": "application/json", "responseJsonSchema": SCHEMA},
        ),
        ({"user": "u", "store": False, "parallel_tool_calls": False}, {}),
    ],
)
def test_what_chat_says_has_its_word_in_gemini(change: dict[str, Any], config: dict[str, Any]) -> None:
    assert of_chat(change).get("generationConfig", {}) == config


@pytest.mark.parametrize(
    ("change", "calling"),
    [
        ({}, None),
        ({"tool_choice": "auto"}, {"mode": "AUTO"}),
        ({"tool_choice": "none"}, {"mode": "NONE"}),
        ({"tool_choice": "required"}, {"mode": "ANY"}),
        (
            {"tool_choice": {"type": "function", "function": {"name": "f"}}},
            {"mode": "ANY", "allowedFunctionNames": ["f"]},
        ),
        (
            {"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [TOOL]}}},
            {"mode": "VALIDATED", "allowedFunctionNames": ["f"]},
        ),
        ({"tools": [{"type": "function", "function": {"name": "f", "strict": True}}]}, {"mode": "VALIDATED"}),
    ],
)
def test_how_tools_are_chosen(change: dict[str, Any], calling: Any) -> None:
    assert of_chat({"tools": [TOOL], **change}).get("toolConfig", {}).get("functionCallingConfig") == calling


def test_a_chat_with_tools_as_gemini_has_it() -> None:
    messages = [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "mail"},
        {"role": "assistant", "tool_calls": [CALL, {**CALL, "id": "d"}]},
        {"role": "tool", "tool_call_id": "c", "content": "one"},
        {"role": "tool", "tool_call_id": "d", "content": "two"},
        {"role": "user", "content": "and?"},
    ]
    body = of_chat({"messages": messages})
    assert body["systemInstruction"] == {"parts": [{"text": "be brief"}]}
    assert body["contents"] == [
        {"role": "user", "parts": [{"text": "mail"}]},
        {
            "role": "model",
            "parts": [
                {"functionCall": {"id": "c", "name": "f", "args": {"a": 1}}, "thoughtSignature": UNSIGNED},
                {"functionCall": {"id": "d", "name": "f", "args": {"a": 1}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "c", "name": "f", "response": {"output": "one"}}},
                {"functionResponse": {"id": "d", "name": "f", "response": {"output": "two"}}},
                {"text": "and?"},
            ],
        },
    ]
    older = of_chat({"messages": messages, "model": "gemini-2.5-flash"})
    assert "thoughtSignature" not in older["contents"][1]["parts"][0]


def test_pictures_in_results_are_carried_as_bytes_and_nothing_more() -> None:
    def written(media: Media) -> Any:
        asked = [Turn("assistant", [Call("c", "f")]), Turn("user", [Result("c", [Text("so"), media])])]
        return GEMINI.write_request(Talk(MODEL, asked))["contents"][1]["parts"][0]["functionResponse"]

    said = written(Media("image", "image/png", "AAAA"))
    assert said["response"] == {"output": "so"}
    assert said["parts"] == [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]
    for media in (
        Media("image", url="https://example.org/a.png"),
        Media("image", "image/png", "AAAA", detail="low"),
        Media("file", "application/pdf", "AAAA", name="a.pdf"),
    ):
        with pytest.raises(BadRequest):
            written(media)


def test_files_are_named_before_they_come_and_links_get_their_type() -> None:
    file = {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}
    link = {"url": "https://example.org/a.png?x=1", "detail": "high"}
    content = [{"type": "file", "file": file}, {"type": "image_url", "image_url": link}]
    assert of_chat({"messages": [{"role": "user", "content": content}]})["contents"][0]["parts"] == [
        {"text": "File: a.pdf"},
        {"inlineData": {"mimeType": "application/pdf", "data": "AAAA"}},
        {
            "fileData": {"fileUri": "https://example.org/a.png?x=1", "mimeType": "image/png"},
            "mediaResolution": {"level": "MEDIA_RESOLUTION_HIGH"},
        },
    ]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"tools": [TOOL], "parallel_tool_calls": False}, "parallel_tool_calls"),
        ({"verbosity": "low"}, "verbosity"),
        ({"metadata": {"a": "b"}}, "metadata"),
        ({"store": True}, "store"),
        ({"model": "a/b"}, "model"),
        ({"model": "m?key=1"}, "model"),
        (
            {"messages": [{"role": "user", "content": "x"}, {"role": "system", "content": "y"}]},
            "messages.1.role",
        ),
        ({"messages": [{"role": "system", "content": "y"}]}, "messages.0"),
        (
            {
                "messages": [
                    {"role": "system", "content": [{"type": "image_url", "image_url": {"url": "u"}}]},
                    {"role": "user", "content": "x"},
                ]
            },
            "messages.0.content.0.image_url",
        ),
        ({"messages": [{"role": "tool", "tool_call_id": "c", "content": "x"}]}, "messages.0"),
    ],
)
def test_what_chat_says_and_gemini_cannot_is_named(change: dict[str, Any], place: str) -> None:
    with pytest.raises(BadRequest) as caught:
        GEMINI.path(CHAT.read_request(ASKED | change, (ASKED | change)["model"], False))
        of_chat(change)
    assert (caught.value.param, caught.value.code) == (place, "not_carried")


def test_who_switches_thinking_on_sees_it() -> None:
    def thinking(**fields: Any) -> Any:
        talk = Talk(MODEL, [Turn("user", [Text("x")])], **fields)
        return GEMINI.write_request(talk).get("generationConfig", {}).get("thinkingConfig")

    assert thinking(think=True) == {"thinkingBudget": -1, "includeThoughts": True}
    assert thinking(budget=9) == {"thinkingBudget": 9, "includeThoughts": True}
    assert thinking(budget=9, show_thoughts=False) == {"thinkingBudget": 9}
    assert thinking(effort="max") == {"thinkingLevel": "XHIGH"}
    assert thinking() is None
