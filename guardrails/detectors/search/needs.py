"""What must stand in a text where an expression matches: a stretch of letters, of each of a few lists of such.

`(?i)show (?:\\w+ )*the (?:prompt|orders)` matches nowhere without `show `, nor without `the prompt` or `the orders`.
Whether a stretch stands there is told by grams, three characters each: a text that lacks one lacks the stretch.
"""

import re
import warnings
from collections.abc import Iterable, Sequence
from functools import cache
from re import _casefix as casefix  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
from re import _constants as sre  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
from re import _parser as parser  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
from typing import Any, cast

from .prefix import PRIVATE, Unreadable, hide

_sre = cast(Any, sre)
_REPEATS = (_sre.MAX_REPEAT, _sre.MIN_REPEAT)
GRAM = 3
"""Characters that are looked at together."""
_TOLD = 4
"""Grams of a stretch that are looked for."""
MOST = 3
"""Lists of an expression, each of which leaves it fewer texts."""
_SPELT = 64
"""Ways to write a stretch that are told apart."""
_OFTEN = " etaoinsrhldcumfpgwybvkxjqz"
"""Letters, the more frequent first."""
_PLAIN = 2e-3
"""How often the rarest list of an expression may stand at a character of prose: else it tells nothing."""
_CASES = cast("dict[int, tuple[int, ...]]", cast(Any, casefix)._EXTRA_CASES)
_ALIKE = {code: least for code, others in _CASES.items() if (least := min(code, *others)) != code}
"""Small letters that share a capital, such as both sigmas."""
Need = frozenset[str]
"""Stretches, one of which stands, folded, in each text that an expression matches."""


_ODD = re.compile(f"[{''.join(map(chr, _ALIKE))}]")


def folded(text: str) -> str:
    """A text as grams are of it: the same for two that differ in nothing but case."""
    text = text.lower()
    return text if text.isascii() or not _ODD.search(text) else text.translate(_ALIKE)


@cache
def needs(pattern: str) -> tuple[tuple[Need, ...], ...]:
    """What `pattern`, for RE2, needs: all of one of these rows, each with the rarest first; none if some row would have
    nothing that tells."""
    if pattern.endswith(r"\z") or "{," in pattern:  # of a match under way; to RE2 no repetition
        return ()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = cast(Any, parser).parse(hide(pattern, []))
    except (re.error, RecursionError, OverflowError, Unreadable):
        return ()
    rows: list[tuple[Need, ...]] = []
    for items in _alternatives(list(tree)):
        row = sorted(set(_needs(items)), key=lambda need: (_share(need), sorted(need)))
        if not row or _share(row[0]) > _PLAIN:
            return ()
        rows.append(tuple(map(_least, row[:MOST])))
    return tuple(dict.fromkeys(rows))


def _alternatives(items: Sequence[Any]) -> list[list[Any]]:
    """The ways to match a sequence, if it is one choice between such, with what stands before and behind all."""
    for at, (op, value) in enumerate(items):
        if op is _sre.SUBPATTERN and len(items) == 1:
            return _alternatives(list(value[3]))
        if op is _sre.BRANCH and not any(map(_says, [*items[:at], *items[at + 1 :]])):
            return [each for branch in value[1] for each in _alternatives(list(branch))]
    return [list(items)]


def _says(item: Any) -> bool:
    """Whether an item needs anything by itself."""
    return bool(_needs([item])) or bool(_ways(item) and _ways(item) != {""})


def _needs(items: Sequence[Any]) -> list[Need]:
    """What a sequence needs, all of it."""
    found: list[Need] = []
    spelt = {""}
    for item in items:
        ways = _ways(item)
        joined = {one + other for one in spelt for other in ways} if ways and len(ways) * len(spelt) <= _SPELT else None
        if joined is None:
            found += _of(spelt)
            found += _inside(item)
            joined = ways or {""}
        spelt = joined
    return found + _of(spelt)


def _of(spelt: Iterable[str]) -> list[Need]:
    """What one of these stretches needs."""
    stretches = [folded(each) for each in spelt]
    if min(map(len, stretches)) < GRAM:
        return []
    return [frozenset(stretches)]


def grams(stretch: str) -> list[str]:
    """The rarest of it, in order."""
    every = {stretch[at : at + GRAM] for at in range(len(stretch) - GRAM + 1)}
    return sorted(every, key=lambda gram: (_rare(gram), gram))[:_TOLD]


def _inside(item: Any) -> list[Need]:
    """What an item needs that can be written in too many ways."""
    op, value = item
    if op is _sre.SUBPATTERN:
        return _needs(list(value[3]))
    if op in _REPEATS:
        return _needs(list(value[2])) if value[0] else []
    if op is _sre.BRANCH:
        each = [min(_needs(list(branch)), key=_share, default=None) for branch in value[1]]
        known = [need for need in each if need]
        return [frozenset[str]().union(*known)] if len(known) == len(each) else []
    return []


def _ways(item: Any) -> set[str] | None:
    """All ways to write an item; None where they are too many, or unknown."""
    op, value = item
    if op is _sre.LITERAL:
        return {chr(value)} if value < PRIVATE else None
    if op is _sre.AT:
        return {""}
    if op is _sre.IN:
        plain = all(part is _sre.LITERAL and code < PRIVATE for part, code in value)
        return {chr(code) for _, code in value} if plain and len(value) <= _SPELT else None
    if op is _sre.SUBPATTERN:
        return _written(list(value[3]))
    if op is _sre.BRANCH:
        each = [_written(list(branch)) for branch in value[1]]
        known = [ways for ways in each if ways is not None]
        together = set[str]().union(*known)
        return together if len(known) == len(each) and len(together) <= _SPELT else None
    if op in _REPEATS and (value[0], int(value[1])) in ((0, 1), (1, 1)):
        ways = _written(list(value[2]))
        return ways | ({""} if value[0] == 0 else set()) if ways is not None else None
    return None


def _written(items: Sequence[Any]) -> set[str] | None:
    spelt = {""}
    for item in items:
        ways = _ways(item)
        if ways is None or len(ways) * len(spelt) > _SPELT:
            return None
        spelt = {one + other for one in spelt for other in ways}
    return spelt


def _least(need: Need) -> Need:
    """The same without stretches that have another in them."""
    kept: list[str] = []
    for each in sorted(need, key=len):
        if not any(short in each for short in kept):
            kept.append(each)
    return frozenset(kept)


def _share(need: Need) -> float:
    """About how often one of its stretches stands at a character of prose: letters by their rank, each further one a
    fifth."""
    return sum(min(map(_rare, grams(each))) * 0.2 ** (len(each) - GRAM) for each in need)


@cache
def _rare(gram: str) -> float:
    share = 1.0
    for char in gram:
        at = _OFTEN.find(char)
        share *= 0.15 / (at + 1.5) if at >= 0 else 0.004
    return share
