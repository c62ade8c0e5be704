"""Answers that are cut off: between the name of a tool and its arguments, which is not the same as a call without
arguments, or for a reason that only some hosts give."""

from dataclasses import replace
from typing import Any

import pytest

from tidegate.engine.dialects.between import LANGUAGES
from tidegate.engine.dialects.between.carry import assembled, pieces
from tidegate.engine.dialects.between.chat import CHAT
from tidegate.engine.dialects.between.gemini import GEMINI
from tidegate.engine.dialects.between.language import Language
from tidegate.engine.dialects.between.messages import MESSAGES
from tidegate.engine.dialects.between.responses import RESPONSES
from tidegate.engine.dialects.between.talk import Call, Part, Stop, Text, Told
from tidegate.engine.errors import UpstreamError
from tidegate.engine.sse import DONE, Event

SAID = Text("so")
CUT = Told("c", "m", [SAID, Call("t", "n", "")], Stop.LENGTH)


def streamed(language: Language, told: Told) -> Told:
    writer, reader = language.write_stream({}), language.read_stream()
    events = [event for delta in pieces(told) for event in writer.write(delta)]
    return assembled([delta for event in events for delta in reader.feed(event)] + list(reader.end()))


@pytest.mark.parametrize("stop", [Stop.LENGTH, Stop.FILTER])
@pytest.mark.parametrize(
    ("language", "parts"),
    [(CHAT, CUT.parts), (RESPONSES, CUT.parts), (MESSAGES, [SAID]), (GEMINI, [SAID])],
    ids=lambda value: value.dialect if isinstance(value, Language) else "",
)
def test_such_a_call_gets_no_arguments_and_is_left_out_where_they_are_values(
    language: Language, parts: list[Part], stop: Stop
) -> None:
    told = replace(CUT, stop=stop)
    whole = language.read_reply(language.write_reply(told, {}))
    assert (whole.parts, whole.stop) == (parts, stop)
    if language is not MESSAGES:  # whose events have said that a call begins
        assert streamed(language, told).parts == parts


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_a_call_that_the_model_ended_without_arguments_has_an_empty_object(language: Language) -> None:
    told = replace(CUT, parts=[Call("t", "n", "{}")], stop=Stop.CALLS)
    assert language.read_reply(language.write_reply(told, {})).parts == told.parts
    assert streamed(language, replace(told, parts=[Call("t", "n", "")])).parts == told.parts


FUNCTION = {"type": "function", "id": "t", "function": {"name": "n", "arguments": ""}}
CALLED = {"type": "function_call", "call_id": "t", "name": "n", "arguments": ""}
USED = {"type": "tool_use", "id": "t", "name": "n", "input": {}}


@pytest.mark.parametrize(
    ("language", "whole"),
    [
        (CHAT, {"choices": [{"message": {"tool_calls": [FUNCTION]}, "finish_reason": "length"}]}),
        (RESPONSES, {"output": [CALLED], "status": "incomplete"}),
        (MESSAGES, {"type": "message", "content": [USED], "stop_reason": "max_tokens"}),
    ],
    ids=lambda value: value.dialect if isinstance(value, Language) else "",
)
def test_such_a_call_is_read_as_one_without_arguments(language: Language, whole: dict[str, Any]) -> None:
    [call] = language.read_reply(whole).parts
    assert isinstance(call, Call) and call.arguments == ""


def test_an_earlier_call_without_arguments_is_whole() -> None:
    both = {"tool_calls": [FUNCTION, FUNCTION | {"id": "u"}]}
    told = CHAT.read_reply({"choices": [{"message": both, "finish_reason": "length"}]})
    assert [part.arguments for part in told.parts if isinstance(part, Call)] == ["{}", ""]


def test_a_call_of_gemini_comes_whole() -> None:
    said = {"parts": [{"functionCall": {"id": "t", "name": "n"}}]}
    told = GEMINI.read_reply({"candidates": [{"content": said, "finishReason": "MAX_TOKENS"}]})
    assert told.parts == [Call("t", "n", "{}")]


def finished(reason: str | None) -> dict[str, Any]:
    """A whole reply of chat, and the last event of a stream."""
    said = {"role": "assistant", "content": "half an ans"}
    return {"id": "c", "model": "m", "choices": [{"index": 0, "message": said, "delta": said, "finish_reason": reason}]}


def read_both(reason: str | None) -> set[Stop]:
    reader = CHAT.read_stream()
    told = assembled([*reader.feed(Event.of(finished(reason))), *reader.feed(DONE)])
    return {CHAT.read_reply(finished(reason)).stop, told.stop}


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        (None, Stop.END),
        ("eos", Stop.END),
        ("model_length", Stop.LENGTH),
        ("content_filter: SAFETY", Stop.FILTER),
        ("tool_use", Stop.CALLS),
        ("never_heard_of", Stop.LENGTH),
    ],
)
def test_a_reason_that_is_not_known_is_no_good_end(reason: str | None, stop: Stop) -> None:
    assert read_both(reason) == {stop}


@pytest.mark.parametrize("reason", ["error", "insufficient_system_resource"])
def test_a_provider_that_failed_within_its_answer_gave_none(reason: str) -> None:
    with pytest.raises(UpstreamError, match=reason):
        CHAT.read_reply(finished(reason))
    with pytest.raises(UpstreamError, match=reason):
        read_both(reason)


@pytest.mark.parametrize(
    ("reason", "stop"), [(None, Stop.END), ("end_turn", Stop.END), ("never_heard_of", Stop.LENGTH)]
)
def test_a_message_s_reason_that_is_not_known_is_no_good_end(reason: str | None, stop: Stop) -> None:
    message = {"type": "message", "content": [{"type": "text", "text": "half an ans"}], "stop_reason": reason}
    assert MESSAGES.read_reply(message).stop is stop
