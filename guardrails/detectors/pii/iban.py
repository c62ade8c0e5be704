"""International numbers of accounts, in groups or not, also read out."""

import re

from ..regex import Locator
from ..search.places import Places
from . import checksums as check
from .kinds import Matches


def iban(text: str, start: int, places: Places) -> Matches:
    """The country says how many characters must follow, in groups or not."""
    while (begin := _IBAN.match(places.raw, start, places.size)[0][0]) >= 0:
        start = begin + 2
        head = _IBAN_HEAD.match(text, begin)
        size = check.IBAN_LENGTHS.get(head[0].upper()[:2]) if head else None
        if (
            not head
            or not size
            or (begin and text[begin - 1].isalnum() and not _SUBFIELD.search(text, max(0, begin - 5), begin))
        ):
            continue
        if (
            (body := _IBAN_BODY[size].match(text, head.end()))
            and check.iban(text[begin : body.end()])
            and not _unique(text, begin)
        ):
            yield begin, body.end(), 1.0


_COUNTRY = "|".join(check.IBAN_LENGTHS)
_APART_BY = "(?:, |[ -])?"
"""Between groups; commas where somebody reads them out."""
IBAN = f"(?:(?i:{_COUNTRY})|(?:{_COUNTRY}) )[0-9]{{2}}(?:{_APART_BY}[0-9A-Za-z]){{11}}"
_IBAN = Locator(IBAN)
GATE = f"(?:[A-Za-z]{{2}}|[A-Z]{{2}} )[0-9]{{2}}(?:{_APART_BY}[0-9A-Za-z]){{5}}"
"""What each begins like. Countries and all groups would make half of the states of the pass that looks for it."""
_SUBFIELD = re.compile(r"\?\d\d$|(?<![^\W_])(?i:iban)$")
"""Before a number: the subfield of a statement of account (source: SWIFT MT940, field 86); the word, where a page lost
its spaces."""
_UUID = re.compile(r"(?<![^\W_])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![^\W_])")
_IBAN_HEAD = re.compile(rf"(?:[A-Za-z]{{2}}|[A-Z]{{2}} )[0-9]{{2}}(?={_APART_BY}(?:[A-Za-z0-9]{{3}}|[A-Z] ?[0-9]))")
_IBAN_BODY = {
    size: re.compile(rf"(?:{_APART_BY}[A-Za-z0-9]){{{size - 4}}}(?:(?![A-Za-z0-9])|(?=(?i:bic|swift)))")
    for size in set(check.IBAN_LENGTHS.values())
}


def _unique(text: str, at: int) -> bool:
    """Whether a UUID stands around a place, or begins there."""
    return any(each.end() > at for each in _UUID.finditer(text, max(0, at - 24), at + 36))
