"""Models that a body names beside its own, to be asked by the provider itself: nobody asks so for what no route serves.

`models` (OpenRouter and others), `fallbacks` (Anthropic) and `providerOptions.gateway.models` (Vercel) go to the
provider as they are: which of them answers is its business. That each may be asked for here is the routes'.
"""

from collections.abc import Mapping

from ..engine.errors import BadRequest, UnknownModel
from ..engine.exchange import Exchange, Reply
from ..engine.jsonio import put, show
from ..engine.ports import Next
from ..engine.steering import Choice, listed
from .conditions import Facts
from .routes import Route, Router
from .targets import Target


class Listed:
    """A stage that finds the route of each model that a body lists. `names` are aliases, resolved, and give way to what
    they stand for."""

    def __init__(self, router: Router, names: Mapping[str, str]) -> None:
        self._router = router
        self._names = names

    async def __call__(self, exchange: Exchange, next: Next) -> Reply:
        """Raises UnknownModel for one that no route serves, and BadRequest where its route does not lead to whoever
        this request goes to, or where they are too many."""
        found = listed(exchange.body)
        facts = Facts(exchange)
        asked = self._asked(exchange, facts) if found else set[str]()
        for place, written in found.items():
            model = self._names.get(written, written)
            if model != written:
                put(exchange.body, place, model)
            route, where = self._router.pick(facts.of(model)), show(place)
            if route is None:
                told = f"No route serves the model that {where} names; GET /v1/models lists what is served."
                raise UnknownModel(told, param=where)
            if not asked <= _leads_to(route):
                raise BadRequest(
                    f"The route of the model that {where} names does not lead to {' and '.join(sorted(asked))}, "
                    "where this request may go: ask for that model by itself.",
                    param=where,
                    code="provider_not_on_route",
                )
        return await next(exchange)

    def _asked(self, exchange: Exchange, facts: Facts) -> set[str]:
        """The providers that may be sent this body."""
        choices = exchange.steering.choices if exchange.steering is not None else ()
        return {
            name
            for choice in choices or (Choice(),)
            for name in choice.providers or _leads_to(self._router.pick(facts.of(choice.model or exchange.model)))
        }


def _leads_to(route: Route | None) -> set[str]:
    if route is None:
        return set()
    spare = (target for targets in route.fallbacks().values() for target in targets)
    return {target.provider.name for target in (*map(Target.of, route.to), *spare)}
