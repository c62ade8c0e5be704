"""`models:` and `aliases:` in `gate.yaml`: what is known of models, and names for them."""

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StringConstraints, model_validator

from ...engine.errors import ConfigError
from ...engine.yamlfile import nearest
from ...models.aliases import resolved
from .providers import AzureProvider, BedrockProvider
from .section import Section

if TYPE_CHECKING:
    from .gate_yaml import Config, Loaded

ModelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}$")]


class Model(Section):
    """What is known of a model, in place of the catalogue's word. Prices are US dollars per million tokens."""

    context: int | None = Field(default=None, ge=1, description="Its context window, in tokens.")
    input: float | None = Field(default=None, ge=0, description="The price of a million tokens of input.")
    output: float | None = Field(default=None, ge=0, description="The same of output.")
    cached: float | None = Field(
        default=None, ge=0, description="The same of input that the provider had in its own cache; else as input."
    )

    @model_validator(mode="after")
    def _whole(self) -> "Model":
        if (self.input is None) != (self.output is None):
            raise ValueError("input and output belong together: a price of 0 is written 0")
        if self.cached is not None and self.input is None:
            raise ValueError("cached needs input and output beside it")
        if self.context is None and self.input is None:
            raise ValueError("says nothing: give context, or input and output")
        return self


def check_models(loaded: "Loaded") -> None:
    """Aliases and models lead somewhere. Raises ConfigError with their line."""
    config = loaded.config
    try:
        ends = resolved(config.aliases)
    except ConfigError as error:
        raise loaded.error(str(error), ("aliases",)) from None
    for alias, model in ends.items():
        if not providers_of(config, model):
            known = [*config.aliases, *exact_models(config)]
            raise loaded.error(
                f'the alias "{alias}" leads to the model "{model}", which no route serves',
                ("aliases", alias),
                hint=nearest(model, known) or "name a model that a route's `when` fits, or another alias",
            )
    sent = {target.model for route in config.routes for way in route.ways() for _, target in way}
    for model in config.models:
        if model not in sent and not providers_of(config, model):
            raise loaded.error(f'no route serves the model "{model}"', ("models", model))


def providers_of(config: "Config", model: str) -> list[str]:
    """The names of the providers that a request for `model` may go to: first those of the route that takes all such
    requests which no earlier one takes, then those of the earlier ones, which ask for more than the model."""
    if not config.routes:
        return list(config.providers)[:1]
    found: list[str] = []
    for route in config.routes:
        when = route.when
        if when is None or not when.model or any(fnmatchcase(model, each) for each in when.model):
            names = [target.provider for way in route.ways() for _, target in way]
            if when is None or when.model_fields_set <= {"model"}:
                return list(dict.fromkeys([*names, *found]))
            found += names
    return list(dict.fromkeys(found))


def exact_models(config: "Config") -> list[str]:
    """Models that routes name without a wildcard."""
    named = (pattern for route in config.routes if route.when for pattern in route.when.model or ())
    return list(dict.fromkeys(name for name in named if not set(name) & set("*?[")))


def named_models(config: "Config") -> frozenset[str]:
    """Every name of a model that the file has, whatever for."""
    found = {*exact_models(config), *config.aliases.values(), *config.models}
    for route in config.routes:
        found |= {target.model for way in route.ways() for _, target in way if target.model}
    for provider in config.providers.values():
        if isinstance(provider, AzureProvider):
            found |= set(provider.deployments)
        elif isinstance(provider, BedrockProvider):
            found |= set(provider.models)
    return frozenset(found)
