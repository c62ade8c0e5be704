"""`keys:` in `gate.yaml`: callers that are known by a key of their own, with a name and perhaps a team."""

import re
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from ...engine.jsonio import Address
from ...engine.secret import Secret
from ...engine.validate import Date
from ...engine.yamlfile import Located
from ...governance.keys import NamedKey
from .section import Section
from .variables import credential

SHORTEST = 16
"""Characters of a key: fewer can be guessed."""
_KEY = re.compile("[!-~]+")
"""What a header can carry."""
_ONE_OR_LIST = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}


def _texts(value: Any) -> list[str]:
    listed = cast("list[Any]", value if isinstance(value, list) else [value])
    if not listed or not all(isinstance(each, str) and each for each in listed):
        raise ValueError("must be a non-empty string, or a list of such; is the variable set?")
    return cast("list[str]", listed)


def _keys(value: Any) -> tuple[Secret, ...]:
    for each in _texts(value):
        if len(each) < SHORTEST:
            raise ValueError(f"a key has at least {SHORTEST} characters; openssl rand -hex 32 makes one")
        if not _KEY.fullmatch(each):
            raise ValueError("the key has a character that no header carries, such as a space")
    return tuple(Secret(credential(each)) for each in _texts(value))


def _digests(value: Any) -> tuple[str, ...]:
    for each in _texts(value):
        if not re.fullmatch("[0-9a-fA-F]{64}", each):
            raise ValueError('must be 64 hex digits; printf %s "$KEY" | sha256sum writes them')
    return tuple(each.lower() for each in _texts(value))


CallerName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class KnownKey(Section):
    """A caller. Two keys for one name let an old one be replaced while both are good."""

    name: CallerName = Field(description="Letters, digits and . _ -; once in the file.")
    key: Annotated[tuple[Secret, ...], BeforeValidator(_keys), WithJsonSchema(_ONE_OR_LIST)] = Field(
        default=(), description="As ${ENV}, of at least 16 characters; one, or a list."
    )
    sha256: Annotated[tuple[str, ...], BeforeValidator(_digests), WithJsonSchema(_ONE_OR_LIST)] = Field(
        default=(),
        description="SHA-256 of the key in hex, in place of the key, so that the file need not hold it; one, or a "
        "list. Only for keys made by chance: one that can be guessed can be found from it.",
    )
    team: CallerName | None = Field(default=None, description="Whom it belongs to.")
    until: Date | None = Field(default=None, description="The last day on which its keys are taken, by UTC.")

    @model_validator(mode="after")
    def _some_key(self) -> "KnownKey":
        if not self.key and not self.sha256:
            raise ValueError("has neither a key nor the sha256 of one")
        return self

    def named(self) -> NamedKey:
        """The same as those who look keys up take it."""
        return NamedKey(self.name, (*(key.sha256() for key in self.key), *self.sha256), self.team or "", self.until)


class Keys(Section):
    require: bool = Field(default=False, description="Only callers with a known key are served; others get a 401.")
    known: list[KnownKey] = Field(default=[], description="Callers with a name.")

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.known]

    @property
    def teams(self) -> list[str]:
        return list(dict.fromkeys(each.team for each in self.known if each.team))


def check_keys(keys: Keys, tree: Located) -> None:
    """Raises ConfigError, with the line: for a name or a key that stands there twice, a demand that nobody can meet."""
    names, holders = dict[str, Address](), dict[str, str]()
    for index, each in enumerate(keys.known):
        at: Address = ("keys", "known", index)
        if each.name in names:
            first = tree.line_of(names[each.name])
            hint = f"first on line {first}; one name takes a list of keys"
            raise tree.error(f'the name "{each.name}" stands here twice', (*at, "name"), hint=hint)
        names[each.name] = (*at, "name")
        for digest in each.named().digests:
            if digest in holders:
                raise tree.error("this key stands here twice", at, hint=f'it is one of "{holders[digest]}"')
            holders[digest] = each.name
    if keys.require and not keys.known:
        raise tree.error("no key is known, so nobody would be served", ("keys", "require"), hint="list some as `known`")
