"""Personal data: our table of structured kinds, names and places by spaCy, and Presidio's further recognisers.

Structured kinds are decided by pattern, check digits and words nearby, in microseconds and without a model. What a
rule does not name is not loaded. Misses: values spelt out in words, split over lines, or written with look-alike
characters; see phone.py and names.py for theirs.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, Literal, Protocol, cast

from pydantic import BaseModel, ConfigDict, Field

from ...engine.jsonio import Json
from ...engine.ports import Detector, Finding
from ...engine.yamlfile import nearest
from .base import Context
from .names import NAMES, Names
from .pii_kinds import BOOST, OTHER, OTHER_REACH, SURE, WEAK, Kind, Numbers
from .pii_table import STRUCTURED, TABLE
from .presidio import FURTHER, Presidio
from .regex import PatternSet

NEAR = 60
"""Characters before and after a candidate in which a word counts."""
SPACED = 64
"""The longest a value written in groups can be; the longest is an IBAN, 42 characters."""
SOLID = 330
"""The longest a value without spaces can be: an e-mail address."""
_URL_SOLID = 2_010

_FLOOD = re.compile(r"[0-9]{40,}|(?:[0-9A-Fa-f]{1,4}:|:){24,}", re.ASCII)
_FLOODED = PatternSet([_FLOOD.pattern])
"""Runs that are longer than any value, in which every shape would be tried at every place."""

_Types = list[str]


class PiiConfig(BaseModel):
    """Personal data to find."""

    model_config = ConfigDict(extra="forbid")

    types: Literal["structured", "all"] | _Types = Field(
        default="structured",
        description="`structured` (numbers, addresses on networks, identifiers), `all` (also names, places, "
        "organisations, dates), or a list of types.",
    )
    min_score: float = Field(
        default=0.5,
        ge=0.05,
        le=1,
        description="The least score of a finding, 0 to 1. Lower finds more, and more wrongly.",
    )


class _Part(Protocol):
    """One of the engines behind this detector."""

    context: int
    hold: int

    def find(self, text: str, start: int) -> Sequence[Finding]: ...
    def open_from(self, text: str) -> int: ...


class Pii:
    """Finds personal data. Of findings that overlap the surer stays, then the longer, then the first in the table."""

    kind = "pii"
    version = "2"
    resumes = True

    def __init__(self, types: Sequence[str], min_score: float = 0.5) -> None:
        self.types = tuple(dict.fromkeys(types))
        self._least = min_score
        self._parts: list[_Part] = []
        if kinds := [TABLE[name] for name in self.types if name in TABLE]:
            self._parts.append(Structured(kinds, min_score))
        if named := [name for name in self.types if name in NAMES]:
            self._parts.append(Names(named, min_score))
        if further := [name for name in self.types if name in FURTHER]:
            self._parts.append(Presidio(further, min_score))
        self.slow = len(self._parts) > 1 or not isinstance(self._parts[0], Structured)
        self.context = max(part.context for part in self._parts)
        self.hold = max(part.hold for part in self._parts)

    @classmethod
    def from_config(cls, config: Json, context: Context) -> "Pii":
        """`structured`, `all`, a list of types, or a mapping (PiiConfig)."""
        if isinstance(config, str | list):
            place, plain = context, cast(Json, {"types": config})
        else:
            place, plain = context.below("types"), config
        types = cast(Any, plain).get("types", "structured") if isinstance(plain, dict) else None
        if isinstance(types, str) and types not in ("structured", "all"):
            _refuse(types, place, ())
        for index, name in enumerate(cast("list[Any]", types) if isinstance(types, list) else []):
            if name not in known():
                _refuse(str(name), place, (index,))
        settings = context.parse(PiiConfig, plain)
        if not settings.types:
            raise place.error("no types given", hint="write structured, all, or a list of types")
        if settings.types == "structured":
            return cls(STRUCTURED, settings.min_score)
        if settings.types == "all":
            return cls((*STRUCTURED, *NAMES), settings.min_score)
        return cls(settings.types, settings.min_score)

    @property
    def ready(self) -> bool:
        """Whether the models that the types need are loaded."""
        return all(getattr(part, "ready", True) for part in self._parts)

    def start(self) -> None:
        """Load them. Raises ConfigError when they are not installed."""
        for part in self._parts:
            if start := getattr(part, "start", None):
                start()

    @property
    def labels(self) -> tuple[str, ...]:
        """What findings can be called."""
        return self.types

    def alone(self) -> dict[str, Detector]:
        """Each of its types as a detector, for `rules coverage`."""
        return {name: Pii([name], self._least) for name in self.types}

    def alike(self, text: str) -> bool:
        """Whether something in `text` has the form of a structured type, be it one or not."""
        return any(isinstance(part, Structured) and part.gated(text) for part in self._parts)

    def find(self, text: str, start: int = 0) -> list[Finding]:
        if len(self._parts) == 1:
            return list(self._parts[0].find(text, start))
        return resolve([finding for part in self._parts for finding in part.find(text, start)])

    def open_from(self, text: str) -> int:
        return min(part.open_from(text) for part in self._parts)


def known() -> tuple[str, ...]:
    """Every type that a rule may name."""
    return (*TABLE, *NAMES, *FURTHER)


def _refuse(name: str, context: Context, path: tuple[int, ...]) -> None:
    choices = ("structured", "all", *known())
    raise context.error(f'unknown type of personal data "{name[:60]}"', path, hint=nearest(name, choices))


def resolve(findings: Sequence[Finding]) -> list[Finding]:
    """Findings of which no two overlap, in order."""
    if len(findings) < 2:
        return list(findings)
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (-f.score, f.start - f.end)):
        # `kept` is in order and free of overlaps, so only its neighbours can be in the way.
        place = bisect_left(kept, finding.start, key=lambda f: f.start)
        before, after = kept[place - 1 : place], kept[place : place + 1]
        if all(f.end <= finding.start for f in before) and all(f.start >= finding.end for f in after):
            kept.insert(place, finding)
    return kept


class Structured:
    """The kinds of pii_table.py."""

    context = SOLID + NEAR

    def __init__(self, kinds: Sequence[Kind], min_score: float) -> None:
        self._kinds = list(kinds)
        self._gates = PatternSet([kind.gate for kind in kinds])
        self._words = PatternSet([kind.word_gate for kind in kinds])
        self._least = min_score
        self._solid = _URL_SOLID if any(kind.label == "URL" for kind in kinds) else SOLID
        self.hold = self._solid + NEAR

    def gated(self, text: str) -> bool:
        """Whether the form of a kind stands in `text`."""
        return bool(self._gates.matching(text))

    def find(self, text: str, start: int) -> list[Finding]:
        gated = self._gates.matching(text)
        if not gated:
            return []
        worded = self._words.matching(text)
        if _FLOODED.matching(text):
            text = _FLOOD.sub(_filled, text)
        needed = {i for i in gated if i in worded or not self._kinds[i].weak or self._least <= WEAK}
        # What overlaps the edge at `start` bears on what is found behind it, as it does in the whole text.
        begin = self._tail(text[:start]) if start else 0
        found = [finding for finding, _ in self._candidates(needed, worded, text, begin)]
        sure = resolve([finding for finding in found if finding.score >= self._least])
        return [finding for finding in sure if finding.start >= start] if start else sure

    def open_from(self, text: str) -> int:
        at = self._tail(text)
        near_end = len(text) - NEAR
        begin = max(0, near_end - SOLID)
        # A candidate near the end is undecided while words that follow it may still add to its score.
        gated = self._gates.matching(text[begin:])
        for found, surer in self._candidates(gated, None, text, begin) if gated else ():
            if surer and found.end > near_end:
                at = min(at, found.start)
        return at

    def _candidates(
        self, gated: set[int], worded: set[int] | None, text: str, start: int
    ) -> Iterator[tuple[Finding, bool]]:
        """Every candidate with its score, and whether words that follow could still add to it."""
        numbers = Numbers(text, start)
        for index in sorted(gated):
            kind = self._kinds[index]
            words = kind.words if worded is None or index in worded else None
            for shape in kind.shapes:
                for begin, end, score in shape(text, start, numbers):
                    near = _near(words, text, begin, end, kind.after) if words else 0.0
                    full = min(1.0, score + near) if near else score
                    if score < SURE and OTHER.search(text, max(0, begin - OTHER_REACH), begin):
                        full -= BOOST
                    yield Finding(begin, end, kind.label, full), kind.after and kind.words is not None and not near

    def _tail(self, text: str) -> int:
        """Where a value that is not finished may begin: the last word, and groups before it that may belong to it."""
        size = len(text)
        at = max(_space_before(text, size), size - self._solid)
        while at > 0 and size - at < SPACED and text[at - 1] == " ":
            end = at - 1
            if end and text[end - 1] in ",;":  # before an extension
                end -= 1
            begin = _space_before(text, end)
            if end == begin or not _group(text[begin:end]):
                break
            at = begin
        return max(0, at)


def _filled(found: re.Match[str]) -> str:
    return "x" * (len(found[0]) - 1) + found[0][-1]


def _near(words: re.Pattern[str], text: str, start: int, end: int, after: bool) -> float:
    """What words near a candidate add; of two kinds, the one whose word stands right before it adds a little more."""
    ends = [found.end() for found in words.finditer(text, max(0, start - NEAR), start)]
    if ends:
        return BOOST + (NEAR - start + ends[-1]) / (20 * NEAR)
    return BOOST if after and words.search(text, end, end + NEAR) else 0.0


def _space_before(text: str, end: int) -> int:
    """Where the word begins that ends at `end`."""
    window = text[max(0, end - _URL_SOLID) : end]
    if not window or window[-1].isspace():
        return end
    return end - len(window.rsplit(None, 1)[-1])


def _group(word: str) -> bool:
    """Whether a word may be one group of a value: it has a digit, or is short and in capitals, or an extension."""
    if len(word) <= 5 and (word.isupper() or word.lower() in ("x", "ext", "ext.", "+", "(")):
        return True
    return any(char.isdigit() for char in word)
