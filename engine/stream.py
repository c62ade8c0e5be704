"""Hold-back: text leaves only once no rule can still object to it. The only code that cuts text.

A reply is read event by event. Each piece of text joins the running text of its channel; a Screen looks at what is
not settled yet and says how far it is safe. An event leaves when all its text is settled, and leaves as the very bytes
it came in unless an edit touched it. So what is held is whole events, their number bounded by the screen's own bound,
and a reply that nobody changed is the reply that was sent.
"""

import itertools
from bisect import bisect_left
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import jsonio
from .dialects import Dialect
from .edits import Edit, apply, inside_string, looks_like_json, quoted, raw_edits, whole_edits, word_begin
from .exchange import Scope, Segment
from .jsonio import Address, Within
from .limits import STREAM_CHANNELS, STREAM_COPIES, STREAM_HOLD_CHARS
from .looks import Look as Look
from .looks import Screen as Screen
from .looks import Withheld as Withheld
from .sse import DONE, Event


@dataclass(slots=True)
class _Held:
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
class _Piece:
    held: _Held
    segment: Segment
    start: int
    end: int


class _Channel:
    """The running text of one channel, in source characters counted from its beginning."""

    def __init__(self) -> None:
        self.text = ""
        self.base = 0  # where `text` begins
        self.settled = 0
        self.pieces: deque[_Piece] = deque()
        self.edits: list[Edit] = []
        self.inside = False  # whether `text` begins inside a string of JSON
        self.call = ""  # the id of the call that it is of, where one was told
        self.json: bool | None = None

    @property
    def end(self) -> int:
        return self.base + len(self.text)

    def add(self, held: _Held, segment: Segment) -> None:
        self.pieces.append(_Piece(held, segment, self.end, self.end + len(segment.text)))
        self.text += segment.text
        held.waiting += 1
        held.speaks |= bool(segment.text)

    async def advance(self, screen: Screen, segment: Segment, done: bool) -> None:
        """Look again, and settle as much as is safe."""
        if self.end == self.settled and not done:
            self._settle(self.settled)
            return
        text, offsets = replace(segment, text=self.text).reading(done)
        seen = self.settled - self.base
        if offsets:
            seen = min(bisect_left(offsets, seen), len(text))
        look = await screen.look(segment, text, seen, done)
        new = raw_edits([edit for edit in look.edits if edit.start >= seen], offsets, segment.json)
        sure = offsets[look.safe] if offsets else look.safe
        if segment.json and self._is_json():
            left = self.settled - self.base
            new, limit = quoted(self.text, new, inside=self.inside, settled=left, done=done)
            if limit < sure:
                # A number that is replaced goes on: the quote behind it can only be set where it ends.
                self.edits += [edit.moved(self.base) for edit in new]
                self._settle(self.base + limit)
                return
            if not done:
                # One that may yet be replaced goes on: the quote before it is to be set where it begins.
                begin = word_begin(self.text, sure, inside=self.inside, settled=left)
                sure = max(begin, new[-1].end if new else left)
        self.edits += [edit.moved(self.base) for edit in new]
        self._settle(self.base + sure)
        keep, safe = screen.context(segment), self.settled - self.base
        if offsets:
            safe = bisect_left(offsets, safe)
        if keep is not None and safe > 4 * keep + 256:
            self._forget(offsets[safe - keep] if offsets else safe - keep)

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

    def _is_json(self) -> bool:
        """Whether the text is JSON source; told by its beginning, before any of it is forgotten."""
        if self.json is None and self.text.strip():
            self.json = looks_like_json(self.text)
        return bool(self.json)

    def _forget(self, drop: int) -> None:
        """Drop the first characters; all of them are settled, and no escape is cut."""
        if self._is_json():
            self.inside = inside_string(self.text[:drop], self.inside)
        self.text, self.base = self.text[drop:], self.base + drop


def _cut(piece: _Piece, edits: Sequence[Edit]) -> str:
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


class HoldBack:
    """Runs one reply through one screen. `answers`: the screen may answer in the reply's place, so that a stream does
    not begin before its first text is found good."""

    def __init__(
        self,
        dialect: Dialect,
        screen: Screen,
        streamed: bool,
        on_stop: Callable[[], Awaitable[None]],
        *,
        answers: bool = False,
    ) -> None:
        self._dialect = dialect
        self._screen = screen
        self._streamed = streamed
        self._on_stop = on_stop
        self._held: deque[_Held] = deque()
        self._channels: dict[Address, _Channel] = {}
        self._kinds: dict[Address, Segment] = {}
        self._cleared: set[Segment] = set()
        self._last: dict[str, Any] = {}
        self._memory: dict[str, Any] = {}
        self._looked: dict[tuple[Scope, str, bool, bool, Within | None, str], Sequence[Edit]] = {}
        self._answers = answers
        self._begun = False

    async def run(self, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
        """The same events, screened. Ends early, in the dialect's own form, when the screen withholds."""
        try:
            async for event in events:
                await self._take(event)
                while self._held and not self._held[0].waiting and self._begins():
                    yield self._leave()
            await self._close(())
            while self._held:
                yield self._leave()
        except Withheld as stop:
            await self._on_stop()
            for event in self._stopped(stop):
                yield event if stop.answer and not self._begun else await self._envelope(event)

    def _begins(self) -> bool:
        """Whether events may leave; from the first of them on they may."""
        settled = itertools.takewhile(lambda held: not held.waiting, self._held)
        self._begun = self._begun or not self._answers or any(held.speaks for held in settled)
        return self._begun

    def _leave(self) -> Event:
        event = self._held.popleft().render(self._dialect)
        if self._streamed and event.data is not None:
            self._dialect.remember(self._memory, event.data)
        return event

    async def _take(self, event: Event) -> None:
        held = _Held(event)
        self._held.append(held)
        if len(self._held) > STREAM_HOLD_CHARS:
            raise Withheld(["hold limit"])
        data = event.data
        if data is None:
            # Hosts of several dialects end all their streams with [DONE].
            if event.payload.strip() not in (b"", DONE.payload) and not self._dialect.is_end(event):
                self._screen.unread(Segment((), "", scope=Scope.OUTPUT, unread="not JSON"))
            return
        self._last = data
        touched: dict[Address, None] = {}
        ends = self._dialect.closed(data)
        for segment in self._dialect.reply_segments(data, self._streamed):
            if segment.unread:
                self._screen.unread(segment)
            elif not self._screen.applies(segment):
                continue
            elif segment.channel:
                await self._piece(held, segment)
                touched[segment.channel] = None
            else:
                await self._single(held, self._whose(segment, ends))
        for channel in touched:
            if channel in self._channels:  # else another call has begun in its place
                await self._channels[channel].advance(self._screen, self._kinds[channel], done=False)
        for prefix in ends:
            await self._close(prefix)
        held_back = sum(channel.end - channel.settled for channel in self._channels.values())
        if held_back > STREAM_HOLD_CHARS or len(self._channels) > STREAM_CHANNELS:
            raise Withheld(["hold limit"])

    async def _piece(self, held: _Held, segment: Segment) -> None:
        """A piece of running text. A call's first piece names its tool, or the one that opened the channel above does;
        the later ones are seen as it was. Another tool's name or another id begins another call."""
        channel = segment.channel
        kind, call = self._kinds.get(channel), ""
        if segment.tool:  # some servers give each later piece, which names none, an id of its own
            call = self._dialect.begun(held.event.data or {}, segment)
        if kind is not None:
            known = self._channels[channel].call
            if (kind.tool and segment.tool not in ("", kind.tool)) or (known and call not in ("", known)):
                await self._close(channel)
                kind = None
        if kind is None:
            above = self._kinds.get(channel[:-1])
            self._kinds[channel] = segment if above is None else replace(segment, tool=segment.tool or above.tool)
        elif segment.tool and not kind.tool:
            self._kinds[channel] = replace(kind, tool=segment.tool)
        running = self._channels.setdefault(channel, _Channel())
        running.call = call or running.call
        running.add(held, segment)

    def _whose(self, segment: Segment, ends: Sequence[Address]) -> Segment:
        """The event that ends a call's arguments may say them once more, and not which tool they are for."""
        if segment.tool or segment.scope is not Scope.TOOL_ARGS:
            return segment
        return replace(segment, tool=next((self._kinds[end].tool for end in ends if end in self._kinds), ""))

    async def _single(self, held: _Held, segment: Segment) -> None:
        """A text that is whole by itself. What events repeat, be it fixed strings or copies, is looked at once."""
        if segment in self._cleared:
            return
        text, offsets = segment.reading(True)
        copy = (segment.scope, segment.tool, segment.sealed, segment.json, segment.within, segment.text)
        edits = self._looked.get(copy)
        if edits is None:
            edits = (await self._screen.look(segment, text, 0, True)).edits
            if self._streamed and len(text) >= 256 and len(self._looked) < STREAM_COPIES:
                self._looked[copy] = edits
        if edits:
            new = whole_edits(segment.text, edits, offsets, segment.json)
            held.changes.append((segment, apply(segment.text, new)))
        elif len(self._cleared) < 256 and len(segment.text) < 256:
            self._cleared.add(segment)

    async def _close(self, prefix: Address) -> None:
        for name in [name for name in self._channels if name[: len(prefix)] == prefix]:
            channel, kind = self._channels.pop(name), self._kinds.pop(name)
            await channel.advance(self._screen, kind, done=True)
            if kind.pieceless and not channel.end:  # sealed: there is no piece that could bring another text
                whole = replace(kind, text=kind.pieceless, channel=(), sealed=True)
                await self._screen.look(whole, whole.reading(True)[0], 0, True)

    async def _envelope(self, event: Event) -> Event:
        """What goes out in place of a withheld reply still has strings of the provider, such as its id."""
        if event.data is None:
            return event
        data = event.fresh()
        for segment in self._dialect.reply_segments(data, self._streamed):
            ours = segment.address[0] == "tidegate" or segment in self._cleared
            if not ours and self._screen.applies(segment):
                try:
                    look = await self._screen.look(segment, segment.text, 0, True)
                except Withheld:
                    self._dialect.put(data, segment, "")
                else:
                    if look.edits:
                        self._dialect.put(data, segment, apply(segment.text, look.edits))
        return event.replaced(data)

    def _stopped(self, stop: Withheld) -> list[Event]:
        self._held.clear()
        if stop.answer and not self._begun:
            answer = self._dialect.canned({"model": self._last.get("model", "")}, stop.answer)
            if answer is not None:
                return self._dialect.split(answer, {}) if self._streamed else [Event.whole(jsonio.dumps(answer))]
        if self._streamed:
            return self._dialect.stop_events(self._last, stop.rules, self._memory)
        whole = Event.whole(jsonio.dumps(self._last)).fresh()
        self._dialect.withhold(whole, stop.rules)
        return [Event.whole(jsonio.dumps(whole))]
