"""Chat and completion streams as whole replies, and the other way round.

Both ways keep fields that are not known here: of a stream's events the newest value of an unknown field counts, of a
whole reply unknown fields ride on the first event.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ..jsonio import loads
from ..sse import DONE, Event
from .openai_common import dicts, index_of

_TEXTS = ("reasoning_content", "reasoning", "content", "refusal")
"""The running texts of a message, in the order in which a stream brings them."""
_NOTES = "annotations"
"""Citations of the text; they say where in it they belong, and so come behind it."""
_JOINED = frozenset({*_TEXTS, "arguments", "input", "text", "transcript", "data", "summary"})
"""Fields whose pieces are concatenated. `name` and `id` of a call come whole, in its first piece."""


def assemble_chat(events: Sequence[Event]) -> dict[str, Any]:
    """The `chat.completion` that a stream of `chat.completion.chunk` events amounts to."""
    whole: dict[str, Any] = {}
    choices: dict[int, dict[str, Any]] = {}
    for data in _bodies(events):
        _newest(whole, data, ("choices", "object"))
        for place, piece in enumerate(dicts(data.get("choices"))):
            index = index_of(piece, place)
            choice = choices.setdefault(index, {"index": index, "message": {}})
            _merge(choice["message"], _object(piece.get("delta")))
            _logprobs(choice, piece)
            _newest(choice, piece, ("delta", "index", "logprobs"))
    for choice in choices.values():
        message = choice["message"]
        message.setdefault("role", "assistant")
        message.setdefault("content", None)
        message.setdefault("refusal", None)
        for call in dicts(message.get("tool_calls")):
            call.pop("index", None)
        choice.setdefault("logprobs", None)
    return _finish(whole, "chat.completion", choices)


def assemble_text(events: Sequence[Event]) -> dict[str, Any]:
    """The `text_completion` that a stream of them amounts to."""
    whole: dict[str, Any] = {}
    choices: dict[int, dict[str, Any]] = {}
    for data in _bodies(events):
        _newest(whole, data, ("choices", "object"))
        for place, piece in enumerate(dicts(data.get("choices"))):
            index = index_of(piece, place)
            choice = choices.setdefault(index, {"index": index, "text": ""})
            choice["text"] += piece["text"] if isinstance(piece.get("text"), str) else ""
            _logprobs(choice, piece)
            _newest(choice, piece, ("text", "index", "logprobs"))
    for choice in choices.values():
        choice.setdefault("logprobs", None)
    return _finish(whole, "text_completion", choices)


def split_chat(whole: dict[str, Any], body: dict[str, Any]) -> list[Event]:
    """Events that say what `whole` says: per choice a first one with the role, the text, then the finish reason and
    citations."""
    head = _head(whole, "chat.completion.chunk")
    events: list[Event] = []
    for place, choice in enumerate(dicts(whole.get("choices"))):
        message = _object(choice.get("message"))
        index = index_of(choice, place)
        rest = {k: v for k, v in choice.items() if k not in ("message", "index", "finish_reason", "logprobs")}
        delta = {k: v for k, v in message.items() if k not in _TEXTS and k not in ("tool_calls", _NOTES)}
        delta.setdefault("role", "assistant")
        delta["content"] = None if message.get("content") is None else ""
        first = {"index": index, "delta": delta, "finish_reason": None, **rest}
        events.append(Event.of({**head, "choices": [first]}))
        logprobs = choice.get("logprobs")
        for field in _TEXTS:
            if message.get(field):
                piece: dict[str, Any] = {"index": index, "delta": {field: message[field]}, "finish_reason": None}
                if logprobs and field in ("content", "refusal"):
                    piece["logprobs"], logprobs = logprobs, None
                events.append(Event.of({**head, "choices": [piece]}))
        if message.get("tool_calls"):
            calls = [{"index": i, **call} for i, call in enumerate(dicts(message["tool_calls"]))]
            piece = {"index": index, "delta": {"tool_calls": calls}, "finish_reason": None}
            events.append(Event.of({**head, "choices": [piece]}))
        notes = {_NOTES: message[_NOTES]} if _NOTES in message else {}
        end: dict[str, Any] = {"index": index, "delta": notes, "finish_reason": choice.get("finish_reason")}
        events.append(Event.of({**head, "choices": [end]}))
    return [*events, *_usage(head, whole, body), DONE]


def split_text(whole: dict[str, Any], body: dict[str, Any]) -> list[Event]:
    """The events of a legacy completion: one a choice."""
    head = _head(whole, "text_completion")
    events = [Event.of({**head, "choices": [choice]}) for choice in dicts(whole.get("choices"))]
    return [*events, *_usage(head, whole, body), DONE]


def remember_choices(memory: dict[str, Any], data: Mapping[str, Any]) -> None:
    """Note which choices have begun, and which of them have ended."""
    ended = memory.setdefault("ended", {})
    for place, choice in enumerate(dicts(data.get("choices"))):
        index = index_of(choice, place)
        ended[index] = ended.get(index, False) or bool(choice.get("finish_reason"))


def unfinished(memory: dict[str, Any] | None, last: Mapping[str, Any]) -> list[int]:
    """The choices that a stream must still end: those that have begun, and those that `last` was about."""
    ended: dict[int, bool] = (memory or {}).get("ended", {})
    begun = {index_of(choice, place) for place, choice in enumerate(dicts(last.get("choices")))} | set(ended)
    return sorted(index for index in begun if not ended.get(index)) or [0]


def _bodies(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Own copies: what is assembled must not share parts with the events."""
    return [cast("dict[str, Any]", loads(event.payload)) for event in events if event.data is not None]


def _newest(into: dict[str, Any], data: Mapping[str, Any], skip: Sequence[str]) -> None:
    for key, value in data.items():
        if key not in skip and (value is not None or key not in into):
            into[key] = value


def _finish(whole: dict[str, Any], kind: str, choices: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    whole["object"] = kind
    whole["choices"] = [choices[index] for index in sorted(choices)]
    if whole.get("usage", 0) is None:
        del whole["usage"]
    return whole


def _merge(message: dict[str, Any], delta: Mapping[str, Any]) -> None:
    for key, value in delta.items():
        known = message.get(key)
        if key == "tool_calls":
            calls = message.setdefault("tool_calls", [])
            for piece in dicts(value):
                _add(calls, {"index": len(calls), **piece})
        elif isinstance(value, dict) and isinstance(known, dict):
            _merge(cast("dict[str, Any]", known), cast("dict[str, Any]", value))
        elif key == "content" and isinstance(known, str) and isinstance(value, list):
            message[key] = [*_parts(known), *cast("list[Any]", value)]
        elif isinstance(known, list) and (isinstance(value, list) or (key == "content" and isinstance(value, str))):
            for piece in _parts(value) if isinstance(value, str) else cast("list[Any]", value):
                _add(cast("list[Any]", known), piece)
        elif key in _JOINED and isinstance(value, str):
            message[key] = known + value if isinstance(known, str) else value
        elif value is not None or key not in message:
            message[key] = value


def _add(items: list[Any], piece: Any) -> None:
    """Put a piece to the item that it goes on with, which has its index and, where both say one, its type. A piece
    without an index is an item by itself."""
    if isinstance(piece, dict) and "index" in piece:
        piece = cast("dict[str, Any]", piece)
        for item in dicts(items):
            one, other = item.get("type"), piece.get("type")
            if item.get("index") == piece["index"] and (one is None or other is None or one == other):
                _merge(item, piece)
                return
    items.append(piece)


def _parts(text: str) -> list[Any]:
    """Text as a part of content, where other content has parts."""
    return [{"type": "text", "text": text}] if text else []


def _logprobs(choice: dict[str, Any], piece: Mapping[str, Any]) -> None:
    for key, tokens in _object(piece.get("logprobs")).items():
        known = choice["logprobs"] = _object(choice.get("logprobs"))
        if isinstance(tokens, list) and isinstance(known.get(key), list):
            known[key].extend(cast("list[Any]", tokens))
        elif tokens is not None or key not in known:
            known[key] = tokens


def _object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _head(whole: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return {**{key: value for key, value in whole.items() if key not in ("choices", "usage", "object")}, "object": kind}


def _usage(head: Mapping[str, Any], whole: Mapping[str, Any], body: Mapping[str, Any]) -> list[Event]:
    options: dict[str, Any] = body.get("stream_options") or {}
    wanted = options.get("include_usage")
    return [Event.of({**head, "choices": [], "usage": whole["usage"]})] if wanted and whole.get("usage") else []
