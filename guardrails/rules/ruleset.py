"""Rules ready to run: one by one, by scope, and all of a configuration."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from ...engine import jsonio
from ...engine.errors import ConfigError
from ...engine.exchange import Scope
from ...engine.ports import Detector
from ..looked import Looked
from ..normalize import views
from . import waits
from .lacks import lacking
from .load import Exempt
from .possible import Possible
from .roles import IN_REPLIES
from .rule import ENDING as ENDING
from .rule import STRENGTH as STRENGTH
from .rule import TOLD, Rule
from .schema import Views
from .scoring import Scoring
from .sieve import Sieve
from .waits import EDITING as EDITING
from .when import Facts


@dataclass(frozen=True)
class Group:
    """The rules of one scope."""

    rules: tuple[Rule, ...] = ()

    @cached_property
    def context(self) -> int | None:
        """Characters of settled text that its detectors want to see again; None: all."""
        contexts = [rule.detector.context for rule in self.rules]
        if None in contexts:
            return None
        # Rules that change nothing do not hold text back, so they look back for what their finds may still cover.
        noted = ((rule.detector.context or 0) + _back(rule) for rule in self.noting.rules)
        viewed = VIEWED if any(rule.action in TOLD and rule.views != "none" for rule in self.rules) else 0
        return max((*(c for c in contexts if c is not None), *noted, viewed), default=0)

    @cached_property
    def acting(self) -> "Group":
        """The rules that can change or stop something."""
        rules = tuple(rule for rule in self.rules if rule.holds)
        return self if len(rules) == len(self.rules) else Group(rules)

    @cached_property
    def noting(self) -> "Group":
        """The others: they flag, route, end streams late, or are in shadow mode."""
        return Group(tuple(rule for rule in self.rules if not rule.holds))

    @cached_property
    def stopping(self) -> "Group":
        """Those of its rules that end streams late, and have no texts that are let pass."""
        return Group(
            tuple(r for r in self.rules if r.stops_late and not any(e.allow_text for e in r.holding.exceptions))
        )

    @cached_property
    def conditional(self) -> bool:
        """Whether any of its rules does not hold always and for every text."""
        return any(not rule.holding.always for rule in self.rules)

    def viewing(self, *views: Views) -> "Group":
        """Those of its rules that look at such views of a text."""
        return self._by_views.get(views) or self._by_views.setdefault(
            views, Group(tuple(rule for rule in self.rules if rule.views in views))
        )

    @cached_property
    def _by_views(self) -> "dict[tuple[Views, ...], Group]":
        return {}

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
    def dressed(self) -> "Group":
        """Those of its rules to which a stream's text is shown as it may be meant, while it comes (dressed.py)."""
        return Group(tuple(rule for rule in self.rules if rule.local and rule.views != "none"))

    @cached_property
    def undressed(self) -> "Group":
        """The others."""
        return Group(tuple(rule for rule in self.rules if not (rule.local and rule.views != "none")))

    @cached_property
    def _opens(self) -> Sieve | None:
        return Sieve.of([(rule.id, rule.detector) for rule in self.rules], opens=True)

    def warm(self, *, streams: bool = False) -> None:
        """Build the automata that its texts need, some 50 ms that no request should wait for: of streams those too that
        tell what is under way."""
        for part in (self.fast, self.slow):
            viewing = [part.viewing("all"), part.viewing("normal", "all")]
            finding = [part, *viewing]
            opening = [part, part.dressed, part.dressed.viewing("all")] if streams else []
            for each in opening:
                each.possibly_open("")
            for each in (*finding, *opening, *(view.undressed for view in viewing if streams)):
                each.possible("")

    def possible(self, text: str, around: Sequence[str] = ()) -> Sequence[Rule]:
        """The rules that can find anything at all in `text`, in their order. `around`: what those are shown in its
        place that go by words nearby."""
        return self._possible.rules(text, around)

    @cached_property
    def _possible(self) -> Possible[Rule]:
        return Possible({rule.id: (rule, rule.detector) for rule in self.rules})

    def possibly_open(self, text: str) -> Callable[[Rule], bool]:
        """For which rules a match can be under way at the end of `text`."""
        passing = self._opens.passing(text) if self._opens else None
        return lambda rule: passing is None or passing(rule.id)


VIEWED = 1024
"""Characters of settled text that rules which end a stream see again in its views."""
LOOK_BACK = 2048
"""Characters that a rule which only takes notes can see again in a stream, when its finds have no other bound."""
STOP_BACK = 65_536
"""Those that a rule can see again which ends a stream late."""


def _back(rule: Rule) -> int:
    most = STOP_BACK if rule.stops_late else LOOK_BACK
    return min(most, getattr(rule.detector, "hold", None) or most)


_EMPTY = Group()

HEADS = 256
"""Headers of replies that are remembered as clean."""


@dataclass(frozen=True)
class Ruleset:
    """Rules that hold together. Immutable; replaced as a whole."""

    rules: tuple[Rule, ...] = ()
    digest: str = ""
    """SHA-256, hex, of all that bears on a decision: rules, word lists, versions of detectors."""
    groups: dict[Scope, Group] = field(default_factory=dict[Scope, Group])
    scoring: Scoring = field(default_factory=Scoring)
    exceptions: tuple[Exempt, ...] = ()
    files: tuple[Path, ...] = ()
    """The files that it was read from."""
    looked: Looked = field(default_factory=Looked, compare=False, repr=False)
    """What these rules found in texts."""
    heads: Looked = field(default_factory=lambda: Looked(HEADS), compare=False, repr=False)
    """The same for headers of replies: most say the same each time, and some never do."""

    @cached_property
    def conditional(self) -> tuple[Rule, ...]:
        """Rules that do not hold always, or let some texts pass for a time."""
        return tuple(rule for rule in self.rules if not rule.holding.always or rule.holding.exceptions)

    @cached_property
    def lacking(self) -> "dict[str, Rule | None]":
        """Rules as they hold for texts beside the answer of a reply, where that is otherwise."""
        return lacking(self.rules)

    @cached_property
    def wants_metadata(self) -> bool:
        """Whether a condition asks for the request's metadata."""
        return any(rule.holding.when and rule.holding.when.metadata for rule in self.rules)

    @cached_property
    def routes(self) -> dict[str, str]:
        """The patterns of routes' names in conditions, and the place of a rule that has each."""
        narrowed = ((rule, rule.holding.when) for rule in self.rules)
        return {glob: rule.said_at("when") for rule, when in narrowed if when for glob in when.route}

    @cached_property
    def answers_replies(self) -> bool:
        """Whether a rule may answer in the place of a reply."""
        return any(rule.action == "respond" and rule.holds and rule.scopes - {Scope.INPUT} for rule in self.rules)

    def digest_for(self, facts: Facts) -> str:
        """The digest of what holds for an exchange's reply: that of all rules, and how conditional ones hold."""
        asked = [replace(facts, role=role) for role in IN_REPLIES]
        modes = [
            [rule.id, rule.holding.mode(rule.id, each), sorted(rule.holding.allowed(each))]
            for rule in self.conditional
            if rule.changes and rule.scopes - {Scope.INPUT}
            for each in (asked if rule.holding.by_role else [facts])
        ]
        return hashlib.sha256(jsonio.dumps([self.digest, modes])).hexdigest() if modes else self.digest

    @cached_property
    def providers(self) -> dict[str, str]:
        """The providers that rules send requests to, and the place of a rule that does."""
        return {rule.to: rule.said_at("to") for rule in self.rules if rule.to}

    def group(self, scope: Scope) -> Group:
        return self.groups.get(scope, _EMPTY)

    def has(self, scope: Scope) -> bool:
        """Whether any rule looks at texts of this scope."""
        return scope in self.groups

    @cached_property
    def unchanging(self) -> "Ruleset":
        """The same less the rules that change texts."""
        rules = tuple(rule for rule in self.rules if rule.action not in EDITING)
        groups = {scope: Group(tuple(rule for rule in rules if scope in rule.scopes)) for scope in self.groups}
        return replace(
            self, rules=rules, groups={s: g for s, g in groups.items() if g.rules}, looked=Looked(), heads=Looked(HEADS)
        )

    @property
    def ready(self) -> bool:
        """Whether every detector has what it needs."""
        return all(getattr(rule.detector, "ready", True) for rule in self.rules)

    def wanting(self, name: str) -> list[Callable[[Any], None]]:
        """The detectors' methods of that name, by which models are handed to them: `use_embedder`, `use_reader`."""
        return [method for each in self._detectors if (method := getattr(each, name, None))]

    @property
    def _detectors(self) -> Iterator[Detector]:
        """Every detector, and those that it is made of."""
        waiting = [rule.detector for rule in self.rules]
        while waiting:
            yield (detector := waiting.pop())
            waiting += getattr(detector, "parts", ())

    def start(self, step: Callable[[str], None] = lambda _: None) -> None:
        """Load the models that rules ask for: seconds, blocking. Else the first text waits. `step` is told what is
        loaded next. Raises ConfigError."""
        for rule in self.rules:
            if start := getattr(rule.detector, "start", None):
                step(f"loading {getattr(rule.detector, 'loads', 'models')} for {rule.id}")
                try:
                    start()
                except ConfigError as error:
                    raise (rule.overridden.told(error) if rule.overridden else error) from None
        for scope, group in self.groups.items():
            group.warm()
            if scope in waits.RUNNING:
                group.acting.warm(streams=True)
                group.noting.warm(streams=True)
        list(views("é"))

    def rest(self) -> None:
        """Let go of processes: what lives in cycles is freed only some reloads later. Blocking."""
        for rest in self.wanting("rest"):
            cast(Callable[[], None], rest)()

    @cached_property
    def hold(self) -> int | None:
        """Characters of a streamed reply that can be held at most, what nobody sees aside; None: as long as a match
        is under way."""
        return waits.most(waits.bounds(self.rules))

    def held(self, least: int) -> str:
        """The same for the header of a stream, text and arguments of calls apart (see `waits.held`)."""
        return waits.held(*self._held, least)

    @cached_property
    def _held(self) -> tuple[int | None, int | None]:
        groups = (self.group(scope).rules for scope in (Scope.OUTPUT, Scope.TOOL_ARGS))
        text, calls = (waits.most(waits.bounds(rules)) for rules in groups)
        return text, calls

    def holds(self) -> str:
        """The same in words, with the rules that hold most."""
        return waits.told(self.rules)

    def stopped_late(self) -> str:
        """The rules for which text does not wait, in words; empty when there is none."""
        return waits.stopping(self.rules)

    @cached_property
    def masks_requests(self) -> bool:
        """Whether a rule may put placeholders into a request."""
        masking = (rule for rule in self.rules if rule.action == "mask" and not rule.shadow)
        return any(rule.mask.mode == "reversible" and rule.scopes - {Scope.OUTPUT} for rule in masking)

    @cached_property
    def labels(self) -> frozenset[str]:
        """What placeholders can be called, so far as is known beforehand."""
        from ..actions import fit

        found: set[str] = set()
        for each in self._detectors:
            found.update(getattr(each, "labels", ()), [getattr(each, "label", "")])
        return frozenset(map(fit, found - {""}))


def only(rule: Rule) -> Ruleset:
    """A ruleset of this rule alone, without a digest."""
    return Ruleset((rule,), "", {scope: Group((rule,)) for scope in rule.scopes})
