"""Reversible masks: values go out of a request, placeholders go on, values come back to the caller.

A vault belongs to one exchange and dies with it, unless the gate keeps what is in it for the exchange's conversation
(conversations.py). Placeholders are numbered by label in order of appearance, so that
the masked requests of two callers who ask the same are equal. Whatever the caller wrote that looks like a placeholder
is masked as well, as LITERAL, so that it comes back as it was written and never as somebody's value.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from ..engine.exchange import Segment
from ..engine.stream import Edit, Look
from .detectors.regex import Locator

VALUES = 10_000
"""Values that one exchange can have masked. Those beyond are redacted: safe, though they do not come back."""
LITERAL = "LITERAL"
SPAN = 80
"""The longest that a placeholder, in whatever variation, can be."""

_PLACEHOLDER = re.compile(
    r"(?:<|&lt;)[ ]{0,2}([A-Za-z][A-Za-z0-9_\\ -]{0,56}?)[_\\ -]{1,3}(\d{1,5})[ ]{0,2}(?:>|&gt;)"
    r"|(?<![\w<\\])([A-Z][A-Z0-9]*(?:\\?_[A-Z0-9]+)*?)\\?_(\d{1,5})(?![\w>])"
)
"""In brackets and in any case, or without brackets and exactly."""
_PLACE = Locator(
    r"(?s:.)(?:<|&lt;)[ ]{0,2}[A-Za-z][A-Za-z0-9_\\ -]{0,56}[_\\ -]{1,3}[0-9?]{1,5}[ ]{0,2}(?:>|&gt;)"
    r"|[^0-9A-Za-z_<\\][A-Z][A-Z0-9]*(?:\\?_[A-Z0-9]+)*\\?_[0-9?]{1,5}(?:[^\w>]|\z)"
)
"""Where one can begin in the shadow of a text, with the character before; see detectors/places.py."""
_OPEN = re.compile(
    r"(?:<|&(?:l|lt|lt;)?)[ ]{0,2}[A-Za-z\d_\\ -]{0,70}[ ]{0,2}(?:&(?:g|gt)?)?\Z|(?<!\w)[A-Z][A-Z\d_\\]{0,70}\Z"
)
_BETWEEN = re.compile(r"[\\_ -]+")


@dataclass(slots=True, weakref_slot=True, eq=False)
class Known:
    """The values of a vault and their placeholders. Its representation shows none of them."""

    room: int | None = None
    """Characters of values that it may hold: those of a conversation are bounded. None: those of one request are."""
    size: int = 0
    """Characters of values that it holds."""
    changes: int = 0
    """Raised by every value."""
    by_value: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict[tuple[str, str], tuple[str, int]])
    """Placeholder and number by label and value."""
    any_label: dict[str, str] = field(default_factory=dict[str, str])
    values: dict[tuple[str, int], str] = field(default_factory=dict[tuple[str, int], str])
    """The caller's own, by label and number: these come back."""
    counts: dict[str, int] = field(default_factory=dict[str, int])

    def __repr__(self) -> str:
        return f"Known({len(self.values)} values)"

    def add(self, label: str, value: str, own: bool) -> str | None:
        """The placeholder of a value, a new one if need be; None when it is full. `own`: the caller's, comes back."""
        found = self.by_value.get((label, value))
        if found is None:
            full = self.room is not None and self.size + len(value) > self.room
            if full or len(self.by_value) >= VALUES:
                return None
            number = self.counts[label] = self.counts.get(label, 0) + 1
            found = self.by_value[label, value] = f"<{label}_{number}>", number
            self.any_label.setdefault(value, found[0])
            self.size += len(value)
            self.changes += 1
        placeholder, number = found
        if own and (label, number) not in self.values:  # the model may have brought it up in an earlier turn
            self.values[label, number] = value
            self.changes += 1
        return placeholder

    def rows(self) -> list[tuple[str, str, bool]]:
        """Label, value, and whether it is the caller's own, in the order in which they came."""
        return [(label, value, (label, n) in self.values) for (label, value), (_, n) in self.by_value.items()]


class Vault:
    """The masked values that one exchange sees. Its representation shows none of them."""

    def __init__(self, known: Known | None = None) -> None:
        """`known` is what a conversation has brought already."""
        self.known = known or Known()
        self._asked: set[tuple[str, int]] = set()
        self._bare = True

    def __repr__(self) -> str:
        return f"Vault({len(self)} values)"

    def __len__(self) -> int:
        """How many values come back to the caller."""
        return len(self.known.values)

    def mask(self, label: str, value: str) -> str:
        """The placeholder of a value that the caller sent."""
        placeholder = self.known.add(label, value, own=True)
        if placeholder is None:
            return f"[{label}]"
        self._asked.add((label, self.known.by_value[label, value][1]))
        return placeholder

    def asked(self) -> tuple[str, ...]:
        """The placeholders of what the caller sent, in one order."""
        return tuple(f"<{label}_{number}>" for label, number in sorted(self._asked))

    def leave_out(self, text: str, labels: Collection[str]) -> None:
        """Give no new value a number of a placeholder in a text that is signed: there it stands for a value of a turn
        that is no longer sent, as in a summary of the conversation. Higher ones than a vault gives are none of its
        placeholders, and would leave no number to give that is read as one."""
        for found in _placeholders(text):
            label, number = _read(found)
            if label in labels and number <= VALUES and self.known.room is None:
                self.known.counts[label] = max(self.known.counts.get(label, 0), number)

    def mask_reply(self, label: str, value: str) -> str:
        """The placeholder of a value in the reply: the caller's own, or a new one that stays in place."""
        if (label, value) not in self.known.by_value and value in self.known.any_label:
            return self.known.any_label[value]
        return self.known.add(label, value, own=False) or f"[{label}]"

    def lookalikes(self, text: str, labels: Collection[str], edits: Sequence[Edit] = ()) -> Iterator[Edit]:
        """Edits that mask what the caller wrote in the form of a placeholder of these labels, or of this vault's. What
        `edits`, which are in order, replace goes nowhere, and takes no number: it would tell two callers' prompts
        apart."""
        starts = [edit.start for edit in edits]
        for found in _placeholders(text):
            place = bisect_left(starts, found.end())
            if place and edits[place - 1].end > found.start():
                continue
            label, number = _read(found)
            own = (label, number) in self.known.values
            if self.known.room is not None and not own and number <= self.known.counts.get(label, 0):
                continue  # it was put into a reply of this conversation, and means the same as there
            if label == LITERAL or label in labels or own:
                if found[1] is None:
                    # Written without brackets: such a form now means the caller's own text, so it is not restored.
                    self._bare = False
                else:
                    yield Edit(found.start(), found.end(), self.mask(LITERAL, found[0]))

    def restored(self, text: str, start: int = 0, asked: bool = False) -> list[Edit]:
        """Edits that put values back, for placeholders that begin at or after `start`. `asked`: only for values that
        this exchange sent. In an answer that was made for somebody else, no other placeholder is this caller's."""
        values = self.known.values
        return [
            Edit(found.start(), found.end(), values[key])
            for found in _placeholders(text, start)
            if (key := _read(found)) in values and (self._bare or found[1] is not None)
            if not asked or key in self._asked
        ]

    def open_from(self, text: str) -> int:
        """The first character from which a placeholder may still be under way."""
        begin = max(0, len(text) - SPAN)
        while found := _OPEN.search(text, begin):
            if self._begins(found[0]):
                return found.start()
            begin = found.start() + 1
        return len(text)

    def _begins(self, text: str) -> bool:
        """Whether `text` can be the beginning of a placeholder that is in use."""
        name = _BETWEEN.sub("_", re.sub(r"^(?:<|&(?:lt;|lt|l)?)", "", text).split("&")[0].strip(" ")).upper().strip("_")
        return any(f"{label}_".startswith(name) or name.startswith(f"{label}_") for label in self.known.counts)


def marked(text: str) -> bool:
    """Whether a placeholder may stand in a text."""
    return "_" in text or "<" in text or "&lt;" in text


def _placeholders(text: str, start: int = 0) -> Iterator[re.Match[str]]:
    """What `_PLACEHOLDER.finditer` yields, and in a long text in a tenth of the time."""
    if not marked(text):
        return
    raw = b" " + text.encode("ascii", "replace")
    while (start := _PLACE.match(raw, start, len(raw))[0][0]) >= 0:
        if found := _PLACEHOLDER.match(text, start):
            yield found
        start = found.end() if found else start + 1


def _read(found: re.Match[str]) -> tuple[str, int]:
    label, number = (found[1], found[2]) if found[1] is not None else (found[3], found[4])
    return _BETWEEN.sub("_", label).strip("_").upper(), int(number)


class Restore:
    """The screen that puts the caller's values back into a reply (engine.stream.Screen)."""

    def __init__(self, vault: Vault, asked: bool = False) -> None:
        """`asked`: see Vault.restored."""
        self._vault = vault
        self._asked = asked

    def applies(self, segment: Segment) -> bool:
        return not segment.unread and not segment.sealed  # a signed text keeps the placeholders that it was signed with

    def context(self, segment: Segment) -> int | None:
        return 2

    async def look(self, segment: Segment, text: str, settled: int, done: bool) -> Look:
        edits = self._vault.restored(text, settled, self._asked)
        safe = len(text) if done else max(settled, self._vault.open_from(text))
        for edit in reversed(edits):
            if edit.start < safe < edit.end:
                safe = edit.start
        return Look([edit for edit in edits if edit.end <= safe], safe)

    def late(self, segment: Segment, start: int) -> None:
        """Half a placeholder has left, which stays one."""

    async def seam(self, segment: Segment, before: str, after: str, done: bool) -> bool:
        """So it is with one in two texts."""
        return False

    def unread(self, segment: Segment) -> None:
        """What cannot be read holds no placeholder."""


MEMO = "guardrails.vault"


def vault_of(memo: dict[str, Any]) -> Vault:
    """The vault of an exchange, made when it is first asked for."""
    return cast(Vault, memo.setdefault(MEMO, Vault()))
