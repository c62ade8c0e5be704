"""What stands in a text of the structured kinds: which can be there at all, and where they begin.

All kinds are looked for in one pass, whatever a rule names, so that the detectors of many rules share it.
"""

import re
from dataclasses import dataclass
from functools import cache, cached_property

from ....engine.ports import Finding
from ...normal import HYPHENS
from ..base import shared
from ..overlaps import resolve
from ..search.passes import PatternSet
from ..search.places import NUMBER, Forms, Places, plain_digits
from . import columns
from .kinds import ALONE, Beside, Kind, Search, Shape
from .table import KINDS

_FLOOD = re.compile(r"[0-9]{40,}|(?:[0-9A-Fa-f]{1,4}:|:){24,}", re.ASCII)
"""Runs that are longer than any value, in which every shape would be tried at every place."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A way in which a kind is written, and the number of its gate."""

    gate: int
    kind: Kind
    shape: Shape | Search | Beside


class _Table:
    """All kinds, ready to be looked for."""

    def __init__(self) -> None:
        shapes = [(shape.gate or kind.gate, kind, shape) for kind in KINDS for shape in kind.shapes]
        gates = list(dict.fromkeys(gate for gate, _, _ in shapes))
        self.rows: dict[str, list[Row]] = {}
        for gate, kind, shape in shapes:
            self.rows.setdefault(kind.label, []).append(Row(gates.index(gate), kind, shape))
        self.sure = [
            row
            for rows in self.rows.values()
            for row in rows
            if row.shape.best >= ALONE and row.kind.label not in _OPEN
        ]
        """Those that find what can stand beside a telephone number."""
        self.flood = len(gates)
        self.number = gates.index(NUMBER)
        self.gates = PatternSet([*gates, _FLOOD.pattern])
        # Dealt by size, so that no pass has many of the large ones: their states multiply.
        worded = sorted((kind for kind in KINDS if kind.wording), key=lambda kind: -len(kind.word_gate))
        worded = [kind for hand in range(_HANDS) for kind in worded[hand::_HANDS]]
        self.worded = [kind.label for kind in worded]
        self.words = PatternSet([kind.word_gate for kind in worded])
        self.forms = Forms([shape.form for _, _, shape in shapes if shape.form])


_OPEN = ("PHONE_NUMBER", "URL")
_HANDS = 3
"""As many as the words of all kinds take passes."""
table = cache(_Table)


def bare(text: str) -> bool:
    """Whether nothing in a text has the form of any kind: then none is found in it."""
    return not shared(text, Look, lambda: Look(text)).gated


class Look:
    """What stands in a text of the forms and words of all kinds."""

    def __init__(self, text: str) -> None:
        every = table()
        self._whole = text = spaced(text)
        self.gated = every.gates.matching(text)
        self.text = _FLOOD.sub(_filled, text) if every.flood in self.gated else text
        """The text without floods."""
        self._places: dict[int, Places] = {}
        self._candidates: dict[tuple[int, int], list[tuple[int, int, float]]] = {}
        """By the shape, which many kinds may have, and the start."""
        self._sure: dict[int, list[Finding]] = {}

    @cached_property
    def columns(self) -> columns.Columns:
        return columns.Columns(self.text)

    @cached_property
    def words(self) -> set[str]:
        """The kinds of which a word stands somewhere."""
        every = table()
        return {every.worded[index] for index in every.words.matching(self._whole)}

    def places(self, start: int) -> Places:
        """Where values can begin, from `start` on."""
        if start not in self._places:
            self._places[start] = Places(self.text, start, table().forms)
        return self._places[start]

    def candidates(self, row: Row, start: int) -> list[tuple[int, int, float]]:
        """Start, end and score of what is written like this, from `start` on."""
        key = (id(row.shape), start)
        found = self._candidates.get(key)
        if found is None:
            places, shape = self.places(start), row.shape
            if isinstance(shape, Beside):
                found = list(shape.find(self.text, start, places, lambda: self.sure(start)))
            else:
                found = list(shape(self.text, start, places))
            self._candidates[key] = found
        return found

    def sure(self, start: int) -> list[Finding]:
        """What stands there, from `start` on, whatever stands around it; telephone numbers aside."""
        if start not in self._sure:
            keys = {*self.gated, *self.places(start).numbers}
            self._sure[start] = resolve(
                [
                    Finding(begin, end, row.kind.label, score)
                    for row in table().sure
                    if (row.shape.form or row.gate) in keys
                    for begin, end, score in self.candidates(row, start)
                    if score >= ALONE
                ]
            )
        return self._sure[start]


_SPACES = "\u00a0\u2007\u2009\u202f"
_HYPHENS = HYPHENS + "\u2212\uff0d"
_DRAWN_OUT = re.compile(r"(?<=\d)ー(?=\d)")
"""The sign of a long vowel, which Japanese keyboards have in the place of the hyphen."""


def spaced(text: str) -> str:
    """The text, as long as it was, with plain spaces, hyphens and digits: documents, and models, have such as keep
    groups together, and each script its own digits."""
    if not text.isascii():
        for odd in _SPACES:
            text = text.replace(odd, " ")
        for odd in _HYPHENS:
            text = text.replace(odd, "-")
        return plain_digits(_DRAWN_OUT.sub("-", text) if "ー" in text else text)
    return text


def _filled(found: re.Match[str]) -> str:
    return "x" * (len(found[0]) - 1) + found[0][-1]
