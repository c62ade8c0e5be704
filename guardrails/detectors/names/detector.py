"""Names of people, places and organisations, and dates: a small network, and what words make certain.

The network is spaCy's (model.py); cues.py corrects it, and certain.py goes before it. A text is read
in chunks that end at a line break or behind a sentence, so that a stream is judged as the whole would be. Misses: more
in other languages than English and without capitals.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from ....engine.ports import Finding
from ... import patience
from ..why import Why
from .certain import certain
from .cues import is_name, trimmed, type_of
from .model import model

NAMES = ("PERSON", "LOCATION", "ORGANIZATION", "DATE_TIME", "NRP")
"""Presidio's names: NRP is nationality, religion or political group."""
PEOPLE = ("PERSON", "LOCATION", "ORGANIZATION")
CHUNK = 1000
"""Characters read at once; a sentence longer than this is cut at a space."""
BLOCK = 8_000
"""Characters that patterns search at once."""
SCORE = 0.85
"""spaCy gives no score; Presidio says this."""
_LABELS = {
    "PERSON": "PERSON",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
    "FAC": "LOCATION",
    "ORG": "ORGANIZATION",
    "DATE": "DATE_TIME",
    "TIME": "DATE_TIME",
    "NORP": "NRP",
}
_ABBREVIATED = "[A-Z] [Mm]r [Mm]rs [Mm]s [Dd]r Prof St Ste Str Apt No Ave Rd Blvd".split()
_END = re.compile(r"\n+|" + "".join(rf"(?<!\b{word})" for word in _ABBREVIATED) + r"[.!?。！？]['\")\]]*\s+")
"""Not behind an initial, a form of address or a word of addresses: the name goes on."""
Span: TypeAlias = tuple[int, int, str]


class Names:
    """Finds entities. Slow: 2 ms for 40 words."""

    context = 2 * CHUNK
    hold = CHUNK

    def __init__(self, types: Sequence[str], min_score: float) -> None:
        self._types = frozenset(types)
        self._silent = min_score > SCORE

    @property
    def ready(self) -> bool:
        return self._silent or model.cache_info().currsize > 0

    def start(self) -> None:
        if not self._silent:
            model()

    def find(self, text: str, start: int) -> list[Finding]:
        if self._silent:
            return []
        places = [(begin, end) for begin, end in chunks(text) if end > start and text[begin:end].strip()]
        found: list[Span] = []
        for begin, end in _blocks(places):
            patience.check()
            for span in certain(text, begin, end):
                _add(found, span)
        for (begin, end), entities in zip(places, model().read([text[a:b] for a, b in places]), strict=True):
            for entity in entities:
                if kind := _LABELS.get(entity.label):
                    first, last = trimmed(text, begin + entity.start, begin + entity.end)
                    if kind in PEOPLE and first < last:
                        sure = is_name(text[begin:end], first - begin, last - begin, kind, entity.margin)
                        kind = sure and type_of(text, first, last, kind)
                    if kind and first < last:
                        _add(found, (first, last, kind))
        return [
            Finding(first, last, kind, SCORE) for first, last, kind in found if kind in self._types and first >= start
        ]

    def whys(self, text: str) -> list[Why]:
        """Nothing: what the network did not find has no score."""
        return []

    def open_from(self, text: str) -> int:
        last = 0
        for begin, _ in chunks(text):
            last = begin
        return last


def _blocks(places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Runs of chunks, so that no search holds the interpreter for long."""
    begin = None
    for at, (first, last) in enumerate(places):
        begin = first if begin is None else begin
        if last - begin > BLOCK or at == len(places) - 1:
            yield begin, last
            begin = None


def _add(found: list[Span], span: Span) -> None:
    """Keep a span that overlaps none, or lengthen the one of its type that it overlaps; `found` stays in order."""
    first, last, kind = span
    at = bisect_left(found, (first,))
    before = at - 1 if at and found[at - 1][1] > first else at
    after = at
    while after < len(found) and found[after][0] < last:
        after += 1
    if before == after:
        found.insert(at, span)
    elif after - before == 1 and found[before][2] == kind:
        found[before] = (min(first, found[before][0]), max(last, found[before][1]), kind)


def chunks(text: str) -> list[tuple[int, int]]:
    """The text in pieces of at most CHUNK characters that end where sentences or lines do."""
    out: list[tuple[int, int]] = []
    begin = 0
    for match in _END.finditer(text):
        begin = _cut(text, begin, match.end(), out)
        if match.end() < len(text):
            out.append((begin, match.end()))
            begin = match.end()
    begin = _cut(text, begin, len(text), out)
    if begin < len(text):
        out.append((begin, len(text)))
    return out


def _cut(text: str, begin: int, end: int, out: list[tuple[int, int]]) -> int:
    while end - begin > CHUNK:
        space = text.rfind(" ", begin + CHUNK // 2, begin + CHUNK)
        stop = space + 1 if space > 0 else begin + CHUNK
        out.append((begin, stop))
        begin = stop
    return begin
