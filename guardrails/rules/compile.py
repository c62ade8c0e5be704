"""Rules to a Ruleset: detectors built, grouped by scope, and a digest of all that decides."""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from ...engine import jsonio
from ...engine.exchange import Scope
from ...engine.jsonio import Json
from ...engine.ports import Detector
from ...engine.yamlfile import Located, nearest, shorten
from ..detectors import registry
from ..detectors.base import Context, signature
from ..detectors.regex import PatternSet, Regex
from .combine import AllOf, AnyOf, NotOf
from .load import Loaded, load_rules
from .schema import OnError, Test

FORMAT = 1
"""Raised when the same rules would decide differently than in an earlier release."""
STRENGTH = {"flag": 0, "mask": 1, "redact": 2, "block": 3}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule ready to run."""

    id: str
    scopes: frozenset[Scope]
    detector: Detector
    action: str
    shadow: bool
    on_error: OnError
    allow_unread: bool
    message: str
    severity: str
    tags: tuple[str, ...]
    tests: tuple[Test, ...] = ()
    place: str = ""
    """file:line"""

    @property
    def changes(self) -> bool:
        """Whether it can change or stop anything."""
        return not self.shadow and self.action != "flag"


@dataclass(frozen=True)
class Group:
    """The rules of one scope."""

    rules: tuple[Rule, ...] = ()

    @cached_property
    def context(self) -> int | None:
        """Characters of settled text that its detectors want to see again; None: all."""
        contexts = [rule.detector.context for rule in self.rules]
        return None if None in contexts else max((c for c in contexts if c is not None), default=0)

    @cached_property
    def fast(self) -> "Group":
        """Those of its rules that may run on the event loop."""
        rules = tuple(rule for rule in self.rules if not rule.detector.slow)
        return self if len(rules) == len(self.rules) else Group(rules)

    @cached_property
    def slow(self) -> "Group":
        """The others."""
        return Group(tuple(rule for rule in self.rules if rule.detector.slow))

    @cached_property
    def _matches(self) -> "_Sieve | None":
        return _Sieve.of(self.rules, lambda part: part.pattern)

    @cached_property
    def _opens(self) -> "_Sieve | None":
        return _Sieve.of(self.rules, lambda part: part.open_pattern)

    def possible(self, text: str) -> Callable[[Rule], bool]:
        """Which rules can find anything at all in `text`."""
        return self._matches.passes(text) if self._matches else _always

    def possibly_open(self, text: str) -> Callable[[Rule], bool]:
        """For which rules a match can be under way at the end of `text`."""
        return self._opens.passes(text) if self._opens else _always


def _always(rule: Rule) -> bool:
    return True


@dataclass(frozen=True)
class _Sieve:
    """The patterns of all rules that consist of patterns only, looked for in one pass."""

    owned: dict[str, set[int]]
    patterns: PatternSet

    @classmethod
    def of(cls, rules: Sequence[Rule], pattern: Callable[[Regex], str]) -> "_Sieve | None":
        """None when there are too few for a pass to pay."""
        sources: list[str] = []
        owned: dict[str, set[int]] = {}
        for rule in rules:
            parts = rule.detector.parts if isinstance(rule.detector, AnyOf) else [rule.detector]
            own = [pattern(part) if isinstance(part, Regex) else "" for part in parts]
            if all(own):
                owned[rule.id] = set(range(len(sources), len(sources) + len(own)))
                sources += own
        return cls(owned, PatternSet(sources)) if len(sources) > 2 else None

    def passes(self, text: str) -> Callable[[Rule], bool]:
        matching = self.patterns.matching(text)
        return lambda rule: rule.id not in self.owned or not matching.isdisjoint(self.owned[rule.id])


_EMPTY = Group()


def _nothing() -> None:
    """What a detector without a model does at start."""


@dataclass(frozen=True)
class Ruleset:
    """Rules that hold together. Immutable; replaced as a whole."""

    rules: tuple[Rule, ...] = ()
    digest: str = ""
    """SHA-256, hex, of all that bears on a decision: rules, word lists, versions of detectors."""
    groups: dict[Scope, Group] = field(default_factory=dict[Scope, Group])

    def group(self, scope: Scope) -> Group:
        return self.groups.get(scope, _EMPTY)

    def has(self, scope: Scope) -> bool:
        """Whether any rule looks at texts of this scope."""
        return scope in self.groups

    @property
    def ready(self) -> bool:
        """Whether every detector has what it needs."""
        return all(getattr(rule.detector, "ready", True) for rule in self.rules)

    def start(self) -> None:
        """Load the models that rules ask for: seconds, blocking. Else the first text waits. Raises ConfigError."""
        for rule in self.rules:
            getattr(rule.detector, "start", _nothing)()
        for group in self.groups.values():
            # The automata build themselves on the first text: some 50 ms that no request should wait for.
            group.possible("")
            group.possibly_open("")

    def holds(self) -> str:
        """How much of a streamed reply can be held back at most, in words."""
        rules = [rule for rule in self.rules if rule.scopes & {Scope.OUTPUT, Scope.TOOL_ARGS}]
        if not rules:
            return "nothing: no rule reads replies"
        bounds = {rule.id: cast("int | None", getattr(rule.detector, "hold", None)) for rule in rules}
        if endless := [name for name, bound in bounds.items() if bound is None]:
            return f"as long as a match is under way, by {', '.join(endless[:3])}{' and others' * (len(endless) > 3)}"
        name, most = max(bounds.items(), key=lambda item: item[1] or 0)
        return f"at most {most} characters, by {name}"

    @cached_property
    def masks_requests(self) -> bool:
        """Whether a rule may put placeholders into a request."""
        return any(rule.action == "mask" and rule.changes and rule.scopes - {Scope.OUTPUT} for rule in self.rules)

    @cached_property
    def labels(self) -> frozenset[str]:
        """What placeholders can be called, so far as is known beforehand."""
        found: set[str] = set()
        for rule in self.rules:
            found.update(getattr(rule.detector, "labels", ()))
            found.update(getattr(part, "label", "") for part in (rule.detector, *getattr(rule.detector, "parts", ())))
        return frozenset(found - {""})


def load_ruleset(files: Sequence[Path | str], folder: Path = Path(), tree: Located | None = None) -> Ruleset:
    """The rules of `files`, compiled: paths and globs below `folder`, or `pack:NAME`.

    `tree` is the configuration that lists them under `guardrails.files`. Raises ConfigError with file, line and hint.
    """
    return compile_rules(load_rules(files, folder, tree))


def compile_rules(loaded: Sequence[Loaded]) -> Ruleset:
    """Build every detector; models are loaded by `Ruleset.start`. Raises ConfigError."""
    rules = tuple(_rule(each) for each in loaded)
    content = [_content(each, rule) for each, rule in zip(loaded, rules, strict=True)]
    digest = hashlib.sha256(jsonio.dumps([FORMAT, content])).hexdigest()
    groups = {scope: Group(tuple(rule for rule in rules if scope in rule.scopes)) for scope in Scope}
    return Ruleset(rules, digest, {scope: group for scope, group in groups.items() if group.rules})


def only(rule: Rule) -> Ruleset:
    """A ruleset of this rule alone, without a digest."""
    return Ruleset((rule,), "", {scope: Group((rule,)) for scope in rule.scopes})


def _rule(loaded: Loaded) -> Rule:
    rule = loaded.rule
    at = ("rules", loaded.index)
    label = re.sub(r"[^A-Z0-9]+", "_", rule.id.upper()).strip("_")
    context = Context(loaded.tree, (*at, "detect"), label, loaded.lists)
    return Rule(
        id=rule.id,
        scopes=frozenset(rule.scope),
        detector=detector(rule.detect, context),
        action=rule.action,
        shadow=rule.mode == "shadow",
        on_error=loaded.on_error,
        allow_unread=loaded.allow_unread,
        message=rule.message,
        severity=rule.severity,
        tags=tuple(rule.tags),
        tests=tuple(rule.tests),
        place=f"{loaded.tree.file}:{loaded.tree.line_of((*at, 'id'))}",
    )


def detector(config: Json, context: Context) -> Detector:
    """The detector that `detect:` describes. Raises ConfigError."""
    known = ("any", "all", "not", *registry.names())
    if not isinstance(config, dict):
        raise context.error("expected a detector and its configuration here", hint="such as keywords: [word]")
    parts = cast("dict[str, Any]", config)
    for name in parts:
        if name not in known:
            raise context.error(
                f'unknown detector "{shorten(name)}"', (name,), hint=nearest(name, known) or _list(known)
            )
    if len(parts) != 1:
        hint = "any: [...] and all: [...] combine several" if parts else _list(known)
        raise context.error("detect names exactly one detector", hint=hint)
    name, inner = next(iter(parts.items()))
    if name == "not":
        return NotOf(detector(inner, context.below("not")), context.label)
    if name in ("any", "all"):
        if not isinstance(inner, list) or not inner:
            raise context.error(f"{name} takes a list of detectors", (name,))
        items = cast("list[Any]", inner)
        built = [detector(item, context.below(name, index)) for index, item in enumerate(items)]
        return AnyOf(built) if name == "any" else AllOf(built)
    return registry.load(name).from_config(inner, context.below(name))


def _list(names: Iterable[str]) -> str:
    return "known: " + ", ".join(names)


def _content(loaded: Loaded, rule: Rule) -> Json:
    """What of a rule bears on decisions, in a form that does not depend on how the file was written."""
    return {
        "id": rule.id,
        "scope": sorted(rule.scopes),
        "detect": _sorted(loaded.rule.detect),
        "lists": {name: sorted(words) for name, words in sorted(loaded.lists.items())},
        "detector": signature(rule.detector),
        "action": rule.action,
        "shadow": rule.shadow,
        "on_error": rule.on_error,
        "allow_unread": rule.allow_unread,
    }


def _sorted(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _sorted(child) for key, child in sorted(cast("dict[str, Any]", value).items())}
    return [_sorted(child) for child in cast("list[Any]", value)] if isinstance(value, list) else value
