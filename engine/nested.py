"""Strings of JSON that are JSON again: a tool's result goes as a text into the JSON that a server tells it in.

A `Source` has such a string's own source in its place, so that one level of escapes is left everywhere, and says where
each character came from. It takes its text in pieces, and keeps of it what is still asked for.
"""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .escapes import unescape
from .extent import STRING, Extent, begins

DEEPEST = 8
"""Strings inside each other that are read as JSON; those within stay as they are. Each level is one more reading."""
_MARK = re.compile(r'\\.|"', re.DOTALL)
_MAY_BE = r'"(?=(?:[\s\[{]|\\[fnrt]|\\u(?!0022)[0-7][0-9A-Fa-f]{3})*+\\(?:"|u0022))'
"""The quote before a string that may be JSON: of what `extent.begins` lets pass, this leaves out nothing."""
_ANY = re.compile(_MAY_BE)
_OTHERS = re.compile(rf'(?:[^"]++|(?!{_MAY_BE})"[^"\\]*+(?:\\.[^"\\]*+)*+")*+', re.DOTALL)
"""What can be taken as it is: all but strings that may be JSON, and one that has not ended."""
_BEGINNING = 8192
"""Characters of a string's source that tell more than enough of how it begins."""
_NOWHERE = np.empty(0, np.int64)


@dataclass(slots=True)
class _Run:
    """From `start` on, the source is that of a string `level` strings deep; it begins `inside` a string or not."""

    start: int
    level: int
    inside: bool


class Source:
    """JSON source as it is to be read. Offsets are those of the text that came, from `base` on."""

    def __init__(self, base: int = 0) -> None:
        self.text = ""
        self.base = base
        self._taken = base
        self._places = array("q")
        self._end = base
        self._runs = [_Run(0, 0, False)]
        self._new: list[str] = []
        self._size = 0
        self._top = _Level(self, 0)

    @classmethod
    def of(cls, raw: str) -> "Source":
        """That of a text which is whole."""
        made = cls()
        made.feed(raw, True)
        return made

    def feed(self, raw: str, done: bool) -> None:
        """Take what follows. Until `done`, what a string begins with may have to wait: see `end`."""
        self._top.feed(raw, np.arange(self._taken, self._taken + len(raw)), done)
        self._taken += len(raw)
        self.text += "".join(self._new)
        self._new.clear()
        waiting = self._top.waiting()
        self._end = self._taken if waiting is None else waiting

    @property
    def end(self) -> int:
        """Up to where the text is read."""
        return self._end - self.base

    @property
    def taken(self) -> int:
        """Up to where the text has been given."""
        return self._taken - self.base

    @property
    def nested(self) -> bool:
        return len(self._runs) > 1 or self._runs[0].level > 0

    def reading(self, done: bool) -> tuple[str, Sequence[int] | None]:
        """The source with its escapes decoded; see `escapes.unescape`."""
        text, offsets = unescape(self.text, done)
        if not self.nested:
            return text, offsets
        places = np.append(np.array(self._places, np.int64), self._end) - self.base
        return text, array("q", (places if offsets is None else places[np.array(offsets)]).tobytes())

    def place(self, at: int) -> int:
        """Where a character of the source, or its end, stands in the text that came."""
        return (self._places[at] if at < len(self._places) else self._end) - self.base

    def index(self, place: int) -> int:
        """The other way round."""
        return bisect_left(self._places, place + self.base)

    def level(self, at: int) -> int:
        """How many strings deep it stands: so often is a text to be escaped that goes there."""
        return self._run(at).level

    def inside(self, at: int, known: tuple[int, bool] = (0, False)) -> bool:
        """Whether it lies inside a string. `known` is what was told of a place before it, to go on from."""
        run = self._run(at)
        start, inside = known if known[0] > run.start else (run.start, run.inside)
        return inside ^ (sum(1 for mark in _MARK.finditer(self.text, start, at) if mark[0] == '"') % 2 == 1)

    def forget(self, place: int) -> None:
        """Drop what came before `place`, which cuts no escape."""
        at, self.base = self.index(place), self.base + place
        runs = [_Run(run.start - at, run.level, run.inside) for run in self._runs if run.start > at]
        self._runs = [_Run(0, self.level(at), self.inside(at)), *runs]
        self.text, self._size = self.text[at:], self._size - at
        del self._places[:at]

    def _run(self, at: int) -> _Run:
        return self._runs[bisect_right(self._runs, at, key=lambda run: run.start) - 1]

    def add(self, text: str, places: NDArray[np.int64]) -> None:
        self._new.append(text)
        self._size += len(text)
        self._places.frombytes(places.tobytes())

    def turn(self, level: int, inside: bool) -> None:
        """What follows is of another level."""
        self._runs.append(_Run(self._size, level, inside))


class _Level:
    """Reads the source of one level. `_rest` is what of it waits for more."""

    def __init__(self, out: Source, level: int) -> None:
        self._out, self._level = out, level
        self._extent = Extent() if level else None
        self._rest, self._base = "", 0
        self._places = _NOWHERE
        self._inside = False
        self._inner: _Level | None = None

    def waiting(self) -> int | None:
        """The place of the first character that waits."""
        inner = self._inner.waiting() if self._inner else None
        return int(self._places[0]) if inner is None and self._rest else inner

    def feed(self, text: str, places: NDArray[np.int64], done: bool) -> int | None:
        """Returns how much of `text` it took if it ends there, and what follows is none of it."""
        known = len(self._rest)
        self._rest, self._places = self._rest + text, np.append(self._places, places) if known else places
        end = self._extent.read(self._rest, self._base) if self._extent else None
        rest = self._rest if end is None else self._rest[: end - self._base]
        at, before = 0, -1
        while before < at < len(rest):
            before = at
            at = self._go(rest, at, done or end is not None)
        if done and self._inner:
            self._inner.feed("", _NOWHERE, True)
        self._rest, self._places, self._base = self._rest[at:], self._places[at:], self._base + at
        return None if end is None else len(rest) - known

    def _go(self, rest: str, at: int, done: bool) -> int:
        if self._inner:
            return self._nested(self._inner, rest, at, done)
        if self._inside:
            return self._string(rest, at, done)
        return self._outside(rest, at, done)

    def _take(self, rest: str, start: int, end: int) -> int:
        self._out.add(rest[start:end], self._places[start:end])
        return end

    def _outside(self, rest: str, at: int, done: bool) -> int:
        at = self._take(rest, at, _end(_OTHERS, rest, at))
        if at == len(rest):
            return at
        end = _end(STRING, rest, at + 1, at + _BEGINNING)
        whole = done or rest[end : end + 1] == '"'
        is_json = self._level < DEEPEST and begins(unescape(rest[at + 1 : end], whole)[0], whole)
        if is_json is None:
            return at
        at = self._take(rest, at, at + 1)
        if is_json:
            self._inner = _Level(self._out, self._level + 1)
            self._out.turn(self._level + 1, False)
        else:
            self._inside = True
        return at

    def _string(self, rest: str, at: int, done: bool) -> int:
        end = _end(STRING, rest, at)
        if rest[end : end + 1] == '"':
            self._inside, end = False, end + 1
        return self._take(rest, at, len(rest) if done and self._inside else end)

    def _nested(self, inner: "_Level", rest: str, at: int, done: bool) -> int:
        """A string that is JSON, as far as it is."""
        end = _end(STRING, rest, at)
        closes = rest[end : end + 1] == '"'
        if done and not closes:
            end = len(rest)
        text, offsets = unescape(rest[at:end], done or closes)
        places = self._places[at:end] if offsets is None else self._places[at + np.array(offsets[:-1], np.int64)]
        took = inner.feed(text, places, done or closes)
        if took is None and not closes:
            return at + (len(text) if offsets is None else offsets[-1])
        took = len(text) if took is None else took
        self._inner, self._inside = None, True
        self._out.turn(self._level, True)
        return self._string(rest, at + (took if offsets is None else offsets[took]), done)


def nested(raw: str) -> Source | None:
    """The source of a text that is whole, if there may be JSON in a string of it."""
    return Source.of(raw) if _ANY.search(raw) else None


def _end(pattern: re.Pattern[str], text: str, at: int, until: int | None = None) -> int:
    """Where what matches at `at`, if only the empty text, ends."""
    found = pattern.match(text, at) if until is None else pattern.match(text, at, until)
    return found.end() if found else at
