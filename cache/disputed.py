"""Questions whose own answer was called wrong: the model answers them next, and nothing that lies near.

A note in the store, so that every process knows at once. It goes when the model's fresh answer is kept.
"""

from contextlib import suppress

from ..engine.exchange import Exchange
from ..engine.ports import Store
from .stores.record import Unanswered

_MEMO = "cache.disputed"
"""Where an exchange keeps that its question is one of them."""


async def dispute(store: Store, key: str) -> None:
    """The answer under a key is wrong. Raises Unanswered when the store does not keep that."""
    await store.set_note(_note(key), b"wrong")


async def is_disputed(store: Store, key: str, exchange: Exchange) -> bool:
    """Whether this exchange's question, of that key, waits for an answer of the model's."""
    with suppress(Unanswered):
        if await store.note(_note(key)):
            exchange.memo[_MEMO] = True
    return _MEMO in exchange.memo


async def settle(store: Store, key: str, exchange: Exchange) -> None:
    """The model's answer to this exchange is kept."""
    if exchange.memo.pop(_MEMO, False):
        with suppress(Unanswered):
            await store.set_note(_note(key), b"")


def _note(key: str) -> str:
    return "d:" + key
