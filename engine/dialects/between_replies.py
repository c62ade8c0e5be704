"""Whole replies of OpenAI's chat completions as Anthropic's messages, and the other way round. Pure functions.

Reasoning travels as a thinking block with an empty signature: nobody signed it.
"""

from collections.abc import Mapping
from typing import Any, cast

from ..errors import UpstreamRefused
from ..jsonio import dumps, loads
from .openai_common import choices, dicts

_STOPS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}
_FINISHES = {stop: finish for finish, stop in _STOPS.items()} | {
    "stop_sequence": "stop",
    "model_context_window_exceeded": "length",
}


def message_of_chat(whole: Mapping[str, Any]) -> dict[str, Any]:
    """A `chat.completion` as a message. Raises UpstreamRefused when it has no one choice that can be told."""
    found = choices(whole)
    if len(found) != 1 or not isinstance(found[0].get("message"), dict):
        raise UpstreamRefused("The provider's reply has not exactly one choice.")
    said = cast("dict[str, Any]", found[0]["message"])
    content: list[dict[str, Any]] = []
    if reasoning := said.get("reasoning_content") or said.get("reasoning"):
        content.append({"type": "thinking", "thinking": reasoning, "signature": ""})
    text = said.get("content") or said.get("refusal")
    if text:
        content.append({"type": "text", "text": text})
    content += [_call(call) for call in dicts(said.get("tool_calls"))]
    finish = str(found[0].get("finish_reason"))
    stop = "refusal" if said.get("refusal") else _STOPS.get(finish, "end_turn")
    return {
        "id": str(whole.get("id", "")),
        "type": "message",
        "role": "assistant",
        "model": str(whole.get("model", "")),
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": _usage(whole.get("usage")),
    }


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call.get("function")
    try:
        named = cast("dict[str, Any]", function)
        given = loads(named.get("arguments") or "{}")
        return {"type": "tool_use", "id": call["id"], "name": named["name"], "input": dict(given)}
    except (AttributeError, KeyError, TypeError, ValueError):
        raise UpstreamRefused("The provider's reply has a call of a tool that cannot be read.") from None


def _usage(usage: Any) -> dict[str, Any]:
    """Anthropic counts tokens read from the provider's cache apart; OpenAI among the others."""
    counts = cast("dict[str, Any]", usage) if isinstance(usage, dict) else {}
    details: Any = counts.get("prompt_tokens_details") or {}
    cached = details.get("cached_tokens") or 0
    out = {
        "input_tokens": (counts.get("prompt_tokens") or 0) - cached,
        "output_tokens": counts.get("completion_tokens") or 0,
    }
    return out | ({"cache_read_input_tokens": cached} if cached else {})


def chat_of_message(whole: Mapping[str, Any], created: int) -> dict[str, Any]:
    """A message as a `chat.completion` of the time `created`, in seconds. Raises UpstreamRefused on blocks for which
    the other dialect has no word."""
    texts: list[str] = []
    thoughts: list[str] = []
    calls: list[dict[str, Any]] = []
    for block in dicts(whole.get("content")):
        kind = block.get("type")
        if kind == "text":
            texts.append(str(block.get("text", "")))
        elif kind == "thinking":
            thoughts.append(str(block.get("thinking", "")))
        elif kind == "tool_use":
            function = {"name": block.get("name", ""), "arguments": dumps(block.get("input", {})).decode()}
            calls.append({"id": block.get("id", ""), "type": "function", "function": function})
        elif kind != "redacted_thinking":
            raise UpstreamRefused("The provider's reply has content that the caller's dialect has no word for.")
    message: dict[str, Any] = {"role": "assistant", "content": "".join(texts) if texts else None, "refusal": None}
    if thoughts:
        message["reasoning_content"] = "\n".join(thoughts)
    if calls:
        message["tool_calls"] = calls
    finish = _FINISHES.get(str(whole.get("stop_reason")), "stop")
    return {
        "id": str(whole.get("id", "")),
        "object": "chat.completion",
        "created": created,
        "model": str(whole.get("model", "")),
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
        "usage": _counts(whole.get("usage")),
    }


def _counts(usage: Any) -> dict[str, Any]:
    counts = cast("dict[str, Any]", usage) if isinstance(usage, dict) else {}
    read = counts.get("cache_read_input_tokens") or 0
    prompt = (counts.get("input_tokens") or 0) + read + (counts.get("cache_creation_input_tokens") or 0)
    answer = counts.get("output_tokens") or 0
    out: dict[str, Any] = {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}
    return out | ({"prompt_tokens_details": {"cached_tokens": read}} if read else {})
