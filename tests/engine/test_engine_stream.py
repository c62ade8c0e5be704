"""Hold-back: a stream says what the whole reply would have said, and what no rule touches leaves as it came."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.engine import jsonio
from tidegate.engine.dialects.openai_text import OpenAICompletions
from tidegate.engine.escapes import unescape
from tidegate.engine.exchange import Scope, Segment
from tidegate.engine.sse import DONE, Event
from tidegate.engine.stream import HoldBack, Look
from tidegate.tests.engine.screening import CUTS, TEXT, Pattern, arguments, chunk, content, cut, masks, run, said


@given(text=TEXT, cuts=CUTS)
def test_a_stream_says_what_the_whole_reply_would_have_said(text: str, cuts: list[int]) -> None:
    screen = masks()
    events = [content(piece) for piece in cut(text, cuts)]
    assert said(run(screen, [*events, chunk({}, finish="stop"), DONE]))[0, "content"] == screen.whole(text)


@given(text=TEXT, cuts=CUTS)
def test_it_makes_no_difference_whether_the_end_is_announced(text: str, cuts: list[int]) -> None:
    screen = masks()
    assert said(run(screen, [content(piece) for piece in cut(text, cuts)]))[0, "content"] == screen.whole(text)


@settings(max_examples=25)
@given(text=st.text(st.sampled_from("aab c=1"), min_size=1000, max_size=1400), cuts=st.lists(st.integers(1, 200)))
def test_long_streams_forget_what_no_rule_can_need(text: str, cuts: list[int]) -> None:
    screen = masks()
    assert said(run(screen, [content(piece) for piece in cut(text, cuts)]))[0, "content"] == screen.whole(text)
    longest = max(len(piece) for piece in cut(text, cuts))
    assert all(len(seen) <= longest + 4 * 2 + 256 + 2 * screen.width for _, seen, _, _ in screen.seen)


@given(data=st.data())
def test_interleaved_channels_do_not_mix(data: st.DataObject) -> None:
    fields = [(0, "content"), (1, "content"), (1, "refusal"), (2, "reasoning_content")]
    queues = {field: cut(data.draw(TEXT), data.draw(CUTS)) for field in fields}
    texts = {field: "".join(pieces) for field, pieces in queues.items()}
    events: list[Event] = []
    while any(queues.values()):
        index, name = data.draw(st.sampled_from([field for field in fields if queues[field]]))
        events.append(chunk({name: queues[index, name].pop(0)}, index))
    screen = masks()
    assert said(run(screen, [*events, DONE])) == {field: screen.whole(text) for field, text in texts.items()}


def test_several_choices_and_fields_in_one_event_are_all_seen() -> None:
    def event(one: str, two: str, refusal: str) -> Event:
        deltas = [{"content": one, "refusal": refusal}, {"content": two}]
        return Event.of({"choices": [{"index": i, "delta": delta} for i, delta in enumerate(deltas)]})

    out = run(masks(), [event("xa", "ca", "aa"), event("ax", "b", "a")])
    assert said(out) == {(0, "content"): "x<#>x", (1, "content"): "<#>", (0, "refusal"): "<#>"}


def test_the_end_of_one_choice_leaves_the_others_open() -> None:
    out = run(masks(), [content("xa", 0), content("xa", 1), chunk({}, 0, "stop"), content("ax", 1)])
    assert said(out) == {(0, "content"): "xa", (1, "content"): "x<#>x"}


@pytest.mark.parametrize("finish", ["", "stop"])
def test_a_finish_reason_in_every_piece_does_not_end_a_text(finish: str) -> None:
    events = [chunk({"content": piece}, finish=finish) for piece in ("xa", "a", "", "ax")]
    assert said(run(masks(), [*events, DONE]))[0, "content"] == "x<#>x"


JSON_TEXT = st.text(st.sampled_from('aab "\\\n\u00e9\U0001f600=1c'), max_size=25)


@given(value=JSON_TEXT, cuts=CUTS, ascii=st.booleans())
def test_tool_arguments_are_read_unescaped_and_stay_json(value: str, cuts: list[int], ascii: bool) -> None:
    screen = Pattern('a{2,5}"?|\\n|\U0001f600b|é+c', 7, to='<"#\n>')
    raw = json.dumps({"k": value}, ensure_ascii=ascii)
    out = said(run(screen, [arguments(piece) for piece in cut(raw, cuts)]))
    # The screen sees the decoded text, the quotes around it included, and so may match a closing one.
    decoded, _ = unescape(raw, True)
    assert unescape(out[0, 0], True)[0] == screen.whole(decoded)
    if "a" not in value:
        assert json.loads(out[0, 0]) == {"k": screen.whole(value)}


@given(text=st.text(st.sampled_from("abc"), max_size=800), cuts=st.lists(st.integers(0, 40), max_size=40))
def test_arguments_that_are_all_escapes_are_forgotten_too(text: str, cuts: list[int]) -> None:
    raw = "".join(f"\\u{ord(char):04x}" for char in text)
    screen = Pattern("a{2,5}b?", 7)
    out = said(run(screen, [arguments(piece) for piece in cut(raw, cuts)]))
    assert unescape(out[0, 0], True)[0] == screen.whole(text)
    longest = max(len(piece) for piece in cut(raw, cuts))
    assert all(len(seen) <= longest + 4 * 2 + 256 + 2 * screen.width for _, seen, _, _ in screen.seen)


def test_two_calls_of_one_choice_are_two_texts() -> None:
    events = [arguments("xa", 0), arguments("ya", 1), arguments("ax", 0), arguments("by", 1)]
    assert said(run(masks(), events)) == {(0, 0): "x<#>x", (0, 1): "yaby"}


def test_later_pieces_of_a_call_are_seen_under_its_tools_name() -> None:
    named = chunk({"tool_calls": [{"index": 0, "id": "call", "function": {"name": "send_mail", "arguments": ""}}]})
    screen = masks()
    run(screen, [named, arguments('{"a":'), arguments("1}")])
    looked = [segment for segment, _, _, _ in screen.seen if segment.json]
    assert looked and all(segment.tool == "send_mail" for segment in looked)


@given(text=st.text(st.sampled_from("xyz "), max_size=40), cuts=CUTS)
def test_events_that_no_rule_touched_leave_byte_for_byte(text: str, cuts: list[int]) -> None:
    events = [
        Event(raw, raw[6:-4])
        for piece in cut(text, cuts)
        for raw in [b'data: {"odd" :1.50, "choices": [{"index":0,"delta":{"content":"%s"}}]}\r\n\r\n' % piece.encode()]
    ]
    comment = Event(b": keep-alive\n\n", b"")
    sent = [comment, *events, comment, DONE]
    assert [event.raw for event in run(masks(), sent)] == [event.raw for event in sent]


def test_only_the_events_that_an_edit_touches_are_rewritten() -> None:
    events = [content(piece, note="kept") for piece in ("clean ", "xa", "aa", "ax", " clean")]
    out = run(masks(), events)
    assert [new is old for new, old in zip(out, events, strict=True)] == [True, False, False, False, True]
    assert [event.data["choices"][0]["delta"]["content"] for event in out if event.data] == [
        "clean ",
        "x<#>",
        "",
        "x",
        " clean",
    ]
    assert all(event.data and event.data["choices"][0]["note"] == "kept" for event in out)


def test_a_screen_may_find_again_what_has_left_already() -> None:
    class Forgetful(Pattern):
        async def look(self, segment: Segment, text: str, settled: int, done: bool) -> Look:
            look = await super().look(segment, text, 0, done)
            return Look(look.edits, max(look.safe, settled))

    screen = Forgetful("a", 1, None)
    out = run(screen, [content("xax"), content("yay"), content("zaz")])
    assert said(out)[0, "content"] == "x<#>xy<#>yz<#>z"


@pytest.mark.parametrize("streamed", [True, False])
def test_text_and_log_probabilities_that_are_both_masked_do_not_collide(streamed: bool) -> None:
    tokens = {"content": [{"token": "a", "bytes": [97], "top_logprobs": [{"token": "aa"}]}, {"token": "a"}]}
    field = "delta" if streamed else "message"
    for order in ((field, "logprobs"), ("logprobs", field)):
        choice = {"index": 0, **{name: {field: {"content": "aa"}, "logprobs": tokens}[name] for name in order}}
        event = Event.of({"choices": [choice]}) if streamed else Event.whole(jsonio.dumps({"choices": [choice]}))
        (out,) = run(masks(), [event], streamed=streamed)
        assert out.data and out.data["choices"][0][field]["content"] == "<#>"
        assert out.data["choices"][0]["logprobs"] is None


def test_tokens_in_log_probabilities_are_read_as_the_text_they_spell() -> None:
    def event(token: str) -> Event:
        return chunk({}, logprobs={"content": [{"token": token}]})

    out = run(masks(), [event("xa"), event("a"), event("y")])
    tokens = [e.data["choices"][0]["logprobs"]["content"][0]["token"] for e in out if e.data]
    assert tokens == ["x<#>", "", "y"]


def test_a_token_that_changes_takes_its_bytes_and_alternatives_with_it() -> None:
    def token(text: str) -> dict[str, Any]:
        spelt = {"token": text, "bytes": [*text.encode()]}
        return {**spelt, "top_logprobs": [spelt, {"token": "o", "bytes": [111]}]}

    (out,) = run(masks(), [chunk({}, logprobs={"content": [token("xaa"), token("y")]})])
    assert out.data
    masked, kept = out.data["choices"][0]["logprobs"]["content"]
    assert masked == {"token": "x<#>", "bytes": [], "top_logprobs": []} and kept == token("y")


def test_texts_that_every_event_repeats_are_looked_at_once() -> None:
    screen = masks()
    run(screen, [content("x") for _ in range(50)])
    assert sum(segment.address == ("id",) for segment, _, _, _ in screen.seen) == 1


def test_a_screen_that_does_not_apply_is_not_asked() -> None:
    class Deaf(Pattern):
        def applies(self, segment: Segment) -> bool:
            return segment.scope is Scope.TOOL_ARGS

    screen = Deaf("a", 1)
    events = [content("aaa"), arguments("xax")]
    assert said(run(screen, events)) == {(0, "content"): "aaa", (0, 0): "x<#>x"}
    assert {segment.scope for segment, _, _, _ in screen.seen} == {Scope.TOOL_ARGS}


def test_legacy_completions_are_held_back_the_same_way() -> None:
    def event(text: str) -> Event:
        return Event.of({"choices": [{"index": 0, "text": text, "logprobs": {"tokens": [text]}}]})

    async def stop() -> None: ...

    async def source() -> AsyncIterator[Event]:
        for piece in ("xa", "a", "y"):
            yield event(piece)

    async def collect() -> list[dict[str, Any]]:
        hold = HoldBack(OpenAICompletions(), masks(), True, stop)
        return [event.fresh()["choices"][0] async for event in hold.run(source())]

    out = asyncio.run(collect())
    assert [choice["text"] for choice in out] == ["x<#>", "", "y"]
    assert [choice["logprobs"] for choice in out] == [None, None, {"tokens": ["y"]}]


@pytest.mark.parametrize(
    "delta",
    [
        {"content": "*"},
        {"refusal": "*"},
        {"reasoning_content": "*"},
        {"reasoning": "*"},
        {"reasoning_details": [{"type": "reasoning.text", "text": "*"}]},
        {"audio": {"transcript": "*"}},
        {"function_call": {"arguments": "*"}},
        {"tool_calls": [{"index": 0, "function": {"arguments": "*"}}]},
        {"tool_calls": [{"index": 0, "custom": {"input": "*"}}]},
        {"x_of_tomorrow": {"deep": ["*"]}},
    ],
    ids=jsonio.dumps,
)
@pytest.mark.parametrize("step", [1, 2, 3])
def test_every_kind_of_running_text_is_one_text_however_it_is_cut(delta: dict[str, Any], step: int) -> None:
    text = "say aaab and cab b=12 bye"

    def piece(part: str) -> Event:
        return chunk(json.loads(json.dumps(delta).replace("*", part)))

    out = run(masks(), [piece(text[at : at + step]) for at in range(0, len(text), step)] + [chunk({}, finish="stop")])
    strings = ["".join(text for _, text in jsonio.strings(e.data["choices"][0]["delta"])) for e in out[:-1] if e.data]
    assert "".join(strings).replace("reasoning.text", "") == masks().whole(text)
