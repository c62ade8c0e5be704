"""Streams of OpenAI's chat completions, read and written."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from ...sse import DONE, Event
from ..openai_common import choices, dicts, index_of, is_done
from .carry import CUT, cut_off, cut_short, mapping, stopped, unreadable
from .chat_reply import FINISHES, read_finish, reasoning, spoken, write_usage
from .counts import read_usage
from .in_turn import InTurn, Run
from .reported import failed
from .talk import (
    Began,
    Call,
    CallBegan,
    CallDelta,
    Delta,
    Ended,
    Signed,
    TextDelta,
    ThoughtDelta,
    Usage,
)


class ChatReader:
    """`chat.completion.chunk` events to pieces. A finish reason ends the answer, and usage may follow it; a stream that
    has neither that nor its mark is cut off."""

    def __init__(self) -> None:
        self._began = self._over = False
        self._turn = InTurn()
        self._calls: dict[int, Run] = {}  # by the calls' own numbers; the last is the one that began last
        self._made = 0
        self._finish = ""
        self._usage: Usage | None = None

    def feed(self, event: Event) -> Sequence[Delta]:
        if self._over or not event.payload.strip():
            return []
        if is_done(event):
            return self._end()
        data = event.data
        if data is None:
            raise unreadable()
        if data.get("error"):
            raise failed(mapping(data["error"]))
        self._usage = read_usage(data.get("usage")) or self._usage
        out: list[Delta] = []
        for choice in choices(data):
            if index_of(choice, 0) != 0:
                raise unreadable()
            if not self._began:
                self._began = True
                out.append(Began(str(data.get("id", "")), str(data.get("model", "")), created=_created(data)))
            out += self._grow(mapping(choice.get("delta")))
            self._finish = str(choice.get("finish_reason") or "") or self._finish
        return out

    def _grow(self, delta: Mapping[str, Any]) -> list[Delta]:
        thought = reasoning(delta)
        words: list[TextDelta | ThoughtDelta] = [ThoughtDelta(thought)] if thought else []
        words += [TextDelta(text.text, text.refusal) for text in spoken(delta) if text.text]
        out = [piece for each in words for piece in self._turn.said(each)]
        for piece in dicts(delta.get("tool_calls")):
            out += self._call(piece)
        return out

    def _call(self, piece: Mapping[str, Any]) -> list[Delta]:
        """A piece of a call. One with another number, or another id, begins a call; where it has the number of one that
        has begun, that one is over."""
        function = mapping(piece.get("function"))
        last = next(reversed(self._calls), -1)
        id, name, index = piece.get("id"), function.get("name"), piece.get("index")
        known = self._calls.get(index if type(index) is int else last)
        other = known is None or bool(id and name and id != known.id)
        at = index if type(index) is int else last + other
        out: list[Delta] = []
        if other:
            if not isinstance(name, str):
                raise unreadable()
            if before := self._calls.pop(at, None):
                before.whole = True
            self._made += 1
            began = CallBegan(str(id or f"call_{self._made}_{name}"), name)
            self._calls[at], out = self._turn.began(began)
        if isinstance(source := function.get("arguments"), str) and source:
            out += self._turn.grew(self._calls[at], CallDelta(source))
        return out

    def _end(self) -> list[Delta]:
        self._over = True
        began: list[Delta] = [] if self._began else [Began("", "")]
        stop = read_finish(self._finish)
        left = self._turn.ended(stop in CUT)
        calls = [Call(run.id, "") for run in self._calls.values()]
        return [*began, *left, Ended(stopped(stop, calls), self._usage)]

    def end(self) -> Sequence[Delta]:
        if self._over:
            return []
        if not self._finish:
            raise cut_off()
        return self._end()


def _created(data: Mapping[str, Any]) -> int:
    created = data.get("created")
    return created if type(created) is int else 0


class ChatWriter:
    """Pieces to `chat.completion.chunk` events. A last one with usage comes if the request asked for it."""

    def __init__(self, asked: Mapping[str, Any]) -> None:
        self._counts = mapping(asked.get("stream_options")).get("include_usage") is True
        self._head: dict[str, Any] = {}
        self._usage: Usage | None = None
        self._said = False
        self._call = -1
        self._empty = False  # a call has begun and has no arguments yet

    def write(self, delta: Delta) -> Sequence[Event]:
        match delta:
            case Began(id, model, usage, created):
                self._usage = usage
                made = created or int(time.time())
                self._head = {"id": id, "object": "chat.completion.chunk", "created": made, "model": model}
                return [self._chunk({"role": "assistant", "content": None})]
            case TextDelta(text, refusal):
                self._said = True
                return [*self._filled(), self._chunk({"refusal" if refusal else "content": text})]
            case ThoughtDelta(text):
                return [*self._filled(), self._chunk({"reasoning_content": text})]
            case CallBegan(id, name):
                before = self._filled()
                self._call, self._empty, self._said = self._call + 1, True, True
                call = {"id": id, "type": "function", "function": {"name": name, "arguments": ""}}
                return [*before, self._grown(call)]
            case CallDelta(arguments):
                self._empty = self._empty and not arguments
                return [self._grown({"function": {"arguments": arguments}})]
            case Signed():
                return []  # no field for it
            case Ended(stop, usage):
                nothing = {} if self._said else {"content": ""}
                filled = [] if cut_short(stop, "") else self._filled()
                return [*filled, self._chunk(nothing, FINISHES[stop]), *self._last(usage), DONE]

    def _filled(self) -> list[Event]:
        """A call that got no arguments has none."""
        empty, self._empty = self._empty, False
        return [self._grown({"function": {"arguments": "{}"}})] if empty else []

    def _grown(self, call: Mapping[str, Any]) -> Event:
        return self._chunk({"tool_calls": [{"index": self._call, **call}]})

    def _chunk(self, delta: Mapping[str, Any], finish: str | None = None) -> Event:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return Event.of({**self._head, "choices": [choice], **({"usage": None} if self._counts else {})})

    def _last(self, usage: Usage | None) -> list[Event]:
        usage = usage or self._usage
        if not self._counts or usage is None:
            return []
        return [Event.of({**self._head, "choices": [], "usage": write_usage(usage)})]
