"""Where the items and events of OpenAI's Responses API have text.

Source: OpenAI API reference, responses and their streaming events.
An item says by its type what it is: `..._call` asks for something, `..._output` is what came of it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from ..exchange import Scope, Segment
from ..jsonio import Address, Json, strings
from .openai_common import FIXED, ROLES, dicts
from .text import WRITTEN, arguments, in_values, is_base64, is_item, unread_kind, unread_too

_KINDS = """message input_text input_image input_file input_audio output_text refusal reasoning reasoning_text
    summary_text program program_output function_call function_call_output custom_tool_call
    custom_tool_call_output item_reference
    web_search_call file_search_call code_interpreter_call image_generation_call local_shell_call
    mcp_call file_citation url_citation container_file_citation"""
WORDS: Mapping[str, frozenset[str]] = {
    **FIXED,
    "type": FIXED["type"] | frozenset(_KINDS.split()),
    "role": ROLES | {"critic", "discriminator", "unknown"},
    "object": FIXED["object"] | {"response"},
    "status": frozenset(["in_progress", "completed", "incomplete", "failed", "queued", "cancelled", "searching"]),
    "truncation": frozenset({"auto", "disabled"}),
}
_ASKED = frozenset(
    {"arguments", "input", "action", "actions", "operation", "code", "queries", "commands", "command", "diff"}
)
_CALLS = ("_call", "_approval_request")
"""How the types end of items that ask for a tool; of some it is asked first whether it may run."""
_PROGRAM = "program"
"""The type of an item that asks for its code to be run. What came of it is under `result`, and is text."""
_AS_TEXT = frozenset({("program", "fingerprint"), ("program_output", "result")})
"""Fields of it that no other item has as it has them: its seal, and what it gave, which is no image."""
_CAME = frozenset({"output", "outputs", "results", "error"})
"""What a call gave: what a tool says of its failure is the tool's as well."""
ECHO = frozenset(
    """instructions tools tool_choice text prompt metadata user safety_identifier prompt_cache_key
    previous_response_id conversation""".split()
)
"""Fields in which a response repeats its request."""
_LINKS = {"image_url": "image", "file_url": "file", "file_id": "file", "file_ids": "file"}
_BYTES = {"result": "image", "partial_image_b64": "image"}
_BASE64 = re.compile(r"(?:data:[a-z0-9/+.;=-]+,)?[A-Za-z0-9+/_-]+=*")
_SPACED = re.compile(r"[A-Za-z0-9+/=_\s-]+")
_NUMBERS = ("content_index", "summary_index", "command_index")
"""Which of an item's texts an event is about."""
_NAMED = {
    "function_call": ("arguments", "response.function_call_arguments"),
    "mcp_call": ("arguments", "response.mcp_call_arguments"),
    "custom_tool_call": ("input", "response.custom_tool_call_input"),
}
"""Calls whose arguments come in pieces: the field of the item, and what their events are called."""
_PIECES = {
    "output_text": ("text", "response.output_text"),
    "refusal": ("refusal", "response.refusal"),
    "reasoning_text": ("text", "response.reasoning_text"),
    "summary_text": ("text", "response.reasoning_summary_text"),
}
"""The same of parts with a text."""
_SAID: Address = ("output", "text")
_THOUGHT = ("response.reasoning_text", "response.reasoning_summary_text")
_RUN = re.compile(r"(?:response\.)?(?!function_call|custom_tool_call|mcp_call)(\w+?)_(?:call|output)(?:_|\.|\Z)")
"""Types of items and events of tools that have no name but their type: `web_search_call`, `shell_call_output`."""
_ARGUMENTS = (
    "call_arguments",
    "tool_call_input",
    "interpreter_call_code",
    "shell_call_command",
    "call_operation_diff",
)


def called(items: Json) -> dict[str, str]:
    """The names of the tools that were called, by the ids of the calls."""
    return {
        str(item["call_id"]): str(item.get("name", ""))
        for item in dicts(items)
        if "call_id" in item and str(item.get("type", "")).endswith("_call")
    }


def _run(kind: str) -> str:
    """What a tool that the provider runs is called, by the type of an item or event; empty where a name says it."""
    found = _RUN.match(kind)
    return found[1] if found else kind if kind == _PROGRAM else ""


def plain(
    node: Json, address: Address, scope: Scope, *, role: str = "", tool: str = "", channel: Address = ()
) -> Iterator[Segment]:
    """The strings below `node` that are no fixed words."""
    for place, text in strings(node, address):
        field = place[-1]
        if isinstance(field, str) and text in WORDS.get(field, ()):
            continue
        kind = _bytes(place, text)
        if kind:
            yield Segment(place, text, scope, role=role, tool=tool, unread=kind)
            continue
        sealed = field == "encrypted_content"
        yield Segment(place, text, scope, role=role, tool=tool, sealed=sealed, channel=() if sealed else channel)
        listed = next((step for step in reversed(place) if isinstance(step, str)), "")
        linked = "" if in_values(place) else _LINKS.get(listed.lower(), "")
        if unread := linked or _bytes_too(place, text):
            yield Segment(place, "", scope, role=role, tool=tool, unread=unread)


def _bytes(place: Address, text: str) -> str:
    """What a string holds when it is a file in base64; empty when it is text."""
    field = str(place[-1])
    if field in _BYTES and len(text) > 64 and _BASE64.fullmatch(text):
        return _BYTES[field]
    return unread_kind(place, text)


def _bytes_too(place: Address, text: str) -> str:
    """What a string holds besides the text that it is read as. Results are not always images: of them only base64 with
    blanks in it is one."""
    kind = _BYTES.get(str(place[-1]), "")
    return kind if kind and len(text) > 64 and _SPACED.fullmatch(text) else unread_too(place, text)


def item_segments(
    item: Mapping[str, Any], address: Address, scope: Scope, names: Mapping[str, str]
) -> Iterator[Segment]:
    """The texts of one item of an input or output. One with a role and a content is a message, whatever its type."""
    kind = "" if {"role", "content"} <= item.keys() else str(item.get("type", ""))
    role = str(item.get("role", ""))
    if kind == "reasoning" and scope is Scope.INPUT:  # in a reply it is told apart from what the assistant says
        role = role or "assistant"
    tool = str(item.get("name", "")) or names.get(str(item.get("call_id"))) or _run(kind)
    is_result, is_call = kind.endswith("_output"), kind.endswith(_CALLS) or kind == _PROGRAM
    for field, value in item.items():
        place = (*address, field)
        if is_call and field in _ASKED:
            yield from _asked(value, place, role, tool)
        elif isinstance(value, str) and (kind, field) in _AS_TEXT:
            sealed = field == "fingerprint"
            yield Segment(place, value, Scope.TOOL_RESULT if is_result else scope, role=role, tool=tool, sealed=sealed)
        elif is_result or (is_call and field in _CAME):
            yield from plain(value, place, Scope.TOOL_RESULT, role=role, tool=tool)
        else:
            yield from plain(value, place, scope, role=role, tool=tool if is_call else "")


def _asked(value: Json, place: Address, role: str, tool: str) -> Iterator[Segment]:
    """What is asked for in a call: the source of its arguments, words, or values."""
    if isinstance(value, str):
        yield Segment(place, value, Scope.TOOL_ARGS, role=role, tool=tool, json=place[-1] == "arguments")
    else:
        yield from arguments(value, place, role, tool)


def items_segments(items: Json, address: Address, scope: Scope, names: Mapping[str, str]) -> Iterator[Segment]:
    """The texts of an input or output: a string, or items."""
    if not isinstance(items, list):
        yield from plain(items, address, scope, role="user" if isinstance(items, str) and scope is Scope.INPUT else "")
        return
    for index, item in enumerate(cast("list[Any]", items)):
        if isinstance(item, dict):
            yield from item_segments(cast("dict[str, Any]", item), (*address, index), scope, names)
        else:
            yield from plain(item, (*address, index), scope)


def response_segments(data: Mapping[str, Any], address: Address) -> Iterator[Segment]:
    """The texts of a whole response. What it repeats of its request is judged as that: by the rules for input."""
    for field, value in data.items():
        place = (*address, field)
        if field == "output":
            for segment in items_segments(value, place, Scope.OUTPUT, called(value)):
                yield _meeting(segment, value, segment.address[len(place) :], place)
        else:
            yield from plain(value, place, Scope.INPUT if field in ECHO else Scope.OUTPUT)


def _meeting(segment: Segment, items: Any, way: Address, place: Address) -> Segment:
    """A text of an item that is one text with others: SDKs join those of messages as `output_text`, and those of a
    reasoning, or of what a tool has written, stand one behind the other. `way` leads to it from the items."""
    if len(way) != 4 or not isinstance(way[2], int) or segment.unread:
        return segment
    at, field, _, name = way
    kind = items[at].get("type", "message")
    if kind == "message" and (field, name) == ("content", "text"):
        return replace(segment, spells=(*place, "text"))
    thought = kind == "reasoning" and field in ("content", "summary") and name == "text"
    written = field in ("output", "outputs") and name in WRITTEN and not is_item(segment.text)
    return replace(segment, spells=(*place, at, field, name)) if thought or written else segment


def event_segments(data: Mapping[str, Any]) -> Iterator[Segment]:
    """The texts of one event. Those of `.done` events and of the last response are copies, each a text of its own."""
    kind = str(data.get("type", ""))
    for field, value in data.items():
        if field == "response" and isinstance(value, dict):
            yield from response_segments(cast("dict[str, Any]", value), (field,))
        elif field == "item" and isinstance(value, dict):
            item = cast("dict[str, Any]", value)
            yield from _begun(item, data, kind)
            at = _output(data)
            for segment in item_segments(item, (field,), Scope.OUTPUT, {}):
                if kind == "response.output_item.added":
                    yield _first(segment, item, data)
                else:
                    yield _meeting(segment, {at: item}, (at, *segment.address[1:]), (field,))
        elif field == "part" and isinstance(value, dict) and kind.endswith(".added"):
            for segment in plain(value, (field,), Scope.OUTPUT):
                yield _first_of(segment, cast("dict[str, Any]", value), (field,), (_output(data), _number(data)))
        elif field == "delta":
            yield from _delta(value, data, kind)
        elif field == "logprobs" and kind.endswith(".delta"):
            yield from _tokens(value, (*channel_of(data, kind), field))
        elif field in _ASKED and _is_asked(kind):
            yield from _asked(value, (field,), "", str(data.get("name") or "") or _run(kind))
        else:
            scope, tool = (Scope.TOOL_RESULT, _run(kind)) if "call_output" in kind else (Scope.OUTPUT, "")
            yield from plain(value, (field,), scope, tool=tool)


def _is_asked(kind: str) -> bool:
    return any(part in kind for part in _ARGUMENTS)


def channel_of(data: Mapping[str, Any], kind: str) -> Address:
    """The running text that an event is about: its output, what it is called without `.delta`, and its number."""
    return ("output", _output(data), kind.rpartition(".")[0], _number(data))


def _number(data: Mapping[str, Any]) -> int:
    names = reversed(_NUMBERS) if "summary" in str(data.get("type")) else _NUMBERS
    return next((data[name] for name in names if type(data.get(name)) is int), 0)


def _output(data: Mapping[str, Any]) -> int | str:
    """Which output an event is about: by its number, or by the item's id where a host gives no numbers."""
    index, item = data.get("output_index"), data.get("item")
    if type(index) is int:
        return index
    id = data.get("item_id") or (cast("dict[str, Any]", item).get("id") if isinstance(item, dict) else None)
    return id if isinstance(id, str) else 0


def _begun(item: Mapping[str, Any], data: Mapping[str, Any], kind: str) -> Iterator[Segment]:
    """Nothing yet, but it tells under which tool's name the pieces of a call's arguments will be seen."""
    named = _NAMED.get(str(item.get("type")))
    if named and kind == "response.output_item.added":
        field, stem = named
        channel = ("output", _output(data), stem, 0)
        name = str(item.get("name", ""))
        yield Segment(("item", field), "", Scope.TOOL_ARGS, channel=channel, tool=name, json=field == "arguments")


def _first(segment: Segment, item: Mapping[str, Any], data: Mapping[str, Any]) -> Segment:
    """What an item says as it begins: nothing, as a rule. But clients put its pieces behind what it says."""
    field, stem = _NAMED.get(str(item.get("type")), ("", ""))
    if segment.address == ("item", field):
        return replace(segment, channel=("output", _output(data), stem, 0))
    way = segment.address[1:]
    if len(way) != 3 or way[0] not in ("content", "summary") or not isinstance(number := way[1], int):
        return segment
    part = dicts([item[str(way[0])][number]])
    return _first_of(segment, part[0], segment.address[:-1], (_output(data), number)) if part else segment


def _first_of(segment: Segment, part: Mapping[str, Any], place: Address, at: tuple[int | str, int]) -> Segment:
    """The same of a part: `at` has its numbers, of the output and in that."""
    field, stem = _PIECES.get(str(part.get("type")), ("", ""))
    if segment.unread or segment.address != (*place, field):
        return segment
    return replace(segment, channel=("output", at[0], stem, at[1]), spells=_spells(stem, at[0]))


def _spells(stem: str, at: int | str) -> Address:
    """What the pieces of an output's texts spell together, by what their events are called."""
    return _SAID if stem == "response.output_text" else ("output", at, stem) if stem in _THOUGHT else ()


def _delta(value: Json, data: Mapping[str, Any], kind: str) -> Iterator[Segment]:
    channel = channel_of(data, kind)
    if kind == "response.audio.delta" and isinstance(value, str) and is_base64(value):
        yield Segment(("delta",), value, Scope.OUTPUT, unread="audio")
    elif isinstance(value, str) and _is_asked(kind):
        json = kind.endswith("arguments.delta")
        yield Segment(("delta",), value, Scope.TOOL_ARGS, channel=channel, tool=_run(kind), json=json)
    elif isinstance(value, str):
        spells = _spells(kind.removesuffix(".delta"), _output(data))
        yield Segment(("delta",), value, Scope.OUTPUT, channel=channel, spells=spells)
    elif isinstance(value, dict):
        for field, text in cast("dict[str, Any]", value).items():
            scope, tool = (Scope.TOOL_RESULT, _run(kind)) if "call_output" in kind else (Scope.OUTPUT, "")
            yield from plain(text, ("delta", field), scope, tool=tool, channel=(*channel, field))
    else:
        yield from plain(value, ("delta",), Scope.OUTPUT)


def _tokens(value: Json, channel: Address) -> Iterator[Segment]:
    """The chosen tokens spell the text; the alternatives beside them are texts of their own."""
    for place, text in strings(value, ("logprobs",)):
        chosen = len(place) == 3 and place[2] == "token"
        yield Segment(place, text, Scope.OUTPUT, channel=channel if chosen else ())
