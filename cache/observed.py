"""Pairs of questions whose answers the gate itself saw compared: what `tidegate cache tune --audits` goes by.

Each is a note beside the entries in one of PAIRS numbered places. A new pair takes a free place, else one of the
oldest, drawn so that processes on one store seldom take the same. Texts are those of the entries: masked.
"""

import itertools
import random
import time
import zlib
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec

from ..engine.ports import Store
from .bound import Outcome
from .journal import seal, unseal
from .stores.record import NOTE_BYTES

Kind: TypeAlias = Literal["audit", "near", "shadow", "feedback"]
"""How it was seen: an audited hit; a question that was refused; a hit that was not served because the tier was off; a
user's word."""

PAIRS = 4096
"""Kept by a store, whoever writes to it. Enough to show one wrong hit in a thousand, a fifth of all notes."""
OLDEST = 64
"""Places that a new pair may take when all are taken."""
WAITING = 512
"""Pairs of this process that may wait to be written; the oldest are forgotten."""
PLAIN_BYTES = 1 << 16
"""Two questions of TEXT_CHARS in any script are shorter."""


class Pair(msgspec.Struct, array_like=True, frozen=True):
    """Two questions, and whether one answer served both."""

    asked: str
    stored: str
    verdict: Outcome
    probability: float
    """The verifier's, when it was asked."""
    kind: Kind
    at: float
    """Seconds since the epoch."""
    scope: str
    """The beginning of its digest, as `cache stats` shows it."""
    verifier: str
    """Whose probability it is."""


class Observed:
    """Takes pairs in, and knows which places are taken, the oldest pair first. See Journal."""

    def __init__(self, verifier: str, touched: Callable[[str], None] = lambda _: None) -> None:
        self.counts: Counter[str] = Counter()
        self.touched = touched
        self._verifier = verifier
        self._taken: OrderedDict[str, None] = OrderedDict()
        self._fresh: OrderedDict[str, bytes] = OrderedDict()

    def add(self, scope: str, asked: str, stored: str, verdict: Outcome, probability: float, kind: Kind) -> None:
        """A comparison, or a user's word. Two long questions that share little are left out: notes are small."""
        pair = Pair(asked, stored, verdict, probability, kind, time.time(), scope[:12], self._verifier)
        payload = zlib.compress(_encode(pair))
        if len(seal("", payload)) > NOTE_BYTES:
            self.counts["long"] += 1
            return
        self.counts[kind] += 1
        place = self._place()
        self._took(place)
        self._fresh[place] = payload
        self._fresh.move_to_end(place)
        if len(self._fresh) > WAITING:
            self._fresh.popitem(last=False)
        self.touched(place)

    def _place(self) -> str:
        if len(self._taken) >= len(PLACES):
            return random.choice(list(itertools.islice(self._taken, OLDEST)))
        while (place := random.choice(PLACES)) in self._taken:
            pass
        return place

    def _took(self, place: str) -> None:
        self._taken[place] = None
        self._taken.move_to_end(place)

    def absorb(self, name: str, payload: bytes) -> None:
        if decode_pair(payload) is None:
            self._taken.pop(name, None)
        elif name in _PLACES:
            self._took(name)

    def dump(self, name: str) -> bytes:
        return self._fresh.get(name, b"")


async def kept_pairs(store: Store) -> list[tuple[str, Pair]]:
    """Every pair that a store has, by its note's name, oldest first."""
    found: list[tuple[str, Pair]] = []
    for name, value, _ in await store.notes(0.0):
        if name in _PLACES and (pair := decode_pair(unseal(name, value) or b"")) is not None:
            found.append((name, pair))
    return sorted(found, key=lambda item: item[1].at)


async def forget_pairs(store: Store, fits: Callable[[Pair], bool]) -> None:
    """Erase the pairs that fit. On a store that others write to too, raises Unanswered unless that is done."""
    for name, pair in await kept_pairs(store):
        if fits(pair):
            await store.set_note(name, seal(name, b""))


def decode_pair(payload: bytes) -> Pair | None:
    """The pair; None when these are not the bytes of one."""
    try:
        return _decode(zlib.decompressobj().decompress(payload, PLAIN_BYTES)) if payload else None
    except (zlib.error, msgspec.DecodeError, UnicodeDecodeError):
        return None


PLACES = [f"p:{number}" for number in range(PAIRS)]
_PLACES = frozenset(PLACES)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Pair).decode
