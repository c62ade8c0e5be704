"""Rules that find what lacks: a `not`, a least length, a form that a text does not have.

A reply has texts that are no part of its answer, such as ids and the name of the model. They lack nearly everything, so
nothing is asked of them but what is looked for.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...engine.exchange import Scope, Segment
from ...engine.ports import Detector
from .combine import AllOf, AnyOf

if TYPE_CHECKING:
    from .ruleset import Rule

_SAID = frozenset({"content", "text", "refusal", "transcript", "response.output_text", "response.refusal"})
"""Fields and running texts in which an answer stands."""
_APART = frozenset(
    "summary reasoning reasoning_content reasoning_details thinking annotations citations logprobs".split()
)
"""What has such fields too."""
_COPIES = frozenset({("text",), ("refusal",), ("part", "text"), ("part", "refusal")})
"""Where Responses' streams say again what has come in pieces, of an answer or of thoughts."""


def beside(segment: Segment) -> bool:
    """Whether it is a text of a reply, and no part of what it answers."""
    if segment.scope is not Scope.OUTPUT:
        return False
    place = segment.channel or segment.address
    last = next((step for step in reversed(place) if isinstance(step, str)), "")
    if last not in _SAID or place in _COPIES or not _APART.isdisjoint(place):
        return True
    # Of Responses' items, messages alone say who speaks.
    return not segment.channel and ("output" in place or "item" in place) and segment.role != "assistant"


def lacking(rules: Sequence["Rule"]) -> dict[str, "Rule | None"]:
    """The rules on replies that find what lacks, by id, as they hold for texts that are beside an answer; None: not at
    all."""
    found: dict[str, Rule | None] = {}
    for rule in rules:
        if Scope.OUTPUT in rule.scopes and (left := _left(rule.detector)) is not rule.detector:
            viewed = _left(rule.viewed) if rule.viewed is not None else None
            found[rule.id] = None if left is None else replace(rule, detector=left, viewed=viewed or left)
    return found


def _left(detector: Detector) -> Detector | None:
    """What is left of it without the parts that find what lacks. An `all` looks for something if a part does."""
    if isinstance(detector, AnyOf):
        left = [part for each in detector.parts if (part := _left(each)) is not None]
        same = len(left) == len(detector.parts) and all(map(lambda a, b: a is b, left, detector.parts))
        return detector if same else AnyOf(left) if left else None
    if isinstance(detector, AllOf):
        return detector if any(_left(part) is not None for part in detector.parts) else None
    return getattr(detector, "looked_for", None) if getattr(detector, "lacks", False) else detector
