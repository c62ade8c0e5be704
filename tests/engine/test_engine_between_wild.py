"""Between dialects: nothing is dropped in silence, and nothing that a caller or a provider sends is a fault of ours."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.between.carry import assembled
from tidegate.engine.dialects.between.chat import CHAT
from tidegate.engine.dialects.between.gemini import GEMINI
from tidegate.engine.dialects.between.language import Language
from tidegate.engine.dialects.between.messages import MESSAGES
from tidegate.engine.dialects.between.responses import RESPONSES
from tidegate.engine.dialects.between.seals import open_reply, open_request
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.errors import BadRequest, UpstreamError
from tidegate.engine.jsonio import Address, dumps, get, loads, put, strings
from tidegate.engine.sse import Event

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
CANARY = "qfmzx"
LEFT_OUT = {
    "detail",  # checked to say nothing
    "display",  # how thinking is shown
    "summary",  # the same, of Responses
    "effort",  # OpenAI has one word for effort and budget
    "name",  # a format's label (of tools it is found)
    "signature",
    "object",
    "role",
    "finish_reason",
    "stop_reason",
    "type",
    "cache_control",
}
"""Fields whose value may go: fixed words, hints and seals, as docs/dialects.md lists them."""

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
LEFT_OUT |= {"category", "finishReason", "mimeType", "propertyOrdering", "thinkingLevel", "thoughtSignature"}
LEFT_OUT |= {"user", "user_id", "safety_identifier"}  # who asks
SHOWN = {"generationConfig": {"thinkingConfig": {"includeThoughts": True}}}


def left_out(address: Address) -> bool:
    """Items of Responses have ids and states of their own, which nobody else knows: calls go by `call_id`."""
    return not LEFT_OUT.isdisjoint(address[-2:]) or (
        address[0] in ("input", "output") and address[-1] in ("id", "status")
    )


def carried(reads: Language, writes: Language, body: dict[str, Any]) -> dict[str, Any]:
    model = "m" if reads is GEMINI else body["model"] or "m"
    talk = open_request(reads.read_request(body, model, body.get("stream") is True))
    return {"path": writes.path(talk), **writes.write_request(talk)}


def canaried(body: dict[str, Any], address: Address) -> dict[str, Any]:
    copy = loads(dumps(body))
    put(copy, address, get(copy, address).replace("b", CANARY) if address[-1] == "arguments" else CANARY)
    return copy


@pytest.mark.parametrize(
    ("reads", "writes", "body", "address"),
    [(reads, writes, body, address) for reads, writes, body in ASKED for address, _ in strings(body)],
)
def test_every_text_of_a_request_is_carried_or_named(
    reads: Language, writes: Language, body: dict[str, Any], address: Address
) -> None:
    changed = canaried(body, address)
    try:
        DIALECTS[reads.dialect].check(changed)
        said = dumps(carried(reads, writes, changed)).decode()
    except BadRequest as refused:
        assert refused.param
        return
    assert CANARY in said.lower() or left_out(address)


@pytest.mark.parametrize(("reads", "writes", "body"), ASKED)
def test_every_field_that_is_not_known_is_named(reads: Language, writes: Language, body: dict[str, Any]) -> None:
    free = ("schema", "parameters", "input_schema", "input", "cache_control", "stream_options")
    free += ("args", "response", "responseSchema", "parametersJsonSchema")
    for address in [()] + [a for a, node in objects(body) if not any(step in free for step in a)]:
        changed = loads(dumps(body))
        get(changed, address)["x_new"] = 1
        with pytest.raises(BadRequest) as caught:
            carried(reads, writes, changed)
        assert caught.value.param == ".".join(map(str, (*address, "x_new")))


def objects(node: Any, address: Address = ()) -> list[tuple[Address, Any]]:
    """Every object below `node`."""
    found: list[tuple[Address, Any]] = []
    for step, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        found += [((*address, step), child)] if isinstance(child, dict) else []
        found += objects(child, (*address, step))
    return found


@pytest.mark.parametrize(
    ("reads", "writes", "body", "address"),
    [(reads, writes, body, address) for reads, writes, body in REPLIES for address, _ in strings(body)],
)
def test_every_text_of_a_reply_is_told_or_an_error(
    reads: Language, writes: Language, body: dict[str, Any], address: Address
) -> None:
    changed = canaried(body, address)
    try:
        said = dumps(writes.write_reply(open_reply(reads.read_reply(changed)), SHOWN)).decode()
    except UpstreamError:
        return
    assert CANARY in said.lower() or left_out(address)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.sampled_from(["", "x", "auto", "text"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["type", "name", "x"]), inner, max_size=2)
    ),
    max_leaves=3,
)


def places(node: Any, address: Address = ()) -> list[Address]:
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [address] * bool(address) + [place for step, child in steps for place in places(child, (*address, step))]


@given(st.data())
@pytest.mark.parametrize(("reads", "writes", "body"), ASKED)
def test_a_request_of_another_form_is_a_bad_request_and_no_fault(
    reads: Language, writes: Language, body: dict[str, Any], data: st.DataObject
) -> None:
    changed = loads(dumps(body))
    put(changed, data.draw(st.sampled_from(places(body))), data.draw(values))
    try:
        DIALECTS[reads.dialect].check(changed)
        out = carried(reads, writes, changed)
    except BadRequest:
        return
    dumps(out)


@given(st.data())
@pytest.mark.parametrize(("reads", "writes", "body"), REPLIES)
def test_a_reply_of_another_form_is_an_error_of_the_provider_and_no_fault(
    reads: Language, writes: Language, body: dict[str, Any], data: st.DataObject
) -> None:
    changed = loads(dumps(body))
    put(changed, data.draw(st.sampled_from(places(body))), data.draw(values))
    with contextlib.suppress(UpstreamError):
        dumps(writes.write_reply(open_reply(reads.read_reply(changed)), SHOWN))
    reads.read_error(500, changed)


@given(st.data())
@pytest.mark.parametrize(("reads", "writes", "body"), REPLIES)
def test_a_stream_of_another_form_is_an_error_of_the_provider_and_no_fault(
    reads: Language, writes: Language, body: dict[str, Any], data: st.DataObject
) -> None:
    events = DIALECTS[reads.dialect].split(body, {"stream_options": {"include_usage": True}})
    at = data.draw(st.integers(0, len(events) - 1))
    if events[at].data is not None:
        changed = events[at].fresh()
        put(changed, data.draw(st.sampled_from(places(changed))), data.draw(values))
        events[at] = Event.of(changed)
    reader, writer = reads.read_stream(), writes.write_stream(SHOWN)
    with contextlib.suppress(UpstreamError):
        deltas = [delta for event in events for delta in reader.feed(event)] + list(reader.end())
        assembled(deltas)
        assert [event for delta in deltas for event in writer.write(delta)]
