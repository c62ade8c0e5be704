"""The patterns of all rules in one pass: which rules can find anything at all in a text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, cast
from weakref import WeakValueDictionary

from ...engine.ports import Detector
from ..detectors.search.rare import RareSet
from .combine import AllOf, AnyOf


class Sieved(Protocol):
    """A detector that finds nothing unless a pattern of RE2's matches: see Regex.sieved."""

    def sieved(self, opens: bool) -> list[str]: ...


@dataclass(frozen=True)
class Sieve:
    """Of rules that find nothing unless one of their patterns matches. All others always pass."""

    owned: dict[str, set[int]]
    patterns: RareSet

    @classmethod
    def of(cls, rules: Sequence[tuple[str, Detector]], *, opens: bool = False) -> "Sieve | None":
        """`rules` by their id; `opens`: asked is which are under way. None when there are too few for a pass to pay."""
        sources: list[str] = []
        owned: dict[str, set[int]] = {}
        for name, detector in rules:
            # A part of `all` that finds nothing ends it; what is under way there depends on every part.
            wanted = detector.parts if isinstance(detector, AllOf) and not opens else [detector]
            own = next(filter(all, (_patterns(each, opens) for each in wanted)), list[str]())
            if own:
                owned[name] = set(range(len(sources), len(sources) + len(own)))
                sources += own
        return cls(owned, _set(tuple(sources))) if len(sources) > 2 else None

    def passing(self, text: str) -> Callable[[str], bool]:
        """Whether the rule of an id passes."""
        found = self.matched(text)
        return lambda name: name in found or name not in self.owned

    def matched(self, text: str) -> set[str]:
        """The ids of those rules whose patterns match."""
        return {self.owners[index] for index in self.patterns.matching(text)}

    @cached_property
    def owners(self) -> dict[int, str]:
        """The rule of each pattern."""
        return {index: name for name, indices in self.owned.items() for index in indices}


_sets: WeakValueDictionary[tuple[str, ...], RareSet] = WeakValueDictionary()
"""Those in use: rules of several scopes share one."""


def _set(sources: tuple[str, ...]) -> RareSet:
    found = _sets.get(sources)
    if found is None:
        found = _sets[sources] = RareSet(list(sources))
    return found


def _patterns(detector: Detector, opens: bool) -> list[str]:
    """Those of a detector of patterns, one of which must match; an empty one among them where it is of another kind."""
    parts = detector.parts if isinstance(detector, AnyOf) else [detector]
    # Not isinstance: to look a protocol over takes twenty times as long, which thousands of rules show.
    sieved = (cast(Sieved, part).sieved(opens) if hasattr(part, "sieved") else [""] for part in parts)
    return [pattern for each in sieved for pattern in each]
