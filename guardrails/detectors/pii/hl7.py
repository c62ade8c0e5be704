"""Numbers in messages between hospitals, where the place of a field says what it is. Source: HL7 v2.5.1, 3.4.2, 3.4.5,
6.5.5.

Misses: telephone numbers of which the area's stands in a component of its own.
"""

import re
from collections.abc import Iterator

from ..search.blocks import matches
from ..search.places import Places
from . import checksums as check
from .kinds import REACH, Matches

GATE = r"(?:PID|NK1|GT1)\|"
_LONG = 2_000
"""Characters of a segment that are read."""
_SEGMENT = re.compile(rf"(?<![\w|])(PID|NK1|GT1)(\|\d{{0,4}}\|[^\r\n]{{0,{_LONG}}})")
_TELEPHONES = {"PID": (13, 14), "NK1": (5, 6, 31), "GT1": (6, 7)}
_SECURITY = {"PID": (19,), "NK1": (37,), "GT1": (12,)}
_TELEPHONE = re.compile(r"\+?\(?\d[\d() .-]{5,18}\d(?![^\^~|&])", re.ASCII)
_NUMBER = re.compile(r"\d{3}-?\d{2}-?\d{4}(?![^\^~|&])", re.ASCII)


def listed_telephone(text: str, start: int, places: Places) -> Matches:
    """Telephone numbers of a patient, of kin and of who pays."""
    for begin, end in _values(text, start, _TELEPHONES):
        for found in _TELEPHONE.finditer(text, begin, end):
            if text[found.start() - 1] in "|~" and 7 <= len(check.digits(found[0])) <= 15:
                yield found.start(), found.end(), 0.8


def listed_security(text: str, start: int, places: Places) -> Matches:
    """Social security numbers of the same."""
    for begin, end in _values(text, start, _SECURITY):
        if (found := _NUMBER.match(text, begin, end)) and check.ssn(found[0]):
            yield begin, found.end(), 0.8


def _values(text: str, start: int, fields: dict[str, tuple[int, ...]]) -> Iterator[tuple[int, int]]:
    """From where to where those fields go, in each segment."""
    line = max(text.rfind(end, max(0, start - _LONG), start) for end in "\r\n") + 1
    for segment in matches(_SEGMENT, text, line or max(0, start - _LONG), REACH):
        begin = segment.start(2)
        for place, value in enumerate(segment[2].split("|")[1:], 1):
            begin += 1
            if value and place in fields[segment[1]] and begin >= start:
                yield begin, begin + len(value)
            begin += len(value)
