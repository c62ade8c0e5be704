"""What a caller may ask of the way to a provider. It narrows what the operator's routes allow, and never widens it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from .errors import BadRequest
from .jsonio import Address


@dataclass(frozen=True, slots=True)
class Choice:
    """One of `providers`, or whoever the route leads to when there are none; asked for `model`, if it is given."""

    providers: tuple[str, ...] = ()
    model: str = ""


@dataclass(frozen=True, slots=True)
class Steering:
    """Who is asked, how often, and for how long. Whatever is not given stays as the route has it."""

    choices: tuple[Choice, ...] = ()
    """In order: the next one is asked when the one before failed."""
    then_on: frozenset[str] = frozenset({"refused", "limited", "silent"})
    """The classes of failure after which the next choice is asked."""
    retries: int | None = None
    """Further tries of the same target."""
    retry_on: frozenset[str] = frozenset({"refused", "limited"})
    """The classes of failure after which they are made."""
    seconds: float | None = None
    """For each try, until the reply begins; a whole reply begins when all of it is here."""


LISTED = 8
"""Models that a body may list: hosts take three or so."""


def listed(body: Mapping[str, Any]) -> dict[Address, str]:
    """The models that a body names beside its own for the provider to go on with, by where their names stand. Raises
    BadRequest for more than LISTED."""
    gateway = _field(body.get("providerOptions"), "gateway")
    found: dict[Address, str] = {}
    for at, value in (
        (("models",), body.get("models")),
        (("fallbacks",), body.get("fallbacks")),
        (("providerOptions", "gateway", "models"), _field(gateway, "models")),
    ):
        for index, each in enumerate(cast("list[Any]", value) if isinstance(value, list) else ()):
            if isinstance(each, str):
                found[*at, index] = each
            elif isinstance(name := _field(each, "model"), str):
                found[*at, index, "model"] = name
    if len(found) > LISTED:
        raise BadRequest(f"A request may list at most {LISTED} models.", param=str(next(iter(found))[0]))
    return found


def _field(holder: Any, name: str) -> Any:
    return cast("dict[str, Any]", holder).get(name) if isinstance(holder, dict) else None
