"""What a scripted host says in each dialect: texts and tool calls, whole or as the pieces of a stream.

Imported as `tidegate.tests.speaking`: pytest loads test files by themselves, so that they cannot import each other.
"""

import json
from collections.abc import Iterator
from typing import Any

from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.sse import Event

CHAT, RESPONSES, MESSAGES, GEMINI = OpenAIChat(), OpenAIResponses(), AnthropicMessages(), Gemini("v1beta")


def dialect_of(path: str) -> Dialect:
    """Which of them lives at a path, with or without its version and query."""
    ends = {"/chat/completions": CHAT, "/responses": RESPONSES, "/messages": MESSAGES}
    return next((dialect for end, dialect in ends.items() if path.split("?")[0].endswith(end)), GEMINI)


def says(dialect: Dialect, body: dict[str, Any], words: str) -> dict[str, Any]:
    """A whole reply of words."""
    whole = dialect.canned(body, words)
    assert whole is not None
    return whole


def calls(dialect: Dialect, body: dict[str, Any], tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """A whole reply that calls a tool."""
    whole, given = says(dialect, body, ""), json.dumps(arguments)
    if dialect is CHAT:
        call = {"id": "call_1", "type": "function", "function": {"name": tool, "arguments": given}}
        whole["choices"][0]["message"] |= {"content": None, "tool_calls": [call]}
        whole["choices"][0]["finish_reason"] = "tool_calls"
    elif dialect is MESSAGES:
        whole["content"] = [{"type": "tool_use", "id": "toolu_1", "name": tool, "input": arguments}]
        whole["stop_reason"] = "tool_use"
    elif dialect is RESPONSES:
        call = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "status": "completed"}
        whole["output"] = [{**call, "name": tool, "arguments": given}]
    else:
        whole["candidates"][0]["content"]["parts"] = [{"functionCall": {"name": tool, "args": arguments}}]
    return whole


def has_result(body: dict[str, Any]) -> bool:
    """Whether a request brings the result of a tool."""
    said = json.dumps(body)
    marks = ('"role": "tool"', '"tool_result"', '"function_call_output"', '"functionResponse"', '"function_response"')
    return any(mark in said for mark in marks)


def streamed(dialect: Dialect, whole: dict[str, Any], body: dict[str, Any], step: int = 4) -> Iterator[bytes]:
    """A whole reply as the bytes of a stream's events, each text in pieces of `step` characters."""
    number = 0
    for event in dialect.split(whole, body):
        if event.data is None:
            yield event.raw
            continue
        for each in _with_arguments(event.fresh()) if dialect is RESPONSES else [event.fresh()]:
            for data in _pieces(each, step):
                if "sequence_number" in data:
                    data["sequence_number"], number = number, number + 1
                kind = f"event: {data['type']}\n" if event.kind else ""
                yield f"{kind}data: {json.dumps(data)}\n\n".encode()


def _with_arguments(data: dict[str, Any]) -> list[dict[str, Any]]:
    """A call's item as a host that streams has it: empty at first, then its arguments."""
    item = data.get("item", {})
    if data["type"] != "response.output_item.added" or item.get("type") != "function_call":
        return [data]
    given, item["arguments"], item["status"] = item["arguments"], "", "in_progress"
    place = {"item_id": item["id"], "output_index": data["output_index"], "sequence_number": 0}
    kind = "response.function_call_arguments"
    done = {"type": f"{kind}.done", "name": item["name"], "arguments": given, **place}
    return [data, {"type": f"{kind}.delta", "delta": given, **place}, done]


def _pieces(data: dict[str, Any], step: int) -> Iterator[dict[str, Any]]:
    """An event again and again, each with a part of its text; what begins or ends a text comes once."""
    once = str(data.get("type", "")).endswith((".done", ".completed", ".added", "_start"))
    for holder in [] if once else _dicts(data):
        for field in ("content", "arguments", "text", "partial_json", "delta"):
            text = holder.get(field)
            if isinstance(text, str) and len(text) > step:
                end = [candidate.pop("finishReason") for candidate in data.get("candidates", [])]
                for at in range(0, len(text), step):
                    holder[field] = text[at : at + step]
                    if end and at + step >= len(text):
                        data["candidates"][0]["finishReason"] = end[0]
                    yield data
                    if field == "arguments":
                        holder.pop("name", None)
                        for call in data["choices"][0]["delta"]["tool_calls"]:
                            call.pop("id", None)
                return
    yield data


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _dicts(child)


async def reply(send: Any, dialect: Dialect, whole: dict[str, Any], body: dict[str, Any], streams: bool) -> None:
    """Send a whole reply, or its stream, over ASGI."""
    kind = b"text/event-stream" if streams else b"application/json"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
    for piece in streamed(dialect, whole, body) if streams else [json.dumps(whole).encode()]:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def asks(dialect: Dialect, words: str, streams: bool) -> tuple[str, dict[str, Any]]:
    """A question as a client of this dialect sends it: path and body."""
    if dialect is GEMINI:
        way = "streamGenerateContent?alt=sse" if streams else "generateContent"
        return f"/v1beta/models/some-model:{way}", {"contents": [{"role": "user", "parts": [{"text": words}]}]}
    body: dict[str, Any] = {"model": "some-model", "stream": streams}
    if dialect is RESPONSES:
        return dialect.path, {**body, "input": words}
    more = {"max_tokens": 100} if dialect is MESSAGES else {}
    return dialect.path, {**body, **more, "messages": [{"role": "user", "content": words}]}


def heard(dialect: Dialect, reply: bytes, streams: bool) -> dict[str, Any]:
    """A reply's bytes as a whole reply, whichever way it came."""
    if not streams:
        return json.loads(reply)
    events: list[Event] = []
    for raw in reply.split(b"\n\n"):
        fields = [line.partition(b": ") for line in raw.split(b"\n") if line]
        kind = "".join(value.decode() for name, _, value in fields if name == b"event")
        payload = b"\n".join(value for name, _, value in fields if name == b"data")
        events.append(Event(raw + b"\n\n", payload, kind=kind))
    return dialect.assemble([event for event in events if event.payload])


def words_of(dialect: Dialect, whole: dict[str, Any]) -> str:
    """The words of a whole reply."""
    if dialect is CHAT:
        return whole["choices"][0]["message"].get("content") or ""
    if dialect is GEMINI:
        parts = whole["candidates"][0].get("content", {}).get("parts", [])
    elif dialect is RESPONSES:
        parts = [part for item in whole["output"] for part in item.get("content", [])]
    else:
        parts = whole["content"]
    return "".join(part.get("text", "") for part in parts)


def is_withheld(dialect: Dialect, whole: dict[str, Any]) -> bool:
    """Whether a whole reply says, in the words of its dialect, that it was withheld."""
    if dialect is CHAT:
        return whole["choices"][0]["finish_reason"] == "content_filter"
    if dialect is GEMINI:
        return whole["candidates"][0]["finishReason"] == "SAFETY"
    if dialect is RESPONSES:
        return (whole.get("incomplete_details") or {}).get("reason") == "content_filter"
    return whole["stop_reason"] == "refusal"
