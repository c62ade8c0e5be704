"""The chat dialect and memory: streams and whole replies say the same, and what may be asked and kept."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.sse import DONE, Event
from tidegate.tests.engine.chat_samples import CHAT, REPLY

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


def test_lists_in_pieces_are_joined_and_what_has_an_index_is_one_thing() -> None:
    def delta(**fields: Any) -> Event:
        return Event.of({"choices": [{"index": 0, "delta": fields}]})

    def thought(text: str) -> dict[str, Any]:
        return {"type": "thinking", "thinking": [{"type": "text", "text": text}]}

    def cited(url: str) -> dict[str, Any]:
        return {"type": "url_citation", "url_citation": {"url": url}}

    def reasons(text: str, index: int) -> dict[str, Any]:
        return {"type": "reasoning.text", "text": text, "index": index}

    events = [
        delta(content="", reasoning_details=[reasons("one ", 0)]),
        delta(reasoning_details=[reasons("two", 0), reasons("three", 1)]),
        delta(content="A"),
        delta(content=[thought("hm")]),
        delta(content="B", annotations=[cited("https://a.example")]),
        delta(content="", annotations=[cited("https://b.example")]),
        DONE,
    ]
    message = CHAT.assemble(events)["choices"][0]["message"]
    assert message["content"] == [{"type": "text", "text": "A"}, thought("hm"), {"type": "text", "text": "B"}]
    assert message["annotations"] == [cited("https://a.example"), cited("https://b.example")]
    assert message["reasoning_details"] == [reasons("one two", 0), reasons("three", 1)]


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


def test_who_asks_and_hints_for_the_providers_cache_do_not_make_another_question() -> None:
    plain = ask(messages=[{"role": "user", "content": [{"type": "text", "text": "a"}]}])
    part = {"type": "text", "text": "a", "prompt_cache_breakpoint": {"mode": "explicit"}}
    marked = ask(messages=[{"role": "user", "content": [part]}], safety_identifier="u", prompt_cache_retention="24h")
    assert CHAT.question(marked | {"prompt_cache_options": {"ttl": "30m"}}) == CHAT.question(plain)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (ask(), ""),
        (ask(temperature=0.7), ""),
        (ask(temperature=1.2), "sampling"),
        (ask(temperature=1.2, seed=1), ""),
        (ask(n=2), "sampling"),
        (ask(store=True), "state"),
        (ask(store=False), ""),
        (ask(logprobs=True), "logprobs"),
        (ask(moderation={"model": "omni"}), "moderation"),
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
    for empty in ("", None, "\n ", [], [{"type": "thinking", "thinking": [{"type": "text", "text": "x"}]}], 1):
        assert CHAT.storable(reply(content=empty, reasoning_content="x")) == "no content"
    assert CHAT.storable(reply(content=None, refusal="I cannot")) == "cut short"
    assert CHAT.storable(reply(content="So", refusal="I cannot")) == "cut short"
    failed = {"index": 0, "message": {"content": "x"}, "finish_reason": "stop", "error": {"code": 502}}
    assert CHAT.storable({"choices": [failed]}) == "cut short"
    assert CHAT.storable(reply(content=[{"type": "refusal", "refusal": "I cannot"}])) == "cut short"
    assert CHAT.storable(reply(content=[{"type": "text", "text": "x"}])) == ""


def test_a_canned_answer_is_a_whole_reply_that_can_be_stored_and_split() -> None:
    dialect = OpenAIChat()
    whole = dialect.canned({"model": "m"}, "hello")
    assert dialect.storable(whole) == ""
    events = dialect.split(whole, {})
    assert dialect.is_end(events[-1])
    assert dialect.assemble(events[:-1])["choices"] == whole["choices"]
