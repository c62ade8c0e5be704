"""A text as those detectors are given it that go by what stands around a value.

A number is a phone's, and letters are a password, because something says so. In the source of arguments that is often
the name of the field: where arguments are values, these detectors are shown the name before the value, as the source
would have it. And what stands around is white space, too, where it is written as an escape.
"""

import re
from collections.abc import Callable, Sequence

from ..engine.jsonio import Leaf
from ..engine.ports import Detector, Finding
from .detectors.base import find_from, reads_around
from .rules.ruleset import Group, Rule

LONGEST = 400
"""Characters of a value that its field's name says something of. A longer one, or one of several lines, is a text, or a
table whose first line must stay as it is."""
_LONGEST_NAME = 80
_ESCAPE = re.compile(r"\\[nrt]")
_IN_WORD = re.compile(r"[^\s\"'`.,:;!?(){}\[\]<>=]\\[nrt]\w")
"""An escape that may be a backslash and a letter of one word, as in a password."""

Passing = Callable[[Rule], bool]


class Given:
    """A text, and the same behind the name of its field, and with blanks for its escapes."""

    def __init__(self, text: str, done: bool) -> None:
        self._plain = text
        name = _field(text)
        before = f'"{name}": "' if name else ""
        self._by = len(before)
        self._around = [before + text + '"' * done] if name else [text]
        """What detectors are given that go by what stands around."""
        if _ESCAPE.search(text):
            blanked = _ESCAPE.sub(_blank, self._around[0])
            self._around = [*self._around, blanked] if _IN_WORD.search(text) else [blanked]

    def possible(self, group: Group) -> Sequence[Rule]:
        """The rules of a group that can find anything in what their detectors are shown."""
        return group.possible(self._plain, () if self._around == [self._plain] else self._around)

    def passing(self, which: Callable[[str], Passing]) -> Passing:
        """For which rules `which` passes what their detectors are shown."""
        plain = which(self._plain)
        if self._around == [self._plain]:
            return plain
        around = [which(each) for each in self._around]
        return lambda rule: any(each(rule) for each in around) if reads_around(rule.detector) else plain(rule)

    def find(self, detector: Detector, start: int) -> Sequence[Finding]:
        """What it finds in the text from `start` on; what finds with and without escapes overlap is one."""
        if not reads_around(detector):
            return find_from(detector, self._plain, start)
        found = self._find(detector, self._around[0], start)
        if len(self._around) == 1:
            return found
        # One that begins with the letter of an escape is found without it, too.
        whole = [each for each in found if not _ESCAPE.match(self._plain, max(0, each.start - 1))]
        blanked = self._find(detector, self._around[1], start)
        return sorted({*whole, *blanked}, key=lambda each: each.start)

    def open_from(self, detector: Detector) -> int:
        """From where on a match may be under way."""
        if not reads_around(detector):
            return detector.open_from(self._plain)
        return min(max(0, detector.open_from(each) - self._by) for each in self._around)

    def _find(self, detector: Detector, text: str, start: int) -> Sequence[Finding]:
        found, size = find_from(detector, text, start + self._by), len(self._plain)
        if not self._by:
            return found
        return [
            Finding(each.start - self._by, min(each.end - self._by, size), each.label, each.score) for each in found
        ]


def _field(text: str) -> str:
    """The name that a value goes by; a list's items go by that of the list. Empty: by none."""
    if not isinstance(text, Leaf) or len(text) > LONGEST or "\n" in text:
        return ""
    name = next((step for step in reversed(text.within.path or ()) if isinstance(step, str)), "")
    return name if len(name) <= _LONGEST_NAME else ""


def _blank(escape: re.Match[str]) -> str:
    """As many characters of white space. Code and JSON have such escapes, in the middle of prose too, and the letter of
    one would be the first of the word behind it; in a password it is one of its letters."""
    return " " + {"n": "\n", "r": "\r", "t": "\t"}[escape[0][1]]
