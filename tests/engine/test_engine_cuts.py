"""A stream that ends at any byte whatever: nothing that a rule takes out is shown, in any dialect."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tidegate.engine import jsonio
from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.errors import UpstreamBroke
from tidegate.engine.exchange import Segment
from tidegate.engine.sse import parse
from tidegate.engine.stream import Edit, HoldBack, Look

WORD = "secret"
SAID = f"x {WORD} y"


class Redact:
    """A screen over one word."""

    def applies(self, segment: Segment) -> bool:
        return True

    def context(self, segment: Segment) -> int | None:
        return len(WORD)

    async def look(self, segment: Segment, text: str, settled: int, done: bool) -> Look:
        edits: list[Edit] = []
        at = text.find(WORD, settled)
        while at >= 0:
            edits.append(Edit(at, at + len(WORD), "<#>"))
            at = text.find(WORD, at + len(WORD))
        safe = len(text) if done else max(settled, len(text) - len(WORD) + 1)
        return Look(edits, max([safe, *(edit.end for edit in edits)]))

    async def seam(self, segment: Segment, before: str, after: str, done: bool) -> bool:
        return False

    def unread(self, segment: Segment) -> None: ...


MESSAGE = {"type": "message", "content": [{"type": "text", "text": SAID}], "stop_reason": "end_turn"}
PART = {"type": "output_text", "text": SAID}
RESPONSE = {"id": "r", "status": "completed", "output": [{"type": "message", "id": "m", "content": [PART]}]}
CHOICE = {"index": 0, "message": {"role": "assistant", "content": SAID}, "finish_reason": "stop"}
CANDIDATE = {"index": 0, "content": {"parts": [{"text": SAID}]}, "finishReason": "STOP"}


@pytest.mark.parametrize(
    ("dialect", "whole"),
    [
        (OpenAIChat(), {"id": "c", "choices": [CHOICE]}),
        (OpenAIResponses(), RESPONSE),
        (AnthropicMessages(), MESSAGE),
        (Gemini(streams=True), {"candidates": [CANDIDATE]}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
async def test_a_stream_cut_at_any_byte_shows_nothing_that_was_taken_out(
    dialect: Dialect, whole: dict[str, Any]
) -> None:
    raw = b"".join(event.raw for event in pieces(dialect, whole))

    async def stop() -> None: ...

    for cut in range(len(raw) + 1):

        async def source(end: int = cut) -> AsyncIterator[bytes]:
            yield raw[:end]

        shown = ""
        with contextlib.suppress(UpstreamBroke):  # a cut inside an event
            async for event in HoldBack(dialect, Redact(), True, stop).run(parse(source())):
                if event.data is not None:
                    assert not any(WORD in text for _, text in jsonio.strings(event.data))
                    shown += "".join(s.text for s in dialect.reply_segments(event.data, True) if s.channel)
        assert WORD not in shown


def pieces(dialect: Dialect, whole: dict[str, Any]) -> list[Any]:
    """The stream of a reply, with the text in pieces of four characters where its events have it alone."""
    out: list[Any] = []
    for event in dialect.split(whole, {}):
        found = [s for s in dialect.reply_segments(event.data or {}, True) if s.channel and s.text == SAID]
        if not found or dialect.name == "gemini.generate":
            out.append(event)
            continue
        for at in range(0, len(SAID), 4):
            data = event.fresh()
            jsonio.put(data, found[0].address, SAID[at : at + 4])
            out.append(event.replaced(data))
    return out
