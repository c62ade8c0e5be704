"""Requests of Anthropic's messages, read. Source: Anthropic API reference, messages."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ...errors import BadRequest
from ...jsonio import Address, dumps
from ..openai_common import dicts
from .carry import as_ever, given, mapping, only, uncarried, word
from .talk import Call, Choice, Format, Media, Part, Result, Role, Talk, Text, Thought, Tool, Turn

SAME = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "max_tokens": "max_tokens",
}
"""Fields that mean the same: neutral name to ours."""
_HINTS = ("cache_control", "diagnostics", "service_tier")
"""They bear on cost and on what is told of it, never on the answer."""
_READ = (
    *SAME.values(),
    *_HINTS,
    "model",
    "messages",
    "stream",
    "system",
    "stop_sequences",
    "metadata",
    "thinking",
    "output_config",
    "context_management",
    "tools",
    "tool_choice",
)
MODES = {"auto": "auto", "any": "must", "none": "never"}
_HINT = "cache_control"
_WITHOUT: Mapping[str, Sequence[Any]] = {"speed": ("standard",), "mcp_servers": ([],)}
_TOOL_WITHOUT: Mapping[str, Sequence[Any]] = {
    "allowed_callers": (["direct"],),
    "defer_loading": (False,),
    "input_examples": ([],),
}
"""Fields that are read if they say what holds anyway: of a request, and of a tool."""
_CLEARS_THINKING = "clear_thinking_"
"""How edits of the conversation are called that are about thinking alone, none of which is told (`seals.py`). Claude
Code asks for one."""
THREADLESS = "thread_unsupported_request"
"""The code of the error for a conversation that the provider is to hold. It is Anthropic's own: at it, the SDK goes on
with the whole conversation in each request."""


def read_messages(body: Mapping[str, Any], model: str, stream: bool) -> Talk:
    """A checked request as a Talk. Raises BadRequest `not_carried`, and THREADLESS for a `thread`."""
    if body.get("thread") is not None:
        raise _threadless()
    only(body, (*_READ, *_WITHOUT))
    as_ever(body, _WITHOUT)
    _check_edits(body.get("context_management"))
    values, places = given(body, **SAME)
    if body.get("stop_sequences"):
        values["stop"], places["stop"] = tuple(body["stop_sequences"]), ("stop_sequences",)
    metadata = mapping(body.get("metadata"))
    only(metadata, ("user_id",), ("metadata",))
    if metadata.get("user_id") is not None:
        values["user"], places["user"] = metadata["user_id"], ("metadata", "user_id")
    for read, field in ((_read_thinking, "thinking"), (_read_output, "output_config"), (_read_choice, "tool_choice")):
        found = read(mapping(body.get(field)))
        values |= found
        places |= dict.fromkeys(found, (field,))
    if "format" in values:
        places["format"] = ("output_config", "format")
    turns = [Turn("system", _read_content(body["system"], ("system",)), ("system",))] if body.get("system") else []
    turns += [_read_turn(said, ("messages", at)) for at, said in enumerate(dicts(body["messages"]))]
    tools = tuple(_read_tool(tool, ("tools", at)) for at, tool in enumerate(dicts(body.get("tools"))))
    return Talk(model, tuple(turns), stream, tools, places=places, **values)


def _threadless() -> BadRequest:
    said = "'thread' needs a provider that holds conversations; the one that serves this model takes them whole."
    return BadRequest(said, param="thread", code=THREADLESS)


def _check_edits(managed: Any) -> None:
    """Raises `uncarried` for what would change more of the conversation than its thinking."""
    if managed is None:
        return
    if not isinstance(managed, dict):
        raise uncarried("context_management")
    asked = cast("dict[str, Any]", managed)
    only(asked, ("edits",), ("context_management",))
    edits = asked.get("edits")
    if not isinstance(edits, list | None):
        raise uncarried("context_management", "edits")
    for at, edit in enumerate(cast("list[Any]", edits or [])):
        if not str(mapping(edit).get("type")).startswith(_CLEARS_THINKING):
            raise uncarried("context_management", "edits", at)


def _read_thinking(thinking: Mapping[str, Any]) -> dict[str, Any]:
    only(thinking, ("type", "budget_tokens", "display"), ("thinking",))
    kind, out = thinking.get("type"), dict[str, Any]()
    if kind in ("disabled", "adaptive"):
        out["think"] = kind == "adaptive"
    elif kind == "enabled":
        if type(thinking.get("budget_tokens")) is not int:
            raise uncarried("thinking", "budget_tokens")
        out["budget"] = thinking["budget_tokens"]
    elif thinking:
        raise uncarried("thinking", "type")
    if thinking.get("display") is not None:
        out["show_thoughts"] = thinking["display"] != "omitted"
    return out


def _read_output(config: Mapping[str, Any]) -> dict[str, Any]:
    only(config, ("effort", "format"), ("output_config",))
    out: dict[str, Any] = {} if config.get("effort") is None else {"effort": config["effort"]}
    if config.get("format") is not None:
        asked = mapping(config["format"])
        if asked.get("type") != "json_schema" or not isinstance(asked.get("schema"), dict):
            raise uncarried("output_config", "format")
        only(asked, ("type", "schema"), ("output_config", "format"))
        out["format"] = Format(asked["schema"], strict=True)
    return out


def _read_choice(choice: Mapping[str, Any]) -> dict[str, Any]:
    if not choice:
        return {}
    only(choice, ("type", "name", "disable_parallel_tool_use"), ("tool_choice",))
    kind, serial = str(choice.get("type")), choice.get("disable_parallel_tool_use")
    out: dict[str, Any] = {} if serial is None else {"parallel": not serial}
    if kind == "tool":
        return out | {"choice": Choice("must", (word(choice, "name", ("tool_choice",)),))}
    if kind not in MODES:
        raise uncarried("tool_choice", "type")
    return out | {"choice": Choice(cast(Any, MODES[kind]))}


def _read_tool(tool: Mapping[str, Any], place: Address) -> Tool:
    if tool.get("type") not in (None, "custom"):
        raise uncarried(*place, "type")
    known = ("type", "name", "description", "input_schema", "strict", _HINT, "eager_input_streaming")
    only(tool, (*known, *_TOOL_WITHOUT), place)
    as_ever(tool, _TOOL_WITHOUT, place)
    if not isinstance(tool.get("input_schema"), dict):
        raise uncarried(*place, "input_schema")
    said = tool.get("description") or ""
    return Tool(word(tool, "name", place), said, tool["input_schema"], tool.get("strict"), place)


def _read_turn(said: Mapping[str, Any], place: Address) -> Turn:
    only(said, ("role", "content"), place)
    return Turn(cast(Role, said["role"]), _read_content(said["content"], (*place, "content")), place)


def _read_content(content: Any, place: Address) -> tuple[Part, ...]:
    if isinstance(content, str):
        return (Text(content, place=place),)
    return tuple(_read_block(block, (*place, at)) for at, block in enumerate(dicts(content)))


def _read_block(block: Mapping[str, Any], place: Address) -> Part:
    kind = str(block.get("type"))
    if kind == "text":
        only(block, ("type", "text", _HINT), place)
        return Text(word(block, "text", place), place=place)
    if kind == "image":
        only(block, ("type", "source", _HINT), place)
        return Media("image", *_read_source(mapping(block.get("source")), (*place, "source")), place=place)
    if kind == "document":
        return _read_document(block, place)
    if kind == "thinking":
        only(block, ("type", "thinking", "signature", _HINT), place)
        return Thought(word(block, "thinking", place), str(block.get("signature") or ""), place=place)
    if kind == "redacted_thinking":
        only(block, ("type", "data", _HINT), place)
        return Thought("", word(block, "data", place), redacted=True, place=place)
    if kind == "tool_use":
        only(block, ("type", "id", "name", "input", "caller", _HINT), place)
        if mapping(block.get("caller")).get("type", "direct") != "direct":
            raise uncarried(*place, "caller")
        if not isinstance(block.get("input"), dict):
            raise uncarried(*place, "input")
        source = dumps(block["input"]).decode()
        return Call(word(block, "id", place), word(block, "name", place), source, place=place)
    if kind == "tool_result":
        only(block, ("type", "tool_use_id", "content", "is_error", _HINT), place)
        parts = _read_content(block.get("content") or (), (*place, "content"))
        for part in parts:
            if not isinstance(part, Text | Media):
                raise uncarried(*part.place, "type")
        inner = cast("tuple[Text | Media, ...]", parts)
        return Result(word(block, "tool_use_id", place), inner, failed=block.get("is_error") is True, place=place)
    raise uncarried(*place, "type")


def _read_source(source: Mapping[str, Any], place: Address) -> tuple[str, str, str]:
    """Media type, base64, link."""
    if source.get("type") == "url":
        only(source, ("type", "url"), place)
        return "", "", word(source, "url", place)
    if source.get("type") == "base64":
        only(source, ("type", "media_type", "data"), place)
        return word(source, "media_type", place), word(source, "data", place), ""
    raise uncarried(*place, "type")


def _read_document(block: Mapping[str, Any], place: Address) -> Part:
    """A document of plain text is text; one with a title, or that asks for citations, is more than that."""
    if mapping(block.get("citations")).get("enabled"):
        raise uncarried(*place, "citations")
    only(block, ("type", "source", "title", "citations", _HINT), place)
    source, at = mapping(block.get("source")), (*place, "source")
    if source.get("type") == "text":
        only(block, ("type", "source", "citations", _HINT), place)
        only(source, ("type", "media_type", "data"), at)
        if source.get("media_type", "text/plain") != "text/plain":
            raise uncarried(*at, "media_type")
        return Text(word(source, "data", at), place=place)
    return Media("file", *_read_source(source, at), name=str(block.get("title") or ""), place=place)
