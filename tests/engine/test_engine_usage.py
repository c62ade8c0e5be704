"""What replies of each dialect tell of tokens, in one form."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.usage import Usage, usage_of

CHAT = {
    "usage": {
        "prompt_tokens": 100,
        "completion_tokens": 50,
        "total_tokens": 150,
        "prompt_tokens_details": {"cached_tokens": 40, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 30},
    },
    "service_tier": "priority",
}
RESPONSES_USAGE = {
    "input_tokens": 100,
    "input_tokens_details": {"cached_tokens": 40},
    "output_tokens": 50,
    "output_tokens_details": {"reasoning_tokens": 30},
}
MESSAGES = {
    "input_tokens": 50,
    "cache_creation_input_tokens": 10,
    "cache_read_input_tokens": 40,
    "cache_creation": {"ephemeral_5m_input_tokens": 6, "ephemeral_1h_input_tokens": 4},
    "output_tokens": 50,
    "service_tier": "standard",
    "speed": "fast",
}
GEMINI = {
    "usageMetadata": {
        "promptTokenCount": 90,
        "toolUsePromptTokenCount": 10,
        "cachedContentTokenCount": 40,
        "candidatesTokenCount": 20,
        "thoughtsTokenCount": 30,
        "totalTokenCount": 150,
    }
}
HEARD = {
    "usageMetadata": {
        "promptTokenCount": 100,
        "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 90}, {"modality": "TEXT", "tokenCount": 10}],
        "cachedContentTokenCount": 40,
        "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 40}],
        "candidatesTokenCount": 50,
        "candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": 50}],
    }
}


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (CHAT, Usage(100, 50, 40, reasoning=30, tier="priority")),
        ({"usage": {"prompt_tokens": 8, "total_tokens": 8}}, Usage(8)),
        ({"usage": {"prompt_tokens": 8, "completion_tokens": 1, "prompt_cache_hit_tokens": 5}}, Usage(8, 1, 5)),
        ({"usage": {"prompt_tokens": 8, "completion_tokens": 1, "cache_read_input_tokens": 5}}, Usage(8, 1, 5)),
        ({"usage": {"prompt_tokens": 8, "completion_tokens": 1, "cached_tokens": 5}}, Usage(8, 1, 5)),
        (
            {
                "usage": {
                    "prompt_tokens": 9,
                    "prompt_tokens_details": {"cache_write_tokens": 8, "cache_write_1h_tokens": 4},
                }
            },
            Usage(9, written=8, written_hour=4),
        ),
        (
            {
                "usage": {
                    "input_tokens": 9,
                    "input_tokens_details": {"cache_write_tokens": 8, "cache_write_1h_tokens": 4},
                }
            },
            Usage(9, written=8, written_hour=4),
        ),
        ({"usage": RESPONSES_USAGE}, Usage(100, 50, 40, reasoning=30)),
        ({"type": "response.completed", "response": {"usage": RESPONSES_USAGE}}, Usage(100, 50, 40, reasoning=30)),
        (
            {"type": "response.completed", "response": {"usage": RESPONSES_USAGE, "service_tier": "flex"}},
            Usage(100, 50, 40, reasoning=30, tier="flex"),
        ),
        ({"usage": MESSAGES}, Usage(100, 50, 40, 10, 4, tier="standard", speed="fast")),
        (
            {"type": "message_start", "message": {"usage": MESSAGES}},
            Usage(100, 50, 40, 10, 4, tier="standard", speed="fast"),
        ),
        ({"type": "message_delta", "usage": {"output_tokens": 7}}, Usage(0, 7)),
        (GEMINI, Usage(100, 50, 40, reasoning=30)),
        (HEARD, Usage(100, 50, 40, heard=90, heard_cached=40, spoken=50)),
        (
            {
                "usage": {
                    "prompt_tokens": 9,
                    "completion_tokens": 8,
                    "prompt_tokens_details": {"audio_tokens": 5},
                    "completion_tokens_details": {"audio_tokens": 6},
                }
            },
            Usage(9, 8, heard=5, spoken=6),
        ),
    ],
)
def test_each_dialects_usage(data: dict[str, Any], wanted: Usage) -> None:
    assert usage_of(data) == wanted


@pytest.mark.parametrize(
    "data", [{}, {"usage": None}, {"usage": 5}, {"usage": []}, {"response": None}, {"message": "x"}]
)
def test_no_usage_is_none(data: dict[str, Any]) -> None:
    assert usage_of(data) is None


def test_a_streams_events_add_up_to_one_usage() -> None:
    start = usage_of({"message": {"usage": {**MESSAGES, "output_tokens": 1}}})
    delta = usage_of({"usage": {"output_tokens": 50}})
    assert start and delta and start.with_later(delta) == Usage(100, 50, 40, 10, 4, tier="standard", speed="fast")


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*MESSAGES, *CHAT["usage"]]), inner),
    max_leaves=8,
)


@given(json)
def test_odd_counts_are_none_and_nothing_fails(value: Any) -> None:
    for data in ({"usage": value}, {"usageMetadata": value}, {"response": value}):
        usage = usage_of(data)
        assert usage is None or min(usage.counts()) >= 0


@pytest.mark.parametrize(("total", "output"), [(135, 103), (41, 9)])
def test_reasoning_that_is_counted_beside_the_answer_is_output_too(total: int, output: int) -> None:
    details = {"reasoning_tokens": 94}
    told = {"prompt_tokens": 32, "completion_tokens": 9, "total_tokens": total, "completion_tokens_details": details}
    assert usage_of({"usage": told}) == Usage(32, output, reasoning=94)


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({"input_tokens": 9, "server_tool_use": {"web_search_requests": 5}}, Usage(9, searches=5)),
        ({"input_tokens": 9, "tool_calls_details": {"search_web": {"invocation": 2}}}, Usage(9, searches=2)),
        (
            {
                "prompt_tokens": 33,
                "completion_tokens": 7,
                "total_tokens": 40,
                "citation_tokens": 20,
                "num_search_queries": 18,
                "reasoning_tokens": 70,
            },
            Usage(33, 97, reasoning=70, cited=20, searches=18),
        ),
        ({"prompt_tokens": 33, "completion_tokens": 80, "reasoning_tokens": 70}, Usage(33, 80)),
    ],
    ids=["anthropic", "perplexity's agents", "perplexity's research", "reasoning within the answer"],
)
def test_searches_and_what_they_brought_are_counted(told: dict[str, Any], wanted: Usage) -> None:
    assert usage_of({"usage": told}) == wanted


def test_a_count_that_no_counter_could_hold_is_none() -> None:
    assert usage_of({"usage": {"prompt_tokens": 10**400, "completion_tokens": 7}}) == Usage(0, 7)


def test_what_a_summary_of_the_conversation_took_counts_beside_the_answer() -> None:
    summary = {"type": "compaction", "input_tokens": 5000, "output_tokens": 400, "cache_read_input_tokens": 70}
    usage = MESSAGES | {"iterations": [summary, {"type": "message", "input_tokens": 50, "output_tokens": 50}]}
    wanted = Usage(5170, 450, 110, 10, 4, tier="standard", speed="fast")
    assert usage_of({"usage": usage}) == wanted
    begun = usage_of({"type": "message_start", "message": {"usage": MESSAGES}})
    ended = usage_of({"type": "message_delta", "usage": usage})
    assert begun is not None and ended is not None
    assert begun.with_later(ended) == wanted
