"""Hold-back: a stream says what the whole reply would have said, and nothing leaves before it is settled."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.engine import jsonio, stream
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.openai_text import OpenAICompletions
from tidegate.engine.errors import UpstreamBroke
from tidegate.engine.exchange import Scope, Segment
from tidegate.engine.sse import DONE, Event
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


def test_closing_one_choice_leaves_the_others_open() -> None:
    out = run(masks(), [content("xa", 0), content("xa", 1), chunk({}, 0, "stop"), content("ax", 1)])
    assert said(out) == {(0, "content"): "xa", (1, "content"): "x<#>x"}


def test_an_empty_finish_reason_does_not_end_a_text() -> None:
    events = [chunk({"content": piece}, finish="") for piece in ("xa", "a", "x")]
    assert said(run(masks(), events))[0, "content"] == "x<#>x"


JSON_TEXT = st.text(st.sampled_from('aab "\\\n\u00e9\U0001f600=1c'), max_size=25)


@given(value=JSON_TEXT, cuts=CUTS, ascii=st.booleans())
def test_tool_arguments_are_read_unescaped_and_stay_json(value: str, cuts: list[int], ascii: bool) -> None:
    screen = Pattern('a{2,5}"?|\\n|\U0001f600b|é+c', 7, to='<"#\n>')
    raw = json.dumps({"k": value}, ensure_ascii=ascii)
    out = said(run(screen, [arguments(piece) for piece in cut(raw, cuts)]))
    # The screen sees the decoded text, the quotes around it included, and so may match a closing one.
    decoded, _ = jsonio.unescape(raw, True)
    assert jsonio.unescape(out[0, 0], True)[0] == screen.whole(decoded)
    if "a" not in value:
        assert json.loads(out[0, 0]) == {"k": screen.whole(value)}


@given(text=st.text(st.sampled_from("abc"), max_size=800), cuts=st.lists(st.integers(0, 40), max_size=40))
def test_arguments_that_are_all_escapes_are_forgotten_too(text: str, cuts: list[int]) -> None:
    raw = "".join(f"\\u{ord(char):04x}" for char in text)
    screen = Pattern("a{2,5}b?", 7)
    out = said(run(screen, [arguments(piece) for piece in cut(raw, cuts)]))
    assert jsonio.unescape(out[0, 0], True)[0] == screen.whole(text)
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


@given(text=TEXT, cuts=CUTS, many=st.integers(0, 30))
def test_what_leaves_before_the_upstream_breaks_is_settled(text: str, cuts: list[int], many: int) -> None:
    """Whatever might have followed: what left is a beginning of what any continuation would say."""
    events = [content(piece) for piece in cut(text, cuts)][:many]
    left = said(run(masks(), events, fault=True)).get((0, "content"), "")
    sent = "".join(cut(text, cuts)[:many])
    for tail in ("", "a", "ab", "b", "=1", "aaaaaa", " cab ", "1"):
        assert masks().whole(sent + tail).startswith(left)


@given(before=st.text(st.sampled_from("xy "), max_size=20), cuts=CUTS)
def test_of_a_withheld_stream_no_forbidden_character_has_left(before: str, cuts: list[int]) -> None:
    text = before + "SECRET" + " and more"
    events = [content(piece) for piece in cut(text, cuts)]
    out = run(Pattern("SECRET", 6, block=True), [*events, DONE])
    shown = said(out).get((0, "content"), "")
    assert before.startswith(shown)
    assert out[-1] is DONE
    last = out[-2].data
    assert last and last["choices"][0]["finish_reason"] == "content_filter"
    assert last["tidegate"] == {"guard": "blocked", "rules": ["words.test"]}
    assert b"SECRET" not in b"".join(event.raw for event in out)


def test_a_withheld_stream_stops_reading_and_lets_go_of_the_upstream() -> None:
    read: list[int] = []
    stopped: list[int] = []

    async def source() -> AsyncIterator[Event]:
        for number, piece in enumerate(("fine ", "SECRET", "never read", "never read")):
            read.append(number)
            yield content(piece)

    async def stop() -> None:
        stopped.append(len(read))

    async def collect() -> list[Event]:
        hold = HoldBack(CHAT, Pattern("SECRET", 6, block=True), True, stop)
        return [event async for event in hold.run(source())]

    asyncio.run(collect())
    assert (read, stopped) == ([0, 1], [2])


def whole(text: str, **more: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, "refusal": None, "extra": "field"}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return {"id": "c-1", "object": "chat.completion", "model": "m", "choices": [choice], "unknown": "field", **more}


def test_a_whole_reply_is_masked_and_an_untouched_one_is_the_same_bytes() -> None:
    touched = Event.whole(json.dumps(whole("x aa y"), indent=1).encode())
    clean = Event.whole(json.dumps(whole("x y"), indent=1).encode())
    (out,) = run(masks(), [touched], streamed=False)
    assert out.data == whole("x <#> y") and not out.framed
    assert run(masks(), [clean], streamed=False) == [clean]


def test_a_withheld_whole_reply_keeps_its_form_and_none_of_its_text() -> None:
    body = whole("a SECRET", secret_field="SECRET too")
    (out,) = run(Pattern("SECRET", 6, block=True), [Event.whole(jsonio.dumps(body))], streamed=False)
    assert out.data and out.data["choices"][0]["finish_reason"] == "content_filter"
    assert out.data["choices"][0]["message"] == {"role": "assistant", "content": "", "refusal": None}
    assert out.data["id"] == "c-1"
    assert b"SECRET" not in out.raw


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("field", ["id", "model", "usage", "system_fingerprint"])
def test_the_envelope_of_a_withheld_reply_repeats_nothing_forbidden(streamed: bool, field: str) -> None:
    forbidden: Any = {"note": "SECRET"} if field == "usage" else "my SECRET"
    plain: dict[str, Any] = {"choices": [{"index": 0, "delta": {"content": "x"}, "message": {"content": "SECRET"}}]}
    event = Event.of(plain | {field: forbidden}) if streamed else Event.whole(jsonio.dumps(plain | {field: forbidden}))
    assert b"SECRET" not in b"".join(e.raw for e in run(Pattern("SECRET", 6, block=True), [event], streamed=streamed))


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


def test_an_endless_open_match_is_cut_off_at_the_hold_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STREAM_HOLD_CHARS", 50)
    out = run(Pattern("b+c", 1000), [content("b" * 10) for _ in range(20)])
    assert said(out) == {}
    assert out[-2].data and out[-2].data["tidegate"]["rules"] == ["hold limit"]


def test_events_without_text_cannot_pile_up_behind_an_open_match(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STREAM_HOLD_CHARS", 50)
    out = run(Pattern("b+c", 1000), [content("b"), *[Event(b": ping\n\n", b"") for _ in range(100)]])
    assert len(out) == 2 and out[-1] is DONE


def test_channels_without_number_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STREAM_CHANNELS", 20)
    out = run(masks(), [content("x" * 9, index) for index in range(40)])
    assert out[-2].data and out[-2].data["tidegate"]["rules"] == ["hold limit"]


@pytest.mark.parametrize("payload", [b"not json", b"[1]", b'"text"', b'{"a":NaN}'])
def test_an_event_that_is_no_object_is_reported_as_unread(payload: bytes) -> None:
    screen = masks()
    run(screen, [Event(b"data: " + payload + b"\n\n", payload), DONE, Event(b": c\n\n", b"")])
    assert screen.unreads == ["not JSON"]


def test_a_picture_in_a_reply_is_reported_as_unread() -> None:
    screen = masks()
    picture = {"image_url": {"url": "data:image/png;base64,AAAA"}}
    run(screen, [chunk({"images": [picture]})])
    assert screen.unreads == ["image"]


def test_a_screen_that_refuses_unread_content_ends_the_reply() -> None:
    class Strict(Pattern):
        def unread(self, segment: Segment) -> None:
            raise Withheld(["unread"])

    event = Event(b"data: not json\n\n", b"not json")
    out = run(Strict("a", 1), [content("fine"), event])
    assert said(out) == {(0, "content"): "fine"}
    assert out[-2].data and out[-2].data["tidegate"]["rules"] == ["unread"]


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
