"""Hold-back: of a reply that is withheld, breaks or holds too much, nothing has left that was not settled."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine import jsonio, stream
from tidegate.engine.exchange import Segment
from tidegate.engine.sse import DONE, Event
from tidegate.engine.stream import HoldBack, Withheld
from tidegate.tests.engine.screening import CHAT, CUTS, TEXT, Pattern, chunk, content, cut, masks, run, said


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


def test_of_a_withheld_stream_every_choice_that_is_under_way_ends() -> None:
    events = [content("a", 0), content("b", 1), chunk({}, 2, "stop"), content("SECRET", 0)]
    *_, end, done = run(Pattern("SECRET", 1, block=True), events)
    reasons = [(choice["index"], choice["finish_reason"]) for choice in (end.data or {})["choices"]]
    assert reasons == [(0, "content_filter"), (1, "content_filter")]
    assert done is DONE


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
