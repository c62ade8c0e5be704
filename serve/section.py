"""What the sections of `gate.yaml` are made of."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, WithJsonSchema

from ..engine.secret import Secret


def _hide(value: Any) -> Secret:
    if not isinstance(value, str) or not value:
        raise ValueError("must be a non-empty string; is the variable set?")
    return Secret(value)


Hidden = Annotated[Secret, BeforeValidator(_hide), WithJsonSchema({"type": "string"})]
"""A credential: read from the file, never shown again."""
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]


class Section(BaseModel):
    """A mapping in the file. Keys that are not listed are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)
