"""Keeping what is stored up to date: the index with the store, an entry with the rules in force."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from typing import TypeAlias, cast

from msgspec import structs

from ..engine.exchange import Exchange, Reply
from ..engine.ports import Entry, Store
from .answer import Answer
from .exact import Found, unchanged
from .semantic import Semantic
from .stores.record import SharedStore

log = logging.getLogger("tidegate.cache")

Policy: TypeAlias = Callable[[Exchange], str]
"""Digest of the rules in force for an exchange."""
Rescreen: TypeAlias = Callable[[Exchange, Reply], Awaitable[Reply]]
"""The reply guard as a function: a stored reply in, the same out unless today's rules object."""

POLL_SECONDS = 0.5
"""How often a store that others write to is asked for their entries."""


def is_shared(store: Store) -> bool:
    """Whether other processes write to it too."""
    return hasattr(store, "changes")


async def keep_current(store: Store, semantic: Semantic, counts: Counter[str]) -> None:
    """Fill the index from the store, then follow what other processes write."""
    shared = cast("SharedStore", store) if is_shared(store) else None
    cursor: str | None = None
    loaded = False
    while True:
        try:
            if not loaded:
                cursor = (await shared.changes(None)).cursor if shared else None
                await semantic.load(store, store.entries(), embed=True)
                loaded = True
            if shared is None:
                return
            changes = await shared.changes(cursor)
            cursor, loaded = changes.cursor, not changes.lost
            await semantic.load(store, _each(changes.entries), embed=False)
            if len(changes.entries) >= 100 or changes.lost:
                continue
        except Exception as error:
            counts["index_failures"] += 1
            log.warning("the semantic index could not be brought up to date: %s", type(error).__name__)
        await asyncio.sleep(POLL_SECONDS)


async def _each(entries: list[Entry]) -> AsyncIterator[Entry]:
    for entry in entries:
        yield entry


_WHOLE = " whole"
"""Behind the digest of the rules that passed a stream as it came: they have also seen it as one body."""


def has_passed(answer: Answer, policy: str, stream: bool) -> bool:
    """Whether the rules of this digest have passed an answer in the form asked for. In a stream they see a text piece
    by piece, and not in all views: what came so must be seen whole before it is served whole."""
    if answer.streamed and not stream:
        return answer.policy == policy + _WHOLE
    return answer.policy in (policy, policy + _WHOLE)


async def passes_again(found: Found, exchange: Exchange, policy: str, rescreen: Rescreen) -> bool:
    """Screen an answer in the forms that today's rules have not passed: whether each comes out as it went in."""
    kept, counted = list(exchange.verdicts), exchange.verdict_count
    try:
        for form in _unseen(found.answer, exchange, policy):
            # What is found in two forms is noted once. Verdicts about an answer that nobody gets are none.
            exchange.verdicts[:], exchange.verdict_count = kept, counted
            before = await form().read()
            screened = await rescreen(exchange, form())
            try:
                if screened.status != 200 or await screened.read() != before:
                    break
            finally:
                await screened.aclose()
        else:
            return True
    except Exception as error:  # a block, or a rule that cannot run: either way it is not served
        log.debug("a stored answer is not served under new rules: %s", type(error).__name__)
    exchange.verdicts[:], exchange.verdict_count = kept, counted
    return False


def _unseen(answer: Answer, exchange: Exchange, policy: str) -> Iterator[Callable[[], Reply]]:
    """The answer as it came, unless rules of this digest have passed that; then, if it is a stream that is asked for
    whole, as one body. In each a rule may find what the other form does not show."""
    if not has_passed(answer, policy, stream=True):
        yield answer.as_it_came
    if answer.streamed and not exchange.stream:
        yield lambda: answer.reply(exchange)


async def stamp(store: Store, found: Found, policy: str, stream: bool) -> None:
    """Note that today's rules have passed it: as it came, and also whole if it was asked for so. It is screened once
    for each change.

    Screening takes time: an answer that was deleted or replaced meanwhile is not put back.
    """
    if (now := await unchanged(store, found.entry.key, found.answer)) is not None:
        passed = policy + _WHOLE if now.answer.streamed and not stream else policy
        value = structs.replace(now.answer, policy=passed).encode()
        await store.put(replace(now.entry, value=value))
