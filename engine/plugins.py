"""What installed packages bring: classes with a `from_config`, found by name under an entry point group."""

from collections.abc import Iterable
from importlib.metadata import EntryPoint
from typing import Any

from .errors import ConfigError


def unique(points: Iterable[EntryPoint], what: str) -> dict[str, EntryPoint]:
    """Entry points by name. One package seen twice on the path is one; two packages with one name are an error.

    `what` they are is a word for the error (`detector`). Raises ConfigError.
    """
    found: dict[str, EntryPoint] = {}
    for point in points:
        other = found.setdefault(point.name, point)
        if other.value != point.value:
            raise ConfigError(
                f'two installed packages register a {what} "{point.name}": {other.value} and {point.value}',
                hint="uninstall one of them",
            )
    return found


def factory(point: EntryPoint, what: str) -> Any:
    """What the entry point names, which has a `from_config`. Raises ConfigError if it has none or does not import."""
    try:
        found = point.load()
    except Exception as error:
        raise ConfigError(
            f'the {what} "{point.name}" ({point.value}) cannot be imported: {type(error).__name__}'
        ) from error
    if not callable(getattr(found, "from_config", None)):
        raise ConfigError(f'the {what} "{point.name}" ({point.value}) has no from_config')
    return found
