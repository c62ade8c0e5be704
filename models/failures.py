"""How a provider can fail, in the four classes that routes tell apart, and what it said about coming back.

Sources: RFC 9110, 10.2.3 (Retry-After); the error references of OpenAI, Anthropic (529) and Gemini.
"""

import math
import time
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, cast

from ..engine.dialects.between import error_words
from ..engine.errors import UpstreamError


class Failure(StrEnum):
    """Why an attempt does not count as an answer."""

    REFUSED = "refused"
    """No connection, or 500, 502, 503, 504."""
    LIMITED = "limited"
    """429, or 529 (Anthropic: overloaded)."""
    SILENT = "silent"
    """The request was sent and nothing usable came back: too late, cut off, or a 200 that is no answer. The provider
    may have worked on it, and may charge for it."""
    CONTENT_FILTER = "content_filter"
    """The provider's own filter stopped the request or a whole reply."""


BEFORE_IT_BEGAN = (Failure.REFUSED, Failure.LIMITED, Failure.SILENT)

_BY_STATUS = {429: Failure.LIMITED, 529: Failure.LIMITED, **dict.fromkeys((500, 502, 503, 504), Failure.REFUSED)}
_FILTERED = frozenset({"content_filter", "content_policy_violation", "responsibleaipolicyviolation"})
_LIMITED = frozenset(
    "rate_limit_error rate_limit_exceeded overloaded_error insufficient_quota resource_exhausted 429 529".split()
)
_CALLERS = frozenset(
    "invalid_request_error invalid_argument authentication_error unauthenticated permission_error permission_denied "
    "not_found_error not_found request_too_large failed_precondition 400 401 403 404 413 422".split()
)
"""Errors that another provider, or another try, would not mend."""
_ANSWERS = ("choices", "content", "candidates", "output", "data")
"""Where the dialects have what was answered."""
_OPENING = frozenset({"response.created", "response.queued", "response.in_progress", "message_start", "ping"})
"""Events that say that an answer begins, and nothing of it."""
_OPENED = {
    "content_block_start": "content_block",
    "response.output_item.added": "item",
    "response.content_part.added": "part",
    "response.reasoning_summary_part.added": "part",
}
"""Events that open a part of one, and where that stands in them."""
_OF_WORDS = frozenset("text thinking message reasoning output_text reasoning_text summary_text refusal".split())
_WORDS = ("text", "thinking", "content", "summary", "encrypted_content", "refusal")
"""Parts that words follow in, and where the first of them may stand already."""
_GEMINI_FILTERED = frozenset(
    "SAFETY PROHIBITED_CONTENT BLOCKLIST SPII RECITATION IMAGE_SAFETY IMAGE_PROHIBITED_CONTENT".split()
)


def of_error(error: UpstreamError) -> Failure | None:
    """The class of an attempt that raised; None when the provider said in its reply that the request is at fault, which
    is an answer."""
    if error.words is not None:
        return _of_words(error.words)
    return Failure.SILENT if error.unanswered else Failure.REFUSED


def of_status(status: int) -> Failure | None:
    """The class of a reply's status; None when it is an answer, be it one that refuses the request."""
    return _BY_STATUS.get(status)


def of_event(data: Mapping[str, Any]) -> Failure | None:
    """The class of the error that a stream begins with, in any dialect; None when it begins well.

    An error that is the caller's own fault is an answer.
    """
    words = _error_words(data)
    return None if words is None else _of_words(words)


def opens(data: Mapping[str, Any]) -> bool:
    """Whether an event of a stream, in any dialect, comes before the answer: it holds no word, call or end of it and no
    error. What is not known to be empty is an answer."""
    kind, given = data.get("type"), data.get("choices")
    if isinstance(given, list):
        return not data.get("error") and not any(_says(choice) for choice in cast("list[Any]", given))
    if not isinstance(kind, str) or kind not in _OPENED:
        return isinstance(kind, str) and kind in _OPENING
    part = _object(data.get(_OPENED[kind]))
    return str(part.get("type")) in _OF_WORDS and not any(part.get(name) for name in _WORDS)


def _says(choice: Any) -> bool:
    """Whether a choice of a chunk is more than whose turn it is. Azure's first chunk has no choice at all."""
    delta = _object(choice).get("delta")
    if not isinstance(delta, dict) or choice.get("finish_reason"):
        return True
    return any(value for name, value in cast("dict[str, Any]", delta).items() if name != "role")


def of_whole(data: Mapping[str, Any]) -> Failure | None:
    """The class of the error that a whole reply of status 200 holds in place of an answer, as at hosts that ask others
    (OpenRouter), and in Responses that failed; None when it holds none, or the error is the caller's own fault."""
    if not data.get("error") or any(data.get(name) for name in _ANSWERS):
        return None
    return of_event(data)


def _of_words(words: frozenset[str]) -> Failure | None:
    if words & _FILTERED:
        return Failure.CONTENT_FILTER
    if words & _CALLERS:
        return None
    return Failure.LIMITED if words & _LIMITED else Failure.REFUSED


def filtered(status: int, data: Mapping[str, Any]) -> bool:
    """Whether the provider's filter stopped a whole reply, in any dialect; a 400 that says so counts."""
    if status != 200:
        return status == 400 and bool((_error_words(data) or frozenset()) & _FILTERED)
    details, feedback = _object(data.get("incomplete_details")), _object(data.get("promptFeedback"))
    return (
        data.get("stop_reason") == "refusal"
        or details.get("reason") == "content_filter"
        or bool(feedback.get("blockReason"))
        or any(choice.get("finish_reason") == "content_filter" for choice in _objects(data.get("choices")))
        or any(one.get("finishReason") in _GEMINI_FILTERED for one in _objects(data.get("candidates")))
    )


def retry_after(headers: Iterable[tuple[str, str]]) -> float | None:
    """Seconds that a reply asks to wait: `retry-after` as seconds or as a date, or OpenAI's finer `retry-after-ms`.

    None when it says nothing that can be read. Never negative.
    """
    found = dict(headers)
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(found.get(name, "")) * unit
        except ValueError:
            continue
        return max(0.0, seconds) if math.isfinite(seconds) else None
    try:
        return max(0.0, parsedate_to_datetime(found.get("retry-after", "")).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _error_words(data: Mapping[str, Any]) -> frozenset[str] | None:
    """What an error calls itself; None when `data` holds no error."""
    error: object = data.get("error")
    if data.get("type") == "response.failed":
        error = _object(data.get("response")).get("error") or {}
    elif data.get("type") == "error" and not isinstance(error, dict):
        error = data  # Responses: the fields stand in the event itself
    if error is None:
        return None
    return frozenset(word.lower() for word in error_words(_object(error)))


def _object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [_object(item) for item in cast("list[Any]", value)] if isinstance(value, list) else []
