"""OpenAI chat completions: POST /v1/chat/completions."""

from collections.abc import Sequence
from typing import Any, cast

from ..errors import BadRequest
from ..exchange import Scope, Segment
from ..jsonio import Address, get, put
from ..sse import DONE, Event
from . import Question
from .openai_common import (
    FIXED,
    ROLES,
    check_fields,
    choices,
    dicts,
    error,
    error_event,
    is_done,
    keep_envelope,
    objects,
    sampled,
    without,
    wrong,
)
from .openai_stream import assemble_chat, split_chat
from .text import texts, unread_kind

PARTS = frozenset({"text", "image_url", "input_audio", "file", "refusal"})
_LINKS: dict[Address, str] = {("image_url", "url"): "image", ("file", "file_id"): "file"}
_EPHEMERAL = ("stream", "stream_options", "user", "metadata", "store", "service_tier", "prompt_cache_key")
"""Fields that do not bear on the answer's text. `user` and `metadata` say who asks: the scope's business."""


class OpenAIChat:
    """The dialect of chat completions. Source: OpenAI API reference, chat/completions."""

    name = "openai.chat"
    path = "/v1/chat/completions"
    may_stream = True

    error = staticmethod(error)
    error_event = staticmethod(error_event)
    is_end = staticmethod(is_done)
    assemble = staticmethod(assemble_chat)
    split = staticmethod(split_chat)

    def check(self, body: dict[str, Any]) -> None:
        check_fields(body)
        messages = objects(body.get("messages"), ("messages",))
        if not messages:
            raise wrong("messages", "a non-empty array")
        for address, message in messages:
            _check_message(address, message)
        for address, tool in objects(body.get("tools") or [], ("tools",)):
            if not isinstance(tool.get("type"), str):
                raise wrong((*address, "type"), "a string")

    def request_segments(self, body: dict[str, Any]) -> list[Segment]:
        messages = cast("list[dict[str, Any]]", body.get("messages", []))
        return [
            segment for address, text in texts(body, FIXED) for segment in _request_segments(address, text, messages)
        ]

    def reply_segments(self, data: dict[str, Any], streamed: bool) -> list[Segment]:
        return [_reply_segment(address, text, data, streamed) for address, text in texts(data, FIXED)]

    def closed(self, data: dict[str, Any]) -> Sequence[Address]:
        return [
            ("choices", choice.get("index", 0)) for choice in choices(data) if choice.get("finish_reason") is not None
        ]

    def put(self, body: dict[str, Any], segment: Segment, text: str) -> None:
        put(body, segment.address, text)
        if segment.address[0] == "choices" and "logprobs" not in segment.address:
            choice = body["choices"][segment.address[1]]
            if choice.get("logprobs") is not None:
                choice["logprobs"] = None  # they spell out the text that was changed

    def withhold(self, data: dict[str, Any], rules: Sequence[str]) -> None:
        data["choices"] = [
            {
                "index": choice.get("index", 0),
                "message": {"role": "assistant", "content": "", "refusal": None},
                "logprobs": None,
                "finish_reason": "content_filter",
            }
            for choice in choices(data)
        ]
        keep_envelope(data, rules)

    def stop_events(self, last: dict[str, Any], rules: Sequence[str]) -> list[Event]:
        data = dict(last)
        data["choices"] = [
            {"index": index, "delta": {}, "logprobs": None, "finish_reason": "content_filter"}
            for index in sorted({int(choice.get("index", 0)) for choice in choices(last)} or {0})
        ]
        keep_envelope(data, rules)
        return [Event.of(data), DONE]

    def question(self, body: dict[str, Any]) -> Question:
        messages = cast("list[dict[str, Any]]", body["messages"])
        last = messages[-1]
        reason = _bypass(body, messages)
        content = last.get("content")
        parts = dicts(content)
        text = content if isinstance(content, str) else "\n".join(str(part.get("text", "")) for part in parts)
        frame = without(body, *_EPHEMERAL)
        frame["messages"] = [*messages[:-1], without(last, "content")]
        if extras := [extra for part in parts if (extra := without(part, "type", "text"))]:
            frame["parts"] = extras
        return Question(frame=frame, text=text, bypass=reason)

    def storable(self, whole: dict[str, Any]) -> str:
        for choice in choices(whole):
            message: dict[str, Any] = choice.get("message") or {}
            if choice.get("finish_reason") != "stop":
                return "not a clean stop"
            if message.get("tool_calls") or message.get("function_call"):
                return "tool call"
            if message.get("audio"):
                return "audio"
        return "" if choices(whole) else "no choices"


def _check_message(address: Address, message: dict[str, Any]) -> None:
    if message.get("role") not in ROLES:
        raise wrong((*address, "role"), f"one of {', '.join(sorted(ROLES))}")
    content = message.get("content")
    if isinstance(content, list):
        for place, part in objects(cast("list[Any]", content), (*address, "content")):
            _check_part(place, part)
    elif content is None:
        if message["role"] != "assistant":
            raise wrong((*address, "content"), "a string or an array of parts")
    elif not isinstance(content, str):
        raise wrong((*address, "content"), "a string or an array of parts")
    for place, call in objects(message.get("tool_calls") or [], (*address, "tool_calls")):
        function = call.get("function")
        if function is not None and not isinstance(function, dict):
            raise wrong((*place, "function"), "an object")


def _check_part(address: Address, part: dict[str, Any]) -> None:
    kind = part.get("type")
    if not isinstance(kind, str) or kind not in PARTS:
        # Forwarding a part that no guard can read would be passing it unchecked.
        raise BadRequest(
            f"'{'.'.join(map(str, address))}.type' must be one of {', '.join(sorted(PARTS))}.",
            param=".".join(map(str, (*address, "type"))),
            code="unknown_part",
        )
    if kind in ("text", "refusal"):
        if not isinstance(part.get(kind), str):
            raise wrong((*address, kind), "a string")
    elif not isinstance(part.get(kind), dict):
        raise wrong((*address, kind), "an object")


def _request_segments(address: Address, text: str, messages: list[dict[str, Any]]) -> list[Segment]:
    if address[0] != "messages":
        return [Segment(address, text, Scope.INPUT, unread=unread_kind(address, text))]
    message = messages[cast(int, address[1])]
    role = str(message.get("role", ""))
    if unread := unread_kind(address, text):
        return [Segment(address, text, Scope.INPUT, role=role, unread=unread)]
    if address[-1] in ("arguments", "input") and ("tool_calls" in address or "function_call" in address):
        return [Segment(address, text, Scope.TOOL_ARGS, role=role, tool=_tool_name(messages, address), json=True)]
    if role in ("tool", "function"):
        return [Segment(address, text, Scope.TOOL_RESULT, role=role, tool=_called(messages, message))]
    segment = Segment(address, text, Scope.INPUT, role=role)
    if address[-2:] in _LINKS:  # the link is text, what it leads to is not read
        return [segment, Segment(address, "", Scope.INPUT, role=role, unread=_LINKS[address[-2:]])]
    return [segment]


def _tool_name(messages: Any, address: Address) -> str:
    holder = get(messages, address[1:-1])
    return str(cast("dict[str, Any]", holder).get("name", "")) if isinstance(holder, dict) else ""


def _called(messages: list[dict[str, Any]], result: dict[str, Any]) -> str:
    """The name of the tool whose result this is."""
    if isinstance(result.get("name"), str):
        return result["name"]
    wanted = result.get("tool_call_id")
    for message in reversed(messages):
        for call in dicts(message.get("tool_calls")):
            if call.get("id") == wanted:
                function: dict[str, Any] = call.get("function") or {}
                return str(function.get("name", ""))
    return ""


def _reply_segment(address: Address, text: str, data: dict[str, Any], streamed: bool) -> Segment:
    """Pieces of running text get a channel: the choice's own index, then the field."""
    if address[0] != "choices" or len(address) < 3:
        return Segment(address, text, Scope.OUTPUT)
    choice = data["choices"][address[1]]
    index, rest = choice.get("index", address[1]), address[2:]
    if rest[0] == "logprobs":
        return Segment(address, text, Scope.OUTPUT, channel=_logprob_channel(index, rest))
    if len(rest) > 1 and rest[0] in ("delta", "message") and rest[1] in ("tool_calls", "function_call"):
        return _call_segment(address, text, choice, index, streamed)
    if unread := unread_kind(address, text):
        return Segment(address, text, Scope.OUTPUT, unread=unread)
    channel: Address = ("choices", index, *rest[1:]) if streamed and rest[0] == "delta" else ()
    return Segment(address, text, Scope.OUTPUT, channel=channel)


def _logprob_channel(index: Any, rest: Address) -> Address:
    """The chosen tokens spell the text; the alternatives beside them are texts of their own."""
    return ("choices", index, "logprobs", rest[1]) if len(rest) == 4 and rest[3] == "token" else ()


def _call_segment(address: Address, text: str, choice: dict[str, Any], index: Any, streamed: bool) -> Segment:
    path: list[str | int] = ["choices", index]
    tool = ""
    for depth, step in enumerate(address[2:-1], start=3):
        holder = get(choice, address[2:depth])
        fields = cast("dict[str, Any]", holder) if isinstance(holder, dict) else {}
        path.append(fields.get("index", step) if isinstance(step, int) else step)
        tool = str(fields.get("name", tool))
    is_args = address[-1] in ("arguments", "input")
    scope = Scope.TOOL_ARGS if is_args else Scope.OUTPUT
    channel: Address = (*path, address[-1]) if streamed and is_args else ()
    return Segment(address, text, scope, channel=channel, tool=tool, json=is_args)


def _bypass(body: dict[str, Any], messages: Sequence[dict[str, Any]]) -> str:
    """Why memory must not answer this request."""
    last = messages[-1]
    if last.get("role") in ("tool", "function"):
        return "tool-result"
    if last.get("role") != "user":
        return "no-user-turn"
    if any(part.get("type") not in ("text",) for part in dicts(last.get("content"))):
        return "not-only-text"
    if sampled(body):
        return "sampling"
    if body.get("logprobs"):
        return "logprobs"
    return "audio" if body.get("modalities") not in (None, ["text"]) else ""
