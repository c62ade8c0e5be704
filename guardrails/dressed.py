"""What a stream's text says as it may be meant, while it comes: look-alikes and what nobody sees made plain, letters
that are set apart joined.

These views go character by character: where a match in one is under way can be told, as in the text itself, and so a
stream is held for them and cut where no match in them goes over the cut. Rules look whose finds are a value or a phrase
(combine.LOCAL). Other views (base64, ROT13, backwards, ...) give no sign of where they end: see running.py.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from .normal import composed, ends_odd, is_plain, may_mix, mixes, normal
from .normalize import COMPOSED, JOINED, View
from .scramble import apart_from, set_apart, spaced

BEHIND = 1_024
"""Characters that have left and are read as letters set apart all the same, for what counts near a find. All that is
kept of a text would be read anew with each piece."""


@dataclass(frozen=True, slots=True)
class Worn:
    """A view of what has come, which begins where the text does."""

    view: View
    size: int
    """Characters of the text that it stands for."""
    sure: bool = True
    """Whether it is one already; what comes may make it one."""

    def begin(self, at: int) -> int:
        """Where in the text stands what begins at `at` in the view."""
        starts = self.view.starts
        if at >= len(self.view.text):
            return self.size
        return at if starts is None else starts[at]

    def within(self, place: int) -> int:
        """The first character of the view that begins at `place` of the text, or behind it."""
        starts = self.view.starts
        return place if starts is None else bisect_left(starts, place)


class Dress:
    """What is remembered of how a text is dressed, while it comes."""

    def __init__(self) -> None:
        self._mixed = False

    def worn(self, text: str, settled: int, done: bool, joining: bool) -> tuple[Sequence[Worn], int]:
        """The views of `text`, and up to where they will not read otherwise, whatever comes. `joining`: asked is also
        for letters set apart."""
        plain = is_plain(text)
        size = len(text) if done or plain else ends_odd(text)
        worn: list[Worn] = []
        base = View(text[:size], "")
        if not plain:
            self._mixed = self._mixed or mixes(text)
            pieces = {COMPOSED: composed(base.text), "normal": normal(base.text, self._mixed)}
            views = {piece.text: base.through(piece, how) for how, piece in reversed(pieces.items()) if piece}
            worn += (Worn(view, size) for view in reversed(views.values()))
            if not views and size < len(text):
                worn.append(Worn(View(base.text, "normal"), size, sure=False))  # may go on behind what is odd
            if piece := pieces["normal"]:
                base = base.through(piece, "normal")
            if not done and not self._mixed and may_mix(text) and (piece := normal(base.text, True)):
                worn.append(Worn(base.through(piece, "normal"), size, sure=False))
        safe = size
        if joining:
            read = Worn(base, size)
            safe = size if done else read.begin(apart_from(base.text))
            left = read.within(settled)
            if set_apart(base.text, left) and (piece := spaced(base.text, max(0, left - BEHIND))):
                worn.append(Worn(base.through(piece, JOINED), size))
        return worn, safe
