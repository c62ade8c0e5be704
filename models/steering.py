"""A route as the caller asked for it: fewer targets, in another order, other tries. Nobody joins who was not on it."""

from dataclasses import replace

from ..engine.errors import BadRequest
from ..engine.exchange import Exchange
from ..engine.steering import Choice, Steering
from .conditions import Facts
from .failures import Failure
from .routes import Route, Router
from .targets import Target


def steered(route: Route, router: Router, exchange: Exchange, steering: Steering) -> Route:
    """`route`, narrowed. A choice with a model of its own is routed as a request for that model would be.

    Raises BadRequest when a choice is not on the way of its model.
    """
    if steering.retries is not None:
        on = frozenset(map(Failure, steering.retry_on))
        route = replace(route, retries=replace(route.retries, most=steering.retries, on=on))
    if not steering.choices:
        return route
    facts = Facts(exchange)
    first, *rest = [_targets(choice, route, router, facts) for choice in steering.choices]
    seen = {(target.provider.name, target.model) for target in first}
    spare: list[Target] = []
    for target in (target for targets in rest for target in targets):
        if (target.provider.name, target.model) not in seen:
            seen.add((target.provider.name, target.model))
            spare.append(target)
    fallback = {Failure(failure): spare for failure in steering.then_on} if spare else {}
    return replace(route, to=first, fallback=fallback, balance=None)


def _targets(choice: Choice, route: Route, router: Router, facts: Facts) -> list[Target]:
    """Whom a choice stands for, in the order of the route that it is on."""
    facts = facts.of(choice.model) if choice.model else facts
    on = router.pick(facts) if choice.model else route
    if on is None:
        raise BadRequest("No route serves a model that this request names.", param="model", code="model_not_found")
    found: dict[str, Target] = {}
    for target in [*on.ordered(facts), *router.spare(on)]:
        found.setdefault(target.name, target)
    targets = [target for target in found.values() if not choice.providers or target.provider.name in choice.providers]
    if not targets:
        names = ", ".join(dict.fromkeys(target.provider.name for target in found.values()))
        raise BadRequest(
            f"The route of this request does not lead to {' or '.join(choice.providers)}; it leads to {names}.",
            code="provider_not_on_route",
        )
    if not choice.providers:
        targets = on.ordered(facts)
    return [replace(target, model=choice.model) if choice.model and not target.model else target for target in targets]
