"""Requests and replies of each dialect with all that is carried between them, and who reads and writes them.

Imported as `tidegate.tests.engine.crossing_samples`.
"""

from typing import Any

from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.between.chat import CHAT
from tidegate.engine.dialects.between.gemini import GEMINI
from tidegate.engine.dialects.between.messages import MESSAGES
from tidegate.engine.dialects.between.responses import RESPONSES
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.responses import OpenAIResponses

SCHEMA = {"type": "object", "properties": {"a": {"type": "string", "description": "what"}}}
CHAT_ASKED: dict[str, Any] = {
    "model": "m",
    "stream": True,
    "stream_options": {"include_usage": True},
    "temperature": 0.5,
    "max_tokens": 9,
    "stop": ["END"],
    "user": "u",
    "parallel_tool_calls": False,
    "reasoning_effort": "high",
    "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA, "strict": True}},
    "tools": [{"type": "function", "function": {"name": "f", "description": "does", "parameters": SCHEMA}}],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "messages": [
        {"role": "system", "content": [{"type": "text", "text": "be brief"}]},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "look"},
                {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "auto"}},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}},
            ],
        },
        {
            "role": "assistant",
            "content": "so",
            "refusal": None,
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a":"b"}'}}],
        },
        {"role": "tool", "tool_call_id": "c", "content": "sunny"},
        {"role": "assistant", "content": None, "refusal": "no"},
        {"role": "user", "content": "and now?"},
    ],
}
MESSAGES_ASKED: dict[str, Any] = {
    "model": "m",
    "stream": True,
    "temperature": 0.5,
    "max_tokens": 9,
    "stop_sequences": ["END"],
    "metadata": {"user_id": "u"},
    "thinking": {"type": "enabled", "budget_tokens": 2000, "display": "summarized"},
    "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}},
    "system": [{"type": "text", "text": "be brief", "cache_control": {"type": "ephemeral"}}],
    "tools": [{"type": "custom", "name": "f", "description": "does", "input_schema": SCHEMA}],
    "tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": True},
    "messages": [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "look"},
                {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
                {
                    "type": "document",
                    "title": "a.pdf",
                    "source": {"type": "base64", "media_type": "application/pdf", "data": "AAAA"},
                },
                {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "words"}},
            ],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "so"},
                {"type": "tool_use", "id": "c", "name": "f", "input": {"a": "b"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "c",
                    "is_error": False,
                    "content": [{"type": "text", "text": "x"}],
                }
            ],
        },
        {"role": "user", "content": "and now?"},
    ],
}
CHAT_REPLY: dict[str, Any] = {
    "id": "i",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "reasoning_content": "hm",
                "content": "so",
                "refusal": None,
                "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a":"b"}'}}],
            },
            "finish_reason": "tool_calls",
        }
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 1}},
}
MESSAGES_REPLY: dict[str, Any] = {
    "id": "i",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "text", "text": "so"},
        {"type": "tool_use", "id": "c", "name": "f", "input": {"a": "b"}},
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {"input_tokens": 1, "output_tokens": 2, "cache_read_input_tokens": 1},
}
RESPONSES_ASKED: dict[str, Any] = {
    "model": "m",
    "stream": True,
    "instructions": "be brief",
    "temperature": 0.5,
    "max_output_tokens": 9,
    "safety_identifier": "u",
    "parallel_tool_calls": False,
    "reasoning": {"effort": "high", "summary": "auto"},
    "include": ["reasoning.encrypted_content"],
    "text": {"format": {"type": "json_schema", "name": "n", "schema": SCHEMA, "strict": True}, "verbosity": "medium"},
    "tools": [{"type": "function", "name": "f", "description": "does", "parameters": SCHEMA, "strict": False}],
    "tool_choice": {"type": "function", "name": "f"},
    "input": [
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "look"},
                {"type": "input_image", "image_url": "https://example.org/a.png", "detail": "auto"},
                {"type": "input_image", "image_url": "data:image/png;base64,AAAA"},
                {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"},
            ],
        },
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "so", "annotations": []}],
        },
        {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": '{"a":"b"}'},
        {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "sunny"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]},
        {"role": "user", "content": "and now?"},
    ],
}
RESPONSES_REPLY: dict[str, Any] = {
    "id": "i",
    "object": "response",
    "created_at": 1,
    "model": "m",
    "status": "completed",
    "output": [
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}]},
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "so", "annotations": [], "logprobs": []}],
        },
        {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": '{"a":"b"}'},
    ],
    "usage": {"input_tokens": 1, "output_tokens": 2, "input_tokens_details": {"cached_tokens": 1}},
}
DIALECTS: dict[str, Any] = {
    "openai.chat": OpenAIChat(),
    "anthropic.messages": AnthropicMessages(),
    "openai.responses": OpenAIResponses(),
}
ASKED = [
    (CHAT, MESSAGES, CHAT_ASKED),
    (CHAT, RESPONSES, {name: value for name, value in CHAT_ASKED.items() if name != "stop"}),
    (MESSAGES, CHAT, MESSAGES_ASKED),
    (MESSAGES, RESPONSES, {name: value for name, value in MESSAGES_ASKED.items() if name != "stop_sequences"}),
    (RESPONSES, CHAT, RESPONSES_ASKED),
    (RESPONSES, MESSAGES, RESPONSES_ASKED),
]
REPLIES = [
    (CHAT, MESSAGES, CHAT_REPLY),
    (CHAT, RESPONSES, CHAT_REPLY),
    (MESSAGES, CHAT, MESSAGES_REPLY),
    (MESSAGES, RESPONSES, MESSAGES_REPLY),
    (RESPONSES, CHAT, RESPONSES_REPLY),
    (RESPONSES, MESSAGES, RESPONSES_REPLY),
]

GEMINI_SCHEMA = {
    "type": "OBJECT",
    "properties": {"a": {"type": "STRING", "nullable": True, "enum": ["x"]}, "b": {"any_of": [{"type": "INTEGER"}]}},
    "required": ["a"],
    "propertyOrdering": ["a", "b"],
}
GEMINI_ASKED: dict[str, Any] = {
    "model": "m",
    "systemInstruction": {"role": "user", "parts": [{"text": "be brief"}]},
    "safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
    "generationConfig": {
        "temperature": 0.5,
        "max_output_tokens": 9,
        "stopSequences": ["END"],
        "candidateCount": 1,
        "responseMimeType": "application/json",
        "responseSchema": GEMINI_SCHEMA,
        "thinkingConfig": {"includeThoughts": True, "thinkingLevel": "HIGH"},
    },
    "tools": [
        {"functionDeclarations": [{"name": "f", "description": "does", "parameters": GEMINI_SCHEMA}]},
        {"function_declarations": [{"name": "g", "parametersJsonSchema": SCHEMA}]},
    ],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
    "contents": [
        {
            "role": "user",
            "parts": [
                {"text": "look"},
                {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
                {"fileData": {"mimeType": "image/png", "fileUri": "https://example.org/a.png"}},
                {"inline_data": {"mime_type": "application/pdf", "data": "AAAA", "displayName": "a.pdf"}},
            ],
        },
        {"role": "model", "parts": [{"text": "so"}, {"functionCall": {"name": "f", "args": {"a": "b"}}}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"output": "sunny"}}}]},
        {"role": "model", "parts": [{"functionCall": {"id": "c", "name": "f"}}]},
        {"role": "user", "parts": [{"functionResponse": {"id": "c", "name": "f", "response": {"sky": ["blue"]}}}]},
        {"parts": [{"text": "and now?"}]},
    ],
}
GEMINI_UNSTOPPED = GEMINI_ASKED | {
    "generationConfig": {
        name: value for name, value in GEMINI_ASKED["generationConfig"].items() if name != "stopSequences"
    }
}
GEMINI_REPLY: dict[str, Any] = {
    "candidates": [
        {
            "content": {
                "role": "model",
                "parts": [
                    {"text": "hm", "thought": True},
                    {"text": "so", "thoughtSignature": "s"},
                    {"functionCall": {"id": "c", "name": "f", "args": {"a": "b"}}},
                ],
            },
            "finishReason": "STOP",
            "index": 0,
        }
    ],
    "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 2, "thoughtsTokenCount": 1},
    "modelVersion": "m",
    "responseId": "i",
}
DIALECTS["gemini.generate"] = Gemini()
ASKED += [
    (CHAT, GEMINI, CHAT_ASKED | {"parallel_tool_calls": None}),
    (MESSAGES, GEMINI, MESSAGES_ASKED | {"tool_choice": {"type": "tool", "name": "f"}}),
    (GEMINI, CHAT, GEMINI_ASKED),
    (GEMINI, MESSAGES, GEMINI_ASKED),
    (GEMINI, RESPONSES, GEMINI_UNSTOPPED),
    (RESPONSES, GEMINI, RESPONSES_ASKED | {"parallel_tool_calls": None}),
]
REPLIES += [
    (CHAT, GEMINI, CHAT_REPLY),
    (MESSAGES, GEMINI, MESSAGES_REPLY),
    (GEMINI, CHAT, GEMINI_REPLY),
    (GEMINI, MESSAGES, GEMINI_REPLY),
    (GEMINI, RESPONSES, GEMINI_REPLY),
    (RESPONSES, GEMINI, RESPONSES_REPLY),
]
