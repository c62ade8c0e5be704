"""Requests of Anthropic's messages, written. Source: Anthropic API reference, messages."""

import binascii
import hashlib
import re
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .carry import FAILED, asked_object, merged, uncarried, unsayable
from .counts import budget_of
from .messages_request import MODES, SAME
from .schemas import closed, strictly
from .talk import Call, Media, Part, Result, Talk, Text, Thought, Tool

ANSWER_TOKENS = 4096
"""How long an answer may be, in tokens, when the caller does not say: this dialect must. Thinking comes on top."""
_WORDS = {mode: word for word, mode in MODES.items()}
_TYPES = {"image/jpg": "image/jpeg"}
"""What others take for a media type, and its name."""
_ID, _NOT_IN_ID = re.compile(r"[A-Za-z0-9_-]+"), re.compile(r"[^A-Za-z0-9_-]")


def write_messages(talk: Talk) -> dict[str, Any]:
    """A Talk as a request. Raises BadRequest `not_carried`."""
    unsayable(talk, "seed", "presence_penalty", "frequency_penalty", "verbosity", "metadata", "store")
    if (talk.temperature or 0) > 1:
        raise uncarried(*talk.at("temperature"))
    thinking = _thinking(talk)
    body: dict[str, Any] = {"model": talk.model, "max_tokens": ANSWER_TOKENS + _room(talk, thinking)}
    body |= {ours: value for name, ours in SAME.items() if (value := getattr(talk, name)) is not None}
    body |= _conversation(talk)
    if talk.stream:
        body["stream"] = True
    if talk.stop:
        body["stop_sequences"] = list(talk.stop)
    if talk.user is not None:
        body["metadata"] = {"user_id": talk.user}
    if thinking:
        body["thinking"] = thinking
    if output := _output(talk):
        body["output_config"] = output
    if talk.tools:
        body["tools"] = [_tool(tool) for tool in talk.tools]
    if choice := _choice(talk):
        body["tool_choice"] = choice
    return body


def _conversation(talk: Talk) -> dict[str, Any]:
    """System turns that lead are the system prompt; a later one keeps its place as a message of its own."""
    lead = next((at for at, turn in enumerate(talk.turns) if turn.role != "system"), len(talk.turns))
    spoken = [replace(turn, parts=_spoken(turn.parts)) for turn in talk.turns]
    system = [part for turn in spoken[:lead] for part in turn.parts]
    turns = merged(turn for turn in spoken[lead:] if turn.parts)
    out: dict[str, Any] = {"system": _content(system)} if system else {}
    return out | {"messages": [{"role": turn.role, "content": _content(turn.parts)} for turn in turns]}


def _spoken(parts: Sequence[Part]) -> list[Part]:
    """The parts without texts that are empty or nothing but white space, which the API refuses."""
    return [part for part in parts if not isinstance(part, Text) or part.text.strip()]


def _content(parts: Sequence[Part]) -> Any:
    if len(parts) == 1 and isinstance(parts[0], Text):
        return parts[0].text
    return [_block(part) for part in parts]


def _block(part: Part) -> dict[str, Any]:
    match part:
        case Text(text):
            return {"type": "text", "text": text}
        case Media():
            return _media(part)
        case Thought(_, signature, True):
            return {"type": "redacted_thinking", "data": signature}
        case Thought(text, signature):
            return {"type": "thinking", "thinking": text, "signature": signature}
        case Call(id, name):
            return {"type": "tool_use", "id": _call_id(id), "name": name, "input": asked_object(part)}
        case Result(id, parts, _, failed):
            out: dict[str, Any] = {"type": "tool_result", "tool_use_id": _call_id(id)}
            # The API refuses an error without words.
            said = _spoken(parts) or ([Text(FAILED.rstrip(": "))] if failed else [])
            out |= {"content": _content(said)} if said else {}
            return out | ({"is_error": True} if failed else {})


def _call_id(id: str) -> str:
    """The id of a call as the API takes it: hosts that write others (`functions.mail:0`) may have answered before in
    this conversation. Different ids stay different."""
    if _ID.fullmatch(id):
        return id
    digest = hashlib.blake2b(id.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return f"{_NOT_IN_ID.sub('_', id)[:24]}_{digest}"


def _media(part: Media) -> dict[str, Any]:
    source: dict[str, Any] = {"type": "base64", "media_type": _TYPES.get(part.type, part.type), "data": part.data}
    if part.url:
        source = {"type": "url", "url": part.url}
    if part.kind == "image":
        if part.detail not in ("", "auto"):
            raise uncarried(*part.place, "detail")
        return {"type": "image", "source": source}
    if part.kind != "file":
        raise uncarried(*part.place)
    named = {"title": part.name} if part.name else {}
    if part.data and part.type.startswith("text/"):
        try:
            source = {"type": "text", "media_type": "text/plain", "data": b64decode(part.data, validate=True).decode()}
        except (binascii.Error, UnicodeDecodeError):
            raise uncarried(*part.place) from None
    elif part.data and part.type != "application/pdf":
        raise uncarried(*part.place)
    return {"type": "document", "source": source, **named}


def _thinking(talk: Talk) -> dict[str, Any]:
    if talk.think is False or talk.budget == 0:
        return {"type": "disabled"}
    if talk.budget is not None and talk.budget > 0:
        out: dict[str, Any] = {"type": "enabled", "budget_tokens": talk.budget}
    elif talk.think or talk.effort is not None or talk.budget is not None or talk.show_thoughts:
        out = {"type": "adaptive"}
    else:
        return {}
    shown = {None: None, True: "summarized", False: "omitted"}[talk.show_thoughts]
    return out | ({"display": shown} if shown else {})


def _room(talk: Talk, thinking: dict[str, Any]) -> int:
    """Tokens that thinking may take: the API counts them within the answer's length."""
    if thinking.get("type") == "adaptive":
        return budget_of(talk.effort)
    return thinking.get("budget_tokens", 0)


def _output(talk: Talk) -> dict[str, Any]:
    """A format's name is a label that only other dialects ask for."""
    out: dict[str, Any] = {}
    if talk.effort is not None:
        out["effort"] = "low" if talk.effort == "minimal" else talk.effort
    if talk.format is not None:
        if talk.format.schema is None or talk.format.description:
            raise uncarried(*talk.at("format"))
        out["format"] = {"type": "json_schema", "schema": closed(talk.format.schema)}
    return out


def _tool(tool: Tool) -> dict[str, Any]:
    schema, strict = strictly(tool.parameters or {"type": "object"}, tool.strict, optional=True)
    out: dict[str, Any] = {"name": tool.name, "input_schema": schema}
    out |= {"description": tool.description} if tool.description else {}
    return out | ({"strict": strict} if strict is not None else {})


def _choice(talk: Talk) -> dict[str, Any]:
    choice, serial = talk.choice, talk.parallel is False and bool(talk.tools)
    if choice is None:
        return {"type": "auto", "disable_parallel_tool_use": True} if serial else {}
    if len(choice.names) > 1 or (choice.names and choice.mode != "must"):
        raise uncarried(*talk.at("choice"))
    if not talk.tools and choice.mode != "must":
        return {}
    out: dict[str, Any] = {"type": "tool", "name": choice.names[0]} if choice.names else {"type": _WORDS[choice.mode]}
    return out | ({"disable_parallel_tool_use": True} if serial and choice.mode != "never" else {})
