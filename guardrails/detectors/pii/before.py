"""Expressions that end where a candidate begins: what stands right before it.

Python tries them from every character of the window on. RE2, told that they all end there, reads back from the
candidate and gives up within a few characters: half a microsecond where Python takes twenty.
"""

import re
from collections.abc import Sequence

from ..regex import Locator
from ..search.places import loosened, unanchored


class Before:
    """Whether one of some expressions may match right before a place. Each of their alternatives ends with `$`."""

    def __init__(self, patterns: Sequence[re.Pattern[str]], reach: int) -> None:
        self._gate = Locator(rf"(?:{'|'.join(map(_source, patterns))})\n?\z")
        self._reach = reach

    def may(self, shadow: bytes, at: int) -> bool:
        """`shadow`: the text, a byte a character where places count, such as that of Places."""
        # A slice: RE2 takes only the end of what it is given for the end.
        before = shadow[max(0, at - self._reach) : at]
        return self._gate.match(before, 0, len(before))[0][0] >= 0


def _source(pattern: re.Pattern[str]) -> str:
    flags = "i" if pattern.flags & re.IGNORECASE else "-i"
    return f"(?{flags}:{unanchored(loosened(pattern.pattern))})"
