"""Calls of tools in chat: where their arguments stand, and which tool they are for.

Arguments are JSON source, or the words of a custom tool. Some servers send values in their place.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from ..exchange import Scope, Segment
from ..jsonio import Address, Json, get
from .openai_common import choice_at, choices, dicts, index_of
from .text import arguments

CALLS = ("tool_calls", "function_call")
_ARGUMENTS = ("arguments", "input")
_TOLD = ("name", "id")
"""What a call's first piece tells. Clients join what later ones say."""


def arguments_at(address: Address) -> int:
    """Where in an address a tool's arguments begin; 0 when it leads elsewhere."""
    return next((at for at, step in enumerate(address) if at > 2 and step in _ARGUMENTS), 0)


def called(messages: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The names of the tools that were called, by the ids of the calls; of calls with one id the last message's, and
    of these the first."""
    names: dict[str, str] = {}
    for message in messages:
        for call in reversed(dicts(message.get("tool_calls"))):
            named = call.get("function") or call.get("custom")
            name = cast("dict[str, Any]", named).get("name", "") if isinstance(named, dict) else ""
            names[str(call.get("id"))] = str(name)
    return names


def asked_segments(address: Address, text: str, body: Json, role: str) -> list[Segment]:
    """Arguments in a request, as source or words; none for a text among values, which `asked_values` has."""
    if arguments_at(address) < len(address) - 1:
        return []
    tool, json = _tool(body, address[:-1]), address[-1] == "arguments"
    return [Segment(address, text, Scope.TOOL_ARGS, role=role, tool=tool, json=json)]


def asked_values(message: Mapping[str, Any], address: Address, body: Json) -> Iterator[Segment]:
    """Arguments in a message of a request that came as values."""
    for place, value in _given(message, address):
        yield from arguments(value, place, str(message.get("role", "")), _tool(body, place[:-1]))


def call_segments(address: Address, text: str, choice: dict[str, Any], index: Any, streamed: bool) -> list[Segment]:
    """What a reply says of a call. A text among values is left to `call_values`."""
    at = arguments_at(address)
    path, tool, fields = _way(address, choice, index)
    if at:
        if at < len(address) - 1:
            return []
        channel: Address = (*path, address[-1]) if streamed else ()
        return [Segment(address, text, Scope.TOOL_ARGS, channel=channel, tool=tool, json=address[-1] == "arguments")]
    spells = (*path, address[-1]) if streamed and address[-1] in _TOLD else ()
    named = Segment(address, text, Scope.OUTPUT, tool=tool, spells=spells)
    if not streamed or address[-1] != "name" or any(fields.get(field) is not None for field in _ARGUMENTS):
        return [named]
    # No arguments yet, but it tells under which tool's name their pieces will be seen.
    field = "input" if address[-2] == "custom" else "arguments"
    place, channel = (*address[:-1], field), (*path, field)
    return [named, Segment(place, "", Scope.TOOL_ARGS, channel=channel, tool=tool, json=field == "arguments")]


def call_values(data: dict[str, Any], streamed: bool) -> Iterator[Segment]:
    """Arguments in a reply that came as values. In a stream they come in pieces too: texts at one place run on."""
    for number, choice in enumerate(cast("list[Any]", data["choices"])) if choices(data) else ():
        for field in ("delta", "message") if isinstance(choice, dict) else ():
            choice = cast("dict[str, Any]", choice)
            for place, value in _given(choice.get(field), ("choices", number, field)):
                path, tool, _ = _way(place, choice, index_of(choice, number))
                for segment in arguments(value, place, "", tool):
                    running = streamed and not segment.sealed
                    channel = (*path, *segment.address[len(path) :]) if running else ()
                    yield replace(segment, channel=channel)


def begun(data: dict[str, Any], segment: Segment) -> str:
    """The id of the call that a piece of arguments is of. Only `tool_calls` have one."""
    choice = choice_at(data, segment.address)
    calls = segment.address[:5]
    if choice is None or len(calls) < 5 or calls[3] != "tool_calls":
        return ""
    call = get(data, calls)
    return str(cast("dict[str, Any]", call).get("id") or "") if isinstance(call, dict) else ""


def _given(message: Json, address: Address) -> Iterator[tuple[Address, Json]]:
    """The arguments below a message that came as values, with their addresses."""
    for field, calls in cast("dict[str, Any]", message).items() if isinstance(message, dict) else ():
        if field in CALLS:
            yield from _values(calls, (*address, field))


def _values(node: Json, address: Address) -> Iterator[tuple[Address, Json]]:
    fields = cast("dict[str, Any]", node) if isinstance(node, dict) else {}
    items = cast("list[Any]", node) if isinstance(node, list) else []
    for step, child in (*fields.items(), *enumerate(items)):
        if step not in _ARGUMENTS:
            yield from _values(child, (*address, step))
        elif not isinstance(child, str):
            yield (*address, step), child


def _tool(body: Json, address: Address) -> str:
    holder = get(body, address)
    return str(cast("dict[str, Any]", holder).get("name", "")) if isinstance(holder, dict) else ""


def _way(address: Address, choice: dict[str, Any], index: Any) -> tuple[Address, str, dict[str, Any]]:
    """The way to a text of a call by the stream's own numbers, as channels have it; the name of its tool; and the
    fields beside the text."""
    path: list[Any] = ["choices", index]
    fields, tool, at = dict[str, Any](), "", arguments_at(address)
    for depth, step in enumerate(address[2:-1], start=3):
        holder = get(choice, address[2:depth])
        fields = cast("dict[str, Any]", holder) if isinstance(holder, dict) else {}
        path.append(index_of(fields, step) if isinstance(step, int) else step)
        if 3 < depth <= (at or depth) and fields.get("name"):  # some servers repeat it, and some say null then
            tool = str(fields["name"])
    return tuple(path), tool, fields
