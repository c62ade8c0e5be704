"""Server-sent events: every byte accounted for, wherever the network cut them."""

import re
import time
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine import limits, sse
from tidegate.engine.errors import UpstreamBroke
from tidegate.engine.sse import DONE, Event, Parser

BOM = b"\xef\xbb\xbf"
ENDINGS = ("\n", "\r\n", "\r")
LINES = ("data: {}", "data:x", "data", "event: ping", ": comment", "id: 7", "", "retry: 1", "data: \u00e9")


def parsed(pieces: list[bytes]) -> list[Event]:
    parser = Parser()
    return [event for piece in pieces for event in parser.feed(piece)] + list(parser.end())


def pieces(raw: bytes, cuts: list[int]) -> list[bytes]:
    out: list[bytes] = []
    for cut in cuts:
        out.append(raw[:cut])
        raw = raw[cut:]
    return [*out, raw]


def by_the_book(raw: bytes) -> list[tuple[str, bytes]]:
    """Kind and data of each event, read line by line as the specification says."""
    events: list[tuple[str, bytes]] = []
    kind, data = "", list[bytes]()
    for line in re.split(rb"\r\n|\n|\r", raw.removeprefix(b"\xef\xbb\xbf")):
        if not line:
            if data:
                events.append((kind, b"\n".join(data)))
            kind, data = "", []
            continue
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            data.append(value)
        elif name == b"event":
            kind = value.decode()
    return events


STREAMS = st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(ENDINGS)), max_size=14).map(
    lambda lines: "".join(line + ending for line, ending in lines).encode()
)
CUTS = st.lists(st.integers(0, 6), max_size=40)


@given(raw=STREAMS, cuts=CUTS)
def test_no_cut_changes_an_event_or_loses_a_byte(raw: bytes, cuts: list[int]) -> None:
    whole, cut = parsed([raw]), parsed(pieces(raw, cuts))
    assert [(e.raw, e.payload, e.kind) for e in cut] == [(e.raw, e.payload, e.kind) for e in whole]
    joined = b"".join(event.raw for event in whole)
    assert joined in (raw, raw + b"\n\n") or not raw[len(joined) :].strip()


def test_no_client_reads_an_event_otherwise_for_a_byte_order_mark() -> None:
    """Some skip a line that begins with one: between two halves of a word it would hide what comes behind it."""
    raw = b"data: pro\n\n" + BOM * 300_000 + b"data: x\n\ndata: ject\n\n"
    begun = time.process_time()
    assert [event.payload for event in parsed([raw])] == [b"pro", b"x", b"ject"]
    assert time.process_time() - begun < 0.4
    assert BOM not in b"".join(event.raw for event in parsed([raw]))


@given(raw=STREAMS, bom=st.booleans())
def test_events_are_what_the_specification_says(raw: bytes, bom: bool) -> None:
    raw = (BOM if bom else b"") + raw + b"\n\n"
    assert [(e.kind, e.payload) for e in parsed([raw]) if e.payload] == [e for e in by_the_book(raw) if e[1]]


@pytest.mark.parametrize("first", ENDINGS)
@pytest.mark.parametrize("second", ENDINGS)
def test_an_empty_line_ends_an_event_in_any_line_ending(first: str, second: str) -> None:
    if first + second == "\r\n":
        return  # these two are one line ending
    raw = f"data: a{first}{second}data: b\n\n".encode()
    assert [event.payload for event in parsed([raw])] == [b"a", b"b"]
    assert b"".join(event.raw for event in parsed([raw])) == raw


def test_an_event_leaves_the_parser_as_soon_as_it_is_complete() -> None:
    parser = Parser()
    assert [e.payload for e in parser.feed(b"data: a\n\ndata: b\n")] == [b"a"]
    assert [e.payload for e in parser.feed(b"\n")] == [b"b"]


def test_a_last_event_without_its_empty_line_is_still_read() -> None:
    assert [event.payload for event in parsed([b"data: a\n\nda", b"ta: b"])] == [b"a", b"b"]
    assert parsed([b"data: a\n\n  \n"])[1:] == []


def test_an_event_over_the_cap_is_refused_whole_or_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "EVENT_BYTES", 100)
    big = b"data: " + b"x" * 200 + b"\n\n"
    with pytest.raises(UpstreamBroke):
        parsed([big])
    with pytest.raises(UpstreamBroke):
        parsed([big[:150], big[150:]])
    assert len(parsed([b"data: x\n\n" * 200])) == 200


def test_an_event_may_be_one_line_as_long_as_a_picture() -> None:
    big = b"data: " + b"x" * (limits.EVENT_BYTES - 8) + b"\n\n"
    assert [event.raw for event in parsed([big[at : at + 65536] for at in range(0, len(big), 65536)])] == [big]


async def test_a_reply_over_the_cap_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "REPLY_BYTES", 100)

    async def chunks() -> AsyncIterator[bytes]:
        while True:
            yield b"data: x\n\n"

    seen = 0
    with pytest.raises(UpstreamBroke):
        async for _ in sse.parse(chunks()):
            seen += 1
    assert seen == 100 // 9


async def test_a_byte_stream_is_parsed_to_its_end() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for piece in (b"data: {", b'"a":1}\n', b"\ndata: [DONE]"):
            yield piece

    events = [event async for event in sse.parse(chunks())]
    assert [event.data for event in events] == [{"a": 1}, None]
    assert events[1].payload == DONE.payload


@pytest.mark.parametrize("payload", [b"", b"[DONE]", b"[1]", b"nope", b'"text"', b"1", b'{"a":NaN}', b"{"])
def test_what_is_no_json_object_has_no_data(payload: bytes) -> None:
    assert Event(b"", payload).data is None


def test_json_over_several_data_lines_is_one_object() -> None:
    (event,) = parsed([b'event: x\ndata: {"a":\ndata: 1}\n\n'])
    assert (event.kind, event.data) == ("x", {"a": 1})


def test_a_replaced_event_keeps_its_kind_and_its_frame() -> None:
    (event,) = parsed([b'event: delta\ndata: {"a": 1}\n\n'])
    assert event.replaced({"a": 2}).raw == b'event: delta\ndata: {"a":2}\n\n'
    assert Event.whole(b'{"a": 1}').replaced({"a": 2}).raw == b'{"a":2}'


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("bom", [b"", BOM])
def test_a_replaced_event_keeps_what_stands_beside_its_data(end: bytes, bom: bytes) -> None:
    lines = [b": hello", b"id: 7", b"event: x", b'data:{"a":', b"retry: 9", b"data: 1}", b"", b""]
    [event] = parsed([bom + end.join(lines)])
    told = event.replaced({"a": 2})
    assert told.raw == end.join([b": hello", b"id: 7", b"event: x", b'data: {"a":2}', b"retry: 9", b"", b""])
    assert parsed([told.raw])[0].data == {"a": 2}


def test_a_fresh_copy_can_be_changed_without_changing_the_event() -> None:
    event = Event.of({"a": [1]})
    event.fresh()["a"].append(2)
    assert event.data == {"a": [1]}
    assert limits.EVENT_BYTES < limits.REPLY_BYTES


async def test_an_event_that_the_end_cuts_is_no_event() -> None:
    async def chunks(raw: bytes) -> AsyncIterator[bytes]:
        yield raw

    for whole in (b'data: {"a": 1}', b"data: [DONE]", b"data: [DONE] \n", b": ping"):
        assert len([event async for event in sse.parse(chunks(whole))]) == 1
    for cut in (b'data: {"a": ', b"data: [DON", 'data: {"a": "ü'.encode()[:-1]):
        with pytest.raises(UpstreamBroke, match="middle of an event"):
            [event async for event in sse.parse(chunks(cut))]
