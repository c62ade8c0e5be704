"""What would keep others waiting goes into a thread: to take a large body apart, to make very many changes."""

import asyncio
from collections.abc import Sequence

from ..engine.dialects.figures import figures
from ..engine.dialects.strange import strange
from ..engine.dialects.text import TURNS, names
from ..engine.edits import Edit, apply, whole_edits
from ..engine.exchange import Exchange, Scope, Segment
from ..engine.turns import taken_apart

_MANY_EDITS = 1000
"""Some milliseconds of work."""


async def asked(exchange: Exchange) -> list[Segment]:
    """The texts of a request; what stands outside the conversation first: so nothing that a later turn brings moves the
    numbers of what is masked there."""

    def found() -> list[Segment]:
        segments = (*exchange.dialect.request_segments(exchange.body), *names(exchange.body))
        beside = (strange, figures)
        segments += tuple(each for find in beside for each in find(exchange.body, segments, Scope.INPUT))
        return sorted(segments, key=lambda each: each.address[0] in TURNS)

    return await taken_apart(exchange.size, found)


async def changed(segment: Segment, edits: Sequence[Edit], offsets: Sequence[int] | None) -> str:
    """The text with the edits made; in a thread where they are so many that others would wait."""

    def made() -> str:
        return apply(segment.text, whole_edits(segment, edits, offsets))

    return made() if len(edits) < _MANY_EDITS else await asyncio.to_thread(made)
