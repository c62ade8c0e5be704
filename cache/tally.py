"""What is remembered of a scope and of an entry, and how it joins with what other processes saw."""

import time

import msgspec

from .exact import AHEAD
from .rates import offset

KEPT = 32
"""Observations of one entry; older ones are forgotten."""

_SUMS = (
    *("exact", "semantic", "right", "wrong", "unclear", "said_right", "said_wrong"),
    *("tokens", "seconds", "cost", "audit_tokens", "audit_cost"),
)
_OF_ERA = ("era_right", "era_wrong", "era_unclear", "era_said", "era_hits")


class Tally(msgspec.Struct):
    """One scope's counts."""

    exact: int = 0
    semantic: int = 0
    right: int = 0
    wrong: int = 0
    unclear: int = 0
    """Of audits of served hits."""
    said_right: int = 0
    said_wrong: int = 0
    tokens: int = 0
    seconds: float = 0.0
    cost: float = 0.0
    """What hits spared: the model's tokens, its time, its price where one is known."""
    audit_tokens: int = 0
    audit_cost: float = 0.0
    """What audits took."""
    raised: float = 0.0
    """Log-odds by which the bar lies above the verifier's."""
    era: int = 0
    """Counts the changes between on and off; odd while the tier is off."""
    era_right: int = 0
    era_wrong: int = 0
    era_unclear: int = 0
    era_said: int = 0
    era_hits: int = 0
    """The same counts since the last change."""
    known: "Tally | None" = None
    """As it stood in the store when it was last read or written there."""
    before: "Tally | None" = None
    """As it stood there before it was last written: where it still does, that was not kept."""

    @property
    def off(self) -> bool:
        return self.era % 2 == 1

    @property
    def audits_of_era(self) -> int:
        return self.era_right + self.era_wrong + self.era_unclear

    def new_era(self) -> None:
        """On becomes off, or off on."""
        self.era += 1
        for name in _OF_ERA:
            setattr(self, name, 0)

    def age(self) -> None:
        """Half of what this era has seen is forgotten."""
        for name in _OF_ERA:
            setattr(self, name, getattr(self, name) // 2)

    def absorb(self, payload: bytes) -> None:
        """Be what the store has, and what was seen here since it was last read. The later era wins."""
        stored = _tally(payload)
        known = (self.before if stored == self.before else self.known) or Tally()
        for name in _SUMS:
            setattr(self, name, getattr(stored, name) + getattr(self, name) - getattr(known, name))
        self.raised = max(0.0, stored.raised + self.raised - known.raised)
        if stored.era > self.era:
            self.era = stored.era
            for name in _OF_ERA:
                setattr(self, name, getattr(stored, name))
        elif stored.era == self.era == known.era:
            for name in _OF_ERA:
                setattr(self, name, max(0, getattr(stored, name) + getattr(self, name) - getattr(known, name)))
        self.known, self.before = stored, None

    def dump(self) -> bytes:
        """The bytes to keep; from here on they count as kept."""
        before, self.known, self.before = self.known, None, None
        value = _encode(self)
        self.known, self.before = _tally(value), before
        return value


class Record(msgspec.Struct):
    """What one entry's answers were observed to be: (probability, correct, a served hit, seconds since the epoch)."""

    seen: list[tuple[float, bool, bool, float]] = msgspec.field(default_factory=list[tuple[float, bool, bool, float]])
    offset: float = 0.0
    """See rates.offset."""
    since: float = 0.0
    """When the entry was last found gone: what was seen before it was seen of another answer."""

    def add(self, probability: float, correct: bool, hit: bool, at: float) -> None:
        self.seen = [*self.seen, (probability, correct, hit, at)][-KEPT:]
        self._settle(at)

    def forget(self, at: float) -> None:
        """The entry is gone, in every process that joins this record."""
        self.since = at
        self._settle(at)

    def retired(self, max_wrong_hits: float) -> bool:
        """Two wrong hits, and more than the bound allows of those that were looked at."""
        hits = [correct for _, correct, hit, _ in self.seen if hit]
        wrong = hits.count(False)
        return wrong > 1 and wrong > max_wrong_hits * len(hits)

    def absorb(self, payload: bytes) -> None:
        """Join with what the store has."""
        stored, now = _record(payload), time.time()
        self._settle(now)
        self.since = max(self.since, _past(stored.since, now))
        self.seen = sorted({*self.seen, *stored.seen}, key=lambda one: one[3])[-KEPT:]
        self._settle(now)

    def dump(self) -> bytes:
        return _encode(self)

    def _settle(self, now: float) -> None:
        self.since = _past(self.since, now)
        self.seen = [one for one in self.seen if one[3] > self.since]
        self.offset = offset([(probability, correct) for probability, correct, _, _ in self.seen])


def _past(since: float, now: float) -> float:
    """A time that lies before now; none where the clock has been set back since, as nothing seen from now on would
    count until it is reached again."""
    return since if since <= now + AHEAD else 0.0


_encode = msgspec.msgpack.Encoder().encode
_tally = msgspec.msgpack.Decoder(Tally).decode
_record = msgspec.msgpack.Decoder(Record).decode
