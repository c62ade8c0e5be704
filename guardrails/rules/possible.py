"""Which rules can find anything at all in a text: one pass of RE2 tells of most."""

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from ...engine.ports import Detector
from ..detectors.base import reads_around
from .sieve import Sieve

RULE = TypeVar("RULE")


class Possible(Generic[RULE]):
    """Rules with their detectors, by their ids.

    A detector may have a function `bare` that tells of texts in which it finds nothing; those that share one are asked
    once.
    """

    def __init__(self, rules: Mapping[str, tuple[RULE, Detector]]) -> None:
        self._all = {name: rule for name, (rule, _) in rules.items()}
        self._sieve = Sieve.of([(name, detector) for name, (_, detector) in rules.items()])
        owned = self._sieve.owned if self._sieve else {}
        self._unsieved = frozenset(name for name in rules if name not in owned)
        self._around = frozenset(name for name, (_, detector) in rules.items() if reads_around(detector))
        bare: dict[Callable[[str], bool], list[str]] = {}
        for name, (_, detector) in rules.items():
            if tell := getattr(detector, "bare", None):
                bare.setdefault(tell, []).append(name)
        self._bare = {tell: frozenset(names) for tell, names in bare.items()}
        self._some: dict[frozenset[str], tuple[RULE, ...]] = {}
        """Those that no pattern tells of, less those of texts that are bare."""

    def rules(self, text: str, around: Sequence[str]) -> Sequence[RULE]:
        """See `Group.possible`."""
        found = self._matched(text)
        if around:
            shown = {name for each in around for name in self._matched(each)}
            found = (found - self._around) | (shown & self._around)
        bare = frozenset[str]()
        for tell, names in self._bare.items():
            if all(map(tell, around or (text,))):
                bare |= names
        if found:
            sure = self._unsieved - bare | found
            return [rule for name, rule in self._all.items() if name in sure]
        if bare not in self._some:
            sure = self._unsieved - bare
            self._some[bare] = tuple(rule for name, rule in self._all.items() if name in sure)
        return self._some[bare]

    def _matched(self, text: str) -> set[str]:
        return self._sieve.matched(text) if self._sieve else set()
