"""Other gateways' headers and fields, for clients that were written for them: `compat:` in `gate.yaml`.

One file for each. An adapter turns what a request says into what this gate knows (its own headers, the request's
steering), takes it off, and tells what happened under the names that its clients look for. What a gateway has and this
one has not is a 400 that names the field, or stands in docs/compat.md as ignored.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from ...engine.exchange import Exchange, Reply
from ...engine.ports import Next
from . import fields
from .bifrost import Bifrost
from .litellm import LiteLLM
from .portkey import Portkey
from .vendors import Providers

GATE_KEYS = {"portkey": "x-portkey-api-key", "litellm": "x-litellm-api-key", "bifrost": "x-bf-vk"}
"""Where their clients put the key for the gateway itself."""
PREFIXES = {"portkey": Portkey.prefix, "litellm": LiteLLM.prefix, "bifrost": Bifrost.prefix}
"""How their headers begin; none of them goes further than `admit` and `compat`."""


class Adapter(Protocol):
    """One gateway's way of asking and of telling."""

    prefix: str
    """Of its headers; none of them goes further."""

    def read(self, exchange: Exchange) -> None:
        """Turn what the request says into what this gate knows. Raises BadRequest with the field as `param`."""
        ...

    def tell(self, exchange: Exchange) -> list[tuple[str, str]]:
        """Reply headers: what is known when the head leaves."""
        ...


class Compat:
    """The stage behind `admit`, which has taken the keys for the gateway."""

    def __init__(self, adapters: Sequence[Adapter], aliases: Mapping[str, str]) -> None:
        self._adapters = adapters
        self._aliases = aliases

    async def __call__(self, exchange: Exchange, next: Next) -> Reply:
        exchange.tells += [adapter.tell for adapter in self._adapters]
        for adapter in self._adapters:
            adapter.read(exchange)
            for name in [name for name in exchange.headers if name.startswith(adapter.prefix)]:
                del exchange.headers[name]
        if (asked := exchange.steering) is not None:  # the request's own model is resolved later
            choices = [replace(each, model=self._aliases.get(each.model, each.model)) for each in asked.choices]
            exchange.steering = replace(asked, choices=tuple(choices))
            fields.keep_apart(exchange)
        return await next(exchange)


def make_compat(
    names: Sequence[str], kinds: Mapping[str, str], rules: Callable[[], Collection[str]], aliases: Mapping[str, str]
) -> Compat | None:
    """The stage for the gateways named, None for none.

    `kinds` are the providers' kinds by name, `rules` the ids of those in force, `aliases` names of models, resolved.
    """
    providers = Providers(kinds)
    bifrost = Bifrost(providers)
    spare = bifrost.fallback if "bifrost" in names else fields.named
    # In this order, however they are listed: a header that says who is asked counts before the way a model is written.
    made: dict[str, Adapter] = {"portkey": Portkey(providers), "litellm": LiteLLM(rules, spare), "bifrost": bifrost}
    return Compat([adapter for name, adapter in made.items() if name in names], aliases) if names else None
