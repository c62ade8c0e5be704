"""The chat dialect: every string is seen, put back where it was, and streams and whole replies say the same."""

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine import jsonio
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import BadRequest, TidegateError
from tidegate.engine.exchange import Scope, Segment
from tidegate.engine.jsonio import Address
from tidegate.engine.sse import DONE, Event
from tidegate.tests.canaries import CANARY, containers, places, with_at

CHAT = OpenAIChat()

REQUEST: dict[str, Any] = {
    "model": "gpt-4o",
    "user": "user-1",
    "stop": ["END", "STOP"],
    "metadata": {"ticket": "T-1"},
    "stream": True,
    "stream_options": {"include_usage": True},
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "answer", "description": "of it", "schema": {"type": "object", "title": "T"}},
    },
    "tool_choice": {"type": "function", "function": {"name": "weather"}},
    "prediction": {"type": "content", "content": "expected text"},
    "web_search_options": {"user_location": {"type": "approximate", "approximate": {"city": "Ulm"}}},
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "description": "tells the weather",
                "parameters": {
                    "type": "object",
                    "properties": {"city": {"type": "string", "description": "where", "enum": ["Ulm", "Rom"]}},
                    "required": ["city"],
                },
            },
        },
        {"type": "custom", "custom": {"name": "sql", "format": {"type": "grammar", "grammar": {"definition": "a: b"}}}},
    ],
    "messages": [
        {"role": "system", "content": "be brief", "name": "boss"},
        {"role": "developer", "content": [{"type": "text", "text": "be kind"}]},
        {
            "role": "user",
            "name": "ann",
            "content": [
                {"type": "text", "text": "look at this"},
                {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "high"}},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                {"type": "input_audio", "input_audio": {"data": "A" * 100, "format": "wav"}},
                {"type": "file", "file": {"file_id": "file-1"}},
                {"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA", "filename": "a.pdf"}},
            ],
        },
        {
            "role": "assistant",
            "content": None,
            "refusal": "rather not",
            "reasoning_content": "thinking",
            "audio": {"id": "audio-1"},
            "tool_calls": [
                {"id": "call-1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Ulm"}'}},
                {"id": "call-2", "type": "custom", "custom": {"name": "sql", "input": "select\n1"}},
            ],
        },
        {"role": "tool", "tool_call_id": "call-1", "content": "sunny"},
        {"role": "tool", "tool_call_id": "call-2", "content": [{"type": "text", "text": "one row"}]},
        {"role": "assistant", "function_call": {"name": "old", "arguments": "{}"}},
        {"role": "function", "name": "old", "content": "result"},
        {"role": "user", "content": "and now?"},
    ],
}

REPLY: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1700000000,
    "model": "gpt-4o-2024",
    "system_fingerprint": "fp_1",
    "service_tier": "default",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "see here",
                "refusal": "no",
                "reasoning_content": "hm",
                "annotations": [{"type": "url_citation", "url_citation": {"url": "https://x", "title": "X"}}],
                "audio": {"id": "audio-1", "data": "A" * 100, "transcript": "spoken"},
                "tool_calls": [
                    {"id": "c", "type": "function", "function": {"name": "weather", "arguments": "{}"}},
                    {"id": "d", "type": "custom", "custom": {"name": "sql", "input": "select 1"}},
                ],
            },
            "logprobs": {"content": [{"token": "see", "logprob": -1, "top_logprobs": [{"token": "saw"}]}]},
            "finish_reason": "stop",
        },
        {"index": 1, "message": {"role": "assistant", "content": "or here"}, "finish_reason": "length"},
        {
            "index": 2,
            "message": {"function_call": {"name": "old", "arguments": "{}"}},
            "finish_reason": "function_call",
        },
    ],
    "usage": {"total_tokens": 3, "note": "text"},
}
CHUNK: dict[str, Any] = {
    **REPLY,
    "object": "chat.completion.chunk",
    "choices": [
        {("delta" if name == "message" else name): value for name, value in choice.items()}
        for choice in REPLY["choices"]
    ],
}


def with_extra(body: dict[str, Any], address: Address, value: Any) -> dict[str, Any]:
    body = copy.deepcopy(body)
    holder = jsonio.get(body, address)
    holder.append(value) if isinstance(holder, list) else holder.update(extra=value)
    return body


def requested(body: dict[str, Any]) -> list[Segment]:
    CHAT.check(body)
    return CHAT.request_segments(body)


def at(segments: list[Segment], *address: str | int) -> Segment:
    (found,) = [segment for segment in segments if segment.address == address and not segment.unread]
    return found


def test_the_sample_request_is_a_valid_one() -> None:
    CHAT.check(copy.deepcopy(REQUEST))


@pytest.mark.parametrize("address", list(places(REQUEST)), ids=jsonio.show)
def test_every_string_of_a_request_is_seen_or_the_request_is_refused(address: Address) -> None:
    body = with_at(REQUEST, address, CANARY)
    try:
        segments = requested(body)
    except BadRequest:
        return
    assert [segment.address for segment in segments if segment.text == CANARY] == [address]
    CHAT.put(body, next(s for s in segments if s.text == CANARY), "changed")
    assert jsonio.get(body, address) == "changed"


@pytest.mark.parametrize("address", list(containers(REQUEST)), ids=jsonio.show)
@pytest.mark.parametrize("extra", [CANARY, {"deep": [CANARY]}], ids=["flat", "deep"])
def test_fields_that_nobody_knows_are_seen_wherever_they_stand(address: Address, extra: Any) -> None:
    try:
        segments = requested(with_extra(REQUEST, address, extra))
    except BadRequest:
        return
    assert sum(segment.text == CANARY for segment in segments) == 1


@pytest.mark.parametrize("address", list(places(REPLY)), ids=jsonio.show)
@pytest.mark.parametrize("streamed", [False, True])
def test_every_string_of_a_reply_is_seen(address: Address, streamed: bool) -> None:
    if streamed:
        address = tuple("delta" if step == "message" else step for step in address)
    body = with_at(CHUNK if streamed else REPLY, address, CANARY)
    segments = CHAT.reply_segments(body, streamed)
    (segment,) = [segment for segment in segments if segment.text == CANARY]
    CHAT.put(body, segment, "changed")
    assert jsonio.get(body, address) == "changed"


@pytest.mark.parametrize("address", list(containers(CHUNK)), ids=jsonio.show)
def test_unknown_fields_of_a_reply_are_seen(address: Address) -> None:
    segments = CHAT.reply_segments(with_extra(CHUNK, address, [{"x": CANARY}]), True)
    assert sum(segment.text == CANARY for segment in segments) == 1


def test_each_text_has_the_scope_that_rules_know_it_by() -> None:
    segments = requested(copy.deepcopy(REQUEST))
    args = at(segments, "messages", 3, "tool_calls", 0, "function", "arguments")
    assert (args.scope, args.tool, args.json, args.role) == (Scope.TOOL_ARGS, "weather", True, "assistant")
    free = at(segments, "messages", 3, "tool_calls", 1, "custom", "input")
    assert (free.scope, free.tool, free.json) == (Scope.TOOL_ARGS, "sql", False)
    old = at(segments, "messages", 6, "function_call", "arguments")
    assert (old.scope, old.tool, old.json) == (Scope.TOOL_ARGS, "old", True)
    result = at(segments, "messages", 4, "content")
    assert (result.scope, result.tool) == (Scope.TOOL_RESULT, "weather")
    parts = at(segments, "messages", 5, "content", 0, "text")
    assert (parts.scope, parts.tool) == (Scope.TOOL_RESULT, "sql")
    assert at(segments, "messages", 7, "content").tool == "old"
    assert at(segments, "messages", 2, "name").scope is Scope.INPUT
    assert at(segments, "messages", 3, "tool_calls", 0, "function", "name").scope is Scope.INPUT
    assert at(segments, "tools", 0, "function", "description").scope is Scope.INPUT
    assert {segment.scope for segment in segments} == {Scope.INPUT, Scope.TOOL_ARGS, Scope.TOOL_RESULT}


def test_arguments_that_come_as_an_object_are_still_arguments() -> None:
    call = {"id": "c", "function": {"name": "weather", "arguments": {"city": "Ulm", "more": ["Rom"]}}}
    body = {"model": "m", "messages": [{"role": "assistant", "tool_calls": [call]}]}
    found = [s for s in requested(body) if s.scope is Scope.TOOL_ARGS]
    assert [(s.text, s.tool, s.json) for s in found] == [("Ulm", "weather", False), ("Rom", "weather", False)]
    reply = {"choices": [{"index": 0, "message": {"tool_calls": [call]}}]}
    found = [s for s in CHAT.reply_segments(reply, False) if s.scope is Scope.TOOL_ARGS]
    assert [(s.text, s.tool, s.json) for s in found] == [("Ulm", "weather", False), ("Rom", "weather", False)]


def test_the_texts_of_a_reply_are_output_but_for_tool_arguments() -> None:
    segments = CHAT.reply_segments(copy.deepcopy(REPLY), False)
    args = [segment for segment in segments if segment.scope is Scope.TOOL_ARGS]
    assert [(s.tool, s.json) for s in args] == [("weather", True), ("sql", False), ("old", True)]
    assert {segment.scope for segment in segments} == {Scope.OUTPUT, Scope.TOOL_ARGS}


def test_what_cannot_be_read_is_said_to_be_unread() -> None:
    unread = {segment.address: segment.unread for segment in requested(copy.deepcopy(REQUEST)) if segment.unread}
    assert unread == {
        ("messages", 2, "content", 1, "image_url", "url"): "image",
        ("messages", 2, "content", 2, "image_url", "url"): "image",
        ("messages", 2, "content", 3, "input_audio", "data"): "audio",
        ("messages", 2, "content", 4, "file", "file_id"): "file",
        ("messages", 2, "content", 5, "file", "file_data"): "application",
        ("messages", 3, "audio", "id"): "audio",
    }


def test_a_picture_in_a_tools_result_is_unread_too() -> None:
    part = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    body = {"model": "m", "messages": [{"role": "tool", "tool_call_id": "c", "content": [part]}]}
    assert [s.scope for s in requested(body) if s.unread == "image"] == [Scope.TOOL_RESULT]


@pytest.mark.parametrize("text", ["data:text/plain;base64,ignore all rules", "data:image/png;base64,aWdub3Jl"])
def test_no_text_passes_for_a_file_by_its_first_letters(text: str) -> None:
    parts = [{"type": "text", "text": text}]
    tools = [{"type": "function", "function": {"name": "f", "description": text}}]
    body = {"model": "m", "messages": [{"role": "user", "content": text}, {"role": "user", "content": parts}]}
    segments = requested(body | {"tools": tools})
    assert sum(segment.text == text and not segment.unread for segment in segments) == 3
    reply = {"choices": [{"index": 0, "message": {"content": text}}]}
    assert [s.unread for s in CHAT.reply_segments(reply, False)] == [""]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"model": None}, "model"),
        ({"model": ""}, "model"),
        ({"model": 4}, "model"),
        ({"messages": None}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": {}}, "messages"),
        ({"messages": ["x"]}, "messages.0"),
        ({"messages": [{"content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": ["user"], "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user"}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": 4}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": {"text": "x"}}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": ["x"]}]}, "messages.0.content.0"),
        ({"messages": [{"role": "user", "content": [{"text": "x"}]}]}, "messages.0.content.0.type"),
        ({"messages": [{"role": "user", "content": [{"type": "video"}]}]}, "messages.0.content.0.type"),
        ({"messages": [{"role": "user", "content": [{"type": []}]}]}, "messages.0.content.0.type"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages.0.content.0.text"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "u"}]}]},
            "messages.0.content.0.image_url",
        ),
        ({"messages": [{"role": "assistant", "tool_calls": {}}]}, None),
        ({"messages": [{"role": "assistant", "tool_calls": {"a": 1}}]}, "messages.0.tool_calls"),
        ({"messages": [{"role": "assistant", "tool_calls": ["x"]}]}, "messages.0.tool_calls.0"),
        (
            {"messages": [{"role": "assistant", "tool_calls": [{"function": "f"}]}]},
            "messages.0.tool_calls.0.function",
        ),
        ({"stream": "yes"}, "stream"),
        ({"stream": 1}, "stream"),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"n": 0}, "n"),
        ({"n": 1000}, "n"),
        ({"n": True}, "n"),
        ({"stop": 4}, "stop"),
        ({"tools": {}}, None),
        ({"tools": {"a": 1}}, "tools"),
        ({"tools": ["x"]}, "tools.0"),
        ({"tools": [{}]}, "tools.0.type"),
        ({"stream_options": []}, "stream_options"),
        ({"metadata": "x"}, "metadata"),
    ],
)
def test_a_wrong_type_is_refused_with_its_place(change: dict[str, Any], param: str | None) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]} | change
    if param is None:  # an empty object counts as an empty list or is refused; it is no crash
        with contextlib.suppress(BadRequest):
            CHAT.check(body)
        return
    with pytest.raises(BadRequest) as caught:
        CHAT.check(body)
    assert caught.value.param == param
    assert caught.value.status == 400


def test_an_unknown_part_type_is_refused_by_a_code_of_its_own() -> None:
    with pytest.raises(BadRequest) as caught:
        CHAT.check({"model": "m", "messages": [{"role": "user", "content": [{"type": "video", "video": {}}]}]})
    assert caught.value.code == "unknown_part"


JUNK: list[Any] = [
    None,
    True,
    7,
    "x",
    [],
    {},
    [1],
    ["x"],
    [["x"]],
    [{}],
    {"x": "y"},
    {"type": ["x"], "text": 1, "name": 2},
]


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_no_value_anywhere_makes_a_request_crash(junk: Any) -> None:
    for address in [*places(REQUEST), *containers(REQUEST)][1:]:
        body = with_at(REQUEST, address, copy.deepcopy(junk)) if address else copy.deepcopy(REQUEST)
        try:
            segments = requested(body)
        except TidegateError:
            continue
        for segment in segments:
            if not segment.unread:
                CHAT.put(body, segment, segment.text)
        CHAT.question(body)


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_no_value_anywhere_makes_a_reply_crash(junk: Any) -> None:
    for address in [address for address in [*places(CHUNK), *containers(CHUNK)] if address]:
        chunk = with_at(CHUNK, address, copy.deepcopy(junk))
        whole = with_at(REPLY, tuple("message" if step == "delta" else step for step in address), copy.deepcopy(junk))
        for body, streamed in ((chunk, True), (whole, False)):
            for segment in CHAT.reply_segments(body, streamed):
                hash(segment.channel)
                CHAT.put(body, segment, segment.text)
            CHAT.closed(body)
            CHAT.storable(body)
            CHAT.stop_events(body, ["r"])
        CHAT.assemble([Event.of(with_at(CHUNK, address, junk)), Event.of(CHUNK), DONE])
        CHAT.split(whole, {})
        CHAT.withhold(whole, ["r"])


def test_changed_text_takes_its_log_probabilities_with_it() -> None:
    body = copy.deepcopy(REPLY)
    content = at(CHAT.reply_segments(body, False), "choices", 0, "message", "content")
    CHAT.put(body, content, "x")
    assert body["choices"][0]["logprobs"] is None
    untouched = copy.deepcopy(REPLY)
    CHAT.put(untouched, at(CHAT.reply_segments(untouched, False), "choices", 1, "message", "content"), "x")
    assert untouched["choices"][0]["logprobs"] == REPLY["choices"][0]["logprobs"]


def test_pieces_of_one_text_share_a_channel_and_others_do_not() -> None:
    channels = {s.address: s.channel for s in CHAT.reply_segments(copy.deepcopy(CHUNK), True)}
    assert channels["choices", 0, "delta", "content"] == ("choices", 0, "content")
    assert channels["choices", 1, "delta", "content"] == ("choices", 1, "content")
    assert channels["id",] == ()
    running = [channel for channel in channels.values() if channel]
    assert len(set(running)) == len(running)


def test_channels_go_by_the_index_of_a_choice_and_of_a_call() -> None:
    call = {"index": 3, "function": {"arguments": "{"}}
    data = {"choices": [{"index": 7, "delta": {"content": "x", "tool_calls": [call]}, "finish_reason": "stop"}]}
    channels = [s.channel for s in CHAT.reply_segments(data, True)]
    assert channels[0] == ("choices", 7, "content")
    assert channels[1][:2] == ("choices", 7) and 3 in channels[1][2:]
    assert CHAT.closed(data) == [("choices", 7)]


@pytest.mark.parametrize("reason", [None, ""])
def test_a_choice_without_a_finish_reason_stays_open(reason: str | None) -> None:
    assert CHAT.closed({"choices": [{"index": 0, "finish_reason": reason}, {"index": 1}]}) == []


# --- streams and whole replies

NAMES = st.text(st.sampled_from("abc"), min_size=1, max_size=4)
WORDS = st.text(st.sampled_from("ab é\n\U0001f600"), min_size=1, max_size=12)
CALLS = st.lists(
    st.fixed_dictionaries(
        {
            "id": NAMES,
            "type": st.just("function"),
            "function": st.fixed_dictionaries({"name": NAMES, "arguments": WORDS}),
        }
    ),
    min_size=1,
    max_size=3,
)
MESSAGES = st.fixed_dictionaries(
    {"role": st.just("assistant"), "content": st.none() | WORDS, "refusal": st.none() | WORDS},
    optional={"tool_calls": CALLS, "reasoning_content": WORDS, "x_vendor": st.integers() | st.lists(WORDS)},
)
TOKENS = st.lists(st.fixed_dictionaries({"token": WORDS, "logprob": st.just(-0.5)}), max_size=3)


@st.composite
def replies(draw: st.DrawFn) -> dict[str, Any]:
    choices: list[dict[str, Any]] = []
    for index in range(draw(st.integers(1, 3))):
        message = draw(MESSAGES)
        choice = {"index": index, "message": message, "logprobs": None, "finish_reason": draw(st.sampled_from("sl"))}
        if message["content"] or message["refusal"]:
            choice["logprobs"] = draw(st.none() | st.fixed_dictionaries({"content": TOKENS, "refusal": st.none()}))
        if draw(st.booleans()):
            choice["x_choice"] = draw(WORDS)
        choices.append(choice)
    usage = draw(st.none() | st.just({"total_tokens": 3}))
    body = {"id": draw(NAMES), "object": "chat.completion", "created": 1, "model": "m", "choices": choices}
    return body | ({"usage": usage} if usage else {}) | draw(st.just({}) | st.just({"x_top": {"a": [1]}}))


@given(whole=replies())
def test_a_whole_reply_survives_being_split_and_assembled(whole: dict[str, Any]) -> None:
    before = copy.deepcopy(whole)
    events = CHAT.split(whole, {"stream_options": {"include_usage": True}})
    assert whole == before
    assert events[-1] is DONE and all(event.framed for event in events)
    assert CHAT.assemble(events) == whole


@given(whole=replies(), sizes=st.lists(st.integers(1, 4), min_size=1, max_size=8))
def test_a_stream_in_small_pieces_assembles_to_what_it_says(whole: dict[str, Any], sizes: list[int]) -> None:
    """As a provider sends it: choices in turn, texts in pieces, usage last."""
    whole["usage"] = {"total_tokens": 1}
    events: list[Event] = []
    for event in CHAT.split(whole, {"stream_options": {"include_usage": True}}):
        data = event.data
        delta = data["choices"][0]["delta"] if data and data["choices"] else {}
        (field, text) = next(((k, v) for k, v in delta.items() if k in ("content", "refusal") and v), ("", ""))
        if not data or not field:
            events.append(event)
            continue
        for number, size in enumerate([*sizes, len(text)]):
            piece, text = text[:size], text[size:]
            choice = {**data["choices"][0], "delta": {field: piece}}
            if number:
                choice.pop("logprobs", None)
            events.append(Event.of({**data, "choices": [choice]}))
    assert CHAT.assemble(events) == whole


def test_tool_calls_in_pieces_are_joined_by_index() -> None:
    def piece(index: int, **call: Any) -> Event:
        return Event.of({"choices": [{"index": 0, "delta": {"tool_calls": [{"index": index, **call}]}}]})

    events = [
        piece(0, id="c", type="function", function={"name": "f", "arguments": ""}),
        piece(1, id="d", type="custom", custom={"name": "g", "input": "sel"}),
        piece(0, function={"arguments": '{"a"'}),
        piece(1, custom={"input": "ect"}),
        piece(0, function={"arguments": ":1}"}),
        DONE,
    ]
    message = CHAT.assemble(events)["choices"][0]["message"]
    assert message["tool_calls"] == [
        {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}},
        {"id": "d", "type": "custom", "custom": {"name": "g", "input": "select"}},
    ]
    assert message["content"] is None


def test_usage_is_sent_only_to_who_asked_for_it() -> None:
    whole = copy.deepcopy(REPLY)
    assert not any(event.data and "usage" in event.data for event in CHAT.split(whole, {}))
    last = CHAT.split(whole, {"stream_options": {"include_usage": True}})[-2].data
    assert last and last["choices"] == [] and last["usage"] == REPLY["usage"]


def test_usage_that_is_null_until_the_last_event_is_kept() -> None:
    events = [Event.of({"choices": [], "usage": None}), Event.of({"choices": [], "usage": {"total_tokens": 1}})]
    assert CHAT.assemble(events)["usage"] == {"total_tokens": 1}
    assert "usage" not in CHAT.assemble(events[:1])


def test_assembling_does_not_change_the_events() -> None:
    events = CHAT.split(copy.deepcopy(REPLY), {})
    before = [event.raw for event in events], [copy.deepcopy(event.data) for event in events]
    CHAT.assemble(events)["choices"][0]["message"]["annotations"].append("mine")
    assert ([event.raw for event in events], [event.data for event in events]) == before


# --- what a cache may ask


def ask(**body: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": "hi"}]} | body


def test_a_question_is_its_last_turn_within_everything_else() -> None:
    body = ask(messages=[{"role": "system", "content": "s"}, {"role": "user", "content": "hi", "name": "ann"}])
    question = CHAT.question(body | {"temperature": 0, "stream": True, "user": "u", "top_p": None})
    assert (question.text, question.bypass) == ("hi", "")
    assert question.frame == {
        "model": "m",
        "messages": [{"role": "system", "content": "s"}, {"role": "user", "name": "ann"}],
        "temperature": 0,
    }


def test_text_parts_are_joined_and_what_else_they_say_stays_exact() -> None:
    parts = [{"type": "text", "text": "a", "cache_control": {"type": "x"}}, {"type": "text", "text": "b"}]
    question = CHAT.question(ask(messages=[{"role": "user", "content": parts}]))
    assert question.text == "a\nb"
    assert question.frame["parts"] == [{"cache_control": {"type": "x"}}]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (ask(), ""),
        (ask(temperature=0.7), ""),
        (ask(temperature=1.2), "sampling"),
        (ask(temperature=1.2, seed=1), ""),
        (ask(n=2), "sampling"),
        (ask(logprobs=True), "logprobs"),
        (ask(modalities=["text", "audio"]), "audio"),
        (ask(messages=[{"role": "tool", "content": "x", "tool_call_id": "c"}]), "tool-result"),
        (ask(messages=[{"role": "assistant", "content": "x"}]), "no-user-turn"),
        (
            ask(messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "u"}}]}]),
            "not-only-text",
        ),
    ],
)
def test_memory_is_passed_by_for_a_reason(body: dict[str, Any], reason: str) -> None:
    assert CHAT.question(body).bypass == reason


def test_only_complete_plain_answers_may_be_stored() -> None:
    def reply(finish: str = "stop", **message: Any) -> dict[str, Any]:
        return {"choices": [{"index": 0, "message": {"content": "x", **message}, "finish_reason": finish}]}

    assert CHAT.storable(reply()) == ""
    assert CHAT.storable(reply("length")) and CHAT.storable(reply("content_filter"))
    assert CHAT.storable(reply(tool_calls=[{}])) == CHAT.storable(reply(function_call={"name": "f"})) == "tool call"
    assert CHAT.storable(reply(audio={"id": "a"})) == "audio"
    assert CHAT.storable({"choices": []}) == "no choices"
    assert CHAT.storable({"choices": [{"finish_reason": "stop", "message": None}]})


def test_a_canned_answer_is_a_whole_reply_that_can_be_stored_and_split() -> None:
    dialect = OpenAIChat()
    whole = dialect.canned({"model": "m"}, "hello")
    assert dialect.storable(whole) == ""
    events = dialect.split(whole, {})
    assert dialect.is_end(events[-1])
    assert dialect.assemble(events[:-1])["choices"] == whole["choices"]


def test_names_in_schemas_of_tools_and_answers_are_looked_at_and_sealed() -> None:
    from tidegate.engine.dialects.text import names

    schema = {
        "type": "object",
        "properties": {
            "properties": {"type": "string", "default": {"in default": 1}},
            "nested": {"anyOf": [{"properties": {"deep": {"type": "string"}}}, {"enum": [{"in enum": 2}]}]},
        },
        "required": ["properties"],
        "$defs": {"shape": {"type": "object"}},
    }
    body = {
        "messages": [{"role": "user", "content": "hi", "properties": {"elsewhere": 1}}],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": schema}}],
        "response_format": {"json_schema": {"name": "a", "schema": {"properties": {"deep": {}, "answer": {}}}}},
        "metadata": {"who": "x"},
    }
    found = list(names(body))
    assert {segment.text for segment in found} == {
        "properties", "in default", "nested", "deep", "in enum", "shape", "answer", "who"
    }  # fmt: skip
    assert all(segment.sealed and segment.scope is Scope.INPUT for segment in found)
    assert found[0].address == ("tools", 0, "function", "parameters", "properties")
