"""Where telephone numbers stand in a text, and what before them says that they are numbers of another kind."""

import re

from . import phone
from .pii_kinds import Matches
from .places import Places


def telephone(text: str, start: int, places: Places) -> Matches:
    """A candidate that is refused may begin with a number of another kind: the next one is looked for behind its first
    group, in which none can begin."""
    for place in places.begins:
        found = phone.CANDIDATE.match(text, place) if place >= start else None
        if found and (score := phone.score(found[0])):
            if score < 0.6:
                if _NAMED.search(text, max(0, place - 32), place) or _postal(text, place, found.end()):
                    start = found.end()
                    continue
                if _CODE.search(text, max(0, place - 12), place) or _TAIL.search(text, max(0, place - 6), place):
                    score = min(score, 0.3)
            yield found.start(), found.end(), score
            start = found.end()


def _postal(text: str, begin: int, end: int) -> bool:
    """Whether a parcel's number stands there: two capitals on either side. Source: UPU S10."""
    return bool(_SERVICE.search(text, max(0, begin - 4), begin) and _COUNTRY.match(text, end))


_SERVICE = re.compile(r"\b[A-Z]{2} $")
_COUNTRY = re.compile(r" ?[A-Z]{2}\b")
_NAMED = re.compile(
    r"(?:(?<!\w)(?!\w*(?:tel|mob|fon|phone|fax|ruf|handy|cell|whats|call|kontakt|contact|sms|ring|durchwahl))"
    r"[^\W\d]{2,24}[ .-]{0,2}(?:nr|no|nº|n°|id|code|tags?)"
    r"|\b(?:duns|awb|kvk|siren|siret|hrb|ein|matr[íi]cula|meter|badge|codes?|tags)"
    r"|(?<![话話机機])(?:号|號)(?:码|碼)?|(?:접수|주문|사원|고객|문서|관리|예약|승인)번호|사번)[.:：#]{0,2}\s?$",
    re.IGNORECASE,
)
"""Before a candidate: that it is a number of another kind."""
_TAIL = re.compile(r"\d{3}[ -]$")
"""Groups of digits right before a candidate: it is the end of a longer number."""
_CODE = re.compile(r"(?<![\w-])(?:\d+[A-Z][A-Z0-9]*|[A-Z]+\d[A-Z0-9]*)[ -]$")
"""Capitals and digits in one word right before a candidate: rather a longer code that goes on."""
