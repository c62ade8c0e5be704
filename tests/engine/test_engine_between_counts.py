"""Callers of another dialect are told of the tokens that are metered, however a host counts them."""

from typing import Any

import pytest

from tidegate.engine.dialects.between.carry import assembled
from tidegate.engine.dialects.between.chat import CHAT
from tidegate.engine.dialects.between.talk import Usage
from tidegate.engine.sse import DONE, Event

XAI: dict[str, Any] = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 315}
XAI |= {"completion_tokens_details": {"reasoning_tokens": 300}}
DEEPSEEK = {"prompt_tokens": 1000, "completion_tokens": 5, "total_tokens": 1005, "prompt_cache_hit_tokens": 900}


@pytest.mark.parametrize(
    ("usage", "counted"),
    [(XAI, Usage(10, 305, reasoning=300)), (DEEPSEEK, Usage(1000, 5, 900)), ({}, None), (None, None)],
    ids=["reasoning beside the answer", "cached beside the prompt", "empty", "none"],
)
def test_tokens_are_told_as_they_are_metered(usage: Any, counted: Usage | None) -> None:
    choice = {"index": 0, "message": {"content": "hi"}, "delta": {"content": "hi"}, "finish_reason": "stop"}
    body = {"id": "c", "model": "m", "choices": [choice], "usage": usage}
    reader = CHAT.read_stream()
    assert CHAT.read_reply(body).usage == counted
    assert assembled([*reader.feed(Event.of(body)), *reader.feed(DONE)]).usage == counted
