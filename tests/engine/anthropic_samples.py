"""A request and replies of Anthropic's dialect that use all its fields.

Imported as `tidegate.tests.engine.anthropic_samples`.
"""

from typing import Any

from anthropic.types import RawMessageStreamEvent
from pydantic import TypeAdapter

from tidegate.engine.dialects.anthropic import AnthropicMessages

MESSAGES = AnthropicMessages()
EVENTS: TypeAdapter[RawMessageStreamEvent] = TypeAdapter(RawMessageStreamEvent)

REQUEST: dict[str, Any] = {
    "model": "claude-test",
    "max_tokens": 100,
    "stop_sequences": ["END"],
    "metadata": {"user_id": "u-1"},
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "tool_choice": {"type": "tool", "name": "weather"},
    "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object", "title": "T"}}},
    "system": [{"type": "text", "text": "be brief", "cache_control": {"type": "ephemeral", "ttl": "5m"}}],
    "tools": [
        {
            "name": "weather",
            "description": "tells the weather",
            "input_schema": {"type": "object", "properties": {"city": {"type": "string", "enum": ["Ulm"]}}},
        },
        {"type": "web_search_20250305", "name": "web_search", "allowed_domains": ["example.org"]},
    ],
    "messages": [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "look"},
                {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
                {
                    "type": "document",
                    "title": "paper",
                    "context": "of today",
                    "source": {"type": "text", "media_type": "text/plain", "data": "plain" * 40},
                },
                {"type": "document", "source": {"type": "file", "file_id": "file-1"}},
                {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "inner"}]}},
                {
                    "type": "search_result",
                    "source": "https://example.org",
                    "title": "found",
                    "content": [{"type": "text", "text": "a find"}],
                },
                {"type": "container_upload", "file_id": "file-2"},
                {"type": "of_tomorrow", "novel": {"deep": ["text"]}},
            ],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                {"type": "redacted_thinking", "data": "cmVk"},
                {"type": "text", "text": "so", "citations": [{"type": "char_location", "cited_text": "pl"}]},
                {"type": "tool_use", "id": "t-1", "name": "weather", "input": {"city": "Ulm", "far": [{"x": "y"}]}},
                {"type": "server_tool_use", "id": "t-2", "name": "web_search", "input": {"query": "q"}},
                {
                    "type": "web_search_tool_result",
                    "tool_use_id": "t-2",
                    "content": [
                        {"type": "web_search_result", "title": "R", "url": "https://r", "encrypted_content": "ZW5j"}
                    ],
                },
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t-1", "content": "sunny"},
                {
                    "type": "tool_result",
                    "tool_use_id": "t-1",
                    "content": [
                        {"type": "text", "text": "warm"},
                        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
                    ],
                },
            ],
        },
        {"role": "assistant", "content": "it is"},
        {"role": "user", "content": "and now?"},
    ],
}
REPLY: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-test",
    "content": [
        {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "cmVk"},
        {
            "type": "text",
            "text": "see here",
            "citations": [
                {
                    "type": "char_location",
                    "cited_text": "pl",
                    "document_title": "D",
                    "document_index": 0,
                    "start_char_index": 0,
                    "end_char_index": 2,
                    "file_id": None,
                }
            ],
        },
        {"type": "tool_use", "id": "t-1", "name": "weather", "input": {"city": "Ulm", "days": 2}},
        {"type": "server_tool_use", "id": "t-2", "name": "web_search", "input": {"query": "q"}},
        {
            "type": "web_search_tool_result",
            "tool_use_id": "t-2",
            "content": [{"type": "web_search_result", "title": "R", "url": "https://r", "encrypted_content": "ZW5j"}],
        },
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 5, "service_tier": "standard"},
}
ANSWER: dict[str, Any] = {**REPLY, "content": [{"type": "text", "text": "fine"}], "stop_reason": "end_turn"}
