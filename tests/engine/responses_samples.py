"""Requests, replies and events of the Responses dialect that use all its fields.

Imported as `tidegate.tests.engine.responses_samples`.
"""

from typing import Any

import openai.types.responses as sdk
from pydantic import TypeAdapter

from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.sse import Event

RESPONSES = OpenAIResponses()
EVENTS: TypeAdapter[Any] = TypeAdapter(sdk.ResponseStreamEvent)

REQUEST: dict[str, Any] = {
    "model": "gpt-test",
    "instructions": "be brief",
    "user": "u-1",
    "metadata": {"ticket": "T-1"},
    "include": ["reasoning.encrypted_content"],
    "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object", "title": "T"}}},
    "tool_choice": {"type": "function", "name": "weather"},
    "tools": [
        {
            "type": "function",
            "name": "weather",
            "description": "tells the weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string", "enum": ["Ulm"]}}},
        },
        {"type": "mcp", "server_label": "s", "server_url": "https://m", "authorization": "token"},
    ],
    "input": [
        {"role": "developer", "content": "be kind"},
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "look"},
                {"type": "input_image", "image_url": "https://example.org/a.png", "detail": "high"},
                {"type": "input_image", "image_url": "data:image/png;base64,AAAA"},
                {"type": "input_file", "file_id": "file-1"},
                {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"},
                {"type": "of_tomorrow", "novel": {"deep": ["text"]}},
            ],
        },
        {
            "type": "reasoning",
            "id": "rs-1",
            "summary": [{"type": "summary_text", "text": "hm"}],
            "encrypted_content": "ZW5j",
        },
        {"type": "function_call", "call_id": "c-1", "name": "weather", "arguments": '{"city":"Ulm"}'},
        {"type": "function_call_output", "call_id": "c-1", "output": "sunny"},
        {"type": "custom_tool_call", "call_id": "c-2", "name": "sql", "input": "select 1"},
        {"type": "custom_tool_call_output", "call_id": "c-2", "output": [{"type": "input_text", "text": "one row"}]},
        {"type": "local_shell_call", "call_id": "c-3", "action": {"command": ["ls"], "env": {"A": "b"}}},
        {"type": "mcp_call", "name": "m", "server_label": "s", "arguments": "{}", "output": "came", "error": "err"},
        {"type": "image_generation_call", "id": "ig", "result": "A" * 100},
        {"type": "item_reference", "id": "msg-0"},
        {
            "type": "message",
            "role": "assistant",
            "id": "msg-1",
            "content": [
                {"type": "output_text", "text": "it is", "annotations": []},
                {"type": "refusal", "refusal": "no"},
            ],
        },
        {"role": "user", "content": "and now?"},
    ],
}


def message(text: str, **extra: Any) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": [], **extra}
    return {"type": "message", "id": "msg-1", "role": "assistant", "status": "completed", "content": [part]}


def call(arguments: str) -> dict[str, Any]:
    return {
        "type": "function_call",
        "id": "fc-1",
        "call_id": "c-1",
        "name": "weather",
        "arguments": arguments,
        "status": "completed",
    }


def reply(*output: dict[str, Any], **extra: Any) -> dict[str, Any]:
    return {
        "id": "resp-1",
        "object": "response",
        "created_at": 1700000000,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": "be brief",
        "model": "gpt-test",
        "output": list(output),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "metadata": {},
        "usage": {
            "input_tokens": 3,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": 5,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 8,
        },
        **extra,
    }


CITED = {"type": "url_citation", "url": "https://x", "title": "X", "start_index": 0, "end_index": 1}
TOKEN = {"token": "see", "logprob": -1, "bytes": [], "top_logprobs": [{"token": "saw", "logprob": -2, "bytes": []}]}
REPLY = reply(
    {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "hm"}], "encrypted_content": "ZW5j"},
    message("see here", annotations=[CITED], logprobs=[TOKEN]),
    call('{"city":"Ulm"}'),
    {"type": "web_search_call", "id": "ws", "status": "completed", "action": {"type": "search", "query": "q"}},
    {"type": "mcp_call", "id": "m", "name": "m", "server_label": "s", "arguments": "{}", "output": "came"},
    {"type": "image_generation_call", "id": "ig", "status": "completed", "result": "A" * 100},
    tools=[{"type": "function", "name": "weather", "description": "tells", "parameters": {}, "strict": False}],
    metadata={"ticket": "T-1"},
    x_unknown=["text"],
)


def piece(kind: str, fields: dict[str, Any], number: int = 0) -> dict[str, Any]:
    head = {"type": f"response.{kind}", "item_id": "i-1", "output_index": 0, "sequence_number": number}
    return head | fields


def streamed_texts(events: list[Event]) -> dict[str, str]:
    said: dict[str, str] = {}
    for event in events:
        data = event.data or {}
        if data["type"].endswith(".delta"):
            said[data["type"]] = said.get(data["type"], "") + data["delta"]
    return said
