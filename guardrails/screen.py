"""The one place where rules look at a text, be it whole or the part of a stream that has come so far."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache

from ..engine.exchange import Segment, Verdict
from ..engine.ports import Finding
from ..engine.stream import Look, Withheld
from . import actions
from .actions import Hit, Masker
from .detectors.base import find_from
from .rules.compile import Group, Rule, Ruleset

DETECTOR_SECONDS = 5.0
"""What slow detectors may take for one text, waiting for a thread included. Past it the rule's on_error decides."""
INLINE_CHARS = 100_000
"""Longer texts are looked at in a thread, so that the event loop goes on meanwhile."""
THREADS = 4


class Stopped(Withheld):
    """A rule ends this: it blocks, or could not look and says block then."""

    def __init__(self, rule: Rule, segment: Segment, reason: str = "") -> None:
        super().__init__([rule.id])
        self.rule, self.segment = rule, segment
        self.reason = reason
        """Why the rule could not look; empty when it did, and blocks."""


@dataclass(slots=True)
class Seen:
    """What a group of rules makes of a text."""

    safe: int
    hits: list[Hit] = field(default_factory=list[Hit])
    failed: list[tuple[Rule, str]] = field(default_factory=list[tuple[Rule, str]])


def examine(group: Group, text: str, settled: int = 0, done: bool = True) -> Seen:
    """Run a group's detectors over `text`. Hits begin at or after `settled`, end at or before `safe`, and are final."""
    seen = Seen(len(text))
    rules = group.rules
    if not done:
        is_open = group.possibly_open(text)
        rules = [rule for rule in rules if not is_open(rule) or _open(rule, text, seen)]
        if seen.safe <= settled:
            seen.safe = settled
            return seen
    possible = group.possible(text)
    for rule in rules:
        if possible(rule):
            seen.hits += [Hit(rule, finding) for finding in _find(rule, text, settled, seen)]
    settle(seen)
    return seen


def settle(seen: Seen) -> None:
    """Pull `safe` back so that it cuts through no hit, and drop the hits behind it."""
    cut = True
    while cut:
        start = min((hit.start for hit in seen.hits if hit.start < seen.safe < hit.end), default=seen.safe)
        cut, seen.safe = start < seen.safe, start
    seen.hits = [hit for hit in seen.hits if hit.end <= seen.safe]


def _open(rule: Rule, text: str, seen: Seen) -> bool:
    try:
        seen.safe = min(seen.safe, rule.detector.open_from(text))
    except Exception as error:  # whatever a detector raises is the rule's to judge
        seen.failed.append((rule, type(error).__name__))
        return False
    return True


def _find(rule: Rule, text: str, settled: int, seen: Seen) -> Sequence[Finding]:
    try:
        return find_from(rule.detector, text, settled)
    except Exception as error:  # as above
        seen.failed.append((rule, type(error).__name__))
        return ()


class RuleScreen:
    """Rules over texts, as the engine's stream code asks for it (engine.stream.Screen)."""

    def __init__(self, ruleset: Ruleset, note: Callable[[Verdict], None], mask: Masker) -> None:
        self._ruleset = ruleset
        self._note = note
        self._mask = mask

    def applies(self, segment: Segment) -> bool:
        return self._ruleset.has(segment.scope)

    def context(self, segment: Segment) -> int | None:
        return self._ruleset.group(segment.scope).context

    async def look(self, segment: Segment, text: str, settled: int, done: bool) -> Look:
        if not text or (settled == len(text) and not done):
            return Look([], settled)
        seen = await self._examine(self._ruleset.group(segment.scope), text, settled, done)
        for rule, reason in seen.failed:
            self._fail(rule, segment, f"the detector failed: {reason}")
        for verdict in actions.verdicts(seen.hits, segment):
            self._note(verdict)
        for hit in seen.hits:
            if hit.rule.action == "block" and hit.rule.changes:
                raise Stopped(hit.rule, segment)
        if segment.sealed:
            self._unbroken(seen.hits, segment)
        return Look(actions.edits(text, seen.hits, self._mask), seen.safe)

    async def _examine(self, group: Group, text: str, settled: int, done: bool) -> Seen:
        if len(text) > INLINE_CHARS:
            seen = await asyncio.to_thread(examine, group.fast, text, settled, done)
        else:
            seen = examine(group.fast, text, settled, done)
        if group.slow.rules and (seen.safe > settled or done):
            other = await _bounded(group.slow, text, settled, done)
            seen = Seen(min(seen.safe, other.safe), seen.hits + other.hits, seen.failed + other.failed)
            settle(seen)
        return seen

    def _unbroken(self, hits: Sequence[Hit], segment: Segment) -> None:
        """A signed text may not be changed, so what would change it blocks."""
        for hit in hits:
            if hit.rule.changes and hit.end > hit.start:
                self._note(actions.failure("block", hit.rule, segment, "the text is signed"))
                raise Stopped(hit.rule, segment)

    def unread(self, segment: Segment) -> None:
        for rule in self._ruleset.group(segment.scope).rules:
            self._fail(rule, segment, f"{segment.unread} cannot be read", allowed=rule.allow_unread)

    def _fail(self, rule: Rule, segment: Segment, reason: str, *, allowed: bool = False) -> None:
        """A rule that could not look: note it, and stop when its on_error says so."""
        self._note(actions.failure("not_evaluated", rule, segment, reason))
        if not rule.changes or allowed or rule.on_error == "pass":
            return
        self._note(actions.failure(rule.on_error, rule, segment, reason))
        if rule.on_error == "block":
            raise Stopped(rule, segment, reason)


async def _bounded(group: Group, text: str, settled: int, done: bool) -> Seen:
    """`examine` in a thread, given up after DETECTOR_SECONDS: then every rule of the group has failed."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(DETECTOR_SECONDS):
            return await loop.run_in_executor(_threads(), examine, group, text, settled, done)
    except TimeoutError:
        return Seen(len(text), [], [(rule, "out of time") for rule in group.rules])


@cache
def _threads() -> ThreadPoolExecutor:
    """Threads of our own: a detector that never returns keeps one of them, and nobody else's."""
    return ThreadPoolExecutor(THREADS, thread_name_prefix="tidegate-detector")
