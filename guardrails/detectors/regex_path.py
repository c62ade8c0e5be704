"""A regular expression for the values at one path of a JSON text, such as the query of a tool's arguments.

The text must be whole before it can be read as JSON, so a stream of such a text waits for its end.
"""

from bisect import bisect_left

from ...engine.jsonio import Leaf
from ...engine.ports import Finding
from .json_source import Path, fits, load, scalars, source_of
from .regex import Regex


class RegexAt:
    """Finds matches in the values at a path. What is no JSON is searched as a whole: it must not slip through."""

    kind = "regex"
    version = "1/path"
    slow = False
    resumes = True
    context = None

    def __init__(self, pattern: str, path: Path, *, label: str) -> None:
        """Raises ValueError for a pattern that cannot be run."""
        self._regex = Regex(pattern, label=label)
        if self._regex.matches_nothing():
            raise ValueError("it matches the empty text, so it matches everywhere")
        self._path = path
        self.label = label

    def find(self, text: str, start: int = 0) -> list[Finding]:
        if isinstance(text, Leaf):
            at = text.within.path
            return self._regex.find(text, start) if at is not None and fits(self._path, at) else []
        if (values := self._values(text)) is None:
            return self._regex.find(text, start)
        found = [
            Finding(left + each.start, left + each.end, each.label)
            for left, right in values
            for each in self._regex.find(str(text)[left:right])
        ]
        return [each for each in found if each.start >= start]

    def reads(self, text: str, start: int, end: int) -> bool:
        """Whether something at the path stands there. A view of JSON may be none, and is searched as a whole."""
        if isinstance(text, Leaf) or (values := self._values(text)) is None:
            return True
        return any(left < end and start < right for left, right in values)

    def _values(self, text: str) -> list[tuple[int, int]] | None:
        """Where the values at the path stand; None: the text is no JSON."""
        try:
            load(text)
        except ValueError:
            return None
        source, offsets = source_of(text)
        places = [(begin, end) for address, begin, end in scalars(source) if fits(self._path, address)]
        return [(bisect_left(offsets, a), bisect_left(offsets, b)) for a, b in places] if offsets else places

    def open_from(self, text: str) -> int:
        return 0
