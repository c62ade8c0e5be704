"""Errors that providers tell inside replies, and that are told again as errors of the gate's own.

Such an error shows what its provider calls it, which may be any word: rules for replies look at it as at a reply.
"""

from collections.abc import AsyncIterator

from ..engine.errors import UpstreamError
from ..engine.exchange import Exchange, Reply, Scope, Segment
from ..engine.looks import Withheld
from ..engine.ports import Next
from ..engine.sse import Event
from .masks import gone
from .rules.ruleset import Ruleset
from .rules.when import Facts
from .screen import RuleScreen


async def asked(exchange: Exchange, next: Next, ruleset: Ruleset, facts: Facts) -> Reply:
    """What the next stage answers. Raises what it raises, while the reply is read too, without a word in which a rule
    finds what it would change."""
    if not ruleset.has(Scope.OUTPUT):
        return await next(exchange)
    screen = RuleScreen(ruleset, exchange.note, gone, facts)
    try:
        reply = await next(exchange)
    except UpstreamError as error:
        raise await _told(screen, error) from error.__cause__
    reply.events = _read(reply.events, screen)
    return reply


async def _read(events: AsyncIterator[Event], screen: RuleScreen) -> AsyncIterator[Event]:
    try:
        async for event in events:
            yield event
    except UpstreamError as error:
        raise await _told(screen, error) from error.__cause__


async def _told(screen: RuleScreen, error: UpstreamError) -> UpstreamError:
    """The error as it may be told."""
    if not error.words:
        return error
    segment = Segment(("error",), str(error), Scope.OUTPUT)
    try:
        if not (await screen.look(segment, segment.text, 0, True)).edits:
            return error
    except Withheld:
        pass
    bare = UpstreamError("The provider reported an error in its reply.")
    bare.words, bare.unanswered = error.words, error.unanswered
    return bare
