"""Which requests are one question: what says only what holds anyway changes no frame, and all else does."""

from typing import Any

import pytest

from tidegate.cache.key import place
from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.openai_text import OpenAICompletions
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.exchange import Caller, Exchange

TURN = {"role": "user", "content": "q"}
BODIES: dict[str, tuple[Dialect, dict[str, Any]]] = {
    "chat": (OpenAIChat(), {"model": "m", "messages": [TURN]}),
    "completions": (OpenAICompletions(), {"model": "m", "prompt": "q"}),
    "responses": (OpenAIResponses(), {"model": "m", "input": "q"}),
    "messages": (AnthropicMessages(), {"model": "m", "max_tokens": 9, "messages": [TURN]}),
    "gemini": (Gemini(), {"contents": [{"role": "user", "parts": [{"text": "q"}]}]}),
}
GOLDEN = {
    "chat": "ff5089317d46046f1be4a565f0fb0b606d792e32da228ac847ef477bb390ab2b",
    "completions": "8837968ef99fbfa01606a0ef7128798500950c390948452448df6c0567b42814",
    "responses": "73703e762376124d2154753457f97b6413d0a06310a2a1b901525cb1339b672b",
    "messages": "367bc3bd2c19a07b3927d70c85d79d2caaa4111ec409ea2639808ddccfecd498",
    "gemini": "b178bca2542e56573009ae0725a6cb2b10f26a9dfb5aaff1cb58b2def9abdf18",
}
TOOL = {"type": "function", "function": {"name": "f"}}


def asking(dialect: Dialect, body: dict[str, Any], model: str = "m", headers: dict[str, str] | None = None) -> Exchange:
    return Exchange(dialect, dialect.path, headers or {}, body, model, False, caller=Caller("ann"))


def key_of(dialect: Dialect, body: dict[str, Any], model: str = "m") -> str:
    return place(asking(dialect, body, model), dialect.question(body), "key").key


def key(name: str, **more: Any) -> str:
    dialect, body = BODIES[name]
    return key_of(dialect, {**body, **more})


@pytest.mark.parametrize("name", BODIES)
def test_golden_keys_of_plain_questions(name: str) -> None:
    assert key(name) == GOLDEN[name]


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("chat", {"n": 1}),
        ("chat", {"logprobs": False}),
        ("chat", {"logit_bias": {}}),
        ("chat", {"modalities": ["text"]}),
        ("chat", {"response_format": {"type": "text"}}),
        ("chat", {"stream_options": {"include_usage": True}, "stream": True}),
        ("completions", {"n": 1, "best_of": 1, "echo": False, "logit_bias": {}}),
        ("responses", {"truncation": "disabled", "background": False, "tool_choice": "auto", "include": []}),
        ("responses", {"text": {"format": {"type": "text"}}, "metadata": {}, "service_tier": "auto"}),
        ("gemini", {"generationConfig": {}}),
        ("gemini", {"generationConfig": {"candidateCount": 1, "responseMimeType": "text/plain"}}),
        ("gemini", {"generation_config": {"response_logprobs": False, "stopSequences": []}, "tools": []}),
        ("gemini", {"contents": [{"parts": [{"text": "q"}]}]}),
    ],
)
def test_a_default_that_is_written_out_asks_the_same(name: str, more: dict[str, Any]) -> None:
    assert key(name, **more) == GOLDEN[name]


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("chat", {"n": 2, "seed": 1}),
        ("chat", {"modalities": ["text", "audio"]}),
        ("chat", {"response_format": {"type": "json_object"}}),
        ("chat", {"temperature": 1}),  # Mistral's is 0.7
        ("chat", {"presence_penalty": 0}),  # Qwen's thinking models have another
        ("chat", {"tool_choice": "auto"}),  # an error without tools
        ("completions", {"logprobs": 0}),  # no `false`: it asks for those of the chosen tokens
        ("responses", {"truncation": "auto"}),
        ("responses", {"text": {"format": {"type": "text"}, "verbosity": "low"}}),
        ("messages", {"system": "s"}),
        ("messages", {"tool_choice": {"type": "auto"}}),
        ("gemini", {"generationConfig": {"candidateCount": 2}}),
        ("gemini", {"generationConfig": {"responseModalities": ["TEXT"]}}),
        ("gemini", {"generationConfig": {"candidateCount": 1, "candidate_count": 1}}),
    ],
)
def test_what_may_change_an_answer_asks_something_else(name: str, more: dict[str, Any]) -> None:
    assert key(name, **more) != GOLDEN[name]


def test_with_tools_that_the_model_chooses_goes_without_saying() -> None:
    assert key("chat", tools=[TOOL], tool_choice="auto") == key("chat", tools=[TOOL])
    assert key("chat", tools=[TOOL], tool_choice="required") != key("chat", tools=[TOOL])
    tool: dict[str, Any] = {"name": "f", "input_schema": {}}
    assert key("messages", tools=[tool], tool_choice={"type": "auto"}) == key("messages", tools=[tool])
    other = {"type": "auto", "disable_parallel_tool_use": True}
    assert key("messages", tools=[tool], tool_choice=other) != key("messages", tools=[tool])


def test_settings_of_gemini_are_one_in_both_spellings() -> None:
    one = key("gemini", generationConfig={"maxOutputTokens": 9, "candidateCount": 1})
    assert one == key("gemini", generation_config={"max_output_tokens": 9})
    assert one != key("gemini", generation_config={"max_output_tokens": 8})


def test_marks_for_anthropics_own_cache_ask_nothing() -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    text = {"type": "text", "text": "s"}
    tool: dict[str, Any] = {"name": "f", "input_schema": {"properties": {"cache_control": {}}}}
    earlier = [{"role": "user", "content": "s"}, {"role": "assistant", "content": "a"}, TURN]
    marked = [{"role": "user", "content": [text | mark]}, {"role": "assistant", "content": "a"}, TURN]
    plain = key("messages", system="s", tools=[tool], messages=earlier)
    assert plain == key("messages", system=[text | mark], tools=[tool | mark], messages=marked)
    assert plain != key("messages", system=[text | mark], tools=[{**tool, "input_schema": {}}], messages=marked)
    assert plain != key("messages", system=[text | mark], tools=[tool], messages=[*marked[:1], TURN, TURN])


def test_a_body_that_names_a_model_hides_none_of_the_path() -> None:
    gemini, body = BODIES["gemini"]
    named = {**body, "model": "models/x"}
    assert key_of(gemini, named, "one") != key_of(gemini, named, "another")
    assert key_of(gemini, named, "one") != key_of(gemini, body, "one")


def test_answers_of_another_version_of_the_api_are_others() -> None:
    _, body = BODIES["gemini"]
    assert key_of(Gemini("v1"), body) != key_of(Gemini("v1beta"), body)
    assert key_of(Gemini("v1beta", streams=True), body) == key_of(Gemini("v1beta"), body)


ANSWERING: dict[str, dict[str, Any]] = {
    "chat": {
        "model": "other", "temperature": 0.2, "top_p": 0.5, "top_k": 3, "min_p": 0.1, "seed": 7, "stop": ["x"],
        "max_tokens": 9, "max_completion_tokens": 9, "presence_penalty": 0.5, "frequency_penalty": 0.5,
        "repetition_penalty": 1.1, "logit_bias": {"5": 1}, "response_format": {"type": "json_object"}, "tools": [TOOL],
        "functions": [{"name": "f"}], "parallel_tool_calls": False, "reasoning_effort": "high", "verbosity": "low",
        "prediction": {"type": "content", "content": "x"}, "reasoning": {"effort": "low"}, "anything_new": True,
    },
    "completions": {
        "model": "other", "temperature": 0.2, "top_p": 0.5, "seed": 7, "stop": ["x"], "max_tokens": 9, "suffix": "s",
        "presence_penalty": 0.5, "frequency_penalty": 0.5, "logit_bias": {"5": 1}, "anything_new": True,
    },
    "responses": {
        "model": "other", "temperature": 0.2, "top_p": 0.5, "instructions": "s", "max_output_tokens": 9,
        "reasoning": {"effort": "low"}, "text": {"verbosity": "low"}, "tools": [{"type": "function", "name": "f"}],
        "parallel_tool_calls": False, "prompt": {"id": "p"}, "anything_new": True,
    },
    "messages": {
        "model": "other", "temperature": 0.2, "top_p": 0.5, "top_k": 3, "stop_sequences": ["x"], "max_tokens": 8,
        "system": "s", "tools": [{"name": "f", "input_schema": {}}], "thinking": {"type": "disabled"},
        "anything_new": True,
    },
    "gemini": {
        "systemInstruction": {"parts": [{"text": "s"}]}, "tools": [{"functionDeclarations": [{"name": "f"}]}],
        "safetySettings": [{"category": "c", "threshold": "t"}], "cachedContent": "c", "anything_new": True,
        "generationConfig": {"temperature": 0.2}, "generation_config": {"top_p": 0.5},
    },
}  # fmt: skip
"""Fields that bear on the answer, each with a value that no request has without saying so."""


@pytest.mark.parametrize(("name", "field"), [(name, field) for name, fields in ANSWERING.items() for field in fields])
def test_a_field_that_bears_on_the_answer_asks_something_else(name: str, field: str) -> None:
    assert key(name, **{field: ANSWERING[name][field]}) != GOLDEN[name]


@pytest.mark.parametrize(
    ("name", "turns", "text"),
    [("chat", "messages", "text"), ("responses", "input", "input_text"), ("messages", "messages", "text")],
)
def test_what_stands_in_a_part_or_a_turn_beside_its_text_asks_something_else(name: str, turns: str, text: str) -> None:
    """The last turn's text may be near another; all else of it, and all earlier turns, must be equal."""
    part = {"type": text, "text": "q"}
    plain = key(name, **{turns: [{"role": "user", "content": [part]}]})
    seen = {
        plain,
        key(name, **{turns: [{"role": "user", "content": [part | {"anything_new": 1}]}]}),
        key(name, **{turns: [{"role": "user", "content": [part], "name": "ann"}]}),
        key(name, **{turns: [{"role": "user", "content": "p"}, {"role": "user", "content": [part]}]}),
        key(name, **{turns: [{"role": "assistant", "content": "p"}, {"role": "user", "content": [part]}]}),
    }
    assert len(seen) == 5
    more = [part, {"type": text, "text": "and more"}]
    assert key(name, **{turns: [{"role": "user", "content": more}]}) not in seen


def test_the_way_that_a_request_must_go_and_what_its_headers_ask_for_are_in_its_key() -> None:
    chat, body = BODIES["chat"]
    question = chat.question(body)

    def placed(headers: dict[str, str] | None = None, **more: str) -> tuple[str, str]:
        asked = asking(chat, body, headers=headers)
        for name, value in more.items():
            setattr(asked, name, value)
        where = place(asked, question, "key")
        return where.key, where.scope

    ways = [
        placed(),
        placed(route_to="safe"),
        placed(lane="fast"),
        placed({"openai-beta": "x"}),
        placed({"anthropic-beta": "x"}),
    ]
    assert len({key for key, _ in ways}) == 5 and len({scope for _, scope in ways}) == 1
    other = placed({"x-tidegate-namespace": "n"})
    assert other[0] != ways[0][0] and other[1] != ways[0][1], (
        "hits and mistakes of a namespace are counted by themselves"
    )
