"""The Responses dialect and memory: streams and whole replies say the same, and what may be asked and kept."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.sse import DONE, Event
from tidegate.tests.engine.responses_samples import EVENTS, REPLY, RESPONSES, message, piece, reply, streamed_texts


@given(st.lists(st.text(max_size=5), min_size=1, max_size=3))
def test_a_reply_split_into_a_stream_and_assembled_is_the_same_reply(texts: list[str]) -> None:
    whole = reply(*[message(text) for text in texts])
    events = RESPONSES.split(whole, {})
    assert RESPONSES.assemble(events) == whole
    assert streamed_texts(events)["response.output_text.delta"] == "".join(texts)
    for event in events:
        EVENTS.validate_python(event.data)


def test_reasoning_comes_in_pieces_too_for_clients_show_what_these_say() -> None:
    thought = {
        "type": "reasoning",
        "id": "rs-1",
        "summary": [{"type": "summary_text", "text": "one"}, {"type": "summary_text", "text": "two"}],
        "content": [{"type": "reasoning_text", "text": "raw"}],
        "encrypted_content": "ZW5j",
    }
    whole = reply(thought, message("so"))
    events = RESPONSES.split(whole, {})
    said = streamed_texts(events)
    assert said["response.reasoning_summary_text.delta"] == "onetwo"
    assert said["response.reasoning_text.delta"] == "raw"
    began = next(event.data for event in events if event.kind == "response.output_item.added" and event.data)
    assert began["item"] == thought | {"summary": [], "content": []}
    assert RESPONSES.assemble(events) == whole
    for event in events:
        EVENTS.validate_python(event.data)


def test_reasoning_is_the_assistants_in_a_request_and_beside_what_it_says_in_a_reply() -> None:
    """Rules that find what lacks are asked of what the assistant says alone: it is told by who speaks."""
    thought = {"type": "reasoning", "id": "rs-1", "content": [{"type": "reasoning_text", "text": "raw"}]}
    texts = [
        *RESPONSES.request_segments({"input": [thought]}),
        *RESPONSES.reply_segments({"output": [thought]}, False),
        *RESPONSES.reply_segments({"type": "response.output_item.done", "item": thought}, True),
    ]
    assert [text.role for text in texts if text.text == "raw"] == ["assistant", "", ""]


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
        [{"role": "user", "content": [{"type": "input_text", "text": "q", "prompt_cache_breakpoint": {}}]}],
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
        (asked("q", moderation={"model": "omni"}), "moderation"),
        (asked("q", store=False), ""),
    ],
)
def test_what_memory_must_not_answer(body: dict[str, Any], why: str) -> None:
    assert RESPONSES.question(body).bypass == why


def test_only_complete_answers_in_words_are_kept() -> None:
    assert RESPONSES.storable(reply(message("x"))) == ""
    assert RESPONSES.storable(reply(message("x"), status="incomplete")) == "cut short"
    assert RESPONSES.storable(REPLY) == "tool call"
    assert RESPONSES.storable(reply()) == RESPONSES.storable(reply(message(""))) == "no message"
    refused = {"type": "message", "content": [{"type": "refusal", "refusal": "no"}]}
    assert RESPONSES.storable(reply(refused)) == "cut short"


def test_the_end_is_the_last_response_or_the_done_mark() -> None:
    assert RESPONSES.is_end(DONE)
    assert RESPONSES.is_end(RESPONSES.split(REPLY, {})[-1])
    assert not RESPONSES.is_end(Event.of(piece("output_text.delta", {"delta": "response.completed"})))
