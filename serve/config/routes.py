"""`routes:` and `breaker:` in `gate.yaml`: which provider a request goes to, and what happens when it fails."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from ...engine.jsonio import Address
from ...models import conditions
from .section import Name, Section
from .units import Seconds

Model = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$")]
DIALECTS = Literal[
    "openai",
    "openai.chat",
    "openai.completions",
    "openai.embeddings",
    "openai.responses",
    "anthropic",
    "anthropic.messages",
    "anthropic.count_tokens",
    "gemini",
    "gemini.generate",
    "gemini.count_tokens",
]


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Patterns = Annotated[
    list[str],
    BeforeValidator(_listed),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [{"type": "array", "items": {"type": "string"}, "minItems": 1}, {"type": "string"}]}),
]


class Tokens(Section):
    """An estimate, of about four bytes of text a token; images and files are not counted."""

    over: int | None = Field(default=None, ge=0, description="More than this many.")
    under: int | None = Field(default=None, ge=1, description="Fewer than this many.")

    @model_validator(mode="after")
    def _possible(self) -> "Tokens":
        if self.over is None and self.under is None:
            raise ValueError("say over, under or both")
        if self.over is not None and self.under is not None and self.under - self.over < 2:
            raise ValueError("no number is over the one and under the other")
        return self


class When(Section):
    """Conditions; all that are given must hold. Patterns have * and ?, one or a list. Callers choose what stands in
    headers and metadata, so neither is a barrier against them."""

    model: Patterns | None = Field(default=None, description="Model names.")
    key: Patterns | None = Field(
        default=None, description="Names under `keys.known`; * is every one. None fits a caller without such a key."
    )
    team: Patterns | None = Field(default=None, description="The same for their teams.")
    metadata: dict[str, Patterns] = Field(
        default={}, description="Values of the body's metadata and of the JSON object in x-tidegate-metadata."
    )
    header: dict[str, Patterns] = Field(default={}, description="Values of request headers. No credentials.")
    tokens: Tokens | None = Field(default=None, description="How long the request is.")
    stream: bool | None = Field(default=None, description="Whether it asks for a stream.")
    dialect: Annotated[list[DIALECTS], Field(min_length=1)] | None = Field(
        default=None, description="The API that the client speaks: a family, or one endpoint of it."
    )
    any: Annotated[list["When"], Field(min_length=1)] | None = Field(
        default=None, description="Conditions of which one must hold."
    )
    unless: "When | None" = Field(default=None, alias="not", description="Conditions that must not hold.")

    def compiled(self) -> conditions.When:
        """The same as the router asks it."""
        return conditions.When(
            models=tuple(self.model or ()),
            keys=tuple(self.key or ()),
            teams=tuple(self.team or ()),
            metadata={name: tuple(values) for name, values in self.metadata.items()},
            headers={name.lower(): tuple(values) for name, values in self.header.items()},
            over=self.tokens.over if self.tokens else None,
            under=self.tokens.under if self.tokens else None,
            stream=self.stream,
            dialects=tuple(self.dialect or ()),
            any=tuple(each.compiled() for each in self.any or ()),
            unless=self.unless.compiled() if self.unless else None,
        )


class Target(Section):
    """A provider under another model's name, or with a weight."""

    provider: Name = Field(description="A name under `providers:`.")
    model: Model | None = Field(default=None, description="What it is asked for. Left out, what the caller asked for.")
    weight: float = Field(default=1.0, ge=0.001, le=1000000, description="Its share, for `pick: weight` and `sticky`.")


def target_of(choice: "str | Target") -> Target:
    """A target as its long form."""
    return choice if isinstance(choice, Target) else Target(provider=choice)


Targets = Annotated[list[Name | Target], Field(min_length=1)]


class Fallback(Section):
    """Who is asked by what went wrong; a class that is not listed has no fallback."""

    refused: Targets | None = Field(default=None, description="No connection, or 500, 502, 503, 504.")
    limited: Targets | None = Field(default=None, description="429, 529.")
    silent: Targets | None = Field(
        default=None, description="Sent, and nothing usable came back: too late, cut off, or a 200 that is no answer."
    )
    content_filter: Targets | None = Field(
        default=None, description="The provider's own filter stopped the request, or a reply that is not streamed."
    )

    def lists(self) -> "dict[str, list[str | Target]]":
        """The classes that have a fallback, and their targets."""
        return {name: list(targets) for name in Fallback.model_fields if (targets := getattr(self, name))}


class Retries(Section):
    """How often the same target is asked again before the next one is. Never after a byte was passed on."""

    most: int = Field(default=2, ge=1, le=10, description="Further tries.")
    on: list[Literal["refused", "limited", "silent"]] = Field(
        default=["refused", "limited"],
        min_length=1,
        description="After what. `silent` may be paid for twice: the provider had the request, and may be at work.",
    )
    wait: Seconds = Field(default=0.5, ge=0, le=60, description="The longest first pause; it doubles, and is jittered.")
    longest: Seconds = Field(
        default=10.0, ge=0, le=300, description="The longest pause. A Retry-After beyond it is not waited for."
    )


class Mirror(Section):
    """A copy of some requests to a second model. Nobody waits for it; its replies are counted and thrown away."""

    to: Name | Target = Field(description="Who gets the copy.")
    share: float = Field(gt=0, le=1, description="Of the route's requests.")


class Route(Section):
    """One way to providers."""

    name: Name | None = Field(default=None, description="What conditions of rules call it.")
    when: When | None = Field(default=None, description="Which requests it serves; left out, all that are left.")
    to: Targets = Field(description="Providers, by name or with a model or weight of their own.")
    pick: Literal["order", "weight", "sticky", "fastest"] = Field(
        default="order",
        description="Who of `to` is asked first: as written, by chance, always the same for one value of `sticky`, or "
        "the sooner of two drawn by chance.",
    )
    sticky: str | None = Field(
        default=None,
        pattern=r"^(caller|metadata\.[^\s]{1,100}|header\.[A-Za-z0-9-]{1,100})$",
        description="For `pick: sticky`: caller, metadata.NAME or header.NAME.",
    )
    fallback: list[Name | Target] | Fallback = Field(
        default=[], description="Tried when every provider of `to` failed before its first byte; a list, or by class."
    )
    retries: Retries | None = Field(default=None, description="Left out, each target is asked once.")
    deadline: Seconds | None = Field(
        default=None, gt=0, description="For all attempts together, until the reply begins. Left out, each has its own."
    )
    mirror: Mirror | None = Field(default=None, description="Who else gets a copy.")
    passthrough: bool = Field(default=False, description="Let other /v1/* paths through to it, not evaluated.")

    def ways(self) -> list[list[tuple[Address, Target]]]:
        """Each list of targets that may follow one another, with their places: `to`, then one list of fallbacks."""
        to: list[tuple[Address, Target]] = [(("to", place), target_of(each)) for place, each in enumerate(self.to)]
        if not isinstance(self.fallback, Fallback):
            return [to + [(("fallback", place), target_of(each)) for place, each in enumerate(self.fallback)]]
        ways = [
            to + [(("fallback", key, place), target_of(each)) for place, each in enumerate(targets)]
            for key, targets in self.fallback.lists().items()
        ]
        return ways or [to]


class Breaker(Section):
    """When a provider that keeps failing is left alone. Afterwards one request finds out whether it is back."""

    failures: int = Field(default=10, ge=1, le=1000, description="In a row: refused or silent, not limited.")
    share: float = Field(default=0.5, gt=0, le=1, description="Or this share of the answers within `window`,")
    least: int = Field(default=20, ge=2, le=1000, description="if there were at least this many.")
    window: Seconds = Field(default=30.0, gt=0, le=3600, description="How far back the share looks.")
    rest: Seconds = Field(default=5.0, gt=0, le=3600, description="The first rest; each try that fails doubles it.")
    longest: Seconds = Field(default=60.0, gt=0, le=3600, description="The longest rest, whatever a Retry-After asks.")
    fail_fast: bool = Field(
        default=False,
        description="Answer 503 at once when all who could answer rest. Otherwise the last is asked all the same.",
    )
