"""What stands some words behind what names it: RE2 looks for the name, and for the rest only where one stands.

An expression of both, with words of any number between, would make the automaton of all formats several times as
large, and each text that is new, and each piece of a stream, as much slower.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from ..regex import Locator, chars_of, grouping

REACH = 140
"""Characters from where a name begins to the value, at most; less than what a stream shows of what has left."""
_LONGEST = 400
"""Characters of a value, at most: a longer one is none."""
_DIGITS = 10
"""Of a value with blanks between; more are none."""
_BEFORE = 24
"""Characters before a name that say what it is the name of."""


@dataclass(frozen=True)
class Behind:
    """Values that stand behind a name."""

    gate: str
    """An RE2 pattern without which no name stands in a text: short, and with neither borders nor counters."""
    name: str
    """What names the value, for RE2."""
    tail: str
    """What follows the name; the value is the group `v`."""
    unless: str = ""
    """A Python expression; where it ends within the first character of the name, the name names something else."""
    other: str = ""
    """What may follow somewhere behind the name, with a value of its own, for RE2."""
    spaced: bool = False
    """Whether a value may be digits with blanks between, and what follows it bears on it."""
    hold = _LONGEST

    @cached_property
    def _names(self) -> Locator:
        return Locator(self.name)

    @cached_property
    def _tail(self):
        return grouping(self.tail, begins=True)

    @cached_property
    def _other(self):
        return grouping(self.other) if self.other else None

    @cached_property
    def _unless(self) -> re.Pattern[str] | None:
        return re.compile(rf"(?:{self.unless})\Z") if self.unless else None

    def spans(self, text: str, start: int = 0) -> list[tuple[int, int]]:
        """Where the values stand of the names that begin at `start` or later, in order."""
        found: set[tuple[int, int]] = set()
        for begin, end in self._named(text, start):
            raw = text[end : end + REACH + 2 * _LONGEST].encode("utf-8", "replace")
            groups = self._tail(raw, 0, len(raw))
            while groups[0][0] >= 0:
                first, last = (end + chars_of(raw, each) for each in groups[1])
                if first - begin > REACH:
                    break
                if last - first <= _LONGEST:
                    found.add((first, last))
                if not self._other:
                    break
                groups = self._other(raw, groups[0][1], len(raw))
        return sorted(found)

    def open_from(self, text: str) -> int:
        """Where what may be the beginning of a value begins; the end of the text if nothing is."""
        at = _last_word(text, len(text))
        if self.spaced:
            if at == len(text):
                at = _last_word(text, at - 1) if at else at
            while at > 1 and text[at - 1] in " -" and text[at - 2].isdigit() and len(text) - at < 2 * _DIGITS:
                at -= 2
        if at == len(text):
            return at
        return at if any(True for _ in self._named(text, max(0, at - REACH))) else len(text)

    def _named(self, text: str, start: int) -> list[tuple[int, int]]:
        """Where names stand, from `start` on; they may overlap, so that it is the same wherever one begins to look."""
        behind = max(0, start - _BEFORE)
        raw = text[behind:].encode("utf-8", "replace")
        plain = len(raw) == len(text) - behind
        found: list[tuple[int, int]] = []
        at, size = 0, len(raw)
        while (span := self._names.match(raw, at, size)[0])[0] >= 0:
            at = span[0] + 1
            begin, end = span if plain else (chars_of(raw, each) for each in span)
            begin, end = begin + behind, end + behind
            if begin >= start and not (self._unless and self._unless.search(text, max(0, begin - _BEFORE), begin + 1)):
                found.append((begin, end))
        return found


def _last_word(text: str, end: int) -> int:
    """Where the last word begins of what ends at `end`."""
    window = text[max(0, end - _LONGEST) : end]
    return end if not window or window[-1].isspace() else end - len(window.rsplit(None, 1)[-1])
