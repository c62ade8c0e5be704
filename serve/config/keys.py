"""A provider's credentials in `gate.yaml`: from the environment or a file, one or several."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from ...engine.secret import Secret
from .section import Hidden, Section
from .units import Seconds
from .variables import credential


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file that holds a credential and nothing else."""

    path: str


def _credential(value: Any) -> Secret | KeyFile:
    if isinstance(value, str) and value:
        return Secret(credential(value))
    if isinstance(value, dict):
        given = cast("dict[str, Any]", value)
        if list(given) == ["file"] and isinstance(given["file"], str) and given["file"]:
            return KeyFile(given["file"])
    raise ValueError("must be a non-empty string, such as ${ENV}, or {file: PATH}; is the variable set?")


_FILE = {"type": "object", "properties": {"file": {"type": "string"}}, "required": ["file"]}
Credential = Annotated[
    Secret | KeyFile, BeforeValidator(_credential), WithJsonSchema({"anyOf": [{"type": "string"}, _FILE]})
]
"""A key: read when the gate starts, never shown again."""


class WeightedKey(Section):
    """One of several keys."""

    key: Credential = Field(description="As ${ENV} or {file: PATH}.")
    weight: int = Field(default=1, ge=1, le=1000, description="How often it is taken, compared with the others.")


class Timeouts(Section):
    connect: Seconds = Field(default=5.0, gt=0, description="To open a connection.")
    first_byte: Seconds = Field(default=120.0, gt=0, description="Until the reply begins.")
    between_bytes: Seconds = Field(default=60.0, gt=0, description="Between two pieces of a reply.")
    total: Seconds = Field(default=900.0, gt=0, description="A whole reply.")


class Keyed(Section):
    """What the sections of all remote providers have."""

    api_key: Credential | None = Field(
        default=None,
        description="The gate's own key, as ${ENV} or {file: PATH}. Left out, each caller's own credential is passed "
        "on.",
    )
    api_keys: list[WeightedKey] = Field(
        default=[],
        max_length=100,
        description="Several keys in place of one, taken by weight. One that is refused or limited rests, and the next "
        "is tried at once.",
    )
    network: Literal["public", "private"] = Field(
        default="public",
        description="Whether the host name in base_url may stand for an address inside a network (private, loopback, "
        "shared), as in http://ollama:11434. An address or `localhost` in base_url needs no word.",
    )
    timeouts: Timeouts = Timeouts()

    @model_validator(mode="after")
    def _one_way(self) -> "Keyed":
        if "api_keys" in self.model_fields_set and not self.api_keys:
            raise ValueError("api_keys is empty: leave it out, and each caller's own credential is passed on")
        if self.api_key is not None and self.api_keys:
            raise ValueError("api_key and api_keys exclude each other")
        return self


class AwsCredentials(Section):
    """AWS credentials of the gate's own."""

    access_key_id: Hidden = Field(description="As ${ENV}.")
    secret_access_key: Hidden = Field(description="As ${ENV}.")
    session_token: Hidden | None = Field(default=None, description="Of temporary credentials.")
