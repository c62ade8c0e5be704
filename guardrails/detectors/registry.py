"""Finds detectors by name: whatever is installed under the entry point group `tidegate.detectors`."""

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from ...engine.errors import ConfigError
from .base import Factory

GROUP = "tidegate.detectors"


@cache
def names() -> dict[str, EntryPoint]:
    """Every detector that is installed. Nothing is imported. Raises ConfigError when two bear one name."""
    return unique(list(entry_points(group=GROUP)))


def unique(points: list[EntryPoint]) -> dict[str, EntryPoint]:
    """Entry points by name. One package seen twice on the path is one; two packages with one name are an error."""
    found: dict[str, EntryPoint] = {}
    for point in points:
        other = found.setdefault(point.name, point)
        if other.value != point.value:
            raise ConfigError(
                f'two installed packages register a detector "{point.name}": {other.value} and {point.value}',
                hint="uninstall one of them",
            )
    return found


@cache
def load(name: str) -> Factory:
    """The factory of detector `name`, which must be one of `names()`. Raises ConfigError if it cannot be imported."""
    point = names()[name]
    try:
        factory = point.load()
    except Exception as error:
        raise ConfigError(
            f'the detector "{name}" ({point.value}) cannot be imported: {type(error).__name__}'
        ) from error
    if not callable(getattr(factory, "from_config", None)):
        raise ConfigError(f'the detector "{name}" ({point.value}) has no from_config')
    return cast(Factory, factory)
