"""Names that an operator gives to models: a request for `fast` becomes one for what `fast` stands for."""

from collections.abc import Mapping

from ..engine.errors import ConfigError
from ..engine.exchange import Exchange, Reply
from ..engine.handler import MODEL
from ..engine.ports import Next


class Aliases:
    """A stage that puts a model's own name in place of its alias, in the body or in the path.

    It stands before guards, cache and routes, so that they see what is asked for. A reply keeps the name that its
    provider gave. `names` are resolved already.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = dict(names)

    async def __call__(self, exchange: Exchange, next: Next) -> Reply:
        if (model := self.names.get(exchange.model)) is not None:
            exchange.model = model
            if "model" in exchange.body:
                exchange.body["model"] = model
            exchange.path = exchange.dialect.path.replace(MODEL, model)
        return await next(exchange)


def resolved(aliases: Mapping[str, str]) -> dict[str, str]:
    """Each alias with the model at the end of its way. Raises ConfigError when a way leads back to itself."""
    ends: dict[str, str] = {}
    for alias in aliases:
        way = [alias]
        while (next_name := aliases.get(way[-1])) is not None:
            if next_name in way:
                raise ConfigError(f'the alias "{alias}" leads in a circle: {" -> ".join([*way, next_name])}')
            way.append(next_name)
        ends[alias] = way[-1]
    return ends
