"""The Responses dialect: every string of every item and event is seen, and what is wrong is told in its own form."""

import json
from typing import Any

import openai.types.responses as sdk
import pytest

from tidegate.engine import jsonio
from tidegate.engine.errors import BadRequest, UpstreamBroke
from tidegate.engine.exchange import Scope, Segment
from tidegate.engine.jsonio import Address
from tidegate.tests.canaries import CANARY, places, with_at
from tidegate.tests.engine.responses_samples import (
    CITED,
    EVENTS,
    REPLY,
    REQUEST,
    RESPONSES,
    TOKEN,
    piece,
)

PIECES: list[tuple[str, dict[str, Any]]] = [
    ("output_text.delta", {"content_index": 0, "delta": "x", "logprobs": [TOKEN], "obfuscation": "pad"}),
    ("output_text.done", {"content_index": 0, "text": "x", "logprobs": [TOKEN]}),
    ("output_text.annotation.added", {"content_index": 0, "annotation_index": 0, "annotation": CITED}),
    ("refusal.delta", {"content_index": 0, "delta": "x"}),
    ("refusal.done", {"content_index": 0, "refusal": "x"}),
    ("reasoning_text.delta", {"content_index": 0, "delta": "x"}),
    ("reasoning_text.done", {"content_index": 0, "text": "x"}),
    ("reasoning_summary_text.delta", {"summary_index": 0, "delta": "x"}),
    ("reasoning_summary_text.done", {"summary_index": 0, "text": "x"}),
    ("reasoning_summary_part.added", {"summary_index": 0, "part": {"type": "summary_text", "text": "x"}}),
    ("reasoning_summary_part.done", {"summary_index": 0, "part": {"type": "summary_text", "text": "x"}}),
    ("function_call_arguments.delta", {"delta": "x"}),
    ("function_call_arguments.done", {"arguments": "x", "name": "weather"}),
    ("mcp_call_arguments.delta", {"delta": "x"}),
    ("mcp_call_arguments.done", {"arguments": "x"}),
    ("custom_tool_call_input.delta", {"delta": "x"}),
    ("custom_tool_call_input.done", {"input": "x"}),
    ("code_interpreter_call_code.delta", {"delta": "x"}),
    ("code_interpreter_call_code.done", {"code": "x"}),
    ("shell_call_command.added", {"command_index": 0, "command": "x"}),
    ("shell_call_command.delta", {"command_index": 0, "delta": "x"}),
    ("shell_call_command.done", {"command_index": 0, "command": "x"}),
    ("shell_call_output_content.delta", {"command_index": 0, "delta": {"stdout": "x", "stderr": "y"}}),
    (
        "shell_call_output_content.done",
        {"command_index": 0, "output": [{"outcome": {"type": "timeout"}, "stderr": "x", "stdout": "y"}]},
    ),
    ("audio.transcript.delta", {"delta": "x"}),
    ("audio.transcript.done", {}),
    ("web_search_call.searching", {}),
    ("of_tomorrow.delta", {"delta": "x", "novel": {"deep": ["text"]}}),
]

STREAM = [event.data or {} for event in RESPONSES.split(REPLY, {})]
STREAM += [piece(kind, fields) for kind, fields in PIECES]
STREAM.append({"type": "error", "code": "c", "message": "m", "param": "p", "sequence_number": 1})


@pytest.mark.parametrize("address", list(places(REQUEST)), ids=jsonio.show)
def test_every_string_of_a_request_is_seen_or_the_request_is_refused(address: Address) -> None:
    body = with_at(REQUEST, address, CANARY)
    try:
        RESPONSES.check(body)
    except BadRequest:
        return
    (segment,) = [s for s in RESPONSES.request_segments(body) if s.text == CANARY]
    assert (segment.address, segment.unread) == (address, "")
    RESPONSES.put(body, segment, "changed")
    assert jsonio.get(body, address) == "changed"


@pytest.mark.parametrize("address", list(places(REPLY)), ids=jsonio.show)
def test_every_string_of_a_reply_is_seen(address: Address) -> None:
    body = with_at(REPLY, address, CANARY)
    assert [s.address for s in RESPONSES.reply_segments(body, False) if s.text == CANARY] == [address]


@pytest.mark.parametrize(("number", "address"), [(n, a) for n, data in enumerate(STREAM) for a in places(data)])
def test_every_string_of_every_event_is_seen(number: int, address: Address) -> None:
    data = with_at(STREAM[number], address, CANARY)
    (segment,) = [s for s in RESPONSES.reply_segments(data, True) if s.text == CANARY]
    assert segment.address == address
    RESPONSES.put(data, segment, "changed")
    assert "changed" in json.dumps(data)


def test_the_sdk_reads_the_samples() -> None:
    sdk.Response.model_validate(REPLY)
    for data in STREAM:
        if "of_tomorrow" not in data["type"]:
            EVENTS.validate_python(data)


def test_what_is_no_text_is_a_segment_that_is_unread() -> None:
    unread = [(s.address[-2:], s.unread) for s in RESPONSES.request_segments(REQUEST) if s.unread]
    assert unread == [
        ((1, "image_url"), "image"),
        ((2, "image_url"), "image"),
        ((3, "file_id"), "file"),
        ((4, "file_data"), "application"),
        ((9, "result"), "image"),
    ]
    audio = piece("audio.delta", {"delta": "AAAA"})
    assert "audio" in [s.unread for s in RESPONSES.reply_segments(audio, True)]
    image = piece("image_generation_call.partial_image", {"partial_image_b64": "A" * 100})
    assert "image" in [s.unread for s in RESPONSES.reply_segments(image, True)]


def test_calls_and_their_results_have_their_scope_and_name() -> None:
    def at(*address: str | int) -> Segment:
        (found,) = [s for s in RESPONSES.request_segments(REQUEST) if s.address == ("input", *address) and not s.unread]
        return found

    arguments, output = at(3, "arguments"), at(4, "output")
    assert (arguments.scope, arguments.tool, arguments.json) == (Scope.TOOL_ARGS, "weather", True)
    assert (output.scope, output.tool) == (Scope.TOOL_RESULT, "weather")
    assert (at(5, "input").scope, at(5, "input").json) == (Scope.TOOL_ARGS, False)
    assert (at(6, "output", 0, "text").scope, at(6, "output", 0, "text").tool) == (Scope.TOOL_RESULT, "sql")
    assert at(7, "action", "command", 0).scope is Scope.TOOL_ARGS
    assert (at(8, "output").scope, at(8, "arguments").scope) == (Scope.TOOL_RESULT, Scope.TOOL_ARGS)
    assert at(2, "encrypted_content").sealed


def test_a_call_that_waits_for_approval_is_a_call() -> None:
    item = {"type": "mcp_approval_request", "id": "i", "name": "send", "server_label": "s", "arguments": '{"to": "x"}'}
    event = {"type": "response.output_item.done", "output_index": 0, "item": item}
    for data, streamed in (({"output": [item]}, False), (event, True)):
        (found,) = [s for s in RESPONSES.reply_segments(data, streamed) if s.address[-1] == "arguments"]
        assert (found.scope, found.tool, found.json) == (Scope.TOOL_ARGS, "send", True)


def test_arguments_that_come_as_values_are_seen_whole_in_items_and_events() -> None:
    values = {"project": 4111111111111111}
    body = {"input": [{"type": "tool_search_call", "call_id": "c", "name": "find", "arguments": values}]}
    event = piece("mcp_call_arguments.done", {"name": "find", "arguments": values})
    for segments in (RESPONSES.request_segments(body), RESPONSES.reply_segments(event, True)):
        name, number = (s for s in segments if s.scope is Scope.TOOL_ARGS)
        assert (name.text, name.sealed, number.text, number.tool) == ("project", True, "4111111111111111", "find")
        assert number.within and number.within.source == '{"project":4111111111111111}'


def test_a_message_is_no_result_whatever_its_type() -> None:
    body = {"input": [{"role": "user", "type": "message_output", "content": "hello"}]}
    assert {s.scope for s in RESPONSES.request_segments(body)} == {Scope.INPUT}


def test_what_a_response_repeats_of_its_request_is_judged_as_a_request() -> None:
    scopes = {s.address[0]: s.scope for s in RESPONSES.reply_segments(REPLY, False)}
    assert scopes["instructions"] is scopes["tools"] is scopes["metadata"] is Scope.INPUT
    assert scopes["x_unknown"] is Scope.OUTPUT


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"model": ""}, "model"),
        ({"input": 5}, "input"),
        ({"input": ["x"]}, "input.0"),
        ({"input": [{"type": 5}]}, "input.0.type"),
        ({"input": [{"role": "user", "content": 5}]}, "input.0.content"),
        ({"input": [{"role": "user", "content": [{"text": "x"}]}]}, "input.0.content.0.type"),
        ({"tools": ["x"]}, "tools.0"),
        ({"stream": "yes"}, "stream"),
        ({"include": 1.5}, "include"),
        ({"include": "all"}, "include"),
        ({"background": True}, "background"),
    ],
)
def test_a_request_of_another_form_is_refused_by_its_field(change: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        RESPONSES.check({**REQUEST, **change})
    assert caught.value.param == param


def test_an_error_in_a_stream_is_an_event_of_this_dialect() -> None:
    event = RESPONSES.error_event(UpstreamBroke("broke"))
    assert event.raw.startswith(b"event: error\n")
    assert EVENTS.validate_python(event.data).message == "broke"


@pytest.mark.parametrize("error", ["it broke", {"type": "http_error", "code": 500, "message": "it broke"}])
def test_what_a_tool_says_of_its_failure_is_its_result(error: Any) -> None:
    call = {"type": "mcp_call", "id": "c", "name": "n", "server_label": "s", "arguments": "{}", "error": error}
    [asked] = [s for s in RESPONSES.request_segments({"model": "m", "input": [call]}) if s.text == "it broke"]
    reply = {"object": "response", "output": [call]}
    [told] = [s for s in RESPONSES.reply_segments(reply, False) if s.text == "it broke"]
    assert (asked.scope, asked.tool) == (told.scope, told.tool) == (Scope.TOOL_RESULT, "n")


async def test_items_without_numbers_are_told_apart_by_their_ids() -> None:
    """Pieces of two items in turns are two texts; summaries are numbered by their own number."""
    kind, thought = "response.output_text.delta", "response.reasoning_summary_text.delta"
    pieces = [("a", "sec"), ("b", "see "), ("a", "ret"), ("b", "you")]
    told = [{"type": kind, "item_id": id, "content_index": 0, "delta": text} for id, text in pieces]
    about = {"type": thought, "output_index": 3, "content_index": 0}
    told += [{**about, "summary_index": at, "delta": text} for at, text in [(0, "sec"), (1, "no "), (0, "ret")]]
    found = [each for data in told for each in RESPONSES.reply_segments(data, True) if each.address == ("delta",)]
    said: dict[Any, str] = {}
    for each in found:
        said[each.channel] = said.get(each.channel, "") + each.text
    assert list(said.values()) == ["secret", "see you", "secret", "no "]
    ended = {"type": "response.output_item.done", "item": {"type": "message", "id": "a"}}
    assert RESPONSES.closed(ended) == [found[0].channel[:2]]
