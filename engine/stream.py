"""Hold-back: text leaves only once no rule can still object to it. With channels.py the only code that cuts text.

A reply is read event by event. Each piece of text joins the running text of its channel; a Screen looks at what is
not settled yet and says how far it is safe. An event leaves when all its text is settled, and leaves as the very bytes
it came in unless an edit touched it. So what is held is whole events, their number bounded by the screen's own bound,
and a reply that nobody changed is the reply that was sent.
"""

import itertools
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from . import citations, jsonio, plain
from .channels import Channel, Held
from .dialects import Dialect
from .edits import Edit, apply, whole_edits
from .ending import closes, may_end
from .enveloped import enveloped
from .exchange import Scope, Segment
from .jsonio import Address, Within
from .limits import STREAM_CHANNELS, STREAM_COPIES, STREAM_HOLD_CHARS
from .looks import Look as Look
from .looks import Screen as Screen
from .looks import Withheld as Withheld
from .sources import read
from .spelt import Spelt
from .sse import DONE, Event
from .told import told
from .turns import Turns, taken_apart

_BESIDE = "logprobs"


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
        self._held: deque[Held] = deque()
        self._may_end: list[Held] = []
        self._channels: dict[Address, Channel] = {}
        self._moves: dict[Address, citations.Moves] = {}
        self._kinds: dict[Address, Segment] = {}
        self._ended: dict[Address, tuple[Channel, Segment]] = {}
        self._spent: set[Address] = set()
        self._cleared: set[Segment] = set()
        self._sealed: set[Address] = set()
        self._tools: dict[str, str] = {}
        """The tools of calls, by these's ids."""
        self._last: dict[str, Any] = {}
        self._memory: dict[str, Any] = {}
        self._looked: dict[tuple[Scope, str, bool, bool, Within | None, str], Sequence[Edit]] = {}
        self._spelt = Spelt()
        self._answers = answers
        self._begun = False
        self._turns = Turns()
        """Of all events together: many may have come at once, and none of them waits for anything."""

    async def run(self, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
        """The same events, screened. Ends early, in the dialect's own form, when the screen withholds."""
        try:
            async for event in events:
                await self._take(event)
                while self._held and not self._held[0].waiting and self._begins():
                    yield self._leave()
            await self._close(())
            await self._spelt.close(self._screen)
            while self._held:
                yield self._leave()
        except Withheld as stop:
            await self._on_stop()
            for event in self._stopped(stop):
                if not stop.answer or self._begun:
                    event = await enveloped(event, self._dialect, self._screen, self._streamed, self._cleared)
                yield event

    def _begins(self) -> bool:
        """Whether events may leave; from the first of them on they may."""
        settled = itertools.takewhile(lambda held: not held.waiting, self._held)
        self._begun = self._begun or not self._answers or any(held.speaks for held in settled)
        return self._begun

    def _leave(self) -> Event:
        event = self._held.popleft().render(self._dialect)
        if self._streamed and event.data is not None:
            event = self._cited(event)
            self._dialect.remember(self._memory, event.data or {})
        return event

    def _cited(self, event: Event) -> Event:
        """The event; citations in it that are about a text in other events move as that did."""
        if b"annotation" not in event.payload or not self._moves:
            return event
        data = event.fresh()
        found = [(note, moves) for note, name in citations.streamed(data) if (moves := self._moves.get(name))]
        for note, moves in found:
            moves.apply(note)
        return event.replaced(data) if found else event

    async def _take(self, event: Event) -> None:
        held = Held(event)
        self._held.append(held)
        if len(self._held) > STREAM_HOLD_CHARS:
            raise Withheld(["hold limit"])
        data = event.data
        if data is None:
            if closes(self._dialect, event):
                await self._close(())
            # Hosts of several dialects end all their streams with [DONE].
            elif event.payload.strip() not in (b"", DONE.payload):
                held.event = await plain.screened(self._screen, event)
            return
        size = len(event.payload)
        repeats, found = await taken_apart(size, lambda: (jsonio.repeats(event.payload, data), self._texts(data, size)))
        if repeats:
            held.event = event = event.replaced(data)
        self._last = data
        touched: dict[Address, bool] = {}  # whether there are words
        ends = self._dialect.closed(data)
        for segment in map(self._as_begun, found):
            await self._turns.give()
            segment = self._named(segment.opened())
            if segment.ends:
                await self._close(segment.channel)
            elif segment.unread:
                self._screen.unread(segment)
            elif not self._screen.applies(segment):
                continue
            elif segment.channel:
                await self._piece(held, segment)
                touched[segment.channel] = touched.get(segment.channel, False) or bool(segment.text)
            else:
                await self._single(held, self._whose(segment, ends))
            if segment.spells:
                await self._spelt.add(self._screen, segment, held)
        for channel in touched:
            if self._streamed and channel in self._channels:  # else another call has begun in its place
                await self._advance(channel, self._channels[channel], self._kinds[channel], done=False)
        if held.speaks:
            self._let_end()
            await self._pause({channel for channel, spoke in touched.items() if spoke})
        for prefix in ends:
            if prefix and self._streamed and not self._dialect.open_ended:
                await self._rest(prefix)
            await self._close(prefix)
        if self._channels and may_end(self._dialect, event):
            held.waiting += 1
            self._may_end.append(held)
        held_back = sum(channel.end - channel.settled for channel in self._channels.values())
        if held_back > STREAM_HOLD_CHARS or len(self._channels) > STREAM_CHANNELS:
            raise Withheld(["hold limit"])

    def _texts(self, data: dict[str, Any], size: int) -> list[Segment]:
        return told(data, size, Scope.OUTPUT, lambda body: self._dialect.reply_segments(body, self._streamed))

    def _as_begun(self, segment: Segment) -> Segment:
        """A running text that began sealed is so to its end: pieces need not say it again."""
        if segment.channel and segment.sealed:
            self._sealed.add(segment.channel)
        return replace(segment, sealed=True) if segment.channel in self._sealed else segment

    def _named(self, segment: Segment) -> Segment:
        """A result whose call stands in an earlier event is of that call's tool."""
        if not segment.call:
            return segment
        if segment.scope is not Scope.TOOL_RESULT:
            if len(self._tools) < STREAM_CHANNELS:  # of two tools under one id it may be either's
                known = self._tools.setdefault(segment.call, segment.tool)
                self._tools[segment.call] = known if known == segment.tool else ""
            return segment
        return replace(segment, tool=self._tools.get(segment.call) or segment.tool)

    async def _piece(self, held: Held, segment: Segment) -> None:
        """A piece of running text. A call's first piece names its tool, or the one that opened the channel above does;
        the later ones are seen as it was. What begins another call, `Channel.tool_of` says."""
        channel = segment.channel
        if channel in self._spent and segment.text:
            raise Withheld(["hold limit"])
        if channel in self._ended:
            self._channels[channel], self._kinds[channel] = self._ended.pop(channel)
        kind, call = self._kinds.get(channel), ""
        if segment.tool:  # some servers give each later piece, which names none, an id of its own
            call = self._dialect.begun(held.event.data or {}, segment)
        if kind is not None:
            tool = self._channels[channel].tool_of(kind, segment, call)
            if tool is None:
                await self._close(channel)
                kind = None
            elif tool != kind.tool:
                self._kinds[channel] = replace(kind, tool=tool)
        if kind is None:
            above = self._kinds.get(channel[:-1])
            self._kinds[channel] = segment if above is None else replace(segment, tool=segment.tool or above.tool)
        running = self._channels.setdefault(channel, Channel())
        running.call = call or running.call
        running.add(held, segment)

    def _whose(self, segment: Segment, ends: Sequence[Address]) -> Segment:
        """The event that ends a call's arguments may say them once more, and not which tool they are for."""
        if segment.tool or segment.scope is not Scope.TOOL_ARGS:
            return segment
        return replace(segment, tool=next((self._kinds[end].tool for end in ends if end in self._kinds), ""))

    async def _single(self, held: Held, segment: Segment) -> None:
        """A text that is whole by itself. What events repeat, be it fixed strings or copies, is looked at once."""
        if segment in self._cleared:
            return
        given = segment
        segment, text, offsets = await read(segment)
        copy = (segment.scope, segment.tool, segment.sealed, segment.json, segment.within, segment.text)
        edits = self._looked.get(copy)
        if edits is None:
            edits = (await self._screen.look(segment, text, 0, True)).edits
            if self._streamed and len(text) >= 256 and len(self._looked) < STREAM_COPIES:
                self._looked[copy] = edits
        if edits:
            new = whole_edits(segment, edits, offsets)
            held.changes.append((segment, apply(segment.text, new)))
            if segment.address[-1] in citations.CITING:
                held.moves.append((segment, citations.Moves(new)))
        elif len(self._cleared) < 256 and len(segment.text) < 256:
            self._cleared.add(given)

    def _let_end(self) -> None:
        """Let go the events that say how texts ended. They wait until nothing can end these otherwise: all is closed,
        or more came behind."""
        for held in self._may_end:
            held.waiting -= 1
        self._may_end.clear()

    async def _pause(self, spoke: Collection[Address]) -> None:
        """Let go of texts in whose place others have begun: in a stream all that comes waits behind what is held. Words
        and calls take a place; what stands deeper, such as citations or the id of what is heard, is beside a text."""
        if not self._streamed:
            return
        kinds = [(name, kind) for name, kind in self._kinds.items() if name in spoke]
        places = {name[:2] for name, kind in kinds if len(name) == 3 or kind.scope is Scope.TOOL_ARGS}
        for name in [name for name in self._channels if name[:2] in places and name not in spoke]:
            kind = self._kinds[name]
            if kind.scope is Scope.OUTPUT and _BESIDE not in name:
                await self._channels[name].pause(self._screen, kind)
                self._moves[name] = self._channels[name].moves

    async def _rest(self, prefix: Address) -> None:
        """Let go of texts that have ended, as in `_pause`. None should go on, but clients add to a text whatever comes
        under its name: then it is looked at together with what has left."""
        for name in [name for name in self._channels if name[: len(prefix)] == prefix]:
            channel, kind = self._channels[name], self._kinds[name]
            if kind.scope is not Scope.OUTPUT or kind.pieceless:
                continue
            await channel.pause(self._screen, kind)
            if channel.moves:
                self._moves[name] = channel.moves
            if not channel.rests and channel.went_on:
                self._spent.add(name)  # it pauses no more, and what came next could not be judged with it
            elif channel.rests:
                if len(self._ended) >= STREAM_CHANNELS:
                    del self._ended[next(iter(self._ended))]
                self._ended[name] = self._channels.pop(name), self._kinds.pop(name)

    async def _advance(self, name: Address, channel: Channel, kind: Segment, *, done: bool) -> None:
        await channel.advance(self._screen, kind, done=done)
        if channel.moves:
            self._moves[name] = channel.moves

    async def _close(self, prefix: Address) -> None:
        for name in [name for name in self._channels if name[: len(prefix)] == prefix]:
            channel, kind = self._channels.pop(name), self._kinds.pop(name)
            # Pieces of a whole reply are one text, and are all there: it is judged as any other is.
            kind = kind if self._streamed else replace(kind, channel=())
            await self._advance(name, channel, kind, done=True)
            if kind.pieceless and not channel.end:  # sealed: there is no piece that could bring another text
                whole = replace(kind, text=kind.pieceless, channel=(), sealed=True)
                await self._screen.look(whole, whole.reading(True)[0], 0, True)
        if not self._channels:
            self._let_end()

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
