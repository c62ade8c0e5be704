"""A user's word on a hit, by the token that came with it. It counts once, and only from the caller who was answered.

Whichever process of a store answered: the token says what was served, a note in the store that the word was said.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from ..engine.errors import StoreSilent
from ..engine.exchange import Exchange
from ..engine.ports import Entry, Store
from .answer import decode
from .bound import Bound
from .current import is_shared
from .disputed import dispute
from .exact import Found
from .key import Place
from .links import Links
from .observed import Observed
from .semantic import Match
from .stores.record import SharedStore, Unanswered
from .tokens import Hit, Tokens, packed

HEADER = "x-tidegate-feedback"
SAID = 10_000
"""Words that this process remembers beside the store; the oldest are forgotten."""


class Feedback:
    """Gives tokens out, and sees to what becomes of a word."""

    def __init__(
        self,
        store: Store,
        bound: Bound,
        links: Links,
        observed: Observed,
        forget: Callable[[str], None],
        secret: Callable[[], bytes],
    ) -> None:
        self.counts = {"correct": 0, "wrong": 0}
        self._store = store
        self._bound = bound
        self._links = links
        self._observed = observed
        self._forget = forget
        self._tokens = Tokens(secret)
        self._said: OrderedDict[str, None] = OrderedDict()

    def offer(self, exchange: Exchange, where: Place, found: Found, match: Match | None) -> None:
        """Send a token with the answer to this exchange. No match: an exact hit."""
        hit = Hit(
            bytes.fromhex(where.scope),
            bytes.fromhex(found.entry.key),
            bytes.fromhex(where.key),
            exchange.cache.detail,
            1.0 if match is None else match.probability,
            time.time(),
            found.entry.created,
            packed(where.text) if match is not None and not match.linked else b"",
        )
        token = self._tokens.seal(exchange.id, exchange.caller.id, hit)
        exchange.tells.append(lambda _: [(HEADER, token)])

    async def __call__(self, token: str, caller: str, correct: bool) -> bool:
        """A user's word. False when this caller was not given this token lately, or has already spoken.

        A wrong answer to the very question is deleted, and the model answers it next. Raises StoreSilent when the store
        does not say that it is gone: the word may be said again then.
        """
        opened = self._tokens.open(token, caller)
        if opened is None:
            return False
        exchange, hit = opened
        try:
            if not await self._first(exchange):
                return False
            await self._take(hit, correct)
        except Unanswered:
            self._said.pop(exchange, None)
            raise StoreSilent("The store does not say that the answer is deleted: try again.") from None
        except BaseException:  # who spoke may have left meanwhile
            self._said.pop(exchange, None)
            raise
        self.counts["correct" if correct else "wrong"] += 1
        with suppress(Unanswered):  # then this process alone remembers
            await self._store.set_note(_note(exchange), b"said")
        return True

    async def _take(self, hit: Hit, correct: bool) -> None:
        """All of it or nothing, so that a word which was not taken may be said again: what is counted comes last."""
        key, asked, scope = hit.key.hex(), hit.asked.hex(), hit.scope.hex()
        if hit.detail != "exact":
            entry = await self._store.get(key) if hit.question else None
            self._bound.observe(scope, key, hit.probability, "same" if correct else "different", "user")
            if not correct:
                self._links.part(asked, key)
            self._keep(scope, hit, entry, correct)
            return
        if not correct:
            entry = await self._store.get(key)
            if entry is None or entry.created == hit.stored:  # not the answer that has taken its place since
                await dispute(self._store, key)
                await self._delete(key)
        self._bound.said(scope, correct)

    async def _delete(self, key: str) -> None:
        """Raises Unanswered when a store that others read too does not say that it is gone."""
        if is_shared(self._store):
            await cast("SharedStore", self._store).erase([key])
        else:
            await self._store.delete(key)
        self._links.leave(key)
        self._forget(key)

    def _keep(self, scope: str, hit: Hit, entry: Entry | None, correct: bool) -> None:
        answer = decode(entry.value) if entry is not None else None
        if answer is not None and answer.text:
            verdict = "same" if correct else "different"
            self._observed.add(scope, hit.text(), answer.text, verdict, hit.probability, "feedback")

    async def _first(self, exchange: str) -> bool:
        """Whether nothing was said of this exchange yet, to any process. Two at the same moment may both be heard."""
        if exchange in self._said:
            return False
        self._said[exchange] = None
        if len(self._said) > SAID:
            self._said.popitem(last=False)
        with suppress(Unanswered):
            return await self._store.note(_note(exchange)) is None
        return True


def _note(exchange: str) -> str:
    """The name of the note that a word was said of an exchange."""
    return "w:" + exchange
