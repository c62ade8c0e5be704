"""What of a rule set does nothing: rules whose finds another takes anyway, parts that stand twice, dead patterns.

Only what is sure is told; two rules may overlap in ways that nobody sees from here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from re import _parser as parser  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
from typing import Any, cast

from ...engine.jsonio import Json
from ...engine.ports import Detector
from ..detectors.keywords import Keywords, KeywordsConfig, fold
from ..detectors.pii import Pii
from ..detectors.regex import Regex
from ..detectors.secrets import NAMES, Secrets
from .load import Loaded
from .ruleset import STRENGTH, Rule
from .schema import MAIN

_parser = cast(Any, parser)


@dataclass(frozen=True)
class Reach:
    """What a rule looks for that is a set: words, types or formats."""

    how: str
    """The detector and its other settings: sets are compared where these are equal."""
    what: frozenset[str]


def reach(loaded: Loaded, rule: Rule) -> Reach | None:
    """None for a rule whose finds are no such set."""
    made = rule.detector
    if isinstance(made, Keywords):
        given = _settings(loaded, "keywords")
        settings = KeywordsConfig.model_validate(given)
        words = settings.words + (loaded.lists[settings.list] if settings.list else [])
        folded = (" ".join(fold(word, not settings.case_sensitive)[0].split()) for word in words)
        return Reach(f"keywords {settings.case_sensitive} {settings.whole_words}", frozenset(folded))
    if isinstance(made, Pii):
        given = _settings(loaded, "pii")
        how = {key: given[key] for key in sorted(given.keys() - {"types", "countries"})}
        return Reach(f"pii {how}", frozenset(made.types))
    if isinstance(made, Secrets):
        given = _settings(loaded, "secrets")
        listed = given.get("formats", "all")
        formats = NAMES if listed == "all" else listed
        return Reach("secrets", frozenset(formats) - frozenset(given.get("without", ())))
    return None


def takes(strong: Rule, more: Reach | None, weak: Rule, less: Reach | None) -> bool:
    """Whether a rule finds all that another finds, and what it does wins."""
    if more is None or less is None or more.how != less.how or not less.what < more.what:
        return False
    if STRENGTH[strong.action] != STRENGTH[weak.action]:
        return STRENGTH[strong.action] > STRENGTH[weak.action]
    # What a rule of words puts into a text has its own name.
    named = strong.action in ("mask", "redact") and isinstance(weak.detector, Keywords)
    return not named and (strong.action, strong.mask, strong.text) == (weak.action, weak.mask, weak.text)


def _settings(loaded: Loaded, name: str) -> dict[str, Any]:
    """A detector's settings as a mapping, those beside it too."""
    given = {**loaded.rule.detect}
    inner: Any = given.pop(name)
    return {**(cast("dict[str, Any]", inner) if isinstance(inner, dict) else {MAIN[name]: inner}), **given}


def twice(detect: Json) -> Iterator[str]:
    """Parts of an `any` that stand in it already, as `any.2`."""
    if not isinstance(detect, dict):
        return
    given = cast("dict[str, Any]", detect)
    parts: list[Json] = given.get("any", [])
    yield from (f"any.{index}" for index, part in enumerate(parts) if part in parts[:index])
    for part in (*parts, *given.get("all", []), given.get("not")):
        yield from twice(part)


def dead(detector: Detector) -> Iterator[str]:
    """Its patterns that match nothing at all."""
    if isinstance(detector, Regex) and never(detector.pattern):
        yield detector.pattern
    for part in cast("Sequence[Detector]", getattr(detector, "parts", ())):
        yield from dead(part)


def never(pattern: str) -> bool:
    """Whether a pattern asks for something behind the end of the text or before its beginning. False where that is not
    sure, as in patterns whose `$` may be the end of a line, or with sets that Python reads otherwise."""
    if re.search(r"\(\?[a-zA-Z]*m|\[\^?\[|\[:", pattern):
        return False
    try:
        return _never(_parser.parse(pattern))
    except (re.error, RecursionError, OverflowError):  # RE2 has notation that Python lacks
        return False


def _never(sequence: Any) -> bool:
    ended = begun = False
    for op, given in sequence:
        name = str(op)
        if name == "AT":
            ended = ended or str(given) in ("AT_END", "AT_END_STRING")
            if begun and str(given) in ("AT_BEGINNING", "AT_BEGINNING_STRING"):
                return True
            continue
        inner = [given[-1]] if name == "SUBPATTERN" else given[1] if name == "BRANCH" else []
        least = min((each.getwidth()[0] for each in inner), default=0) if inner else _least(name, given)
        if (ended and least) or (inner and all(map(_never, inner))):
            return True
        begun = begun or least > 0
    return False


def _least(name: str, given: Any) -> int:
    """The fewest characters that an item takes which has no parts."""
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        return int(given[0]) * int(given[2].getwidth()[0])
    return int(name in ("LITERAL", "NOT_LITERAL", "ANY", "IN", "CATEGORY"))
