"""What rules make streams wait for, and which views of a stream they see only when it has left."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from ...engine.exchange import Scope
from ..scramble import APART

if TYPE_CHECKING:
    from .ruleset import Rule

RUNNING = frozenset({Scope.OUTPUT, Scope.TOOL_ARGS})
"""The scopes of texts that come in streams."""
EDITING = frozenset({"mask", "redact", "replace"})
"""Actions that change text."""


def bounds(rules: Iterable["Rule"]) -> dict[str, int | None]:
    """For each rule that changes replies, how many characters of a stream it may hold, what nobody sees aside; None:
    without a bound."""
    found: dict[str, int | None] = {}
    for rule in _changing(rules):
        hold = cast("int | None", getattr(rule.detector, "hold", None))
        found[rule.id] = max(hold, APART) if hold is not None and rule.local and rule.views == "all" else hold
    return found


def most(known: Mapping[str, int | None]) -> int | None:
    """The most of these."""
    return None if None in known.values() else max((bound or 0 for bound in known.values()), default=0)


def held(text: int | None, calls: int | None, least: int = 0) -> str:
    """How many characters of a stream may be held at once, for its header: of text, and of arguments of calls where
    those may be more. `least` is what is held whatever rules say."""
    text, calls = (None if each is None else max(each, least) for each in (text, calls))
    return _shown(text) + (f"; {Scope.TOOL_ARGS.value}={_shown(calls)}" if _more(calls, text) else "")


def told(rules: Sequence["Rule"]) -> str:
    """The same in words, with the rules that hold most."""
    text, calls = (bounds(rule for rule in rules if scope in rule.scopes) for scope in (Scope.OUTPUT, Scope.TOOL_ARGS))
    if not text and not calls:
        return "nothing: no rule changes replies"
    said = _told(text) if text else "nothing of text"
    return said + (f"; in {Scope.TOOL_ARGS.value} {_told(calls)}" if _more(most(calls), most(text)) else "")


def _more(one: int | None, other: int | None) -> bool:
    return other is not None and (one is None or one > other)


def _shown(bound: int | None) -> str:
    return "open" if bound is None else str(bound)


def _told(known: Mapping[str, int | None]) -> str:
    if endless := [name for name, bound in known.items() if bound is None]:
        return f"as long as a match is under way, by {_some(endless)}"
    longest = most(known)
    name = next(name for name, bound in known.items() if bound == longest)
    return f"at most {longest} characters, by {name}"


def seen_late(rules: Iterable["Rule"]) -> str:
    """Which rules see some views of a stream when these have left, or never, in words; empty when none does."""
    changing = [rule for rule in rules if (rule.holds or rule.stops_late) and rule.scopes & RUNNING]
    late = [rule for rule in changing if rule.views == "all" or (rule.views != "none" and not rule.local)]
    ending = [rule.id for rule in late if rule.action not in EDITING]
    editing = [rule.id for rule in late if rule.action in EDITING]
    said = [f"when they have left, by {_some(ending)}"] * bool(ending)
    said += [f"not at all, by {_some(editing)}"] * bool(editing)
    return "; ".join(said)


def outgrown(rules: Iterable["Rule"]) -> str:
    """Which rules have a pattern of which a stream awaits less than its longest finds, so that what is a find only
    behind that leaves as it is, in words; empty when none does. Packs, whose bounds lie far beyond what is meant,
    aside."""
    own = (rule for rule in _changing(rules) if not rule.place.startswith("pack:"))
    return _some([rule.id for rule in own if _outgrows(rule.detector)])


def _outgrows(detector: object) -> bool:
    parts = cast("Sequence[object]", getattr(detector, "parts", ()))
    return any(map(_outgrows, parts)) or bool(getattr(detector, "outgrows", False))


def stopping(rules: Iterable["Rule"]) -> str:
    """Which rules end a stream when what they find may have left in part, in words; empty when none does."""
    return _some([rule.id for rule in rules if rule.stops_late and rule.scopes & RUNNING])


def _changing(rules: Iterable["Rule"]) -> Iterable["Rule"]:
    return (rule for rule in rules if rule.holds and rule.scopes & RUNNING)


def _some(names: Sequence[str]) -> str:
    return f"{', '.join(names[:3])}{' and others' * (len(names) > 3)}"
