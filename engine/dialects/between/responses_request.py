"""Requests of OpenAI's Responses, read. Source: OpenAI API reference, responses.

Items that stand side by side and are the model's (reasoning, a message, calls) are one turn, as are results of tools.
"""

from collections.abc import Mapping, Sequence
from mimetypes import guess_type
from typing import Any, cast

from ...jsonio import Address
from ..openai_common import dicts
from .carry import as_ever, given, mapping, merged, of_data_url, only, schema, uncarried, word
from .chat_request import MODES
from .talk import Call, Choice, Format, Media, Part, Result, Role, Talk, Text, Thought, Tool, Turn

SAME = {name: name for name in ("temperature", "top_p", "metadata", "store", "user")} | {
    "max_tokens": "max_output_tokens",
    "parallel": "parallel_tool_calls",
}
"""Fields that mean the same: neutral name to ours."""
_HINTS = (
    *("prompt_cache_key", "prompt_cache_retention", "prompt_cache_options"),
    *("stream_options", "max_tool_calls", "client_metadata"),
)
"""They bear on cost, on the form of the stream, or on tools that are refused where they are named; never on the
answer. The last is Codex's, and says which installation and turn asks."""
_READ = (
    *SAME.values(),
    *_HINTS,
    "model",
    "input",
    "instructions",
    "stream",
    "include",
    "reasoning",
    "safety_identifier",
    "text",
    "tools",
    "tool_choice",
)
_WITHOUT = {
    "background": (False,),
    "service_tier": ("auto", "default"),
    "top_logprobs": (0,),
    "truncation": ("disabled",),
}
_TOOL_WITHOUT = {"allowed_callers": (["direct"],), "defer_loading": (False,), "async": (False,)}
"""Fields that are read if they say what holds anyway: of a request, and of a tool."""
_MARK = "prompt_cache_breakpoint"
_INCLUDED = frozenset(
    """reasoning.encrypted_content message.input_image.image_url file_search_call.results web_search_call.results
    web_search_call.action.sources computer_call_output.output.image_url code_interpreter_call.outputs""".split()
)
"""What may be asked to come with an answer: seals, which do not travel, and what only tools bring that are refused."""
_ROLES: Mapping[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}


def read_responses(body: Mapping[str, Any], model: str, stream: bool) -> Talk:
    """A checked request as a Talk. Raises BadRequest `not_carried`."""
    only(body, (*_READ, *_WITHOUT))
    as_ever(body, _WITHOUT)
    for at, asked in enumerate(_listed(body.get("include") or [], ("include",))):
        if str(asked) not in _INCLUDED:
            raise uncarried("include", at)
    if (schema(body, "prompt_cache_options", ()) or {}).get("prewarm"):
        raise uncarried("prompt_cache_options", "prewarm")
    values, places = given(body, **SAME)
    if (user := body.get("safety_identifier")) is not None:
        if values.setdefault("user", user) != user:
            raise uncarried("safety_identifier")
        places.setdefault("user", ("safety_identifier",))
    for read, field in ((_read_text, "text"), (_read_reasoning, "reasoning")):
        for name, (value, own) in read(schema(body, field, ()) or {}).items():
            values[name], places[name] = value, (field, own)
    if (choice := body.get("tool_choice")) is not None:
        values["choice"], places["choice"] = _read_choice(choice), ("tool_choice",)
    tools = tuple(_read_tool(tool, ("tools", at)) for at, tool in enumerate(dicts(body.get("tools"))))
    turns: list[Turn] = []
    if body.get("instructions"):
        place: Address = ("instructions",)
        turns.append(Turn("system", (Text(word(body, "instructions", ()), place=place),), place))
    return Talk(model, (*turns, *_read_input(body.get("input"))), stream, tools, places=places, **values)


def _read_text(text: Mapping[str, Any]) -> dict[str, tuple[Any, str]]:
    """Neutral names with their values and our names."""
    only(text, ("format", "verbosity"), ("text",))
    out: dict[str, tuple[Any, str]] = {}
    if text.get("verbosity") is not None:
        out["verbosity"] = text["verbosity"], "verbosity"
    if (asked := schema(text, "format", ("text",))) is not None:
        out["format"] = _read_format(asked, ("text", "format")), "format"
    return out


def _read_format(asked: Mapping[str, Any], place: Address) -> Format | None:
    kind = asked.get("type")
    if kind == "json_schema":
        only(asked, ("type", "name", "description", "schema", "strict"), place)
        said = (str(asked.get("name") or ""), str(asked.get("description") or ""))
        return Format(schema(asked, "schema", place) or {}, *said, strict=asked.get("strict"))
    if kind not in ("text", "json_object"):
        raise uncarried(*place, "type")
    only(asked, ("type",), place)
    return Format() if kind == "json_object" else None


def _read_reasoning(reasoning: Mapping[str, Any]) -> dict[str, tuple[Any, str]]:
    """Whether a summary shall be long is a wish that only this dialect knows."""
    only(reasoning, ("effort", "summary", "generate_summary", "context", "mode"), ("reasoning",))
    as_ever(reasoning, {"context": ("auto",), "mode": ("standard",)}, ("reasoning",))
    out: dict[str, tuple[Any, str]] = {}
    if (effort := reasoning.get("effort")) is not None:
        out |= {"think": (False, "effort")} if effort == "none" else {"effort": (effort, "effort")}
    for name in ("generate_summary", "summary"):
        if reasoning.get(name) is not None:
            out["show_thoughts"] = True, name
    return out


def _read_tool(tool: Mapping[str, Any], place: Address) -> Tool:
    if tool.get("type") != "function":
        raise uncarried(*place, "type")
    as_ever(tool, _TOOL_WITHOUT, place)
    only(tool, ("type", "name", "description", "parameters", "strict", *_TOOL_WITHOUT), place)
    said, parameters = tool.get("description") or "", schema(tool, "parameters", place)
    return Tool(word(tool, "name", place), said, parameters, tool.get("strict"), place)


def _read_choice(choice: Any) -> Choice:
    if isinstance(choice, str) and choice in MODES:
        return Choice(cast(Any, MODES[choice]))
    named = mapping(choice)
    if named.get("type") == "function":
        only(named, ("type", "name"), ("tool_choice",))
        return Choice("must", (word(named, "name", ("tool_choice",)),))
    if named.get("type") != "allowed_tools" or named.get("mode") not in ("auto", "required"):
        raise uncarried("tool_choice")
    only(named, ("type", "mode", "tools"), ("tool_choice",))
    names: list[str] = []
    for at, value in enumerate(_listed(named.get("tools"), ("tool_choice", "tools"))):
        tool, place = mapping(value), ("tool_choice", "tools", at)
        if tool.get("type") != "function":
            raise uncarried(*place, "type")
        names.append(word(tool, "name", place))
    if not names:
        raise uncarried("tool_choice", "tools")
    return Choice(cast(Any, MODES[named["mode"]]), tuple(names))


def _read_input(value: Any) -> Sequence[Turn]:
    if isinstance(value, str):
        return (Turn("user", (Text(value, place=("input",)),), ("input",)),)
    items = (_read_item(item, ("input", at)) for at, item in enumerate(dicts(value)))
    return merged(items, "assistant", also=_results)


def _results(turn: Turn) -> bool:
    return all(isinstance(part, Result) for part in turn.parts)


def _read_item(item: Mapping[str, Any], place: Address) -> Turn:
    kind = item.get("type") or ("message" if "role" in item else "")
    if kind == "message":
        only(item, ("type", "role", "content", "id", "status", "phase"), place)
        role = _ROLES.get(str(item.get("role")))
        if role is None:
            raise uncarried(*place, "role")
        return Turn(role, _read_content(item.get("content"), (*place, "content")), place)
    if kind == "reasoning":
        only(item, ("type", "id", "summary", "content", "encrypted_content", "status"), place)
        text, seal = thought_of(item), str(item.get("encrypted_content") or "")
        return Turn("assistant", (Thought(text, seal, bool(seal and not text), place),), place)
    if kind not in ("function_call", "function_call_output"):
        raise uncarried(*place, "type")
    if (schema(item, "caller", place) or {}).get("type", "direct") != "direct":
        raise uncarried(*place, "caller")
    if item.get("async"):
        raise uncarried(*place, "async")
    known = ("type", "id", "call_id", "status", "name", "caller", "async")
    if kind == "function_call":
        only(item, (*known, "arguments"), place)
        source = word(item, "arguments", place) or "{}"
        call = Call(word(item, "call_id", place), word(item, "name", place), source, place=(*place, "arguments"))
        return Turn("assistant", (call,), place)
    only(item, (*known, "output"), place)
    parts = cast("tuple[Text | Media, ...]", _read_content(item.get("output"), (*place, "output")))
    result = Result(word(item, "call_id", place), parts, str(item.get("name") or ""), place=place)
    return Turn("user", (result,), place)


def thought_of(item: Mapping[str, Any]) -> str:
    """The text of a reasoning item: what summarises it, and what hosts that do not seal it show of it."""
    parts = (*dicts(item.get("summary")), *dicts(item.get("content")))
    return "\n\n".join(text for part in parts if (text := str(part.get("text") or "")))


def _read_content(content: Any, place: Address) -> tuple[Part, ...]:
    if isinstance(content, str):
        return (Text(content, place=place),)
    return tuple(_read_part(part, (*place, at)) for at, part in enumerate(_listed(content, place)))


def _listed(value: Any, place: Address) -> list[Any]:
    if not isinstance(value, list):
        raise uncarried(*place)
    return cast("list[Any]", value)


def _read_part(value: Any, place: Address) -> Part:
    part = mapping(value)
    match part.get("type"):
        case "input_text" | "output_text":
            if part.get("annotations"):
                raise uncarried(*place, "annotations")
            only(part, ("type", "text", "annotations", "logprobs", _MARK), place)
            return Text(word(part, "text", place), place=place)
        case "refusal":
            only(part, ("type", "refusal"), place)
            return Text(word(part, "refusal", place), refusal=True, place=place)
        case "input_image":
            only(part, ("type", "image_url", "detail", _MARK), place)
            detail = "high" if part.get("detail") == "original" else str(part.get("detail") or "")
            return Media("image", *_source(word(part, "image_url", place), (*place, "image_url")), "", detail, place)
        case "input_file":
            return _read_file(part, place)
        case _:
            raise uncarried(*place, "type")


def _read_file(part: Mapping[str, Any], place: Address) -> Media:
    """A file's bytes come as a data URL, or as bare base64 of what its name says."""
    field = "file_url" if part.get("file_data") is None else "file_data"
    only(part, ("type", field, "filename", "detail", _MARK), place)
    if part.get("detail") not in (None, "auto"):
        raise uncarried(*place, "detail")
    name, value = str(part.get("filename") or ""), word(part, field, place)
    if field == "file_url":
        return Media("file", url=value, name=name, place=place)
    kind = guess_type(name)[0]
    found = (kind, value) if kind and not value.startswith("data:") else of_data_url(value)
    if found is None:
        raise uncarried(*place, field)
    return Media("file", *found, name=name, place=place)


def _source(url: str, place: Address) -> tuple[str, str, str]:
    """Media type, base64, link."""
    if not url.startswith("data:"):
        return "", "", url
    found = of_data_url(url)
    if found is None:
        raise uncarried(*place)
    return *found, ""
