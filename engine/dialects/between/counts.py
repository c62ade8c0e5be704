"""Tokens of a reply as the neutral form has them. How each host counts is known where answers are metered, and only
there, so that a caller is told what is paid for."""

from typing import Any

from ...usage import usage_of
from .carry import mapping
from .talk import Usage


def read_usage(usage: Any) -> Usage | None:
    """A reply's usage, in any dialect; None when it tells none."""
    told = usage_of({"usage": usage}) if mapping(usage) else None
    if told is None:
        return None
    return Usage(told.input, told.output, told.cached, told.written, told.reasoning, told.written_hour)
