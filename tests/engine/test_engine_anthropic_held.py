"""Anthropic's dialect held back: no piece says what was taken out, and what is withheld the SDK still reads."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from anthropic.types import Message
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine import jsonio
from tidegate.engine.exchange import Segment
from tidegate.engine.sse import Event
from tidegate.engine.stream import Edit, HoldBack, Look, Withheld
from tidegate.tests.engine.anthropic_samples import ANSWER, EVENTS, MESSAGES, REPLY


class Word:
    """A screen that replaces, or stops at, one word."""

    def __init__(self, word: str, *, block: bool = False) -> None:
        self.word, self.block = word, block
        self.tools: set[str] = set()

    def applies(self, segment: Segment) -> bool:
        return True

    def context(self, segment: Segment) -> int | None:
        return len(self.word)

    async def look(self, segment: Segment, text: str, settled: int, done: bool) -> Look:
        self.tools.add(segment.tool)
        safe = len(text) if done else max(settled, len(text) - len(self.word) + 1)
        edits: list[Edit] = []
        start = text.find(self.word, settled)
        while start >= 0:
            if self.block or segment.sealed:
                raise Withheld(["words.test"])
            edits.append(Edit(start, start + len(self.word), "<#>"))
            safe = max(safe, edits[-1].end)
            start = text.find(self.word, edits[-1].end)
        return Look(edits, safe)

    async def seam(self, segment: Segment, before: str, after: str, done: bool) -> bool:
        return False

    def unread(self, segment: Segment) -> None: ...


async def held(screen: Word, events: list[Event], streamed: bool = True) -> list[Event]:
    async def source() -> AsyncIterator[Event]:
        for event in events:
            yield event

    async def stop() -> None: ...

    return [event async for event in HoldBack(MESSAGES, screen, streamed, stop).run(source())]


def piecewise(whole: dict[str, Any], step: int) -> list[Event]:
    """The stream of a reply with its running texts cut into pieces."""
    out: list[Event] = []
    for one in MESSAGES.split(whole, {}):
        delta = (one.data or {}).get("delta", {})
        field = next((name for name in ("text", "thinking", "partial_json") if name in delta), None)
        if field is None:
            out.append(one)
            continue
        for begin in range(0, len(delta[field]), step):
            data = one.fresh()
            data["delta"][field] = delta[field][begin : begin + step]
            out.append(Event.of(data, kind=one.kind))
    return out


@given(step=st.integers(1, 9), before=st.text('ab \\"', max_size=12))
async def test_a_word_in_text_and_arguments_is_replaced_however_the_stream_is_cut(step: int, before: str) -> None:
    call = {"type": "tool_use", "id": "t", "name": "n", "input": {"x": before + "secret"}}
    whole = {**ANSWER, "content": [{"type": "text", "text": before + "secret, yes"}, call]}
    screen = Word("secret")
    out = await held(screen, piecewise(whole, step))
    assert "n" in screen.tools
    text, called = MESSAGES.assemble(out)["content"]
    assert text["text"] == before + "<#>, yes"
    assert called["input"] == {"x": before + "<#>"}


async def test_a_call_that_begins_whole_is_judged_as_a_whole() -> None:
    block = {"type": "tool_use", "id": "t", "name": "sh", "input": {"sudo": True}}
    begun = Event.of({"type": "content_block_start", "index": 0, "content_block": block}, kind="content_block_start")
    with_pieces = Event.of({**(begun.data or {}), "content_block": {**block, "input": {}}}, kind=begun.kind)
    piece = {"type": "input_json_delta", "partial_json": "[]"}
    events = [with_pieces, Event.of({"type": "content_block_delta", "index": 0, "delta": piece})]
    assert [event.raw for event in await held(Word("{}", block=True), events)] == [event.raw for event in events]
    screen = Word("true", block=True)
    assert begun.raw not in [event.raw for event in await held(screen, [begun])]
    assert "sh" in screen.tools


async def test_a_call_of_which_no_piece_comes_is_judged_as_one_without_arguments() -> None:
    block = {"type": "tool_use", "id": "t", "name": "sh", "input": {}}
    events = [
        Event.of({"type": "content_block_start", "index": 0, "content_block": block}),
        Event.of({"type": "content_block_stop", "index": 0}),
    ]
    screen = Word("{}", block=True)
    assert events[1].raw not in [event.raw for event in await held(screen, events)]
    assert "sh" in screen.tools


@given(step=st.integers(1, 9))
async def test_a_stream_that_nothing_touched_leaves_as_it_came(step: int) -> None:
    events = piecewise(REPLY, step)
    assert [e.raw for e in await held(Word("absent"), events)] == [e.raw for e in events]


@pytest.mark.parametrize("step", [1, 3, 50])
@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("kind", ["text", "thinking", "tool_use"])
async def test_a_withheld_stream_ends_so_that_the_sdk_reads_it(step: int, place: int, kind: str) -> None:
    from anthropic.lib.streaming._messages import accumulate_event

    spoilt = {
        "text": {"type": "text", "text": "the secret"},
        "thinking": {"type": "thinking", "thinking": "the secret", "signature": "s"},
        "tool_use": {"type": "tool_use", "id": "t", "name": "n", "input": {"k": "the secret"}},
    }[kind]
    content: list[dict[str, Any]] = [{"type": "text", "text": "before"}] * place + [spoilt]
    out = await held(Word("secret", block=True), piecewise({**ANSWER, "content": content}, step))
    assert b"secret" not in b"".join(e.raw for e in out)
    kinds = [(e.data or {})["type"] for e in out]
    assert kinds[-2:] == ["message_delta", "message_stop"]
    assert kinds.count("content_block_start") == kinds.count("content_block_stop")
    snapshot: Any = None
    buffers: dict[int, bytes] = {}
    for one in out:
        parsed = EVENTS.validate_python(one.data)
        if parsed.type != "message_stop":
            snapshot = accumulate_event(event=parsed, current_snapshot=snapshot, json_bufs=buffers)
    assert snapshot.stop_reason == "refusal"
    assert "words.test" in snapshot.stop_details.explanation


async def test_a_stream_withheld_at_its_first_event_is_still_a_stream() -> None:
    out = await held(Word("msg_1", block=True), MESSAGES.split(ANSWER, {}))
    assert [(e.data or {})["type"] for e in out] == ["message_start", "message_delta", "message_stop"]
    assert (out[0].data or {})["message"]["id"] == ""


async def test_a_withheld_whole_reply_is_a_refusal_that_the_sdk_reads() -> None:
    whole = {**ANSWER, "content": [{"type": "text", "text": "the secret"}], "x_copy": "the secret"}
    (out,) = await held(Word("secret", block=True), [Event.whole(jsonio.dumps(whole))], streamed=False)
    assert b"secret" not in out.raw
    read = Message.model_validate(out.data)
    assert (read.stop_reason, read.content, read.usage.output_tokens) == ("refusal", [], 5)


async def test_a_withheld_error_stays_an_error() -> None:
    error = {"type": "error", "error": {"type": "invalid_request_error", "message": "the secret"}}
    (out,) = await held(Word("secret", block=True), [Event.whole(jsonio.dumps(error))], streamed=False)
    assert b"secret" not in out.raw
    assert (out.data or {})["error"]["type"] == "api_error"
