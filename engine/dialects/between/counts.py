"""Tokens of a reply as the neutral form has them, and of thinking by its effort. How each host counts is known where
answers are metered, and only there, so that a caller is told what is paid for."""

from typing import Any

from ...usage import usage_of
from .carry import mapping
from .talk import Usage

_BUDGETS = {"minimal": 1024, "low": 1024, "medium": 8192}
_MOST = 24576
"""Levels of effort as budgets for thinking, in tokens. Source: Gemini API, OpenAI compatibility."""


def read_usage(usage: Any) -> Usage | None:
    """A reply's usage, in any dialect; None when it tells none."""
    told = usage_of({"usage": usage}) if mapping(usage) else None
    if told is None:
        return None
    return Usage(told.input, told.output, told.cached, told.written, told.reasoning, told.written_hour)


def budget_of(effort: Any) -> int:
    """Tokens that thinking with this effort may take. One that is not known, or not said, may take the most."""
    return _BUDGETS.get(str(effort).lower(), _MOST)
