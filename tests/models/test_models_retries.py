"""How failures are told apart, and when a provider is asked again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.errors import UpstreamBroke, UpstreamError, UpstreamRefused, UpstreamSilent
from tidegate.models.failures import Failure, filtered, of_error, of_event, of_status, retry_after
from tidegate.models.retries import Retries, paid_by_call


@given(st.integers(1, 40), st.one_of(st.none(), st.floats(0, 100)), st.floats(0, 1, exclude_max=True))
def test_a_pause_is_bounded_and_never_shorter_than_what_was_asked_for(
    tried: int, after: float | None, drawn: float
) -> None:
    retries = Retries(most=10, wait=0.5, longest=8.0)
    pause = retries.pause(Failure.LIMITED, tried, after, lambda: drawn)
    if tried > 10 or (after or 0) > 8:
        assert pause is None
    else:
        assert pause is not None and (after or 0) <= pause <= (after or 0) + 8


def test_the_pause_doubles() -> None:
    retries = Retries(most=5, wait=0.5, longest=3.0)
    assert [retries.pause(Failure.REFUSED, n, None, lambda: 1.0) for n in (1, 2, 3, 4)] == [0.5, 1.0, 2.0, 3.0]


def test_silence_is_not_retried_unless_the_operator_says_so() -> None:
    assert Retries(most=3).pause(Failure.SILENT, 1, None) is None
    assert Retries(most=3, on=frozenset({Failure.SILENT})).pause(Failure.SILENT, 1, None) is not None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5),
        ("0.25", 0.25),
        ("-3", 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("soon", None),
        ("", None),
        ("inf", None),
        ("nan", None),
        ("1e999", None),
        ("Wed, 99 Oct 2015", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after([("retry-after", value)]) == seconds


def test_a_date_to_come_is_counted_from_now_and_milliseconds_win() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert retry_after([("retry-after", date)]) == pytest.approx(30, abs=2)
    assert retry_after([("retry-after", "9"), ("retry-after-ms", "250")]) == 0.25
    assert retry_after([]) is None


@given(st.text())
def test_no_retry_after_breaks_anything(value: str) -> None:
    seconds = retry_after([("retry-after", value)])
    assert seconds is None or seconds >= 0


def test_errors_and_statuses_by_class() -> None:
    told = {UpstreamSilent: "silent", UpstreamBroke: "silent", UpstreamRefused: "refused", UpstreamError: "refused"}
    assert {kind: of_error(kind("x")) for kind in told} == told
    unsent = UpstreamSilent("no connection")
    unsent.unanswered = False
    assert of_error(unsent) is Failure.REFUSED
    assert [of_status(status) for status in (429, 529, 500, 503)] == ["limited", "limited", "refused", "refused"]
    assert {of_status(status) for status in (200, 400, 401, 404, 422, 501)} == {None}


@pytest.mark.parametrize(
    ("data", "failure"),
    [
        ({"error": {"message": "x", "type": "server_error", "code": None}}, "refused"),
        ({"error": {"type": "rate_limit_exceeded"}}, "limited"),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "x"}}, "limited"),
        ({"type": "error", "code": "rate_limit_exceeded", "message": "x"}, "limited"),
        ({"type": "error", "code": None, "message": "x"}, "refused"),
        ({"type": "response.failed", "response": {"error": {"code": "server_error"}}}, "refused"),
        ({"error": {"code": 503, "status": "UNAVAILABLE"}}, "refused"),
        ({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}, "limited"),
        ({"error": {"code": 503, "details": [{"reason": "rate_limit_exceeded"}]}}, "limited"),
        ({"error": {"code": "content_filter"}}, "content_filter"),
        ({"error": {"type": "invalid_request_error", "code": "content_filter"}}, "content_filter"),
        ({"error": "out of memory"}, "refused"),
        ({"error": {"type": "invalid_request_error"}}, None),
        ({"error": {"code": 400, "status": "INVALID_ARGUMENT"}}, None),
        ({"choices": [], "error": None}, None),
        ({"type": "message_start", "message": {}}, None),
        ({"type": "response.created", "response": {"error": None}}, None),
        ({}, None),
    ],
)
def test_the_error_that_a_stream_begins_with(data: dict[str, Any], failure: str | None) -> None:
    assert of_event(data) == failure


@pytest.mark.parametrize(
    ("status", "data", "stopped"),
    [
        (200, {"choices": [{"finish_reason": "content_filter"}]}, True),
        (200, {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, True),
        (200, {"stop_reason": "refusal"}, True),
        (200, {"candidates": [{"finishReason": "SAFETY"}]}, True),
        (200, {"promptFeedback": {"blockReason": "OTHER"}}, True),
        (400, {"error": {"code": "content_filter", "message": "x"}}, True),
        (400, {"error": {"code": None, "innererror": {"code": "ResponsibleAIPolicyViolation"}}}, True),
        (400, {"error": {"type": "invalid_request_error", "details": {"error_code": "content_filter"}}}, True),
        (400, {"error": {"status": "INVALID_ARGUMENT", "details": [{"reason": "content_filter"}]}}, True),
        (400, {"error": {"code": "context_length_exceeded"}}, False),
        (500, {"error": {"code": "content_filter"}}, False),
        (200, {"choices": [{"finish_reason": "stop"}]}, False),
        (200, {"choices": "odd", "candidates": [7], "promptFeedback": None, "incomplete_details": None}, False),
        (200, {}, False),
    ],
)
def test_where_a_provider_s_filter_stopped_a_whole_reply(status: int, data: dict[str, Any], stopped: bool) -> None:
    assert filtered(status, data) is stopped


@pytest.mark.parametrize(
    ("body", "paid"),
    [
        ({}, False),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, False),
        ({"tools": [{"name": "f", "input_schema": {}}]}, False),
        ({"tools": [{"type": "bash_20250124", "name": "bash"}]}, False),
        ({"tools": [{"functionDeclarations": []}]}, False),
        ({"tools": [{"type": "web_search"}]}, True),
        ({"tools": [{"type": "function"}, {"type": "mcp", "server_url": "x"}]}, True),
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, True),
        ({"tools": [{"googleSearch": {}}]}, True),
        ({"background": True}, True),
        ({"mcp_servers": [{}]}, True),
        ({"tools": None}, False),
    ],
)
def test_tools_that_the_provider_runs_are_told_from_the_caller_s(body: dict[str, Any], paid: bool) -> None:
    assert paid_by_call(body) is paid
