"""Streams of Anthropic's messages, read and written. Source: Anthropic API reference, streaming messages."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...jsonio import dumps
from ...sse import Event
from .carry import cut_off, cut_short, mapping, stopped, told_object, unreadable, wordless
from .counts import read_usage
from .messages_reply import ending, read_stop, write_usage
from .reported import failed
from .talk import (
    Began,
    Call,
    CallBegan,
    CallDelta,
    Delta,
    Ended,
    Signed,
    Stop,
    TextDelta,
    ThoughtDelta,
)


class MessagesReader:
    """Events of a message to pieces. Events of kinds that are not known say nothing, as the API's reference asks."""

    def __init__(self) -> None:
        self._over = False
        self._calls: list[Call] = []
        self._end: dict[str, Any] = {}
        self._usage: dict[str, Any] = {}

    def feed(self, event: Event) -> Sequence[Delta]:
        if self._over or not event.payload.strip():
            return []
        data = event.data
        if data is None:
            raise unreadable()
        match data.get("type"):
            case "message_start":
                return self._start(mapping(data.get("message")))
            case "content_block_start":
                return self._block(mapping(data.get("content_block")))
            case "content_block_delta":
                return _grow(mapping(data.get("delta")))
            case "message_delta":
                self._end |= mapping(data.get("delta"))
                self._count(data.get("usage"))
            case "message_stop":
                self._over = True
                stop = stopped(read_stop(self._end.get("stop_reason")), self._calls)
                return [Ended(stop, read_usage(self._usage), str(self._end.get("stop_sequence") or ""))]
            case "error":
                raise failed(mapping(data.get("error")))
            case _:
                pass
        return []

    def _start(self, message: Mapping[str, Any]) -> list[Delta]:
        self._count(message.get("usage"))
        return [Began(str(message.get("id", "")), str(message.get("model", "")), read_usage(self._usage))]

    def _count(self, usage: Any) -> None:
        """The newest of each count is the one that holds."""
        self._usage |= {name: value for name, value in mapping(usage).items() if value is not None}

    def _block(self, block: Mapping[str, Any]) -> list[Delta]:
        """Blocks begin empty, as a rule; some servers begin them with a piece of what follows."""
        match block.get("type"):
            case "text":
                return _grow({"type": "text_delta", "text": block.get("text")})
            case "thinking":
                # Also without a word: a signature that follows is this thought's, and not that of what came before.
                return [ThoughtDelta(str(block.get("thinking") or ""))]
            case "redacted_thinking":
                return [Signed(str(block.get("data", "")), redacted=True)]
            case "tool_use":
                call = Call(str(block.get("id", "")), str(block.get("name", "")))
                self._calls.append(call)
                source = [CallDelta(dumps(block["input"]).decode())] if block.get("input") else []
                return [CallBegan(call.id, call.name), *source]
            case _:
                raise wordless()

    def end(self) -> Sequence[Delta]:
        if not self._over:
            raise cut_off()
        return []


def _grow(delta: Mapping[str, Any]) -> list[Delta]:
    def of(name: str) -> str:
        value = delta.get(name)
        return value if isinstance(value, str) else ""

    match delta.get("type"):
        case "text_delta":
            return [TextDelta(text)] if (text := of("text")) else []
        case "thinking_delta":
            return [ThoughtDelta(text)] if (text := of("thinking")) else []
        case "input_json_delta":
            return [CallDelta(source)] if (source := of("partial_json")) else []
        case "signature_delta":
            return [Signed(signature)] if (signature := of("signature")) else []
        case "citations_delta":
            return []  # a note on text that is told anyway
        case _:
            raise wordless()


class MessagesWriter:
    """Pieces to the events of a message: one block open at a time, closed before the next begins."""

    def __init__(self, asked: Mapping[str, Any]) -> None:
        self._index = -1
        self._open = ""
        self._source: list[str] = []
        self._refused = False
        self._began = Began("", "")

    def write(self, delta: Delta) -> Sequence[Event]:
        match delta:
            case Began():
                self._began = delta
                return [self._start(delta)]
            case TextDelta(text, refusal):
                self._refused = self._refused or refusal
                grown = {"type": "text_delta", "text": text}
                return self._grown("refusal" if refusal else "text", {"type": "text", "text": ""}, grown)
            case ThoughtDelta(text):
                block = {"type": "thinking", "thinking": "", "signature": ""}
                return self._grown("thinking", block, {"type": "thinking_delta", "thinking": text})
            case Signed(signature, True):
                return self._begun("redacted", {"type": "redacted_thinking", "data": signature})
            case Signed(signature):
                if self._open not in ("thinking", ""):
                    return []  # texts and calls bear no signature here
                block = {"type": "thinking", "thinking": "", "signature": ""}
                signed = self._grown("thinking", block, {"type": "signature_delta", "signature": signature})
                return [*signed, *self._closed()]
            case CallBegan(id, name):
                return self._begun("call", {"type": "tool_use", "id": id, "name": name, "input": {}})
            case CallDelta(arguments):
                self._source.append(arguments)
                return [self._delta({"type": "input_json_delta", "partial_json": arguments})]
            case Ended(stop, usage, sequence):
                return [*self._closed(stop), *self._last(stop, usage or self._began.usage, sequence)]

    def _start(self, began: Began) -> Event:
        message: dict[str, Any] = {
            "id": began.id,
            "type": "message",
            "role": "assistant",
            "model": began.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": write_usage(began.usage),
        }
        return _event({"type": "message_start", "message": message})

    def _grown(self, sort: str, block: Mapping[str, Any], delta: Mapping[str, Any]) -> list[Event]:
        begun = [] if self._open == sort else self._begun(sort, block)
        return [*begun, self._delta(delta)]

    def _begun(self, sort: str, block: Mapping[str, Any]) -> list[Event]:
        closed = self._closed()
        self._open, self._index, self._source = sort, self._index + 1, []
        return [*closed, _event({"type": "content_block_start", "index": self._index, "content_block": block})]

    def _delta(self, delta: Mapping[str, Any]) -> Event:
        return _event({"type": "content_block_delta", "index": self._index, "delta": delta})

    def _closed(self, stop: Stop = Stop.END) -> list[Event]:
        """Raises UpstreamRefused when the arguments of the call that ends are no JSON object, unless the answer, which
        ends with it by `stop`, was cut off there: its pieces are out."""
        if not self._open:
            return []
        source = "".join(self._source)
        if self._open == "call" and not cut_short(stop, source):
            told_object(source)
        self._open = ""
        return [_event({"type": "content_block_stop", "index": self._index})]

    def _last(self, stop: Stop, usage: Any, sequence: str) -> list[Event]:
        delta = {"type": "message_delta", "delta": ending(stop, sequence, self._refused), "usage": write_usage(usage)}
        return [_event(delta), _event({"type": "message_stop"})]


def _event(data: dict[str, Any]) -> Event:
    return Event.of(data, kind=str(data["type"]))
