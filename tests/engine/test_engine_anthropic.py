"""Anthropic's dialect: every string is seen, signed texts are never changed, streams and whole replies say the same."""

import copy
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from anthropic.types import Message, RawMessageStreamEvent
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tidegate.engine import jsonio
from tidegate.engine.dialects.anthropic import AnthropicCountTokens, AnthropicMessages
from tidegate.engine.errors import BadRequest, LimitReached, NotEvaluated, UnknownModel, UpstreamSilent
from tidegate.engine.exchange import Scope, Segment
from tidegate.engine.jsonio import Address
from tidegate.engine.sse import Event
from tidegate.engine.stream import Edit, HoldBack, Look, Withheld
from tidegate.tests.canaries import CANARY, containers, places, with_at

MESSAGES = AnthropicMessages()
EVENTS: TypeAdapter[RawMessageStreamEvent] = TypeAdapter(RawMessageStreamEvent)

REQUEST: dict[str, Any] = {
    "model": "claude-test",
    "max_tokens": 100,
    "stop_sequences": ["END"],
    "metadata": {"user_id": "u-1"},
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "tool_choice": {"type": "tool", "name": "weather"},
    "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object", "title": "T"}}},
    "system": [{"type": "text", "text": "be brief", "cache_control": {"type": "ephemeral", "ttl": "5m"}}],
    "tools": [
        {
            "name": "weather",
            "description": "tells the weather",
            "input_schema": {"type": "object", "properties": {"city": {"type": "string", "enum": ["Ulm"]}}},
        },
        {"type": "web_search_20250305", "name": "web_search", "allowed_domains": ["example.org"]},
    ],
    "messages": [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "look"},
                {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
                {
                    "type": "document",
                    "title": "paper",
                    "context": "of today",
                    "source": {"type": "text", "media_type": "text/plain", "data": "plain" * 40},
                },
                {"type": "document", "source": {"type": "file", "file_id": "file-1"}},
                {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "inner"}]}},
                {
                    "type": "search_result",
                    "source": "https://example.org",
                    "title": "found",
                    "content": [{"type": "text", "text": "a find"}],
                },
                {"type": "container_upload", "file_id": "file-2"},
                {"type": "of_tomorrow", "novel": {"deep": ["text"]}},
            ],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                {"type": "redacted_thinking", "data": "cmVk"},
                {"type": "text", "text": "so", "citations": [{"type": "char_location", "cited_text": "pl"}]},
                {"type": "tool_use", "id": "t-1", "name": "weather", "input": {"city": "Ulm", "far": [{"x": "y"}]}},
                {"type": "server_tool_use", "id": "t-2", "name": "web_search", "input": {"query": "q"}},
                {
                    "type": "web_search_tool_result",
                    "tool_use_id": "t-2",
                    "content": [
                        {"type": "web_search_result", "title": "R", "url": "https://r", "encrypted_content": "ZW5j"}
                    ],
                },
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t-1", "content": "sunny"},
                {
                    "type": "tool_result",
                    "tool_use_id": "t-1",
                    "content": [
                        {"type": "text", "text": "warm"},
                        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
                    ],
                },
            ],
        },
        {"role": "assistant", "content": "it is"},
        {"role": "user", "content": "and now?"},
    ],
}
CITED: dict[str, Any] = {
    "document_title": "D",
    "document_index": 0,
    "start_char_index": 0,
    "end_char_index": 2,
    "file_id": None,
}
REPLY: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-test",
    "content": [
        {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "cmVk"},
        {
            "type": "text",
            "text": "see here",
            "citations": [
                {
                    "type": "char_location",
                    "cited_text": "pl",
                    "document_title": "D",
                    "document_index": 0,
                    "start_char_index": 0,
                    "end_char_index": 2,
                    "file_id": None,
                }
            ],
        },
        {"type": "tool_use", "id": "t-1", "name": "weather", "input": {"city": "Ulm", "days": 2}},
        {"type": "server_tool_use", "id": "t-2", "name": "web_search", "input": {"query": "q"}},
        {
            "type": "web_search_tool_result",
            "tool_use_id": "t-2",
            "content": [{"type": "web_search_result", "title": "R", "url": "https://r", "encrypted_content": "ZW5j"}],
        },
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 5, "service_tier": "standard"},
}
ANSWER: dict[str, Any] = {**REPLY, "content": [{"type": "text", "text": "fine"}], "stop_reason": "end_turn"}


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
    name, number, ok = [s for s in MESSAGES.request_segments(body) if s.scope is Scope.TOOL_ARGS]
    assert (name.text, name.sealed) == ("4111111111111111", True)
    assert (number.text, number.sealed) == ("4111111111111111", False)
    assert ok.text == "ok"
    MESSAGES.put(body, number, "<CARD_1>")
    assert call["input"] == {"4111111111111111": "<CARD_1>", "ok": True}


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


# Held back


class Word:
    """A screen that replaces, or stops at, one word."""

    def __init__(self, word: str, *, block: bool = False) -> None:
        self.word, self.block = word, block
        self.tools: set[str] = set()

    def applies(self, segment: Segment) -> bool:
        return True

    def context(self, segment: Segment) -> int | None:
        return len(self.word)

    async def look(self, segment: Segment, text: str, settled: int, done: bool) -> Look:
        self.tools.add(segment.tool)
        safe = len(text) if done else max(settled, len(text) - len(self.word) + 1)
        edits: list[Edit] = []
        start = text.find(self.word, settled)
        while start >= 0:
            if self.block or segment.sealed:
                raise Withheld(["words.test"])
            edits.append(Edit(start, start + len(self.word), "<#>"))
            safe = max(safe, edits[-1].end)
            start = text.find(self.word, edits[-1].end)
        return Look(edits, safe)

    def unread(self, segment: Segment) -> None: ...


async def held(screen: Word, events: list[Event], streamed: bool = True) -> list[Event]:
    async def source() -> AsyncIterator[Event]:
        for event in events:
            yield event

    async def stop() -> None: ...

    return [event async for event in HoldBack(MESSAGES, screen, streamed, stop).run(source())]


def event(kind: str, **fields: Any) -> Event:
    return Event.of({"type": kind, **fields}, kind=kind)


def piecewise(whole: dict[str, Any], step: int) -> list[Event]:
    """The stream of a reply with its running texts cut into pieces."""
    out: list[Event] = []
    for one in MESSAGES.split(whole, {}):
        delta = (one.data or {}).get("delta", {})
        field = next((name for name in ("text", "thinking", "partial_json") if name in delta), None)
        if field is None:
            out.append(one)
            continue
        for begin in range(0, len(delta[field]), step):
            data = one.fresh()
            data["delta"][field] = delta[field][begin : begin + step]
            out.append(Event.of(data, kind=one.kind))
    return out


@given(step=st.integers(1, 9), before=st.text('ab \\"', max_size=12))
async def test_a_word_in_text_and_arguments_is_replaced_however_the_stream_is_cut(step: int, before: str) -> None:
    call = {"type": "tool_use", "id": "t", "name": "n", "input": {"x": before + "secret"}}
    whole = {**ANSWER, "content": [{"type": "text", "text": before + "secret, yes"}, call]}
    screen = Word("secret")
    out = await held(screen, piecewise(whole, step))
    assert "n" in screen.tools
    text, called = MESSAGES.assemble(out)["content"]
    assert text["text"] == before + "<#>, yes"
    assert called["input"] == {"x": before + "<#>"}


@given(step=st.integers(1, 9))
async def test_a_stream_that_nothing_touched_leaves_as_it_came(step: int) -> None:
    events = piecewise(REPLY, step)
    assert [e.raw for e in await held(Word("absent"), events)] == [e.raw for e in events]


@pytest.mark.parametrize("step", [1, 3, 50])
@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("kind", ["text", "thinking", "tool_use"])
async def test_a_withheld_stream_ends_so_that_the_sdk_reads_it(step: int, place: int, kind: str) -> None:
    from anthropic.lib.streaming._messages import accumulate_event

    spoilt = {
        "text": {"type": "text", "text": "the secret"},
        "thinking": {"type": "thinking", "thinking": "the secret", "signature": "s"},
        "tool_use": {"type": "tool_use", "id": "t", "name": "n", "input": {"k": "the secret"}},
    }[kind]
    content: list[dict[str, Any]] = [{"type": "text", "text": "before"}] * place + [spoilt]
    out = await held(Word("secret", block=True), piecewise({**ANSWER, "content": content}, step))
    assert b"secret" not in b"".join(e.raw for e in out)
    kinds = [(e.data or {})["type"] for e in out]
    assert kinds[-2:] == ["message_delta", "message_stop"]
    assert kinds.count("content_block_start") == kinds.count("content_block_stop")
    snapshot: Any = None
    buffers: dict[int, bytes] = {}
    for one in out:
        parsed = EVENTS.validate_python(one.data)
        if parsed.type != "message_stop":
            snapshot = accumulate_event(event=parsed, current_snapshot=snapshot, json_bufs=buffers)
    assert snapshot.stop_reason == "refusal"
    assert "words.test" in snapshot.stop_details.explanation


async def test_a_stream_withheld_at_its_first_event_is_still_a_stream() -> None:
    out = await held(Word("msg_1", block=True), MESSAGES.split(ANSWER, {}))
    assert [(e.data or {})["type"] for e in out] == ["message_start", "message_delta", "message_stop"]
    assert (out[0].data or {})["message"]["id"] == ""


async def test_a_withheld_whole_reply_is_a_refusal_that_the_sdk_reads() -> None:
    whole = {**ANSWER, "content": [{"type": "text", "text": "the secret"}], "x_copy": "the secret"}
    (out,) = await held(Word("secret", block=True), [Event.whole(jsonio.dumps(whole))], streamed=False)
    assert b"secret" not in out.raw
    read = Message.model_validate(out.data)
    assert (read.stop_reason, read.content, read.usage.output_tokens) == ("refusal", [], 5)


async def test_a_withheld_error_stays_an_error() -> None:
    error = {"type": "error", "error": {"type": "invalid_request_error", "message": "the secret"}}
    (out,) = await held(Word("secret", block=True), [Event.whole(jsonio.dumps(error))], streamed=False)
    assert b"secret" not in out.raw
    assert (out.data or {})["error"]["type"] == "api_error"


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
        ({**asked("q"), "messages": [{"role": "assistant", "content": "I"}]}, "no-user-turn"),
    ],
)
def test_what_memory_must_not_answer(body: dict[str, Any], why: str) -> None:
    assert MESSAGES.question(body).bypass == why


def test_only_clean_answers_in_words_are_kept() -> None:
    assert MESSAGES.storable(ANSWER) == ""
    assert MESSAGES.storable({**ANSWER, "stop_reason": "max_tokens"}) == "not a clean stop"
    assert MESSAGES.storable({**ANSWER, "stop_reason": "refusal"}) == "not a clean stop"
    assert MESSAGES.storable({**REPLY, "stop_reason": "end_turn"}) == "tool call"
    assert MESSAGES.storable({**ANSWER, "content": []}) == "no content"


def test_only_message_stop_is_the_end() -> None:
    assert MESSAGES.is_end(event("message_stop"))
    assert not MESSAGES.is_end(event("content_block_delta", delta={"type": "text_delta", "text": "message_stop"}))


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
