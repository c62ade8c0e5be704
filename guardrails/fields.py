"""A text as those detectors are given it that go by what stands around a value.

A number is a phone's, and letters are a password, because something says so. In the source of arguments that is often
the name of the field: where arguments are values, these detectors are shown the name before the value, as the source
would have it. And what stands around is white space, too, where it is written as an escape.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..engine.jsonio import Leaf
from ..engine.ports import Detector, Finding
from .detectors.base import find_from, reads_around
from .rules.ruleset import Rule

LONGEST = 400
"""Characters of a value that its field's name says something of. A longer one, or one of several lines, is a text, or a
table whose first line must stay as it is."""
_LONGEST_NAME = 80

Passing = Callable[[Rule], bool]


class Given:
    """A text, and the same behind the name of its field and with blanks for its escapes."""

    def __init__(self, text: str, done: bool) -> None:
        self._plain = self._named = text
        name = _field(text)
        self._before = f'"{name}": "' if name else ""
        if name:
            self._named = self._before + text + '"' * done
        if "\\" in self._named:
            self._named = _blanked(self._named)

    def passing(self, which: Callable[[str], Passing]) -> Passing:
        """For which rules `which` passes what their detectors are shown."""
        plain = which(self._plain)
        if self._named is self._plain:
            return plain
        named = which(self._named)
        return lambda rule: named(rule) if reads_around(rule.detector) else plain(rule)

    def find(self, detector: Detector, start: int) -> Sequence[Finding]:
        """What it finds in the text from `start` on."""
        text, by = self._shown(detector)
        found, size = find_from(detector, text, start + by), len(self._plain)
        return [replace(each, start=each.start - by, end=min(each.end - by, size)) for each in found] if by else found

    def open_from(self, detector: Detector) -> int:
        """From where on a match may be under way."""
        text, by = self._shown(detector)
        return max(0, detector.open_from(text) - by)

    def _shown(self, detector: Detector) -> tuple[str, int]:
        """What a detector is given, and how much of it stands before the text."""
        return (self._named, len(self._before)) if reads_around(detector) else (self._plain, 0)


def _field(text: str) -> str:
    """The name that a value goes by; a list's items go by that of the list. Empty: by none."""
    if not isinstance(text, Leaf) or len(text) > LONGEST or "\n" in text:
        return ""
    name = next((step for step in reversed(text.within.path or ()) if isinstance(step, str)), "")
    return name if len(name) <= _LONGEST_NAME else ""


def _blanked(text: str) -> str:
    """The text, as long as it was, with white space for the escapes of it. Code and JSON have them, in the middle of
    prose too, and the letter of one would be the first of the word behind it."""
    for letter, blank in (("n", "\n"), ("r", "\r"), ("t", "\t")):
        text = text.replace("\\" + letter, " " + blank)
    return text
