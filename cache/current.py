"""Keeping what is stored up to date: the index with the store, an entry with the rules in force."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TypeAlias, cast

from msgspec import structs

from ..engine.exchange import Exchange, Reply
from ..engine.ports import Entry, Store
from .answer import Answer
from .exact import Found, unchanged
from .semantic import Semantic
from .stores.record import SharedStore, Unanswered

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
    follower = _Follower(store, semantic)
    while True:
        try:
            if not await follower.step():
                return
            if follower.behind:
                continue
        except Exception as error:
            counts["index_failures"] += 1
            log.warning("the semantic index could not be brought up to date: %s", type(error).__name__)
        await asyncio.sleep(POLL_SECONDS)


class _Follower:
    """An index, and how far it has read its store. What the store did not answer is asked for again."""

    def __init__(self, store: Store, semantic: Semantic) -> None:
        self.behind = False
        """Whether there is more to be read at once."""
        self._store = store
        self._shared = cast("SharedStore", store) if is_shared(store) else None
        self._semantic = semantic
        self._cursor: str | None = None
        self._load_at: float | None = 0.0
        """When the whole store is to be read, on the monotonic clock; None when it was."""

    async def step(self) -> bool:
        """Read what there is; whether others may write more."""
        self.behind = False
        shared = self._shared
        if shared is None:
            await self._semantic.load(self._store, self._store.entries(), embed=True)
            return False
        if self._cursor is None:
            self._cursor = (await shared.changes(None)).cursor
        if self._load_at is not None and time.monotonic() >= self._load_at:
            await self._load(shared)
        await self._follow(shared, self._cursor)
        return True

    async def _load(self, shared: SharedStore) -> None:
        before, began = shared.unanswered, time.monotonic()
        await self._semantic.load(shared, shared.entries(), embed=True)
        now = time.monotonic()
        # Again after as long as it took: a server in need has better things to do.
        self._load_at = None if shared.unanswered == before else now + (now - began)

    async def _follow(self, shared: SharedStore, cursor: str) -> None:
        before = shared.unanswered
        changes = await shared.changes(cursor)
        if shared.unanswered == before:
            self._cursor = changes.cursor
            self.behind = len(changes.entries) >= 100 or changes.lost
            self._load_at = 0.0 if changes.lost else self._load_at
        await self._semantic.load(shared, _each(changes.entries), embed=False)


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
        await amend(store, now, structs.replace(now.answer, policy=passed))


async def amend(store: Store, found: Found, answer: Answer) -> None:
    """Keep what was noted of an answer that was just read. One that was deleted or replaced since is not put back."""
    value = answer.encode()
    if is_shared(store):
        with suppress(Unanswered):  # it is noted another time
            await cast("SharedStore", store).amend(found.entry, value)
    else:  # of this process alone, and nothing has been waited for
        await store.put(replace(found.entry, value=value))
