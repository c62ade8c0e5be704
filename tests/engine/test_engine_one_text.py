"""What clients join is one text: over finish reasons that come with every piece, and over the parts of a reply."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tidegate.engine import jsonio
from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_text import OpenAICompletions
from tidegate.engine.sse import DONE, Event
from tidegate.engine.stream import HoldBack
from tidegate.tests.engine.screening import CHAT, Pattern, chunk, content, said

GEMINI, TEXT = Gemini(), OpenAICompletions()
PIECES = ("see xsec", "", "ret, ye", "s sec")


async def through(dialect: Dialect, events: list[Event], streamed: bool = True, wait: bool = False) -> list[Event]:
    """What leaves. With `wait` the connection stays open behind the last event."""
    out: list[Event] = []

    async def source() -> AsyncIterator[Event]:
        for event in events:
            yield event
        if wait:
            await asyncio.Event().wait()

    async def stop() -> None: ...

    async with asyncio.timeout(5):
        async for event in HoldBack(dialect, Pattern("secret", 6), streamed, stop).run(source()):
            out.append(event)
            if wait and len(out) == len(events):
                break
    return out


def candidate(*texts: str, thought: bool = False) -> dict[str, Any]:
    parts = [{"text": text, **({"thought": True} if thought else {})} for text in texts]
    return {"candidates": [{"index": 0, "content": {"role": "model", "parts": parts}, "finishReason": "STOP"}]}


def spoken(events: list[Event]) -> str:
    choices = [choice for event in events for choice in (event.data or {}).get("choices", [])]
    candidates = [candidate for event in events for candidate in (event.data or {}).get("candidates", [])]
    parts = [part for each in candidates for part in each["content"]["parts"]]
    said = [each.get("text", each.get("delta", {}).get("content")) for each in choices]
    return "".join([*said, *(part["text"] for part in parts)])


@pytest.mark.parametrize(
    ("dialect", "event"),
    [
        (CHAT, lambda text: chunk({"content": text}, finish="stop")),
        (TEXT, lambda text: Event.of({"choices": [{"index": 0, "text": text, "finish_reason": "stop"}]})),
        (GEMINI, lambda text: Event.of(candidate(text))),
        (GEMINI, lambda text: Event.of(candidate(text, thought=True))),
    ],
    ids=["chat", "completions", "gemini", "gemini thoughts"],
)
async def test_a_finish_reason_in_every_piece_ends_no_text(dialect: Dialect, event: Callable[[str], Event]) -> None:
    out = await through(dialect, [event(text) for text in PIECES])
    assert spoken(out) == "see x<#>, yes sec"


async def test_each_piece_with_a_finish_reason_leaves_with_the_next_one() -> None:
    pieces = [chunk({"content": text}, finish="stop") for text in ("no such word, ", "nor here, ", "nor there.")]
    held = HoldBack(CHAT, Pattern("secret", 1), True, lambda: asyncio.sleep(0))
    given: list[str] = []

    async def source() -> AsyncIterator[Event]:
        for event in pieces:
            given.append(spoken([event]))
            yield event

    seen = [(spoken([event]), len(given)) async for event in held.run(source())]
    assert seen == [("no such word, ", 2), ("nor here, ", 3), ("nor there.", 3)]


async def test_what_is_held_leaves_with_done_and_before_the_finish_reason() -> None:
    events = [content("see sec"), chunk({}, finish="stop"), Event.of({"choices": [], "usage": {}}), DONE]
    assert [event.raw for event in await through(CHAT, events, wait=True)] == [event.raw for event in events]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("thought", [False, True])
async def test_parts_of_a_candidate_are_one_text_streamed_or_not(streamed: bool, thought: bool) -> None:
    given = candidate(*PIECES, thought=thought)
    event = Event.of(given) if streamed else Event.whole(jsonio.dumps(given))
    assert spoken(await through(GEMINI, [event], streamed)) == "see x<#>, yes sec"


@pytest.mark.parametrize("kind", ["text", "thinking"])
async def test_parts_of_a_message_are_one_text_streamed_or_not(kind: str) -> None:
    def parts(*texts: str) -> list[dict[str, Any]]:
        plain = [{"type": "text", "text": text} for text in texts]
        return plain if kind == "text" else [{"type": "thinking", "thinking": [part]} for part in plain]

    def told(events: list[Event]) -> str:
        choices = [choice for event in events for choice in (event.data or {}).get("choices", [])]
        given = [part for each in choices for part in each.get("message", each.get("delta"))["content"]]
        return "".join(part["text"] if kind == "text" else part["thinking"][0]["text"] for part in given)

    whole = {"choices": [{"index": 0, "message": {"role": "assistant", "content": parts(*PIECES)}}]}
    assert told(await through(CHAT, [Event.whole(jsonio.dumps(whole))], False)) == "see x<#>, yes sec"
    pieces = [chunk({"content": parts("ignored", "see xsec")}), *[chunk({"content": parts(p)}) for p in PIECES[1:]]]
    assert told(await through(CHAT, [*pieces, DONE])) == "ignoredsee x<#>, yes sec"


async def test_a_part_goes_on_with_what_came_as_a_string() -> None:
    events = [content("see sec"), chunk({"content": [{"type": "text", "text": "ret"}]}), DONE]
    out = await through(CHAT, events)
    assert said(out[:1])[0, "content"] == "see <#>" and b"secret" not in b"".join(event.raw for event in out)


@pytest.mark.parametrize("streamed", [True, False])
async def test_tokens_of_a_completion_are_read_as_the_text_they_spell(streamed: bool) -> None:
    """Such as hold the stop word that its text is without."""
    tokens = ["a s", "ec", "ret"]
    logprobs = {"tokens": tokens, "token_logprobs": [0, 0, 0], "top_logprobs": [{token: 0} for token in tokens]}
    body = {"choices": [{"index": 0, "text": "a sec", "logprobs": logprobs, "finish_reason": "stop"}]}
    event = Event.of(body) if streamed else Event.whole(jsonio.dumps(body))
    (out,) = await through(TEXT, [event], streamed)
    left = (out.data or {})["choices"][0]["logprobs"]
    assert "".join(left["tokens"]) == "a <#>"
    assert left["top_logprobs"] == [{}, {}, {}], "the alternatives beside a token would say what it was"


async def test_pieces_of_several_items_in_a_list_are_joined_by_the_items_own_numbers() -> None:
    def thought(number: int, text: str) -> Event:
        return chunk({"reasoning_details": [{"type": "reasoning.text", "index": number, "text": text}]})

    out = await through(CHAT, [thought(0, "a sec"), thought(1, "x"), thought(0, "ret"), thought(1, "y")])
    found = [event.data["choices"][0]["delta"]["reasoning_details"][0] for event in out if event.data]
    said = {number: "".join(each["text"] for each in found if each["index"] == number) for number in (0, 1)}
    assert said == {0: "a <#>", 1: "xy"}
