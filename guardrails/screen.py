"""Rules over texts, as the engine's stream code asks for it: what they find becomes edits, points, or an end."""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

from ..engine.exchange import Segment, Verdict
from ..engine.jsonio import Address
from ..engine.stream import Edit, Look
from ..engine.turns import Turns
from . import actions
from .actions import Masker
from .dressed import Dress
from .examine import Effective, Seen, examine, settle
from .held import Holds
from .hits import Hit
from .looked import Looked
from .rules.combine import rest_from
from .rules.ruleset import EDITING, Group, Rule, Ruleset
from .rules.when import Facts
from .running import INLINE_CHARS, Running, early, in_its_views, viewed_from
from .seams import Known, Span, changed_of, crossing, over
from .stopped import Stopped
from .threads import bounded

DETECTOR_SECONDS = 5.0
"""What slow detectors may take for one text, waiting for a thread included. Past it the rule's on_error decides."""
BODY_SECONDS = 30.0
"""What they may take for all texts of a body that is no stream. Past it no text waits longer; the same decides."""
MANY = 500
"""More hits are summed up in a thread too."""
TURN_EDITS = 50
"""After so many edits others may have their turn."""
_PII = ("pii", "any", "all")


@dataclass(frozen=True, slots=True)
class _Found:
    """What comes of the hits in a text."""

    verdicts: list[Verdict]
    firsts: list[Hit]
    """The first hit of each rule."""
    runs: list[actions.Run]


class RuleScreen:
    """Rules over texts (engine.stream.Screen). One for each body: it remembers what streams have shown so far."""

    def __init__(
        self,
        ruleset: Ruleset,
        note: Callable[[Verdict], None],
        mask: Masker,
        facts: Facts | None = None,
        route: Callable[[str], None] | None = None,
        without: Collection[str] = (),
    ) -> None:
        """`facts` are what conditions ask for; `route` is told the provider that a rule chooses. `without`: types of
        personal data that are not looked for."""
        self._ruleset = ruleset
        self._note = note
        self._mask = mask
        self._route, self._without = route, without
        self._running: dict[Address, Running] = {}
        self._left = BODY_SECONDS
        self._runs: Sequence[actions.Run] = ()  # in the text that was looked at last
        self.known: Sequence[Known] = ()
        """What was found in the whole text that was looked at last, be it let pass or not."""
        self._holds = Holds(ruleset, facts or Facts())

    def applies(self, segment: Segment) -> bool:
        return self._ruleset.has(segment.scope)

    def context(self, segment: Segment) -> int | None:
        return self._ruleset.group(segment.scope).context

    async def look(self, segment: Segment, text: str, settled: int, done: bool) -> Look:
        self.known = ()
        running = self._running.setdefault(segment.channel, Running()) if segment.channel else Running()
        if done and not segment.paused:  # the next text of the channel is another
            self._running.pop(segment.channel, None)
        if not text or (settled == len(text) and not (done and segment.channel)):
            return Look([], settled)
        group, held = self._ruleset.group(segment.scope), self._holds.of(segment)
        effective = held.effective
        if segment.channel:
            seen = Seen(settled)
            if settled < len(text):  # else it has ended, and only views of its last word are still to be seen
                seen = await self._examine(group.acting, text, settled, done, effective, False, running.dress)
            noted = await self._noted(group.noting, text, settled, done, effective, seen, running)
            running.note(held.counting(noted, text))
            until = len(text) if done else running.shown(text, settled, seen.safe)
            asking = running.asking(effective, done)
            views = [
                await self._shown(each, text, until, asking, done, worn)
                for each, worn in ((group.acting, True), (group.noting, False))
            ]
            shown = held.counting([hit for each in views for hit in each.hits], text)
            running.note(shown)
            seen.failed += (failed := [fault for each in views for fault in each.failed])
            running.blind.update(rule.id for rule, _ in failed)
            hits = [*seen.hits, *noted, *shown]
        else:
            looked, digest = self.looked(segment, text)
            if (found := looked.get(digest)) is not None:
                seen = Seen(len(text), list(found))
            else:
                seen = await self._examine(group, text, settled, done, effective, True)
                if not seen.failed:
                    looked.add(digest, seen.hits)
            hits = seen.hits
            self.known = [(hit.rule.id, hit.start, hit.end) for hit in hits]
            if not hits and not seen.failed:
                self._runs = ()
                return Look([], seen.safe)
        edits = await self._decided(seen, hits, segment, text, settled, running)
        running.left += seen.safe - settled
        if seen.safe > settled:
            running.cut = _cut(self._runs, text, seen.safe)
        return Look(edits, seen.safe)

    def looked(self, segment: Segment, text: str, kind: str = "text") -> tuple[Looked, bytes]:
        """The memory of what was found in texts, and what stands for this one there."""
        looked = self._ruleset.looked
        return looked, looked.digest(segment.scope, text, kind, self._holds.of(segment).under)

    def lets_pass(self, segment: Segment) -> str:
        return self._holds.of(segment).lets

    async def across(
        self,
        parts: Sequence[tuple[Span, Segment]],
        text: str,
        seams: Sequence[Span],
        known: Collection[Known],
        running: Running,
    ) -> list[Edit] | None:
        """Edits of what is found in a text of several parts and lies in more than one; None where nothing is found in
        it at all. `seams` are where they meet: the end of one, the start of the next; `known` is what was found in a
        part by itself. Only rules look whose finds depend on nothing else that a text says."""
        first = parts[0][1]
        look = partial(self._locally(first), text)
        seen = look() if len(text) <= INLINE_CHARS else await asyncio.to_thread(look)
        if not seen.hits and not seen.failed:
            return None
        hits = crossing(text, seen.hits, seams, known)
        segment = changed_of(hits, parts) or first
        hits = [hit for hit in self._holds.of(segment).counting(hits, text) if not running.knows(hit.rule)]
        running.note(hits)
        return await self._decided(seen, hits, segment, text, 0, running)

    async def seam(self, segment: Segment, before: str, after: str, done: bool) -> bool:
        """As engine.looks.Screen, by the same rules as in `across`, each find noted once."""
        look, counting = self._locally(segment), self._holds.of(segment).counting
        text, running = before + after, self._running.setdefault(segment.spells, Running())
        found, under_way = over(look, before, after, done)
        running.note(hits := [hit for hit in counting(found, text) if not running.knows(hit.rule)])
        if edits := await self._decided(Seen(len(text)), hits, segment, text, 0, running):
            self.late(segment, edits[0].start)
        return under_way

    def _locally(self, segment: Segment) -> Callable[..., Seen]:
        """`examine` by rules whose finds depend on nothing else that a text says."""
        group, holds = self._ruleset.group(segment.scope).fast, self._holds.of(segment).effective
        return partial(examine, group, effective=lambda rule: holds(rule) if rule.local else None)

    async def _decided(
        self, seen: Seen, hits: Sequence[Hit], segment: Segment, text: str, settled: int, running: Running
    ) -> list[Edit]:
        """What comes of hits: notes, an end, or edits."""
        for rule, reason in seen.failed:
            self._fail(rule, segment, f"the detector failed: {reason}")
        if len(hits) > MANY:
            found = await asyncio.to_thread(self._sum, hits, text, segment, running)
        else:
            found = self._sum(hits, text, segment, running)
        for verdict in found.verdicts:
            self._note(verdict)
        self._act(found.firsts, segment, running)
        if segment.sealed:
            self._unbroken(found.firsts, segment)
        turns, edits, self._runs = Turns(), list[Edit](), found.runs
        for run in found.runs:
            goes_on = run.start == settled and run.best.rule.id == running.cut
            edits.append(Edit(run.start, run.end, "") if goes_on else actions.edit(text, run, self._mask))
            if not len(edits) % TURN_EDITS:
                await turns.give()
        return edits

    def _sum(self, hits: Sequence[Hit], text: str, segment: Segment, running: Running) -> "_Found":
        """What comes of hits, less those that an exception lets pass."""
        if self._without:
            hits = [hit for hit in hits if hit.finding.label not in self._without or hit.rule.detector.kind not in _PII]
        hits = self._holds.of(segment).counting(hits, text)
        noted = actions.verdicts(hits, segment, running.left, running.would(hits, segment.scope, self._ruleset.scoring))
        return _Found(noted, actions.firsts(hits), actions.runs(hits))

    async def _noted(
        self,
        group: Group,
        text: str,
        settled: int,
        done: bool,
        effective: Effective,
        seen: Seen,
        running: Running,
    ) -> list[Hit]:
        """Finds of rules that hold nothing back: they follow at their own pace."""
        begin = max(0, settled - running.behind)
        if not group.rules or begin == len(text):
            return []
        noted = await self._examine(group, text, begin, done, effective, False)
        running.behind = max(seen.safe, settled) - noted.safe
        seen.failed += noted.failed
        return noted.hits or await early(group.stopping, text, max(begin, noted.safe), effective, running)

    async def _examine(
        self,
        group: Group,
        text: str,
        settled: int,
        done: bool,
        effective: Effective,
        whole: bool,
        dress: Dress | None = None,
    ) -> Seen:
        if not group.rules:
            return Seen(len(text))
        if len(text) > INLINE_CHARS:
            seen = await asyncio.to_thread(examine, group.fast, text, settled, done, effective, whole, dress)
        else:
            seen = examine(group.fast, text, settled, done, effective, whole, dress)
        if group.slow.rules and (seen.safe > settled or done):
            began = time.monotonic()
            seconds = min(DETECTOR_SECONDS, self._left) if whole else DETECTOR_SECONDS
            look = partial(examine, group.slow, text, settled, done, effective, whole)
            other = await bounded(seconds, group.slow, text, effective, look)
            if whole:
                self._left -= time.monotonic() - began
            seen = Seen(min(seen.safe, other.safe), seen.hits + other.hits, seen.failed + other.failed)
            settle(seen)
        return seen

    async def _shown(self, group: Group, text: str, until: int, effective: Effective, done: bool, worn: bool) -> Seen:
        """What views of a stream show. `worn`: less those that it was judged by while it came."""
        begin = viewed_from(group.fast, text, until, effective)
        if until - begin > INLINE_CHARS:
            seen = await asyncio.to_thread(in_its_views, group.fast, text, begin, until, effective, done, worn)
        else:
            seen = in_its_views(group.fast, text, begin, until, effective, done, worn)
        if until > 0 and any(map(effective, group.slow.rules)):
            begin = viewed_from(group.slow, text, until, effective)
            look = partial(in_its_views, group.slow, text, begin, until, effective, done)
            other = await bounded(DETECTOR_SECONDS, group.slow, text, effective, look)
            seen = Seen(len(text), seen.hits + other.hits, seen.failed + other.failed)
        return seen

    def _unbroken(self, hits: Sequence[Hit], segment: Segment) -> None:
        """A sealed text may not be changed, so what would change it blocks."""
        for hit in hits:
            if hit.rule.changes and hit.rule.action in EDITING and hit.end > hit.start:
                self._note(actions.failure("block", hit.rule, segment, "the text cannot be changed"))
                raise Stopped(hit.rule, segment)

    def _act(self, hits: Sequence[Hit], segment: Segment, running: Running) -> None:
        """Stop if a rule says so, or the points do; the gravest action speaks."""
        acting = [hit for hit in hits if hit.rule.changes]
        for action in ("block", "respond"):
            if found := next((hit for hit in acting if hit.rule.action == action), None):
                raise Stopped(found.rule, segment)
        self._add_points(acting, segment, running)
        for hit in acting:
            if hit.rule.action == "route" and self._route:
                self._route(hit.rule.to)

    def _add_points(self, acting: Sequence[Hit], segment: Segment, running: Running) -> None:
        scored = {hit.rule.id: hit.rule for hit in acting if hit.rule.action == "score"}
        if not scored:
            return
        running.points |= scored
        scoring = self._ruleset.scoring
        total = scoring.sum(rule.severity for rule in running.points.values())
        threshold = scoring.threshold(segment.scope)
        if total >= threshold:
            points = f"{total} points of {threshold}"
            for rule in running.points.values():
                self._note(actions.failure("block", rule, segment, points))
            raise Stopped(next(iter(scored.values())), segment, points=points, all_of=list(running.points))

    def late(self, segment: Segment, start: int) -> None:
        rule = next(run.best.rule for run in self._runs if run.start == start)
        self._note(actions.failure("block", rule, segment, "what it would change has left in part"))
        raise Stopped(rule, segment)

    def unread(self, segment: Segment) -> None:
        effective = self._holds.of(segment).effective
        for rule in self._ruleset.group(segment.scope).rules:
            if held := effective(rule):
                self._fail(held, segment, f"{segment.unread} cannot be read", allowed=rule.allow_unread)

    def _fail(self, rule: Rule, segment: Segment, reason: str, *, allowed: bool = False) -> None:
        """A rule that could not look: note it, and stop when its on_error says so."""
        self._note(actions.failure("not_evaluated", rule, segment, reason))
        if not rule.changes or allowed or rule.on_error == "pass":
            return
        self._note(actions.failure(rule.on_error, rule, segment, reason))
        if rule.on_error == "block":
            raise Stopped(rule, segment, reason)


def _cut(runs: Sequence[actions.Run], text: str, safe: int) -> str:
    """The rule whose find goes on behind `safe`, if one does: what its detector finds is all the rest of a text."""
    if not runs or runs[-1].end < safe:
        return ""
    rule = runs[-1].best.rule
    rest = rest_from(rule.detector, text)
    return rule.id if rest is not None and rest < safe else ""
