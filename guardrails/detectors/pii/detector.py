"""Personal data: our table of structured kinds, names and places by spaCy, and Presidio's further recognisers.

Structured kinds are decided by pattern, check digits and words nearby, in microseconds and without a model. What a
rule does not name is not loaded; with `engine: presidio` its recognisers find all that the rule names. Misses: values
split over lines or written with look-alike characters; see phone_shapes.py, spelt.py, email_told.py and names/ for
theirs.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Protocol, cast

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from ....engine.errors import ConfigError
from ....engine.jsonio import Json
from ....engine.ports import Detector, Finding
from ....engine.yamlfile import nearest
from ..base import Context
from ..names.detector import NAMES, Names
from ..names.detector import SCORE as NAMED
from ..overlaps import resolve
from ..why import Why
from .kinds import MOST
from .look import bare
from .presidio import FURTHER, Presidio, Refuse, plainly
from .regions import COUNTRIES, in_countries
from .structured import Structured
from .table import STRUCTURED, TABLE

Engine = Literal["own", "presidio"]
_GROUPS = ("structured", "all")
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
    countries: Annotated[
        list[str], WithJsonSchema({"type": "array", "items": {"enum": list(COUNTRIES)}, "minItems": 1})
    ] = Field(
        default=[],
        min_length=1,
        description="With types `structured` or `all`: only the types of these countries, and those of none.",
    )
    engine: Engine = Field(
        default="own",
        description="presidio: its recognisers find the types that are named, by its scores and words, slower.",
    )


class _Part(Protocol):
    """One of the engines behind this detector."""

    context: int
    hold: int

    def find(self, text: str, start: int) -> Sequence[Finding]: ...
    def open_from(self, text: str) -> int: ...
    def whys(self, text: str) -> list[Why]: ...


class Pii:
    """Finds personal data. Of findings that overlap the surer stays, then the longer, then the first in the table."""

    kind = "pii"
    version = "3"
    resumes = True
    reads_around = True

    def __init__(
        self, types: Sequence[str], min_score: float = 0.5, engine: Engine = "own", refuse: Refuse = plainly
    ) -> None:
        self.types = tuple(dict.fromkeys(types))
        self._least = min_score
        self._engine: Engine = engine
        self._parts: list[_Part] = []
        own = self.types if engine == "own" else ()
        if kinds := [TABLE[name] for name in own if name in TABLE]:
            self._parts.append(Structured(kinds, min_score))
        if named := [name for name in own if name in NAMES]:
            self._parts.append(Names(named, min_score))
        self.loads = "models"
        """What `start` loads, for whoever waits."""
        if further := [name for name in self.types if name not in own or name in FURTHER]:
            self._parts.append(Presidio(further, min_score, refuse))
            self.loads = "Presidio, which takes seconds,"
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
        given = cast("dict[str, Any]", plain) if isinstance(plain, dict) else {}
        types = given.get("types", "structured")
        # Which types Presidio has is known when it is loaded.
        ours = given.get("engine") != "presidio"
        if isinstance(types, str) and types not in _GROUPS:
            if ours and types not in known():
                _refuse(types, place, ())
            plain = {**given, "types": [types]}
        for index, name in enumerate(cast("list[Any]", types) if isinstance(types, list) else []):
            if ours and name not in known():
                _refuse(str(name), place, (index,))
        settings = context.parse(PiiConfig, plain)
        if not settings.types:
            raise place.error("no types given", hint="write structured, all, or a list of types")
        listed = isinstance(types, list)

        def refuse(index: int, message: str, hint: str) -> ConfigError:
            return place.error(message, (index,) if listed else (), hint=hint)

        return cls(_chosen(settings, context), settings.min_score, settings.engine, refuse)

    def whys(self, text: str) -> list[Why]:
        """What has the form of its types, found or not, and what it scores."""
        return [why for part in self._parts for why in part.whys(text)]

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
        return {name: Pii([name], self._least, self._engine) for name in self.types}

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


def _chosen(settings: PiiConfig, context: Context) -> Sequence[str]:
    """The types that settings come to. Raises ConfigError for settings that do nothing."""
    group = settings.types if isinstance(settings.types, str) else ""
    if settings.engine == "presidio" and group:
        raise context.error(
            f"`types: {group}` names our own types; with `engine: presidio` name each",
            ("engine",),
            hint="such as [CREDIT_CARD, US_SSN]",
        )
    for index, code in enumerate(settings.countries):
        if code not in COUNTRIES:
            hint = nearest(code, COUNTRIES) or f"known are {', '.join(COUNTRIES)}"
            raise context.error(f'no type belongs to a country "{code[:40]}"', ("countries", index), hint=hint)
    if settings.countries and not group:
        raise context.error("countries go with types `structured` or `all`; a list names its types", ("countries",))
    types = settings.types if not group else STRUCTURED if group == "structured" else (*STRUCTURED, *NAMES)
    # Of a group, whatever else it has is found all the same; names take a model for nothing.
    asked = () if settings.engine == "presidio" else (name for name in types if not group or name in NAMES)
    for name in asked:
        if (best := _best(name)) < settings.min_score:
            message = f"min_score is {settings.min_score:g}, and no {name} scores more than {best:g}"
            raise context.error(f"{message}: none would be found", ("min_score",))
    return in_countries(types, settings.countries) if settings.countries else types


def _best(name: str) -> float:
    """The score that no find of a type exceeds. Those of Presidio's are known when it is loaded."""
    if name in NAMES:
        return NAMED
    if kind := TABLE.get(name):
        return max(shape.best for shape in kind.shapes) + (MOST if kind.wording else 0.0)
    return 1.0
