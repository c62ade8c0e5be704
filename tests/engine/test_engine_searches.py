"""What was looked up on the web changes by the day: memory neither answers nor keeps it."""

from typing import Any

import pytest

from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.sse import Event

CHAT, GEMINI, RESPONSES = OpenAIChat(), Gemini(), OpenAIResponses()
CITED = [{"type": "url_citation", "url": "https://example.org"}]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, ""),
        ({"web_search_options": {}}, "web-search"),
        ({"web_search_options": None}, ""),
        ({"search_parameters": {"mode": "auto"}}, "web-search"),
        ({"search_parameters": {"mode": "off"}}, ""),
        ({"plugins": [{"id": "web"}]}, "web-search"),
        ({"plugins": [{"id": "web", "enabled": False}, {"id": "file-parser"}]}, ""),
        ({"enable_search": True}, "web-search"),
        ({"enable_search": False}, ""),
        ({"model": "openai/gpt-5:online"}, "web-search"),
        ({"tools": [{"type": "web_search"}]}, ""),
    ],
)
def test_a_request_that_asks_for_a_search_passes_memory_by(fields: dict[str, Any], reason: str) -> None:
    assert CHAT.question({"model": "m", "messages": [{"role": "user", "content": "q"}], **fields}).bypass == reason
    assert RESPONSES.question({"model": "m", "input": "q", "store": False, **fields}).bypass == reason


@pytest.mark.parametrize(
    ("message", "fields", "why"),
    [
        ({}, {}, ""),
        ({"annotations": []}, {"citations": []}, ""),
        ({"annotations": [{"type": "file_citation"}]}, {}, ""),
        ({"annotations": CITED}, {}, "web search"),
        ({"content": [{"type": "text", "text": "x", "annotations": CITED}]}, {}, "web search"),
        ({}, {"citations": ["https://example.org"]}, "web search"),
        ({}, {"search_results": [{"url": "https://example.org"}]}, "web search"),
    ],
)
def test_a_chat_answer_that_was_looked_up_is_not_kept(
    message: dict[str, Any], fields: dict[str, Any], why: str
) -> None:
    whole = {"choices": [{"message": {"content": "x", **message}, "finish_reason": "stop"}], **fields}
    assert CHAT.storable(whole) == CHAT.storable(CHAT.assemble(CHAT.split(whole, {}))) == why


def test_nor_is_one_of_responses_whose_search_is_no_call() -> None:
    part = {"type": "output_text", "text": "x", "annotations": CITED}
    whole = {"status": "completed", "output": [{"type": "message", "content": [part]}]}
    assert RESPONSES.storable(whole) == "web search"


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"groundingMetadata": {}}, ""),
        ({"groundingMetadata": {"webSearchQueries": ["q"]}}, "web search"),
        ({"urlContextMetadata": {"urlMetadata": [{}]}}, "web search"),
    ],
)
def test_nor_is_one_of_gemini_that_tells_of_a_search(told: dict[str, Any], why: str) -> None:
    end = {"candidates": [{"finishReason": "STOP", **told}]}
    text = {"candidates": [{"content": {"parts": [{"text": "x"}]}}]}
    assert GEMINI.storable(GEMINI.assemble([Event.of(text), Event.of(end)])) == why
