"""What a structured type's score is made of, in words, and what has its form and fails its check."""

import re
from collections.abc import Iterator

from ..regex import Locator
from ..search.places import Places
from ..why import Why
from .iban import IBAN, iban
from .kinds import NEAR, Beside, Kind, Search, Shape

_GOES_ON = re.compile(r"(?:[ .-]?\d+)*\w*", re.ASCII)


def failing(shape: Shape | Search | Beside, text: str, places: Places) -> Iterator[tuple[int, int]]:
    """Where the form of a shape stands, and its check fails. Of what is searched for, only cards in groups and IBANs
    have a form that can be told from others."""
    if isinstance(shape, Shape):
        yield from shape.failing(text, places)
    elif shape.form or shape.find is iban:
        taken = {begin for begin, _, _ in shape(text, 0, places)}
        for begin, end in Locator(shape.form or IBAN).spans(places.raw, 0):
            if begin not in taken and not (begin and text[begin - 1].isalnum()):
                inner = end - 1 if shape.form and end < len(text) else end
                found = _GOES_ON.match(text, inner) if not shape.form else None
                yield begin, found.end() if found else inner


def weighed(text: str, kind: Kind, begin: int, end: int, alone: float, full: float, least: float) -> Why:
    """A candidate and how it comes to its score."""
    if full > alone:
        word = _word(kind, text, begin, end)
        said = f'"{word}" beside it' if word else "the heading of its column"
        lacks = "" if alone >= least else f"; without that it would not be found (min_score {least:g})"
        reason = f"{alone:.2f} by its form, and {said} adds {full - alone:.2f}{lacks}"
    elif full < alone:
        reason = f"{alone:.2f} by its form, and what stands around it takes {alone - full:.2f}"
    elif full < least and kind.wording:
        reason = f"{full:.2f} by its form, and no word of its kind stands beside it{_such(kind)}"
    else:
        reason = f"{full:.2f} by its form"
    return Why(begin, end, kind.label, min(full, 1.0), least, reason)


def _word(kind: Kind, text: str, begin: int, end: int) -> str:
    """The word that counts for a candidate: the last before it, or the first behind."""
    if kind.words is None:
        return ""
    before = [found[0] for found in kind.words.finditer(text, max(0, begin - NEAR), begin)]
    behind = kind.words.search(text, end, end + NEAR) if kind.after else None
    return (before[-1] if before else behind[0] if behind else "").strip()


def _such(kind: Kind) -> str:
    """One of its words, where it is written plainly."""
    first = re.fullmatch(r"\w[\w ]+", kind.wording.split("|")[0].removesuffix("s?"))
    return f', such as "{first[0]}"' if first else ""
