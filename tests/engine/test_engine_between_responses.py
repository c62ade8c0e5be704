"""Requests between OpenAI's Responses and the other dialects: what is carried comes back, what is not is named."""

from dataclasses import replace
from typing import Any

import openai.types.responses as theirs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tidegate.engine.dialects.between.chat_request import read_chat
from tidegate.engine.dialects.between.chat_request_write import write_chat
from tidegate.engine.dialects.between.gemini_request_write import write_gemini
from tidegate.engine.dialects.between.messages_request import read_messages
from tidegate.engine.dialects.between.messages_request_write import write_messages
from tidegate.engine.dialects.between.responses_request_write import write_responses
from tidegate.engine.dialects.between.talk import Call, Choice, Format, Media, Result, Talk, Text, Tool, Turn
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.errors import BadRequest
from tidegate.tests.engine.crossing import CHAT, SCHEMA, in_turns
from tidegate.tests.engine.crossing_responses import ASKED, BODY, TOOL, TOOLS, as_talk, items, said

STREAMED: TypeAdapter[Any] = TypeAdapter(theirs.response_create_params.ResponseCreateParamsStreaming)

words = st.text(min_size=1, max_size=8)
names = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
sources = st.sampled_from(["{}", '{"a":1}', '{"city":"Köln","n":[1,2]}'])


# The neutral form itself

texts = st.builds(Text, words)
media = st.sampled_from(
    [
        Media("image", url="https://example.org/a.png", detail="low"),
        Media("image", "image/png", "AAAA", detail="auto"),
        Media("file", "application/pdf", "AAAA", name="a.pdf"),
    ]
)
answers = st.builds(
    lambda p, c: Turn("assistant", (*p, *c)),
    st.lists(texts, min_size=1, max_size=2),
    st.lists(st.builds(Call, names, names, sources), max_size=2),
)
links = st.just(Media("file", url="https://example.org/a.pdf"))


def talks(asked: Any, shown: Any, stream: Any) -> Any:
    """Of what users ask, what tools show, and whether a stream is asked for."""
    results = st.builds(Result, names, st.lists(shown, min_size=1, max_size=2).map(tuple))
    before = (
        st.lists(asked, min_size=1, max_size=3).map(lambda p: Turn("user", tuple(p)))
        | st.lists(results, min_size=1, max_size=2).map(lambda r: Turn("user", tuple(r)))
        | texts.map(lambda t: Turn("system", (t,)))
    )
    return st.builds(
        Talk,
        names,
        st.lists(st.tuples(before, answers), min_size=1, max_size=3).map(lambda pairs: tuple(sum(pairs, ()))),
        stream,
        st.lists(st.builds(Tool, names, words, st.none() | st.just(SCHEMA), st.booleans()), max_size=2).map(tuple),
        choice=st.none()
        | st.builds(Choice, st.sampled_from(["auto", "must", "never"]))
        | st.builds(
            Choice, st.sampled_from(["auto", "must"]), st.lists(names, min_size=1, max_size=3, unique=True).map(tuple)
        ),
        parallel=st.none() | st.booleans(),
        format=st.none()
        | st.just(Format())
        | st.builds(Format, st.just(SCHEMA), names, words, st.none() | st.booleans()),
        temperature=st.none() | st.floats(0, 2),
        top_p=st.none() | st.floats(0, 1),
        max_tokens=st.none() | st.integers(1, 99),
        effort=st.none() | st.sampled_from(["minimal", "low", "high", "xhigh"]),
        verbosity=st.none() | st.sampled_from(["low", "high"]),
        user=st.none() | words,
        metadata=st.none() | st.dictionaries(names, words, max_size=2),
        store=st.booleans(),
    )


@given(talks(texts | media | links, texts | media | links, st.booleans()), st.sampled_from([None, True]))
def test_what_responses_can_say_is_read_as_it_was_written(talk: Talk, shown: bool | None) -> None:
    talk = replace(talk, show_thoughts=shown)
    body = write_responses(talk)
    (STREAMED if talk.stream else BODY).validate_python(body)
    TOOLS.validate_python(body.get("tools", []))
    assert in_turns(as_talk(body)) == in_turns(talk)


@given(talks(texts | media, texts, st.just(False)))
def test_a_request_goes_over_to_chat_and_comes_back_the_same(talk: Talk) -> None:
    body = write_responses(talk)
    chat = write_chat(as_talk(body))
    OpenAIChat().check(chat)
    CHAT.validate_python(chat)
    assert in_turns(read_chat(chat, talk.model, False)) == in_turns(talk)
    assert in_turns(as_talk(write_responses(read_chat(chat, talk.model, False)))) == in_turns(talk)


# What it has none for

CALL = {"type": "function_call", "call_id": "c", "name": "n", "arguments": "{}"}
AUDIO = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
OUTPUT = {"type": "function_call_output", "call_id": "c", "output": "x"}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"prompt": {"id": "p"}}, "prompt"),
        ({"context_management": [{"type": "compaction"}]}, "context_management"),
        ({"x_unknown": 1}, "x_unknown"),
        ({"truncation": "auto"}, "truncation"),
        ({"service_tier": "flex"}, "service_tier"),
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"include": ["reasoning.encrypted_content", "message.output_text.logprobs"]}, "include.1"),
        ({"prompt_cache_options": {"prewarm": True}}, "prompt_cache_options.prewarm"),
        ({"reasoning": {"mode": "pro"}}, "reasoning.mode"),
        ({"reasoning": {"context": "all_turns"}}, "reasoning.context"),
        ({"reasoning": "high"}, "reasoning"),
        ({"text": {"format": {"type": "grammar"}}}, "text.format.type"),
        ({"text": {"format": {"schema": SCHEMA}}}, "text.format.type"),
        ({"text": {"format": {"type": "text", "strict": True}}}, "text.format.strict"),
        ({"user": "u", "safety_identifier": "v"}, "safety_identifier"),
        ({"text": {"format": {"type": "json_schema", "schema": 1}}}, "text.format.schema"),
        ({"tools": [{"type": "web_search"}]}, "tools.0.type"),
        ({"tools": [TOOL, {"type": "mcp", "server_label": "s"}]}, "tools.1.type"),
        ({"tools": [{"type": "custom", "name": "n"}]}, "tools.0.type"),
        ({"tools": [{**TOOL, "defer_loading": True}]}, "tools.0.defer_loading"),
        ({"tools": [{**TOOL, "output_schema": SCHEMA}]}, "tools.0.output_schema"),
        ({"tool_choice": {"type": "web_search"}}, "tool_choice"),
        ({"tool_choice": {"type": "allowed_tools", "mode": []}}, "tool_choice"),
        ({"tool_choice": {"type": "allowed_tools", "mode": "none"}}, "tool_choice"),
        ({"tool_choice": {"type": "allowed_tools", "mode": "auto"}}, "tool_choice.tools"),
        ({"tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": []}}, "tool_choice.tools"),
        ({"tool_choice": {"type": "function", "name": "n", "x": 1}}, "tool_choice.x"),
        (
            {"tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "mcp"}]}},
            "tool_choice.tools.0.type",
        ),
        (items({"type": "item_reference", "id": "msg_1"}), "input.0.type"),
        (items({"id": "msg_1"}), "input.0.type"),
        (items({"type": "web_search_call", "id": "ws"}), "input.0.type"),
        (items({"type": "custom_tool_call", "call_id": "c", "name": "n", "input": "x"}), "input.0.type"),
        (items({"type": "reasoning", "id": "r", "summary": [], "encrypted_content": "s"}), "input.0"),
        (items({"role": "tool", "content": "x"}), "input.0.role"),
        (items({"role": "user", "content": "x", "name": "ann"}), "input.0.name"),
        (items({**CALL, "namespace": "s"}), "input.0.namespace"),
        (items({**CALL, "caller": {"type": "program", "caller_id": "p"}}), "input.0.caller"),
        (items({**CALL, "async": True}), "input.0.async"),
        (items(CALL, {**OUTPUT, "call_id": None}), "input.1.call_id"),
        (items(CALL, {**OUTPUT, "output": {"a": 1}}), "input.1.output"),
        (items(CALL, {**OUTPUT, "output": ["a"]}), "input.1.output.0.type"),
        (said({"type": "input_image", "file_id": "f", "detail": "auto"}), "input.0.content.0.file_id"),
        (said({"type": "input_image", "image_url": "data:image/png,AA"}), "input.0.content.0.image_url"),
        (said({"type": "input_file", "file_id": "f"}), "input.0.content.0.file_id"),
        (said({"type": "input_file", "file_data": "AAAA"}), "input.0.content.0.file_data"),
        (said({"type": "input_file", "file_url": "u", "detail": "high"}), "input.0.content.0.detail"),
        (said({"type": "input_audio", "input_audio": {}}), "input.0.content.0.type"),
        (
            said({"type": "output_text", "text": "x", "annotations": [{"type": "file_citation"}]}, role="assistant"),
            "input.0.content.0.annotations",
        ),
    ],
)
def test_what_cannot_be_carried_from_responses_is_named(change: dict[str, Any], place: str) -> None:
    with pytest.raises(BadRequest) as caught:
        as_talk({**ASKED, **change})
    assert (caught.value.param, caught.value.code) == (place, "not_carried")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"stop": "END"}, "stop"),
        ({"seed": 1}, "seed"),
        ({"frequency_penalty": 1}, "frequency_penalty"),
        ({"messages": [{"role": "user", "content": [AUDIO]}]}, "messages.0.content.0.input_audio"),
    ],
)
def test_what_chat_says_and_responses_cannot_is_named(change: dict[str, Any], place: str) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], **change}
    with pytest.raises(BadRequest) as caught:
        write_responses(read_chat(body, "m", False))
    assert (caught.value.param, caught.value.code) == (place, "not_carried")


@pytest.mark.parametrize("source", ['{"a": tru', "[]", "null"])
def test_arguments_that_went_wrong_go_on_as_source_and_are_named_where_values_are_asked_for(source: str) -> None:
    talk = as_talk({**ASKED, "input": [{**CALL, "arguments": source}, OUTPUT]})
    assert write_chat(talk)["messages"][-2]["tool_calls"][0]["function"]["arguments"] == source
    again = read_chat(write_chat(talk), "m", False)
    assert [item["arguments"] for item in write_responses(again)["input"] if "arguments" in item] == [source]
    for write in (write_messages, write_gemini):
        for asked, place in ((talk, "input.0.arguments"), (again, "tool_calls.0.function.arguments")):
            with pytest.raises(BadRequest) as caught:
                write(asked)
            assert str(caught.value.param).endswith(place)
            assert caught.value.code == "not_carried"


def test_what_only_one_of_responses_and_messages_can_say_has_the_callers_own_name() -> None:
    body = {"model": "m", "max_tokens": 9, "top_k": 3, "messages": [{"role": "user", "content": "x"}]}
    with pytest.raises(BadRequest) as caught:
        write_responses(read_messages(body, "m", False))
    assert caught.value.param == "top_k"
    for change, place in (
        ({"text": {"verbosity": "low"}}, "text.verbosity"),
        ({"text": {"format": {"type": "json_object"}}}, "text.format"),
        ({"temperature": 1.5}, "temperature"),
    ):
        with pytest.raises(BadRequest) as caught:
            write_messages(as_talk({**ASKED, **change}))
        assert caught.value.param == place
