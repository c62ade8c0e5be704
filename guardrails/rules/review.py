"""What a reader of a rule set should know before it runs: rules never needed, tests that are missing, costs."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from ...engine.exchange import Scope, Segment
from ...engine.jsonio import Json
from ...engine.ports import Detector
from ...engine.sources import as_source
from ...engine.yamlfile import shorten
from ..examine import examine
from .combine import AllOf, AnyOf
from .compile import WIDER, whole
from .load import Book
from .needless import dead, near, prevails, sought, twice
from .ruleset import STRENGTH, Group, Rule, Ruleset
from .schema import Rule as Written
from .waits import RUNNING, bounds
from .when import plain

SAMPLE = (
    "The committee met on Tuesday to discuss the budget for next year. Several members raised concerns about travel, "
    "and asked for figures by 12 March; invoice 20931 was paid in full (4,500 EUR). See https://example.com/minutes. "
) * 12
"""Ordinary text of 400 words, for what a rule costs on it."""
COSTS = 0.4
"""Seconds for the costs of all rules of a set, in which a run of each may take longer."""
_ANY = ("x7", "none")
"""Words that say nothing. What is found in them is that something lacks: a word, a length, a form."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that is worth a look."""

    place: str
    """file:line:column"""
    text: str


@dataclass(frozen=True, slots=True)
class Branch:
    """One part of a rule that can find something, and which of the rule's tests show what it does."""

    rule: str
    place: str
    part: str
    """Where in `detect`: empty for a detector that has no parts, else such as `any.2 regex`."""
    hits: int
    """Tests in which it finds something."""
    refused: int
    """Tests that it lets pass; of a part with a validator, those that hold what it looks for in form."""
    overridden: str = ""
    """What of the rule an override has set, and where."""


def remarks(book: Book, ruleset: Ruleset, today: date) -> list[Remark]:
    """Exceptions that are expired or idle, lists that nobody names, points that never suffice, needless rules, rules
    without tests."""
    found = [
        Remark(each.place, f"the exception for {', '.join(each.excepted.rules)} has expired on {each.excepted.until}")
        for each in book.exceptions
        if each.excepted.expired(today)
    ]
    found += _idle(book, ruleset)
    found += _unused(book)
    found += _short(ruleset)
    found += _needless(book, ruleset)
    for loaded, rule in zip(book.rules, ruleset.rules, strict=True):
        if _contrary(loaded.rule.detect):
            found.append(Remark(rule.place, f"an all of {rule.id} never matches: what it looks for may not be there"))
        for part in twice(loaded.rule.detect):
            found.append(Remark(rule.place, f"{part} of {rule.id} stands there twice"))
        for pattern in dead(rule.detector):
            told = f"the pattern {shorten(pattern)} of {rule.id} matches no text: it goes on behind an end or before a"
            found.append(Remark(rule.place, f"{told} beginning"))
        if Scope.INPUT in rule.scopes and all(examine(Group((rule,)), word).hits for word in _ANY):
            told = "finds any word, and in scope input the model's name is a text too: so it finds every request"
            found.append(Remark(rule.said_at("scope"), f"{rule.id} {told}"))
        if waits_open(loaded.rule, rule):
            hint = "hold: N bounds it, stream: stop lets text leave, stream: hold says that it is meant so"
            found.append(Remark(rule.place, f"{rule.id} makes streams wait as long as its pattern goes on: {hint}"))
        kinds = {test.expect == "pass" for test in rule.tests}
        if kinds != {True, False}:
            missing = (
                "a test" if not kinds else "a test that it finds" if kinds == {True} else "a test that it lets pass"
            )
            found.append(Remark(_sought_at(rule), f"{rule.id} lacks {missing}"))
    return found


def _sought_at(rule: Rule) -> str:
    """Where it is said what a rule looks for: an override's options or views put its tests aside."""
    known: list[str] = [*rule.overridden.places] if rule.overridden else []
    return rule.said_at(next((key for key in known if key.startswith("options.") or key == "views"), ""))


def waits_open(written: Written, rule: Rule) -> bool:
    """Whether a stream waits without a bound for a rule's own pattern, and nobody says that it shall."""
    patterns = (part for _, part in _patterns(rule.detector) if part.kind == "regex")
    unsaid = written.stream is None and not rule.place.startswith("pack:")
    return (
        unsaid and bounds([rule]).get(rule.id, 0) is None and any(getattr(each, "hold", 0) is None for each in patterns)
    )


def _contrary(detect: Json) -> bool:
    """Whether an `all` in it asks for a detector and for the very same in a `not`."""
    if isinstance(detect, list):
        return any(map(_contrary, cast("list[Json]", detect)))
    if not isinstance(detect, dict):
        return False
    given = cast("dict[str, Any]", detect)
    parts: list[Json] = given.get("all", [])
    return any({"not": each} in parts for each in parts) or any(_contrary(given.get(k)) for k in ("any", "all", "not"))


def _unused(book: Book) -> Iterator[Remark]:
    """Lists whose name stands in no rule."""
    named = {name for each in book.rules for name in _lists(each.rule.detect)}
    for name, place in book.lists.items():
        if name not in named and not place.startswith("pack:"):
            yield Remark(place, f"no rule looks for the list {shorten(name)}")


def _lists(detect: Json) -> Iterator[str]:
    """The names of lists in it, in or beside a detector."""
    if isinstance(detect, list):
        for part in cast("list[Json]", detect):
            yield from _lists(part)
    elif isinstance(detect, dict):
        for key, part in cast("dict[str, Json]", detect).items():
            if key == "list" and isinstance(part, str):
                yield part
            yield from _lists(part)


def _short(ruleset: Ruleset) -> Iterator[Remark]:
    """Scopes in which all points together are fewer than block. Packs leave it to other files to add to theirs."""
    scoring = ruleset.scoring
    for scope in Scope:
        rules = [rule for rule in ruleset.rules if rule.action == "score" and rule.changes and scope in rule.scopes]
        own = next((rule for rule in rules if not rule.place.startswith("pack:")), None)
        points, least = scoring.sum(rule.severity for rule in rules), scoring.threshold(scope)
        if own and points < least:
            told = (
                f"all points in {scope.value} are {points}, and {least} block: nothing that scores there stops a text"
            )
            yield Remark(own.place, told)


def _idle(book: Book, ruleset: Ruleset) -> Iterator[Remark]:
    """Allowed texts that no rule finds so, of which a longer one is often meant to be left alone as a whole."""
    for each in book.exceptions:
        rules = [rule for rule in ruleset.rules if each.excepted.covers(rule.id, rule.tags)]
        if not all(_by_itself(rule.detector) for rule in rules):
            continue
        for number, text in enumerate(each.excepted.allow_text, 1):
            hits = [hit for rule in rules for hit in examine(Group((rule,)), text).hits]
            others = [hit for hit in hits if plain(text[hit.start : hit.end]) != plain(text)]
            if len(others) == len(hits):
                told = f"text {number} of allow_text lets nothing pass: a find is never just that"
                yield Remark(each.place, f"{told}, and only what equals a find is left out")
            elif others:
                told = f"text {number} of allow_text does not pass: {others[0].rule.id} also finds a part of it"
                yield Remark(each.place, f"{told}, and only what equals a find is left out")


def _by_itself(detector: Detector) -> bool:
    """Whether it finds in a text by itself what it finds there among others."""
    parts = detector.parts if isinstance(detector, AnyOf) else [detector]
    return all(part.kind in ("keywords", "regex") for part in parts)


def _needless(book: Book, ruleset: Ruleset) -> Iterator[Remark]:
    """Rules that look for nothing but what another that always holds finds, in no other scopes or views, and do nothing
    stronger, nor anything of another kind."""
    looks = [sought(*each) for each in zip(book.rules, ruleset.rules, strict=True)]
    rules = ruleset.rules
    always = [at for at, rule in enumerate(rules) if rule.changes and rule.holding.always]
    able = [at for at in always if not rules[at].holding.exceptions]
    for at, others in enumerate(near(looks, able)):
        weak, less = rules[at], looks[at]
        for other in others:
            strong, more = rules[other], looks[other]
            if not (_covers(strong, weak) and less.within(more)):
                continue
            if prevails(strong, more, weak, less, first=other < at):
                alike = "the same" if more.within(less) else "all that it looks for"
                yield Remark(weak.place, f"{weak.id} is never needed: {strong.id} ({strong.place}) looks for {alike}")
                break


def _covers(strong: Rule, weak: Rule) -> bool:
    """Whether a rule that always holds does all that another, which looks for the same, would do."""
    everywhere = strong.scopes >= weak.scopes and WIDER.index(strong.views) >= WIDER.index(weak.views)
    refuses = weak.changes and weak.on_error == "block"
    failing = not refuses or (strong.on_error == "block" and strong.allow_unread <= weak.allow_unread)
    # Text of a stream that waits for the one has left before the other ends it.
    waiting = not strong.stops or not weak.holds or RUNNING.isdisjoint(weak.scopes)
    kind = STRENGTH[strong.action] > 0 and weak.action not in ("score", "route")
    return everywhere and failing and waiting and kind


def coverage(ruleset: Ruleset) -> list[Branch]:
    """For every branch of every rule, and every type and format that one names, what the rule's own tests show."""
    return [
        Branch(rule.id, rule.place, name, *_reached(rule, part), str(rule.overridden or ""))
        for rule in ruleset.rules
        for name, part in _branches(rule.detector)
    ]


def _reached(rule: Rule, part: Detector) -> tuple[int, int]:
    """What the tests show of a part, which reads them as the gate does. Those that say who asks and pass tell nothing
    of it: they may pass for the caller's sake."""
    all_its = rule.viewed is rule.detector or not whole(part)
    group = Group((replace(rule, detector=part, viewed=None, views=rule.views if all_its else "none"),))
    alike = getattr(part, "alike", None)
    hits = refused = 0
    for test in rule.tests:
        text = as_source(Segment((), test.text, Scope.INPUT)).reading(True)[0]
        found, passes = bool(examine(group, text).hits), test.expect == "pass"
        hits += found and not passes
        refused += passes and not found and test.key is None and test.team is None and (alike is None or alike(text))
    return hits, refused


def _branches(detector: Detector, at: str = "") -> Iterator[tuple[str, Detector]]:
    """Each part that can find something by itself. Of an `any` in an `all` that is the whole `all` with this branch
    alone."""
    if isinstance(detector, AnyOf):
        for index, part in enumerate(detector.parts):
            yield from _branches(part, f"{at}any.{index} ")
    elif isinstance(detector, AllOf) and _several(detector):
        for index, part in enumerate(detector.parts):
            for name, branch in _branches(part, f"{at}all.{index} ") if _several(part) else ():
                yield name, AllOf([*detector.parts[:index], branch, *detector.parts[index + 1 :]])
    elif alone := getattr(detector, "alone", None):
        for name, part in cast("dict[str, Detector]", alone()).items():
            yield f"{at}{detector.kind} {name}", part
    else:
        yield f"{at}{detector.kind}" if at else "", detector


def _several(detector: Detector) -> bool:
    """Whether one of several things is enough to it."""
    return isinstance(detector, AnyOf) or (isinstance(detector, AllOf) and any(map(_several, detector.parts)))


def share(rules: int) -> float:
    """Seconds for the cost of one of so many rules: with thousands nobody waits for minutes."""
    return min(0.02, COSTS / max(rules, 1))


def costs(rule: Rule, seconds: float = 0.02) -> list[tuple[str, float]]:
    """What each part of a rule costs that has several, by its place in `detect`; empty for a rule of one."""
    parts = list(_patterns(rule.detector))
    return [(name, cost(part, seconds=seconds / len(parts))) for name, part in parts] if len(parts) > 1 else []


def _patterns(detector: Detector, at: str = "") -> Iterator[tuple[str, Detector]]:
    """The detectors that it is made of. A list of words or formats is one, as it is one pass."""
    parts: Sequence[Detector] = getattr(detector, "parts", ())
    if not parts:
        yield f"{at}{detector.kind}", detector
    for index, part in enumerate(parts):
        yield from _patterns(part, f"{at}not " if detector.kind == "not" else f"{at}{detector.kind}.{index} ")


def cost(detector: Detector, text: str = SAMPLE, seconds: float = 0.02) -> float:
    """Microseconds that a detector takes for `text`, the best of the runs that fit into `seconds`, and of one at
    least."""
    detector.find(text)
    best, until = float("inf"), time.perf_counter() + seconds
    while True:
        begun = time.perf_counter()
        detector.find(text)
        ended = time.perf_counter()
        best = min(best, ended - begun)
        if ended >= until:
            return best * 1e6


def percentiles(times: Sequence[float]) -> tuple[float, float]:
    """The 50th and the 99th of at least one."""
    ordered = sorted(times)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]


def scopes_of(rule: Rule) -> list[str]:
    """The names of a rule's scopes, in order."""
    return [scope.value for scope in Scope if scope in rule.scopes]
