"""`routes:` in `gate.yaml`: which provider a request goes to."""

from pydantic import Field

from .section import Name, Section


class When(Section):
    model: list[str] | str = Field(description="Model names; * and ? stand for any characters.")


class Route(Section):
    when: When | None = Field(default=None, description="Which requests it serves; left out, all that are left.")
    to: list[Name] = Field(min_length=1, description="Providers, tried in this order.")
    fallback: list[Name] = Field(
        default=[], description="Tried when every provider of `to` failed before its first byte."
    )
    passthrough: bool = Field(default=False, description="Let other /v1/* paths through to it, not evaluated.")
