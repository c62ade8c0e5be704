"""Anthropic's dialect: every string is seen, what is signed is sealed, and what is wrong is told in its own form."""

import copy
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from anthropic.types import Message

from tidegate.engine import jsonio
from tidegate.engine.dialects.anthropic import AnthropicCountTokens
from tidegate.engine.errors import BadRequest, LimitReached, NotEvaluated, UnknownModel, UpstreamSilent
from tidegate.engine.exchange import Scope, Segment
from tidegate.engine.jsonio import Address
from tidegate.engine.sse import Event
from tidegate.engine.stream import HoldBack
from tidegate.guardrails.vault import Restore, Vault
from tidegate.tests.canaries import CANARY, containers, places, with_at
from tidegate.tests.engine.anthropic_samples import EVENTS, MESSAGES, REPLY, REQUEST


def at(segments: list[Segment], *address: str | int) -> Segment:
    (found,) = [s for s in segments if s.address == address and not s.unread and s.text != address[-1]]
    return found


# Requests


@pytest.mark.parametrize("address", list(places(REQUEST)), ids=jsonio.show)
def test_every_string_of_a_request_is_seen_or_the_request_is_refused(address: Address) -> None:
    body = with_at(REQUEST, address, CANARY)
    try:
        MESSAGES.check(body)
    except BadRequest:
        return
    (segment,) = [s for s in MESSAGES.request_segments(body) if s.text == CANARY]
    assert segment.address == address
    assert not segment.unread
    MESSAGES.put(body, segment, "changed")
    assert jsonio.get(body, address) == "changed"


@pytest.mark.parametrize("address", list(containers(REQUEST)), ids=jsonio.show)
def test_fields_that_nobody_knows_are_seen_wherever_they_stand(address: Address) -> None:
    body = copy.deepcopy(REQUEST)
    holder = jsonio.get(body, address)
    extra = {"deep": [CANARY]}
    holder.append(extra) if isinstance(holder, list) else holder.update(extra=extra)
    try:
        MESSAGES.check(body)
    except BadRequest:
        return
    assert sum(segment.text == CANARY for segment in MESSAGES.request_segments(body)) == 1


def test_what_is_no_text_is_a_segment_that_is_unread() -> None:
    unread = [(s.address[-3:], s.unread) for s in MESSAGES.request_segments(REQUEST) if s.unread]
    assert unread == [
        ((1, "source", "url"), "image"),
        ((2, "source", "data"), "image"),
        ((4, "source", "file_id"), "file"),
        (("content", 7, "file_id"), "file"),
        ((1, "source", "data"), "image"),
    ]


def test_arguments_and_results_of_tools_have_their_scope_and_name() -> None:
    segments = MESSAGES.request_segments(REQUEST)
    city = at(segments, "messages", 1, "content", 3, "input", "city")
    assert (city.scope, city.tool, city.role, city.json) == (Scope.TOOL_ARGS, "weather", "assistant", False)
    warm = at(segments, "messages", 2, "content", 1, "content", 0, "text")
    assert (warm.scope, warm.tool, warm.role) == (Scope.TOOL_RESULT, "weather", "user")
    found = at(segments, "messages", 1, "content", 5, "content", 0, "title")
    assert (found.scope, found.tool) == (Scope.TOOL_RESULT, "web_search")


def test_names_and_numbers_in_arguments_are_looked_at_too() -> None:
    call = {"type": "tool_use", "id": "t", "name": "pay", "input": {"4111111111111111": 4111111111111111, "ok": True}}
    body = {"model": "m", "messages": [{"role": "assistant", "content": [call]}]}
    name, number, ok, true = [s for s in MESSAGES.request_segments(body) if s.scope is Scope.TOOL_ARGS]
    assert (name.text, name.sealed) == ("4111111111111111", True)
    assert (number.text, number.sealed) == ("4111111111111111", False)
    assert ok.text == "ok"
    assert (true.text, true.sealed) == ("true", False)
    MESSAGES.put(body, number, "<CARD_1>")
    assert call["input"] == {"4111111111111111": "<CARD_1>", "ok": True}


def test_a_message_is_no_block_whatever_it_calls_its_type() -> None:
    for kind in ("tool_result", "tool_use", "redacted_thinking"):
        message = {"role": "user", "type": kind, "content": "hello", "input": {"a": "b"}, "data": "c"}
        segments = MESSAGES.request_segments({"model": "m", "messages": [message]})
        assert {(s.scope, s.sealed) for s in segments} == {(Scope.INPUT, False)}


def test_what_the_provider_signed_is_sealed() -> None:
    sealed = [s.text for s in MESSAGES.request_segments(REQUEST) if s.sealed and s.scope is not Scope.TOOL_ARGS]
    assert sealed == ["hm", "c2ln", "cmVk", "ZW5j"]
    unsigned = {"type": "thinking", "thinking": "hm"}
    body = {"model": "m", "messages": [{"role": "assistant", "content": [unsigned]}]}
    assert [s.sealed for s in MESSAGES.request_segments(body) if s.text == "hm"] == [False]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"model": ""}, "model"),
        ({"model": 3}, "model"),
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": [1]}, "messages.0"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": 1}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages.0.content.0.text"),
        ({"messages": [{"role": "user", "content": [{"text": "x"}]}]}, "messages.0.content.0.type"),
        ({"max_tokens": "5"}, "max_tokens"),
        ({"stream": "yes"}, "stream"),
        ({"temperature": True}, "temperature"),
        ({"system": 5}, "system"),
        ({"system": ["x"]}, "system.0"),
        ({"tools": {}}, "tools"),
    ],
)
def test_a_request_of_another_form_is_refused_by_its_field(change: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        MESSAGES.check({**REQUEST, **change})
    assert caught.value.param == param


def test_only_a_thread_that_goes_on_may_bring_no_message() -> None:
    """The SDK's tool runner sends none after `pause_turn`."""
    MESSAGES.check({**REQUEST, "messages": [], "thread": {"type": "continue", "previous_message_id": "msg_1"}})
    for thread in (None, "continue", {"type": "create"}):
        with pytest.raises(BadRequest):
            MESSAGES.check({**REQUEST, "messages": [], "thread": thread})


def test_a_result_whose_call_is_not_at_hand_has_the_name_that_its_type_tells() -> None:
    named = {"web_search_tool_result": "web_search", "tool_search_tool_result": "tool_search"}
    for kind, name in {**named, "mcp_tool_result": "", "tool_result": ""}.items():
        block = {"type": kind, "tool_use_id": "t", "content": [{"type": "text", "text": "x"}]}
        (found,) = MESSAGES.reply_segments({"type": "content_block_start", "content_block": block}, True)[-1:]
        assert (found.scope, found.tool) == (Scope.TOOL_RESULT, name)


# Replies


@pytest.mark.parametrize("address", list(places(REPLY)), ids=jsonio.show)
def test_every_string_of_a_reply_is_seen(address: Address) -> None:
    body = with_at(REPLY, address, CANARY)
    (segment,) = [s for s in MESSAGES.reply_segments(body, False) if s.text == CANARY]
    assert segment.address == address


STREAM = [event.data or {} for event in MESSAGES.split(REPLY, {})] + [
    {"type": "ping"},
    {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "of_tomorrow", "novel": "text"}},
    {"type": "of_tomorrow", "novel": {"deep": ["text"]}},
]
STREAM_PLACES = [(n, address) for n, data in enumerate(STREAM) for address in places(data)]


@pytest.mark.parametrize(("number", "address"), STREAM_PLACES)
def test_every_string_of_a_stream_is_seen(number: int, address: Address) -> None:
    data = with_at(STREAM[number], address, CANARY)
    assert [s.address for s in MESSAGES.reply_segments(data, True) if s.text == CANARY] == [address]


def test_the_parts_of_the_canary_matrix_are_many() -> None:
    assert len(list(places(REQUEST))) + len(list(places(REPLY))) + len(STREAM_PLACES) >= 120


def test_the_sdk_reads_the_sample_reply_and_its_events() -> None:
    assert Message.model_validate(REPLY).content[2].type == "text"
    for event in MESSAGES.split(REPLY, {}):
        EVENTS.validate_python(event.data)


# Errors and counts


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (BadRequest("m", param="p"), "invalid_request_error"),
        (NotEvaluated("m"), "invalid_request_error"),
        (UnknownModel("m"), "not_found_error"),
        (LimitReached("m", after=1), "rate_limit_error"),
        (UpstreamSilent("m"), "timeout_error"),
    ],
)
def test_errors_have_anthropics_envelope(error: Any, kind: str) -> None:
    body = MESSAGES.error(error)
    assert body["type"] == "error"
    assert (body["error"]["type"], body["error"]["message"]) == (kind, "m")
    assert body["error"]["details"]["error_code"] == error.code
    assert MESSAGES.error_event(error).raw.startswith(b"event: error\ndata: ")


def test_a_count_of_tokens_is_guarded_and_never_remembered() -> None:
    count = AnthropicCountTokens()
    count.check(copy.deepcopy(REQUEST))
    assert count.request_segments(REQUEST) == MESSAGES.request_segments(REQUEST)
    assert count.question(REQUEST).bypass
    assert count.reply_segments(json.loads('{"input_tokens": 5, "note": "text"}'), False)[0].text == "text"


def test_a_summary_that_is_signed_is_sealed_and_what_it_says_of_tools_as_well() -> None:
    tool = {"type": "tool_definition", "definition": {"name": "mail", "description": "to Jane", "input_schema": {}}}
    summary = {"type": "compaction", "content": "They met Jane.", "encrypted_content": "x9"}
    summary |= {"tool_changes": [{"type": "tool_addition", "tool": tool}]}
    for signature in (None, "sig"):
        block = {**summary, "signature": signature}
        body = {**REQUEST, "messages": [{"role": "user", "content": [block]}]}
        MESSAGES.check(body)
        for found in (
            MESSAGES.request_segments(body),
            MESSAGES.reply_segments({"type": "message", "role": "assistant", "content": [block]}, False),
        ):
            sealed = {s.text: s.sealed for s in found}
            assert sealed["They met Jane."] is sealed["to Jane"] is (signature is not None)
            assert sealed["x9"]


@pytest.mark.parametrize("signature", [None, "sig"])
async def test_a_summary_in_a_stream_is_signed_if_it_begins_so(signature: str | None) -> None:
    vault = Vault()
    block = {"type": "compaction", "content": None, "signature": signature}
    begun = {"type": "content_block_start", "index": 0, "content_block": block}
    said = f"They met {vault.mask('NAME', 'Jane')}."
    grown = {"type": "content_block_delta", "index": 0, "delta": {"type": "compaction_delta", "content": said}}
    events = [Event.of(data) for data in (begun, grown, {"type": "content_block_stop", "index": 0})]

    async def source() -> AsyncIterator[Event]:
        for event in events:
            yield event

    async def stop() -> None: ...

    out = [event async for event in HoldBack(MESSAGES, Restore(vault), True, stop).run(source())]
    assert (out[1].data or {})["delta"]["content"] == (said if signature else "They met Jane.")
    assert (out == events) is bool(signature)


def test_a_system_message_that_only_changes_how_the_model_answers_needs_no_words() -> None:
    said = {"role": "system", "output_config": {"effort": "low"}}
    MESSAGES.check({**REQUEST, "messages": [{"role": "user", "content": "x"}, said]})
    MESSAGES.check({**REQUEST, "messages": [{"role": "user", "content": "x"}, {**said, "content": None}]})
    for other in ({"role": "system"}, {**said, "role": "user"}):
        with pytest.raises(BadRequest):
            MESSAGES.check({**REQUEST, "messages": [other]})
