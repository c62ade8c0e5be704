"""Anthropic messages: POST /v1/messages and /v1/messages/count_tokens."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from ..exchange import Scope, Segment
from ..jsonio import Address, put
from ..sse import Event
from . import Question
from .anthropic_common import (
    block_segments,
    called,
    check,
    envelope,
    error_event,
    is_call,
    is_signed,
    message_segments,
    plain,
)
from .anthropic_stream import assemble, split
from .defaults import MESSAGES_WITH_TOOLS, undefaulted, unmarked
from .openai_common import dicts, says, without
from .text import is_item
from .wordless import Wordless

_EPHEMERAL = ("stream", "metadata", "service_tier", "cache_control", "diagnostics", "workspace_id")
"""Fields that do not bear on the answer's text. `metadata` says who asks: the scope's business."""
_STATE = ("container", "mcp_servers", "context_management", "thread")
"""Fields that make an answer depend on what the provider keeps or asks elsewhere."""
_CLEAN = ("end_turn", "stop_sequence")
_TEXTUAL = ("text", "thinking", "redacted_thinking")
TEXTS: Address = ("content", "text")
"""The text blocks of an answer, which clients join: citations begin a new one in the middle of a sentence."""


class AnthropicMessages:
    """The dialect of messages. Source: Anthropic API reference, messages and streaming.

    Thinking in a stream is taken as signed: its signature comes only after it. What rules would change in it they
    block.
    """

    name = "anthropic.messages"
    path = "/v1/messages"
    may_stream = True
    always_streams = False
    open_ended = False

    check = staticmethod(check)
    error = staticmethod(envelope)
    error_event = staticmethod(error_event)
    assemble = staticmethod(assemble)
    split = staticmethod(split)

    def request_segments(self, body: dict[str, Any]) -> list[Segment]:
        return list(_request(body))

    def reply_segments(self, data: dict[str, Any], streamed: bool) -> list[Segment]:
        return list(_event(data) if streamed else _message(data, ()))

    def closed(self, data: dict[str, Any]) -> Sequence[Address]:
        if data.get("type") == "content_block_stop":
            return [("content", _index(data))]
        return [()] if data.get("type") == "message_stop" else []

    def begun(self, data: dict[str, Any], segment: Segment) -> str:
        return ""

    def put(self, body: dict[str, Any], segment: Segment, text: str) -> None:
        put(body, segment.address, text)

    def is_end(self, event: Event) -> bool:
        return b"message_stop" in event.payload and (event.data or {}).get("type") == "message_stop"

    def remember(self, memory: dict[str, Any], data: dict[str, Any]) -> None:
        """Which block is open, so that it can be closed."""
        kind = data.get("type")
        if kind == "message_start":
            memory["message"] = data.get("message")
        elif kind == "content_block_start":
            memory["open"] = _index(data)
        elif kind == "content_block_stop":
            memory.pop("open", None)

    def withhold(self, data: dict[str, Any], rules: Sequence[str]) -> None:
        if data.get("type") == "error":
            kept: dict[str, Any] = {"type": "error", "error": {"type": "api_error", "message": _withheld(rules)}}
        else:
            kept = {name: data[name] for name in ("id", "type", "role", "model", "usage") if name in data}
            kept |= {"content": [], **_refusal(rules)}
        data.clear()
        data.update(kept, tidegate={"guard": "blocked", "rules": list(rules)})

    def stop_events(
        self, last: dict[str, Any], rules: Sequence[str], memory: dict[str, Any] | None = None
    ) -> list[Event]:
        memory, events = memory or {}, list[dict[str, Any]]()
        if "message" not in memory:
            started = last.get("message") if last.get("type") == "message_start" else None
            events.append({"type": "message_start", "message": _empty(started)})
        if "open" in memory:
            events.append({"type": "content_block_stop", "index": memory["open"]})
        seen = memory.get("message")
        usage = cast("dict[str, Any]", seen).get("usage") if isinstance(seen, dict) else None
        tokens = cast("dict[str, Any]", usage).get("output_tokens", 0) if isinstance(usage, dict) else 0
        end = {"type": "message_delta", "delta": _refusal(rules), "usage": {"output_tokens": tokens}}
        events += [{**end, "tidegate": {"guard": "blocked", "rules": list(rules)}}, {"type": "message_stop"}]
        return [Event.of(data, kind=str(data["type"])) for data in events]

    def question(self, body: dict[str, Any]) -> Question:
        messages = cast("list[dict[str, Any]]", body["messages"])
        last = messages[-1] if messages else {}
        content = last.get("content")
        parts = dicts(content)
        text = content if isinstance(content, str) else "\n".join(str(part.get("text", "")) for part in parts)
        frame = undefaulted(without(body, *_EPHEMERAL), {}, MESSAGES_WITH_TOOLS)
        frame |= {name: unmarked(frame[name]) for name in ("system", "tools") if name in frame}
        earlier = [{**each, "content": unmarked(each.get("content"))} for each in messages[:-1]]
        frame["messages"] = [*earlier, without(last, "content")]
        if extras := [extra for part in parts if (extra := without(part, "type", "text", "cache_control"))]:
            frame["parts"] = extras
        return Question(frame, text, _bypass(body, last, parts))

    def canned(self, body: dict[str, Any], text: str) -> dict[str, Any]:
        return {
            "id": "msg_" + secrets.token_hex(12),
            "type": "message",
            "role": "assistant",
            "model": body.get("model", ""),
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 0, "output_tokens": 0},
        }

    def storable(self, whole: dict[str, Any]) -> str:
        blocks = dicts(whole.get("content"))
        if any(is_call(block) for block in blocks):
            return "tool call"
        if whole.get("stop_reason") not in _CLEAN:
            return "cut short"
        if any(block.get("type") not in _TEXTUAL for block in blocks):
            return "not only text"
        return "" if says(*(block.get("text") for block in blocks)) else "no content"


class AnthropicCountTokens(Wordless):
    """How many input tokens a message would have. The reply is a number: nothing to read, nothing to keep."""

    name = "anthropic.count_tokens"
    path = "/v1/messages/count_tokens"
    what = "count-tokens"

    check = staticmethod(check)
    error = staticmethod(envelope)
    error_event = staticmethod(error_event)

    def request_segments(self, body: dict[str, Any]) -> list[Segment]:
        return list(_request(body))

    def reply_segments(self, data: dict[str, Any], streamed: bool) -> list[Segment]:
        return list(plain(data, (), Scope.OUTPUT))

    def withhold(self, data: dict[str, Any], rules: Sequence[str]) -> None:
        for name in set(data) - {"input_tokens"}:
            del data[name]
        data["tidegate"] = {"guard": "blocked", "rules": list(rules)}


def _request(body: dict[str, Any]) -> Iterator[Segment]:
    names = called(body.get("messages"))
    for field, value in body.items():
        if field != "messages" or not isinstance(value, list):
            yield from plain(value, (field,), Scope.INPUT, role="system" if field == "system" else "")
            continue
        for place, message in enumerate(cast("list[Any]", value)):
            if isinstance(message, dict):
                message = cast("dict[str, Any]", message)
                role = str(message.get("role", ""))
                yield from message_segments(message, (field, place), Scope.INPUT, names, role=role)


def _message(data: dict[str, Any], address: Address) -> Iterator[Segment]:
    """A whole reply, or the message that a stream begins with."""
    depth = len(address)
    for segment in message_segments(data, address, Scope.OUTPUT, called([data])):
        way = segment.address[depth:]
        if len(way) == 3 and way[::2] == TEXTS:
            yield replace(segment, spells=TEXTS)
        else:
            yield _given(segment, way)


def _given(segment: Segment, way: Address) -> Segment:
    """A text block of what a tool gave is one text with those beside it. `way` leads to it from the message."""
    is_block = len(way) > 3 and way[-1] == "text" and isinstance(way[-2], int) and not segment.unread
    if segment.scope is not Scope.TOOL_RESULT or not is_block or is_item(segment.text):
        return segment
    return replace(segment, spells=(*way[:-2], "text"))


def _event(data: dict[str, Any]) -> Iterator[Segment]:
    """One event of a stream: what is known by its name, and every other string as a text of its own."""
    kind = data.get("type")
    for field, value in data.items():
        if not isinstance(value, dict):
            yield from plain(value, (field,), Scope.OUTPUT)
            continue
        value = cast("dict[str, Any]", value)
        if kind == "content_block_start" and field == "content_block":
            yield from _started(value, _index(data))
        elif kind == "content_block_delta" and field == "delta":
            yield from _delta(value, _index(data))
        elif kind == "message_start" and field == "message":
            yield from _message(value, (field,))
        else:
            yield from plain(value, (field,), Scope.OUTPUT)


def _started(block: dict[str, Any], index: int) -> Iterator[Segment]:
    """The block as it begins. Its running text is empty as a rule, but some servers begin with a piece of it."""
    name = str(block.get("name", ""))
    if is_call(block):
        # Nothing yet, but it tells under which tool's name the arguments will be seen. Those of a call without any come
        # in no piece; some servers give them here.
        address, channel = ("content_block", "input"), ("content", index, "input")
        pieceless = "" if block.get("input") else "{}"
        id = str(block.get("id", ""))
        yield Segment(address, "", Scope.TOOL_ARGS, channel, tool=name, call=id, json=True, pieceless=pieceless)
    if is_signed(block):
        yield Segment(("content_block", "content"), "", Scope.OUTPUT, ("content", index, "content"), sealed=True)
    for segment in block_segments(block, ("content_block",), Scope.OUTPUT, {}):
        field = segment.address[-1]
        if len(segment.address) == 2 and field in ("text", "thinking") and not segment.unread:
            spells = TEXTS if field == "text" else ()
            yield replace(segment, channel=("content", index, field), sealed=field == "thinking", spells=spells)
        elif segment.scope is Scope.TOOL_RESULT:
            way = ("content", index, *segment.address[1:])
            yield replace(_given(segment, way), call=str(block.get("tool_use_id", "")))
        else:
            yield segment


def _delta(delta: dict[str, Any], index: int) -> Iterator[Segment]:
    for field, value in delta.items():
        address, channel = ("delta", field), ("content", index, field)
        if field == "partial_json" and isinstance(value, str):
            yield Segment(address, value, Scope.TOOL_ARGS, channel=("content", index, "input"), json=True)
        elif field == "thinking" and isinstance(value, str):
            yield Segment(address, value, Scope.OUTPUT, channel, sealed=True)
        elif isinstance(value, str):
            spells = TEXTS if field == "text" else ()
            yield from (replace(each, spells=spells) for each in plain(value, address, Scope.OUTPUT, channel=channel))
        else:
            yield from plain(value, address, Scope.OUTPUT)


def _index(data: dict[str, Any]) -> int:
    index = data.get("index")
    return index if type(index) is int else 0


def _empty(started: Any) -> dict[str, Any]:
    """The message of a stream of which nothing has left yet."""
    given = cast("dict[str, Any]", started) if isinstance(started, dict) else {}
    fields: dict[str, Any] = {"id": "", "model": "", "usage": {"input_tokens": 0, "output_tokens": 0}}
    fields |= {name: given[name] for name in fields if name in given}
    return {
        **fields,
        "type": "message",
        "role": "assistant",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _refusal(rules: Sequence[str]) -> dict[str, Any]:
    details = {"type": "refusal", "category": None, "explanation": _withheld(rules)}
    return {"stop_reason": "refusal", "stop_sequence": None, "stop_details": details}


def _withheld(rules: Sequence[str]) -> str:
    return f"Withheld by the gate: {', '.join(rules)}."


def _bypass(body: dict[str, Any], last: dict[str, Any], parts: Sequence[dict[str, Any]]) -> str:
    """Why memory must not answer this request."""
    if last.get("role") != "user":
        return "no-user-turn"
    if any(part.get("type") == "tool_result" for part in parts):
        return "tool-result"
    if any(part.get("type") != "text" for part in parts):
        return "not-only-text"
    return "state" if any(body.get(field) for field in _STATE) else ""
