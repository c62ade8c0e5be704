"""Of findings that overlap, the surer stays, then the longer, then the first."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from ...engine.ports import Finding


def resolve(findings: Sequence[Finding]) -> list[Finding]:
    """Findings of which no two overlap, in order."""
    order = sorted(range(len(findings)), key=[finding.start for finding in findings].__getitem__)
    placed = [findings[index] for index in order]
    if all(one.end <= two.start for one, two in pairwise(placed)):
        return placed
    kept: list[Finding] = []
    group: list[int] = []
    reach = 0
    for index, finding in zip(order, placed, strict=True):
        if group and finding.start >= reach:
            kept += _surest(findings, group)
            group = []
        group.append(index)
        reach = max(reach, finding.end)
    return kept + _surest(findings, group)


def _surest(findings: Sequence[Finding], group: list[int]) -> list[Finding]:
    """Those of a group of neighbours that stay. Of equals, the first of `findings`."""
    if len(group) < 2:
        return [findings[index] for index in group]
    kept: list[Finding] = []
    for finding in sorted([findings[index] for index in sorted(group)], key=lambda f: (-f.score, f.start - f.end)):
        # `kept` is in order and free of overlaps, so only its neighbours can be in the way.
        place = bisect_left(kept, finding.start, key=lambda f: f.start)
        before, after = kept[place - 1 : place], kept[place : place + 1]
        if all(f.end <= finding.start for f in before) and all(f.start >= finding.end for f in after):
            kept.insert(place, finding)
    return kept
