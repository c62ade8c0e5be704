"""What endpoints have in common whose replies are numbers: nothing is streamed, kept or answered in their place."""

from collections.abc import Sequence
from typing import Any

from ..exchange import Segment
from ..jsonio import Address, put
from ..sse import Event
from . import Question


class Wordless:
    """The half of a Dialect that embeddings and counts of tokens share."""

    may_stream = False
    always_streams = False
    open_ended = False
    what = "numbers"
    """What the replies are; the reason why a cache leaves them alone."""

    def closed(self, data: dict[str, Any]) -> Sequence[Address]:
        return []

    def begun(self, data: dict[str, Any], segment: Segment) -> str:
        return ""

    def put(self, body: dict[str, Any], segment: Segment, text: str) -> None:
        put(body, segment.address, text)

    def is_end(self, event: Event) -> bool:
        return False

    def remember(self, memory: dict[str, Any], data: dict[str, Any]) -> None:
        """Nothing: there are no streams."""

    def stop_events(
        self, last: dict[str, Any], rules: Sequence[str], memory: dict[str, Any] | None = None
    ) -> list[Event]:
        return []

    def question(self, body: dict[str, Any]) -> Question:
        return Question(frame={}, text="", bypass=self.what)

    def canned(self, body: dict[str, Any], text: str) -> None:
        return None

    def storable(self, whole: dict[str, Any]) -> str:
        return self.what

    def assemble(self, events: Sequence[Event]) -> dict[str, Any]:
        raise NotImplementedError(f"{self.what} are not streamed")

    def split(self, whole: dict[str, Any], body: dict[str, Any]) -> list[Event]:
        raise NotImplementedError(f"{self.what} are not streamed")
