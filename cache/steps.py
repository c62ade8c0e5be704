"""The cascade in numbers: what became of lookups at each of its steps, and how long these took."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .stage import CacheStage

_OF_MEANING = {
    "static": ({"empty": "empty", "far": "gated", "near": "near"}, "static_ms"),
    "veto": ({"refused": "vetoed", "passed": "passed"}, "veto_ms"),
    "encoder": ({"busy": "busy", "far": "far", "embedded": "embedded"}, "embed_ms"),
    "verifier": ({"refused": "refused", "accepted": "accepted"}, "judge_ms"),
}
"""By step: its outcomes, and its milliseconds, as `Semantic.counts` has them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step since the start."""

    name: str
    outcomes: dict[str, int]
    seconds: float

    def row(self) -> dict[str, Any]:
        return {"step": self.name, "outcomes": self.outcomes, "seconds": round(self.seconds, 4)}


def steps(stage: "CacheStage") -> list[Step]:
    """In the order in which a lookup takes them; those of meaning only where they are built.

    `static`: the partition holds nothing (`empty`), nothing is near by static vectors, or something is. `veto`: word
    rules refused all that was near, or let something pass. `encoder`: too many waited, nothing is near by sentence
    vectors; `embedded` are texts, those of new entries too. `verifier`: the last word, at the bar of the entry.
    """
    semantic = stage.semantic
    found = [_tier(stage, "exact")]
    if semantic is not None:
        found.append(_tier(stage, "linked"))
        for step, (outcomes, ms) in _OF_MEANING.items():
            seen = {name: int(semantic.counts[key]) for name, key in outcomes.items()}
            found.append(Step(step, seen, semantic.counts[ms] / 1e3))
    return found


def _tier(stage: "CacheStage", name: str) -> Step:
    outcomes = {outcome: stage.counts[f"{name}.{outcome}"] for outcome in ("found", "none")}
    return Step(name, outcomes, stage.milliseconds[name] / 1e3)
