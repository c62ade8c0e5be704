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
