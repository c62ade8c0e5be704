"""Anthropic's dialect and memory: streams and whole replies say the same, and what may be asked and kept."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.sse import Event
from tidegate.tests.engine.anthropic_samples import ANSWER, MESSAGES, REPLY

# Streams as whole replies and back

texts = st.text(max_size=8)
arguments = st.dictionaries(texts, st.one_of(texts, st.integers(), st.lists(texts, max_size=2), st.none()), max_size=3)
blocks = st.one_of(
    st.builds(lambda text: {"type": "text", "text": text}, texts),
    st.builds(lambda text: {"type": "text", "text": text, "citations": [{"type": "x", "cited_text": "c"}]}, texts),
    st.builds(lambda text, sign: {"type": "thinking", "thinking": text, "signature": sign}, texts, texts),
    st.builds(lambda data: {"type": "redacted_thinking", "data": data}, texts),
    st.builds(lambda given: {"type": "tool_use", "id": "t", "name": "n", "input": given}, arguments),
    st.builds(lambda text: {"type": "of_tomorrow", "novel": [text]}, texts),
)
replies = st.builds(
    lambda content, stop: {**REPLY, "content": content, "stop_reason": stop, "x_unknown": [1]},
    st.lists(blocks, max_size=4),
    st.sampled_from(["end_turn", "tool_use", "max_tokens"]),
)


@given(replies)
def test_a_reply_split_into_a_stream_and_assembled_is_the_same_reply(whole: dict[str, Any]) -> None:
    assert MESSAGES.assemble(MESSAGES.split(whole, {})) == whole


def test_arguments_that_are_no_json_are_not_taken_for_a_reply() -> None:
    events = [event for event in MESSAGES.split(REPLY, {}) if b"partial_json" not in event.payload]
    broken = {"type": "content_block_delta", "index": 3, "delta": {"type": "input_json_delta", "partial_json": "{"}}
    with pytest.raises(ValueError):
        MESSAGES.assemble([*events, Event.of(broken)])


def event(kind: str, **fields: Any) -> Event:
    return Event.of({"type": kind, **fields}, kind=kind)


# Memory


def asked(content: Any, **extra: Any) -> dict[str, Any]:
    return {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": content}], **extra}


def test_a_question_in_blocks_is_the_same_text_and_cache_marks_do_not_count() -> None:
    part = {"type": "text", "text": "q", "cache_control": {"type": "ephemeral"}}
    one, two = MESSAGES.question(asked("q")), MESSAGES.question(asked([part], metadata={"user_id": "x"}))
    assert (one.text, one.frame, one.bypass) == (two.text, two.frame, "")
    assert MESSAGES.question(asked("q", system="be brief")).frame != one.frame


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (asked([{"type": "tool_result", "tool_use_id": "t", "content": "x"}]), "tool-result"),
        (asked([{"type": "image", "source": {}}]), "not-only-text"),
        (asked("q", container="c"), "state"),
        (asked("q", thread={"type": "create"}), "state"),
        (asked("q", thread={"type": "continue", "previous_message_id": "msg_1"}), "state"),
        ({**asked("q"), "messages": [{"role": "assistant", "content": "I"}]}, "no-user-turn"),
        ({**asked("q"), "messages": [], "thread": {"type": "continue"}}, "no-user-turn"),
    ],
)
def test_what_memory_must_not_answer(body: dict[str, Any], why: str) -> None:
    assert MESSAGES.question(body).bypass == why


def test_only_clean_answers_in_words_are_kept() -> None:
    assert MESSAGES.storable(ANSWER) == ""
    assert MESSAGES.storable({**ANSWER, "stop_reason": "max_tokens"}) == "cut short"
    assert MESSAGES.storable({**ANSWER, "stop_reason": "refusal"}) == "cut short"
    assert MESSAGES.storable({**REPLY, "stop_reason": "end_turn"}) == "tool call"
    assert MESSAGES.storable({**ANSWER, "content": []}) == "no content"
    for empty in ({"type": "text", "text": ""}, {"type": "thinking", "thinking": "x", "signature": "s"}):
        assert MESSAGES.storable({**ANSWER, "content": [empty]}) == "no content"


def test_only_message_stop_is_the_end() -> None:
    assert MESSAGES.is_end(event("message_stop"))
    assert not MESSAGES.is_end(event("content_block_delta", delta={"type": "text_delta", "text": "message_stop"}))
