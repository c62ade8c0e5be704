"""Gemini's replies to and from the neutral form: whole and streamed alike, and as Google's SDK reads them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.dialects.between.carry import assembled, pieces
from tidegate.engine.dialects.between.chat import CHAT
from tidegate.engine.dialects.between.gemini import GEMINI
from tidegate.engine.dialects.between.messages import MESSAGES
from tidegate.engine.dialects.between.seals import open_deltas, open_reply
from tidegate.engine.dialects.between.talk import (
    Call,
    CallDelta,
    Delta,
    Part,
    Stop,
    Text,
    TextDelta,
    Thought,
    ThoughtDelta,
    Told,
    Trouble,
    Usage,
)
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.errors import UpstreamBroke, UpstreamError, UpstreamRefused
from tidegate.engine.sse import Event

genai: Any = pytest.importorskip("google.genai", reason="google-genai is a dependency of the tests: install .[dev]")
SHOWN = {"generation_config": {"thinkingConfig": {"includeThoughts": True}}}
words = st.text(min_size=1, max_size=12)
names = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
sources = st.sampled_from(["{}", '{"a":1}', '{"city":"Köln","n":[1,2]}'])
calls = st.lists(st.builds(Call, names, names, sources), max_size=3)
told = st.builds(
    lambda thought, said, called, stop, usage: Told(
        "id_1",
        "m",
        [*([Thought(thought)] if thought else []), *([Text(said)] if said else []), *called],
        Stop.CALLS if called else stop,
        "",
        usage,
    ),
    words | st.just(""),
    words | st.just(""),
    calls,
    st.sampled_from([Stop.END, Stop.LENGTH, Stop.FILTER]),
    st.builds(lambda i, o, c, r: Usage(i + c, o + r, c, 0, r), *[st.integers(0, 99)] * 4).filter(
        lambda usage: usage != Usage()
    ),
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


def written(deltas: Iterable[Delta]) -> list[Event]:
    writer = GEMINI.write_stream(SHOWN)
    return [event for delta in deltas for event in writer.write(delta)]


def fed(events: Sequence[Event]) -> list[Delta]:
    reader = GEMINI.read_stream()
    return [delta for event in events for delta in reader.feed(event)] + list(reader.end())


@given(told, st.integers(1, 5))
def test_a_stream_says_what_the_whole_reply_says(told: Told, step: int) -> None:
    whole = GEMINI.write_reply(told, SHOWN)
    assert GEMINI.read_reply(whole) == told
    events = written(chopped(pieces(told), step))
    assert assembled(fed(events)) == told
    assert Gemini(streams=True).assemble(events) == whole
    assert Gemini(streams=True).is_end(events[-1])


@given(told, st.integers(1, 5))
def test_googles_sdk_reads_what_is_written(told: Told, step: int) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if b"stream" not in request.url.raw_path:
            return httpx2.Response(200, json=GEMINI.write_reply(told, SHOWN))
        events = written(chopped(pieces(told), step))
        head = {"content-type": "text/event-stream"}
        return httpx2.Response(200, headers=head, content=b"".join(event.raw for event in events))

    options = {"base_url": "http://gate", "client_args": {"transport": httpx2.MockTransport(answer)}}
    client = genai.Client(api_key="k", vertexai=False, http_options=options)
    chat = client.chats.create(model="m")
    for replies in ([chat.send_message("x")], list(chat.send_message_stream("x"))):
        last = replies[-1]
        parts = [part for reply in replies for part in reply.candidates[0].content.parts]
        said = "".join(part.text or "" for part in parts if not part.thought)
        assert said == "".join(part.text for part in told.parts if isinstance(part, Text))
        thought = "".join(part.text or "" for part in parts if part.thought)
        assert thought == "".join(part.text for part in told.parts if isinstance(part, Thought))
        called = [(part.function_call.id, part.function_call.name) for part in parts if part.function_call]
        assert called == [(part.id, part.name) for part in told.parts if isinstance(part, Call)]
        assert told.usage and last.usage_metadata.prompt_token_count == told.usage.input
        assert (last.response_id, last.model_version) == (told.id, told.model)
    assert len(chat.get_history(curated=True)) >= 4, "both answers are ones to go on from"


@pytest.mark.parametrize("other", [CHAT, MESSAGES], ids=lambda language: language.dialect)
@given(told, st.integers(1, 5))
def test_an_answer_goes_over_and_comes_back(other: Any, told: Told, step: int) -> None:
    theirs = other.read_reply(other.write_reply(GEMINI.read_reply(GEMINI.write_reply(told, SHOWN)), {}))
    assert replace(GEMINI.read_reply(GEMINI.write_reply(theirs, SHOWN)), created=0) == told
    writer, reader = other.write_stream({"stream_options": {"include_usage": True}}), other.read_stream()
    streamed = [event for delta in fed(written(chopped(pieces(told), step))) for event in writer.write(delta)]
    back = assembled([delta for event in streamed for delta in reader.feed(event)] + list(reader.end()))
    assert replace(back, created=0) == told


def replied(*parts: dict[str, Any], finish: str | None = "STOP", **more: Any) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": list(parts)}, **({"finishReason": finish} if finish else {})}
    return {"candidates": [candidate], **more}


def test_signatures_are_those_of_the_part_that_came_before() -> None:
    parts: list[dict[str, Any]] = [
        {"text": "hm", "thought": True},
        {"text": "so"},
        {"text": "", "thoughtSignature": "s1"},
        {"functionCall": {"name": "f"}, "thoughtSignature": "s2"},
    ]
    read = GEMINI.read_reply(replied(*parts))
    assert read.parts == [Thought("hm"), Text("so", signature="s1"), Call("call_1_f", "f", signature="s2")]
    events = [Event.of(replied(part, finish=None)) for part in parts]
    streamed = [*events, Event.of(replied())]
    assert assembled(fed(streamed)) == read
    opened: list[Part] = [Thought("hm"), Text("so"), Call("call_1_f", "f")]
    assert open_reply(read).parts == opened
    assert assembled(open_deltas(fed(streamed))).parts == opened
    assert GEMINI.read_reply(GEMINI.write_reply(read, SHOWN)).parts == read.parts


@pytest.mark.parametrize(
    ("reason", "stop"),
    [("MAX_TOKENS", Stop.LENGTH), ("SAFETY", Stop.FILTER), ("RECITATION", Stop.FILTER), ("SPII", Stop.FILTER)],
)
def test_why_an_answer_ended(reason: str, stop: Stop) -> None:
    assert GEMINI.read_reply(replied({"text": "x"}, finish=reason)).stop is stop


@pytest.mark.parametrize("reason", ["MALFORMED_FUNCTION_CALL", "OTHER", "OF_TOMORROW"])
def test_an_answer_that_came_to_nothing_is_an_error_that_says_why(reason: str) -> None:
    with pytest.raises(UpstreamError, match=reason):
        GEMINI.read_reply(replied({"text": "x"}, finish=reason))


def test_a_blocked_prompt_is_an_answer_withheld() -> None:
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 3}}
    read = GEMINI.read_reply(blocked)
    assert (read.parts, read.stop, read.usage) == ([], Stop.FILTER, Usage(3))
    assert assembled(fed([Event.of(blocked)])) == read
    assert CHAT.write_reply(read, {})["choices"][0]["finish_reason"] == "content_filter"


def test_thoughts_are_told_to_who_asks_for_them() -> None:
    told = Told("c", "m", [Text("so"), Thought("hm"), Text("then"), Thought("ah"), Call("t", "f")], Stop.CALLS)
    parts = GEMINI.write_reply(told, {})["candidates"][0]["content"]["parts"]
    assert parts == [{"text": "sothen"}, {"functionCall": {"id": "t", "name": "f", "args": {}}}]
    assert len(GEMINI.write_reply(told, SHOWN)["candidates"][0]["content"]["parts"]) == 5


def test_a_refusal_ends_as_one() -> None:
    told = Told("c", "m", [Text("no", refusal=True)], Stop.END)
    whole = GEMINI.write_reply(told, SHOWN)
    assert whole["candidates"][0]["content"]["parts"] == [{"text": "no"}]
    assert whole["candidates"][0]["finishReason"] == "SAFETY"


def test_ids_of_calls_differ_between_replies_and_are_the_same_for_the_same() -> None:
    call = {"functionCall": {"name": "f", "args": {}}}
    [one, other, again] = [
        [part.id for part in GEMINI.read_reply(replied(call, call, responseId=id)).parts if isinstance(part, Call)]
        for id in ("reply-a", "reply-b", "reply-a")
    ]
    assert len({*one, *other}) == 4
    assert one == again


@pytest.mark.parametrize(
    "whole",
    [
        {},
        {"candidates": []},
        {"candidates": [{"finishReason": "STOP"}, {"finishReason": "STOP", "index": 1}]},
        replied({"inlineData": {"mimeType": "image/png", "data": "AA"}}),
        replied({"executableCode": {"code": "1"}}),
        replied({"text": "x", "tool_call": {}}),
        replied({"functionCall": {"args": {}}}),
        replied({"functionCall": {"name": "f", "args": []}}),
        replied({"functionCall": {"name": "f", "partialArgs": [{"jsonPath": "$.a"}]}}),
    ],
)
def test_a_reply_that_cannot_be_read_is_an_error_and_not_half_an_answer(whole: dict[str, Any]) -> None:
    with pytest.raises(UpstreamRefused):
        GEMINI.read_reply(whole)


def test_arguments_that_are_no_object_are_an_error() -> None:
    told = Told("c", "m", [Call("t", "n", '{"a":')], Stop.CALLS)
    with pytest.raises(UpstreamRefused):
        GEMINI.write_reply(told, SHOWN)


@pytest.mark.parametrize("stop", [Stop.LENGTH, Stop.FILTER])
def test_a_call_that_is_cut_off_with_its_answer_is_left_out(stop: Stop) -> None:
    told = Told("c", "m", [Text("so"), Call("t", "n", '{"a":')], stop)
    assert GEMINI.read_reply(GEMINI.write_reply(told, SHOWN)) == replace(told, parts=[Text("so")])


def test_a_stream_without_its_end_is_cut_off_and_one_with_an_error_failed() -> None:
    piece = Event.of(replied({"text": "x"}, finish=None))
    with pytest.raises(UpstreamBroke):
        fed([piece])
    with pytest.raises(UpstreamError, match="UNAVAILABLE"):
        fed([piece, Event.of({"error": {"code": 503, "status": "UNAVAILABLE", "message": "secret"}})])
    with pytest.raises(UpstreamRefused):
        fed([Event(b"data: [1]\n\n", b"[1]")])


def test_usage_and_citations_may_follow_the_end() -> None:
    tail = {"usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 4, "toolUsePromptTokenCount": 2}}
    events = [Event.of(replied({"text": "x"})), Event.of(tail), Event(b": still here\n\n", b"")]
    assert assembled(fed(events)).usage == Usage(5, 4)


def test_errors_go_over_and_come_back() -> None:
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
    body = {"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT", "details": [info]}}
    trouble = GEMINI.read_error(400, body)
    assert trouble == Trouble(400, "no", "INVALID_ARGUMENT", "API_KEY_INVALID")
    assert CHAT.write_error(trouble)["error"]["code"] == "API_KEY_INVALID"
    said = GEMINI.write_error(Trouble(429, "slow down", "rate_limit_error"))["error"]
    assert (said["code"], said["status"], said["details"][0]["reason"]) == (
        429,
        "RESOURCE_EXHAUSTED",
        "rate_limit_error",
    )
