"""Conditions on keys and teams that name nobody whom the configuration knows."""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from ..engine.errors import ConfigError
from ..engine.jsonio import Address
from ..engine.yamlfile import nearest, shorten
from ..guardrails.rules.asked import callers_named
from ..guardrails.rules.ruleset import Ruleset
from .config import routes as config_routes
from .config.gate_yaml import Loaded

Fault = Callable[[str, str], ConfigError]
"""An error from a message and a hint."""


def check_callers_of_rules(ruleset: Ruleset, loaded: Loaded) -> None:
    """Raises ConfigError for a rule or an exception whose pattern fits no known key, or no team of one."""
    for kind, glob, place in callers_named(ruleset):
        _check(kind, [glob], loaded, lambda message, hint, place=place: ConfigError.at(place, message, hint=hint))


def check_callers_of_routes(loaded: Loaded) -> None:
    """The same for routes."""
    for index, route in enumerate(loaded.config.routes):
        _check_when(route.when, ("routes", index, "when"), loaded)


def _check_when(when: config_routes.When | None, at: Address, loaded: Loaded) -> None:
    if when is None:
        return
    for kind, globs in (("key", when.key), ("team", when.team)):
        where = (*at, kind)
        _check(kind, globs or (), loaded, lambda message, hint, where=where: loaded.error(message, where, hint=hint))
    for place, each in enumerate(when.any or []):
        _check_when(each, (*at, "any", place), loaded)
    _check_when(when.unless, (*at, "not"), loaded)


def _check(kind: str, globs: Sequence[str], loaded: Loaded, fault: Fault) -> None:
    keys = loaded.config.keys
    known = keys.names if kind == "key" else keys.teams
    for glob in globs:
        if not any(fnmatchcase(name, glob) for name in known):
            hint = nearest(glob, known) or f"known: {shorten(', '.join(known), 200) or 'none'}"
            raise fault(f'no {kind} under `keys.known` fits "{shorten(glob)}"', hint)
