"""Replies between Anthropic's messages and OpenAI's chat: the same answer, whole or streamed, whichever way it goes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import anthropic.types as theirs
import openai.types.chat as ours
import pytest
from anthropic.lib.streaming._messages import accumulate_event
from hypothesis import given
from hypothesis import strategies as st
from openai.lib.streaming.chat import ChatCompletionStreamState
from pydantic import TypeAdapter

from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.between import LANGUAGES
from tidegate.engine.dialects.between.carry import assembled, pieces
from tidegate.engine.dialects.between.chat import CHAT
from tidegate.engine.dialects.between.language import Language, StreamReader
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
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import UpstreamBroke, UpstreamError, UpstreamRefused
from tidegate.engine.sse import DONE, Event

EVENTS: TypeAdapter[Any] = TypeAdapter(theirs.RawMessageStreamEvent)
COUNTED = {"stream_options": {"include_usage": True}}

words = st.text(min_size=1, max_size=12)
names = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
sources = st.sampled_from(["{}", '{"a":1}', '{"city":"Köln","n":[1,2]}'])


def parts(thought: str, words_: str, calls: list[Call]) -> list[Part]:
    return [*([Thought(thought)] if thought else []), *([Text(words_)] if words_ else []), *calls]


calls = st.lists(st.builds(Call, names, names, sources), max_size=3)
told = st.builds(
    lambda p, stop, usage: Told("id_1", "m", p, Stop.CALLS if isinstance(p[-1], Call) else stop, "", usage),
    st.builds(
        parts, words | st.just(""), words | st.just(""), st.lists(st.builds(Call, names, names, sources), max_size=3)
    ).filter(bool),
    st.sampled_from([Stop.END, Stop.LENGTH, Stop.FILTER]),
    st.builds(
        lambda i, o, c, w, r: Usage(i + c + w, o, c, w, r),
        *[st.integers(0, 99)] * 5,
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


def written(language: Language, deltas: Iterable[Delta], asked: dict[str, Any]) -> list[Event]:
    writer = language.write_stream(asked)
    return [event for delta in deltas for event in writer.write(delta)]


def fed(reader: StreamReader, events: Sequence[Event]) -> list[Delta]:
    return [delta for event in events for delta in reader.feed(event)] + list(reader.end())


def timeless(told: Told) -> Told:
    return replace(told, created=0)


@given(told, st.integers(1, 5))
def test_a_stream_says_what_the_whole_reply_says(told: Told, step: int) -> None:
    for language, dialect in ((CHAT, OpenAIChat()), (MESSAGES, AnthropicMessages())):
        whole = language.write_reply(told, {})
        assert timeless(language.read_reply(whole)) == told
        events = written(language, chopped(pieces(told), step), COUNTED)
        assert timeless(assembled(fed(language.read_stream(), events))) == told
        again = dialect.assemble(events)
        assert {**again, "created": 0} == {**whole, "created": 0}
        assert dialect.is_end(events[-1])


@given(told, st.integers(1, 5))
def test_the_sdks_read_what_is_written(told: Told, step: int) -> None:
    theirs.Message.model_validate(MESSAGES.write_reply(told, {}))
    ours.ChatCompletion.model_validate(CHAT.write_reply(told, {}))

    state = ChatCompletionStreamState()
    for event in written(CHAT, chopped(pieces(told), step), COUNTED)[:-1]:
        state.handle_chunk(ours.ChatCompletionChunk.model_validate(event.data))
    assert timeless(CHAT.read_reply(state.current_completion_snapshot.to_dict())) == told

    snapshot: Any = None
    buffers: dict[int, bytes] = {}
    for event in written(MESSAGES, chopped(pieces(told), step), {}):
        assert event.kind == (event.data or {})["type"]
        parsed = EVENTS.validate_python(event.data)
        snapshot = accumulate_event(event=parsed, current_snapshot=snapshot, json_bufs=buffers)
    read = MESSAGES.read_reply(snapshot.to_dict())
    assert replace(read, id=told.id) == told


def test_a_chat_caller_is_told_of_usage_only_when_it_asks() -> None:
    told = Told("c", "m", [Text("hi")], Stop.END, usage=Usage(3, 5, 1, 0, 2))
    plain, counted = written(CHAT, pieces(told), {}), written(CHAT, pieces(told), COUNTED)
    assert not any("usage" in (event.data or {}) for event in plain)
    assert (counted[-2].data or {})["usage"] == {
        "prompt_tokens": 3,
        "completion_tokens": 5,
        "total_tokens": 8,
        "prompt_tokens_details": {"cached_tokens": 1},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }
    assert plain[-1] is counted[-1] is DONE


PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


@pytest.mark.parametrize("held", [{"images": [PICTURE]}, {"audio": {"id": "a"}}, {"function_call": {"name": "f"}}])
def test_content_without_a_word_is_refused_whole_and_streamed(held: dict[str, Any]) -> None:
    said = {"role": "assistant", "content": "Here it is.", **held}
    with pytest.raises(UpstreamRefused):
        CHAT.read_reply({"choices": [{"index": 0, "message": said, "finish_reason": "stop"}]})
    with pytest.raises(UpstreamRefused):
        fed(CHAT.read_stream(), [chunk({"content": "Here it is."}), chunk(held), chunk({}, "stop"), DONE])
    empty = {name: type(value)() for name, value in held.items()}
    assert len(fed(CHAT.read_stream(), [chunk({"content": "No.", **empty}), chunk({}, "stop"), DONE])) == 3


def test_tokens_that_are_kept_for_an_hour_are_told_with_those_that_are_not() -> None:
    counts = Usage(10, 5, cached=1, written=6, written_hour=4)
    said = MESSAGES.write_reply(Told("i", "m", [Text("a")], Stop.END, "", counts), {})
    usage = theirs.Message.model_validate(said).usage
    assert usage.cache_creation == theirs.CacheCreation(ephemeral_1h_input_tokens=4, ephemeral_5m_input_tokens=2)


def test_a_refusal_is_one_in_both() -> None:
    choice = {"index": 0, "message": {"role": "assistant", "content": None, "refusal": "no"}, "finish_reason": "stop"}
    told = CHAT.read_reply({"id": "c", "model": "m", "choices": [choice]})
    whole = MESSAGES.write_reply(told, {})
    assert (whole["stop_reason"], whole["content"]) == ("refusal", [{"type": "text", "text": "no"}])
    assert AnthropicMessages().assemble(written(MESSAGES, pieces(told), {})) == whole
    back = CHAT.write_reply(MESSAGES.read_reply(whole), {})
    assert back["choices"][0]["finish_reason"] == "content_filter"
    assert CHAT.write_reply(told, {})["choices"][0]["message"]["refusal"] == "no"


def test_a_call_that_ends_with_stop_waits_for_its_result_all_the_same() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "n", "arguments": "{}"}}
    choice = {"index": 0, "message": {"role": "assistant", "tool_calls": [call]}, "finish_reason": "stop"}
    assert MESSAGES.write_reply(CHAT.read_reply({"choices": [choice]}), {})["stop_reason"] == "tool_use"


def test_signatures_stay_with_the_provider_that_made_them() -> None:
    content = [
        {"type": "thinking", "thinking": "hm", "signature": "s1"},
        {"type": "redacted_thinking", "data": "s2"},
        {"type": "text", "text": "so"},
        {"type": "thinking", "thinking": "", "signature": "s3"},
        {"type": "tool_use", "id": "t", "name": "n", "input": {}},
    ]
    whole = {"id": "i", "type": "message", "model": "m", "content": content, "stop_reason": "tool_use"}
    read = MESSAGES.read_reply(whole)
    assert [getattr(part, "signature", "") for part in read.parts] == ["s1", "s2", "", "s3", ""]
    split = AnthropicMessages().split(whole, {})
    assert assembled(fed(MESSAGES.read_stream(), split)).parts == read.parts
    opened = open_reply(read)
    assert opened.parts == [Thought("hm"), Text("so"), Call("t", "n")]
    assert assembled(open_deltas(fed(MESSAGES.read_stream(), split))).parts == opened.parts
    assert MESSAGES.write_reply(read, {})["content"] == content
    assert AnthropicMessages().assemble(written(MESSAGES, pieces(read), {}))["content"] == content


@pytest.mark.parametrize(
    ("language", "whole"),
    [
        (CHAT, {"choices": []}),
        (CHAT, {"choices": [{"message": {"content": "a"}}, {"message": {"content": "b"}}]}),
        (CHAT, {"choices": [{"message": {"tool_calls": [{"id": "c"}]}}]}),
        (CHAT, {"choices": [{"message": {"content": None, "audio": {"id": "a"}}}]}),
        (CHAT, {"choices": [{"message": {"content": [{"type": "image_url"}]}}]}),
        (MESSAGES, {"content": []}),
        (MESSAGES, {"type": "message", "content": [{"type": "server_tool_use", "id": "t", "name": "n"}]}),
        (MESSAGES, {"type": "message", "content": [], "stop_reason": "pause_turn"}),
    ],
)
def test_a_reply_that_cannot_be_read_is_an_error_and_not_half_an_answer(
    language: Language, whole: dict[str, Any]
) -> None:
    with pytest.raises(UpstreamRefused):
        language.read_reply(whole)


def test_arguments_that_are_no_object_are_an_error_where_they_must_be_one() -> None:
    told = Told("c", "m", [Call("t", "n", '{"a":')], Stop.CALLS)
    with pytest.raises(UpstreamRefused):
        MESSAGES.write_reply(told, {})
    with pytest.raises(UpstreamRefused):
        written(MESSAGES, pieces(told), {})


@pytest.mark.parametrize("stop", [Stop.LENGTH, Stop.FILTER])
def test_a_call_that_is_cut_off_with_its_answer_is_no_error(stop: Stop) -> None:
    told = Told("c", "m", [Text("so"), Call("t", "n", '{"a":')], stop, usage=Usage(1, 2))
    whole = MESSAGES.write_reply(told, {})
    assert (whole["content"], MESSAGES.read_reply(whole).stop) == ([{"type": "text", "text": "so"}], stop)
    events = written(MESSAGES, pieces(told), {})
    assert [event.kind for event in events[-3:]] == ["content_block_stop", "message_delta", "message_stop"]
    assert assembled(fed(MESSAGES.read_stream(), events)) == told
    with pytest.raises(UpstreamRefused):
        MESSAGES.write_reply(replace(told, parts=[*told.parts, Text("on")]), {})


def chunk(delta: dict[str, Any], finish: str | None = None) -> Event:
    return Event.of({"id": "c", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def calling(*pieces_: dict[str, Any]) -> Event:
    return chunk({"tool_calls": list(pieces_)})


@pytest.mark.parametrize(
    "events",
    [
        [calling({"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}),
         calling({"index": 1, "id": "b", "function": {"name": "g", "arguments": ""}}),
         calling({"index": 1, "function": {"arguments": "{}"}})],
        [calling({"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}},
                 {"index": 0, "id": "b", "function": {"name": "g", "arguments": "{}"}})],
        [calling({"id": "a", "function": {"name": "f", "arguments": "{}"}}),
         calling({"id": "b", "function": {"name": "g"}})],
        [calling({"index": 0, "id": "a", "function": {"name": "f", "arguments": "{"}}),
         calling({"index": 0, "id": "a", "function": {"name": "f", "arguments": "}"}}),
         calling({"index": 1, "id": "b", "type": "function", "function": {"name": "g", "arguments": None}})],
    ],
    ids=["as OpenAI does", "one number for all", "no numbers", "id and name repeated"],
)  # fmt: skip
def test_the_ways_in_which_hosts_stream_calls_are_read(events: list[Event]) -> None:
    read = assembled(fed(CHAT.read_stream(), [*events, chunk({}, "stop"), DONE]))
    assert read.parts == [Call("a", "f"), Call("b", "g")]
    assert read.stop is Stop.CALLS


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_a_stream_that_ends_early_is_an_error(language: Language) -> None:
    events = written(language, pieces(Told("c", "m", [Text("hi"), Call("t", "n")], Stop.CALLS)), {})
    reader = language.read_stream()
    for event in events[:-2]:
        reader.feed(event)
    with pytest.raises(UpstreamBroke):
        reader.end()


def test_a_chat_stream_that_has_finished_may_lack_its_mark() -> None:
    events = written(CHAT, pieces(Told("c", "m", [Text("hi")], Stop.LENGTH)), {})
    assert assembled(fed(CHAT.read_stream(), events[:-1])).stop is Stop.LENGTH


@pytest.mark.parametrize(
    ("language", "event"),
    [
        (CHAT, Event.of({"error": {"message": "a secret", "type": "server_error", "code": None}})),
        (MESSAGES, Event.of({"type": "error", "error": {"type": "server_error", "message": "a secret"}}, kind="error")),
    ],
)
def test_an_error_in_a_stream_is_raised_with_its_kind_and_without_its_text(language: Language, event: Event) -> None:
    with pytest.raises(UpstreamError) as caught:
        language.read_stream().feed(event)
    assert "server_error" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_what_is_no_event_of_the_dialect_is_an_error(language: Language) -> None:
    with pytest.raises(UpstreamRefused):
        language.read_stream().feed(Event(b"data: {\n\n", b"{"))


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 529])
def test_an_error_keeps_its_words_and_finds_its_kind_by_its_status(status: int) -> None:
    body = {"error": {"message": "too long", "type": "invalid", "param": None, "code": "context_length_exceeded"}}
    trouble = CHAT.read_error(status, body)
    message = MESSAGES.write_error(trouble)
    theirs.ErrorResponse.model_validate({**message, "request_id": None})
    assert message["error"]["message"] == "too long"
    assert message["error"]["details"] == {"error_code": "context_length_exceeded"}
    back = CHAT.write_error(MESSAGES.read_error(status, message))
    assert back["error"]["message"] == "too long"
    assert back["error"]["type"] == CHAT.write_error(trouble)["error"]["type"]


@pytest.mark.parametrize(
    ("body", "said"),
    [({}, ""), ({"error": "words"}, "words"), ({"error": {"message": None}}, ""), ({"message": "words"}, "words")],
)
def test_error_bodies_of_other_forms_are_read(body: dict[str, Any], said: str) -> None:
    assert CHAT.read_error(400, body) == Trouble(400, said)


def test_what_mistral_thinks_and_refers_to_in_parts_is_reasoning_and_a_note() -> None:
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "hm, so"}]}
    content = [thought, {"type": "text", "text": "yes"}, {"type": "reference", "reference_ids": [1]}]
    wanted = [Thought("hm, so"), Text("yes")]
    whole = {"choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}]}
    assert CHAT.read_reply(whole).parts == wanted
    deltas = [{"role": "assistant", "content": [thought]}, {"content": content[1:]}, {"content": ""}]
    chunks: list[dict[str, Any]] = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    chunks[-1]["finish_reason"] = "stop"
    reader = CHAT.read_stream()
    read = [piece for chunk in chunks for piece in reader.feed(Event.of({"id": "c", "model": "m", "choices": [chunk]}))]
    assert assembled([*read, *reader.end()]).parts == wanted
