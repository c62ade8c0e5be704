"""What is remembered of one text of a stream while it comes, and what its views show meanwhile."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from ..engine.exchange import Scope
from .detectors.base import find_from
from .dressed import Dress
from .examine import Effective, Seen, in_views
from .hits import Hit
from .rules.combine import awaits_end, grows
from .rules.ruleset import TOLD, Group, Rule
from .rules.scoring import Scoring

INLINE_CHARS = 4_096
"""Longer texts are looked at in a thread, so that the event loop goes on meanwhile."""
BLANKLESS, STEP = 1_024, 256
"""In a text that has no blank in so many characters, views are made each so many."""


@dataclass(slots=True)
class Running:
    """What is remembered of one text while it comes."""

    points: dict[str, Rule] = field(default_factory=dict[str, Rule])
    """Rules that have added theirs, by id."""
    shadowed: dict[str, Rule] = field(default_factory=dict[str, Rule])
    """Rules that would have added theirs, were they not in shadow mode."""
    behind: int = 0
    """How many characters before the settled ones the rules that hold nothing back have still to look at."""
    left: int = 0
    """Characters that have settled, as the model wrote them."""
    unshown: int = 0
    """Characters that have settled since views were last made."""
    cut: str = ""
    """The rule that took the last of the settled characters, and takes what follows with the same find."""
    told: set[str] = field(default_factory=set[str])
    """Rules that only take notes, and have."""
    blind: set[str] = field(default_factory=set[str])
    """Rules whose detector failed in a view."""
    dress: Dress = field(default_factory=Dress)

    def shown(self, text: str, settled: int, safe: int) -> int:
        """Up to where views are made: to the last word's end, or each STEP where there are no words."""
        self.unshown += safe - settled
        until = max(text.rfind(" ", 0, safe), text.rfind("\n", 0, safe))
        if until < safe - BLANKLESS:
            until = border(text, safe) if self.unshown >= STEP else 0
        if until > 0:
            self.unshown = 0
        return until

    def note(self, hits: Iterable[Hit]) -> None:
        """Remember which rules have taken a note."""
        self.told.update(hit.rule.id for hit in hits if not hit.rule.changes)

    def would(self, hits: Iterable[Hit], scope: Scope, scoring: Scoring) -> Literal["block", "score"]:
        """What the points of rules in shadow mode come to, with those of all that scored in this text."""
        scored = {hit.rule.id: hit.rule for hit in hits if hit.rule.action == "score"}
        self.shadowed |= {id: rule for id, rule in scored.items() if rule.shadow}
        if not self.shadowed:
            return "score"
        points = scoring.sum(rule.severity for rule in (self.points | scored | self.shadowed).values())
        return "block" if points >= scoring.threshold(scope) else "score"

    def asking(self, effective: Effective, done: bool) -> Effective:
        """The rules to which views are shown: not those that have added their points, or taken their note; those that
        judge by what lacks, or by the whole, only when it is `done`."""

        def asks(rule: Rule) -> Rule | None:
            told = rule.action in TOLD and rule.id not in self.blind and (done or not _awaits_end(rule))
            held = effective(rule) if told else None
            return None if held is None or self.knows(held) else held

        return asks

    def knows(self, rule: Rule) -> bool:
        """Whether it has added its points, or taken its note."""
        return rule.id in (self.points if rule.changes else self.told)


async def early(group: Group, text: str, begin: int, effective: Effective, running: Running) -> list[Hit]:
    """Finds behind `begin` that may still grow, by patterns of rules that end streams late: however such a find ends,
    there is one."""
    asked = (effective(rule) for rule in group.rules if not running.knows(rule) and grows(rule.detector))
    rules = [held for held in asked if held and held.stops_late]
    if not rules or begin == len(text):
        return []

    def look() -> list[Hit]:
        finds = ((rule, find) for rule in rules for find in find_from(rule.detector, text, begin))
        return [Hit(rule, find) for rule, find in finds if find.end < len(text)]

    return look() if len(text) - begin <= INLINE_CHARS else await asyncio.to_thread(look)


def viewed_from(group: Group, text: str, until: int, asking: Effective) -> int:
    """From where on views of a stream are made: they show the last INLINE_CHARS of a text, and all of it where a rule
    asks that judges it as a whole."""
    begin = max(0, until - INLINE_CHARS)
    if not begin or any(_awaits_end(rule) and asking(rule) for rule in group.rules):
        return 0
    # Behind a white space: half a word would be read as one.
    spaces = (at + 1 for at in range(begin, until - BLANKLESS) if text[at].isspace())
    return next(spaces, 0) or border(text, begin)


def in_its_views(
    group: Group, text: str, begin: int, until: int, asking: Effective, done: bool, worn: bool = False
) -> Seen:
    """Finds in views of a stream, once they stand there whole: nothing is held for them. `worn`: as in in_views."""
    seen = in_views(group, text[begin:until], asking, done, worn) if until > 0 else Seen(until)
    seen.hits = [Hit(hit.rule, hit.finding.moved(begin), hit.view) for hit in seen.hits]
    return seen


def _awaits_end(rule: Rule) -> bool:
    return awaits_end(rule.viewed or rule.detector)


def border(text: str, place: int) -> int:
    """The place, or one before it, that parts no word of ASCII letters, if one is near."""
    for at in range(place, max(0, place - STEP), -1):
        if not (text[at - 1].isascii() and text[at - 1].isalnum()):
            return at
    return place
