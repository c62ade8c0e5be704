"""Whole replies and errors of OpenAI's chat completions, read and written."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from ..openai_common import choices, dicts
from .carry import count, filled, mapping, one_cut, side_by_side, stopped, unreadable, wordless
from .counts import read_usage
from .reported import failed, unanswered
from .talk import Call, Part, Stop, Text, Thought, Told, Trouble, Usage

_STOPS = {
    **dict.fromkeys(("stop", "eos", "eos_token", "end_turn"), Stop.END),
    "stop_sequence": Stop.SEQUENCE,
    **dict.fromkeys(("length", "max_tokens", "model_length"), Stop.LENGTH),
    **dict.fromkeys(("tool_calls", "function_call", "tool_use"), Stop.CALLS),
    "content_filter": Stop.FILTER,
}
"""OpenAI's own, and those of hosts: Together (`eos`), TGI (`eos_token`, `stop_sequence`), Mistral (`model_length`), and
some that pass on Anthropic's."""
_WORDLESS = ("audio", "images", "function_call")
"""What a message may hold besides its text that no caller of another dialect can be told."""
_FAILED = frozenset({"error", "insufficient_system_resource"})
"""Reasons that say that the answer is none: Mistral's and OpenRouter's, DeepSeek's."""
FINISHES = {
    Stop.END: "stop",
    Stop.SEQUENCE: "stop",
    Stop.LENGTH: "length",
    Stop.CALLS: "tool_calls",
    Stop.FILTER: "content_filter",
}
_KINDS = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


def read_chat_reply(body: Mapping[str, Any]) -> Told:
    """A `chat.completion`. Raises UpstreamRefused when it has no one choice that can be told, UpstreamError when it has
    an error in its place."""
    found = choices(body)
    said = mapping(found[0].get("message")) if len(found) == 1 else {}
    if not said:
        raise unanswered(body)
    parts: list[Part] = [Thought(reasoning(said)), *spoken(said)]
    for call in dicts(said.get("tool_calls")):
        function = mapping(call.get("function"))
        if not isinstance(function.get("name"), str):
            raise unreadable()
        id = str(call.get("id") or f"call_{len(parts)}_{function['name']}")
        parts.append(Call(id, function["name"], str(function.get("arguments") or "")))
    parts = side_by_side(parts)
    stop = stopped(read_finish(found[0].get("finish_reason")), parts)
    parts = filled(one_cut(parts, stop), stop)
    usage = read_usage(body.get("usage"))
    return Told(str(body.get("id", "")), str(body.get("model", "")), parts, stop, "", usage, count(body, "created"))


def read_finish(reason: Any) -> Stop:
    """Why an answer ended. One that is not known is no good end: what it ends may be cut. Raises UpstreamError when the
    reason is that the provider failed."""
    word = str(reason or "stop").partition(":")[0].lower()  # Google says `content_filter: SAFETY`
    if word in _FAILED:
        raise failed({"code": word})
    return _STOPS.get(word, Stop.LENGTH)


def reasoning(said: Mapping[str, Any]) -> str:
    """The reasoning of a message or delta, under either of the names that hosts give it, or in parts of its content."""
    value = said.get("reasoning_content") or said.get("reasoning")
    return value if isinstance(value, str) else "".join(map(thought_of, dicts(said.get("content"))))


def thought_of(part: Mapping[str, Any]) -> str:
    """What a part of a message says if it is reasoning, as Mistral has it."""
    texts = dicts(part.get("thinking")) if part.get("type") == "thinking" else []
    return "".join(str(each.get("text") or "") for each in texts)


def spoken(said: Mapping[str, Any]) -> list[Text]:
    """The text and the refusal of a message or delta. Some hosts send text as parts, and beside them reasoning and
    notes on what the text refers to. Raises UpstreamRefused when there is content of another sort: images, for
    instance, which OpenRouter's models that draw send unasked."""
    if any(said.get(name) for name in _WORDLESS):
        raise wordless()
    content = said.get("content")
    texts = [Text(content)] if isinstance(content, str) else list[Text]()
    for part in dicts(content):
        if part.get("type") == "text":
            texts.append(Text(str(part.get("text", ""))))
        elif part.get("type") not in ("thinking", "reference"):
            raise wordless()
    return [*texts, *([Text(said["refusal"], refusal=True)] if isinstance(said.get("refusal"), str) else [])]


def write_chat_reply(told: Told, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A Told as a `chat.completion`. Raises UpstreamRefused on content that it has no word for."""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": _joined(told.parts, refusal=False),
        "refusal": _joined(told.parts, refusal=True),
    }
    calls = [part for part in told.parts if isinstance(part, Call)]
    if message["content"] is None and message["refusal"] is None and not calls:
        message["content"] = ""
    if thoughts := [part.text for part in told.parts if isinstance(part, Thought)]:
        message["reasoning_content"] = "".join(thoughts)
    if any(not isinstance(part, Text | Call | Thought) for part in told.parts):
        raise wordless()
    if calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in calls
        ]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": FINISHES[told.stop]}
    return {
        "id": told.id,
        "object": "chat.completion",
        "created": told.created or int(time.time()),
        "model": told.model,
        "choices": [choice],
        **({"usage": write_usage(told.usage)} if told.usage else {}),
    }


def _joined(parts: Sequence[Part], refusal: bool) -> str | None:
    texts = [part.text for part in parts if isinstance(part, Text) and part.refusal is refusal]
    return "".join(texts) if texts else None


def write_usage(usage: Usage) -> dict[str, Any]:
    """The other way round."""
    out: dict[str, Any] = {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
    }
    if usage.cached or usage.written:
        written = {"cache_write_tokens": usage.written} if usage.written else {}
        written |= {"cache_write_1h_tokens": usage.written_hour} if usage.written_hour else {}
        out["prompt_tokens_details"] = {"cached_tokens": usage.cached, **written}
    if usage.reasoning:
        out["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning}
    return out


def read_chat_error(status: int, body: Mapping[str, Any]) -> Trouble:
    """An error body. Some hosts have the message as a bare string."""
    error = body.get("error")
    held = mapping(error)
    message = error if isinstance(error, str) else held.get("message") or body.get("message")
    return Trouble(status, str(message or ""), str(held.get("type") or ""), str(held.get("code") or ""))


def write_chat_error(trouble: Trouble) -> dict[str, Any]:
    """The type is ours by the status; the provider's own word is the code."""
    kind = _KINDS.get(trouble.status, "invalid_request_error" if trouble.status < 500 else "api_error")
    code = trouble.code or trouble.kind or None
    return {"error": {"message": trouble.message, "type": kind, "param": None, "code": code}}
