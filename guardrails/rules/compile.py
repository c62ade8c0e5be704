"""Rules to a Ruleset: detectors built, grouped by scope, and a digest of all that decides."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from ...engine import jsonio
from ...engine.errors import ConfigError
from ...engine.exchange import Scope
from ...engine.jsonio import Json
from ...engine.mistakes import Mistakes, together
from ...engine.ports import Detector
from ...engine.yamlfile import Located, nearest, shorten
from ..detectors import registry
from ..detectors.base import Context, signature
from ..masks import Mask
from .combine import WHOLE, AllOf, AnyOf, NotOf
from .load import Book, Exempt, load_rules
from .loaded import Loaded
from .options import joined
from .ruleset import Group, Rule, Ruleset
from .schema import Views
from .when import Holding

FORMAT = 5
"""Raised when the same rules would decide differently than in an earlier release."""
VIEWS: dict[str, Views] = {
    "keywords": "all",
    "injection": "all",
    "topic": "all",
    "pii": "normal",
    "secrets": "normal",
}
"""Which views of a text a rule looks at that does not say, by the kind of its detector; others look at none."""
WIDER: tuple[Views, ...] = ("none", "normal", "all")


def load_ruleset(files: Sequence[Path | str], folder: Path = Path(), tree: Located | None = None) -> Ruleset:
    """The rules of `files`, compiled: paths and globs below `folder`, or `pack:NAME`.

    `tree` is the configuration that lists them under `guardrails.files`. Raises ConfigError with file, line and hint.
    """
    return load_and_compile(files, folder, tree)[1]


def load_and_compile(
    files: Sequence[Path | str], folder: Path = Path(), tree: Located | None = None
) -> tuple[Book, Ruleset]:
    """The same, and what it was compiled from. Raises ConfigError with what is wrong in any of the files."""
    with together(None) as mistakes:
        book = load_rules(files, folder, tree, mistakes)
        return book, compile_rules(book, mistakes)


def compile_rules(book: Book, mistakes: Mistakes | None = None) -> Ruleset:
    """Build every detector; models are loaded by `Ruleset.start`. Raises ConfigError with what is wrong with them; with
    `mistakes`, what is wrong is gathered there, and the ruleset has the others."""
    with together(mistakes) as found:
        built: list[tuple[Loaded, Rule]] = []
        for each in book.rules:
            with found.gather():
                built.append((each, _rule(each, book.exceptions)))
        for tree in {id(each.tree): each.tree for each, _ in built if each.hold is not None}.values():
            with found.gather():
                _refuse_idle_hold(tree, [rule for each, rule in built if each.tree is tree])
        return _ruleset(book, built)


def _refuse_idle_hold(tree: Located, rules: Sequence[Rule]) -> None:
    """Raises ConfigError where no rule of a file has a pattern that its `defaults: {hold}` is for."""
    if not any(_by_default(rule.detector) for rule in rules):
        told = "no regex of these rules has matches without a bound, and no word of hold or stream"
        raise tree.error(told, ("defaults", "hold"), hint="leave it out", key=True)


def _by_default(detector: Detector) -> bool:
    parts: Sequence[Detector] = getattr(detector, "parts", ())
    return any(map(_by_default, parts)) or bool(getattr(detector, "by_default", False))


def _ruleset(book: Book, built: Sequence[tuple[Loaded, Rule]]) -> Ruleset:
    rules = tuple(rule for _, rule in built)
    content = [_content(each, rule) for each, rule in built]
    scored = any(rule.action == "score" for rule in rules)
    digest = hashlib.sha256(jsonio.dumps([FORMAT, content, book.scoring.plain() if scored else None])).hexdigest()
    groups = {scope: Group(tuple(rule for rule in rules if scope in rule.scopes)) for scope in Scope}
    return Ruleset(
        rules,
        digest,
        {scope: group for scope, group in groups.items() if group.rules},
        book.scoring,
        tuple(book.exceptions),
        book.files,
    )


def _rule(loaded: Loaded, exceptions: Sequence[Exempt]) -> Rule:
    rule = loaded.rule
    covering = (each.excepted for each in exceptions)
    at = ("rules", loaded.index)
    label = re.sub(r"[^A-Z0-9]+", "_", rule.id.upper()).strip("_")
    context = Context(loaded.tree, (*at, "detect"), label, loaded.lists, None if rule.stream else loaded.hold)
    built = _detector(loaded, context)
    return Rule(
        id=rule.id,
        scopes=frozenset(rule.scope),
        detector=built,
        action=rule.action,
        shadow=rule.mode == "shadow",
        on_error=loaded.on_error,
        allow_unread=loaded.allow_unread,
        message=rule.message,
        severity=rule.severity,
        tags=tuple(rule.tags),
        tests=tuple(rule.tests),
        tested=loaded.tested,
        place=loaded.tree.where((*at, "id")),
        overridden=loaded.overridden,
        stops=rule.stream == "stop",
        text=rule.with_ or "",
        to=rule.to or "",
        mask=rule.mask or Mask(),
        views=loaded.rule.views or ("none" if whole(built) else loaded.views or _views(built)),
        viewed=built if rule.views else _viewed(built),
        holding=Holding(rule.when, rule.sample or 1.0, tuple(e for e in covering if e.covers(rule.id, rule.tags))),
    )


def _detector(loaded: Loaded, context: Context) -> Detector:
    """The detector of a rule. What is wrong with an override's options is told there. Raises ConfigError."""
    rule, overridden = loaded.rule, loaded.overridden
    try:
        return detector(rule.detect, context)
    except ConfigError:
        if overridden is None or not overridden.options:
            raise
    detector({**overridden.detect}, context)  # if that is wrong itself, it tells so
    marked = replace(context, tree=overridden.marks(context.at, next(iter(rule.detect))))
    try:
        return detector(rule.detect, marked)
    except ConfigError as error:
        raise overridden.moved(error, rule.id) from None


def _views(detector: Detector) -> Views:
    """Which views of a text a rule looks at that does not say: those of its detector. Of parts it is the one that looks
    at most, conditions aside: beside a pattern, a word is to be found as it is without one."""
    parts: Sequence[Detector] = getattr(detector, "parts", ())
    telling = [part for part in parts if not isinstance(part, NotOf)] or parts
    return max(map(_views, telling), key=WIDER.index) if telling else VIEWS.get(detector.kind, "none")


def whole(detector: Detector) -> bool:
    """Whether it, or each of its parts, judges a text as a whole."""
    parts: Sequence[Detector] = getattr(detector, "parts", ())
    return all(map(whole, parts)) if parts else detector.kind in WHOLE


def _viewed(detector: Detector) -> Detector:
    """What of it looks at views: an `any` without the parts that judge a text as a whole, if it has others."""
    parts = [_viewed(part) for part in detector.parts if not whole(part)] if isinstance(detector, AnyOf) else []
    return AnyOf(parts) if parts else detector


def detector(config: Json, context: Context) -> Detector:
    """The detector that `detect:` describes. Raises ConfigError."""
    known = ("any", "all", "not", *registry.names())
    if not isinstance(config, dict):
        raise context.error("expected a detector and its configuration here", hint="such as keywords: [word]")
    parts = cast("dict[str, Any]", config)
    named = [name for name in parts if name in known]
    if not named and parts:
        name = next(iter(parts))
        hint = nearest(name, known) or _list(known)
        raise context.error(f'unknown detector "{shorten(name)}"', (name,), key=True, hint=hint)
    if len(named) != 1:
        hint = "any: [...] and all: [...] combine several" if parts else _list(known)
        raise context.error("detect names exactly one detector", hint=hint)
    name = named[0]
    inner, below = joined(name, parts, context)
    if name == "not":
        return NotOf(detector(inner, context.below("not")), context.label)
    if name in ("any", "all"):
        if not isinstance(inner, list) or not inner:
            raise context.error(f"{name} takes a list of detectors", (name,))
        items = cast("list[Any]", inner)
        built: list[Detector] = []
        with together(None) as mistakes:
            for index, item in enumerate(items):
                with mistakes.gather():
                    built.append(detector(item, context.below(name, index)))
        return AnyOf(built) if name == "any" else AllOf(built)
    return registry.load(name).from_config(inner, below)


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
        "severity": rule.severity if rule.action == "score" else "",
        **({"stops": True} if rule.stops else {}),
        "text": [rule.text, rule.to, rule.mask.model_dump() if rule.action == "mask" else None, rule.views],
        "holding": [
            rule.holding.when.model_dump() if rule.holding.when else None,
            rule.holding.sample,
            [each.model_dump(mode="json", exclude={"reason"}) for each in rule.holding.exceptions],
        ],
    }


def _sorted(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _sorted(child) for key, child in sorted(cast("dict[str, Any]", value).items())}
    return [_sorted(child) for child in cast("list[Any]", value)] if isinstance(value, list) else value
