"""Numbers as they are read out or put into boxes: each digit alone, with commas or dashes between groups."""

import re

from ..search.blocks import matches
from ..search.places import Places
from . import checksums as check
from .kinds import REACH, Matches

GATE = "[0-9](?:[ ,\u2013\u2014-]{1,3}[0-9]){6}"
_DASH = "[-\u2013\u2014]"
_READ = re.compile(
    rf"(?<![\w.,/+-])(?<!\d[ ,|])(?<!\d[ ,] )\d(?: \d|, \d| ?{_DASH} ?\d){{6,14}}(?![\w/+-])(?![ ,|.]{{1,2}}\d)",
    re.ASCII,
)
_SEPARATOR = re.compile(rf", | ?{_DASH} ?")
_DIALLED = re.compile(r"[2-9]\d\d [2-9]\d\d \d{4}")


def read_telephone(text: str, start: int, places: Places) -> Matches:
    """A telephone number of three, three and four digits counts alone, others with a word near them, and such without
    groups with one right beside them: rows of single digits are more often data."""
    for begin, end, groups in _groups(text, start):
        number = "".join(groups)
        if len(set(number)) < 4 or number in "01234567890123456789":
            continue
        if _DIALLED.fullmatch(" ".join(groups)):
            yield begin, end, 0.55
        elif len(groups) == 1 or max(map(len, groups)) > 1:
            yield begin, end, 0.05 if len(groups) == 1 else 0.3


def read_security(text: str, start: int, places: Places) -> Matches:
    """A social security number; three, two and four digits."""
    for begin, end, groups in _groups(text, start):
        if [*map(len, groups)] == [3, 2, 4] and check.ssn("".join(groups)):
            yield begin, end, 0.4


def _groups(text: str, start: int) -> list[tuple[int, int, list[str]]]:
    return [
        (*found.span(), [check.digits(group) for group in _SEPARATOR.split(found[0])])
        for found in matches(_READ, text, start, REACH)
    ]
