"""Replies between OpenAI's Responses and the other dialects: the same answer, whole or streamed, either way."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import openai.types.responses as theirs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import Omit
from openai.lib.streaming.responses._responses import ResponseStreamState
from pydantic import TypeAdapter

from tidegate.engine.dialects.between import LANGUAGES
from tidegate.engine.dialects.between.carry import assembled, pieces
from tidegate.engine.dialects.between.responses import RESPONSES
from tidegate.engine.dialects.between.seals import open_deltas, open_reply
from tidegate.engine.dialects.between.talk import (
    Call,
    CallDelta,
    Delta,
    Stop,
    Text,
    TextDelta,
    Thought,
    ThoughtDelta,
    Told,
    Trouble,
    Usage,
)
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.errors import UpstreamBroke, UpstreamError, UpstreamRefused
from tidegate.engine.sse import DONE, Event

EVENTS: TypeAdapter[Any] = TypeAdapter(theirs.ResponseStreamEvent)
ASKED: dict[str, Any] = {
    "model": "asked",
    "instructions": "be brief",
    "tools": [{"type": "function", "name": "n", "parameters": {}, "strict": True}],
    "temperature": 0.5,
    "text": None,
}

words = st.text(min_size=1, max_size=12)
names = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
sources = st.sampled_from(["{}", '{"a":1}', '{"city":"Köln","n":[1,2]}'])
thoughts = st.lists(words.map(Thought), max_size=1)
said = st.lists(words.map(Text), max_size=1) | words.map(lambda t: [Text("so "), Text(t, refusal=True)])
calls = st.lists(st.builds(Call, names, names, sources), max_size=3, unique_by=lambda call: call.id)
told = st.builds(
    lambda p, stop, usage: Told("id_1", "m", p, Stop.CALLS if isinstance(p[-1], Call) else stop, "", usage),
    st.builds(lambda t, s, c: [*t, *s, *c], thoughts, said, calls).filter(bool),
    st.sampled_from([Stop.END, Stop.LENGTH, Stop.FILTER]),
    st.none() | st.builds(lambda i, o, c, w, r: Usage(i + c + w, o, c, w, r), *[st.integers(0, 99)] * 5),
)


def chopped(deltas: Iterable[Delta], step: int) -> list[Delta]:
    """Pieces of at most `step` characters."""
    out: list[Delta] = []
    for delta in deltas:
        match delta:
            case TextDelta(text) | ThoughtDelta(text):
                out += [replace(delta, text=text[at : at + step]) for at in range(0, len(text), step)]
            case CallDelta(source):
                out += [CallDelta(source[at : at + step]) for at in range(0, len(source), step)]
            case _:
                out.append(delta)
    return out


def written(deltas: Iterable[Delta], asked: dict[str, Any] | None = None) -> list[Event]:
    writer = RESPONSES.write_stream(asked or {})
    return [event for delta in deltas for event in writer.write(delta)]


def fed(events: Iterable[Event]) -> list[Delta]:
    reader = RESPONSES.read_stream()
    return [delta for event in events for delta in reader.feed(event)] + list(reader.end())


def timeless(told: Told) -> Told:
    return replace(told, created=0)


def datas(events: Sequence[Event]) -> list[dict[str, Any]]:
    return [event.fresh() for event in events]


@given(told, st.integers(1, 5))
def test_a_stream_says_what_the_whole_reply_says(told: Told, step: int) -> None:
    whole = RESPONSES.write_reply(told, ASKED)
    assert timeless(RESPONSES.read_reply(whole)) == told
    events = written(chopped(pieces(told), step), ASKED)
    assert timeless(assembled(fed(events))) == told
    dialect = OpenAIResponses()
    assert {**dialect.assemble(events), "created_at": 0} == {**whole, "created_at": 0}
    assert [dialect.is_end(event) for event in events] == [False] * (len(events) - 1) + [True]
    # What memory makes of a whole reply is read the same.
    assert timeless(assembled(fed(dialect.split(whole, ASKED)))) == told


@settings(max_examples=10)  # the SDK's types are slow to check
@given(told, st.integers(3, 5))
def test_the_sdk_reads_what_is_written(told: Told, step: int) -> None:
    whole = theirs.Response.model_validate(RESPONSES.write_reply(told, ASKED))
    assert whole.output_text == "".join(p.text for p in told.parts if isinstance(p, Text) and not p.refusal)
    state: Any = ResponseStreamState(input_tools=Omit(), text_format=Omit())
    events = written(chopped(pieces(told), step), ASKED)
    for number, event in enumerate(events):
        data = event.data or {}
        assert (event.kind, data["sequence_number"]) == (data["type"], number)
        state.handle_event(EVENTS.validate_python(data))
    if told.stop is Stop.END or told.stop is Stop.CALLS:
        read = state._completed_response.to_dict()
        assert timeless(RESPONSES.read_reply(read)) == told


@given(told, st.integers(1, 5))
def test_an_answer_of_responses_reaches_every_other_dialect_and_comes_back(told: Told, step: int) -> None:
    events = written(chopped(pieces(told), step))
    for name, other in LANGUAGES.items():
        if name == "openai.responses":
            continue
        asked = {"stream_options": {"include_usage": True}} if name == "openai.chat" else {}
        writer, reader = other.write_stream(asked), other.read_stream()
        over = [event for delta in fed(events) for event in writer.write(delta)]
        back = assembled([delta for event in over for delta in reader.feed(event)] + list(reader.end()))
        assert timeless(assembled(fed(written(pieces(back))))) == timeless(back)
        assert [part for part in back.parts if isinstance(part, Call)] == [
            part for part in told.parts if isinstance(part, Call)
        ]
        assert back.stop is told.stop or back.stop is Stop.FILTER


def test_the_events_of_an_answer_with_reasoning_a_refusal_and_a_call() -> None:
    parts = [Thought("hm"), Text("so"), Text("no", refusal=True), Call("c", "n", '{"a":1}'), Call("d", "n")]
    told = Told("r", "m", parts, Stop.CALLS, usage=Usage(3, 4, 1, 0, 2), created=5)
    deltas = [delta for delta in pieces(told) if delta != CallDelta("{}")]  # a call without arguments
    events = datas(written(deltas, ASKED))
    assert [event["type"].removeprefix("response.") for event in events] == [
        "created",
        "in_progress",
        *["output_item.added", "reasoning_summary_part.added", "reasoning_summary_text.delta"],
        *["reasoning_summary_text.done", "reasoning_summary_part.done", "output_item.done"],
        *["output_item.added", "content_part.added", "output_text.delta", "output_text.done", "content_part.done"],
        *["content_part.added", "refusal.delta", "refusal.done", "content_part.done", "output_item.done"],
        *["output_item.added", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done"],
        *["output_item.added", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done"],
        "completed",
    ]
    begun = events[0]["response"]
    assert (begun["status"], begun["output"], begun["usage"]) == ("in_progress", [], None)
    assert [event["item"]["status"] for event in events if "item" in event and "status" in event["item"]] == [
        *["in_progress", "completed"] * 3
    ]
    added = [event["item"] for event in events if event["type"] == "response.output_item.added"]
    assert (added[0]["summary"], added[1]["content"], added[2]["arguments"]) == ([], [], "")
    for event in events:
        if "item_id" in event:
            assert event["item_id"] == added[event["output_index"]]["id"]
    assert [event["content_index"] for event in events if event["type"] == "response.content_part.done"] == [0, 1]
    response = events[-1]["response"]
    assert response == RESPONSES.write_reply(told, ASKED)
    assert (response["instructions"], response["temperature"], response["tools"]) == ("be brief", 0.5, ASKED["tools"])
    assert (response["text"], response["store"]) == ({"format": {"type": "text"}}, False)
    assert response["usage"] == {
        "input_tokens": 3,
        "input_tokens_details": {"cached_tokens": 1, "cache_write_tokens": 0},
        "output_tokens": 4,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 7,
    }


@pytest.mark.parametrize(
    ("stop", "reason"), [(Stop.LENGTH, "max_output_tokens"), (Stop.FILTER, "content_filter")], ids=["length", "filter"]
)
def test_an_answer_that_was_cut_is_incomplete(stop: Stop, reason: str) -> None:
    told = Told("r", "m", [Text("so far")], stop)
    last = written(pieces(told))[-1].fresh()
    assert last["type"] == "response.incomplete"
    assert last["response"]["incomplete_details"] == {"reason": reason}
    assert last["response"]["output"][0]["status"] == "incomplete"
    assert RESPONSES.read_reply(last["response"]).stop is stop


# What providers send


def response(*output: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "r", "object": "response", "created_at": 5.5, "model": "m", "status": "completed"} | {
        "output": list(output),
        **more,
    }


MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "so", "annotations": [{"type": "url_citation", "url": "u"}]}],
}
CALL = {"id": "fc_1", "type": "function_call", "call_id": "c", "name": "n", "arguments": '{"a":1}'}
REASONING = {
    "id": "rs_1",
    "type": "reasoning",
    "summary": [{"type": "summary_text", "text": "one"}, {"type": "summary_text", "text": "two"}],
    "encrypted_content": "sealed",
}
SEALED = {"id": "rs_2", "type": "reasoning", "summary": [], "encrypted_content": "sealed too"}
WHOLE = response(REASONING, MESSAGE, SEALED, CALL, usage={"input_tokens": 3, "output_tokens": 4})
READ = Told(
    "r",
    "m",
    [
        Thought("one\n\ntwo", "sealed"),
        Text("so"),
        Thought("", "sealed too", redacted=True),
        Call("c", "n", '{"a":1}'),
    ],
    Stop.CALLS,
    usage=Usage(3, 4),
    created=5,
)


def event(kind: str, at: int | None = None, **fields: Any) -> Event:
    return Event.of({"type": kind, **({} if at is None else {"output_index": at}), **fields}, kind=kind)


def added(at: int, item: dict[str, Any]) -> Event:
    empty = {"summary": [], "content": [], "arguments": "", "encrypted_content": None}
    return event("response.output_item.added", at, item={**item, **{k: v for k, v in empty.items() if k in item}})


def done(at: int, item: dict[str, Any]) -> Event:
    return event("response.output_item.done", at, item=item)


def piece(stem: str, at: int, delta: str, **number: int) -> Event:
    return event(f"response.{stem}.delta", at, delta=delta, **number)


CREATED = event("response.created", response=response(status="in_progress"))
COMPLETED = event("response.completed", response=WHOLE)
SUMMARY = "reasoning_summary_text"
AS_OPENAI = [
    CREATED,
    event("response.in_progress", response=response(status="in_progress")),
    added(0, REASONING),
    event("response.reasoning_summary_part.added", 0, summary_index=0, part={"type": "summary_text", "text": ""}),
    piece(SUMMARY, 0, "o", summary_index=0),
    piece(SUMMARY, 0, "ne", summary_index=0),
    event(f"response.{SUMMARY}.done", 0, summary_index=0, text="one"),
    piece(SUMMARY, 0, "two", summary_index=1),
    done(0, REASONING),
    event("keepalive"),
    added(1, MESSAGE),
    event("response.content_part.added", 1, content_index=0, part={"type": "output_text", "text": ""}),
    piece("output_text", 1, "s", content_index=0),
    event("response.output_text.annotation.added", 1, content_index=0, annotation={}),
    piece("output_text", 1, "o", content_index=0),
    event("response.output_text.done", 1, content_index=0, text="so"),
    done(1, MESSAGE),
    added(2, SEALED),
    done(2, SEALED),
    added(3, CALL),
    piece("function_call_arguments", 3, '{"a"'),
    piece("function_call_arguments", 3, ":1}"),
    event("response.function_call_arguments.done", 3, arguments='{"a":1}'),
    done(3, CALL),
    COMPLETED,
]


@pytest.mark.parametrize(
    "events",
    [
        AS_OPENAI,
        [one for one in AS_OPENAI if not one.kind.endswith(".delta")],
        [one for one in AS_OPENAI if one.kind != "response.output_item.added" and "." not in one.kind[9:]]
        + [done(0, REASONING), done(1, MESSAGE), done(2, SEALED), done(3, CALL), COMPLETED],
        [CREATED, COMPLETED, DONE],
        OpenAIResponses().split(WHOLE, {}),
    ],
    ids=["as OpenAI does", "nothing in pieces", "only whole items", "all of it at the end", "as memory does"],
)
def test_the_ways_in_which_hosts_stream_are_read(events: list[Event]) -> None:
    if len(events) > 6 and events is not AS_OPENAI:
        events = [one for n, one in enumerate(events) if one is not COMPLETED or n == len(events) - 1]
    assert assembled(fed(events)) == READ
    assert RESPONSES.read_reply(WHOLE) == READ


def test_seals_stay_with_the_provider_that_made_them() -> None:
    opened = [Thought("one\n\ntwo"), Text("so"), Call("c", "n", '{"a":1}')]
    assert open_reply(READ).parts == opened
    assert assembled(open_deltas(fed(AS_OPENAI))).parts == opened
    again = RESPONSES.write_reply(READ, {})
    assert RESPONSES.read_reply(again) == READ
    assert assembled(fed(written(pieces(READ)))) == READ
    assert written(pieces(READ))[-1].fresh()["response"]["output"] == again["output"]


@pytest.mark.parametrize(
    "whole",
    [
        {"id": "r"},
        response(status="queued"),
        response(status="in_progress"),
        response({"type": "web_search_call", "id": "ws"}),
        response({"type": "custom_tool_call", "call_id": "c", "name": "n", "input": "x"}),
        response({"type": "function_call", "call_id": "c"}),
        response({**MESSAGE, "content": [{"type": "output_audio"}]}),
    ],
)
def test_a_reply_that_cannot_be_read_is_an_error_and_not_half_an_answer(whole: dict[str, Any]) -> None:
    with pytest.raises(UpstreamRefused):
        RESPONSES.read_reply(whole)


@pytest.mark.parametrize(
    "events",
    [
        [CREATED, added(0, {"type": "web_search_call", "id": "ws"})],
        [CREATED, added(0, MESSAGE), done(0, {**MESSAGE, "content": [{"type": "output_audio"}]})],
        [CREATED, event("response.audio.delta", delta="AAAA")],
        [CREATED, piece("output_text", 0, "so", content_index=0)],
        [CREATED, added(0, MESSAGE), piece("output_text", 1, "so", content_index=0)],
        [CREATED, added(0, CALL), added(1, CALL), piece("function_call_arguments", 0, "{")],
        [CREATED, added(1, MESSAGE), added(0, MESSAGE)],
        [
            CREATED,
            added(0, MESSAGE),
            *[piece("output_text", 0, "so", content_index=at) for at in (0, 1, 0)],
        ],
        [CREATED, added(0, MESSAGE), event("response.output_text.delta", 0, content_index=0, delta=None)],
        [Event(b"data: so\n\n", b"so")],
    ],
)
def test_a_stream_that_cannot_be_read_is_refused(events: list[Event]) -> None:
    with pytest.raises(UpstreamRefused):
        fed(events)


@pytest.mark.parametrize("length", range(1, len(AS_OPENAI)))
def test_a_stream_without_its_end_is_no_answer(length: int) -> None:
    with pytest.raises(UpstreamBroke):
        fed(AS_OPENAI[:length])


@pytest.mark.parametrize(
    "last",
    [
        event("error", code="server_error", message="a secret", param=None),
        Event.of({"error": {"message": "a secret", "code": "server_error"}}),
        event("response.failed", response=response(status="failed", error={"code": "server_error", "message": "x"})),
    ],
)
def test_a_failure_in_a_stream_is_an_error_that_names_its_kind_alone(last: Event) -> None:
    with pytest.raises(UpstreamError) as caught:
        fed([CREATED, last])
    assert "server_error" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_failed_response_is_an_error() -> None:
    with pytest.raises(UpstreamError) as caught:
        RESPONSES.read_reply(response(status="failed", error={"code": "server_error", "message": "x"}))
    assert "server_error" in str(caught.value)


def test_an_error_body_keeps_its_words() -> None:
    body = {"error": {"message": "too long", "type": "invalid_request_error", "param": None, "code": "too_long"}}
    assert RESPONSES.read_error(400, body) == Trouble(400, "too long", "invalid_request_error", "too_long")
    assert RESPONSES.write_error(Trouble(400, "too long", "", "too_long")) == body
