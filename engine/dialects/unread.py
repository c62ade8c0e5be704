"""Requests that no dialect reads: nothing of them is looked at. Errors are in the envelope of the caller's kind."""

from collections.abc import Sequence
from typing import Any

from ..errors import TidegateError
from ..exchange import Segment
from ..sse import Event
from . import Dialect
from .wordless import Wordless


class Unread(Wordless):
    """Stands where a dialect would, for a path that has none. `envelope` is the dialect that errors are told in."""

    name = "unread"
    path = ""
    what = "not read"

    def __init__(self, envelope: Dialect) -> None:
        self._envelope = envelope

    def check(self, body: dict[str, Any]) -> None:
        """Nothing: the form is not known."""

    def request_segments(self, body: dict[str, Any]) -> list[Segment]:
        return []

    def reply_segments(self, data: dict[str, Any], streamed: bool) -> list[Segment]:
        return []

    def withhold(self, data: dict[str, Any], rules: Sequence[str]) -> None:
        raise NotImplementedError("no rule sees what is not read")

    def error(self, error: TidegateError) -> dict[str, Any]:
        return self._envelope.error(error)

    def error_event(self, error: TidegateError) -> Event:
        return self._envelope.error_event(error)
