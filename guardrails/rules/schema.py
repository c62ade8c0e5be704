"""The rule file, version 1: every field, what it means, what it may be.

`detect` is checked by the detector that it names; this model says only that it names one. Whatever is not here is an
error at start: a setting that does nothing would be worse than none.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from ...engine.exchange import Scope
from ..detectors.code import CodeConfig
from ..detectors.injection import InjectionConfig
from ..detectors.json_schema import JsonSchemaConfig
from ..detectors.keywords import KeywordsConfig
from ..detectors.language import LanguageConfig
from ..detectors.length import LengthConfig
from ..detectors.pii import PiiConfig
from ..detectors.python import PythonConfig
from ..detectors.regex import RegexConfig
from ..detectors.secrets import SecretsConfig
from ..detectors.topic import TopicConfig
from ..detectors.url import UrlConfig
from ..masks import Mask
from .roles import Role
from .scoring import Scoring
from .when import Excepted, When

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


class Rule(BaseModel):
    """What to look for, where, and what to do about it."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(description="A name that is unique among all files, such as `pii.email`; letters, digits and . _ -")
    scope: Annotated[list[Scope], BeforeValidator(_scopes)] = Field(
        default=list(Scope),
        min_length=1,
        description="Which texts: input, output, tool_args, tool_result; one or a list. All four when not given.",
    )
    detect: dict[str, Any] = Field(
        description="One detector and its configuration, or `any: [...]`, `all: [...]`, `not: {...}` of such."
    )
    action: Action = Field(
        description="block: refuse the request, end the reply. mask: a placeholder goes on, the caller gets the value "
        "back (see mask). redact: the label goes on, for good. replace: the text of `with` goes on. respond: the "
        "caller is answered with the text of `with`, and no model is asked. route: the request goes to the provider "
        "`to`. "
        "score: add the points of the severity, see scoring. flag: only note it."
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
    tags: list[str] = Field(default=[], description="Words to group rules by.")
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
    tests: list[Test] = Field(default=[], description="Sentences that show what the rule does and does not do.")

    @field_validator("id")
    @classmethod
    def _id(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", value):
            raise ValueError("a rule's id has 1 to 64 letters, digits and . _ - and begins with a letter or digit")
        return value


class Defaults(BaseModel):
    """What holds for the rules of this file that do not say otherwise."""

    model_config = ConfigDict(extra="forbid")

    on_error: OnError = Field(default="block", description="When a detector fails or content cannot be read.")
    allow_unread: bool = Field(default=False, description="Let content pass that no guard can read.")
    views: Views | None = Field(
        default=None,
        description="Which views of a text the rules look at, but for those of length, language and json_schema.",
    )


class RuleFile(BaseModel):
    """A rule file of tidegate."""

    model_config = ConfigDict(extra="forbid")

    version: Literal[1] = Field(description="The version of this format: 1.")
    include: list[str] = Field(
        default=[], description="`pack:NAME` for a pack that ships, or a file in or below this file's folder."
    )
    defaults: Defaults = Field(default=Defaults(), description="What holds for rules that do not say otherwise.")
    lists: dict[str, list[str]] = Field(
        default={}, description="Named lists of words, for `keywords: {list: NAME}`; included files see only their own."
    )
    scoring: Scoring | None = Field(
        default=None, description="Points and thresholds of rules whose action is score; in one file at most."
    )
    rules: list[Rule] = Field(default=[], description="The rules. All of them look at every text of their scope.")
    exceptions: list[Excepted] = Field(
        default=[],
        description="Rules that do not hold for a while, or texts that are no finds; for rules of all files.",
    )


DETECTORS: dict[str, type[BaseModel]] = {
    "keywords": KeywordsConfig,
    "regex": RegexConfig,
    "pii": PiiConfig,
    "secrets": SecretsConfig,
    "length": LengthConfig,
    "json_schema": JsonSchemaConfig,
    "language": LanguageConfig,
    "code": CodeConfig,
    "url": UrlConfig,
    "topic": TopicConfig,
    "injection": InjectionConfig,
    "python": PythonConfig,
}
"""The shipped detectors and what configures each."""


def json_schema() -> dict[str, Any]:
    """JSON Schema of the rule file, the shipped detectors' settings included, for editors."""
    schema = RuleFile.model_json_schema(by_alias=True)
    definitions = schema["$defs"]
    for name, model in DETECTORS.items():
        definitions[name] = model.model_json_schema(by_alias=True)
    parts = {"$ref": "#/$defs/Detect"}
    words = {"type": "array", "items": {"type": "string"}}
    definitions["Detect"] = {
        "type": "object",
        "description": Rule.model_fields["detect"].description,
        "minProperties": 1,
        "maxProperties": 1,
        "properties": {
            "keywords": {"anyOf": [words, {"$ref": "#/$defs/keywords"}]},
            "regex": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/regex"}]},
            "pii": {"anyOf": [{"type": "string"}, words, {"$ref": "#/$defs/pii"}]},
            "secrets": {"anyOf": [{"const": "all"}, words, {"$ref": "#/$defs/secrets"}]},
            "length": {"anyOf": [{"type": "integer"}, {"$ref": "#/$defs/length"}]},
            "json_schema": {"$ref": "#/$defs/json_schema"},
            "language": {"$ref": "#/$defs/language"},
            "code": {"anyOf": [{"const": "any"}, words, {"$ref": "#/$defs/code"}]},
            "url": {"anyOf": [words, {"$ref": "#/$defs/url"}]},
            "topic": {"anyOf": [words, {"$ref": "#/$defs/topic"}]},
            "injection": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/injection"}]},
            "python": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/python"}]},
            "any": {"type": "array", "items": parts, "minItems": 1},
            "all": {"type": "array", "items": parts, "minItems": 1},
            "not": parts,
        },
    }
    definitions["Rule"]["properties"]["detect"] = parts
    definitions["Rule"]["properties"]["scope"] = {
        "description": Rule.model_fields["scope"].description,
        "anyOf": [{"$ref": "#/$defs/Scope"}, {"type": "array", "items": {"$ref": "#/$defs/Scope"}, "minItems": 1}],
    }
    return schema
