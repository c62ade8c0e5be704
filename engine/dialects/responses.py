"""OpenAI Responses: POST /v1/responses."""

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from ..errors import BadRequest, TidegateError
from ..exchange import Scope, Segment
from ..jsonio import Address, get, put
from ..sse import Event
from . import Question
from .defaults import RESPONSES, undefaulted
from .openai_common import check_fields, dicts, envelope, is_done, objects, put_token, sampled, says, without, wrong
from .responses_text import called, channel_of, event_segments, items_segments, plain, response_segments
from .searches import asked, cited

_ENDS = ("response.completed", "response.incomplete", "response.failed")
_STATE = ("previous_response_id", "conversation", "prompt", "store", "background", "context_management")
"""Fields that make an answer depend on what the provider keeps, or ask that it be kept."""
_KEPT = ("id", "object", "created_at", "model", "parallel_tool_calls", "usage", "error")
_PARTED = {"message": ("content",), "reasoning": ("summary", "content")}
"""Items that a stream tells in parts, and the fields that hold these."""
_RUNNING = {
    "output_text": ("output_text", "text"),
    "refusal": ("refusal", "refusal"),
    "summary_text": ("reasoning_summary_text", "text"),
    "reasoning_text": ("reasoning_text", "text"),
}
"""Parts with a text that comes in pieces: what its events are called, and the field that holds it."""


class OpenAIResponses:
    """The dialect of responses. A stream says each text up to five times; every copy is looked at by itself.

    The same rules find the same in each, so a text changed in its pieces is changed in its copies, and one that is
    withheld ends the stream before any copy of it.

    `background`: whether a result may be fetched later, which takes a route that lets other paths through.
    """

    name = "openai.responses"
    path = "/v1/responses"
    may_stream = True
    always_streams = False
    open_ended = False

    error = staticmethod(envelope)

    def __init__(self, *, background: bool = False) -> None:
        self._background = background

    def check(self, body: dict[str, Any]) -> None:
        check_fields(body, names_model=False)  # a stored prompt names its own, and its own input
        if body.get("background") and not self._background:
            raise BadRequest(
                "'background' is not supported here: no route lets its result be fetched (passthrough: true).",
                param="background",
                code="unsupported",
            )
        if not isinstance(body.get("include") or [], list):
            raise wrong("include", "an array of strings")
        given = body.get("input")
        if isinstance(given, list):
            for address, item in objects(cast("list[Any]", given), ("input",)):
                _check_item(address, item)
        elif given is not None and not isinstance(given, str):
            raise wrong("input", "a string or an array of items")
        objects(body.get("tools") or [], ("tools",))

    def request_segments(self, body: dict[str, Any]) -> list[Segment]:
        names = called(body.get("input"))
        return [
            segment
            for field, value in body.items()
            for segment in (
                items_segments(value, (field,), Scope.INPUT, names)
                if field == "input"
                else plain(value, (field,), Scope.INPUT, role="system" if field == "instructions" else "")
            )
        ]

    def reply_segments(self, data: dict[str, Any], streamed: bool) -> list[Segment]:
        if streamed:
            return list(event_segments(data))
        return [_spelt(segment) for segment in response_segments(data, ())]

    def closed(self, data: dict[str, Any]) -> Sequence[Address]:
        kind = str(data.get("type", ""))
        if kind in _ENDS:
            return [()]
        if kind == "response.output_item.done":
            return [channel_of(data, kind)[:2]]
        return [channel_of(data, kind)] if kind.endswith(".done") else []

    def begun(self, data: dict[str, Any], segment: Segment) -> str:
        return ""

    def put(self, body: dict[str, Any], segment: Segment, text: str) -> None:
        """Log probabilities spell out the text that was changed, so they go."""
        address = segment.address
        if "logprobs" in address:
            put_token(body, address, text)
            return
        put(body, address, text)
        holder = get(body, address[:-1])
        if isinstance(holder, dict) and "logprobs" in holder:
            cast("dict[str, Any]", holder)["logprobs"] = []

    def is_end(self, event: Event) -> bool:
        if is_done(event):
            return True
        return b"response." in event.payload and (event.data or {}).get("type") in _ENDS

    def error_event(self, error: TidegateError) -> Event:
        """With the envelope as well: the SDKs raise it as APIError."""
        said = envelope(error)["error"]
        fields = {name: said[name] for name in ("message", "param", "code")}
        return Event.of({"type": "error", **fields, "sequence_number": 0, "error": said}, kind="error")

    def remember(self, memory: dict[str, Any], data: dict[str, Any]) -> None:
        """The response that the stream is about, and how many events there were."""
        if isinstance(data.get("response"), dict) and "response" not in memory:
            memory["response"] = data["response"]
        if type(data.get("sequence_number")) is int:
            memory["number"] = data["sequence_number"]

    def withhold(self, data: dict[str, Any], rules: Sequence[str]) -> None:
        if "output" not in data and data.get("error"):
            kept: dict[str, Any] = {
                "error": {"message": _said(rules), "type": "api_error", "param": None, "code": None}
            }
        else:
            kept = _withheld(data, "incomplete")
        data.clear()
        data.update(kept, tidegate={"guard": "blocked", "rules": list(rules)})

    def stop_events(
        self, last: dict[str, Any], rules: Sequence[str], memory: dict[str, Any] | None = None
    ) -> list[Event]:
        memory = memory or {}
        number = memory.get("number", -1) + 1
        begun = memory.get("response") or last.get("response")
        response = cast("dict[str, Any]", begun) if isinstance(begun, dict) else {}
        events: list[dict[str, Any]] = []
        if "response" not in memory:
            events.append({"type": "response.created", "response": _withheld(response, "in_progress")})
        ended = {**_withheld(response, "incomplete"), "tidegate": {"guard": "blocked", "rules": list(rules)}}
        events.append({"type": "response.incomplete", "response": ended})
        return [
            Event.of({**data, "sequence_number": number + place}, kind=str(data["type"]))
            for place, data in enumerate(events)
        ]

    def question(self, body: dict[str, Any]) -> Question:
        given = body.get("input")
        items: list[Any] = cast("list[Any]", given) if isinstance(given, list) else [{"role": "user", "content": given}]
        last = cast("dict[str, Any]", items[-1]) if items else {}
        content = last.get("content")
        parts = dicts(content)
        text = content if isinstance(content, str) else "\n".join(str(part.get("text", "")) for part in parts)
        frame = undefaulted(without(body, "stream", "stream_options"), RESPONSES, {})
        rest = without(last, "content", *(["type"] if last.get("type") == "message" else []))
        frame["input"] = [*items[:-1], rest]
        if extras := [extra for part in parts if (extra := without(part, "type", "text", "prompt_cache_breakpoint"))]:
            frame["parts"] = extras
        return Question(frame, text, _bypass(body, last, parts))

    def canned(self, body: dict[str, Any], text: str) -> dict[str, Any]:
        part: dict[str, Any] = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
        message = {"type": "message", "id": "msg_" + secrets.token_hex(12), "status": "completed", "role": "assistant"}
        usage = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
        return {
            "id": "resp_" + secrets.token_hex(12),
            "object": "response",
            "created_at": int(time.time()),
            "status": "completed",
            "model": body.get("model", ""),
            "output": [{**message, "content": [part]}],
            "usage": usage,
        }

    def storable(self, whole: dict[str, Any]) -> str:
        if whole.get("status") != "completed" or whole.get("error"):
            return "cut short"
        items = dicts(whole.get("output"))
        if any(item.get("type") not in ("message", "reasoning") for item in items):
            return "tool call"
        parts = [part for item in items if item.get("type") == "message" for part in dicts(item.get("content"))]
        if cited(whole, *parts):
            return "web search"
        if any(part.get("type") == "refusal" for part in parts):
            return "cut short"
        return "" if says(*(part.get("text") for part in parts)) else "no message"

    def assemble(self, events: Sequence[Event]) -> dict[str, Any]:
        """The response that a stream ends with: it says everything once more. Raises ValueError when there is none."""
        for event in reversed(events):
            data = event.data or {}
            if data.get("type") in _ENDS and isinstance(data.get("response"), dict):
                return cast("dict[str, Any]", event.fresh()["response"])
        raise ValueError("the stream has no last response")

    def split(self, whole: dict[str, Any], body: dict[str, Any]) -> list[Event]:
        begun: dict[str, Any] = {**whole, "status": "in_progress", "output": [], "usage": None}
        events: list[dict[str, Any]] = [
            {"type": "response.created", "response": begun},
            {"type": "response.in_progress", "response": begun},
        ]
        for index, item in enumerate(dicts(whole.get("output"))):
            events += _item_events(item, index)
        events.append({"type": f"response.{whole.get('status', 'completed')}", "response": whole})
        return [
            Event.of({**data, "sequence_number": number}, kind=str(data["type"])) for number, data in enumerate(events)
        ]


def _spelt(segment: Segment) -> Segment:
    """The chosen tokens of a text's log probabilities spell it, or another: they are one text, as in a stream."""
    chosen = segment.address[4:5] == ("logprobs",) and segment.address[6:] == ("token",)
    return replace(segment, channel=(*segment.address[:5], "token")) if chosen else segment


def _check_item(address: Address, item: Mapping[str, Any]) -> None:
    kind, content = item.get("type"), item.get("content")
    if kind is not None and not isinstance(kind, str):
        raise wrong((*address, "type"), "a string")
    if kind in (None, "message") and "role" in item and not isinstance(content, str | list):
        raise wrong((*address, "content"), "a string or an array of parts")
    if isinstance(content, list):
        for place, part in objects(cast("list[Any]", content), (*address, "content")):
            if not isinstance(part.get("type"), str):
                raise wrong((*place, "type"), "a string")


def _withheld(response: Mapping[str, Any], status: str) -> dict[str, Any]:
    """A response without what it said."""
    fields: dict[str, Any] = {"id": "", "object": "response", "created_at": 0, "model": "", "parallel_tool_calls": True}
    fields |= {name: response[name] for name in _KEPT if name in response}
    details = {"reason": "content_filter"} if status == "incomplete" else None
    fields |= {"status": status, "incomplete_details": details, "output": [], "tools": [], "tool_choice": "auto"}
    return fields | {"error": None}


def _said(rules: Sequence[str]) -> str:
    return f"Withheld by the gate: {', '.join(rules)}."


def _item_events(item: dict[str, Any], index: int) -> list[dict[str, Any]]:
    """The events of one item of the output. Parts of messages and of reasoning come in pieces, for clients show what
    these say; other items come whole."""
    parted = [name for name in _PARTED.get(str(item.get("type")), ()) if dicts(item.get(name))]
    begun: dict[str, Any] = {**item, **{name: [] for name in parted}}
    if item.get("status") is not None and parted:
        begun["status"] = "in_progress"
    events: list[dict[str, Any]] = [{"type": "response.output_item.added", "output_index": index, "item": begun}]
    for name in parted:
        for number, part in enumerate(dicts(item[name])):
            at = {"item_id": item.get("id", ""), "output_index": index, f"{name}_index": number}
            events += _part_events(part, at, "reasoning_summary_part" if name == "summary" else "content_part")
    return [*events, {"type": "response.output_item.done", "output_index": index, "item": item}]


def _part_events(part: dict[str, Any], at: dict[str, Any], stem: str) -> list[dict[str, Any]]:
    kind, field = _RUNNING.get(str(part.get("type")), ("", ""))
    added, done = f"response.{stem}.added", f"response.{stem}.done"
    if not isinstance(part.get(field), str):
        return [{"type": added, **at, "part": part}, {"type": done, **at, "part": part}]
    text = part[field]
    more: dict[str, Any] = {"logprobs": part.get("logprobs") or []} if kind == "output_text" else {}
    empty: dict[str, Any] = {**part, field: "", **{name: [] for name in ("annotations", "logprobs") if name in part}}
    return [
        {"type": added, **at, "part": empty},
        {"type": f"response.{kind}.delta", **at, "delta": text, **more},
        {"type": f"response.{kind}.done", **at, field: text, **more},
        {"type": done, **at, "part": part},
    ]


def _bypass(body: Mapping[str, Any], last: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> str:
    """Why memory must not answer this request."""
    if any(body.get(field) for field in _STATE):
        return "state"
    if str(last.get("type", "")).endswith("_output"):
        return "tool-result"
    if last.get("role") != "user":
        return "no-user-turn"
    if any(part.get("type") != "input_text" for part in parts):
        return "not-only-text"
    if sampled(body):
        return "sampling"
    if body.get("moderation"):  # what the provider finds in this question is told with the answer
        return "moderation"
    if asked(body):
        return "web-search"
    include: Any = body.get("include") or []
    return "logprobs" if body.get("top_logprobs") or "message.output_text.logprobs" in include else ""
