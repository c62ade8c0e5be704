"""Requests of OpenAI's Responses, written. Source: OpenAI API reference, responses."""

from collections.abc import Sequence
from mimetypes import guess_extension
from typing import Any

from .carry import FAILED, data_url, uncarried, unsayable
from .chat_request import MODES
from .chat_request_write import effort, who
from .responses_request import SAME
from .schemas import strictly
from .talk import Call, Choice, Format, Media, Part, Result, Role, Talk, Text, Tool, Turn

_WORDS = {mode: word for word, mode in MODES.items()}


def write_responses(talk: Talk) -> dict[str, Any]:
    """A Talk as a request. Raises BadRequest `not_carried`.

    This dialect keeps answers, and makes schemas of tools strict, when nothing is said; the others do neither, so what
    they leave out is said here.
    """
    unsayable(talk, "top_k", "stop", "seed", "presence_penalty", "frequency_penalty")
    body: dict[str, Any] = {"model": talk.model, **_conversation(talk.turns), "store": False}
    if talk.stream:
        body["stream"] = True
    body |= {ours: value for name, ours in SAME.items() if (value := getattr(talk, name)) is not None}
    body |= who(talk)
    if reasoning := _reasoning(talk):
        body["reasoning"] = reasoning
    if text := _text(talk):
        body["text"] = text
    if talk.tools:
        body["tools"] = [_tool(tool) for tool in talk.tools]
    if talk.choice is not None:
        body["tool_choice"] = _choice(talk.choice)
    return body


def _conversation(turns: Sequence[Turn]) -> dict[str, Any]:
    """A system prompt of one text has its own field; others keep their places as messages."""
    first = turns[0] if turns else None
    out: dict[str, Any] = {}
    if first and first.role == "system" and len(first.parts) == 1 and isinstance(first.parts[0], Text):
        out["instructions"], turns = first.parts[0].text, turns[1:]
    return out | {"input": [item for turn in turns for item in _items(turn)]}


def _items(turn: Turn) -> list[dict[str, Any]]:
    """What a user says side by side is one message; calls and results of tools are items of their own."""
    out: list[dict[str, Any]] = []
    said: list[Part] = []
    for part in turn.parts:
        if isinstance(part, Call | Result):
            out += _message(turn.role, said)
            said = []
            out.append(_call(part) if isinstance(part, Call) else _result(part))
        else:
            said.append(part)
    return out + _message(turn.role, said)


def _message(role: Role, parts: Sequence[Part]) -> list[dict[str, Any]]:
    """An earlier answer without an id, as none is known, must be a bare string: each of its texts is a message."""
    messages = [[part] for part in parts] if role == "assistant" else [parts] if parts else []
    return [{"type": "message", "role": role, "content": _content(some, role)} for some in messages]


def _call(call: Call) -> dict[str, Any]:
    return {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments}


def _result(result: Result) -> dict[str, Any]:
    parts = (Text(FAILED), *result.parts) if result.failed else result.parts
    return {"type": "function_call_output", "call_id": result.id, "output": _content(parts, "user") if parts else ""}


def _content(parts: Sequence[Part], role: Role) -> Any:
    if len(parts) == 1 and isinstance(parts[0], Text) and not parts[0].refusal:
        return parts[0].text
    return [_part(part, role) for part in parts]


def _part(part: Part, role: Role) -> dict[str, Any]:
    if isinstance(part, Text) and part.refusal:
        return {"type": "refusal", "refusal": part.text}
    if isinstance(part, Text):
        return {"type": "input_text", "text": part.text}
    if not isinstance(part, Media) or role == "assistant":
        raise uncarried(*part.place)
    if part.kind == "image":
        url = part.url or data_url(part.type, part.data)
        return {"type": "input_image", "image_url": url, "detail": part.detail or "auto"}
    if part.kind != "file":
        raise uncarried(*part.place)
    if part.url:
        return {"type": "input_file", "file_url": part.url, **({"filename": part.name} if part.name else {})}
    name = part.name or f"file{guess_extension(part.type) or ''}"  # bytes must have a name here
    return {"type": "input_file", "filename": name, "file_data": data_url(part.type, part.data)}


def _reasoning(talk: Talk) -> dict[str, Any]:
    word = "max" if talk.effort == "max" else effort(talk)
    out: dict[str, Any] = {"effort": word} if word else {}
    return out | ({"summary": "auto"} if talk.show_thoughts else {})


def _text(talk: Talk) -> dict[str, Any]:
    out: dict[str, Any] = {"verbosity": talk.verbosity} if talk.verbosity is not None else {}
    return out | ({"format": _format(talk.format)} if talk.format is not None else {})


def _format(asked: Format) -> dict[str, Any]:
    if asked.schema is None:
        return {"type": "json_object"}
    schema, strict = strictly(asked.schema, asked.strict, optional=False)
    out: dict[str, Any] = {"type": "json_schema", "name": asked.name or "answer", "schema": schema}
    out |= {"description": asked.description} if asked.description else {}
    return out | ({"strict": strict} if strict is not None else {})


def _tool(tool: Tool) -> dict[str, Any]:
    parameters, strict = None, tool.strict
    if tool.parameters is not None:
        parameters, strict = strictly(tool.parameters, strict, optional=False)
    out: dict[str, Any] = {"type": "function", "name": tool.name, "parameters": parameters}
    out |= {"description": tool.description} if tool.description else {}
    return {**out, "strict": bool(strict)}


def _choice(choice: Choice) -> Any:
    if not choice.names:
        return _WORDS[choice.mode]
    tools = [{"type": "function", "name": name} for name in choice.names]
    if choice.mode == "must" and len(tools) == 1:
        return tools[0]
    return {"type": "allowed_tools", "mode": _WORDS[choice.mode], "tools": tools}
