"""What a caller may ask of the way to a provider. It narrows what the operator's routes allow, and never widens it."""

from dataclasses import dataclass


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
