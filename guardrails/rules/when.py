"""When a rule holds: conditions on the request and the clock, exceptions, and the sampling of shadow rules.

What can be told once for an exchange is told once (`Facts`); only a condition on the tool looks at each text.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, field_validator, model_validator

from ...engine import jsonio
from ...engine.exchange import Scope
from ...engine.validate import Date
from .roles import ROLES, Role

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Mode = Literal["on", "shadow", "off"]
_HOURS = "([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)"
OF_TOOLS = (Scope.TOOL_ARGS, Scope.TOOL_RESULT)
"""The scopes of what goes to and comes from tools."""


def _listed(value: object) -> object:
    if isinstance(value, bool | int | float):
        raise ValueError("should be text, or a list of texts: put it in quotes")
    return [value] if isinstance(value, str) else value


def _one_or_list(least: int, **more: Any) -> WithJsonSchema:
    one = {"type": "string", **more}
    return WithJsonSchema({"anyOf": [one, {"type": "array", "items": one, "minItems": least}]})


Globs = Annotated[list[str], BeforeValidator(_listed), _one_or_list(0)]
Names = Annotated[list[str], BeforeValidator(_listed), Field(min_length=1), _one_or_list(1)]
"""Patterns that must not be emptied by mistake: none would mean every caller."""
Roles = Annotated[list[Role], BeforeValidator(_listed), Field(min_length=1), _one_or_list(1, enum=[*ROLES])]


class Time(BaseModel):
    """Hours and weekdays."""

    model_config = ConfigDict(extra="forbid")

    hours: str = Field(
        default="",
        description="Such as 09:00-17:30; the end is not included, and may lie past midnight: 22:00-06:00.",
        json_schema_extra={"pattern": f"^({_HOURS})?$"},
    )
    weekdays: list[Day] = Field(default=[], description="mon, tue, wed, thu, fri, sat, sun; every day when not given.")
    tz: str = Field(default="UTC", description="A time zone's name, such as Europe/Berlin.")

    @field_validator("hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        if value and not re.fullmatch(_HOURS, value):
            raise ValueError("hours are written 09:00-17:30")
        return value

    @field_validator("tz")
    @classmethod
    def _tz(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError):
            raise ValueError("this machine knows no such time zone; names are those of the IANA database") from None
        return value

    @model_validator(mode="after")
    def _limited(self) -> "Time":
        if not self.hours and not self.weekdays:
            raise ValueError("a time needs hours or weekdays; without them it is any time")
        return self

    def holds(self, now: datetime) -> bool:
        """Whether `now` lies in it. A night's hours belong to the day on which they begin."""
        local = now.astimezone(ZoneInfo(self.tz))
        day, minute = local.weekday(), local.hour * 60 + local.minute
        if self.hours:
            begin, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in self.hours.split("-"))
            if begin >= end and minute < end:
                day = (day - 1) % 7
            elif not (begin <= minute and (minute < end or begin >= end)):
                return False
        return not self.weekdays or DAYS[day] in self.weekdays


class When(BaseModel):
    """Conditions; all that are given must hold."""

    model_config = ConfigDict(extra="forbid")

    model: Globs = Field(default=[], description="Names of models, with * and ?; one or a list.")
    route: Globs = Field(
        default=[], description="Names of routes in gate.yaml, with * and ?: the one that the request, as sent, fits."
    )
    tool: Globs = Field(
        default=[],
        description="Names of tools, with * and ?. Texts that belong to no tool are left alone; the "
        "arguments and results of a tool that cannot be told may be any tool's.",
    )
    key: Names = Field(
        default=[],
        description="Names of keys in gate.yaml, with * and ?; * is every named one. Callers without one are left "
        "alone.",
    )
    team: Names = Field(default=[], description="The same for the teams of such keys.")
    role: Roles = Field(
        default=[],
        description="Who speaks: system (developers' prompts), user, assistant, tool (results); one or a list. Texts "
        "of which that is not told, such as definitions of tools, may be anybody's.",
    )
    metadata: dict[str, Globs] = Field(
        default={},
        description="Values in the JSON object of the header x-tidegate-metadata, with * and ?. Callers set that "
        "header: a rule that protects against callers must not be narrowed by it.",
    )
    time: Time | None = Field(default=None, description="Hours and weekdays at which the rule holds.")

    @model_validator(mode="after")
    def _says_something(self) -> "When":
        if not any(value for _, value in self):
            raise ValueError("these conditions say nothing; name one, or leave them out")
        return self

    def fits(self, asker: "Facts") -> bool:
        """Whether the conditions on key, team and role hold."""
        spoken = not self.role or asker.role is None or asker.role in self.role
        return spoken and _about(self.key, self.team, asker.key, asker.team)


def covers(name: str, rule: str, tags: Sequence[str]) -> bool:
    """Whether a name in an exception or override means this rule: its id, a glob, or `tag:NAME`."""
    return name[4:] in tags if name.startswith("tag:") else fnmatchcase(rule, name)


class Excepted(BaseModel):
    """Rules that do not hold, or findings that are none."""

    model_config = ConfigDict(extra="forbid")

    rules: list[str] = Field(min_length=1, description="Rule ids, with * and ?, or tag:NAME.")
    mode: Literal["shadow", "off"] | None = Field(
        default=None, description="shadow: the rules only note what they would do; off: they do not look."
    )
    allow_text: list[str] = Field(
        default=[], description="Findings that are these texts are dropped. Case, width and white space do not matter."
    )
    keys: Names = Field(
        default=[], description="Names of keys in gate.yaml, with * and ?: for requests with one of them only."
    )
    teams: Names = Field(default=[], description="The same for the teams of such keys.")
    roles: Roles = Field(
        default=[],
        description="For texts of such roles only: system, user, assistant, tool; one or a list. Not for texts of "
        "which that is not told.",
    )
    until: Date | None = Field(default=None, description="The last day on which the exception holds, by UTC.")
    reason: str = Field(default="", description="Why, for whoever reads the file next.")

    @model_validator(mode="after")
    def _says_something(self) -> "Excepted":
        if bool(self.mode) == bool(self.allow_text):
            raise ValueError("an exception has either a mode (shadow or off) or texts that are allowed (allow_text)")
        return self

    def covers(self, rule: str, tags: Sequence[str]) -> bool:
        return any(covers(name, rule, tags) for name in self.rules)

    def expired(self, today: date) -> bool:
        return self.until is not None and today > self.until

    def holds(self, facts: "Facts") -> bool:
        if self.expired(facts.today) or (self.roles and facts.role not in self.roles):
            return False
        return _about(self.keys, self.teams, facts.key, facts.team)


def _about(keys: Sequence[str], teams: Sequence[str], key: str, team: str) -> bool:
    """Whether patterns, if there are any, fit a caller's key and team. None fits a caller who has none."""
    return all(
        not globs or (bool(name) and any(fnmatchcase(name, glob) for glob in globs))
        for globs, name in ((keys, key), (teams, team))
    )


def plain(text: str) -> str:
    """A text as allowed texts are compared; in numbers spaces and hyphens count for nothing."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return re.sub(r"[ -]", "", folded) if re.fullmatch(r"[0-9 -]+", folded) else folded


@dataclass(frozen=True)
class Facts:
    """What conditions ask of an exchange, and of a text in it."""

    id: str = ""
    model: str = ""
    route: str | None = None
    """The name of the request's route, empty when it has none; None: nobody has looked, and every condition holds."""
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    key: str = ""
    """The name of the caller's key; empty: it has none that is known."""
    team: str = ""
    role: Role | None = None
    """Who speaks in the text that is looked at; None: that is not told."""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    others: tuple[tuple[str, str | None], ...] = ()
    """Model and route of each other choice of the caller's: the texts may go there too, so that a condition which fits
    one of them holds."""

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(UTC).date()


@dataclass(frozen=True)
class Holding:
    """When a rule holds, and how. The default: always, as written."""

    when: When | None = None
    sample: float = 1.0
    exceptions: tuple[Excepted, ...] = ()

    @property
    def always(self) -> bool:
        return self.when is None and self.sample == 1.0 and not any(e.mode for e in self.exceptions)

    def mode(self, rule: str, facts: Facts) -> Mode:
        """How the rule holds for an exchange, tools aside."""
        if self.when is not None and not _fits(self.when, facts):
            return "off"
        if self.sample < 1.0 and _draw(rule, facts.id) >= self.sample:
            return "off"
        return self.excepted(facts)

    def excepted(self, facts: Facts) -> Mode:
        """How the rule holds as far as exceptions decide."""
        return _strongest(each for each in self.exceptions if each.holds(facts))

    def for_asker(self, asker: Facts) -> Mode:
        """How the rule holds as far as conditions and exceptions on keys, teams and roles decide."""
        if self.when is not None and not self.when.fits(asker):
            return "off"
        return _strongest(each for each in self.for_some if each.holds(asker))

    @property
    def for_some(self) -> tuple[Excepted, ...]:
        """The exceptions that are about keys, teams or roles."""
        return tuple(each for each in self.exceptions if each.keys or each.teams or each.roles)

    @property
    def by_role(self) -> bool:
        """Whether it matters who speaks."""
        return bool(self.when and self.when.role) or any(each.roles for each in self.exceptions)

    @property
    def by_tool(self) -> bool:
        """Whether it matters of which tool a text is."""
        return bool(self.when and self.when.tool)

    def for_tool(self, tool: str, of_tool: bool) -> bool:
        """Whether the rule holds for a text of `tool`. What is a tool's (`of_tool`), and nobody says which, may be any
        tool's: the call of a result may stand in an earlier request, which the provider remembers."""
        if self.when is None or not self.when.tool or (not tool and of_tool):
            return True
        return any(fnmatchcase(tool, each) for each in self.when.tool)

    def allowed(self, facts: Facts) -> frozenset[str]:
        """The texts that are no findings."""
        lists = (each.allow_text for each in self.exceptions if each.holds(facts))
        return frozenset(plain(text) for texts in lists for text in texts)


def _strongest(exceptions: Iterable[Excepted]) -> Mode:
    modes = {each.mode for each in exceptions}
    return "off" if "off" in modes else "shadow" if "shadow" in modes else "on"


def _fits(when: When, facts: Facts) -> bool:
    if not when.fits(facts):
        return False
    if not any(_leads(when, model, route) for model, route in ((facts.model, facts.route), *facts.others)):
        return False
    for key, wanted in when.metadata.items():
        value = facts.metadata.get(key)
        # As JSON has it, so that true is no "True", and the same value leads to the same route and the same rules.
        told = value if isinstance(value, str) else "" if value is None else jsonio.dumps(value).decode()
        if key not in facts.metadata or not any(fnmatchcase(told, each) for each in wanted):
            return False
    return when.time is None or when.time.holds(facts.now)


def _leads(when: When, model: str, route: str | None) -> bool:
    """Whether the conditions on model and route fit one way of a request."""
    if when.model and not any(fnmatchcase(model, each) for each in when.model):
        return False
    return not when.route or route is None or any(fnmatchcase(route, each) for each in when.route)


def _draw(rule: str, exchange: str) -> float:
    """A number from 0 to 1 that is the same for all texts of an exchange."""
    digest = hashlib.blake2b(f"{rule}\0{exchange}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
