"""What would keep others waiting goes into a thread: to take a large body apart, to make very many changes."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from ..engine.dialects.text import TURNS, names
from ..engine.edits import Edit, apply, whole_edits
from ..engine.errors import BodyTooLarge
from ..engine.exchange import Exchange, Scope, Segment
from ..engine.limits import TEXTS
from ..engine.told import TooMany, told
from ..engine.turns import taken_apart

_MANY_EDITS = 1000
"""Some milliseconds of work."""


async def asked(exchange: Exchange) -> list[Segment]:
    """The texts of a request; what stands outside the conversation first: so nothing that a later turn brings moves the
    numbers of what is masked there. Raises BodyTooLarge for more than TEXTS."""

    def own(body: dict[str, Any]) -> Iterator[Segment]:
        yield from exchange.dialect.request_segments(body)
        yield from names(body)

    def found() -> list[Segment]:
        segments = told(exchange.body, exchange.size, Scope.INPUT, own)
        return sorted(segments, key=lambda each: each.address[0] in TURNS)

    try:
        return await taken_apart(exchange.size, found)
    except TooMany:
        raise BodyTooLarge(f"The body holds more than {TEXTS} texts, each of which rules would look at.") from None


async def changed(segment: Segment, edits: Sequence[Edit], offsets: Sequence[int] | None) -> str:
    """The text with the edits made; in a thread where they are so many that others would wait."""

    def made() -> str:
        return apply(segment.text, whole_edits(segment, edits, offsets))

    return made() if len(edits) < _MANY_EDITS else await asyncio.to_thread(made)
