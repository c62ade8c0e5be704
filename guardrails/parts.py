"""Texts that come in parts, one behind the other in the same message, as the model reads them: as one.

What begins in one part and ends in the next stands in neither. So the places where parts meet are looked at too, with
the parts as they are and then with a blank between them, and what is found there is changed in each part.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise, product

from ..engine.edits import Edit
from ..engine.exchange import Segment
from ..engine.turns import Turns
from .places import Places, is_part
from .running import Running
from .screen import RuleScreen
from .seams import Known, Span

NEAR = 512
"""Characters on either side of a place where parts meet that are looked at."""
MARKS = 8
"""Characters at the edge of a part, such as a full stop and a bracket."""
AT_ONCE, MOST = 64, 1_024
"""Places of which one look takes care, and parts that are gathered before they are looked at."""


@dataclass(slots=True)
class Part:
    """A text as rules read it, where its characters stand in the source, and what rules change in it."""

    segment: Segment
    text: str
    offsets: Sequence[int] | None
    edits: list[Edit]
    found: Sequence[Known]

    def known(self) -> Iterator[Known]:
        """What was found in it; up to its edges, too, where only such as ends a sentence stands between."""
        for rule, start, end in self.found:
            begins = (start, 0) if self._bare(0, start) else (start,)
            ends = (end, len(self.text)) if self._bare(end, len(self.text)) else (end,)
            yield from product((rule,), begins, ends)

    def _bare(self, start: int, end: int) -> bool:
        return end - start <= MARKS and not any(map(str.isalnum, self.text[start:end]))


class Parts:
    """Gathers parts that belong together, and looks at where they meet before another text is looked at: so nothing
    that comes later moves the numbers of what is masked there."""

    def __init__(self, screen: RuleScreen, turns: Turns, texts: Sequence[Segment] = ()) -> None:
        """`texts` are all those of the body: they tell which parts say nothing."""
        self._screen, self._turns = screen, turns
        self._places = Places(texts)
        self._runs: list[list[Part]] = []
        """Those that may go on. Within the parts of one others may stand, such as the blocks of a result, and beside it
        one of another field: the last one is the innermost."""

    async def before(self, segment: Segment) -> None:
        """A text comes, which may be another. Raises Stopped, for what came before it."""
        for run in reversed(self._runs.copy()):
            last = run[-1].segment
            follows = self._places.follows(last, segment)
            if len(run) < MOST if follows else self._places.within(last.address, segment.address):
                return
            await self._close(run)
            if follows:  # what they begin may go on
                run[:] = run[-NEAR:]
                return
            self._runs.remove(run)

    def add(self, part: Part) -> None:
        """It has come."""
        if not is_part(part.segment):
            return
        for run in reversed(self._runs):
            last = run[-1].segment
            if len(last.address) < len(part.segment.address):
                break
            if self._places.follows(last, part.segment):
                run.append(part)
                return
        self._runs.append([part])

    async def close(self) -> None:
        """No more of them. Raises Stopped."""
        for run in reversed(self._runs):
            await self._close(run)
        self._runs = []

    async def _close(self, run: list[Part]) -> None:
        if len(run) < 2 or not self._screen.applies(run[0].segment):
            return
        edges = "".join(f"\0{len(part.text)}\0{part.text[:NEAR]}\0{part.text[-NEAR:]}" for part in run)
        looked, known = self._screen.looked(run[0].segment, edges, "parts")
        if looked.get(known) is not None:
            return
        running = Running()  # so that what is found both times is noted once
        changed = await self._look(run, [""] * (len(run) - 1), range(len(run) - 1), running)
        blanks = [  # around an empty one, one
            " " if a.text and not (a.text[-1].isspace() or b.text[:1].isspace()) else "" for a, b in pairwise(run)
        ]
        apart = [at for at, blank in enumerate(blanks) if blank and at not in (changed or ())]
        if await self._look(run, blanks, apart, running) is None and changed is None:
            looked.add(known)

    async def _look(
        self, run: Sequence[Part], between: Sequence[str], meeting: Sequence[int], running: Running
    ) -> set[int] | None:
        """Look where each of `meeting` ends and the next part begins. Those of them where something is changed; None
        where nothing is found near any."""
        whole, places = _joined([part.text for part in run], between)
        starts = [start for start, _ in places]
        changed = set[int]()
        found = False
        for (start, end), near in _stretches(places, meeting, len(whole)):
            there = range(near[0], near[-1] + 2)
            seams = [(places[at][1] - start, places[at + 1][0] - start) for at in near]
            parts = [((places[at][0] - start, places[at][1] - start), run[at].segment) for at in there]
            known = {
                (rule, begin + place, stop + place)
                for ((place, _), _), at in zip(parts, there, strict=True)
                for rule, begin, stop in run[at].known()
            }
            edits = await self._screen.across(parts, whole[start:end], seams, known, running)
            found = found or edits is not None
            for edit in edits or ():
                moved = edit.moved(start)
                first, last = bisect_right(starts, moved.start) - 1, bisect_left(starts, moved.end)
                changed.update(range(first, last - 1))
                _spread(moved, run[first:last], places[first:last])
            await self._turns.give()
        return changed if found else None


def _joined(texts: Sequence[str], between: Sequence[str]) -> tuple[str, list[Span]]:
    """The texts one behind the other, with what is put between them; and from where to where each goes."""
    pieces = [text + gap for text, gap in zip(texts, [*between, ""], strict=True)]
    starts = accumulate(map(len, pieces), initial=0)
    return "".join(pieces), [(start, start + len(text)) for start, text in zip(starts, texts, strict=False)]


def _stretches(places: Sequence[Span], meeting: Sequence[int], size: int) -> Iterator[tuple[Span, list[int]]]:
    """What lies near the places where parts meet, each stretch with those in it."""
    near: list[int] = []
    start = end = 0
    for at in meeting:
        if near and (places[at][1] - NEAR > end or len(near) == AT_ONCE):
            yield (start, end), near
            near = []
        start = start if near else max(0, places[at][1] - NEAR)
        end = min(size, places[at + 1][0] + NEAR)
        near.append(at)
    if near:
        yield (start, end), near


def _spread(edit: Edit, run: Sequence[Part], places: Sequence[Span]) -> None:
    """Make it in each part: the first has the new text, from the others something is taken. It takes the place of what
    is changed within it, and leaves what is changed across its edge."""
    text = edit.text
    for part, (begin, stop) in zip(run, places, strict=True):
        start, end = max(edit.start, begin) - begin, min(edit.end, stop) - begin
        if start >= end:
            continue
        kept = [each for each in part.edits if each.start < start or each.end > end]
        start = max([start, *(each.end for each in kept if each.start < start)])
        end = min([end, *(each.start for each in kept if each.end > end)])
        if start < end:
            part.edits[:] = sorted([*kept, Edit(start, end, text)], key=lambda each: each.start)
            text = ""
