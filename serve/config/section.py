"""What the sections of `gate.yaml` are made of."""

from typing import Annotated, Any, cast, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, WithJsonSchema, model_validator

from ...engine.secret import Secret
from ...engine.yamlfile import scalar
from .variables import Variable, credential


def _hide(value: Any) -> Secret:
    if not isinstance(value, str) or not value:
        raise ValueError("must be a non-empty string; is the variable set?")
    return Secret(credential(value))


Hidden = Annotated[Secret, BeforeValidator(_hide), WithJsonSchema({"type": "string"})]
"""A credential: read from the file, never shown again."""
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]


class Section(BaseModel):
    """A mapping in the file. Keys that are not listed are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _numbers_from_variables(cls, data: Any) -> Any:
        """A variable is text; where a number or a boolean is wanted, it is read as if it stood in the file."""
        if not isinstance(data, dict):
            return data
        given = cast("dict[str, Any]", data)
        return {
            key: scalar(value) if isinstance(value, Variable) and cls._plain(key) else value
            for key, value in given.items()
        }

    @classmethod
    def _plain(cls, key: str) -> bool:
        field = cls.model_fields.get(key)
        return field is not None and bool({int, float, bool} & {field.annotation, *get_args(field.annotation)})
