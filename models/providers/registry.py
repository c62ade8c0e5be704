"""Kinds of providers that other packages bring: whatever is installed under the entry point group `tidegate.providers`.

The name of the entry point is the kind in `gate.yaml`; what it names is a Factory.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Protocol, cast

from ...engine.errors import ConfigError
from ...engine.ports import Provider
from ..keys import KeyRing
from ..transport import Deadlines, Transport

GROUP = "tidegate.providers"


@dataclass(frozen=True, slots=True)
class Making:
    """What a provider is made from."""

    name: str
    """What the operator calls it: in routes, headers and errors."""
    transport: Transport
    """The one way to the network: deadlines, caps and checked addresses. It is started by others."""
    deadlines: Deadlines
    base_url: str | None
    keys: KeyRing | None
    """The operator's keys; None: the caller's own credential is on the exchange."""
    settings: Mapping[str, Any] = field(repr=False)
    """What stands under `settings:`, not looked at by anyone else."""
    folder: Path
    """Where paths in the settings begin."""


class Factory(Protocol):
    """What an entry point names."""

    def from_config(self, making: Making) -> Provider:
        """Make a provider. Raises ConfigError on settings that it does not know or that cannot work."""
        ...


@cache
def names() -> dict[str, EntryPoint]:
    """Every kind that is installed. Nothing is imported. Raises ConfigError when two packages bring one kind."""
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        other = found.setdefault(point.name, point)
        if other.value != point.value:
            raise ConfigError(
                f'two installed packages register a provider "{point.name}": {other.value} and {point.value}',
                hint="uninstall one of them",
            )
    return found


def load(kind: str) -> Factory:
    """The factory of `kind`, which must be one of `names()`. Raises ConfigError if it cannot be imported."""
    point = names()[kind]
    try:
        factory = point.load()
    except Exception as error:
        raise ConfigError(
            f'the provider "{kind}" ({point.value}) cannot be imported: {type(error).__name__}'
        ) from error
    if not callable(getattr(factory, "from_config", None)):
        raise ConfigError(f'the provider "{kind}" ({point.value}) has no from_config')
    return cast(Factory, factory)
