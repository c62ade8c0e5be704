"""Citations say between which characters of a text they belong. Where the text is edited, they move with it.

Source: OpenAI API reference, `url_citation` and `container_file_citation` of chat and Responses.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Any, cast

from .dialects.openai_common import choices, dicts, index_of
from .edits import Edit
from .jsonio import Address

_START, _END = "start_index", "end_index"
CITING = ("content", "text")
"""The fields beside which citations of their text stand."""


class Moves:
    """The edits of one text, in order, as what they do to places in it."""

    def __init__(self, edits: Iterable[Edit] = ()) -> None:
        self._edits: list[Edit] = []
        self._ends: list[int] = []
        self._shifts = [0]  # of what stands behind so many edits
        self.add(edits)

    def __bool__(self) -> bool:
        return bool(self._edits)

    def add(self, edits: Iterable[Edit]) -> None:
        """Further edits, behind those that are known."""
        for edit in edits:
            self._edits.append(edit)
            self._ends.append(edit.end)
            self._shifts.append(self._shifts[-1] + len(edit.text) - (edit.end - edit.start))

    def apply(self, note: Mapping[str, Any]) -> None:
        """Move the places of a citation, in place. What is none stays as it is."""
        for holder in (note, note.get("url_citation")):
            if isinstance(holder, dict):
                holder = cast("dict[str, Any]", holder)
                for name in (_START, _END):
                    if type(at := holder.get(name)) is int:
                        holder[name] = self._moved(at, name == _END)

    def _moved(self, at: int, is_end: bool) -> int:
        """A place within what was replaced becomes the begin of the new text, or its end."""
        behind = bisect_left(self._ends, at + 1)
        shift = self._shifts[behind]
        edit = self._edits[behind] if behind < len(self._edits) else None
        if edit is None or at <= edit.start:
            return at + shift
        return edit.start + shift + (len(edit.text) if is_end else 0)


def beside(holder: Any) -> list[dict[str, Any]]:
    """The citations that stand beside a text, in the object that has it."""
    return dicts(cast("dict[str, Any]", holder).get("annotations")) if isinstance(holder, dict) else []


def streamed(data: Mapping[str, Any]) -> list[tuple[dict[str, Any], Address]]:
    """The citations that an event of a stream brings, each with the channel of the text that it is about."""
    if data.get("type") == "response.output_text.annotation.added":
        place = ("output", _number(data, "output_index"), "response.output_text", _number(data, "content_index"))
        return [(note, place) for note in dicts([data.get("annotation")])]
    return [
        (note, ("choices", index_of(choice, at), "content"))
        for at, choice in enumerate(choices(data))
        for note in beside(choice.get("delta"))
    ]


def _number(data: Mapping[str, Any], name: str) -> int:
    value = data.get(name)
    return value if type(value) is int else 0
