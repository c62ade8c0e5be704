"""Streams of OpenAI's Responses, written. Source: OpenAI API reference, streaming events of responses."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...sse import Event
from .responses_reply import CUT, write_item, write_part, write_response, write_summary
from .talk import (
    Began,
    Call,
    CallBegan,
    CallDelta,
    Delta,
    Ended,
    Signed,
    Stop,
    Text,
    TextDelta,
    Thought,
    ThoughtDelta,
    Told,
)


class ResponsesWriter:
    """Pieces to the events of a response: one item open at a time, and in it one part; each is said once more as it
    ends, and all of it at the end."""

    def __init__(self, asked: Mapping[str, Any]) -> None:
        self._asked = asked
        self._number = 0
        self._told = Told("", "", (), Stop.END)
        self._output: list[dict[str, Any]] = []
        self._parts: list[Text | Thought | Call] = []  # of the item that is open; the last without its text
        self._pieces: list[str] = []  # the text of the last
        self._id = ""  # the item's

    def write(self, delta: Delta) -> Sequence[Event]:
        match delta:
            case Began(id, model, usage, created):
                self._told = Told(id, model, (), Stop.END, "", usage, created or int(time.time()))
                begun = write_response(self._told, self._asked, [], over=False)
                return [self._event(f"response.{step}", response=begun) for step in ("created", "in_progress")]
            case TextDelta(text, refusal):
                return [*self._part(Text("", refusal)), *self._grown(text)]
            case ThoughtDelta(text):
                return [*self._part(Thought("")), *self._grown(text)]
            case CallBegan(id, name):
                return [*self._item_ends(), *self._item_begins(Call(id, name, ""))]
            case CallDelta(arguments):
                return self._grown(arguments)
            case Signed(signature, redacted):
                return self._signed(signature, redacted)
            case Ended(stop, usage):
                ended = self._item_ends("incomplete" if stop in CUT else "completed")
                told = replace(self._told, stop=stop, usage=usage or self._told.usage)
                whole = write_response(told, self._asked, self._output)
                return [*ended, self._event(f"response.{whole['status']}", response=whole)]

    def _part(self, part: Text | Thought) -> list[Event]:
        """Go on with the open part if it is of this sort, else begin one. A thought that is signed has ended."""
        last = self._parts[-1] if self._parts else None
        if last == part:
            return []
        if isinstance(part, Text) and isinstance(last, Text):
            ended = self._part_ends()
            self._parts.append(part)
            return [*ended, self._part_event("added", part)]
        return [*self._item_ends(), *self._item_begins(part)]

    def _signed(self, signature: str, redacted: bool) -> list[Event]:
        """Texts and calls bear no signature here."""
        last = self._parts[-1] if self._parts else None
        if isinstance(last, Text | Call) and not redacted:
            return []
        begun = self._part(Thought("")) if not redacted else [*self._item_ends(), *self._item_begins(Thought(""))]
        self._parts[-1] = Thought("", signature)
        return begun

    def _item_begins(self, part: Text | Thought | Call) -> list[Event]:
        self._parts = [part]
        item = write_item(self._parts, self._told.id, len(self._output), "in_progress")
        self._id = item["id"]
        if not isinstance(part, Text):
            return [self._item_event("added", item)]
        return [self._item_event("added", {**item, "content": []}), self._part_event("added", part)]

    def _item_ends(self, status: str = "completed") -> list[Event]:
        if not self._parts:
            return []
        ended = self._part_ends(status)
        item = write_item(self._parts, self._told.id, len(self._output), status)
        ended.append(self._item_event("done", item))
        self._output.append(item)
        self._parts = []
        return ended

    def _grown(self, piece: str) -> list[Event]:
        if not piece:
            return []
        last, begun = self._parts[-1], list[Event]()
        if isinstance(last, Thought) and not self._pieces:  # a summary has no part before it has a word
            begun = [self._part_event("added", last)]
        self._pieces.append(piece)
        return [*begun, self._text_event("delta", "delta", piece)]

    def _part_ends(self, status: str = "completed") -> list[Event]:
        """The last part gets its text. A call that got no arguments has none, unless it is incomplete."""
        last = self._parts[-1]
        bare = isinstance(last, Call) and not self._pieces and status == "completed"
        ended = self._grown("{}") if bare else []
        text = "".join(self._pieces)
        self._pieces = []
        if isinstance(last, Call):
            self._parts[-1] = replace(last, arguments=text)
            return [*ended, self._text_event("done", "arguments", text)]
        self._parts[-1] = part = replace(last, text=text)
        if not text and isinstance(part, Thought):
            return []
        field = "refusal" if isinstance(part, Text) and part.refusal else "text"
        return [self._text_event("done", field, text), self._part_event("done", part)]

    def _item_event(self, step: str, item: dict[str, Any]) -> Event:
        return self._event(f"response.output_item.{step}", output_index=len(self._output), item=item)

    def _part_event(self, step: str, part: Text | Thought) -> Event:
        if isinstance(part, Text):
            return self._event(f"response.content_part.{step}", **self._where(), part=write_part(part))
        part_ = write_summary(part.text)
        return self._event(f"response.reasoning_summary_part.{step}", **self._where(), part=part_)

    def _text_event(self, step: str, field: str, text: str) -> Event:
        match self._parts[-1]:
            case Call():
                kind = "function_call_arguments"
            case Thought():
                kind = "reasoning_summary_text"
            case Text(_, True):
                kind = "refusal"
            case Text():
                return self._event(f"response.output_text.{step}", **self._where(), **{field: text}, logprobs=[])
        return self._event(f"response.{kind}.{step}", **self._where(), **{field: text})

    def _where(self) -> dict[str, Any]:
        place: dict[str, Any] = {"item_id": self._id, "output_index": len(self._output)}
        match self._parts[-1]:
            case Text():
                place["content_index"] = len(self._parts) - 1
            case Thought():
                place["summary_index"] = 0
            case Call():
                pass
        return place

    def _event(self, kind: str, **fields: Any) -> Event:
        number, self._number = self._number, self._number + 1
        return Event.of({"type": kind, **fields, "sequence_number": number}, kind=kind)
