"""Requests of OpenAI's chat completions, written. Source: OpenAI API reference, chat/completions."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from .carry import FAILED, data_url, merged, uncarried, unsayable
from .chat_request import AUDIO, MODES, SAME
from .schemas import strictly
from .talk import Call, Choice, Format, Media, Part, Result, Role, Talk, Text, Thought, Tool, Turn

_FORMATS = {kind: word for word, kind in AUDIO.items()} | {"audio/mp3": "mp3", "audio/x-wav": "wav"}
_WORDS = {mode: word for word, mode in MODES.items()}
_REASONS = re.compile(r"(?:.*/)?(?:o\d|gpt-(?:[5-9]|\d\d))")
"""OpenAI's models that refuse `max_tokens`, the older name of `max_completion_tokens` and the only one that many hosts
know."""

_USER_CHARS = 64
"""Characters of a user's name that OpenAI takes."""


def write_chat(talk: Talk) -> dict[str, Any]:
    """A Talk as a request. Raises BadRequest `not_carried`."""
    unsayable(talk, "top_k")
    body: dict[str, Any] = {"model": talk.model, "messages": _messages(talk)}
    if talk.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    for name, ours in SAME.items():
        if getattr(talk, name) is not None:
            body[ours] = getattr(talk, name)
    body |= who(talk)
    if talk.max_tokens is not None:
        body["max_completion_tokens" if _REASONS.match(talk.model) else "max_tokens"] = talk.max_tokens
    if talk.stop:
        body["stop"] = list(talk.stop)
    if word := effort(talk):
        body["reasoning_effort"] = word
    if talk.format is not None:
        body["response_format"] = _format(talk.format)
    if talk.tools:
        body["tools"] = [{"type": "function", "function": _function(tool)} for tool in talk.tools]
    if talk.choice is not None:
        body["tool_choice"] = _choice(talk.choice)
    return body


def who(talk: Talk) -> dict[str, str]:
    """The digest of who asks, in the place of a name that is too long. Claude Code's have some 150 characters."""
    if not isinstance(talk.user, str) or len(talk.user) <= _USER_CHARS:
        return {}
    name = talk.user.encode("utf-8", "surrogatepass")
    return {"user": hashlib.blake2b(name, digest_size=_USER_CHARS // 2).hexdigest()}


def effort(talk: Talk) -> str | None:
    """A budget of tokens as the nearest word: under 4,096 low, under 16,384 medium, else high."""
    if talk.think is False or talk.budget == 0:
        return "none"
    if talk.effort is not None or talk.budget is None or talk.budget < 0:
        return "xhigh" if talk.effort == "max" else talk.effort
    return "low" if talk.budget < 4096 else "medium" if talk.budget < 16384 else "high"


def _messages(talk: Talk) -> list[dict[str, Any]]:
    """Results of tools are messages of their own, in the order in which they stand. They must follow the message with
    their calls, so that answers side by side are one message."""
    out: list[dict[str, Any]] = []
    for turn in merged(talk.turns, "assistant"):
        if turn.role == "assistant":
            out.append(_answer(turn))
            continue
        open_parts: list[Part] = []
        for part in turn.parts:
            if isinstance(part, Result):
                out += _spoken(turn.role, open_parts)
                open_parts = []
                out.append(_result(part))
            else:
                open_parts.append(part)
        out += _spoken(turn.role, open_parts)
    return out


def _spoken(role: Role, parts: Sequence[Part]) -> list[dict[str, Any]]:
    return [{"role": role, "content": _content(parts, only_text=role == "system")}] if parts else []


def _result(result: Result) -> dict[str, Any]:
    parts = (Text(FAILED), *result.parts) if result.failed else result.parts
    content = _content(parts, only_text=True) if parts else ""
    return {"role": "tool", "tool_call_id": result.id, "content": content}


def _answer(turn: Turn) -> dict[str, Any]:
    """Words and calls are fields of one message, which has no order among them: words after a call are said as well."""
    out: dict[str, Any] = {"role": "assistant"}
    thoughts = [part.text for part in turn.parts if isinstance(part, Thought)]
    words = [part for part in turn.parts if not isinstance(part, Call | Thought)]
    calls = [
        {"id": part.id, "type": "function", "function": {"name": part.name, "arguments": part.arguments}}
        for part in turn.parts
        if isinstance(part, Call)
    ]
    out["content"] = _content(words, only_text=True) if words else None if calls else ""
    if thoughts:
        out["reasoning_content"] = "".join(thoughts)
    if calls:
        out["tool_calls"] = calls
    return out


def _content(parts: Sequence[Part], only_text: bool) -> Any:
    if len(parts) == 1 and isinstance(parts[0], Text) and not parts[0].refusal:
        return parts[0].text
    return [_part(part, only_text) for part in parts]


def _part(part: Part, only_text: bool) -> dict[str, Any]:
    if isinstance(part, Text):
        return {"type": "refusal", "refusal": part.text} if part.refusal else {"type": "text", "text": part.text}
    if not isinstance(part, Media) or only_text:
        raise uncarried(*part.place)
    if part.kind == "image":
        url = part.url or data_url(part.type, part.data)
        return {"type": "image_url", "image_url": {"url": url, **({"detail": part.detail} if part.detail else {})}}
    if part.kind == "audio" and part.data and part.type in _FORMATS:
        return {"type": "input_audio", "input_audio": {"data": part.data, "format": _FORMATS[part.type]}}
    if part.kind == "file" and part.data:
        name = {"filename": part.name} if part.name else {}
        return {"type": "file", "file": {**name, "file_data": data_url(part.type, part.data)}}
    raise uncarried(*part.place)


def _function(tool: Tool) -> dict[str, Any]:
    out: dict[str, Any] = {"name": tool.name}
    out |= {"description": tool.description} if tool.description else {}
    strict = tool.strict
    if tool.parameters is not None:
        out["parameters"], strict = strictly(tool.parameters, strict, optional=False)
    return out | ({"strict": strict} if strict is not None else {})


def _choice(choice: Choice) -> Any:
    if not choice.names:
        return _WORDS[choice.mode]
    if choice.mode == "must" and len(choice.names) == 1:
        return {"type": "function", "function": {"name": choice.names[0]}}
    tools = [{"type": "function", "function": {"name": name}} for name in choice.names]
    return {"type": "allowed_tools", "allowed_tools": {"mode": _WORDS[choice.mode], "tools": tools}}


def _format(asked: Format) -> dict[str, Any]:
    if asked.schema is None:
        return {"type": "json_object"}
    schema, strict = strictly(asked.schema, asked.strict, optional=False)
    out: dict[str, Any] = {"name": asked.name or "answer", "schema": schema}
    out |= {"description": asked.description} if asked.description else {}
    out |= {"strict": strict} if strict is not None else {}
    return {"type": "json_schema", "json_schema": out}
