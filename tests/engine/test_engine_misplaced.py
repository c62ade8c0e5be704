"""What looks like something that it is not where it stands: fields of schemas that are called like parts, links in what
is no file, files too short to be taken for one, and what the model reads of examples."""

import base64
from typing import Any

import pytest

from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini, GeminiCountTokens
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.dialects.text import names
from tidegate.engine.errors import BadRequest
from tidegate.engine.exchange import Scope, Segment

PARTS = ["functionCall", "function_response", "toolCall", "tool_response", "executableCode", "codeExecutionResult"]
MAIL = base64.b64encode(b"jane@example.org").decode()


def told(dialect: Dialect, body: dict[str, Any], text: str) -> list[Segment]:
    """The segments with such a text."""
    return [segment for segment in dialect.request_segments(body) if segment.text == text]


@pytest.mark.parametrize("name", [*PARTS, "inlineData"])
def test_a_field_of_a_schema_is_no_part_whatever_it_is_called(name: str) -> None:
    schema = {"type": "OBJECT", "properties": {name: {"name": "n", "data": "look here", "args": {"a": "look here"}}}}
    contents = [{"role": "user", "parts": [{"text": "hi"}]}]
    tools = [{"functionDeclarations": [{"name": "f", "parameters": schema}]}]
    asked = {"contents": contents, "tools": tools, "generationConfig": {"responseSchema": schema}}
    for dialect, body in ((Gemini(), asked), (GeminiCountTokens(), {"generateContentRequest": asked})):
        found = told(dialect, body, "look here")
        assert [(each.scope, each.unread) for each in found] == [(Scope.INPUT, "")] * 4


@pytest.mark.parametrize("name", PARTS)
def test_a_part_is_one_in_its_list_and_alone(name: str) -> None:
    part = {name: {"code": "look here", "args": {"a": "look here"}, "response": {"a": "look here"}}}
    for parts in ([part], part):
        body = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}], "systemInstruction": {"parts": parts}}
        scopes = {each.scope for each in told(Gemini(), body, "look here")}
        assert scopes & {Scope.TOOL_ARGS, Scope.TOOL_RESULT}


def test_a_link_or_bytes_in_a_schema_are_text_for_a_model_reads_the_letters() -> None:
    link = "data:text/plain;base64,4111111111111111"
    at_host = {"file_id": "file-1", "file_ids": ["file-2"], "image_url": "https://cdn.example.com/a.png"}
    values = {"default": {"url": link}, "examples": [{"data": "a" * 80}, at_host]}
    schema = {"type": "object", "properties": {"a": values}}
    tool = {"name": "f", "parameters": schema, "input_schema": schema, "input_examples": [{"url": link, **at_host}]}
    for dialect in (OpenAIResponses(), AnthropicMessages()):
        found = list(dialect.request_segments({"tools": [tool], "metadata": {"url": link}}))
        assert not [each for each in found if each.unread]
        assert sum(each.text == link for each in found) == 4


@pytest.mark.parametrize("name", ["report", "example", "metadata"])
def test_a_file_in_a_variable_of_a_stored_prompt_is_unread_whatever_the_variable_is_called(name: str) -> None:
    for file in ({"file_data": MAIL}, {"file_data": "data:text/plain;base64," + MAIL}, {"file_id": "file-1"}):
        prompt = {"id": "pmpt_1", "variables": {name: {"type": "input_file", **file}}}
        assert any(each.unread for each in OpenAIResponses().request_segments({"input": "hi", "prompt": prompt}))


@pytest.mark.parametrize("data", [MAIL, "data:text/plain;base64," + MAIL, "amFu ZUBleGFtcGxlLm9yZw=="])
def test_a_file_is_unread_however_short_it_is(data: str) -> None:
    part: dict[str, Any] = {"type": "file", "file": {"filename": "a.txt", "file_data": data}}
    chat = {"messages": [{"role": "user", "content": [part]}]}
    responses = {"input": [{"role": "user", "content": [{"type": "input_file", "file_data": data}]}]}
    for dialect, body in ((OpenAIChat(), chat), (OpenAIResponses(), responses)):
        found = list(dialect.request_segments(body))
        assert any(each.unread for each in found)
        assert data.startswith("data:") or told(dialect, body, data), "what is short may be read besides"


def test_a_word_in_the_place_of_sound_is_a_text() -> None:
    for delta, unread in (("UklGRiQA/+8=", "audio"), ("jane@example.org", ""), ("a word", "")):
        found = OpenAIResponses().reply_segments({"type": "response.audio.delta", "delta": delta}, True)
        assert [each.unread for each in found if each.text == delta] == [unread]


def test_files_that_lie_at_the_provider_are_unread_in_lists_too() -> None:
    tool = {"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["file-1", "file-2"]}}
    found = OpenAIResponses().request_segments({"input": "sum it up", "tools": [tool]})
    assert [each.address[-2:] for each in found if each.unread] == [("file_ids", 0), ("file_ids", 1)]


def test_names_in_the_examples_of_a_tools_input_are_read() -> None:
    tool = {"name": "f", "input_schema": {"type": "object"}, "input_examples": [{"look_here": [{"and_here": 1}]}]}
    assert {each.text for each in names({"tools": [tool]})} == {"look_here", "and_here"}


def test_two_spellings_of_one_name_are_refused_without_a_word_that_somebody_chose() -> None:
    body = {"contents": [{"parts": [{"text": "hi"}]}], "jane@example.org": 1, "jane_@example.org": 2}
    with pytest.raises(BadRequest) as refused:
        Gemini().check(body)
    assert "jane" not in f"{refused.value} {refused.value.param}"
    with pytest.raises(BadRequest, match="toolConfig"):
        Gemini().check({**body, "jane@example.org": None, "toolConfig": {}, "tool_config": {}})
