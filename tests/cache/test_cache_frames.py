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


def key_of(dialect: Dialect, body: dict[str, Any], model: str = "m") -> str:
    asked = Exchange(dialect, dialect.path, {}, body, model, False, caller=Caller("ann"))
    return place(asked, dialect.question(body), "key").key


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
