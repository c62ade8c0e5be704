"""Detectors made of detectors: any, all, not."""

from collections.abc import Sequence

from ...engine.ports import Detector, Finding
from ..detectors.base import find_from, reads_around
from ..detectors.regex import Regex


class _Parts:
    """What the three have in common: they start, and are ready, with their parts."""

    parts: Sequence[Detector]

    @property
    def slow(self) -> bool:
        """Whether a part is, which a network that is handed over later can make it."""
        return any(part.slow for part in self.parts)

    @property
    def reads_around(self) -> bool:
        return all(reads_around(part) for part in self.parts)

    @property
    def ready(self) -> bool:
        return all(getattr(part, "ready", True) for part in self.parts)

    def rest_from(self, text: str) -> int | None:
        """From where on a part finds all the rest of a text, be it in pieces."""
        places = (rest_from(part, text) for part in self.parts)
        return min((place for place in places if place is not None), default=None)

    def start(self) -> None:
        for part in self.parts:
            if start := getattr(part, "start", None):
                start()


class AnyOf(_Parts):
    """Finds what any part finds."""

    kind = "any"
    resumes = True

    def __init__(self, parts: Sequence[Detector]) -> None:
        self.parts = list(parts)
        self.version = versions(parts)
        self.awaits_end = any(map(awaits_end, parts))
        contexts = [part.context for part in parts]
        self.context = None if None in contexts else max(c for c in contexts if c is not None)
        holds = [getattr(part, "hold", None) for part in parts]
        self.hold: int | None = None if None in holds else max(h for h in holds if h is not None)

    def find(self, text: str, start: int = 0) -> list[Finding]:
        found = [finding for part in self.parts for finding in find_from(part, text, start)]
        return sorted(found, key=lambda finding: finding.start)

    def open_from(self, text: str) -> int:
        return min(part.open_from(text) for part in self.parts)


class AllOf(_Parts):
    """Finds what its parts find, provided that every part finds something in the text.

    A `not` among the parts is a condition; the others say where. Which texts satisfy the conditions is only known
    when all is read, so in a stream this holds text from the first find on.
    """

    kind = "all"
    resumes = True
    context = None

    def __init__(self, parts: Sequence[Detector]) -> None:
        self.parts = list(parts)
        self.version = versions(parts)
        self.awaits_end = any(map(awaits_end, parts))
        self._nots = [part for part in parts if isinstance(part, NotOf)]
        self._located = [part for part in parts if not isinstance(part, NotOf)]

    def find(self, text: str, start: int = 0) -> list[Finding]:
        found: list[Sequence[Finding]] = []
        for part in (*self._located, *self._nots):
            if not (own := part.find(text)):
                return []  # so the parts stand in the order of what they cost
            found.append(own)
        found, conditions = found[: len(self._located)], found[len(self._located) :]
        if start:  # what is found up to the end began before, and goes on
            for at, part in enumerate(self._located):
                found[at] = find_from(part, text, start) if rest_from(part, text) is not None else found[at]
        return sorted((f for each in found or conditions for f in each if f.start >= start), key=lambda f: f.start)

    def open_from(self, text: str) -> int:
        if any(part.settled(text) for part in self._nots):
            return len(text)
        if not self._located:
            return 0
        opens = [part.open_from(text) for part in self._located]
        found = [part.find(text) for part in self._located]
        sure = all(any(f.end <= at for f in each) for at, each in zip(opens, found, strict=True))
        if sure and not self._nots:
            return min(opens)
        return min([*opens, *(finding.start for each in found for finding in each)])


class NotOf(_Parts):
    """Finds the whole text when its part finds nothing in it. An empty text is never looked at."""

    kind = "not"
    lacks = True
    awaits_end = True
    resumes = True
    context = None

    def __init__(self, part: Detector, label: str) -> None:
        self.part = part
        self.parts = [part]
        self.label = label
        self.version = versions([part])

    def find(self, text: str, start: int = 0) -> list[Finding]:
        return [] if self.part.find(text) or start else [Finding(0, len(text), self.label)]

    def open_from(self, text: str) -> int:
        return len(text) if self.settled(text) else 0

    def rest_from(self, text: str) -> int | None:
        """It finds nothing but whole texts."""
        return None

    def settled(self, text: str) -> bool:
        """Whether the part has found something that no further text can take away."""
        at = self.part.open_from(text)
        return any(finding.end <= at for finding in self.part.find(text))


def excluded(detector: Detector, text: str) -> bool:
    """Whether a condition, a `not` that must hold for anything to be found, does not hold in `text`."""
    if isinstance(detector, NotOf):
        return not detector.find(text)
    return isinstance(detector, AllOf) and any(excluded(part, text) for part in detector.parts)


def versions(parts: Sequence[Detector]) -> str:
    """What a digest says of the parts."""
    return "+".join(f"{part.kind}/{getattr(part, 'version', '0')}" for part in parts)


WHOLE = frozenset({"length", "language", "json_schema"})
"""Kinds that judge a text as a whole. In a view it has another length, is in no language or is no JSON any more, so
they look at views only where the rule itself says so; beside others in an `any`, those alone do."""


def rest_from(detector: Detector, text: str) -> int | None:
    """From where on it finds all the rest of a text; None where it does not."""
    rest = getattr(detector, "rest_from", None)
    return None if rest is None else rest(text)


def awaits_end(detector: Detector) -> bool:
    """Whether what comes later in a text can take away what it finds."""
    return getattr(detector, "awaits_end", detector.kind in WHOLE)


def excepts(detector: Detector) -> bool:
    """Whether what stands right behind a find can make it none."""
    return getattr(detector, "excepts", False) or any(map(excepts, getattr(detector, "parts", ())))


LOCAL = frozenset({"keywords", "regex", "pii", "secrets"})
"""Kinds of detectors whose finds are a value or a phrase. Links too, but a word right behind one makes it another."""


def local(detector: Detector) -> bool:
    """Whether its finds stand somewhere in a text, whatever else it says, and cost next to nothing."""
    if isinstance(detector, AnyOf):
        return all(map(local, detector.parts))
    return detector.kind in LOCAL and not detector.slow


def grows(detector: Detector) -> bool:
    """Whether what it finds before a text's end can but become longer by what follows: so it is with patterns, unless
    some of their matches are no finds."""
    if isinstance(detector, AnyOf):
        return all(map(grows, detector.parts))
    return type(detector) is Regex and not detector.excepts
