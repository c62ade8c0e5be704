"""The running texts of a stream, of which each piece waits in its event until it is settled."""

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from . import citations
from .dialects import Dialect
from .edits import Edit, apply, put, quoted, raw_edits, word_begin
from .exchange import Segment
from .extent import Extent, begins
from .jsonio import get, looks_like_json
from .looks import Screen
from .nested import Source
from .sse import Event


@dataclass(slots=True)
class Held:
    """An event that waits, and the new texts that it will leave with."""

    event: Event
    waiting: int = 0
    changes: list[tuple[Segment, str]] = field(default_factory=list[tuple[Segment, str]])
    moves: list[tuple[Segment, citations.Moves]] = field(default_factory=list[tuple[Segment, citations.Moves]])
    """Of the texts that are whole by themselves: what their changes do to citations beside them."""
    speaks: bool = False
    """It brings running text, which an event that opens a stream does not."""

    def render(self, dialect: Dialect) -> Event:
        if not self.changes:
            return self.event
        data = self.event.fresh()
        for segment, moves in self.moves:  # first: a name that changes leads elsewhere
            for note in citations.beside(get(data, segment.address[:-1])):
                moves.apply(note)
        put(dialect, data, self.changes)
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
        self.settled = 0  # up to where it leaves
        self.sure = 0  # up to where no screen can object any more; less than `settled` where more was let go
        self.paused = False
        self.went_on = False  # behind a pause
        self._made: list[Edit] = []  # what was edited in what a pause let go
        self.pieces: deque[Piece] = deque()
        self.edits: list[Edit] = []
        self.moves = citations.Moves()  # all edits there were
        self.call = ""  # the id of the call that it is of, where one was told
        self.extent = Extent()
        self.source: Source | None = None  # how it reads, if it is JSON
        self.begins_json: bool | None = None  # None: its beginning does not tell yet

    @property
    def end(self) -> int:
        return self.base + len(self.text)

    @property
    def rests(self) -> bool:
        """It has said something, all of which may leave, and what goes on from here would be judged with it."""
        return self.begins_json is False and 0 < self.end == self.settled

    def add(self, held: Held, segment: Segment) -> None:
        self.pieces.append(Piece(held, segment, self.end, self.end + len(segment.text)))
        self.text += segment.text
        if segment.json:
            self.extent.read(self.text, self.base)
        held.waiting += 1
        held.speaks |= bool(segment.text)
        if self.paused and segment.text:
            self.paused, self.went_on = False, True

    def tool_of(self, kind: Segment, segment: Segment, call: str) -> str | None:
        """The tool of the call that this text is of, once `segment` has come, whose call has the id `call`, if one is
        told. None: another call begins. It does with another id, and with another name; but clients of chat join
        names that come in pieces, which is what a name without an id is as long as there are no arguments, or these
        have not come to their end."""
        if self.call and call not in ("", self.call):
            return None
        if not kind.tool or segment.tool in ("", kind.tool):
            return kind.tool or segment.tool
        goes_on = not self.end or (kind.json and not self.extent.closed)
        return kind.tool + segment.tool if goes_on and segment.address[:1] == ("choices",) else None

    async def pause(self, screen: Screen, segment: Segment) -> None:
        """Let all of it leave: another text has begun in its place, as an answer does behind its reasoning, and few
        go on then. One that does is looked at together with what has left, and pauses no more."""
        if self.begins_json is None and self.text.isspace():  # as before a call: nobody waits for blanks
            self._settle(self.end)
        if self.went_on or self.begins_json is not False or segment.json or self.end == self.settled:
            return
        seen, self.paused = self.sure - self.base, True
        look = await screen.look(replace(segment, text=self.text, paused=True), self.text, seen, True)
        new = [edit.moved(self.base) for edit in look.edits if edit.start >= seen]
        self._made = self._leave(new, self.end, screen, segment)

    async def advance(self, screen: Screen, segment: Segment, done: bool) -> None:
        """Look again, and settle as much as is safe."""
        if self.end == self.settled and not done:
            self._settle(self.settled)
            return
        is_json = self._begins_json(segment, done)
        if is_json is None and not segment.json:
            self._settle(self.settled)
            return
        ends = self.extent.read(self.text, self.base) if is_json and not segment.json else None
        ends = None if ends is None else max(0, ends - self.base)
        if is_json:
            self._read(ends, done)
        segment = replace(segment, text=self.text, json=segment.json or bool(is_json), source_end=ends)
        text, offsets = segment.reading(done, self.source or True)
        seen = (self.settled if self.paused else self.sure) - self.base
        if offsets:
            seen = min(bisect_left(offsets, seen), len(text))
        look = await screen.look(segment, text, seen, done)
        new = raw_edits(segment, [edit for edit in look.edits if edit.start >= seen], offsets)
        sure = offsets[look.safe] if offsets else look.safe
        if self.source and ends != 0:
            new, sure = self._as_json(self.source, new, sure, ends, done)
        new = [edit.moved(self.base) for edit in new]
        self._leave(new, self.base + sure, screen, segment)
        self.sure = max(self.sure, self.base + sure)
        keep, safe = screen.context(segment), self.sure - self.base
        if offsets:
            safe = bisect_left(offsets, safe)
        if keep is not None and safe > 4 * keep + 256:
            self._forget(offsets[safe - keep] if offsets else safe - keep)

    def _behind(self, edit: Edit, screen: Screen, segment: Segment) -> Edit | None:
        """What is left to do of an edit in a text that went on after it had paused."""
        left = self.settled
        if edit.start >= left:
            return edit
        if not any(made.start <= edit.start and min(edit.end, left) <= made.end for made in self._made):
            screen.late(segment, edit.start - self.base)
            return None
        return Edit(left, edit.end, "") if edit.end > left else None

    def _leave(self, new: list[Edit], until: int, screen: Screen, segment: Segment) -> list[Edit]:
        """Let go of what is left to edit. Returns the edits."""
        if self.sure < self.settled:
            new = [behind for edit in new if (behind := self._behind(edit, screen, segment))]
        self.edits += new
        self.moves.add(new)
        self._settle(until)
        return new

    def _read(self, ends: int | None, done: bool) -> None:
        """Read on in the source, which `ends` there."""
        self.source = self.source or Source(self.base)
        self.source.feed(self.text[self.source.taken : ends], done or ends is not None)

    def _as_json(
        self, source: Source, edits: list[Edit], sure: int, ends: int | None, done: bool
    ) -> tuple[list[Edit], int]:
        """The edits with quotes where they need some, and how far they are sure then. `ends`: where the source ends."""
        left, size = self.settled - self.base, len(self.text) if ends is None else ends
        inner = [edit for edit in edits if edit.end <= size]
        new, limit = quoted(source, inner, settled=left, safe=sure, done=done or ends is not None)
        if limit < min(sure, size):
            # A number that is replaced goes on: the quote behind it can only be set where it ends.
            return new, limit
        if not done and (ends is None or sure < size):
            # One that may yet be replaced goes on: the quote before it is to be set where it begins.
            begin = word_begin(source, sure, settled=left)
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
                self.begins_json = begins(self.text, done)
        return self.begins_json

    def _forget(self, drop: int) -> None:
        """Drop the first characters; all of them are settled, and no escape is cut."""
        if self.source:
            self.source.forget(drop)
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
