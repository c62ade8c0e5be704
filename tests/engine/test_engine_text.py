"""Legacy completions and embeddings: the same promises in plain text."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine import jsonio
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.openai_text import OpenAICompletions, OpenAIEmbeddings
from tidegate.engine.dialects.text import unread_kind
from tidegate.engine.errors import BadRequest
from tidegate.engine.exchange import Scope
from tidegate.engine.sse import DONE, Event

TEXT, VECTORS = OpenAICompletions(), OpenAIEmbeddings()
REPLY: dict[str, Any] = {
    "id": "cmpl-1",
    "object": "text_completion",
    "created": 1,
    "model": "m",
    "choices": [
        {"index": 0, "text": "one", "logprobs": {"tokens": ["o", "ne"]}, "finish_reason": "stop"},
        {"index": 1, "text": "two", "logprobs": None, "finish_reason": "length"},
    ],
    "usage": {"total_tokens": 2},
}


@pytest.mark.parametrize(
    "prompt", ["text", ["one", "two"], [1, 2, 3], [[1, 2], [3]], ["one", [1, 2]]], ids=lambda value: repr(value)
)
def test_every_form_of_a_prompt_is_read_or_said_to_be_unread(prompt: Any) -> None:
    for dialect, field in ((TEXT, "prompt"), (VECTORS, "input")):
        body = {"model": "m", field: prompt}
        dialect.check(body)
        segments = [s for s in dialect.request_segments(body) if s.address[0] == field]
        strings = [prompt] if isinstance(prompt, str) else [item for item in prompt if isinstance(item, str)]
        assert [s.text for s in segments if not s.unread] == strings
        tokens = not isinstance(prompt, str) and len(strings) < len(prompt)
        assert [s.unread for s in segments if s.unread] == (["tokens"] if tokens else [])
        assert {s.scope for s in segments} == {Scope.INPUT}


@pytest.mark.parametrize(
    ("prompt", "param"),
    [
        (None, ""),
        (4, ""),
        ({}, ""),
        ([], ""),
        ([True], ".0"),
        ([1.5], ".0"),
        ([{}], ".0"),
        ([["a"]], ".0"),
        ([None], ".0"),
    ],
)
def test_a_wrong_prompt_is_refused_with_its_place(prompt: Any, param: str) -> None:
    for dialect, field in ((TEXT, "prompt"), (VECTORS, "input")):
        with pytest.raises(BadRequest) as caught:
            dialect.check({"model": "m", field: prompt})
        assert caught.value.param == field + param


def test_all_other_strings_of_a_request_are_seen() -> None:
    body = {"model": "m", "prompt": "p", "suffix": "s", "stop": ["x"], "user": "u", "unknown": {"deep": ["d"]}}
    assert [s.text for s in TEXT.request_segments(body)] == ["m", "p", "s", "x", "u", "d"]
    body = {"model": "m", "input": "i", "encoding_format": "float", "unknown": "d"}
    assert [s.text for s in VECTORS.request_segments(body)] == ["m", "i", "d"]


def test_a_prompt_cannot_pass_for_a_file() -> None:
    body = {"model": "m", "prompt": "data:image/png;base64,AAAA"}
    assert [s.unread for s in TEXT.request_segments(body)] == ["", ""]


@pytest.mark.parametrize("streamed", [False, True])
def test_every_string_of_a_reply_is_seen(streamed: bool) -> None:
    for address, _ in jsonio.strings(REPLY):
        body = copy.deepcopy(REPLY)
        jsonio.put(body, address, "a canary")
        found = [s for s in TEXT.reply_segments(body, streamed) if s.text == "a canary"]
        assert [s.address for s in found] == [address]


def test_in_a_stream_texts_and_tokens_run_on_by_choice() -> None:
    channels = {s.address: s.channel for s in TEXT.reply_segments(copy.deepcopy(REPLY), True)}
    assert channels["choices", 1, "text"] == ("choices", 1, "text")
    assert channels["choices", 0, "logprobs", "tokens", 0] == channels["choices", 0, "logprobs", "tokens", 1] != ()


def test_changed_text_takes_its_log_probabilities_with_it() -> None:
    body = copy.deepcopy(REPLY)
    for segment in TEXT.reply_segments(body, False):
        if segment.address == ("choices", 0, "text"):
            TEXT.put(body, segment, "x")
    assert body["choices"][0]["text"] == "x"
    assert body["choices"][0]["logprobs"] is None


def test_a_withheld_reply_keeps_its_form() -> None:
    body = copy.deepcopy(REPLY) | {"more": "text"}
    TEXT.withhold(body, ["r"])
    assert [c["text"] for c in body["choices"]] == ["", ""]
    assert {c["finish_reason"] for c in body["choices"]} == {"content_filter"}
    assert "more" not in body and body["tidegate"] == {"guard": "blocked", "rules": ["r"]}
    assert TEXT.stop_events(copy.deepcopy(REPLY), ["r"])[-1] is DONE


def test_a_withheld_stream_ends_every_choice_that_is_under_way() -> None:
    memory: dict[str, Any] = {}
    for index, reason in ((0, None), (1, None), (2, "stop")):
        TEXT.remember(memory, {"choices": [{"index": index, "text": "a", "finish_reason": reason}]})
    end, _ = TEXT.stop_events({"choices": [{"index": 3, "text": "b"}]}, ["r"], memory)
    assert [choice["index"] for choice in (end.data or {})["choices"]] == [0, 1, 3]


@given(
    texts=st.lists(st.text("ab\né", max_size=9), min_size=1, max_size=3),
    usage=st.booleans(),
    sizes=st.lists(st.integers(1, 3)),
)
def test_split_and_assembled_a_reply_is_itself(texts: list[str], usage: bool, sizes: list[int]) -> None:
    choices = [{"index": i, "text": t, "logprobs": None, "finish_reason": "stop", "x": i} for i, t in enumerate(texts)]
    whole = {"id": "c", "object": "text_completion", "created": 1, "model": "m", "x_top": ["y"], "choices": choices}
    whole |= {"usage": {"total_tokens": 1}} if usage else {}
    events = TEXT.split(whole, {"stream_options": {"include_usage": True}})
    assert TEXT.assemble(events) == whole
    pieces = [
        Event.of({"choices": [{"index": choice["index"], "text": choice["text"][at : at + 2]}]})
        for choice in choices
        for at in range(0, len(choice["text"]), 2)
    ]
    assert [c["text"] for c in TEXT.assemble(pieces)["choices"]] == [t for t in texts if t]


def test_log_probabilities_of_pieces_are_joined() -> None:
    events = [
        Event.of({"choices": [{"index": 0, "text": t, "logprobs": {"tokens": [t], "text_offset": [n]}}]})
        for n, t in enumerate("ab")
    ]
    assert TEXT.assemble(events)["choices"][0]["logprobs"] == {"tokens": ["a", "b"], "text_offset": [0, 1]}


def test_memory_answers_plain_prompts_only() -> None:
    assert TEXT.question({"model": "m", "prompt": "p", "user": "u"}).text == "p"
    assert TEXT.question({"model": "m", "prompt": "p", "user": "u"}).frame == {"model": "m"}
    assert TEXT.question({"model": "m", "prompt": ["p"]}).bypass == "not-only-text"
    assert TEXT.question({"model": "m", "prompt": "p", "best_of": 2}).bypass == "sampling"
    assert TEXT.question({"model": "m", "prompt": "p", "logprobs": 2}).bypass == "logprobs"
    assert TEXT.question({"model": "m", "prompt": "p", "echo": True}).bypass == "echo"
    assert VECTORS.question({"model": "m", "input": "p"}).bypass
    assert TEXT.storable(REPLY) and VECTORS.storable({})
    assert not TEXT.storable({"choices": [{"finish_reason": "stop", "text": "x"}]})
    assert TEXT.storable({"choices": [{"finish_reason": "stop", "text": "\n"}]}) == "no content"


def test_an_embedding_in_base64_is_not_text() -> None:
    body = {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": "AACAPw=="}], "model": "m"}
    assert [s.text for s in VECTORS.reply_segments(body, False)] == ["m"]
    VECTORS.withhold(body, ["r"])
    assert body["data"] == []


@pytest.mark.parametrize("said", ["TCK-123456", "project falcon", "falcon12", "AACAPw=", "see ada@example.com"])
def test_what_stands_in_an_embeddings_place_and_is_none_is_text(said: str) -> None:
    body = {"data": [{"object": "embedding", "embedding": said}]}
    assert [s.text for s in VECTORS.reply_segments(body, False)] == [said]


@pytest.mark.parametrize(
    ("address", "text", "kind"),
    [
        (("messages", 0, "content", 0, "image_url", "url"), "data:image/png;base64,AAAA", "image"),
        (("messages", 0, "content", 0, "image_url", "url"), "DATA:IMAGE/PNG;base64,AAAA", "image"),
        (("messages", 0, "content", 0, "image_url", "url"), "data:;base64,AAAA", "file"),
        (("messages", 0, "content", 0, "image_url", "url"), "https://example.org", ""),
        (("messages", 0, "content", 0, "input_audio", "data"), "A" * 65, "audio"),
        (("messages", 0, "content", 0, "file", "file_data"), "A" * 65, "file"),
        (("messages", 0, "content", 0, "file", "file_data"), "a text of many words " * 9, ""),
        (("messages", 0, "content", 0, "file", "file_data"), "é" * 65, ""),
        (("messages", 0, "content"), "data:image/png;base64,AAAA", ""),
        (("messages", 0, "images", 0, "url"), "data:image/png;base64,AAAA", "image"),
    ],
)
def test_files_are_told_from_text_by_where_they_stand(address: Any, text: str, kind: str) -> None:
    assert unread_kind(address, text) == kind


@pytest.mark.parametrize("word", ["jane@example.org", "jane@example.org/png"])
def test_what_a_body_calls_its_content_is_told_in_no_word_of_its_own(word: str) -> None:
    """Errors and the log say what kind of content was not read."""
    data, url = "QUJD" * 20, f"data:{word};base64,{'QUJD' * 20}"
    source = {"type": "base64", "media_type": "image/png", "data": data}
    message = {"role": "user", "content": [{"type": word, "source": source}]}
    inline = {"inlineData": {"mimeType": word, "data": data}}
    part = {"type": "image_url", "image_url": {"url": url}}
    for dialect, body in (
        (AnthropicMessages(), {"messages": [message]}),
        (Gemini(), {"contents": [{"parts": [inline]}]}),
        (OpenAIChat(), {"messages": [{"role": "user", "content": [part]}]}),
    ):
        kinds = {segment.unread for segment in dialect.request_segments(body)} - {""}
        assert kinds == {"file"}
    inline["inlineData"]["mimeType"] = "image/png"
    assert "image" in {each.unread for each in Gemini().request_segments({"contents": [{"parts": [inline]}]})}
