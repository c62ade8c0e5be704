"""Routes, and the router that finds the one for a request: the first that fits wins."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..engine.errors import ConfigError, UnknownModel
from ..engine.exchange import Exchange
from ..engine.ports import Provider
from .balance import Balance, InOrder
from .conditions import ALWAYS, Facts, When
from .failures import BEFORE_IT_BEGAN, Failure
from .mirror import Mirror
from .retries import Retries
from .targets import Target

Choice = Target | Provider


@dataclass(frozen=True, slots=True)
class Route:
    """Requests for which `when` holds go to `to`, in the order that `balance` puts it (as written, if it is None).

    `fallback` follows when all of `to` failed: by class of the last failure, or one list for every class but
    `content_filter`, which must be named. `deadline` is in seconds, for all attempts together until a reply begins.
    `passthrough` lets paths through that no dialect reads.
    """

    to: Sequence[Choice]
    when: When = ALWAYS
    fallback: Sequence[Choice] | Mapping[Failure, Sequence[Choice]] = ()
    passthrough: bool = False
    balance: Balance | None = None
    retries: Retries = field(default_factory=Retries)
    deadline: float | None = None
    mirror: Mirror | None = None
    name: str = ""
    """What conditions of rules call it; empty: nothing."""

    def __post_init__(self) -> None:
        if not self.to:
            raise ConfigError("A route names no provider.", hint="list at least one under `to`")

    def ordered(self, facts: Facts) -> list[Target]:
        """The targets of `to`, the one to be asked first in front."""
        return (self.balance or InOrder([Target.of(choice) for choice in self.to]))(facts)

    def fallbacks(self) -> dict[Failure, list[Target]]:
        """The targets that follow each class of failure."""
        if isinstance(self.fallback, Mapping):
            return {failure: [Target.of(choice) for choice in choices] for failure, choices in self.fallback.items()}
        targets = [Target.of(choice) for choice in self.fallback]
        return dict.fromkeys(BEFORE_IT_BEGAN, targets) if targets else {}

    def providers(self) -> list[Provider]:
        """Every provider that it may ask, in order of first mention."""
        targets = [Target.of(choice) for choice in self.to]
        targets += [target for spare in self.fallbacks().values() for target in spare]
        targets += [self.mirror.target] if self.mirror else []
        return list({id(target.provider): target.provider for target in targets}.values())


class Router:
    """Routes in order."""

    def __init__(self, routes: Sequence[Route], named: Sequence[Provider] = (), *, implied: bool = False) -> None:
        """`named` are providers that rules may choose though no route leads to them.

        `implied`: the operator wrote no routes, so that callers who may choose a provider choose among all.
        """
        self.routes = tuple(routes)
        self._named = tuple(named)
        self._implied = implied

    def pick(self, facts: Facts) -> Route | None:
        """The first route that fits. Raises BadRequest when one asks for metadata, and what was sent is none."""
        return next((route for route in self.routes if route.when.holds(facts)), None)

    def names(self, exchange: Exchange) -> Callable[[str], str]:
        """Tells the name of the route that an exchange has when it asks for a model; empty when it has none. Raises
        BadRequest as `pick` does."""
        facts = Facts(exchange)
        return lambda model: route.name if (route := self.pick(facts.of(model))) else ""

    def pick_passthrough(self, facts: Facts) -> Route | None:
        """The first route that fits and lets unread paths through."""
        return next((route for route in self.routes if route.passthrough and route.when.holds(facts)), None)

    def spare(self, route: Route) -> list[Target]:
        """Targets that a caller's choice may name beside those of the route's `to`."""
        fallbacks = [target for targets in route.fallbacks().values() for target in targets]
        held = {target.provider.name for target in map(Target.of, route.to)}
        others = [Target(provider) for provider in self._named if provider.name not in held]
        return fallbacks + (others if self._implied else [])

    def provider(self, name: str) -> Provider:
        """The provider of that name. Raises UnknownModel when there is none."""
        for provider in self.providers():
            if provider.name == name:
                return provider
        raise UnknownModel("A rule sends this request to a provider that is not configured.", param="model")

    def providers(self) -> list[Provider]:
        """Every provider that a route or a rule may name, once."""
        routed = (provider for route in self.routes for provider in route.providers())
        return list({id(provider): provider for provider in (*routed, *self._named)}.values())
