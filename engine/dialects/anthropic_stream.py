"""Streams of messages as whole ones, and the other way round. Source: Anthropic API reference, streaming messages.

Both ways keep fields that are not known here: of a stream's events the newest value counts, of a whole reply they ride
on the first event, those of a block on the event that begins it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ..jsonio import dumps, loads
from ..sse import Event
from .openai_common import dicts

_AT_END = ("stop_reason", "stop_sequence", "stop_details", "container")
"""Known only once a message is over: these travel in `message_delta`."""
_FIELDS = {"text_delta": "text", "thinking_delta": "thinking"}


def assemble(events: Sequence[Event]) -> dict[str, Any]:
    """The message that a stream amounts to. Raises ValueError when a call's arguments are no JSON."""
    whole: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    arguments: dict[int, str] = {}
    for event in events:
        if event.data is None:
            continue
        data = event.fresh()  # own copies: what is assembled must not share parts with the events
        kind, index = data.get("type"), data.get("index", 0)
        if kind == "message_start":
            whole.update(_object(data.get("message")))
        elif kind == "content_block_start":
            blocks[index] = _object(data.get("content_block"))
        elif kind == "content_block_delta":
            _grow(blocks.setdefault(index, {}), _object(data.get("delta")), index, arguments)
        elif kind == "message_delta":
            whole.update(_object(data.get("delta")))
            usage = {name: count for name, count in _object(data.get("usage")).items() if count is not None}
            whole["usage"] = {**_object(whole.get("usage")), **usage}
    for index, source in arguments.items():
        if source:
            blocks[index]["input"] = loads(source)
    whole["content"] = [blocks[index] for index in sorted(blocks)]
    return whole


def _grow(block: dict[str, Any], delta: Mapping[str, Any], index: int, arguments: dict[int, str]) -> None:
    kind = delta.get("type")
    if field := _FIELDS.get(str(kind)):
        block[field] = str(block.get(field) or "") + str(delta.get(field, ""))
    elif kind == "input_json_delta":
        arguments[index] = arguments.get(index, "") + str(delta.get("partial_json", ""))
    elif kind == "citations_delta":
        block["citations"] = [*dicts(block.get("citations")), delta.get("citation")]
    else:
        block.update({name: value for name, value in delta.items() if name != "type"})


def split(whole: dict[str, Any], body: dict[str, Any]) -> list[Event]:
    """Events that say what `whole` says."""
    end = {name: whole[name] for name in _AT_END if name in whole}
    started: dict[str, Any] = {**whole, "content": [], **dict.fromkeys(end)}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": started}]
    for index, block in enumerate(dicts(whole.get("content"))):
        begun, deltas = _apart(block)
        events.append({"type": "content_block_start", "index": index, "content_block": begun})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
    usage = {"output_tokens": _object(whole.get("usage")).get("output_tokens", 0)}
    events += [{"type": "message_delta", "delta": end, "usage": usage}, {"type": "message_stop"}]
    return [Event.of(data, kind=str(data["type"])) for data in events]


def _apart(block: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A block as it begins, and what is then added to it. Blocks of other kinds come whole."""
    begun, deltas = dict(block), list[dict[str, Any]]()
    kind = block.get("type")
    if kind == "text" and isinstance(block.get("text"), str):
        begun["text"] = ""
        if block.get("citations"):
            begun["citations"] = []
            deltas += [{"type": "citations_delta", "citation": citation} for citation in block["citations"]]
        deltas.append({"type": "text_delta", "text": block["text"]})
    elif kind == "thinking" and isinstance(block.get("thinking"), str):
        begun["thinking"] = ""
        deltas.append({"type": "thinking_delta", "thinking": block["thinking"]})
        if "signature" in block:
            begun["signature"] = ""
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
    elif kind in ("tool_use", "server_tool_use") and isinstance(block.get("input"), dict):
        begun["input"] = {}
        deltas.append({"type": "input_json_delta", "partial_json": dumps(block["input"]).decode()})
    return begun, deltas


def _object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
