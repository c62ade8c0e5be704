"""The parts of a streamed answer one after another, whatever the order of their pieces."""

from collections import deque
from dataclasses import dataclass, field

from ...extent import Extent
from ...limits import STREAM_CHANNELS
from .carry import unreadable
from .talk import CallBegan, CallDelta, Delta, TextDelta, ThoughtDelta


@dataclass(slots=True, eq=False)
class Run:
    """A part, and those of its pieces that wait."""

    id: str = ""
    """Of a call; empty for words."""
    whole: bool = True
    """Nothing of it is still to come. Of a call that is told by its brackets."""
    passed: bool = False
    """Another part has left after it."""
    empty: bool = True
    """A call without arguments, as yet."""
    waiting: list[Delta] = field(default_factory=list[Delta])
    _extent: Extent = field(default_factory=Extent)
    _rest: str = ""

    def add(self, piece: CallDelta) -> None:
        """More of a call's arguments."""
        self.empty = False
        self.waiting.append(piece)
        if self._extent.end is None:  # else it is no JSON, or more than that
            text, begins = self._rest + piece.arguments, self._extent.at
            self._extent.read(text, begins)
            self._rest, self.whole = text[self._extent.at - begins :], self._extent.closed


class InTurn:
    """Lets the pieces of the first part leave at once. What comes behind a call whose arguments still go on waits for
    their end: hosts send the pieces of parallel calls as their models make them.

    What waits is part of a stream, which is bounded as a whole (`limits.REPLY_BYTES`).
    """

    def __init__(self) -> None:
        self._runs = deque[Run]()
        self._calls = 0

    def said(self, words: TextDelta | ThoughtDelta) -> list[Delta]:
        """What leaves at a piece of text or of reasoning."""
        if not self._runs or self._runs[-1].id:
            self._runs.append(Run())
        self._runs[-1].waiting.append(words)
        return self._leave()

    def began(self, call: CallBegan) -> tuple[Run, list[Delta]]:
        """A call, and what leaves where it begins. Raises UpstreamRefused at more than STREAM_CHANNELS of them."""
        self._calls += 1
        if self._calls > STREAM_CHANNELS:
            raise unreadable()
        self._runs.append(Run(call.id, whole=False, waiting=[call]))
        return self._runs[-1], self._leave()

    def grew(self, run: Run, piece: CallDelta) -> list[Delta]:
        """What leaves at more of a call's arguments. Raises UpstreamRefused when they had ended."""
        if not run.passed:
            run.add(piece)
            return self._leave()
        if piece.arguments.strip():
            raise unreadable()
        return []

    def ended(self, cut: bool) -> list[Delta]:
        """What leaves at the end. `cut`: by a length or a filter. Then what stands behind a call that is not whole is
        left out: only the last call of an answer can be one that was cut."""
        for run in self._runs:
            run.whole |= run.empty or not cut
        return self._leave()

    def _leave(self) -> list[Delta]:
        out: list[Delta] = []
        while self._runs:
            first = self._runs[0]
            out += first.waiting
            first.waiting = []
            if len(self._runs) == 1 or not first.whole:
                break
            first.passed = True
            self._runs.popleft()
        return out
