"""A request, a reply and a chunk of the chat dialect that use all its fields.

Imported as `tidegate.tests.engine.chat_samples`.
"""

from typing import Any

from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.exchange import Segment

CHAT = OpenAIChat()

REQUEST: dict[str, Any] = {
    "model": "gpt-4o",
    "user": "user-1",
    "stop": ["END", "STOP"],
    "metadata": {"ticket": "T-1"},
    "stream": True,
    "stream_options": {"include_usage": True},
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "answer", "description": "of it", "schema": {"type": "object", "title": "T"}},
    },
    "tool_choice": {"type": "function", "function": {"name": "weather"}},
    "prediction": {"type": "content", "content": "expected text"},
    "web_search_options": {"user_location": {"type": "approximate", "approximate": {"city": "Ulm"}}},
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "description": "tells the weather",
                "parameters": {
                    "type": "object",
                    "properties": {"city": {"type": "string", "description": "where", "enum": ["Ulm", "Rom"]}},
                    "required": ["city"],
                },
            },
        },
        {"type": "custom", "custom": {"name": "sql", "format": {"type": "grammar", "grammar": {"definition": "a: b"}}}},
    ],
    "messages": [
        {"role": "system", "content": "be brief", "name": "boss"},
        {"role": "developer", "content": [{"type": "text", "text": "be kind"}]},
        {
            "role": "user",
            "name": "ann",
            "content": [
                {"type": "text", "text": "look at this"},
                {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "high"}},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                {"type": "input_audio", "input_audio": {"data": "A" * 100, "format": "wav"}},
                {"type": "file", "file": {"file_id": "file-1"}},
                {"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA", "filename": "a.pdf"}},
            ],
        },
        {
            "role": "assistant",
            "content": None,
            "refusal": "rather not",
            "reasoning_content": "thinking",
            "audio": {"id": "audio-1"},
            "tool_calls": [
                {"id": "call-1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Ulm"}'}},
                {"id": "call-2", "type": "custom", "custom": {"name": "sql", "input": "select\n1"}},
            ],
        },
        {"role": "tool", "tool_call_id": "call-1", "content": "sunny"},
        {"role": "tool", "tool_call_id": "call-2", "content": [{"type": "text", "text": "one row"}]},
        {"role": "assistant", "function_call": {"name": "old", "arguments": "{}"}},
        {"role": "function", "name": "old", "content": "result"},
        {"role": "user", "content": "and now?"},
    ],
}

REPLY: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1700000000,
    "model": "gpt-4o-2024",
    "system_fingerprint": "fp_1",
    "service_tier": "default",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "see here",
                "refusal": "no",
                "reasoning_content": "hm",
                "annotations": [{"type": "url_citation", "url_citation": {"url": "https://x", "title": "X"}}],
                "audio": {"id": "audio-1", "data": "A" * 100, "transcript": "spoken"},
                "tool_calls": [
                    {"id": "c", "type": "function", "function": {"name": "weather", "arguments": "{}"}},
                    {"id": "d", "type": "custom", "custom": {"name": "sql", "input": "select 1"}},
                ],
            },
            "logprobs": {"content": [{"token": "see", "logprob": -1, "top_logprobs": [{"token": "saw"}]}]},
            "finish_reason": "stop",
        },
        {"index": 1, "message": {"role": "assistant", "content": "or here"}, "finish_reason": "length"},
        {
            "index": 2,
            "message": {"function_call": {"name": "old", "arguments": "{}"}},
            "finish_reason": "function_call",
        },
    ],
    "usage": {"total_tokens": 3, "note": "text"},
}
CHUNK: dict[str, Any] = {
    **REPLY,
    "object": "chat.completion.chunk",
    "choices": [
        {("delta" if name == "message" else name): value for name, value in choice.items()}
        for choice in REPLY["choices"]
    ],
}


def requested(body: dict[str, Any]) -> list[Segment]:
    CHAT.check(body)
    return CHAT.request_segments(body)
