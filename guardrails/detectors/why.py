"""What a detector can say of its finds and of what it nearly found, for `rules explain`.

A detector that can has a method `whys(text) -> list[Why]`; the others are asked nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from ...engine.ports import Detector


@dataclass(frozen=True, slots=True)
class Why:
    """One place that a detector judged."""

    start: int
    end: int
    label: str
    score: float
    least: float
    """From which score on it is a find."""
    reason: str
    """How it comes to the score, in words."""
    failed: bool = False
    """It has the form, and fails a check: no score would help."""


def whys(detector: Detector) -> Iterator[Detector]:
    """The detector and its parts, those that can say why."""
    waiting = [detector]
    while waiting:
        each = waiting.pop(0)
        if hasattr(each, "whys"):
            yield each
        waiting += cast("list[Detector]", getattr(each, "parts", ()))


def whys_of(detector: Detector, text: str) -> list[Why]:
    """What a detector and its parts say of a text."""
    return [why for each in whys(detector) for why in cast("list[Why]", each.whys(text))]  # type: ignore[attr-defined]
