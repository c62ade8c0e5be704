"""The running texts of a stream, of which each piece waits in its event until it is settled."""

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from . import sources
from .dialects import Dialect
from .edits import Edit, apply, inside_string, looks_like_json, quoted, raw_edits, word_begin
from .exchange import Segment
from .looks import Screen
from .sse import Event


@dataclass(slots=True)
class Held:
    """An event that waits, and the new texts that it will leave with."""

    event: Event
    waiting: int = 0
    changes: list[tuple[Segment, str]] = field(default_factory=list[tuple[Segment, str]])
    speaks: bool = False
    """It brings running text, which an event that opens a stream does not."""

    def render(self, dialect: Dialect) -> Event:
        if not self.changes:
            return self.event
        data = self.event.fresh()
        for segment, text in self.changes:
            dialect.put(data, segment, text)
        return self.event.replaced(data)


@dataclass(slots=True)
class Piece:
    held: Held
    segment: Segment
    start: int
    end: int


class Channel:
    """The running text of one channel, in source characters counted from its beginning."""

    def __init__(self) -> None:
        self.text = ""
        self.base = 0  # where `text` begins
        self.settled = 0
        self.pieces: deque[Piece] = deque()
        self.edits: list[Edit] = []
        self.inside = False  # whether `text` begins inside a string of JSON
        self.call = ""  # the id of the call that it is of, where one was told
        self.extent = sources.Extent()
        self.begins_json: bool | None = None  # None: its beginning does not tell yet

    @property
    def end(self) -> int:
        return self.base + len(self.text)

    def add(self, held: Held, segment: Segment) -> None:
        self.pieces.append(Piece(held, segment, self.end, self.end + len(segment.text)))
        self.text += segment.text
        held.waiting += 1
        held.speaks |= bool(segment.text)

    async def advance(self, screen: Screen, segment: Segment, done: bool) -> None:
        """Look again, and settle as much as is safe."""
        if self.end == self.settled and not done:
            self._settle(self.settled)
            return
        begins = self._begins_json(segment, done)
        if begins is None and not segment.json:
            self._settle(self.settled)
            return
        ends = self.extent.read(self.text, self.base) if begins and not segment.json else None
        ends = None if ends is None else max(0, ends - self.base)
        segment = replace(segment, text=self.text, json=segment.json or bool(begins), source_end=ends)
        text, offsets = segment.reading(done)
        seen = self.settled - self.base
        if offsets:
            seen = min(bisect_left(offsets, seen), len(text))
        look = await screen.look(segment, text, seen, done)
        new = raw_edits(segment, [edit for edit in look.edits if edit.start >= seen], offsets)
        sure = offsets[look.safe] if offsets else look.safe
        if self.begins_json:
            new, sure = self._as_json(new, sure, ends, done)
        self.edits += [edit.moved(self.base) for edit in new]
        self._settle(self.base + sure)
        keep, safe = screen.context(segment), self.settled - self.base
        if offsets:
            safe = bisect_left(offsets, safe)
        if keep is not None and safe > 4 * keep + 256:
            self._forget(offsets[safe - keep] if offsets else safe - keep)

    def _as_json(self, edits: list[Edit], sure: int, ends: int | None, done: bool) -> tuple[list[Edit], int]:
        """The edits with quotes where they need some, and how far they are sure then. `ends`: where the source ends."""
        left, size = self.settled - self.base, len(self.text) if ends is None else ends
        inner = [edit for edit in edits if edit.start < size]
        new, limit = quoted(self.text[:size], inner, inside=self.inside, settled=left, done=done or ends is not None)
        if limit < min(sure, size):
            # A number that is replaced goes on: the quote behind it can only be set where it ends.
            return new, limit
        if not done and (ends is None or sure < size):
            # One that may yet be replaced goes on: the quote before it is to be set where it begins.
            begin = word_begin(self.text, sure, inside=self.inside, settled=left)
            sure = max(begin, new[-1].end if new else left)
        return new + edits[len(inner) :], sure

    def _settle(self, safe: int) -> None:
        self.settled = max(self.settled, safe)
        while self.pieces and self.pieces[0].end <= self.settled:
            piece = self.pieces.popleft()
            piece.held.waiting -= 1
            touching = [e for e in self.edits if max(e.start, piece.start) < min(e.end, piece.end)]
            if touching:
                piece.held.changes.append((piece.segment, _cut(piece, touching)))
        floor = self.pieces[0].start if self.pieces else self.settled
        self.edits = [edit for edit in self.edits if edit.end > floor]

    def _begins_json(self, segment: Segment, done: bool) -> bool | None:
        """Whether it is JSON: arguments may be plain text, and any other text may be an object or a list. Told once, by
        the beginning, before any of it is forgotten; None: too little has come."""
        if self.begins_json is None:
            if segment.json:
                self.begins_json = looks_like_json(self.text) if self.text.strip() else None
            else:
                self.begins_json = sources.begins(self.text, done)
        return self.begins_json

    def _forget(self, drop: int) -> None:
        """Drop the first characters; all of them are settled, and no escape is cut."""
        if self.begins_json:
            self.inside = inside_string(self.text[:drop], self.inside)
        self.text, self.base = self.text[drop:], self.base + drop


def _cut(piece: Piece, edits: Sequence[Edit]) -> str:
    """A piece's text after edits that may begin before it or end behind it. The new text goes where an edit begins."""
    inside = [
        Edit(
            max(edit.start - piece.start, 0),
            min(edit.end, piece.end) - piece.start,
            edit.text if edit.start >= piece.start else "",
        )
        for edit in edits
    ]
    return apply(piece.segment.text, inside)
