"""Requests of OpenAI's chat completions, read. Source: OpenAI API reference, chat/completions."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ...jsonio import Address
from ..openai_common import dicts
from .carry import as_ever, given, mapping, of_data_url, only, schema, uncarried, word
from .chat_reply import thought_of
from .talk import Call, Choice, Format, Media, Part, Result, Role, Talk, Text, Thought, Tool, Turn

SAME = {
    name: name
    for name in ("temperature", "top_p", "seed", "presence_penalty", "frequency_penalty", "metadata", "store", "user")
} | {"verbosity": "verbosity", "parallel": "parallel_tool_calls"}
"""Fields that mean the same: neutral name to ours."""
_HINTS = ("prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "stream_options")
"""They bear on cost, or on the form of the stream, which is the caller's and written here; never on the answer."""
_PART_HINTS = ("cache_control", "prompt_cache_breakpoint")
_READ = (
    *SAME.values(),
    *_HINTS,
    "model",
    "messages",
    "stream",
    "max_tokens",
    "max_completion_tokens",
    "stop",
    "safety_identifier",
    "response_format",
    "reasoning_effort",
    "tools",
    "tool_choice",
)
_WITHOUT: Mapping[str, Sequence[Any]] = {
    "n": (1,),
    "service_tier": ("auto", "default"),
    "modalities": (["text"],),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "functions": ([],),
}
"""Fields that are read if they say what holds anyway."""
_ROLES: Mapping[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
AUDIO = {"wav": "audio/wav", "mp3": "audio/mpeg"}
MODES = {"auto": "auto", "required": "must", "none": "never"}


def read_chat(body: Mapping[str, Any], model: str, stream: bool) -> Talk:
    """A checked request as a Talk. Raises BadRequest `not_carried`."""
    only(body, (*_READ, *_WITHOUT))
    as_ever(body, _WITHOUT)
    values, places = given(body, **SAME)
    for name in ("safety_identifier", "max_tokens", "max_completion_tokens"):
        if body.get(name) is not None:
            field = "user" if name == "safety_identifier" else "max_tokens"
            if values.setdefault(field, body[name]) != body[name]:
                raise uncarried(name)
            places.setdefault(field, (name,))
    if (stop := body.get("stop")) is not None:
        values["stop"], places["stop"] = (stop,) if isinstance(stop, str) else tuple(stop), ("stop",)
    if (effort := body.get("reasoning_effort")) is not None:
        values |= {"think": False} if effort == "none" else {"effort": effort}
        places |= dict.fromkeys(("think", "effort"), ("reasoning_effort",))
    if (asked := body.get("response_format")) is not None:
        values["format"], places["format"] = _read_format(asked), ("response_format",)
    if (choice := body.get("tool_choice")) is not None:
        values["choice"], places["choice"] = _read_choice(choice), ("tool_choice",)
    tools = tuple(_read_tool(tool, ("tools", at)) for at, tool in enumerate(dicts(body.get("tools"))))
    turns = tuple(_read_turn(said, ("messages", at)) for at, said in enumerate(dicts(body["messages"])))
    return Talk(model, turns, stream, tools, places=places, **values)


def _read_turn(said: Mapping[str, Any], place: Address) -> Turn:
    role = str(said.get("role"))
    if role == "tool":
        only(said, ("role", "content", "tool_call_id", "name", *_PART_HINTS), place)
        inner = _read_parts(said.get("content"), (*place, "content"))
        if not all(isinstance(part, Text | Media) for part in inner):
            raise uncarried(*place, "content")
        parts, name = cast("tuple[Text | Media, ...]", inner), str(said.get("name") or "")
        return Turn("user", (Result(word(said, "tool_call_id", place), parts, name, place=place),), place)
    if role not in _ROLES:
        raise uncarried(*place, "role")
    if role == "assistant":
        return Turn("assistant", _read_answer(said, place), place)
    only(said, ("role", "content", *_PART_HINTS), place)
    parts = _read_parts(said.get("content"), (*place, "content"))
    for part in parts:
        if isinstance(part, Thought):  # what a model thought is left out, and must not take others' words along
            raise uncarried(*part.place, "type")
    return Turn(_ROLES[role], parts, place)


def _read_answer(said: Mapping[str, Any], place: Address) -> tuple[Part, ...]:
    """What the model said before, as clients send it back: fields without content are null or empty there, and what
    the SDK has parsed stands beside its source."""
    for name in ("annotations", "audio", "function_call", "name"):
        if said.get(name):
            raise uncarried(*place, name)
    known = ("role", "content", "refusal", "tool_calls", "reasoning_content", "reasoning", *_PART_HINTS)
    only(said, (*known, "annotations", "parsed"), place)
    parts: list[Part] = []
    for name in ("reasoning_content", "reasoning"):
        if isinstance(said.get(name), str) and said[name] and not parts:
            parts.append(Thought(said[name], place=(*place, name)))
    if said.get("content"):
        parts += _read_parts(said["content"], (*place, "content"))
    if said.get("refusal"):
        parts.append(Text(word(said, "refusal", place), refusal=True, place=(*place, "refusal")))
    for at, call in enumerate(dicts(said.get("tool_calls"))):
        where = (*place, "tool_calls", at)
        only(call, ("id", "type", "function", "index"), where)
        function = mapping(call.get("function"))
        only(function, ("name", "arguments", "parsed_arguments"), (*where, "function"))
        id, where = word(call, "id", where), (*where, "function")
        source = word(function, "arguments", where) or "{}"
        parts.append(Call(id, word(function, "name", where), source, place=(*where, "arguments")))
    return tuple(parts)


def _read_parts(content: Any, place: Address) -> tuple[Part, ...]:
    if isinstance(content, str):
        return (Text(content, place=place),)
    return tuple(_read_part(part, (*place, at)) for at, part in enumerate(dicts(content)))


def _read_part(part: Mapping[str, Any], place: Address) -> Part:
    kind = str(part.get("type"))
    if kind == "thinking":
        only(part, ("type", kind, "signature", "closed"), place)
        return Thought(thought_of(part), str(part.get("signature") or ""), place=place)
    only(part, ("type", kind, *_PART_HINTS), place)
    if kind in ("text", "refusal"):
        return Text(word(part, kind, place), refusal=kind == "refusal", place=place)
    held, place = mapping(part.get(kind)), (*place, kind)
    if kind == "image_url":
        held = held or {"url": part.get(kind)}  # a bare string, as Mistral's clients write it
        only(held, ("url", "detail"), place)
        url = word(held, "url", place)
        found, detail = of_data_url(url), str(held.get("detail") or "")
        if found is None and url.startswith("data:"):
            raise uncarried(*place, "url")
        return Media("image", *(found or ("", "")), "" if found else url, detail=detail, place=place)
    if kind == "input_audio":
        only(held, ("data", "format"), place)
        form = word(held, "format", place)
        if form not in AUDIO:
            raise uncarried(*place, "format")
        return Media("audio", AUDIO[form], word(held, "data", place), place=place)
    if kind == "file":
        only(held, ("file_data", "filename"), place)
        found = of_data_url(word(held, "file_data", place))
        if found is None:
            raise uncarried(*place, "file_data")
        return Media("file", *found, name=str(held.get("filename") or ""), place=place)
    raise uncarried(*place[:-1], "type")


def _read_tool(tool: Mapping[str, Any], place: Address) -> Tool:
    if tool.get("type") != "function":
        raise uncarried(*place, "type")
    only(tool, ("type", "function", *_PART_HINTS), place)
    function = mapping(tool.get("function"))
    only(function, ("name", "description", "parameters", "strict"), (*place, "function"))
    place = (*place, "function")
    said, parameters = function.get("description") or "", schema(function, "parameters", place)
    return Tool(word(function, "name", place), said, parameters, function.get("strict"), place)


def _read_choice(choice: Any) -> Choice:
    if isinstance(choice, str) and choice in MODES:
        return Choice(cast(Any, MODES[choice]))
    named, place = mapping(choice), ("tool_choice",)
    kind = str(named.get("type"))
    only(named, ("type", kind), place)
    held, place = mapping(named.get(kind)), (*place, kind)
    if kind == "function":
        only(held, ("name",), place)
        return Choice("must", (word(held, "name", place),))
    mode = str(held.get("mode"))
    if kind != "allowed_tools" or mode not in ("auto", "required"):
        raise uncarried("tool_choice")
    only(held, ("mode", "tools"), place)
    tools = [_read_tool(tool, (*place, "tools", at)) for at, tool in enumerate(dicts(held.get("tools")))]
    return Choice(cast(Any, MODES[mode]), tuple(tool.name for tool in tools))


def _read_format(asked: Mapping[str, Any]) -> Format | None:
    kind = str(asked.get("type"))
    only(asked, ("type", kind), ("response_format",))
    if kind == "text":
        return None
    if kind == "json_object":
        return Format()
    if kind != "json_schema":
        raise uncarried("response_format", "type")
    named, place = mapping(asked.get("json_schema")), ("response_format", "json_schema")
    only(named, ("name", "description", "schema", "strict"), place)
    said = (str(named.get("name") or ""), str(named.get("description") or ""))
    return Format(schema(named, "schema", place) or {}, *said, strict=named.get("strict"))
