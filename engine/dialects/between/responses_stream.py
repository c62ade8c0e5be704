"""Streams of OpenAI's Responses, read. Source: OpenAI API reference, streaming events of responses.

A text comes in pieces, and whole again when it, its part, its item and the response are done. What the pieces left out
is taken from the first of these: hosts differ in which they send.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ...sse import Event
from ..openai_common import dicts, is_done
from .carry import cut_off, mapping, stopped, unreadable, wordless
from .counts import read_usage
from .reported import failed
from .responses_reply import created, read_call, read_stop
from .talk import Began, Call, CallBegan, CallDelta, Delta, Ended, Signed, TextDelta, ThoughtDelta

_TEXTS = {
    "response.output_text": ("text", "content_index"),
    "response.refusal": ("refusal", "content_index"),
    "response.reasoning_summary_text": ("text", "summary_index"),
    "response.reasoning_text": ("text", "content_index"),
    "response.function_call_arguments": ("arguments", ""),
}
"""Texts that grow: what their events are called, where the `.done` event has all of it, and what numbers them."""
_THOUGHTS = {"summary": "response.reasoning_summary_text", "content": "response.reasoning_text"}
_PARTS = {"output_text": "response.output_text", "refusal": "response.refusal"}
_ENDS = ("response.completed", "response.incomplete", "response.failed")


class ResponsesReader:
    """Events of a response to pieces. Notes on texts, and kinds of events that are not known, say nothing."""

    def __init__(self) -> None:
        self._began = self._over = False
        self._calls: list[Call] = []
        self._newest = -1  # the index of the item that grows
        self._told: dict[tuple[str, int], int] = {}  # characters told of each of its texts
        self._closed = False  # an item has been told to its end

    def feed(self, event: Event) -> Sequence[Delta]:
        if self._over or not event.payload.strip() or is_done(event):
            return []
        data = event.data
        if data is None:
            raise unreadable()
        kind, response = str(data.get("type", "")), mapping(data.get("response"))
        if kind == "error" or (not kind and data.get("error")):
            raise failed(mapping(data.get("error")) or {"code": data.get("code")})
        out: list[Delta] = []
        if not self._began and kind.startswith("response."):
            self._began = True
            head = (str(response.get("id", "")), str(response.get("model", "")))
            out.append(Began(*head, created=created(response)))
        if kind in _ENDS:
            return [*out, *self._end(kind, response)]
        return [*out, *self._said(kind, data)]

    def _said(self, kind: str, data: Mapping[str, Any]) -> list[Delta]:
        stem, _, step = kind.rpartition(".")
        at, item = data.get("output_index"), mapping(data.get("item"))
        if kind == "response.output_item.added":
            return self._open(at, item)
        if kind == "response.output_item.done":
            return self._close(at, item)
        if stem in _TEXTS and step in ("delta", "done"):
            if at != self._newest:
                raise unreadable()
            whole, number = _TEXTS[stem]
            place = data.get(number, 0)
            text = data.get("delta" if step == "delta" else whole)
            if type(place) is not int or not isinstance(text, str):
                raise unreadable()
            return self._grow(stem, place, text) if step == "delta" else self._fill(stem, place, text)
        if stem.startswith("response.audio"):
            raise wordless()
        return []

    def _open(self, at: Any, item: Mapping[str, Any]) -> list[Delta]:
        """An item begins: with nothing yet, or with what its end says once more."""
        if not item:
            return []
        if type(at) is not int or at <= self._newest:
            raise unreadable()
        self._newest = at
        self._told.clear()
        match item.get("type"):
            case "message" | "reasoning":
                return []
            case "function_call":
                self._calls.append(call := read_call(item))
                return [CallBegan(call.id, call.name)]
            case _:
                raise wordless()

    def _close(self, at: Any, item: Mapping[str, Any]) -> list[Delta]:
        out = [] if at == self._newest else self._open(at, item)
        self._closed = True
        match item.get("type"):
            case "message":
                for place, part in enumerate(dicts(item.get("content"))):
                    stem = _PARTS.get(str(part.get("type")))
                    if stem is None:
                        raise wordless()
                    out += self._fill(stem, place, str(part.get(_TEXTS[stem][0], "")))
            case "function_call":
                out += self._fill("response.function_call_arguments", 0, str(item.get("arguments") or ""))
            case "reasoning":
                for field, stem in _THOUGHTS.items():
                    for place, part in enumerate(dicts(item.get(field))):
                        out += self._fill(stem, place, str(part.get("text") or ""))
                if seal := item.get("encrypted_content"):
                    out.append(Signed(str(seal), redacted=not self._told))
            case _:
                pass
        return out

    def _fill(self, stem: str, place: int, text: str) -> list[Delta]:
        """The end of a text of which the pieces have told the beginning."""
        return self._grow(stem, place, text[self._told.get((stem, place), 0) :])

    def _grow(self, stem: str, place: int, piece: str) -> list[Delta]:
        if not piece:
            return []
        begun, other = (stem, place) in self._told, bool(self._told)
        if begun and (stem, place) != next(reversed(self._told)):
            raise unreadable()  # another text has begun since
        self._told[stem, place] = self._told.get((stem, place), 0) + len(piece)
        match stem:
            case "response.function_call_arguments":
                return [CallDelta(piece)]
            case "response.output_text" | "response.refusal":
                return [TextDelta(piece, refusal=stem == "response.refusal")]
            case _:
                return [ThoughtDelta(piece if begun or not other else "\n\n" + piece)]

    def _end(self, kind: str, response: Mapping[str, Any]) -> list[Delta]:
        stop = read_stop(kind.rpartition(".")[2], response)
        out: list[Delta] = []
        if not self._closed:  # a host that says all of it at the end
            for at, item in enumerate(dicts(response.get("output"))):
                out += self._close(at, item) if at >= self._newest else []
        self._over = True
        return [*out, Ended(stopped(stop, self._calls), read_usage(response.get("usage")))]

    def end(self) -> Sequence[Delta]:
        if not self._over:
            raise cut_off()
        return []
