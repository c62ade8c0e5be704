"""The Responses dialect: every string of every item and event is seen, and no copy says what was taken out."""

import json
from collections.abc import AsyncIterator
from typing import Any

import openai.types.responses as sdk
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tidegate.engine import jsonio
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.errors import BadRequest, UpstreamBroke
from tidegate.engine.exchange import Scope, Segment
from tidegate.engine.jsonio import Address
from tidegate.engine.sse import DONE, Event
from tidegate.engine.stream import Edit, HoldBack, Look, Withheld
from tidegate.tests.canaries import CANARY, places, with_at

RESPONSES = OpenAIResponses()
EVENTS: TypeAdapter[Any] = TypeAdapter(sdk.ResponseStreamEvent)

REQUEST: dict[str, Any] = {
    "model": "gpt-test",
    "instructions": "be brief",
    "user": "u-1",
    "metadata": {"ticket": "T-1"},
    "include": ["reasoning.encrypted_content"],
    "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object", "title": "T"}}},
    "tool_choice": {"type": "function", "name": "weather"},
    "tools": [
        {
            "type": "function",
            "name": "weather",
            "description": "tells the weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string", "enum": ["Ulm"]}}},
        },
        {"type": "mcp", "server_label": "s", "server_url": "https://m", "authorization": "token"},
    ],
    "input": [
        {"role": "developer", "content": "be kind"},
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "look"},
                {"type": "input_image", "image_url": "https://example.org/a.png", "detail": "high"},
                {"type": "input_image", "image_url": "data:image/png;base64,AAAA"},
                {"type": "input_file", "file_id": "file-1"},
                {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"},
                {"type": "of_tomorrow", "novel": {"deep": ["text"]}},
            ],
        },
        {
            "type": "reasoning",
            "id": "rs-1",
            "summary": [{"type": "summary_text", "text": "hm"}],
            "encrypted_content": "ZW5j",
        },
        {"type": "function_call", "call_id": "c-1", "name": "weather", "arguments": '{"city":"Ulm"}'},
        {"type": "function_call_output", "call_id": "c-1", "output": "sunny"},
        {"type": "custom_tool_call", "call_id": "c-2", "name": "sql", "input": "select 1"},
        {"type": "custom_tool_call_output", "call_id": "c-2", "output": [{"type": "input_text", "text": "one row"}]},
        {"type": "local_shell_call", "call_id": "c-3", "action": {"command": ["ls"], "env": {"A": "b"}}},
        {"type": "mcp_call", "name": "m", "server_label": "s", "arguments": "{}", "output": "came", "error": "err"},
        {"type": "image_generation_call", "id": "ig", "result": "A" * 100},
        {"type": "item_reference", "id": "msg-0"},
        {
            "type": "message",
            "role": "assistant",
            "id": "msg-1",
            "content": [
                {"type": "output_text", "text": "it is", "annotations": []},
                {"type": "refusal", "refusal": "no"},
            ],
        },
        {"role": "user", "content": "and now?"},
    ],
}


def message(text: str, **extra: Any) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": [], **extra}
    return {"type": "message", "id": "msg-1", "role": "assistant", "status": "completed", "content": [part]}


def call(arguments: str) -> dict[str, Any]:
    return {
        "type": "function_call",
        "id": "fc-1",
        "call_id": "c-1",
        "name": "weather",
        "arguments": arguments,
        "status": "completed",
    }


def reply(*output: dict[str, Any], **extra: Any) -> dict[str, Any]:
    return {
        "id": "resp-1",
        "object": "response",
        "created_at": 1700000000,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": "be brief",
        "model": "gpt-test",
        "output": list(output),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "metadata": {},
        "usage": {
            "input_tokens": 3,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": 5,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 8,
        },
        **extra,
    }


CITED = {"type": "url_citation", "url": "https://x", "title": "X", "start_index": 0, "end_index": 1}
TOKEN = {"token": "see", "logprob": -1, "bytes": [], "top_logprobs": [{"token": "saw", "logprob": -2, "bytes": []}]}
REPLY = reply(
    {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "hm"}], "encrypted_content": "ZW5j"},
    message("see here", annotations=[CITED], logprobs=[TOKEN]),
    call('{"city":"Ulm"}'),
    {"type": "web_search_call", "id": "ws", "status": "completed", "action": {"type": "search", "query": "q"}},
    {"type": "mcp_call", "id": "m", "name": "m", "server_label": "s", "arguments": "{}", "output": "came"},
    {"type": "image_generation_call", "id": "ig", "status": "completed", "result": "A" * 100},
    tools=[{"type": "function", "name": "weather", "description": "tells", "parameters": {}, "strict": False}],
    metadata={"ticket": "T-1"},
    x_unknown=["text"],
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


def piece(kind: str, fields: dict[str, Any], number: int = 0) -> dict[str, Any]:
    head = {"type": f"response.{kind}", "item_id": "i-1", "output_index": 0, "sequence_number": number}
    return head | fields


STREAM = [event.data or {} for event in RESPONSES.split(REPLY, {})]
STREAM += [piece(kind, fields) for kind, fields in PIECES]
STREAM.append({"type": "error", "code": "c", "message": "m", "param": "p", "sequence_number": 1})


# What is seen


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
        ({"background": True}, "background"),
    ],
)
def test_a_request_of_another_form_is_refused_by_its_field(change: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        RESPONSES.check({**REQUEST, **change})
    assert caught.value.param == param


# Held back


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


def streamed_texts(events: list[Event]) -> dict[str, str]:
    said: dict[str, str] = {}
    for event in events:
        data = event.data or {}
        if data["type"].endswith(".delta"):
            said[data["type"]] = said.get(data["type"], "") + data["delta"]
    return said


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


# Memory


@given(st.lists(st.text(max_size=5), min_size=1, max_size=3))
def test_a_reply_split_into_a_stream_and_assembled_is_the_same_reply(texts: list[str]) -> None:
    whole = reply(*[message(text) for text in texts])
    events = RESPONSES.split(whole, {})
    assert RESPONSES.assemble(events) == whole
    assert streamed_texts(events)["response.output_text.delta"] == "".join(texts)
    for event in events:
        EVENTS.validate_python(event.data)


def test_a_stream_without_its_last_response_is_no_reply() -> None:
    with pytest.raises(ValueError):
        RESPONSES.assemble([*RESPONSES.split(REPLY, {})[:-1], DONE])


def asked(given: Any, **extra: Any) -> dict[str, Any]:
    return {"model": "m", "input": given, **extra}


def test_a_question_is_the_same_in_each_of_its_forms() -> None:
    one = RESPONSES.question(asked("q"))
    for other in (
        [{"role": "user", "content": "q"}],
        [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "q"}]}],
    ):
        two = RESPONSES.question(asked(other))
        assert (two.text, two.frame, two.bypass) == (one.text, one.frame, "")
    assert RESPONSES.question(asked("q", instructions="x")).frame != one.frame


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (asked("q", previous_response_id="r"), "state"),
        (asked("q", conversation="c"), "state"),
        (asked("q", store=True), "state"),
        (asked([{"type": "function_call_output", "call_id": "c", "output": "x"}]), "tool-result"),
        (asked([{"role": "assistant", "content": "x"}]), "no-user-turn"),
        (asked([{"role": "user", "content": [{"type": "input_image", "image_url": "u"}]}]), "not-only-text"),
        (asked("q", temperature=1.5), "sampling"),
        (asked("q", include=["message.output_text.logprobs"]), "logprobs"),
        (asked("q", store=False), ""),
    ],
)
def test_what_memory_must_not_answer(body: dict[str, Any], why: str) -> None:
    assert RESPONSES.question(body).bypass == why


def test_only_complete_answers_in_words_are_kept() -> None:
    assert RESPONSES.storable(reply(message("x"))) == ""
    assert RESPONSES.storable(reply(message("x"), status="incomplete")) == "not a clean stop"
    assert RESPONSES.storable(REPLY) == "tool call"
    assert RESPONSES.storable(reply()) == "no message"


def test_the_end_is_the_last_response_or_the_done_mark() -> None:
    assert RESPONSES.is_end(DONE)
    assert RESPONSES.is_end(RESPONSES.split(REPLY, {})[-1])
    assert not RESPONSES.is_end(Event.of(piece("output_text.delta", {"delta": "response.completed"})))


def test_an_error_in_a_stream_is_an_event_of_this_dialect() -> None:
    event = RESPONSES.error_event(UpstreamBroke("broke"))
    assert event.raw.startswith(b"event: error\n")
    assert EVENTS.validate_python(event.data).message == "broke"
