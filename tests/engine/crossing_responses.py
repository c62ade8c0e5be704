"""Requests of Responses as they are asked, in the neutral form, and the types that the SDK gives them.

Imported as `tidegate.tests.engine.crossing_responses`.
"""

from typing import Any

import openai.types.responses as theirs
from pydantic import TypeAdapter

from tidegate.engine.dialects.between.responses_request import read_responses
from tidegate.engine.dialects.between.seals import open_request
from tidegate.engine.dialects.between.talk import Talk
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.tests.engine.crossing import SCHEMA

BODY: TypeAdapter[Any] = TypeAdapter(theirs.response_create_params.ResponseCreateParamsNonStreaming)
TOOLS: TypeAdapter[Any] = TypeAdapter(list[theirs.ToolParam])


def as_talk(body: dict[str, Any]) -> Talk:
    OpenAIResponses().check(body)
    return open_request(read_responses(body, body["model"], bool(body.get("stream"))))


ASKED: dict[str, Any] = {"model": "m", "input": "hi"}
TOOL = {"type": "function", "name": "n", "parameters": SCHEMA, "strict": True}


def items(*given: dict[str, Any]) -> dict[str, Any]:
    return {"input": list(given)}


def said(*parts: dict[str, Any], role: str = "user") -> dict[str, Any]:
    return items({"role": role, "content": list(parts)})
