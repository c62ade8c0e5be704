"""Finds detectors by name: whatever is installed under the entry point group `tidegate.detectors`."""

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from ...engine.plugins import factory, unique
from .base import Factory

GROUP = "tidegate.detectors"


@cache
def names() -> dict[str, EntryPoint]:
    """Every detector that is installed. Nothing is imported. Raises ConfigError when two bear one name."""
    return unique(entry_points(group=GROUP), "detector")


@cache
def load(name: str) -> Factory:
    """The factory of detector `name`, which must be one of `names()`. Raises ConfigError if it cannot be imported."""
    return factory(names()[name], "detector")
