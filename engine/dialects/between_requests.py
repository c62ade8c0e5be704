"""Requests of Anthropic's messages as OpenAI's chat completions, and the other way round. Pure functions.

What the other side has no word for is a BadRequest that names the field, code `not_carried`. Only `cache_control`, a
hint that cannot change an answer, is left behind.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ..errors import BadRequest
from ..jsonio import Address, dumps, loads, show
from .openai_common import dicts

_SAME = ("model", "stream", "temperature", "top_p")
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}
_WORDS = {word: kind for kind, word in _CHOICES.items()}
_DATA = "data:"


def uncarried(*address: str | int) -> BadRequest:
    """The error for what cannot be said in the other dialect."""
    place = show(address)
    return BadRequest(
        f"'{place}' cannot be carried over to the dialect of the provider that serves this model.",
        param=place,
        code="not_carried",
    )


def only(holder: Mapping[str, Any], known: Sequence[str], address: Address = ()) -> None:
    """Raise `uncarried` for the first field that is set and not `known`. null counts as absent."""
    for name, value in holder.items():
        if name not in known and value is not None:
            raise uncarried(*address, name)


# Anthropic's messages as chat completions


def chat_of_messages(body: Mapping[str, Any]) -> dict[str, Any]:
    """A checked request of `anthropic.messages` as one of `openai.chat`."""
    only(body, (*_SAME, "max_tokens", "messages", "system", "stop_sequences", "tools", "tool_choice", "metadata"))
    out: dict[str, Any] = {name: body[name] for name in _SAME if body.get(name) is not None}
    messages: list[dict[str, Any]] = []
    if body.get("system"):
        messages.append({"role": "system", "content": _texts(body["system"], ("system",))})
    for index, message in enumerate(dicts(body["messages"])):
        messages += _chat_messages(message, ("messages", index))
    out["messages"] = messages
    for name, other in (("max_tokens", "max_tokens"), ("stop_sequences", "stop")):
        if body.get(name) is not None:
            out[other] = body[name]
    if metadata := body.get("metadata"):
        only(metadata, ("user_id",), ("metadata",))
        if metadata.get("user_id") is not None:
            out["user"] = metadata["user_id"]
    if body.get("tools"):
        out["tools"] = [_function(tool, ("tools", index)) for index, tool in enumerate(dicts(body["tools"]))]
    if choice := body.get("tool_choice"):
        out |= _chat_choice(choice)
    if out.get("stream"):
        out["stream_options"] = {"include_usage": True}
    return out


def _chat_messages(message: Mapping[str, Any], address: Address) -> list[dict[str, Any]]:
    only(message, ("role", "content"), address)
    role, content = str(message["role"]), message["content"]
    if isinstance(content, str):
        return [{"role": role, "content": content}]
    blocks = [((*address, "content", index), block) for index, block in enumerate(dicts(content))]
    return [_assistant(blocks)] if role == "assistant" else _user(role, blocks)


def _assistant(blocks: Sequence[tuple[Address, dict[str, Any]]]) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    calls: list[dict[str, Any]] = []
    for place, block in blocks:
        if block["type"] == "text" and not calls:
            only(block, ("type", "text", "cache_control"), place)
            parts.append({"type": "text", "text": block["text"]})
        elif block["type"] == "tool_use":
            only(block, ("type", "id", "name", "input", "cache_control"), place)
            function = {"name": block["name"], "arguments": dumps(block["input"]).decode()}
            calls.append({"id": block["id"], "type": "function", "function": function})
        else:
            raise uncarried(*place, "type")
    return {"role": "assistant", "content": parts or None, **({"tool_calls": calls} if calls else {})}


def _user(role: str, blocks: Sequence[tuple[Address, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Results of tools are messages of their own, in the order in which they stand."""
    out: list[dict[str, Any]] = []
    for place, block in blocks:
        if block["type"] == "tool_result":
            only(block, ("type", "tool_use_id", "content", "is_error", "cache_control"), place)
            if block.get("is_error"):
                raise uncarried(*place, "is_error")
            content = _texts(block.get("content") or "", (*place, "content"))
            out.append({"role": "tool", "tool_call_id": block["tool_use_id"], "content": content})
        else:
            if not out or out[-1]["role"] != role:
                out.append({"role": role, "content": []})
            out[-1]["content"].append(_part(block, place))
    return out


def _part(block: Mapping[str, Any], place: Address) -> dict[str, Any]:
    if block["type"] == "text":
        only(block, ("type", "text", "cache_control"), place)
        return {"type": "text", "text": block["text"]}
    source = block.get("source")
    if block["type"] != "image" or not isinstance(source, dict):
        raise uncarried(*place, "type")
    only(block, ("type", "source", "cache_control"), place)
    source = cast("dict[str, Any]", source)
    if source.get("type") == "url":
        return {"type": "image_url", "image_url": {"url": source["url"]}}
    if source.get("type") == "base64":
        url = f"{_DATA}{source['media_type']};base64,{source['data']}"
        return {"type": "image_url", "image_url": {"url": url}}
    raise uncarried(*place, "source", "type")


def _texts(content: Any, address: Address) -> Any:
    """A string, or parts that are all text."""
    if isinstance(content, str):
        return content
    parts: list[dict[str, Any]] = []
    for index, block in enumerate(dicts(content)):
        if block.get("type") != "text":
            raise uncarried(*address, index, "type")
        parts.append(_part(block, (*address, index)))
    return parts


def _function(tool: Mapping[str, Any], address: Address) -> dict[str, Any]:
    if tool.get("type") not in (None, "custom"):
        raise uncarried(*address, "type")
    only(tool, ("type", "name", "description", "input_schema", "strict", "cache_control"), address)
    function = {"name": tool["name"], "parameters": tool["input_schema"]}
    function |= {name: tool[name] for name in ("description", "strict") if tool.get(name) is not None}
    return {"type": "function", "function": function}


def _chat_choice(choice: Mapping[str, Any]) -> dict[str, Any]:
    only(choice, ("type", "name", "disable_parallel_tool_use"), ("tool_choice",))
    kind = str(choice.get("type"))
    if kind == "tool":
        named: Any = {"type": "function", "function": {"name": choice["name"]}}
    elif kind in _CHOICES:
        named = _CHOICES[kind]
    else:
        raise uncarried("tool_choice", "type")
    parallel = choice.get("disable_parallel_tool_use")
    return {"tool_choice": named, **({} if parallel is None else {"parallel_tool_calls": not parallel})}


# Chat completions as Anthropic's messages


def messages_of_chat(body: Mapping[str, Any], max_tokens: int) -> dict[str, Any]:
    """A checked request of `openai.chat` as one of `anthropic.messages`, which must say how long its answer may be:
    `max_tokens` where the caller does not."""
    known = ("max_tokens", "max_completion_tokens", "messages", "stop", "tools", "tool_choice", "parallel_tool_calls")
    only(body, (*_SAME, *known, "user", "n", "stream_options"))
    if (body.get("n") or 1) != 1:
        raise uncarried("n")
    if (body.get("temperature") or 0) > 1:
        raise uncarried("temperature")
    out: dict[str, Any] = {name: body[name] for name in _SAME if body.get(name) is not None}
    out["max_tokens"] = body.get("max_completion_tokens") or body.get("max_tokens") or max_tokens
    _turns(dicts(body["messages"]), out)
    if (stop := body.get("stop")) is not None:
        out["stop_sequences"] = [stop] if isinstance(stop, str) else stop
    if body.get("user") is not None:
        out["metadata"] = {"user_id": body["user"]}
    if body.get("tools"):
        out["tools"] = [_tool(tool, ("tools", index)) for index, tool in enumerate(dicts(body["tools"]))]
    choice, parallel = body.get("tool_choice"), body.get("parallel_tool_calls")
    if choice is not None or parallel is not None:
        out["tool_choice"] = _choice(choice if choice is not None else "auto", parallel)
    return out


def _turns(messages: Sequence[dict[str, Any]], out: dict[str, Any]) -> None:
    turns: list[dict[str, Any]] = []
    for index, message in enumerate(messages):
        place, role = ("messages", index), message["role"]
        if role in ("system", "developer"):
            only(message, ("role", "content"), place)
            if turns or "system" in out:
                raise uncarried(*place, "role")
            out["system"] = _texts(message["content"], (*place, "content"))
        elif role == "tool":
            only(message, ("role", "content", "tool_call_id"), place)
            content = _texts(message["content"], (*place, "content"))
            result = {"type": "tool_result", "tool_use_id": message["tool_call_id"], "content": content}
            if not (turns and turns[-1]["role"] == "user" and _results(turns[-1]["content"])):
                turns.append({"role": "user", "content": []})
            turns[-1]["content"].append(result)
        elif role == "assistant":
            turns.append({"role": role, "content": _said(message, place)})
        elif role == "user":
            only(message, ("role", "content"), place)
            turns.append({"role": role, "content": _blocks(message["content"], (*place, "content"))})
        else:
            raise uncarried(*place, "role")
    out["messages"] = turns


def _results(content: Any) -> bool:
    return isinstance(content, list) and all(block["type"] == "tool_result" for block in dicts(content))


def _said(message: Mapping[str, Any], place: Address) -> Any:
    only(message, ("role", "content", "tool_calls"), place)
    calls = dicts(message.get("tool_calls"))
    content = message.get("content")
    if not calls:
        return _texts(content or "", (*place, "content"))
    text = [{"type": "text", "text": content}] if isinstance(content, str) and content else []
    blocks: list[dict[str, Any]] = text or _texts(content or [], (*place, "content"))
    for index, call in enumerate(calls):
        at = (*place, "tool_calls", index)
        function = call.get("function")
        if not isinstance(function, dict):
            raise uncarried(*at, "type")
        function = cast("dict[str, Any]", function)
        blocks.append({"type": "tool_use", "id": call["id"], "name": function["name"], "input": _object(function, at)})
    return blocks


def _object(function: Mapping[str, Any], at: Address) -> dict[str, Any]:
    try:
        given = loads(function.get("arguments") or "{}")
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise uncarried(*at, "function", "arguments")
    return cast("dict[str, Any]", given)


def _blocks(content: Any, address: Address) -> Any:
    if isinstance(content, str):
        return content
    blocks: list[dict[str, Any]] = []
    for index, part in enumerate(dicts(content)):
        place = (*address, index)
        if part["type"] == "text":
            blocks.append({"type": "text", "text": part["text"]})
        elif part["type"] == "image_url":
            only(part["image_url"], ("url",), (*place, "image_url"))
            blocks.append({"type": "image", "source": _source(part["image_url"]["url"], (*place, "image_url", "url"))})
        else:
            raise uncarried(*place, "type")
    return blocks


def _source(url: str, place: Address) -> dict[str, Any]:
    if not url.startswith(_DATA):
        return {"type": "url", "url": url}
    kind, mark, data = url[len(_DATA) :].partition(";base64,")
    if not mark:
        raise uncarried(*place)
    return {"type": "base64", "media_type": kind, "data": data}


def _tool(tool: Mapping[str, Any], address: Address) -> dict[str, Any]:
    function = tool.get("function")
    if tool.get("type") != "function" or not isinstance(function, dict):
        raise uncarried(*address, "type")
    function = cast("dict[str, Any]", function)
    only(function, ("name", "description", "parameters", "strict"), (*address, "function"))
    out = {"name": function["name"], "input_schema": function.get("parameters") or {"type": "object"}}
    return out | {name: function[name] for name in ("description", "strict") if function.get(name) is not None}


def _choice(choice: Any, parallel: bool | None) -> dict[str, Any]:
    if isinstance(choice, str) and choice in _WORDS:
        out: dict[str, Any] = {"type": _WORDS[choice]}
    elif isinstance(choice, dict) and isinstance(cast("dict[str, Any]", choice).get("function"), dict):
        out = {"type": "tool", "name": choice["function"]["name"]}
    else:
        raise uncarried("tool_choice")
    return out if parallel is None else {**out, "disable_parallel_tool_use": not parallel}
