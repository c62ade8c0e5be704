"""The chat dialect: a request of a wrong form is refused with its place, and no value anywhere makes a crash."""

import contextlib
import copy
from typing import Any

import pytest

from tidegate.engine.errors import BadRequest, TidegateError
from tidegate.engine.sse import DONE, Event
from tidegate.tests.canaries import containers, places, with_at
from tidegate.tests.engine.chat_samples import CHAT, CHUNK, REPLY, REQUEST, requested


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"model": None}, "model"),
        ({"model": ""}, "model"),
        ({"model": 4}, "model"),
        ({"messages": None}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": {}}, "messages"),
        ({"messages": ["x"]}, "messages.0"),
        ({"messages": [{"content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": ["user"], "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user"}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": 4}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": {"text": "x"}}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": ["x"]}]}, "messages.0.content.0"),
        ({"messages": [{"role": "user", "content": [{"text": "x"}]}]}, "messages.0.content.0.type"),
        ({"messages": [{"role": "user", "content": [{"type": "video"}]}]}, "messages.0.content.0.type"),
        ({"messages": [{"role": "user", "content": [{"type": []}]}]}, "messages.0.content.0.type"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages.0.content.0.text"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": 7}]}]},
            "messages.0.content.0.image_url",
        ),
        ({"messages": [{"role": "user", "content": [{"type": "file"}]}]}, "messages.0.content.0.file"),
        ({"messages": [{"role": "user", "content": [{"type": "video_url"}]}]}, "messages.0.content.0.video_url"),
        ({"messages": [{"role": "assistant", "tool_calls": {}}]}, None),
        ({"messages": [{"role": "assistant", "tool_calls": {"a": 1}}]}, "messages.0.tool_calls"),
        ({"messages": [{"role": "assistant", "tool_calls": ["x"]}]}, "messages.0.tool_calls.0"),
        (
            {"messages": [{"role": "assistant", "tool_calls": [{"function": "f"}]}]},
            "messages.0.tool_calls.0.function",
        ),
        ({"stream": "yes"}, "stream"),
        ({"stream": 1}, "stream"),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"n": 0}, "n"),
        ({"n": 1000}, "n"),
        ({"n": True}, "n"),
        ({"stop": 4}, "stop"),
        ({"tools": {}}, None),
        ({"tools": {"a": 1}}, "tools"),
        ({"tools": ["x"]}, "tools.0"),
        ({"tools": [{}]}, "tools.0.type"),
        ({"stream_options": []}, "stream_options"),
        ({"metadata": "x"}, "metadata"),
    ],
)
def test_a_wrong_type_is_refused_with_its_place(change: dict[str, Any], param: str | None) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]} | change
    if param is None:  # an empty object counts as an empty list or is refused; it is no crash
        with contextlib.suppress(BadRequest):
            CHAT.check(body)
        return
    with pytest.raises(BadRequest) as caught:
        CHAT.check(body)
    assert caught.value.param == param
    assert caught.value.status == 400


def test_an_unknown_part_type_is_refused_by_a_code_of_its_own() -> None:
    with pytest.raises(BadRequest) as caught:
        CHAT.check({"model": "m", "messages": [{"role": "user", "content": [{"type": "video", "video": {}}]}]})
    assert caught.value.code == "unknown_part"


JUNK: list[Any] = [
    None,
    True,
    7,
    "x",
    [],
    {},
    [1],
    ["x"],
    [["x"]],
    [{}],
    {"x": "y"},
    {"type": ["x"], "text": 1, "name": 2},
]


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_no_value_anywhere_makes_a_request_crash(junk: Any) -> None:
    for address in [*places(REQUEST), *containers(REQUEST)][1:]:
        body = with_at(REQUEST, address, copy.deepcopy(junk)) if address else copy.deepcopy(REQUEST)
        try:
            segments = requested(body)
        except TidegateError:
            continue
        for segment in segments:
            if not (segment.unread or segment.sealed):
                CHAT.put(body, segment, segment.text)
        CHAT.question(body)


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_no_value_anywhere_makes_a_reply_crash(junk: Any) -> None:
    for address in [address for address in [*places(CHUNK), *containers(CHUNK)] if address]:
        chunk = with_at(CHUNK, address, copy.deepcopy(junk))
        whole = with_at(REPLY, tuple("message" if step == "delta" else step for step in address), copy.deepcopy(junk))
        for body, streamed in ((chunk, True), (whole, False)):
            for segment in CHAT.reply_segments(body, streamed):
                hash((segment.channel, CHAT.begun(body, segment)))
                if not segment.sealed:
                    CHAT.put(body, segment, segment.text)
            CHAT.closed(body)
            CHAT.storable(body)
            CHAT.stop_events(body, ["r"])
        CHAT.assemble([Event.of(with_at(CHUNK, address, junk)), Event.of(CHUNK), DONE])
        CHAT.split(whole, {})
        CHAT.withhold(whole, ["r"])


def test_parts_that_mistral_answers_with_are_read_when_they_come_back() -> None:
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "the heron"}], "closed": True}
    content = [thought, {"type": "reference", "reference_ids": [1]}, {"type": "text", "text": "yes"}]
    body: dict[str, Any] = {"model": "m", "messages": [{"role": "assistant", "content": content}]}
    CHAT.check(body)
    assert [s.text for s in CHAT.request_segments(body)] == ["m", "the heron", "yes"]
    thought["thinking"] = "the heron"
    with pytest.raises(BadRequest) as caught:
        CHAT.check(body)
    assert caught.value.param == "messages.0.content.0.thinking"
