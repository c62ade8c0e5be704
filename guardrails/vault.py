"""Reversible masks: values go out of a request, placeholders go on, values come back to the caller.

A vault belongs to one exchange and dies with it. Placeholders are numbered by label in order of appearance, so that
the masked requests of two callers who ask the same are equal. Whatever the caller wrote that looks like a placeholder
is masked as well, as LITERAL, so that it comes back as it was written and never as somebody's value.
"""

import re
from collections.abc import Collection
from typing import Any, cast

from ..engine.exchange import Segment
from ..engine.stream import Edit, Look

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
_OPEN = re.compile(
    r"(?:<|&(?:l|lt|lt;)?)[ ]{0,2}[A-Za-z0-9_\\ -]{0,70}[ ]{0,2}(?:&(?:g|gt)?)?\Z|(?<!\w)[A-Z][A-Z0-9_\\]{0,70}\Z"
)
_BETWEEN = re.compile(r"[\\_ -]+")


class Vault:
    """The masked values of one exchange. Its representation shows none of them."""

    def __init__(self) -> None:
        self._by_value: dict[tuple[str, str], str] = {}
        self._any_label: dict[str, str] = {}
        self._values: dict[tuple[str, int], str] = {}
        self._counts: dict[str, int] = {}
        self._bare = True

    def __repr__(self) -> str:
        return f"Vault({len(self._values)} values)"

    def __len__(self) -> int:
        """How many values come back to the caller."""
        return len(self._values)

    def mask(self, label: str, value: str) -> str:
        """The placeholder of a value that the caller sent."""
        placeholder = self._by_value.get((label, value))
        if placeholder is None:
            if len(self._by_value) >= VALUES:
                return f"[{label}]"
            placeholder, number = self._next(label)
            self._by_value[label, value] = placeholder
            self._any_label.setdefault(value, placeholder)
            self._values[label, number] = value
        return placeholder

    def mask_reply(self, label: str, value: str) -> str:
        """The placeholder of a value in the reply: the caller's own, or a new one that stays in place."""
        known = self._by_value.get((label, value)) or self._any_label.get(value)
        if known is None:
            if len(self._by_value) >= VALUES:
                return f"[{label}]"
            known, _ = self._next(label)
            self._by_value[label, value] = self._any_label[value] = known
        return known

    def _next(self, label: str) -> tuple[str, int]:
        number = self._counts[label] = self._counts.get(label, 0) + 1
        return f"<{label}_{number}>", number

    def lookalikes(self, text: str, labels: Collection[str]) -> list[Edit]:
        """Edits that mask what the caller wrote in the form of a placeholder of these labels, or of this vault's."""
        edits: list[Edit] = []
        for found in _PLACEHOLDER.finditer(text) if _may_hold(text) else ():
            label, number = _read(found)
            if label == LITERAL or label in labels or (label, number) in self._values:
                if found[1] is None:
                    # Written without brackets: such a form now means the caller's own text, so it is not restored.
                    self._bare = False
                else:
                    edits.append(Edit(found.start(), found.end(), self.mask(LITERAL, found[0])))
        return edits

    def restored(self, text: str, start: int = 0) -> list[Edit]:
        """Edits that put values back, for placeholders that begin at or after `start`."""
        return [
            Edit(found.start(), found.end(), self._values[key])
            for found in (_PLACEHOLDER.finditer(text, start) if _may_hold(text) else ())
            if (key := _read(found)) in self._values and (self._bare or found[1] is not None)
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
        name = _BETWEEN.sub("_", re.sub(r"^(?:<|&(?:l|lt|lt;)?)", "", text).split("&")[0].strip(" ")).upper().strip("_")
        return any(f"{label}_".startswith(name) or name.startswith(f"{label}_") for label, _ in self._values)


def _may_hold(text: str) -> bool:
    return "_" in text or "<" in text or "&lt;" in text


def _read(found: re.Match[str]) -> tuple[str, int]:
    label, number = (found[1], found[2]) if found[1] is not None else (found[3], found[4])
    return _BETWEEN.sub("_", label).strip("_").upper(), int(number)


class Restore:
    """The screen that puts the caller's values back into a reply (engine.stream.Screen)."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def applies(self, segment: Segment) -> bool:
        return not segment.unread and not segment.sealed  # a signed text keeps the placeholders that it was signed with

    def context(self, segment: Segment) -> int | None:
        return 2

    async def look(self, segment: Segment, text: str, settled: int, done: bool) -> Look:
        edits = self._vault.restored(text, settled)
        safe = len(text) if done else max(settled, self._vault.open_from(text))
        for edit in reversed(edits):
            if edit.start < safe < edit.end:
                safe = edit.start
        return Look([edit for edit in edits if edit.end <= safe], safe)

    def unread(self, segment: Segment) -> None:
        """What cannot be read holds no placeholder."""


MEMO = "guardrails.vault"


def vault_of(memo: dict[str, Any]) -> Vault:
    """The vault of an exchange, made when it is first asked for."""
    return cast(Vault, memo.setdefault(MEMO, Vault()))
