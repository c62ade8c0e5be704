"""What a provider that behaves says in each dialect, a call that may be answered otherwise, and what may come of it.

Imported as `tidegate.tests.promises.behaving`.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

PASSED, ERROR, BROKEN, WITHHELD = "passed", "error", "broken", "withheld"
"""A whole reply; an error in place of one; a stream that ends with an error event and without its end mark; one that
the rules ended, and say so."""
EVENT_BYTES, REPLY_BYTES = 1_000_000, 3_000_000
"""The gate's caps, made smaller for these tests."""
TEXT = "half a word, ünd more"


@dataclass(frozen=True)
class Good:
    """What a well-behaved provider would have answered, and how a dialect marks ends and errors."""

    path: str
    stream_path: str
    body: dict[str, Any]
    whole: dict[str, Any]
    events: list[bytes]
    end: bytes
    error: dict[str, Any]

    def kind(self, streamed: bool) -> str:
        return "text/event-stream" if streamed else "application/json"

    def raw(self, streamed: bool) -> bytes:
        return b"".join(self.events) if streamed else json.dumps(self.whole, ensure_ascii=False).encode()


def sse(data: Any, kind: str = "") -> bytes:
    raw = data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode()
    return (b"event: " + kind.encode() + b"\n" if kind else b"") + b"data: " + raw + b"\n\n"


def typed(*events: dict[str, Any]) -> list[bytes]:
    return [sse(event, event["type"]) for event in events]


def _good() -> dict[str, Good]:
    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return sse({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]})

    messages = [{"role": "user", "content": "hi"}]
    message = {"role": "assistant", "content": TEXT}
    completion = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
    response: dict[str, Any] = {"id": "r", "object": "response", "model": "m", "status": "in_progress", "output": []}
    part = {"type": "output_text", "text": TEXT, "annotations": []}
    item = {"id": "i", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
    place = {"item_id": "i", "output_index": 0, "content_index": 0}
    told = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None}
    usage = {"input_tokens": 1, "output_tokens": 1}
    candidate = {"content": {"role": "model", "parts": [{"text": TEXT}]}, "index": 0}
    gemini = "/v1beta/models/{model}:"
    return {
        "chat": Good(
            *("/v1/chat/completions", "/v1/chat/completions"),
            {"messages": messages},
            {**completion, "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]},
            [chunk(message), chunk({"content": "."}), chunk({}, "stop"), sse(b"[DONE]")],
            b"[DONE]",
            {"error": {"message": "too much", "type": "server_error", "param": None, "code": None}},
        ),
        "responses": Good(
            *("/v1/responses", "/v1/responses"),
            {"input": "hi"},
            {**response, "status": "completed", "output": [item]},
            typed(
                {"type": "response.created", "sequence_number": 0, "response": response},
                {"type": "response.output_text.delta", "sequence_number": 1, **place, "delta": TEXT},
                {"type": "response.output_text.done", "sequence_number": 2, **place, "text": TEXT},
                {
                    "type": "response.completed",
                    "sequence_number": 3,
                    "response": {**response, "status": "completed", "output": [item]},
                },
            ),
            b"response.completed",
            {"type": "error", "message": "too much", "code": "server_error", "param": None, "sequence_number": 2},
        ),
        "anthropic": Good(
            *("/v1/messages", "/v1/messages"),
            {"messages": messages, "max_tokens": 9},
            {**told, "content": [{"type": "text", "text": TEXT}], "stop_reason": "end_turn", "usage": usage},
            typed(
                {"type": "message_start", "message": {**told, "usage": usage}},
                {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": TEXT}},
                {"type": "content_block_stop", "index": 0},
                {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage},
                {"type": "message_stop"},
            ),
            b"message_stop",
            {"type": "error", "error": {"type": "overloaded_error", "message": "too much"}},
        ),
        "gemini": Good(
            *(gemini + "generateContent", gemini + "streamGenerateContent?alt=sse"),
            {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]},
            {"candidates": [{**candidate, "finishReason": "STOP"}]},
            [sse({"candidates": [candidate]}), sse({"candidates": [{**candidate, "finishReason": "STOP"}]})],
            b"finishReason",
            {"error": {"code": 503, "message": "too much", "status": "UNAVAILABLE"}},
        ),
    }


GOOD = _good()


@dataclass
class Call:
    """One request that arrived, and what would have been right."""

    good: Good
    streamed: bool
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def gone(self) -> None:
        """Wait until the gate closes the connection."""
        await self.reader.read()

    @property
    def raw(self) -> bytes:
        return self.good.raw(self.streamed)

    @property
    def begun(self) -> bytes:
        """The first part of a reply: for a stream its first events, for a whole one half of it."""
        events = self.good.events
        return b"".join(events[: len(events) // 2]) if self.streamed else self.raw[: len(self.raw) // 2]

    async def say(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def head(self, *lines: str, status: str = "200 OK", kind: str = "") -> None:
        """The host ends each connection behind its reply, and says so: else another call may be lost on it."""
        said = (f"content-type: {kind or self.good.kind(self.streamed)}", "connection: close")
        all_lines = (f"HTTP/1.1 {status}", *said, *lines)
        await self.say("\r\n".join(all_lines).encode() + b"\r\n\r\n")

    async def answer(self, body: bytes, *lines: str, status: str = "200 OK", kind: str = "") -> None:
        await self.head(f"content-length: {len(body)}", *lines, status=status, kind=kind)
        await self.say(body)

    async def forever(self, piece: bytes, pause: float = 0.0) -> None:
        while True:
            await self.say(piece)
            await asyncio.sleep(pause)


def chunked(*pieces: bytes) -> bytes:
    return b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces)


CHUNKED = "transfer-encoding: chunked"
Script = Callable[[Call], Awaitable[None]]


@dataclass(frozen=True)
class Case:
    name: str
    script: Script
    whole: str
    """What it may come to; several words where it depends on how the bytes happen to arrive."""
    stream: str
    guarded: str = ""
    """What a stream comes to when rules read it, if that is something else."""
    calls: int = 1
