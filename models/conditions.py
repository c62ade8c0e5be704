"""Which requests a route is for: conditions on what is known of a request before it is sent."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from ..engine import jsonio
from ..engine.exchange import Exchange, metadata

BYTES_A_TOKEN = 4
"""English text has about four bytes of UTF-8 a token in today's vocabularies, code and other scripts somewhat fewer:
good enough to tell a long request from a short one, and free of any model's tokenizer."""


class Facts:
    """What conditions ask of an exchange, each worked out when it is first asked for."""

    def __init__(self, exchange: Exchange, *, unread: bool = False) -> None:
        """`unread`: a request that no dialect reads. It has no model, and conditions on the model hold for it."""
        self._exchange = exchange
        self._same: Facts | None = None
        self.model = exchange.model or None if unread else exchange.model
        self.stream = exchange.stream
        self.dialect = exchange.dialect.name
        self.headers = exchange.headers
        self.caller = exchange.caller.id
        self.key = exchange.caller.name
        self.team = exchange.caller.team

    def of(self, model: str) -> "Facts":
        """The same of a request for another model: what is worked out of either is known of both."""
        other = copy(self)
        other.model = model
        other._same = self._same or self
        return other

    @cached_property
    def tokens(self) -> int:
        """The request's texts, estimated at BYTES_A_TOKEN. Images, audio and files are not counted."""
        if self._same is not None:
            return self._same.tokens
        segments = self._exchange.dialect.request_segments(self._exchange.body)
        return sum(len(each.text.encode()) for each in segments if not each.unread) // BYTES_A_TOKEN

    @cached_property
    def metadata(self) -> Mapping[str, Any]:
        """The body's `metadata` as it came, and over it the JSON object of the header. Raises BadRequest if the header
        is none."""
        found: dict[str, Any] = self._exchange.metadata or {}
        return {**found, **metadata(self.headers)}


@dataclass(frozen=True, slots=True)
class When:
    """Conditions; all that are given must hold. Patterns have `*`, `?` and `[abc]`, and case counts."""

    models: tuple[str, ...] = ()
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    over: int | None = None
    """Estimated tokens: more than this many."""
    under: int | None = None
    stream: bool | None = None
    keys: tuple[str, ...] = ()
    """Names of known keys: no pattern fits a caller without one."""
    teams: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ()
    """Names of dialects (`openai.chat`) or of families (`openai`)."""
    any: tuple["When", ...] = ()
    """One of these must hold as well."""
    unless: "When | None" = None

    def holds(self, facts: Facts) -> bool:
        """Raises BadRequest when it asks for metadata, and what was sent is none."""
        return (
            (not self.models or facts.model is None or _one_of(facts.model, self.models))
            and (not self.keys or _one_of(facts.key or None, self.keys))
            and (not self.teams or _one_of(facts.team or None, self.teams))
            and (self.stream is None or self.stream == facts.stream)
            and (not self.dialects or facts.dialect in self.dialects or facts.dialect.split(".")[0] in self.dialects)
            and all(_one_of(facts.headers.get(name), patterns) for name, patterns in self.headers.items())
            and all(_one_of(facts.metadata.get(name), patterns) for name, patterns in self.metadata.items())
            and (self.over is None or facts.tokens > self.over)
            and (self.under is None or facts.tokens < self.under)
            and (not self.any or any(each.holds(facts) for each in self.any))
            and (self.unless is None or not self.unless.holds(facts))
        )


ALWAYS = When()


def covers(earlier: When, later: When) -> bool:
    """Whether `earlier` surely takes every request that `later` takes. False when that is not plain."""
    if earlier in (ALWAYS, later):
        return True
    if earlier != When(models=earlier.models):
        return False
    narrow = later.models or ("*",)
    return all(any(_within(pattern, wide) for wide in earlier.models) for pattern in narrow)


def _within(narrow: str, wide: str) -> bool:
    """Whether all that fits `narrow` fits `wide`, as far as can be told from a prefix."""
    if narrow == wide:
        return True
    plain = narrow.split("*")[0].split("?")[0].split("[")[0]
    if plain == narrow:
        return fnmatchcase(narrow, wide)
    prefix = wide[:-1]
    return wide.endswith("*") and not any(mark in prefix for mark in "*?[") and plain.startswith(prefix)


def _one_of(value: object, patterns: tuple[str, ...]) -> bool:
    if value is None:
        return False
    told = value if isinstance(value, str) else jsonio.dumps(value).decode()
    return any(fnmatchcase(told, pattern) for pattern in patterns)
