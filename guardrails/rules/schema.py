"""The rule file, version 1: every field, what it means, what it may be.

`detect` is checked by the detector that it names; this model says only that it names one. Whatever is not here is an
error at start: a setting that does nothing would be worse than none.
"""

import re
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ..detectors.code import NAMES as CODE
from ..detectors.code import CodeConfig
from ..detectors.injection import InjectionConfig
from ..detectors.json_schema import JsonSchemaConfig
from ..detectors.keywords import KeywordsConfig
from ..detectors.language import LanguageConfig
from ..detectors.length import LengthConfig
from ..detectors.pii.detector import PiiConfig
from ..detectors.pii.detector import known as types
from ..detectors.pii.regions import COUNTRIES
from ..detectors.python import PythonConfig
from ..detectors.regex import RegexConfig
from ..detectors.secrets.detector import NAMES as FORMATS
from ..detectors.secrets.detector import SecretsConfig
from ..detectors.topic import TopicConfig
from ..detectors.url.detector import UrlConfig
from .scoring import Scoring
from .settings import Action, OnError, Override, Settings, Views
from .settings import Test as Test
from .when import Excepted

_ID = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
PACKS = Path(__file__).parent.parent / "packs"


def packs() -> tuple[str, ...]:
    """The names of the packs that ship."""
    return tuple(sorted(path.stem for path in PACKS.glob("*.yaml")))


class Rule(Settings):
    """What to look for, where, and what to do about it."""

    id: str = Field(
        description="A name that is unique among all files, such as `pii.email`; letters, digits and . _ -",
        json_schema_extra={"pattern": f"^{_ID}$"},
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
    tags: list[str] = Field(default=[], description="Words to group rules by.")
    tests: list[Test] = Field(default=[], description="Sentences that show what the rule does and does not do.")

    @field_validator("id")
    @classmethod
    def _id(cls, value: str) -> str:
        if not re.fullmatch(_ID, value):
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
    hold: int | None = Field(
        default=None,
        ge=1,
        le=32_768,
        description="In a stream, hold at most this many characters for a regex whose matches have no bound, where "
        "neither it nor its rule says otherwise.",
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
    overrides: list[Override] = Field(
        default=[],
        description="Other settings for rules of all files, packs too, in order; those of included files come first.",
    )
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


MAIN = {
    "keywords": "words",
    "regex": "pattern",
    "pii": "types",
    "secrets": "formats",
    "length": "max",
    "json_schema": "schema",
    "code": "languages",
    "url": "allow",
    "topic": "examples",
    "python": "function",
}
"""What a detector's configuration is when it is no mapping, or of json_schema a JSON Schema."""


def options_of(name: str) -> dict[str, str]:
    """What may stand beside a shipped detector, or in it: each option with its description."""
    fields = DETECTORS[name].model_fields
    return {field.alias or key: field.description or "" for key, field in fields.items()}


def names() -> dict[str, list[str]]:
    """The names that rules can choose from, by what they are names of."""
    return {
        "packs": [f"pack:{name}" for name in packs()],
        "types of personal data": ["structured", "all", *types()],
        "countries": list(COUNTRIES),
        "formats of secrets": list(FORMATS),
        "languages of code": list(CODE),
    }


def json_schema() -> dict[str, Any]:
    """JSON Schema of the rule file, the shipped detectors' settings included, for editors."""
    schema = RuleFile.model_json_schema(by_alias=True)
    definitions = schema["$defs"]
    for name, model in DETECTORS.items():
        definitions[name] = model.model_json_schema(by_alias=True)
    known = names()
    pii, secrets = _open(known["types of personal data"]), {"enum": known["formats of secrets"]}
    _choose(definitions["pii"], "types", {"anyOf": [pii, _many(pii)]})
    _choose(definitions["pii"], "countries", _many(_open(known["countries"])))
    _choose(definitions["secrets"], "formats", {"anyOf": [{"const": "all"}, _many(secrets)]})
    _choose(definitions["secrets"], "without", _many(secrets))
    code = {"anyOf": [{"const": "any"}, _many({"enum": known["languages of code"]})]}
    _choose(definitions["code"], "languages", code)
    _choose(schema, "include", _many(_open(known["packs"])))
    definitions["Detect"] = _detect(definitions)
    definitions["Rule"]["properties"]["detect"] = {"$ref": "#/$defs/Detect"}
    for each in ("Rule", "Override"):
        definitions[each]["properties"]["scope"] = {
            "description": Rule.model_fields["scope"].description,
            "anyOf": [{"$ref": "#/$defs/Scope"}, {"type": "array", "items": {"$ref": "#/$defs/Scope"}, "minItems": 1}],
        }
    for form in definitions["Override"]["properties"].values():
        form.pop("default", None)  # what is not given stays
    return schema


def _detect(definitions: dict[str, Any]) -> dict[str, Any]:
    """A detector with its options, or a combination. Those of other packages are let pass."""
    parts, words = {"$ref": "#/$defs/Detect"}, _many({"type": "string"})
    short: dict[str, Any] = {
        **dict.fromkeys(("keywords", "url", "topic"), words),
        **{name: {"type": "string", "minLength": 1} for name in ("regex", "python")},
        "pii": definitions["pii"]["properties"]["types"],
        "secrets": definitions["secrets"]["properties"]["formats"],
        "code": definitions["code"]["properties"]["languages"],
        "length": {"type": "integer", "minimum": 0},
        "json_schema": {"type": "object"},
        "injection": {"type": "null"},
    }
    properties: dict[str, Any] = {}
    ways: list[dict[str, Any]] = []
    for name, model in DETECTORS.items():
        told = model.__doc__ or ""
        forms = [short[name]] if name in short else []
        # With options beside it, it need not have all in it.
        whole = {"$ref": f"#/$defs/{name}"}
        parted = {key: value for key, value in definitions[name].items() if key != "required"}
        properties[name] = {"description": told, "anyOf": [*forms, whole, parted]}
        beside = [name, *options_of(name)]
        options = {key: definitions[name]["properties"][key] for key in options_of(name)}
        ways.append({"required": [name], "properties": options, "propertyNames": {"enum": beside}})
    several = {"type": "array", "items": parts, "minItems": 1}
    properties["any"] = {"description": "Finds what any of its parts finds.", **several}
    properties["all"] = {"description": "Finds what its parts find, if each finds something.", **several}
    properties["not"] = {"description": "Finds a text in which its part finds nothing.", **parts}
    ways += [{"required": [name], "maxProperties": 1} for name in ("any", "all", "not")]
    ways.append({"propertyNames": {"not": {"enum": [*properties]}}})
    told = Rule.model_fields["detect"].description
    return {"type": "object", "description": told, "minProperties": 1, "properties": properties, "oneOf": ways}


def _open(known: list[str]) -> dict[str, Any]:
    """A text for which editors offer what is known."""
    return {"anyOf": [{"enum": known}, {"type": "string"}]}


def _many(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _choose(definition: dict[str, Any], key: str, form: dict[str, Any]) -> None:
    """Put a form in the place of a property's own, which keeps its words."""
    own = definition["properties"][key]
    definition["properties"][key] = {k: own[k] for k in ("description", "default") if k in own} | form
