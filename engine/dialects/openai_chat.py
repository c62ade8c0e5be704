"""OpenAI chat completions: POST /v1/chat/completions."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ..errors import BadRequest
from ..exchange import Scope, Segment
from ..jsonio import Address
from ..sse import DONE, Event
from . import Question
from .defaults import CHAT, CHAT_WITH_TOOLS, undefaulted
from .openai_calls import CALLS, arguments_at, asked_segments, asked_values, begun, call_segments, call_values, called
from .openai_common import (
    FIXED,
    ROLES,
    canned,
    check_fields,
    choice_at,
    choices,
    dicts,
    envelope,
    error_event,
    index_of,
    is_done,
    keep_envelope,
    numbered,
    objects,
    put_reply,
    sampled,
    says,
    without,
    wrong,
)
from .openai_stream import assemble_chat, remember_choices, split_chat, unfinished
from .searches import asked, cited
from .text import texts, unread_kind, unread_too

_URLS = {"image_url": "image", "video_url": "video", "audio_url": "audio", "document_url": "file"}
"""Parts that point to content, and what that is. Only the first is OpenAI's: vLLM, Qwen, OpenRouter and Mistral have
the others."""
_HELD = frozenset({*_URLS, "input_audio", "file"})
"""Parts whose content is no text: an object, or a bare string as Mistral has it."""
PARTS = _HELD | {"text", "refusal", "thinking", "reference"}
"""The last two are Mistral's: it answers with them, and they come back with the next turn."""
_LINKS: dict[Address, str] = {
    **{(field, "url"): kind for field, kind in _URLS.items()},
    ("file", "file_id"): "file",
    ("audio", "id"): "audio",
}
"""Where a message points to content that lies elsewhere: the pointer is text, what it leads to is not read."""
_BARE = {**_URLS, "file_id": "file", "input_audio": "audio"}
"""The same where the pointer stands in the part itself."""
_POINTERS = frozenset({*_BARE, *(pointer[-1] for pointer in _LINKS)})
_JOINED: dict[Address, Address] = {
    ("content", "text"): ("content",),
    ("content", "thinking", "text"): ("content", "thinking"),
}
"""Some hosts send content in parts. Clients join their texts, be they streamed or not."""
_WHO = ("user", "safety_identifier", "metadata")
"""Fields that say who asks: the scope's business."""
_HINTS = ("service_tier", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention")
_EPHEMERAL = ("stream", "stream_options", "store", *_WHO, *_HINTS)
"""Fields that do not bear on the answer's text."""


class OpenAIChat:
    """The dialect of chat completions. Source: OpenAI API reference, chat/completions."""

    name = "openai.chat"
    path = "/v1/chat/completions"
    may_stream = True
    always_streams = False
    open_ended = False

    error = staticmethod(envelope)
    error_event = staticmethod(error_event)
    is_end = staticmethod(is_done)
    assemble = staticmethod(assemble_chat)
    split = staticmethod(split_chat)
    begun = staticmethod(begun)
    remember = staticmethod(remember_choices)

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
        names = called(messages)
        found = [
            segment
            for address, text in texts(body, FIXED)
            for segment in _request_segments(address, text, messages, names)
        ]
        for place, message in enumerate(messages):
            found += asked_values(message, ("messages", place), body)
        return found

    def reply_segments(self, data: dict[str, Any], streamed: bool) -> list[Segment]:
        found = [
            segment
            for address, text in texts(data, FIXED)
            for segment in _reply_segments(address, text, data, streamed)
        ]
        return [*found, *call_values(data, streamed)]

    def closed(self, data: dict[str, Any]) -> Sequence[Address]:
        """None: a finish reason ends no text, for some servers give one with every piece. [DONE] ends them all."""
        return []

    def put(self, body: dict[str, Any], segment: Segment, text: str) -> None:
        put_reply(body, segment.address, text)

    def withhold(self, data: dict[str, Any], rules: Sequence[str]) -> None:
        data["choices"] = [
            {
                "index": index_of(choice, place),
                "message": {"role": "assistant", "content": "", "refusal": None},
                "logprobs": None,
                "finish_reason": "content_filter",
            }
            for place, choice in enumerate(choices(data))
        ]
        keep_envelope(data, rules)

    def stop_events(
        self, last: dict[str, Any], rules: Sequence[str], memory: dict[str, Any] | None = None
    ) -> list[Event]:
        data = dict(last)
        data["choices"] = [
            {"index": index, "delta": {}, "logprobs": None, "finish_reason": "content_filter"}
            for index in unfinished(memory, last)
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
        frame = undefaulted(without(body, *_EPHEMERAL), CHAT, CHAT_WITH_TOOLS)
        frame["messages"] = [*messages[:-1], without(last, "content")]
        if extras := [extra for part in parts if (extra := without(part, "type", "text", "prompt_cache_breakpoint"))]:
            frame["parts"] = extras
        return Question(frame=frame, text=text, bypass=reason)

    def canned(self, body: dict[str, Any], text: str) -> dict[str, Any]:
        message = {"role": "assistant", "content": text, "refusal": None}
        return canned("chat.completion", "chatcmpl-", body, {"message": message})

    def storable(self, whole: dict[str, Any]) -> str:
        for choice in choices(whole):
            message = choice.get("message")
            if not isinstance(message, dict):
                return "no message"
            message = cast("dict[str, Any]", message)
            if message.get("tool_calls") or message.get("function_call"):
                return "tool call"
            if choice.get("finish_reason") != "stop" or choice.get("error") or message.get("refusal"):
                return "cut short"
            if message.get("audio"):
                return "audio"
            content = message.get("content")
            if message.get("images") or any(part.get("type") in _HELD for part in dicts(content)):
                return "not only text"
            if cited(whole, message, *dicts(content)):
                return "web search"
            if any(part.get("type") == "refusal" for part in dicts(content)):
                return "cut short"
            if not says(content, *(part.get("text") for part in dicts(content))):
                return "no content"
        return "" if choices(whole) else "no choices"


def _check_message(address: Address, message: dict[str, Any]) -> None:
    role = message.get("role")
    if not isinstance(role, str) or role not in ROLES:
        raise wrong((*address, "role"), f"one of {', '.join(sorted(ROLES))}")
    content = message.get("content")
    if isinstance(content, list):
        for place, part in objects(cast("list[Any]", content), (*address, "content")):
            _check_part(place, part)
    elif content is None:
        if role != "assistant":
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
    elif kind == "thinking":
        objects(part.get(kind), (*address, kind))
    elif kind in _HELD:
        held = part.get("file_id") if kind == "file" and kind not in part else part.get(kind)
        if not isinstance(held, dict | str):
            raise wrong((*address, kind), "an object or a string")


def _request_segments(
    address: Address, text: str, messages: list[dict[str, Any]], names: Mapping[str, str]
) -> list[Segment]:
    if address[0] != "messages":
        return [Segment(address, text, Scope.INPUT)]
    message = messages[cast(int, address[1])]
    role = str(message.get("role", ""))
    if len(address) > 3 and address[2] in CALLS and arguments_at(address):
        return asked_segments(address, text, {"messages": messages}, role)
    scope, tool = Scope.INPUT, ""
    if role in ("tool", "function"):
        name, id = message.get("name"), str(message.get("tool_call_id"))
        scope, tool = Scope.TOOL_RESULT, name if isinstance(name, str) else names.get(id, "")
    if unread := unread_kind(address, text):
        return [Segment(address, text, scope, role=role, tool=tool, unread=unread)]
    segment = Segment(address, text, scope, role=role, tool=tool)
    if unread := _linked(address) or unread_too(address, text):
        return [segment, Segment(address, "", scope, role=role, tool=tool, unread=unread)]
    return [segment]


def _linked(address: Address) -> str:
    """What a text of a message points to; empty when it does not point."""
    if str(address[-1]).lower() not in _POINTERS:
        return ""
    pointer = tuple(step.lower() if isinstance(step, str) else step for step in address[-2:])
    return _BARE.get(str(pointer[-1]), "") if isinstance(pointer[0], int) else _LINKS.get(pointer, "")


def _reply_segments(address: Address, text: str, data: dict[str, Any], streamed: bool) -> list[Segment]:
    """Pieces of running text get a channel: the choice's own index, then the field."""
    choice = choice_at(data, address)
    if choice is None:
        return [Segment(address, text, Scope.OUTPUT)]
    index, rest = index_of(choice, address[1]), address[2:]
    if rest[0] == "logprobs":
        return [Segment(address, text, Scope.OUTPUT, channel=_logprob_channel(index, rest))]
    if len(rest) > 1 and rest[0] in ("delta", "message") and rest[1] in CALLS:
        return call_segments(address, text, choice, index, streamed)
    if unread := unread_kind(address, text):
        return [Segment(address, text, Scope.OUTPUT, unread=unread)]
    beside = address[2] not in ("delta", "message")
    channel = _beside(index, rest, streamed) if beside else _channel(index, numbered(choice, rest)[1:], streamed)
    segment = Segment(address, text, Scope.OUTPUT, channel=channel)
    unread = unread_too(address, text)
    return [segment, Segment(address, "", Scope.OUTPUT, unread=unread)] if unread else [segment]


def _channel(index: int, way: Address, streamed: bool) -> Address:
    names = tuple(step for step in way if isinstance(step, str))
    if joined := _JOINED.get(names) if len(way) > len(names) else None:
        return ("choices", index, *joined)
    return ("choices", index, *way) if streamed else ()


def _beside(index: int, way: Address, streamed: bool) -> Address:
    """Beside its delta a choice has words that each event says anew, such as why it ended. But some hosts, Together's
    for one, say each piece there once more, as `text`."""
    return ("choices", index, "beside", "text") if streamed and way == ("text",) else ()


def _logprob_channel(index: Any, rest: Address) -> Address:
    """The chosen tokens spell the text; the alternatives beside them are texts of their own."""
    return ("choices", index, "logprobs", rest[1]) if len(rest) == 4 and rest[3] == "token" else ()


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
    if body.get("store"):  # an answer from memory is not kept at the provider, where it would be looked for
        return "state"
    if body.get("logprobs"):
        return "logprobs"
    if body.get("moderation"):  # what the provider finds in this question is told with the answer
        return "moderation"
    if asked(body):
        return "web-search"
    return "audio" if body.get("modalities") not in (None, ["text"]) else ""
