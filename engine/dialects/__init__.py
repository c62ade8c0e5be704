"""The languages that clients speak, one file each: bytes to exchange and back.

A dialect knows where the texts of its bodies are and how its streams hang together. It decides nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import TidegateError
from ..exchange import Segment
from ..jsonio import Address, Json
from ..sse import Event


@dataclass(frozen=True, slots=True)
class Question:
    """A request as a cache sees it. `bypass` is the reason why memory must not answer it, empty when it may."""

    frame: Json
    """Everything that bears on the answer but the text: exact."""
    text: str
    """The last user turn, all its text parts joined by line breaks: what may be similar."""
    bypass: str = ""


class Dialect(Protocol):
    """One endpoint of a provider's API."""

    name: str
    path: str
    """Where it lives. `{model}` in it stands for the model's name, which is then not in the body."""
    may_stream: bool
    """Whether `stream: true` in the body asks for a stream."""
    always_streams: bool
    open_ended: bool
    """Whether more can follow what `is_end` finds in a stream, which ends without a mark of its own."""

    def check(self, body: dict[str, Any]) -> None:
        """Raise BadRequest, with `param`, if the request is not of this dialect's form."""
        ...

    def request_segments(self, body: dict[str, Any]) -> list[Segment]:
        """Every string of the request that is not a fixed word of the dialect, in reading order."""
        ...

    def reply_segments(self, data: dict[str, Any], streamed: bool) -> list[Segment]:
        """The same for a reply's body, or for one event of a stream."""
        ...

    def closed(self, data: dict[str, Any]) -> Sequence[Address]:
        """Prefixes of the channels that this event ends: nothing that comes behind it may go on with their texts. What
        `is_end` finds ends all channels if it is no JSON and the dialect is not open-ended; so does a stream's end."""
        ...

    def begun(self, data: dict[str, Any], segment: Segment) -> str:
        """The id of the call that a piece of arguments which names its tool is of. Empty: it tells none, or the
        channels keep calls apart."""
        ...

    def put(self, body: dict[str, Any], segment: Segment, text: str) -> None:
        """Write changed text back, and drop what would still tell the old one (log probabilities)."""
        ...

    def is_end(self, event: Event) -> bool:
        """Whether this event is the dialect's mark that a stream is complete."""
        ...

    def withhold(self, data: dict[str, Any], rules: Sequence[str]) -> None:
        """Empty a whole reply that a rule blocked, in place, keeping its form."""
        ...

    def remember(self, memory: dict[str, Any], data: dict[str, Any]) -> None:
        """Note, of an event that has left, what `stop_events` must know. `memory` belongs to one stream."""
        ...

    def stop_events(
        self, last: dict[str, Any], rules: Sequence[str], memory: dict[str, Any] | None = None
    ) -> list[Event]:
        """The events that end a stream early because a rule blocked it; `last` is the newest event seen."""
        ...

    def question(self, body: dict[str, Any]) -> Question: ...

    def storable(self, whole: dict[str, Any]) -> str:
        """Why this complete reply must not be stored (a tool call, cut short, ...); empty when it may be."""
        ...

    def assemble(self, events: Sequence[Event]) -> dict[str, Any]:
        """A stream's events as the whole reply that would have said the same."""
        ...

    def split(self, whole: dict[str, Any], body: dict[str, Any]) -> list[Event]:
        """A whole reply as the events of a stream; `body` is the request (it may ask for usage)."""
        ...

    def canned(self, body: dict[str, Any], text: str) -> dict[str, Any] | None:
        """A whole reply to the request `body` that says `text`, as a model would; `split` makes a stream of it.

        None when this dialect's replies have no words.
        """
        ...

    def error(self, error: TidegateError) -> dict[str, Any]:
        """The dialect's error envelope."""
        ...

    def error_event(self, error: TidegateError) -> Event:
        """The same inside a stream that has begun."""
        ...
