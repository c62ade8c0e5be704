"""Texts that are JSON source though nobody says so: what a tool gave, an answer in JSON.

How far the source goes is told by its beginning and its brackets (`extent.py`): what stands behind it, such as a
sentence, is a text like any other.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from .exchange import Segment
from .extent import Extent, begins

_parse = msgspec.json.Decoder(msgspec.Raw)
_LONG = 64_000
"""Characters of JSON that take some milliseconds to read, where strings of it are JSON again."""


async def read(segment: Segment) -> tuple[Segment, str, Sequence[int] | None]:
    """A text that is whole as it is to be read, and what `Segment.reading` says of it; of long JSON in a thread."""

    def reading() -> tuple[Segment, str, Sequence[int] | None]:
        source = as_source(segment)
        return source, *source.reading(True)

    if len(segment.text) < _LONG or not (segment.json or begins(segment.text, True)):
        return reading()
    return await asyncio.to_thread(reading)


def as_source(segment: Segment) -> Segment:
    """A text that is whole, as it is to be read."""
    if segment.json or not begins(segment.text, True):
        return segment
    return replace(segment, json=True, source_end=None if _is_all(segment.text) else Extent().read(segment.text, 0))


def _is_all(text: str) -> bool:
    """Whether it is JSON from beginning to end, or lines of objects and lists, as `Extent` would say. Some ms for a
    megabyte, where that takes 50."""
    try:
        _parse.decode(text)
        return True
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        pass
    try:
        return all(bytes(line)[:1] in (b"{", b"[") for line in _parse.decode_lines(text))
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return False
