"""Kinds of providers that other packages bring: whatever is installed under the entry point group `tidegate.providers`.

The name of the entry point is the kind in `gate.yaml`; what it names is a Factory.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Protocol

from ...engine.plugins import factory, unique
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
    return unique(entry_points(group=GROUP), "provider")


def load(kind: str) -> Factory:
    """The factory of `kind`, which must be one of `names()`. Raises ConfigError if it cannot be imported."""
    return factory(names()[kind], "provider")
