"""What a rule does, beside what it looks for: in its own words, or as an override of another file says it."""

from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from ...engine.exchange import Scope
from ..masks import Mask
from .roles import Role
from .when import When

Action = Literal["block", "mask", "redact", "replace", "respond", "route", "score", "flag"]
OnError = Literal["block", "pass", "flag"]
Severity = Literal["notice", "warning", "error", "critical"]
Views = Literal["none", "normal", "all"]


def _scopes(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Test(BaseModel):
    """A sentence and what the rule must make of it."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(description="The text that is checked.", max_length=100_000)
    expect: Action | Literal["pass"] = Field(description="What the rule must do with it.")
    spans: list[tuple[int, int]] | None = Field(
        default=None, description="Where: [start, end] in characters, of every find. Not compared when left out."
    )
    key: str | None = Field(
        default=None,
        description="The name of the key that asks. With it, a team or a role, conditions and exceptions on these "
        "count, and what is in shadow mode by them passes; without, all conditions are aside.",
    )
    team: str | None = Field(default=None, description="The team that asks.")
    role: Role | None = Field(
        default=None,
        description="Who speaks: system, user, assistant or tool. Conditions and exceptions on roles count, too.",
    )

    @field_validator("spans", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        each = cast("list[object]", value) if isinstance(value, list) else []
        if not all(isinstance(pair, list) and len(cast("list[object]", pair)) == 2 for pair in each):
            raise ValueError("spans are written [[0, 4], [9, 12]]: the beginning and the end of each find")
        return cast(object, value)


class Settings(BaseModel):
    """What a rule does, where and when."""

    model_config = ConfigDict(extra="forbid")

    scope: Annotated[list[Scope], BeforeValidator(_scopes)] = Field(
        default=list(Scope),
        min_length=1,
        description="Which texts: input, output, tool_args, tool_result; one or a list. All four when not given.",
    )
    with_: str | None = Field(
        default=None, alias="with", max_length=10_000, description="The text that replace puts, or respond answers."
    )
    to: str | None = Field(default=None, description="The provider that route sends a request to, and no other.")
    mask: Mask | None = Field(default=None, description="How mask does it; reversible when not given.")
    severity: Severity = Field(default="warning", description="How grave a find is: points of score; told in logs.")
    mode: Literal["enforce", "shadow"] = Field(
        default="enforce", description="shadow: note what the action would have been, and change nothing."
    )
    stream: Literal["hold", "stop"] | None = Field(
        default=None,
        description="In a streamed reply, hold: text waits until the rule has judged it; so it is when not given. "
        "stop: text leaves as it comes, and a find ends the stream at once, whatever has left; for block and score.",
    )
    sample: float | None = Field(
        default=None, gt=0, le=1, description="The share of exchanges that a shadow rule looks at; 1 when not given."
    )
    when: When | None = Field(default=None, description="Conditions under which the rule holds; all must.")
    views: Views | None = Field(
        default=None,
        description="Whether the rule also looks at the text normalised (normal), or normalised and decoded (all). "
        "When not given, keywords, topic and injection look at all, pii and secrets at normal, others at none, and a "
        "combination at what the widest of its parts does, those under not aside.",
    )
    message: str = Field(default="", max_length=500, description="What a caller whom the rule blocks is told.")
    on_error: OnError | None = Field(
        default=None,
        description="When the detector fails or the content cannot be read: block, pass, or flag (pass and note it). "
        "Passing is noted too, as not_evaluated. The file's default when not given.",
    )
    allow_unread: bool | None = Field(
        default=None,
        description="Let content pass that no guard can read (images, audio, files), noted as not_evaluated.",
    )

    @field_validator("mode", mode="before")
    @classmethod
    def _no_off(cls, value: object) -> object:
        if value == "off" or value is False:
            raise ValueError("rules are switched off under exceptions: {rules: [...], mode: off}")
        return value


class Override(Settings):
    """Settings of rules in other files, packs too. What is not given stays as the rule has it."""

    rules: list[str] = Field(min_length=1, max_length=100, description="Rule ids, with * and ?, or tag:NAME.")
    action: Action | None = Field(
        default=None,
        description="Another action. `with`, `to` and `mask` of the rule, which go with its own, are then left aside.",
    )
    options: dict[str, Any] = Field(
        default={}, description="Options of the rule's detector, such as min_score, in the place of its own."
    )
    tests: list[Test] = Field(
        default=[], description="Sentences that show what the rule does now; for an override of one rule."
    )
    reason: str = Field(default="", description="Why, for whoever reads the file next.")

    @model_validator(mode="after")
    def _says_something(self) -> "Override":
        if not self.model_fields_set - {"rules", "tests", "reason"}:
            raise ValueError("an override names what is otherwise, such as action, severity or mode")
        for name in ("action", "with_", "to", "on_error", "allow_unread"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(f'"{name.strip("_")}" needs a value; what is not given stays as the rule has it')
        return self
