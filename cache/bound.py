"""`max_wrong_hits` as a promise: what is observed of semantic hits raises the bar for an entry or scope, or ends it.

Entry: its own record moves the probability that a question must reach, up or down; two wrong hits retire it.
Scope: each wrong hit raises the bar for all (a controller whose long-run share of errors is the bound); and once the
evidence is that more hits are wrong than the bound allows, the semantic tier is off for the scope. While it is off the
model answers, what would have been served is compared all the same, and a clean run brings it back.
"""

import logging
import random
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from .rates import ALARM, evidence, log_odds, sigmoid, wilson
from .tally import Record, Tally
from .verify import NEVER

log = logging.getLogger("tidegate.cache")

Outcome: TypeAlias = Literal["same", "different", "unclear"]
"""What a comparison of two answers finds."""
Source: TypeAlias = Literal["audit", "shadow", "near", "user"]
"""Where an observation comes from: a served hit, one that was not served because the tier is off, a question that the
verifier refused, a user's word on a hit."""

YOUNG = 20
"""Audits of a scope at which half of its hits are still audited; afterwards the share falls to what is configured."""
WINDOW = 1000
"""Audits after which older ones count half, so that a change for the worse is seen."""
STEP = 0.5
"""Log-odds by which one wrong hit raises a scope's bar. Source: Gibbs and Candès 2021, adaptive conformal inference."""
FLOOR = 0.5
"""No record lets an entry serve a question that more probably needs another answer."""
SCOPES = 10_000
RECORDS = 50_000
"""Scopes and entries remembered at once; the least recently used is forgotten."""


class Bound:
    """Observations by scope and entry, and what follows from them. On the event loop; nothing here waits."""

    def __init__(
        self,
        threshold: float,
        max_wrong_hits: float,
        audit: float,
        *,
        chance: Callable[[], float] = random.random,
        touched: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`threshold` is the verifier's; `touched` is told the name of whatever changed and wants to be kept."""
        self.threshold = threshold
        self.max_wrong_hits = max_wrong_hits
        self.audit = audit
        self.tallies: OrderedDict[str, Tally] = OrderedDict()
        self.records: OrderedDict[str, Record] = OrderedDict()
        self.touched = touched
        self._chance = chance

    # What a lookup asks

    def required(self, scope: str, key: str) -> float:
        """The probability from which on an entry may answer; NEVER when its hits were wrong too often."""
        record, tally = self.records.get(key), self.tallies.get(scope)
        raised = tally.raised if tally is not None else 0.0
        if self.threshold > 1.0 or not (raised or (record is not None and record.seen)):
            return self.threshold
        if record is not None and record.retired(self.max_wrong_hits):
            return NEVER
        own = record.offset if record is not None else 0.0
        return max(min(self.threshold, FLOOR), sigmoid(log_odds(self.threshold) + raised - own))

    def off(self, scope: str) -> bool:
        """Whether the semantic tier is off for this scope."""
        tally = self.tallies.get(scope)
        return tally is not None and tally.off

    def wants_audit(self, scope: str) -> bool:
        """Whether this hit is one of those that are checked. After h hits of a scope about sqrt(40 h) were."""
        return self._chance() < self._share(self.tallies.get(scope))

    def _share(self, tally: Tally | None) -> float:
        """Which share of hits is audited now."""
        if not self.audit:
            return 0.0
        seen = tally.audits_of_era if tally is not None else 0
        return max(self.audit, YOUNG / (YOUNG + seen))

    # What is observed

    def served(self, scope: str, kind: Literal["exact", "semantic"], tokens: int, seconds: float, cost: float) -> None:
        """A hit, and what it spared."""
        tally = self._tally(scope)
        if kind == "exact":
            tally.exact += 1
        else:
            tally.semantic += 1
            tally.era_hits += 1
        tally.tokens += tokens
        tally.seconds += seconds
        tally.cost += cost
        self.touched("s:" + scope)

    def audited(self, scope: str, tokens: int, cost: float) -> None:
        """What the call of an audit took; US dollars."""
        tally = self._tally(scope)
        tally.audit_tokens += tokens
        tally.audit_cost += cost
        self.touched("s:" + scope)

    def observe(self, scope: str, key: str, probability: float, outcome: Outcome, source: Source) -> None:
        """The answer under `key` was compared with the model's, or a user spoke. `unclear` is counted and no more."""
        tally = self._tally(scope)
        if source != "near":
            self._count(tally, outcome, source)
            self._switch(scope, tally)
            self.touched("s:" + scope)
        if outcome != "unclear":
            record = self.records.setdefault(key, Record())
            self.records.move_to_end(key)
            record.add(probability, outcome == "same", source in ("audit", "user"), time.time())
            if len(self.records) > RECORDS:
                self.records.popitem(last=False)
            self.touched("e:" + key)

    def said(self, scope: str, correct: bool) -> None:
        """A user's word on an exact hit: counted for people. It says nothing of the verifier, so no bar moves."""
        tally = self._tally(scope)
        tally.said_right += correct
        tally.said_wrong += not correct
        self.touched("s:" + scope)

    def refused(self, scope: str, probability: float) -> None:
        """A question was refused that the verifier alone would let pass. No wrong hit: the bar sinks a little.

        By as much as an audited right hit would lower it, times the share of hits that are audited.
        """
        tally = self.tallies.get(scope)
        if tally is not None and tally.raised and probability >= self.threshold:
            share = 1.0 if tally.off else self._share(tally)
            tally.raised = max(0.0, tally.raised - STEP * self.max_wrong_hits * share)
            self.touched("s:" + scope)

    def _count(self, tally: Tally, outcome: Outcome, source: Source) -> None:
        if source == "user":
            tally.said_right += outcome == "same"
            tally.said_wrong += outcome == "different"
            tally.era_said += outcome == "different"
            return
        if source == "audit":
            tally.right += outcome == "same"
            tally.wrong += outcome == "different"
            tally.unclear += outcome == "unclear"
        tally.era_right += outcome == "same"
        tally.era_wrong += outcome == "different"
        tally.era_unclear += outcome == "unclear"
        if outcome != "unclear":
            step = STEP * ((outcome == "different") - self.max_wrong_hits)
            tally.raised = max(0.0, tally.raised + step)

    def _switch(self, scope: str, tally: Tally) -> None:
        bound = self.max_wrong_hits
        if tally.off:
            if tally.era_wrong:
                tally.era_right = tally.era_wrong = 0
            if tally.era_right + 1 >= 1 / bound:
                tally.new_era()
                log.warning("the semantic cache is on again for scope %s: a clean run of would-be hits", scope[:12])
            return
        seen = tally.era_right + tally.era_wrong
        broken = tally.era_wrong > 1 and evidence(tally.era_wrong, seen, bound) >= ALARM
        complained = tally.era_said > 1 and evidence(tally.era_said, tally.era_hits, bound) >= ALARM
        if broken or complained:
            log.warning(
                "the semantic cache is off for scope %s: %d of %d audited hits and %d of %d hits in the words of users "
                "were wrong, beyond max_wrong_hits %g",
                *(scope[:12], tally.era_wrong, seen, tally.era_said, tally.era_hits, bound),
            )
            tally.new_era()
        elif seen >= WINDOW:
            tally.age()

    def _tally(self, scope: str) -> Tally:
        tally = self.tallies.get(scope)
        if tally is None:
            tally = self.tallies[scope] = Tally()
            if len(self.tallies) > SCOPES:
                self.tallies.popitem(last=False)
        self.tallies.move_to_end(scope)
        return tally

    def knows(self, key: str) -> bool:
        """Whether anything was seen of an entry."""
        record = self.records.get(key)
        return record is not None and bool(record.seen)

    def forget(self, key: str) -> None:
        """An entry is gone, and with it what was seen of it, here and in the store."""
        record = self.records.get(key)
        if record is not None and record.seen:
            record.forget(time.time())
            self.touched("e:" + key)

    # What is kept: see Journal

    def absorb(self, name: str, payload: bytes) -> None:
        """Take in what the store has under a name, ours and others'."""
        if name.startswith("s:"):
            if payload:
                self._tally(name[2:]).absorb(payload)
        elif payload:
            self.records.setdefault(name[2:], Record()).absorb(payload)
            if len(self.records) > RECORDS:
                self.records.popitem(last=False)

    def dump(self, name: str) -> bytes:
        """What to keep under a name; empty when nothing is known any more."""
        found = self.tallies.get(name[2:]) if name.startswith("s:") else self.records.get(name[2:])
        return b"" if found is None else found.dump()

    def stats(self, most: int = 20) -> list[dict[str, Any]]:
        """The scopes with most hits: see `scope_figures`."""
        busiest = sorted(self.tallies.items(), key=lambda item: -(item[1].exact + item[1].semantic))
        return [scope_figures(scope, tally) for scope, tally in busiest[:most]]


def shown_scope(scope: str) -> str:
    """A scope as people see it: the beginning of its digest."""
    return scope[:12]


def scope_figures(scope: str, tally: Tally) -> dict[str, Any]:
    """One scope for people: hits, the wrong-hit rate of audited ones with its 95 % interval, what was saved."""
    audited = tally.right + tally.wrong
    low, high = wilson(tally.wrong, audited)
    return {
        "scope": shown_scope(scope),
        "semantic": "off" if tally.off else "on",
        "hits": {"exact": tally.exact, "semantic": tally.semantic},
        "audits": {"same": tally.right, "different": tally.wrong, "unclear": tally.unclear},
        "users": {"correct": tally.said_right, "wrong": tally.said_wrong},
        "wrong_hit_rate": round(tally.wrong / audited, 4) if audited else None,
        "interval": [round(low, 4), round(high, 4)],
        "saved": {"tokens": tally.tokens, "seconds": round(tally.seconds, 1), "cost": round(tally.cost, 6)},
        "audits_took": {"tokens": tally.audit_tokens, "cost": round(tally.audit_cost, 6)},
        "raised": round(tally.raised, 2),
    }
