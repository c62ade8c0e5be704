"""Personal data: our table of structured kinds, names and places by spaCy, and Presidio's further recognisers.

Structured kinds are decided by pattern, check digits and words nearby, in microseconds and without a model. What a
rule does not name is not loaded. Misses: values split over lines or written with look-alike characters; see phone.py,
pii_spelt.py, pii_email_told.py and names.py for theirs.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Protocol, cast

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from ...engine.jsonio import Json
from ...engine.ports import Detector, Finding
from ...engine.yamlfile import nearest
from .base import Context
from .names import NAMES, Names
from .overlaps import resolve
from .pii_table import STRUCTURED, TABLE
from .presidio import FURTHER, Presidio
from .structured import Structured, bare

_WORDS = {"type": "array", "items": {"type": "string"}}


class PiiConfig(BaseModel):
    """Personal data to find."""

    model_config = ConfigDict(extra="forbid")

    types: Annotated[
        Literal["structured", "all"] | list[str],
        WithJsonSchema({"anyOf": [{"type": "string"}, _WORDS]}),
    ] = Field(
        default="structured",
        description="`structured` (numbers, addresses on networks, identifiers), `all` (also names, places, "
        "organisations, dates), a type, or a list of types.",
    )
    min_score: float = Field(
        default=0.5,
        ge=0.05,
        le=1,
        description="The least score of a finding, 0 to 1. Lower finds more, and more wrongly.",
    )


class _Part(Protocol):
    """One of the engines behind this detector."""

    context: int
    hold: int

    def find(self, text: str, start: int) -> Sequence[Finding]: ...
    def open_from(self, text: str) -> int: ...


class Pii:
    """Finds personal data. Of findings that overlap the surer stays, then the longer, then the first in the table."""

    kind = "pii"
    version = "3"
    resumes = True
    reads_around = True

    def __init__(self, types: Sequence[str], min_score: float = 0.5) -> None:
        self.types = tuple(dict.fromkeys(types))
        self._least = min_score
        self._parts: list[_Part] = []
        if kinds := [TABLE[name] for name in self.types if name in TABLE]:
            self._parts.append(Structured(kinds, min_score))
        if named := [name for name in self.types if name in NAMES]:
            self._parts.append(Names(named, min_score))
        if further := [name for name in self.types if name in FURTHER]:
            self._parts.append(Presidio(further, min_score))
        self.slow = len(self._parts) > 1 or not isinstance(self._parts[0], Structured)
        self.bare = None if self.slow else bare
        self.context = max(part.context for part in self._parts)
        self.hold = max(part.hold for part in self._parts)

    @classmethod
    def from_config(cls, config: Json, context: Context) -> "Pii":
        """`structured`, `all`, a type, a list of types, or a mapping (PiiConfig)."""
        if isinstance(config, str | list):
            place, plain = context, cast(Json, {"types": config})
        else:
            place, plain = context.below("types"), config
        types = cast(Any, plain).get("types", "structured") if isinstance(plain, dict) else None
        if isinstance(types, str) and types not in ("structured", "all"):
            if types not in known():
                _refuse(types, place, ())
            plain = {**cast("dict[str, Any]", plain), "types": [types]}
        for index, name in enumerate(cast("list[Any]", types) if isinstance(types, list) else []):
            if name not in known():
                _refuse(str(name), place, (index,))
        settings = context.parse(PiiConfig, plain)
        if not settings.types:
            raise place.error("no types given", hint="write structured, all, or a list of types")
        if settings.types == "structured":
            return cls(STRUCTURED, settings.min_score)
        if settings.types == "all":
            return cls((*STRUCTURED, *NAMES), settings.min_score)
        return cls(settings.types, settings.min_score)

    @property
    def ready(self) -> bool:
        """Whether the models that the types need are loaded."""
        return all(getattr(part, "ready", True) for part in self._parts)

    def start(self) -> None:
        """Load them. Raises ConfigError when they are not installed."""
        for part in self._parts:
            if start := getattr(part, "start", None):
                start()

    @property
    def labels(self) -> tuple[str, ...]:
        """What findings can be called."""
        return self.types

    def alone(self) -> dict[str, Detector]:
        """Each of its types as a detector, for `rules coverage`."""
        return {name: Pii([name], self._least) for name in self.types}

    def alike(self, text: str) -> bool:
        """Whether something in `text` has the form of a structured type, be it one or not."""
        return any(isinstance(part, Structured) and part.gated(text) for part in self._parts)

    def find(self, text: str, start: int = 0) -> list[Finding]:
        if len(self._parts) == 1:
            return list(self._parts[0].find(text, start))
        return resolve([finding for part in self._parts for finding in part.find(text, start)])

    def open_from(self, text: str) -> int:
        return min(part.open_from(text) for part in self._parts)


def known() -> tuple[str, ...]:
    """Every type that a rule may name."""
    return (*TABLE, *NAMES, *FURTHER)


def _refuse(name: str, context: Context, path: tuple[int, ...]) -> None:
    choices = ("structured", "all", *known())
    raise context.error(f'unknown type of personal data "{name[:60]}"', path, hint=nearest(name, choices))
