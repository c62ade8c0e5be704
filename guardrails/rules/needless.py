"""What of a rule set does nothing: rules whose finds another takes anyway, parts that stand twice, dead patterns.

Only what is sure is told; two rules may overlap in ways that nobody sees from here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from re import _parser as parser  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
from typing import Any, cast

from ...engine.jsonio import Json
from ...engine.ports import Detector
from ...engine.yamlfile import Located
from ..detectors.keywords import Keywords, fold
from ..detectors.pii.detector import Pii
from ..detectors.regex import Regex
from ..detectors.secrets.detector import NAMES, Secrets
from .combine import AnyOf
from .loaded import Loaded
from .options import as_read, instead
from .ruleset import STRENGTH, Rule
from .schema import DETECTORS

_parser = cast(Any, parser)


@dataclass(frozen=True)
class Reach:
    """What a rule, or a part of its `any`, looks for that is a set: words, types, formats, a pattern."""

    how: str
    """The detector and its other settings: sets are compared where these are equal."""
    what: frozenset[str]
    named: bool
    """Whether what it puts into a text has the rule's own name."""


@dataclass(frozen=True)
class Sought:
    """What a rule looks for."""

    written: str
    """In one form, however its file has it: with all settings, shorthands written out."""
    parts: tuple[Reach, ...]
    """The sets that it finds; empty for a rule whose finds are no such sets."""

    @property
    def named(self) -> bool:
        return any(part.named for part in self.parts)

    def within(self, other: "Sought") -> bool:
        """Whether another rule finds all that this one does."""
        if self.written == other.written:
            return True
        return bool(self.parts) and all(
            any(part.how == more.how and part.what <= more.what for more in other.parts) for part in self.parts
        )


def sought(loaded: Loaded, rule: Rule) -> Sought:
    """What a rule looks for, in words that can be compared."""
    form = _form(loaded.rule.detect, loaded.lists)
    return Sought(repr(form), tuple(_reaches(form, rule.detector)))


def near(looks: Sequence[Sought], able: Sequence[int]) -> list[list[int]]:
    """For each, the places of those among `able` that may find all that it finds: they have its rarest thing, or are
    written alike. To compare each with each takes minutes where there are thousands."""
    owners: dict[object, list[int]] = {}
    for at, each in ((at, looks[at]) for at in able):
        for key in {each.written, *((part.how, what) for part in each.parts for what in part.what)}:
            owners.setdefault(key, []).append(at)
    found: list[list[int]] = []
    for at, each in enumerate(looks):
        keys = [owners.get((part.how, what), []) for part in each.parts[:1] for what in part.what]
        found.append([other for other in min(keys, key=len, default=owners.get(each.written, [])) if other != at])
    return found


def prevails(strong: Rule, more: Sought, weak: Rule, less: Sought, *, first: bool) -> bool:
    """Whether a rule that finds all that another finds also has its way with it. `first`: it stands before it."""
    if STRENGTH[strong.action] != STRENGTH[weak.action]:
        return STRENGTH[strong.action] > STRENGTH[weak.action]
    if more.within(less):
        return first  # of two that do as much with the very same, the one that stands first decides
    named = strong.action in ("mask", "redact") and less.named
    return not named and (strong.action, strong.mask, strong.text) == (weak.action, weak.mask, weak.text)


def _form(detect: Json, lists: Mapping[str, list[str]]) -> dict[str, Any]:
    """A `detect` with shorthands written out and what holds where it says nothing; the words of lists in it."""
    given = cast("dict[str, Any]", detect)
    for name in ("any", "all"):
        if name in given:
            parts: list[Json] = given[name]
            return {name: [_form(part, lists) for part in parts]}
    if "not" in given:
        return {"not": _form(given["not"], lists)}
    name = next((key for key in given if key in DETECTORS), None)
    if name is None:
        return given
    settings = as_read(instead(given, {}, Located(None), ()))
    if name == "keywords":
        words: list[str] = [*settings["words"], *(lists[settings["list"]] if settings["list"] else ())]
        folded = {" ".join(fold(word, not settings["case_sensitive"])[0].split()) for word in words}
        settings |= {"list": "", "words": sorted(folded)}
    return {name: dict(sorted(settings.items()))}


def _reaches(form: Mapping[str, Any], made: Detector) -> list[Reach]:
    """Of a detector, or of each part of an `any`; none where one of them is no set."""
    if isinstance(made, AnyOf):
        parts = [_reaches(part, each) for part, each in zip(form["any"], made.parts, strict=True)]
        return [reach for part in parts for reach in part] if all(parts) else []
    settings = cast("dict[str, Any]", form.get(made.kind, {}))
    if isinstance(made, Keywords):
        return [Reach(_how("keywords", settings, "words", "label"), frozenset(settings["words"]), True)]
    if isinstance(made, Pii):
        return [Reach(_how("pii", settings, "types", "countries"), frozenset(made.types), False)]
    if isinstance(made, Secrets):
        listed: str | list[str] = settings["formats"]
        formats = frozenset(NAMES if isinstance(listed, str) else listed) - frozenset(settings["without"])
        return [Reach("secrets", formats, False)]
    if isinstance(made, Regex):
        return [Reach(_how("regex", settings, "pattern", "label"), frozenset({made.pattern}), True)]
    return []


def _how(kind: str, settings: Mapping[str, Any], *but: str) -> str:
    return f"{kind} { {key: value for key, value in settings.items() if key not in but} }"


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
