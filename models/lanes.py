"""Which way a request will go, told before the cache: what one provider answered is not another's answer."""

from ..engine.exchange import Exchange, Reply
from ..engine.ports import Next
from .conditions import Facts
from .routes import Route, Router
from .targets import Target


class Lanes:
    """Notes the targets of the request's route. It stands behind the aliases, and is needed where routes differ."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._names = {id(route): lane(route) for route in router.routes}

    async def __call__(self, exchange: Exchange, next: Next) -> Reply:
        """Raises BadRequest when a route asks for metadata, and what was sent is none."""
        route = self._router.pick(Facts(exchange))
        exchange.lane = self._names[id(route)] if route else ""
        return await next(exchange)


def lane(route: Route) -> str:
    """The providers of `to`, with the models that they are asked for where these are others."""
    targets = [Target.of(choice) for choice in route.to]
    return ",".join(f"{each.provider.name}/{each.model}" if each.model else each.provider.name for each in targets)
