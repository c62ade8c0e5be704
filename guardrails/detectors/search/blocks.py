"""Python's own expressions over long texts, a block at a time: nothing else runs in the process while one searches."""

import re
from collections.abc import Iterator

BLOCK = 8_192
"""Characters that are searched at once: some milliseconds."""


def matches(pattern: re.Pattern[str], text: str, start: int, reach: int) -> Iterator[re.Match[str]]:
    """What `pattern.finditer(text, start)` yields. No match, with what it looks at behind itself, exceeds `reach`."""
    while start < len(text):
        behind = start + BLOCK
        for found in pattern.finditer(text, start, behind + reach):
            if found.start() >= behind:
                break
            yield found
            behind = max(behind, found.end())
        start = behind


def search(pattern: re.Pattern[str], text: str, start: int, reach: int) -> re.Match[str] | None:
    """What `pattern.search(text, start)` gives."""
    return next(matches(pattern, text, start, reach), None)
