"""Telephone numbers that stand right beside another value: in columns that were pasted, and in lines of a log.

phone.py reads groups of digits as far as they go, and takes what has too many for no telephone number. Here one ends
where another value begins, or begins where one ends: a telephone number too, a date, or what is sure by its own form.
Misses: numbers that nothing but blanks group, beside each other; and such as only a word tells.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from ....engine.ports import Finding
from ..search.places import Places
from . import phone_shapes as phone
from .kinds import ALONE, SURE, Matches
from .phone import refused

Sure = Callable[[], Sequence[Finding]]
"""What stands in a text for sure of other kinds, in order; not looked for unless asked."""

REACH = 60
"""Characters from the beginning of the first of two to the end of the second, at most: a stream waits for as many."""
_TWO = 16
"""Characters that two numbers in a row have at least."""
_LONGEST = 24
"""Characters of a telephone number."""
_AMERICAN = r"(?:1[ .-])?[2-9]\d\d(?:-[2-9]\d\d-|\.[2-9]\d\d\.)\d{4}(?!\d)"
_HEAD = re.compile(
    rf"(?<![\w.,+(-])(?:(?P<own>\+[1-9]\d|\([2-9]\d\d\) ?[2-9]\d\d-|{_AMERICAN})"
    r"|(?P<zero>\(?00?[1-9])|(?P<blank>[2-9]\d\d [2-9]\d\d \d{4}(?!\d)))",
    re.ASCII,
)
"""How a telephone number begins that is told from the groups before it: by a form of its own, or by a zero."""
_NUMBER = re.compile(r"\+?\(?\d+\)?(?:[ .\-/–]?\(?\d+\)?)*", re.ASCII)
_BORDER = re.compile(r" {1,2}(?:[-–/] )?|/")
_BEFORE = re.compile(r"(?<=\w)(?: {1,2}(?:[-–/] )?|/)$")
"""Between two values."""
_CODED = re.compile(r"(?<![\w-])(?=[A-Z]*\d)[0-9A-Z]{8,18}[ /]$", re.ASCII)
"""Before a row: capitals and digits in one word, of which it may be a part."""
_JOINED = tuple("/$€£#@")
"""Before a number: it is no telephone's."""
_GOES_ON = re.compile(r"[^\W\d]|[\d@]|[.:/-]\d|\s?%")
_MORE = re.compile(r" {0,2}[-–/.(]? {0,2}\d")
"""Behind a number: it is a part of something; more groups."""
_FEW = 3
"""Digits of groups that are all as long: hours of a timetable, or numbers that zeros fill; few telephones' are so."""


def telephone_beside(text: str, start: int, places: Places, sure: Sure) -> Matches:
    """Of two numbers in a row that are grouped alike each makes the other surer."""
    known = _Known(sure)
    for run, stop in places.runs:
        coded = run > 1 and text[run - 1] in " /" and _CODED.search(text, max(0, run - 22), run) is not None
        if stop - run < _TWO and not coded:
            continue
        begin = last = -1
        for head in _HEAD.finditer(text, run, stop):
            at = head.start()
            if at < max(start, last) or (at == run and not coded and text[at - 1 : at] in _JOINED):
                continue
            behind = _behind(text, at) if at > run or coded else -1
            told = _told(text, at, stop, behind, begin if behind == last else -1, known)
            if told is None or known.within(at):
                continue
            # What is said before the first of a row is said of all.
            if told.first and refused(text, at, told.end, places):
                break
            begin, last = at, told.end
            yield at, last, told.score


class _Known:
    """What is sure, by where it begins and ends; looked for when it is first asked for."""

    def __init__(self, sure: Sure) -> None:
        self._sure = sure

    @cached_property
    def begins(self) -> dict[int, Finding]:
        return {each.start: each for each in self._sure()}

    @cached_property
    def ends(self) -> dict[int, Finding]:
        return {each.end: each for each in self.begins.values()}

    def within(self, at: int) -> bool:
        """Whether a telephone number would begin in the midst of what is sure, or where something surer does."""
        place = bisect_right(self._order, at) - 1
        each = self.begins[self._order[place]] if place >= 0 else None
        return each is not None and at < each.end and (each.start < at or each.score >= SURE)

    @cached_property
    def _order(self) -> list[int]:
        return sorted(self.begins)


class _Told(NamedTuple):
    """Where a telephone number ends, how sure it is, and whether no other value of its row stands before it."""

    end: int
    score: float
    first: bool


def _told(text: str, at: int, stop: int, behind: int, after: int, known: _Known) -> _Told | None:
    """One that begins at `at`, by what begins right behind it, or ends right before it, at `behind`: that is sure, or
    begins at `after` and is one too."""
    for end, score in _ends(text, at):
        border, number = _BORDER.match(text, end, stop), text[at:end]
        if border is None and behind < 0:
            continue
        then = _dated(text, border.end()) or known.begins.get(border.end()) if border else None
        before = _dated_before(text, behind) or known.ends.get(behind)
        if then and then.end - at <= REACH and _enough(number, then):
            return _Told(end, score, before is None and after < 0)
        if border and (likeness := _begins(text, border.end(), number)):
            sure = score + _FOLLOWED if number[0] == "+" else score
            return _Told(end, max(sure, likeness), before is None and after < 0)
        if _GOES_ON.match(text, end):
            continue
        if after >= 0 and end - after <= REACH:
            return _Told(end, max(score, _alike(text[after : after + end - at], number)), False)
        near = before and end - before.start <= REACH and _enough(number, before)
        if before and near and (before.score >= SURE or not _MORE.match(text, end)):
            return _Told(end, score, False)
    return None


def _ends(text: str, at: int) -> Iterator[tuple[int, float]]:
    """Where a telephone number that begins at `at` can end, the longest first, and its score."""
    found = _NUMBER.match(text, at, at + _LONGEST)
    for group in reversed([*phone.GROUP.finditer(text, at, found.end())] if found else []):
        end, number = group.end(), text[at : group.end()]
        if not text[end : end + 1].isdigit() and (score := phone.score(number)) >= _LEAST and not _listed(number):
            yield end, score


_FOLLOWED = 0.05
"""What it adds to a number with a plus that one begins where it ends: it is surer than one that goes on into that."""
_LEAST = 0.55
"""The score of a telephone number that counts without a word."""


def _listed(number: str) -> bool:
    """Whether groups are rather as many numbers: all as long, or pairs that rise."""
    groups = _SEPARATOR.split(number)
    size = len(groups[0])
    if number[0] != "0" or any(len(each) != size for each in groups):
        return False
    return size >= _FEW or groups == sorted(groups)


_SEPARATOR = re.compile(r"[ .\-/–]")


def _behind(text: str, at: int) -> int:
    """Where the value ends that what begins at `at` stands right behind; -1 for none."""
    found = _BEFORE.search(text, max(0, at - 5), at)
    return found.start() if found else -1


_DATES = r"(?:\d{1,2}([./-])\d{1,2}\1(?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)"
_DATE = re.compile(rf"{_DATES}(?![\w/-])(?!\.\d)", re.ASCII)
_DATE_BEFORE = re.compile(rf"(?<![\w./-]){_DATES}\Z", re.ASCII)


def _dated(text: str, at: int) -> Finding | None:
    """The date that begins there."""
    found = _DATE.match(text, at)
    return Finding(at, found.end(), "", ALONE) if found else None


def _dated_before(text: str, end: int) -> Finding | None:
    """The date that ends there."""
    found = _DATE_BEFORE.search(text, max(0, end - 11), end) if end >= 0 else None
    return Finding(found.start(), end, "", ALONE) if found else None


def _begins(text: str, at: int, number: str) -> float:
    """How sure one makes the other that begins right behind `number`, at `at`; 0 if no telephone number begins there.
    Of a row that has zeros and no other form, both have the same groups, or nothing stands behind the second."""
    head = _HEAD.match(text, at)
    if head is None or (_spaced(number) and not head["own"]):
        return 0.0
    then = "0" if _PAIRS.fullmatch(number) else "0123456789"
    if likeness := _alike(text[at : at + len(number)], number):
        more = _MORE.match(text, at + len(number))
        # Of numbers in pairs of digits, a row has nothing else.
        return likeness if not more or (more.end() - at > len(number) + 1 and more[0][-1] in then) else 0.0
    if head["own"]:
        return _LEAST
    alone = number[0] == "0" or bool(head["blank"])
    for end, _ in _ends(text, at):
        if not _GOES_ON.match(text, end) and not (alone and _MORE.match(text, end)):
            return _LEAST
    return 0.0


_ALIKE = 0.75


def _alike(one: str, other: str) -> float:
    """How sure two numbers make one another that are grouped alike; 0 if they are not."""
    same = len(one) == len(other) and one != other and _DIGIT.sub("0", one) == _DIGIT.sub("0", other)
    return _ALIKE if same and one[0] in "+(0123456789" and (one[0] == "0") == (other[0] == "0") else 0.0


_PAIRS = re.compile(r"\d\d(?: \d\d)+", re.ASCII)
_DIGIT = re.compile(r"\d", re.ASCII)


def _spaced(number: str) -> bool:
    """Whether nothing but blanks tells a number from a row of any others."""
    return number[0] in "23456789" and number.replace(" ", "").isdecimal()


def _enough(number: str, known: Finding) -> bool:
    """Whether what is known beside a number is sure enough for its form."""
    return known.score >= SURE or not _spaced(number)
