"""A running cache in numbers, for people and for `/metrics`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from ..engine.ports import Store
from .bound import scope_figures
from .journal import unseal
from .steps import steps
from .tally import Tally

if TYPE_CHECKING:
    from .stage import CacheStage


def figures(stage: "CacheStage") -> dict[str, Any]:
    """Counters since the start; under `bound` those of the scopes with most hits, which outlive the process."""
    store = cast("Callable[[], dict[str, int]]", getattr(stage.store, "stats", dict[str, int]))
    found: dict[str, Any] = {
        "counts": dict(stage.counts),
        "milliseconds": dict(stage.milliseconds),
        "steps": [step.row() for step in steps(stage)],
        "store": store(),
        "flights": len(stage.flights),
        "background": {
            "pending": len(stage.background),
            "dropped": stage.background.dropped,
            "failed": stage.background.failed,
        },
        "lessons": {**stage.lessons.counts, "dropped": stage.lessons.background.dropped, "links": len(stage.links)},
        "feedback": dict(stage.feedback.counts),
        "bound": {"max_wrong_hits": stage.bound.max_wrong_hits, "scopes": stage.bound.stats()},
    }
    if stage.semantic is not None:
        found["semantic"] = {
            "off": stage.semantic.off,
            "vectors": len(stage.semantic),
            "threshold": stage.semantic.threshold,
            **stage.semantic.counts,
        }
    return found


def condition(stage: "CacheStage") -> str:
    """`ok`, or what keeps answers from being found: for whoever asks why there are no hits."""
    if not getattr(stage.store, "available", True):
        return "the store does not answer"
    off = stage.semantic.off if stage.semantic is not None else ""
    return f"the same words only: {off}" if off else "ok"


async def kept_figures(store: Store, most: int = 20) -> list[dict[str, Any]]:
    """The scopes with most hits, as the store has them: what all processes have seen, a second ago."""
    tallies: list[tuple[str, Tally]] = []
    for name, value, _ in await store.notes(0.0):
        payload = unseal(name, value)
        if payload and name.startswith("s:"):
            tally = Tally()
            tally.absorb(payload)
            tallies.append((name[2:], tally))
    tallies.sort(key=lambda pair: -(pair[1].exact + pair[1].semantic))
    return [scope_figures(scope, tally) for scope, tally in tallies[:most]]
