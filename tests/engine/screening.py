"""A screen over one pattern, streams of chat for it to hold back, and what leaves of them.

Imported as `tidegate.tests.engine.screening`.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from hypothesis import strategies as st

from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import UpstreamBroke
from tidegate.engine.exchange import Segment
from tidegate.engine.sse import Event
from tidegate.engine.stream import Edit, HoldBack, Look, Withheld

CHAT = OpenAIChat()


class Pattern:
    """A screen over one regex whose matches, with all they look at, are at most `width` characters long.

    A place is decided once `width` characters from it on are there.
    """

    def __init__(self, pattern: str, width: int, context: int | None = 2, *, to: str = "<#>", block: bool = False):
        self.pattern, self.width, self.to, self.block = re.compile(pattern), width, to, block
        self._context = context
        self.seen: list[tuple[Segment, str, int, bool]] = []
        self.unreads: list[str] = []

    def applies(self, segment: Segment) -> bool:
        return True

    def context(self, segment: Segment) -> int | None:
        return self._context

    async def look(self, segment: Segment, text: str, settled: int, done: bool) -> Look:
        self.seen.append((segment, text, settled, done))
        decided = len(text) if done else max(settled, len(text) - self.width + 1)
        edits: list[Edit] = []
        for match in self.pattern.finditer(text, settled):
            if match.start() >= decided or not match[0]:
                continue
            if self.block:
                raise Withheld(["words.test"])
            edits.append(Edit(match.start(), match.end(), self.to))
        return Look(edits, max([decided, *(edit.end for edit in edits)]))

    def late(self, segment: Segment, start: int) -> None:
        raise Withheld(["words.test"])

    async def seam(self, segment: Segment, before: str, after: str, done: bool) -> bool:
        text, meet = before + after, len(before)
        decided = len(text) if done else len(text) - self.width + 1
        if any(found.start() < min(meet, decided) and meet < found.end() for found in self.pattern.finditer(text)):
            raise Withheld(["words.test"])
        return decided < meet

    def unread(self, segment: Segment) -> None:
        self.unreads.append(segment.unread)

    def whole(self, text: str) -> str:
        return self.pattern.sub(lambda _: self.to, text)


def masks() -> Pattern:
    """Longest-match runs, overlapping alternatives and a word boundary: all that makes cutting hard."""
    return Pattern(r"a{2,5}b?|\bcab\b|b=\d{1,3}", 7)


def content(text: str, index: int = 0, **more: Any) -> Event:
    return chunk({"content": text}, index, **more)


def chunk(delta: dict[str, Any], index: int = 0, finish: str | None = None, **more: Any) -> Event:
    choice = {"index": index, "delta": delta, "finish_reason": finish, **more}
    return Event.of({"id": "c-1", "object": "chat.completion.chunk", "model": "m", "choices": [choice]})


def arguments(text: str, call: int = 0, index: int = 0) -> Event:
    return chunk({"tool_calls": [{"index": call, "function": {"arguments": text}}]}, index)


def cut(text: str, cuts: Sequence[int]) -> list[str]:
    pieces: list[str] = []
    for size in cuts:
        pieces.append(text[:size])
        text = text[size:]
    return [*pieces, text]


def run(screen: Pattern, events: Sequence[Event], *, streamed: bool = True, fault: bool = False) -> list[Event]:
    """The events that leave. With `fault` the upstream breaks after its last event."""
    out: list[Event] = []
    stopped: list[bool] = []

    async def source() -> AsyncIterator[Event]:
        for event in events:
            yield event
        if fault:
            raise UpstreamBroke("broke")

    async def stop() -> None:
        stopped.append(True)

    async def collect() -> None:
        async for event in HoldBack(CHAT, screen, streamed, stop).run(source()):
            out.append(event)  # noqa: PERF401  (what came before a fault counts)

    if fault:
        with pytest.raises(UpstreamBroke):
            asyncio.run(collect())
    else:
        asyncio.run(collect())
    return out


def said(events: Sequence[Event]) -> dict[Any, str]:
    """The text of each channel."""
    out: dict[Any, str] = {}
    for event in events:
        for choice in (event.data or {}).get("choices", []):
            delta = choice["delta"]
            for field in ("content", "refusal", "reasoning_content"):
                if field in delta:
                    out[choice["index"], field] = out.get((choice["index"], field), "") + delta[field]
            for call in delta.get("tool_calls", []):
                key = (choice["index"], call["index"])
                out[key] = out.get(key, "") + call["function"]["arguments"]
    return out


TEXT = st.text(st.sampled_from("aab bc=12 "), max_size=60)
CUTS = st.lists(st.integers(0, 5), max_size=30)
