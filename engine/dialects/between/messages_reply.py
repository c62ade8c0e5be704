"""Whole replies and errors of Anthropic's messages, read and written."""

from collections.abc import Mapping
from typing import Any

from ...errors import TidegateError
from ...jsonio import dumps
from ..anthropic_common import envelope
from ..openai_common import dicts
from .carry import cut_short, filled, mapping, side_by_side, stopped, told_object, wordless
from .counts import read_usage
from .reported import unanswered
from .talk import Call, Part, Stop, Text, Thought, Told, Trouble, Usage

STOPS = {
    "end_turn": Stop.END,
    "stop_sequence": Stop.SEQUENCE,
    "max_tokens": Stop.LENGTH,
    "model_context_window_exceeded": Stop.LENGTH,
    "tool_use": Stop.CALLS,
    "refusal": Stop.FILTER,
}
_REASONS = {
    Stop.END: "end_turn",
    Stop.SEQUENCE: "stop_sequence",
    Stop.LENGTH: "max_tokens",
    Stop.CALLS: "tool_use",
    Stop.FILTER: "refusal",
}


def read_messages_reply(body: Mapping[str, Any]) -> Told:
    """A message. Raises UpstreamRefused when it is none, or holds content of tools that the provider ran itself, and
    UpstreamError when there is an error in its place."""
    if body.get("type") != "message":
        raise unanswered(body)
    parts = side_by_side(_read_block(block) for block in dicts(body.get("content")))
    stop = stopped(read_stop(body.get("stop_reason")), parts)
    said = (str(body.get("id", "")), str(body.get("model", "")))
    return Told(*said, filled(parts, stop), stop, str(body.get("stop_sequence") or ""), read_usage(body.get("usage")))


def _read_block(block: Mapping[str, Any]) -> Part:
    match block.get("type"):
        case "text":
            return Text(str(block.get("text", "")))
        case "thinking":
            return Thought(str(block.get("thinking", "")), str(block.get("signature") or ""))
        case "redacted_thinking":
            return Thought("", str(block.get("data", "")), redacted=True)
        case "tool_use":
            given = mapping(block.get("input"))  # empty also where the answer was cut off before the first argument
            source = dumps(given).decode() if given else ""
            return Call(str(block.get("id", "")), str(block.get("name", "")), source)
        case _:
            raise wordless()


def read_stop(reason: Any) -> Stop:
    """A reason that is not known is no good end. Raises UpstreamRefused on a pause, which only tools of the provider's
    own bring about."""
    if reason == "pause_turn":
        raise wordless()
    return STOPS.get(str(reason), Stop.LENGTH) if reason else Stop.END


def write_messages_reply(told: Told, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A Told as a message, without a last call that was cut off within its arguments, which must be values here.

    Raises UpstreamRefused on content that it has no word for.
    """
    last = told.parts[-1] if told.parts else None
    cut = isinstance(last, Call) and cut_short(told.stop, last.arguments)
    refused = any(isinstance(part, Text) and part.refusal for part in told.parts)
    return {
        "id": told.id,
        "type": "message",
        "role": "assistant",
        "model": told.model,
        "content": [_block(part) for part in (told.parts[:-1] if cut else told.parts)],
        **ending(told.stop, told.sequence, refused),
        "usage": write_usage(told.usage),
    }


def ending(stop: Stop, sequence: str, refused: bool) -> dict[str, Any]:
    """Why a message ended, as its own fields and those of `message_delta` say it."""
    reason = "refusal" if refused and stop is Stop.END else _REASONS[stop]
    return {"stop_reason": reason, "stop_sequence": sequence or None}


def _block(part: Part) -> dict[str, Any]:
    match part:
        case Text(text):
            return {"type": "text", "text": text}
        case Thought(_, signature, True):
            return {"type": "redacted_thinking", "data": signature}
        case Thought(text, signature):
            return {"type": "thinking", "thinking": text, "signature": signature}
        case Call(id, name, arguments):
            return {"type": "tool_use", "id": id, "name": name, "input": told_object(arguments)}
        case _:
            raise wordless()


def write_usage(usage: Usage | None) -> dict[str, Any]:
    """The other way round; counts must be there, so that unknown ones are 0."""
    usage = usage or Usage()
    out: dict[str, Any] = {
        "input_tokens": max(usage.input - usage.cached - usage.written, 0),
        "output_tokens": usage.output,
    }
    out |= {"cache_read_input_tokens": usage.cached} if usage.cached else {}
    out |= {"cache_creation_input_tokens": usage.written} if usage.written else {}
    if usage.written_hour:
        briefly = max(usage.written - usage.written_hour, 0)
        out["cache_creation"] = {"ephemeral_1h_input_tokens": usage.written_hour, "ephemeral_5m_input_tokens": briefly}
    return out | ({"output_tokens_details": {"thinking_tokens": usage.reasoning}} if usage.reasoning else {})


def read_messages_error(status: int, body: Mapping[str, Any]) -> Trouble:
    """An error body."""
    error = mapping(body.get("error"))
    return Trouble(status, str(error.get("message") or ""), str(error.get("type") or ""))


def write_messages_error(trouble: Trouble) -> dict[str, Any]:
    """The type is ours by the status; the provider's own word is in the details."""
    error = TidegateError(trouble.message, code=trouble.code or trouble.kind or None)
    error.status = trouble.status
    return envelope(error)
