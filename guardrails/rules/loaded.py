"""A rule as the files have it: its settings, where it stands, and what overrides have set."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...engine.errors import ConfigError
from ...engine.jsonio import Address
from ...engine.yamlfile import Located, Place
from .schema import OnError, Rule, Views


@dataclass(frozen=True, slots=True)
class Overridden:
    """What of a rule is not as its own file has it."""

    places: Mapping[str, str]
    """file:line:column of the override, by what it sets."""
    detect: Mapping[str, Any]
    """`detect` as the rule's file has it."""
    options: Mapping[str, tuple[Located, Address]]
    """Where each option stands."""

    def __str__(self) -> str:
        """In words: what, and where."""
        by: dict[str, list[str]] = {}
        for name, place in self.places.items():
            by.setdefault(place, []).append(name)
        return "; ".join(f"{', '.join(names)} at {place}" for place, names in by.items())

    def told(self, error: ConfigError) -> ConfigError:
        """An error at the rule's own place, with what is overridden."""
        said = f"{error.bare} (overridden: {self})"
        return ConfigError(said, file=error.file, line=error.line, column=error.column, hint=error.hint)

    def marks(self, at: Address, detector: str) -> Located:
        """A tree in which a detector at `at` finds each part of its options on a line of its own."""
        parts = enumerate(self._parts(), start=1)
        return Located(None, places={(*at, detector, *path): Place(line) for line, (path, _, _) in parts})

    def moved(self, error: ConfigError, rule: str) -> ConfigError:
        """What the detector said of `marks`, with the places of the options in their files."""
        parts = self._parts()

        def told(each: ConfigError) -> ConfigError:
            path, tree, at = parts[max(each.line - 1, 0)]
            return tree.error(f"{rule}: {each.bare}", (*at, *path), hint=each.hint)

        return ConfigError.together([told(each) for each in error.errors])

    def _parts(self) -> list[tuple[Address, Located, Address]]:
        """Each option and all in it: its address among them, their tree, and where they stand in it."""
        return [
            (path, tree, at)
            for key, (tree, at) in self.options.items()
            for path in sorted(tree.within(at), key=len)
            if path[:1] == (key,)
        ]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A rule and where it stands."""

    rule: Rule
    tree: Located
    index: int
    on_error: OnError
    allow_unread: bool
    lists: Mapping[str, list[str]]
    tested: tuple[str, ...]
    """Where each of its tests stands."""
    views: Views | None = None
    """Those of a rule that does not say."""
    hold: int | None = None
    """What streams wait for a pattern that has no bound and does not say."""
    overridden: Overridden | None = None
