"""Calls of tools whose pieces a host of chat sends in turns, towards dialects that have one part after another."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.dialects.between import LANGUAGES
from tidegate.engine.dialects.between.carry import assembled
from tidegate.engine.dialects.between.talk import Call, CallBegan, CallDelta, Delta, Stop, Text, TextDelta
from tidegate.engine.errors import UpstreamRefused
from tidegate.engine.jsonio import dumps, loads
from tidegate.engine.limits import STREAM_CHANNELS
from tidegate.engine.sse import DONE, Event

CHAT = LANGUAGES["openai.chat"]


def chunk(delta: dict[str, Any], finish: str | None = None) -> Event:
    return Event.of({"id": "c", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def begun(index: int, source: str = "") -> Event:
    function = {"name": f"f{index}", "arguments": source}
    return chunk({"tool_calls": [{"index": index, "id": f"c{index}", "type": "function", "function": function}]})


def more(index: int, source: str) -> Event:
    return chunk({"tool_calls": [{"index": index, "function": {"arguments": source}}]})


def read(*events: Event, finish: str = "tool_calls") -> list[Delta]:
    reader = CHAT.read_stream()
    return [delta for event in (*events, chunk({}, finish), DONE) for delta in reader.feed(event)]


@given(data=st.data())
def test_calls_come_whole_in_whatever_order_their_pieces_came(data: st.DataObject) -> None:
    values = st.dictionaries(st.text(max_size=4), st.text('{}[]"\\ a', max_size=8) | st.integers(), max_size=3)
    sources = data.draw(st.lists(values.map(lambda value: dumps(value).decode()), min_size=1, max_size=4))
    cuts = [data.draw(st.lists(st.integers(0, len(source)), max_size=5).map(sorted)) for source in sources]
    ends = [[*cut, len(source)] for cut, source in zip(cuts, sources, strict=True)]
    left = [
        [source[a:b] for a, b in zip([0, *end], end, strict=False)] for end, source in zip(ends, sources, strict=True)
    ]
    events = [begun(index) for index in range(len(sources))]
    while any(left):
        index = data.draw(st.sampled_from([index for index, pieces in enumerate(left) if pieces]))
        events.append(more(index, left[index].pop(0)))
    wanted = [Call(f"c{index}", f"f{index}", source) for index, source in enumerate(sources)]
    assert assembled(read(*events)).parts == wanted


@pytest.mark.parametrize("name", [name for name in LANGUAGES if name != "openai.chat"])
def test_every_dialect_gets_them_one_after_another(name: str) -> None:
    events = [begun(0, "{"), begun(1, "{"), more(0, '"a":'), more(1, '"b":'), more(0, "1}"), more(1, "2}"), more(0, "")]
    writer, reader = LANGUAGES[name].write_stream({}), LANGUAGES[name].read_stream()
    out = [event for delta in read(*events) for event in writer.write(delta)]
    told = assembled([*(delta for event in out for delta in reader.feed(event)), *reader.end()])
    calls = [part for part in told.parts if isinstance(part, Call)]
    assert [(call.name, loads(call.arguments)) for call in calls] == [("f0", {"a": 1}), ("f1", {"b": 2})]


def test_only_what_comes_behind_an_open_call_waits() -> None:
    reader = CHAT.read_stream()
    reader.feed(begun(0, '{"a":'))
    assert reader.feed(more(0, '"}')) == [CallDelta('"}')]
    assert reader.feed(begun(1, "{")) == []
    assert reader.feed(chunk({"content": "so"})) == []
    assert reader.feed(more(0, '"}')) == [CallDelta('"}'), CallBegan("c1", "f1"), CallDelta("{")]
    assert reader.feed(more(1, "}")) == [CallDelta("}"), TextDelta("so")]
    assert reader.feed(begun(2)) == [CallBegan("c2", "f2")]


def test_a_call_without_arguments_ends_with_the_answer() -> None:
    assert assembled(read(begun(0), begun(1, "{}"))).parts == [Call("c0", "f0"), Call("c1", "f1", "{}")]


@pytest.mark.parametrize("first", ['{"a', ""])
def test_of_an_answer_that_is_cut_the_last_call_is_the_one_that_is(first: str) -> None:
    told = assembled(read(begun(0, first), begun(1, '{"b'), finish="length"))
    cut = [Call("c0", "f0", first)] if first else [Call("c0", "f0"), Call("c1", "f1", '{"b')]
    assert (told.parts, told.stop) == (cut, Stop.LENGTH)
    calls = [
        {"id": f"c{at}", "function": {"name": f"f{at}", "arguments": each}} for at, each in enumerate([first, '{"b'])
    ]
    whole = {"id": "c", "model": "m", "choices": [{"message": {"tool_calls": calls}, "finish_reason": "length"}]}
    assert CHAT.read_reply(whole).parts == cut
    for language in LANGUAGES.values():
        language.write_reply(told, {})


def test_arguments_that_are_no_object_end_with_the_answer() -> None:
    events = [begun(0, "plain "), begun(1, "{}"), more(0, "words"), chunk({"content": "so"})]
    assert assembled(read(*events)).parts == [Call("c0", "f0", "plain words"), Call("c1", "f1", "{}"), Text("so")]


@pytest.mark.parametrize("late", ["{}", "x"])
def test_a_call_that_goes_on_after_its_end_is_no_answer(late: str) -> None:
    with pytest.raises(UpstreamRefused):
        read(begun(0, "{}"), begun(1, "{}"), more(0, late))


@pytest.mark.parametrize("first", ["{", "{}"])
def test_an_answer_has_no_more_calls_than_a_stream_may_have_texts(first: str) -> None:
    calls = [begun(0, first), *(begun(index, "{}") for index in range(1, STREAM_CHANNELS))]
    assert len(assembled(read(*calls)).parts) == STREAM_CHANNELS
    with pytest.raises(UpstreamRefused):
        read(*calls, begun(STREAM_CHANNELS))
