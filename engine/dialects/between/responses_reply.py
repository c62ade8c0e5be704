"""Whole replies of OpenAI's Responses, read and written, and the items that their streams tell as well."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..openai_common import dicts
from .carry import filled, mapping, side_by_side, stopped, unreadable, wordless
from .counts import read_usage
from .reported import failed, unanswered
from .responses_request import thought_of
from .talk import Call, Part, Stop, Text, Thought, Told, Usage

CUT = {Stop.LENGTH: "max_output_tokens", Stop.FILTER: "content_filter"}
"""Why an answer is incomplete."""
_ECHO: Mapping[str, Any] = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "reasoning": {"effort": None, "summary": None},
    "temperature": None,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": None,
    "truncation": "disabled",
    "user": None,
}
"""What a response repeats of its request, and what stands there when that did not say."""


def read_responses_reply(body: Mapping[str, Any]) -> Told:
    """A `response`. Raises UpstreamRefused when it is none, is not over, or holds items of tools that the provider ran
    itself, and UpstreamError when it failed."""
    if not isinstance(body.get("output"), list):
        raise unanswered(body)
    said = read_stop(body.get("status", "completed"), body)
    parts = side_by_side(part for item in dicts(body["output"]) for part in _read_item(item))
    stop = stopped(said, parts)
    head = (str(body.get("id", "")), str(body.get("model", "")))
    usage = read_usage(body.get("usage"))
    return Told(*head, filled(parts, stop), stop, "", usage, created(body))


def created(body: Mapping[str, Any]) -> int:
    """When a response was made; the reference has a number with a fraction."""
    at = body.get("created_at")
    return int(at) if isinstance(at, int | float) else 0


def read_stop(status: Any, body: Mapping[str, Any]) -> Stop:
    """Why a response is over. Raises UpstreamError when it failed, UpstreamRefused when it is not over."""
    if status == "failed" or body.get("error"):
        raise failed(mapping(body.get("error")))
    if status not in ("completed", "incomplete"):
        raise unreadable()
    reason = mapping(body.get("incomplete_details")).get("reason")
    if status == "completed":
        return Stop.END
    return Stop.FILTER if reason == "content_filter" else Stop.LENGTH


def read_call(item: Mapping[str, Any]) -> Call:
    """A call of a function. Raises UpstreamRefused when it lacks what a call must have."""
    if not isinstance(item.get("name"), str):
        raise unreadable()
    return Call(str(item.get("call_id") or item.get("id") or ""), item["name"], str(item.get("arguments") or ""))


def _read_item(item: Mapping[str, Any]) -> Iterable[Part]:
    match item.get("type"):
        case "message":
            return [_read_part(part) for part in dicts(item.get("content"))]
        case "function_call":
            return [read_call(item)]
        case "reasoning":
            text, seal = thought_of(item), str(item.get("encrypted_content") or "")
            return [Thought(text, seal, bool(seal and not text))]
        case _:
            raise wordless()


def _read_part(part: Mapping[str, Any]) -> Text:
    """Annotations are notes on text that is told anyway."""
    match part.get("type"):
        case "output_text":
            return Text(str(part.get("text", "")))
        case "refusal":
            return Text(str(part.get("refusal", "")), refusal=True)
        case _:
            raise wordless()


def write_responses_reply(told: Told, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A Told as a `response`. Raises UpstreamRefused on content that it has no word for."""
    groups = _grouped(told.parts)
    last = len(groups) - 1
    output = [
        write_item(group, told.id, at, "incomplete" if at == last and told.stop in CUT else "completed")
        for at, group in enumerate(groups)
    ]
    return write_response(told, asked, output)


def write_response(told: Told, asked: Mapping[str, Any], output: Sequence[Any], *, over: bool = True) -> dict[str, Any]:
    """A `response` with these items; `over`: it is complete, or as complete as it will be."""
    reason = CUT.get(told.stop) if over else None
    status = "in_progress" if not over else "incomplete" if reason else "completed"
    return {
        "id": told.id,
        "object": "response",
        "created_at": told.created or int(time.time()),
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": {"reason": reason} if reason else None,
        "model": told.model,
        "output": output,
        "previous_response_id": None,
        "store": False,
        **{name: default if asked.get(name) is None else asked[name] for name, default in _ECHO.items()},
        "usage": write_usage(told.usage) if over and told.usage else None,
    }


def _grouped(parts: Sequence[Part]) -> list[list[Part]]:
    """The parts of each item: texts side by side are one message."""
    out: list[list[Part]] = []
    for part in parts:
        if out and isinstance(part, Text) and isinstance(out[-1][-1], Text):
            out[-1].append(part)
        else:
            out.append([part])
    return out


def write_item(group: Sequence[Part], id: str, at: int, status: str) -> dict[str, Any]:
    """The item at index `at` of the response `id`. Its own id follows from these two."""
    match group[0]:
        case Text():
            content = [write_part(part) for part in group if isinstance(part, Text)]
            head = {"id": f"msg_{id}_{at}", "type": "message", "status": status, "role": "assistant"}
            return {**head, "content": content}
        case Thought(text, signature):
            summary = [write_summary(text)] if text else []
            sealed = {"encrypted_content": signature} if signature else {}
            return {"id": f"rs_{id}_{at}", "type": "reasoning", "summary": summary, **sealed}
        case Call(call_id, name, arguments):
            head = {"id": f"fc_{id}_{at}", "type": "function_call", "status": status}
            return {**head, "call_id": call_id, "name": name, "arguments": arguments}
        case _:
            raise wordless()


def write_part(part: Text) -> dict[str, Any]:
    """A part of a message."""
    if part.refusal:
        return {"type": "refusal", "refusal": part.text}
    return {"type": "output_text", "text": part.text, "annotations": [], "logprobs": []}


def write_summary(text: str) -> dict[str, Any]:
    """A part of a reasoning item."""
    return {"type": "summary_text", "text": text}


def write_usage(usage: Usage) -> dict[str, Any]:
    """The other way round."""
    hour = {"cache_write_1h_tokens": usage.written_hour} if usage.written_hour else {}
    return {
        "input_tokens": usage.input,
        "input_tokens_details": {"cached_tokens": usage.cached, "cache_write_tokens": usage.written, **hour},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.input + usage.output,
    }
