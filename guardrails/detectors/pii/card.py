"""Numbers of payment cards in groups, also where other groups stand before or behind them; and on a stripe."""

import re

from ..search.blocks import matches
from ..search.places import Places
from . import checksums as check
from .kinds import GOES_ON, REACH, Matches

_GROUPED = r"\d{4}([ .-])\d{4}\1\d{4}\1\d{4}"
FORM = r"[0-9]{4}(?:[ .-][0-9]{4}){3}(?:\W|\z)"
_NUMBERS = tuple(re.compile(rf"{_GROUPED}{more}(?!\w)(?!{GOES_ON})(?!-\w)", re.ASCII) for more in (r"\1\d{3}", ""))
"""The longest first: three digits behind are the end of a long number, or the code on the back."""
_ANY = r"(\d{4}([ .-]?)\d{4}\2\d{4}\2\d{4}|3\d{3}[ -]?\d{6}[ -]?\d{4,5})"
_EXPIRES = r"(?:0[1-9]|1[0-2])[23]\d"
_CARD_BEFORE = re.compile(rf"(?<!\d){_ANY}(?: {_EXPIRES})?[ -]$", re.ASCII)
_CARD_BEHIND = re.compile(rf"(?: {_EXPIRES})?[ -]{_ANY}(?!\d)", re.ASCII)
_BEFORE = re.compile(r"(?<![\d./:-])\d{4}[ -]$", re.ASCII)
_DIALLED = r"0[1-9]\d\d[ /-](?:\d{5,8}|\d{3} \d{3,4})(?!\d)"
_BEHIND = re.compile(rf"[ -](?!{_EXPIRES}(?!\d| \d{{4}})|{_DIALLED})\d{{4}}(?![\d/:.-])", re.ASCII)
"""Groups of a number that goes on: no day, not the month and year of the card, and no telephone number by its zero."""
_OTHER_BEFORE = re.compile(
    r"(?:(?<![\w+])\+[1-9]\d{0,2}[ .-](?:\d{1,4}[ .-]){1,3}"
    r"|(?<!\d[ .-])(?<!\d)(?:0[1-9]\d(?: \d{3,4}|\d \d{3})|[2-9]\d\d[ .-][2-9]\d\d|\d{3} \d\d)[ .-])\d{4} {1,2}$",
    re.ASCII,
)
"""A telephone, health or social security number that ends with four digits, and is not the end of something longer."""
_ALONE_BEFORE = re.compile(r"(?<![\w,])(?<!\d[ -])(?!89)\d{4} $", re.ASCII)
_ALONE_BEHIND = re.compile(r" \d{4}(?!\w)(?![ ,-]\d)", re.ASCII)
"""One group with no digits beyond it: a year, an amount, a code, or all five are cells of a table. 89 begins the number
of a SIM card, which has twenty digits (source: ITU-T E.118)."""
_FAR = 26
"""Characters before a card that are looked at."""


def grouped_card(text: str, start: int, places: Places) -> Matches:
    """A card in fours. A group right before or behind makes it a part of a longer number, unless what stands there is
    another card; if that group stands alone, it takes a word."""
    for begin in places.numbers.get(FORM, ()):
        for pattern in _NUMBERS if begin >= start else ():
            found = pattern.match(text, begin)
            if found and check.card(found[0]) and (score := _apart(text, begin, found.end())):
                yield begin, found.end(), score
                break


def _apart(text: str, begin: int, end: int) -> float:
    """How sure a card is one, by what stands beside it; 0 refuses it."""
    floor, alone = max(0, begin - _FAR), 0
    if _BEFORE.search(text, floor, begin) and not (
        _is_card(_CARD_BEFORE.search(text, floor, begin)) or _OTHER_BEFORE.search(text, floor, begin)
    ):
        if not _ALONE_BEFORE.search(text, floor, begin):
            return 0.0
        alone += 1
    if _BEHIND.match(text, end) and not _is_card(_CARD_BEHIND.match(text, end)):
        if not _ALONE_BEHIND.match(text, end):
            return 0.0
        alone += 1
    return (0.9, 0.4, 0.0)[alone]


def _is_card(found: re.Match[str] | None) -> bool:
    return found is not None and check.card(found[1])


def track(text: str, start: int, places: Places) -> Matches:
    """The number on a card's magnetic stripe. Source: ISO/IEC 7813, track 1."""
    for found in matches(_TRACK, text, start, REACH):
        if check.card(found[1]):
            yield found.start(1), found.end(1), 0.9


_TRACK = re.compile(r"%B(\d{12,19})\^", re.ASCII)
