"""Requests from Gemini: what it says has its word in the neutral form, or is named."""

from typing import Any

import pytest

from tidegate.engine.dialects.between.chat import CHAT
from tidegate.engine.dialects.between.gemini import GEMINI
from tidegate.engine.dialects.between.gemini_contents import UNSIGNED, made_id
from tidegate.engine.dialects.between.messages import MESSAGES
from tidegate.engine.dialects.between.responses import RESPONSES
from tidegate.engine.dialects.between.seals import open_request
from tidegate.engine.dialects.between.talk import Call, Result, Text, Thought
from tidegate.engine.errors import BadRequest
from tidegate.tests.engine.crossing_gemini import read


def asked(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": list(parts or [{"text": "x"}])}], **more}


def configured(**config: Any) -> dict[str, Any]:
    return asked(generationConfig=config)


def model_said(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"contents": [{"role": "model", "parts": list(parts)}]}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (asked(cachedContent="c"), "cachedContent"),
        (asked(labels={"a": "b"}), "labels"),
        (asked(tools=[{"googleSearch": {}}]), "tools.0.googleSearch"),
        (asked(tools=[{"code_execution": {}}]), "tools.0.code_execution"),
        (asked(safetySettings=[{"threshold": "BLOCK_LOW_AND_ABOVE"}]), "safetySettings.0.threshold"),
        (asked(toolConfig={"retrievalConfig": {}}), "toolConfig.retrievalConfig"),
        (
            asked(toolConfig={"functionCallingConfig": {"mode": "SOMETIMES"}}),
            "toolConfig.functionCallingConfig.mode",
        ),
        (configured(candidate_count=2), "generationConfig.candidate_count"),
        (configured(responseModalities=["IMAGE"]), "generationConfig.responseModalities"),
        (configured(responseMimeType="text/x.enum"), "generationConfig.responseMimeType"),
        (configured(responseLogprobs=True), "generationConfig.responseLogprobs"),
        (configured(topK=1.5), "generationConfig.topK"),
        (configured(temperature="hot"), "generationConfig.temperature"),
        (configured(topK=1, top_k=1), "generationConfig.top_k"),
        (configured(speechConfig={}), "generationConfig.speechConfig"),
        (configured(responseSchema={"type": "STRING", "x": 1}), "generationConfig.responseSchema.x"),
        (
            configured(responseSchema={"type": "STRING", "nullable": True, "enum": 1.5}),
            "generationConfig.responseSchema.enum",
        ),
        (asked({"executableCode": {"code": "1"}}), "contents.0.parts.0.executableCode"),
        (asked({"text": "x", "inlineData": {}}), "contents.0.parts.0"),
        (asked({}), "contents.0.parts.0"),
        (asked({"text": "x", "videoMetadata": {}}), "contents.0.parts.0.videoMetadata"),
        (asked({"functionCall": {"name": "f"}}), "contents.0.parts.0.functionCall"),
        (asked({"text": "x", "thought": True}), "contents.0.parts.0.thought"),
        (
            asked({"file_data": {"mime_type": "image/png", "file_uri": "gs://b/a"}}),
            "contents.0.parts.0.file_data.file_uri",
        ),
        (
            asked(
                {"fileData": {"mimeType": "a/b", "fileUri": "https://generativelanguage.googleapis.com/v1beta/files/a"}}
            ),
            "contents.0.parts.0.fileData.fileUri",
        ),
        (
            asked({"functionResponse": {"name": "f", "response": {}}}),
            "contents.0.parts.0.functionResponse",
        ),
        ({"contents": [{"role": "system", "parts": []}]}, "contents.0.role"),
        (model_said({"text": "x", "thoughtSignature": "s"}), "contents.0.parts.0.thoughtSignature"),
        (
            model_said({"functionCall": {"name": "f"}, "thought_signature": "s"}),
            "contents.0.parts.0.thought_signature",
        ),
    ],
)
def test_what_gemini_says_and_others_cannot_is_named(body: dict[str, Any], place: str) -> None:
    with pytest.raises(BadRequest) as caught:
        open_request(read(body))
    assert (caught.value.param, caught.value.code) == (place, "not_carried")


def test_results_find_their_calls_with_ids_and_without() -> None:
    def answered(**more: Any) -> dict[str, Any]:
        return {"functionResponse": {"name": "f", "response": {"output": "x"}, **more}}

    def called(name: str, **more: Any) -> dict[str, Any]:
        return {"functionCall": {"name": name, **more}}

    body = {
        "contents": [
            {"role": "model", "parts": [called("f"), called("g"), called("f", id="own"), called("f")]},
            {"role": "function", "parts": [answered(id="own"), answered(), answered(id="theirs")]},
        ]
    }
    ids = [part.id for part in read(body).turns[1].parts if isinstance(part, Result)]
    assert ids == ["own", "call_1_f", "call_4_f"]
    assert len(made_id("x" * 99, 7, "an-id")) == 40
    assert made_id("a.b", 1) == "call_1_a_b"


@pytest.mark.parametrize(
    ("response", "said", "failed"),
    [
        ({"output": "x"}, ["x"], False),
        ({"result": {"a": 1}}, ['{"a":1}'], False),
        ({"error": "no"}, ["no"], True),
        ({"output": ["a", "b"]}, ["a", "b"], False),
        ({"output": "a", "x": 1}, ['{"output":"a","x":1}'], False),
        ({"sky": "blue"}, ['{"sky":"blue"}'], False),
        ({}, [], False),
    ],
)
def test_what_a_function_returned(response: dict[str, Any], said: list[str], failed: bool) -> None:
    body = model_said({"functionCall": {"name": "f"}})
    body["contents"].append({"role": "user", "parts": [{"functionResponse": {"name": "f", "response": response}}]})
    [result] = read(body).turns[1].parts
    assert isinstance(result, Result)
    assert ([part.text for part in result.parts if isinstance(part, Text)], result.failed) == (said, failed)


@pytest.mark.parametrize("error", ["", " \n", []])
def test_a_tool_that_failed_without_a_word_is_told_to_anthropic_in_words(error: Any) -> None:
    body = model_said({"functionCall": {"name": "f"}})
    given = {"functionResponse": {"name": "f", "response": {"error": error}}}
    body["contents"].append({"role": "user", "parts": [given]})
    [result] = MESSAGES.write_request(read(body))["messages"][-1]["content"]
    assert (result["is_error"], result["content"]) == (True, "The tool reported an error")


def test_a_schema_in_geminis_form_is_told_as_json_schema() -> None:
    own = {
        "type": "OBJECT",
        "properties": {
            "a": {"type": "STRING", "format": "enum", "enum": ["x", "y"], "nullable": True},
            "b": {"type": "ARRAY", "items": {"type": "integer", "format": "int32"}, "min_items": "1"},
            "c": {"anyOf": [{"type": "NUMBER"}, {"ref": "#/defs/d"}], "nullable": True},
        },
        "defs": {"d": {"type": "BOOLEAN", "example": True}},
        "required": ["a"],
        "propertyOrdering": ["a", "b", "c"],
    }
    found = read(configured(responseSchema=own)).format
    assert found is not None and found.schema == {
        "type": "object",
        "required": ["a"],
        "properties": {
            "a": {"type": ["string", "null"], "enum": ["x", "y", None]},
            "b": {"type": "array", "minItems": 1, "items": {"type": "integer", "format": "int32"}},
            "c": {"anyOf": [{"anyOf": [{"type": "number"}, {"$ref": "#/$defs/d"}]}, {"type": "null"}]},
        },
        "$defs": {"d": {"type": "boolean", "examples": [True]}},
    }


def test_thoughts_that_nobody_signed_are_left_out() -> None:
    body = model_said({"text": "hm", "thought": True}, {"text": "so"})
    talk = read(body)
    assert talk.turns[0].parts == (Thought("hm"), Text("so"))
    assert open_request(talk).turns[0].parts == (Text("so"),)
    assert GEMINI.write_request(talk)["contents"] == body["contents"]


def test_calls_of_another_model_may_be_marked_as_such() -> None:
    talk = open_request(read(model_said({"functionCall": {"name": "f"}, "thoughtSignature": UNSIGNED})))
    assert talk.turns[0].parts == (Call("call_1_f", "f"),)


def test_an_answer_that_was_streamed_is_one_message_when_it_comes_back() -> None:
    """The SDK's chats keep a content for each event."""
    pieces = [{"text": "I "}, {"text": "look."}, *({"functionCall": {"id": id, "name": "f"}} for id in ("a", "b"))]
    results = [{"functionResponse": {"id": id, "name": "f", "response": {"output": id}}} for id in ("a", "b")]
    contents = [{"role": "model", "parts": [piece]} for piece in [*pieces, {"text": ""}]]
    talk = open_request(read({"contents": [*contents, {"role": "user", "parts": results}]}))
    answer, *given = CHAT.write_request(talk)["messages"]
    assert (answer["content"], [call["id"] for call in answer["tool_calls"]]) == ("I look.", ["a", "b"])
    assert [(message["role"], message["tool_call_id"]) for message in given] == [("tool", "a"), ("tool", "b")]
    said, *calls = RESPONSES.write_request(talk)["input"]
    assert (said["content"], [item["call_id"] for item in calls]) == ("I look.", ["a", "b", "a", "b"])
