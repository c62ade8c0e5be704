"""The Responses dialect held back: no piece and no copy says what was taken out, and the SDK reads what is left."""

import json
from collections.abc import AsyncIterator
from typing import Any

import openai.types.responses as sdk
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine import jsonio
from tidegate.engine.exchange import Segment
from tidegate.engine.sse import DONE, Event
from tidegate.engine.stream import Edit, HoldBack, Look, Withheld
from tidegate.tests.engine.responses_samples import (
    EVENTS,
    REPLY,
    RESPONSES,
    TOKEN,
    call,
    message,
    reply,
    streamed_texts,
)

ADDED = "response.output_item.added"


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
            if self.block:
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

    return [event async for event in HoldBack(RESPONSES, screen, streamed, stop).run(source())]


def piecewise(whole: dict[str, Any], step: int) -> list[Event]:
    """The stream of a reply with texts and arguments in pieces, as OpenAI sends it."""
    out: list[dict[str, Any]] = []
    for event in RESPONSES.split(whole, {}):
        data = event.fresh()
        item = data.get("item", {})
        if data["type"].endswith(".delta"):
            text = data["delta"]
            out += [{**data, "delta": text[at : at + step]} for at in range(0, len(text), step)]
        elif data["type"] == "response.output_item.added" and item.get("type") == "function_call":
            source, at = item["arguments"], {"item_id": item["id"], "output_index": data["output_index"]}
            item["arguments"] = ""
            out.append(data)
            kind = "response.function_call_arguments"
            out += [{"type": f"{kind}.delta", **at, "delta": source[i : i + step]} for i in range(0, len(source), step)]
            out.append({"type": f"{kind}.done", **at, "arguments": source})
        else:
            out.append(data)
    return [Event.of({**data, "sequence_number": n}, kind=data["type"]) for n, data in enumerate(out)]


@given(step=st.integers(1, 9), before=st.text('ab \\"', max_size=12), pad=st.sampled_from(["", "x" * 300]))
async def test_a_word_is_gone_from_every_piece_and_every_copy(step: int, before: str, pad: str) -> None:
    source = json.dumps({"x": before + "secret"})
    whole = reply(message(before + "secret, yes" + pad), call(source))
    screen = Word("secret")
    out = await held(screen, piecewise(whole, step))
    assert "weather" in screen.tools
    assert b"secret" not in b"".join(event.raw for event in out)
    said = streamed_texts(out)
    assert said["response.output_text.delta"] == before + "<#>, yes" + pad
    assert said["response.function_call_arguments.delta"] == source.replace("secret", "<#>")
    final = RESPONSES.assemble(out)
    assert final["output"][0]["content"][0]["text"] == said["response.output_text.delta"]
    assert final["output"][1]["arguments"] == said["response.function_call_arguments.delta"]


@given(step=st.integers(1, 9))
async def test_a_stream_that_nothing_touched_leaves_as_it_came(step: int) -> None:
    events = [*piecewise(REPLY, step), DONE]
    assert [event.raw for event in await held(Word("absent"), events)] == [event.raw for event in events]


async def test_log_probabilities_go_with_the_text_that_they_spell() -> None:
    whole = reply(message("see secret", logprobs=[{**TOKEN, "token": "see "}, {**TOKEN, "token": "secret"}]))
    out = await held(Word("secret"), RESPONSES.split(whole, {}))
    assert b"secret" not in b"".join(event.raw for event in out)
    split = [{**TOKEN, "token": "sec"}, {**TOKEN, "token": "ret"}]
    out = await held(Word("secret"), RESPONSES.split(reply(message("secret", logprobs=split)), {}))
    assert b'"sec"' not in b"".join(event.raw for event in out)
    token = {**TOKEN, "token": "secret", "bytes": [115, 101], "top_logprobs": [{**TOKEN, "token": "secret"}]}
    delta = {"type": "response.output_text.delta", "item_id": "m", "output_index": 0, "content_index": 0}
    out = await held(Word("secret"), [Event.of({**delta, "delta": "", "logprobs": [token]})])
    assert b"115" not in out[0].raw and b"secret" not in out[0].raw


async def test_alternatives_to_a_masked_token_go_in_whatever_form_they_are() -> None:
    whole = reply(message("x", logprobs=[{"token": "secret", "top_logprobs": ["secret", "o"]}]))
    [event] = await held(Word("secret"), [Event.whole(jsonio.dumps(whole))], streamed=False)
    part = (event.data or {})["output"][0]["content"][0]
    assert part["logprobs"] == [{"token": "<#>", "top_logprobs": []}]


@pytest.mark.parametrize("step", [1, 3, 50])
@pytest.mark.parametrize("before", range(3))
@pytest.mark.parametrize("kind", ["text", "arguments"])
async def test_a_withheld_stream_ends_so_that_the_sdk_reads_it(step: int, before: int, kind: str) -> None:
    from openai._types import NOT_GIVEN
    from openai.lib.streaming.responses._responses import ResponseStreamState

    spoilt = message("the secret") if kind == "text" else call('{"k": "the secret"}')
    whole = reply(*[{**message("before"), "id": f"m-{n}"} for n in range(before)], spoilt)
    out = await held(Word("secret", block=True), piecewise(whole, step))
    assert b"secret" not in b"".join(event.raw for event in out)
    assert [(e.data or {})["sequence_number"] for e in out] == list(range(len(out)))
    state: Any = ResponseStreamState(input_tools=NOT_GIVEN, text_format=NOT_GIVEN)
    for event in out:
        state.handle_event(EVENTS.validate_python(event.data))
    last = (out[-1].data or {})["response"]
    assert (last["id"], last["status"], last["incomplete_details"]) == (
        "resp-1",
        "incomplete",
        {"reason": "content_filter"},
    )


async def test_a_stream_withheld_at_its_first_event_is_still_a_stream() -> None:
    out = await held(Word("gpt-test", block=True), RESPONSES.split(reply(message("x")), {}))
    assert [(e.data or {})["type"] for e in out] == ["response.created", "response.incomplete"]
    assert b"gpt-test" not in b"".join(e.raw for e in out)
    for event in out:
        EVENTS.validate_python(event.data)


async def test_a_withheld_whole_reply_is_an_incomplete_one_that_the_sdk_reads() -> None:
    whole = reply(message("the secret"), x_copy="the secret")
    (out,) = await held(Word("secret", block=True), [Event.whole(jsonio.dumps(whole))], streamed=False)
    assert b"secret" not in out.raw
    read = sdk.Response.model_validate(out.data)
    assert read.incomplete_details is not None and read.incomplete_details.reason == "content_filter"
    assert (read.output_text, read.usage and read.usage.output_tokens) == ("", 5)


async def test_a_withheld_error_stays_an_error() -> None:
    error = {"error": {"message": "the secret", "type": "server_error"}}
    (out,) = await held(Word("secret", block=True), [Event.whole(jsonio.dumps(error))], streamed=False)
    assert b"secret" not in out.raw
    assert "words.test" in (out.data or {})["error"]["message"]


@pytest.mark.parametrize(
    ("opens", "goes_on"),
    [
        (
            {"type": "response.content_part.added", "content_index": 0, "part": {"type": "output_text", "text": "fal"}},
            {"type": "response.output_text.delta", "content_index": 0, "delta": "con"},
        ),
        (
            {
                "type": "response.reasoning_summary_part.added",
                "summary_index": 1,
                "part": {"type": "summary_text", "text": "fal"},
            },
            {"type": "response.reasoning_summary_text.delta", "summary_index": 1, "delta": "con"},
        ),
        (
            {
                "type": ADDED,
                "item": {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "fal"}]},
            },
            {"type": "response.refusal.delta", "content_index": 0, "delta": "con"},
        ),
        (
            {"type": ADDED, "item": {"type": "function_call", "name": "f", "call_id": "c", "arguments": '{"a":"fal'}},
            {"type": "response.function_call_arguments.delta", "delta": 'con"}'},
        ),
    ],
)
async def test_a_text_that_begins_where_it_is_opened_goes_on_in_its_pieces(
    opens: dict[str, Any], goes_on: dict[str, Any]
) -> None:
    """The SDK puts what pieces say behind what stands there already."""
    events = [Event.of({"output_index": 0, **each}) for each in (opens, goes_on)]
    left = b"".join([event.raw for event in await held(Word("falcon"), [*events, DONE])])
    assert b"<#>" in left and b"fal" not in left and b'con"' not in left
