"""What a body holds where one does not look: files with blanks in them, numbers in pieces, names of fields."""

import time
from collections.abc import Sequence
from typing import Any

import pytest

from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.openai_text import OpenAICompletions
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.dialects.strange import strange
from tidegate.engine.dialects.text import names
from tidegate.engine.exchange import Scope, Segment

BYTES = "iVBORw0KGgo" + "A" * 100
SPACED = f"iVBO {BYTES[4:]}"


def blocks(*content: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": list(content)}]}


def items(*content: Any) -> dict[str, Any]:
    return {"model": "m", "input": [{"role": "user", "content": list(content)}]}


@pytest.mark.parametrize(
    ("dialect", "make"),
    [
        (OpenAIChat(), lambda data: blocks({"type": "file", "file": {"file_data": f"data:a/b;BASE64,{data}"}})),
        (OpenAIChat(), lambda data: blocks({"type": "input_audio", "input_audio": {"data": data, "format": "wav"}})),
        (AnthropicMessages(), lambda data: blocks({"type": "image", "source": {"type": "base64", "data": data}})),
        (Gemini(), lambda data: {"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": data}}]}]}),
        (OpenAIResponses(), lambda data: items({"type": "input_file", "file_data": f"data:a/b;base64,{data}"})),
        (OpenAIResponses(), lambda data: {"input": [{"type": "image_generation_call", "id": "i", "result": data}]}),
    ],
    ids=["file", "audio", "image", "inline", "item", "result"],
)  # fmt: skip
def test_a_file_with_blanks_in_it_is_read_as_text_and_said_to_be_unread(dialect: Dialect, make: Any) -> None:
    def seen(data: str) -> list[tuple[bool, bool]]:
        segments: Sequence[Segment] = dialect.request_segments(make(data))
        return [(bool(s.unread), s.text.endswith(data)) for s in segments if s.unread or s.text.endswith(data)]

    assert seen(BYTES) == [(True, True)]
    assert sorted(unread for unread, _ in seen(SPACED)) == [False, True]


def test_words_that_are_a_result_are_text_alone() -> None:
    words = "The tool found nothing that we had not seen before, and so the matter is closed."
    segments = OpenAIResponses().request_segments({"input": [{"type": "x_call", "result": words}]})
    assert [(s.text, s.unread) for s in segments if s.unread or s.text == words] == [(words, "")]


def test_numbers_in_pieces_of_arguments_are_looked_at_and_changed_they_are_strings() -> None:
    piece = {"jsonPath": "$.card", "numberValue": 4111111111111111}
    part = {"functionCall": {"partialArgs": [piece], "willContinue": True}}
    body = {"candidates": [{"index": 0, "content": {"role": "model", "parts": [part]}}]}
    [number] = [s for s in Gemini().reply_segments(body, True) if s.text == "4111111111111111"]
    assert number.scope is Scope.TOOL_ARGS
    Gemini().put(body, number, "<CARD>")
    assert piece == {"jsonPath": "$.card", "stringValue": "<CARD>"}


def test_a_patch_is_what_a_call_asks_for_in_its_pieces_too() -> None:
    kind = "response.apply_patch_call_operation_diff"
    for data in ({"type": f"{kind}.delta", "delta": "+heron"}, {"type": f"{kind}.done", "diff": "+heron"}):
        found = OpenAIResponses().reply_segments({"output_index": 0, "item_id": "i", **data}, True)
        assert [s.scope for s in found if s.text == "+heron"] == [Scope.TOOL_ARGS]


def test_names_in_schemas_are_read_wherever_a_request_brings_them() -> None:
    schema = {"properties": {"one": {}}, "dependencies": {"two": ["one"]}, "discriminator": {"mapping": {"three": "x"}}}
    listed = {"input": [{"type": "mcp_list_tools", "tools": [{"name": "t", "input_schema": schema}]}]}
    searched = {"input": [{"type": "tool_search_output", "tools": [{"type": "function", "parameters": schema}]}]}
    later = {"input": [{"type": "additional_tools", "role": "developer", "tools": [{"parameters": schema}]}]}
    updated = {"input": [{"type": "configuration_update", "text": {"format": {"schema": schema}}}]}
    added = {"type": "tool_addition", "tool": {"type": "tool_definition", "definition": {"input_schema": schema}}}
    brought = (added, {"type": "compaction", "tool_changes": [added]})
    brought = (*brought, {"type": "mcp_tool_listing", "tools": [{"input_schema": schema}]})
    inner = ({"messages": [{"role": "system", "content": [block]}]} for block in brought)
    for body in ({"tools": [{"parameters": schema}]}, listed, searched, later, updated, *inner):
        assert [s.text for s in names(body) if s.sealed] == ["one", "two", "three"]


@pytest.mark.parametrize("streamed", [False, True])
def test_tokens_that_might_have_been_chosen_are_seen_and_go_with_the_probabilities(streamed: bool) -> None:
    logprobs = {"tokens": [" bird"], "top_logprobs": [{" bird": -0.1, " heron": -0.2}, None]}
    body: dict[str, Any] = {"choices": [{"index": 0, "text": " bird", "logprobs": logprobs}]}
    dialect = OpenAICompletions()
    [segment] = [s for s in dialect.reply_segments(body, streamed) if s.text == " heron"]
    dialect.put(body, segment, "<BIRD>")
    assert body["choices"][0] == {"index": 0, "text": " bird", "logprobs": None}


def test_code_that_a_provider_runs_is_a_call_and_what_it_gave_is_text_however_long() -> None:
    given = '{"a":"jane@example.org","b":"' + "x" * 60 + '"}'
    program = {"type": "program", "id": "i", "call_id": "c", "code": "send()", "fingerprint": "seal"}
    came = {"type": "program_output", "id": "j", "call_id": "c", "result": given, "status": "completed"}
    clicks = {"type": "computer_call", "call_id": "k", "actions": [{"type": "type", "text": "rm -rf /"}]}
    for result in (given, "A" * 100):
        body = {"input": [program, {**came, "result": result}, clicks]}
        found = {s.text: (s.scope, s.tool, s.sealed) for s in OpenAIResponses().request_segments(body) if not s.unread}
        assert found["send()"] == (Scope.TOOL_ARGS, "program", False)
        assert found["seal"] == (Scope.INPUT, "program", True)
        assert found[result] == (Scope.TOOL_RESULT, "program", False)
        assert found["rm -rf /"] == (Scope.TOOL_ARGS, "computer", False)


@pytest.mark.parametrize("spell", [str, lambda name: {"toolCall": "tool_call", "toolResponse": "tool_response"}[name]])
def test_numbers_and_names_are_read_in_what_googles_own_tools_ask_and_give(spell: Any) -> None:
    values = {"card": 4111111111111111}
    called = {spell("toolCall"): {"toolType": "FILE_SEARCH", "args": values}}
    gave = {spell("toolResponse"): {"toolType": "FILE_SEARCH", "response": values}}
    for part, scope in ((called, Scope.TOOL_ARGS), (gave, Scope.TOOL_RESULT)):
        content = {"role": "model", "parts": [part]}
        reply = Gemini().reply_segments({"candidates": [{"index": 0, "content": content}]}, True)
        for found in (Gemini().request_segments({"contents": [content]}), reply):
            seen = [(s.text, s.scope, s.tool, s.sealed) for s in found if s.text in ("card", "4111111111111111")]
            assert seen == [("card", scope, "file_search", True), ("4111111111111111", scope, "file_search", False)]


def test_names_of_fields_that_are_no_plain_words_are_texts_wherever_they_stand() -> None:
    who = "ada@example.com"
    body = {
        "model": "m",
        who: 1,
        "x_known2": {"b64_json": 1},
        "x_new": {who: {"TCK-123456": []}},
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi", "12": 1}]}],
        "metadata": {"also here": 1},
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"properties": {"in-schema": {}}}}}],
    }
    texts = [*OpenAIChat().request_segments(body), *names(body)]
    found = list(strange(body, texts, Scope.INPUT))
    assert sorted((segment.text, segment.address) for segment in found) == [
        ("12", ("messages", 0, "content", 0, "*")),
        ("TCK-123456", ("x_new", who, "*")),
        (who, ("*",)),
        (who, ("x_new", "*")),
    ]
    assert all(segment.sealed and segment.scope is Scope.INPUT for segment in found)


def test_names_of_arguments_are_told_once_and_can_be_changed() -> None:
    block = {"type": "tool_use", "id": "t", "name": "f", "input": {"ada@example.com": {"a b": 1}}}
    body = {"model": "m", "messages": [{"role": "assistant", "content": [block]}]}
    texts = AnthropicMessages().request_segments(body)
    assert [segment.text for segment in texts if segment.is_name] == ["ada@example.com", "a b"]
    assert not list(strange(body, texts, Scope.INPUT))


def test_very_many_strange_names_take_time_by_their_number_alone() -> None:
    body = {
        "model": "m",
        "messages": [{"role": "user", "content": "hi", f"a {n}": {f"b {n}": "x"}} for n in range(20_000)],
    }
    texts = OpenAIChat().request_segments(body)
    began = time.process_time()
    assert len(list(strange(body, texts, Scope.INPUT))) == 40_000
    assert time.process_time() - began < 3
