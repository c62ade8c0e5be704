"""What rules find in a text, be it whole or the part of a stream that has come so far."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..engine.jsonio import Leaf
from ..engine.ports import Detector, Finding, Unjudged
from . import patience
from .detectors.base import reads_through, sharing
from .disguise import disguised
from .dressed import Dress, Worn
from .fields import Given
from .hits import Hit
from .normal import normal
from .normalize import COMPOSED, View, in_streams, views
from .rules.combine import excepts, excluded
from .rules.ruleset import Group, Rule

Effective = Callable[[Rule], "Rule | None"]
"""How a rule holds for the text at hand: as it is, in shadow, or (None) not at all."""


def as_written(rule: Rule) -> Rule:
    """Every rule as its file has it."""
    return rule


@dataclass(slots=True)
class Seen:
    """What a group of rules makes of a text."""

    safe: int
    hits: list[Hit] = field(default_factory=list[Hit])
    failed: list[tuple[Rule, str]] = field(default_factory=list[tuple[Rule, str]])


@sharing()
def examine(
    group: Group,
    text: str,
    settled: int = 0,
    done: bool = True,
    effective: Effective = as_written,
    whole: bool = True,
    dress: Dress | None = None,
) -> Seen:
    """Run a group's detectors over `text`. Hits begin at or after `settled`, end at or before `safe`, and are final.

    With `whole`, the text is no part of a stream, and rules also look at its views; of one that is, at those that
    `dress` makes of it.
    """
    seen, given = Seen(len(text)), Given(text, done)
    if not done:
        _opens(group, given, effective, seen)
        if seen.safe <= settled:
            seen.safe = settled
            return seen
    worn: Sequence[tuple[Worn, Group]] = ()
    if dress and group.dressed.rules:
        worn = _worn(group.dressed, dress, text, settled, done, effective, seen)
        if seen.safe <= settled and not done:
            seen.safe = settled
            return seen
    failed = {rule.id for rule, _ in seen.failed}
    for rule in given.possible(group):
        if (held := effective(rule)) and held.id not in failed:
            seen.hits += [Hit(held, finding) for finding in _find(held, given, settled, seen)]
    for each, looking in worn:
        if each.sure:
            shown = _given(each.view, text, done)
            for rule in shown.possible(looking):
                if (held := effective(rule)) and held.id not in failed:
                    found = _find(held, shown, each.within(settled), seen, held.viewed)
                    _map(held, each.view, found, text, seen)
    settle(seen)
    if whole and done and settled == 0:
        _views(group, text, effective, seen)
    return seen


def _worn(
    group: Group, dress: Dress, text: str, settled: int, done: bool, effective: Effective, seen: Seen
) -> Sequence[tuple[Worn, Group]]:
    """The views of a stream's text while it comes, each with the rules that look at it; what may be under way in them
    is not safe."""
    deep = group.viewing("all")
    views, safe = dress.worn(text, settled, done, bool(deep.rules))
    seen.safe = min(seen.safe, safe)
    worn = [(each, group if each.view.plain else deep) for each in views]
    for each, looking in worn if not done else ():
        shown = Seen(len(each.view.text))
        _opens(looking, _given(each.view, text, done), effective, shown)
        seen.safe, seen.failed = min(seen.safe, each.begin(shown.safe)), seen.failed + shown.failed
    return worn


def _opens(group: Group, given: Given, effective: Effective, seen: Seen) -> None:
    """Pull `safe` back to where a match of a rule may be under way."""
    is_open = given.passing(group.possibly_open)
    for rule in group.rules:
        if is_open(rule) and (held := effective(rule)):
            _open(held, given, seen)


def _given(view: View, text: str, done: bool) -> Given:
    return Given(Leaf.of(view.text, text.within) if isinstance(text, Leaf) else view.text, done)


def _views(group: Group, text: str, effective: Effective, seen: Seen, done: bool = True, worn: bool = False) -> None:
    """Add what rules find in the text normalised and decoded, and did not find as it stands. Until it is `done`, what
    may come behind a find can except it. `worn`: some views have been shown to some rules already (Group.dressed)."""
    deep, every = group.viewing("all"), group.viewing("normal", "all")
    if not every.rules:
        return
    for view in views(text, decode=bool(deep.rules)):
        looking = every if view.plain else deep
        looking = looking.undressed if worn and in_streams(view.how) else looking
        given = _given(view, text, done=True)
        for rule in given.possible(looking):
            held = effective(rule)
            if held and not (view.plain and _seen_through(rule, text, view)):
                found = _find(held, given, 0, seen, held.viewed)
                if found and not done and excepts(held.detector):
                    tail = Seen(len(view.text))
                    _open(held, given, tail)
                    found = [each for each in found if each.end <= tail.safe]
                _map(held, view, found, text, seen)


def _seen_through(rule: Rule, text: str, view: View) -> bool:
    """Whether the rule's detector has read the text as well as it would read its normal view."""
    if not reads_through(rule.detector):
        return False
    if view.how == COMPOSED and normal(view.text) is not None:
        return True  # the normal view is another, and is shown
    return not disguised(text, view, getattr(rule.detector, "pieces", None))


@sharing()
def in_views(group: Group, text: str, effective: Effective, done: bool, worn: bool = False) -> Seen:
    """What rules find in the views of a text, and only there. `worn`: as in _views."""
    seen = Seen(len(text))
    _views(group, text, effective, seen, done, worn)
    return seen


def _map(rule: Rule, view: View, found: Sequence[Finding], text: str, seen: Seen) -> None:
    """Add finds in a view as hits in the text, less those that the rule has already, and those that a condition of its
    forbids in the text as it stands: an excepted word may be another in a view. What goes further than a hit takes its
    place: of a key with something invisible in it, the first half may be a find by itself."""
    if not found or _excepted(rule, text, seen):
        return
    runs: list[tuple[int, int]] = []
    for start, end in sorted((hit.start, hit.end) for hit in seen.hits if hit.rule.id == rule.id):
        _join(runs, start, end)
    wider: list[tuple[int, int]] = []
    reads: Callable[[str, int, int], bool] | None = getattr(rule.detector, "reads", None)
    for finding in found:
        start, end = view.span(finding.start, finding.end)
        if reads and not reads(text, start, end):
            continue
        known = _join(runs, start, end)
        if known:
            edges = [start, *(edge for run in known for edge in run), end]
            # What is invisible at the edge of a value is none of it.
            if not any(any(map(str.isalnum, text[at:to])) for at, to in zip(edges[::2], edges[1::2], strict=True)):
                continue
            wider.append((start, end))
        seen.hits.append(Hit(rule, Finding(start, end, finding.label, finding.score), view.how))
    if wider:
        wider.sort()
        seen.hits = [hit for hit in seen.hits if hit.rule.id != rule.id or not _within(hit, wider)]


def _join(runs: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Add a span to `runs`, which are in order and apart. Those that it overlaps, now one with it."""
    behind = first = bisect_left(runs, (end,))
    while first and runs[first - 1][1] > start:
        first -= 1
    known = runs[first:behind]
    runs[first:behind] = [(min(start, known[0][0]), max(end, known[-1][1])) if known else (start, end)]
    return known


def _within(hit: Hit, wider: list[tuple[int, int]]) -> bool:
    """Whether one of `wider`, which are in order, is more than `hit` and all of it."""
    start, end = wider[max(0, bisect_left(wider, (hit.start + 1,)) - 1)]
    return start <= hit.start and hit.end <= end and end - start > hit.end - hit.start


def _excepted(rule: Rule, text: str, seen: Seen) -> bool:
    try:
        return excluded(rule.detector, text)
    except Exception as error:  # whatever a detector raises is the rule's to judge
        seen.failed.append((rule, _told(error)))
        return True


def settle(seen: Seen) -> None:
    """Pull `safe` back so that it cuts through no hit, and drop the hits behind it."""
    cut = bool(seen.hits)
    while cut:
        start = min((hit.start for hit in seen.hits if hit.start < seen.safe < hit.end), default=seen.safe)
        cut, seen.safe = start < seen.safe, start
    seen.hits = [hit for hit in seen.hits if hit.end <= seen.safe]


def _open(rule: Rule, given: Given, seen: Seen) -> None:
    try:
        seen.safe = min(seen.safe, given.open_from(rule.detector))
    except Exception as error:  # whatever a detector raises is the rule's to judge
        seen.failed.append((rule, _told(error)))


def _find(rule: Rule, given: Given, settled: int, seen: Seen, detector: Detector | None = None) -> Sequence[Finding]:
    try:
        patience.check()
        return given.find(detector or rule.detector, settled)
    except Exception as error:  # as above
        seen.failed.append((rule, _told(error)))
        return ()


def _told(error: Exception) -> str:
    """Why a detector failed, without a word of the text."""
    return str(error) if isinstance(error, Unjudged) else type(error).__name__
