"""A running cache in numbers, for people and for `/metrics`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from .stage import CacheStage


def figures(stage: "CacheStage") -> dict[str, Any]:
    """Counters since the start; under `bound` those of the scopes with most hits, which outlive the process."""
    store = cast("Callable[[], dict[str, int]]", getattr(stage.store, "stats", dict[str, int]))
    found: dict[str, Any] = {
        "counts": dict(stage.counts),
        "milliseconds": dict(stage.milliseconds),
        "store": store(),
        "flights": len(stage.flights),
        "background": {
            "pending": len(stage.background),
            "dropped": stage.background.dropped,
            "failed": stage.background.failed,
        },
        "lessons": {**stage.lessons.counts, "dropped": stage.lessons.background.dropped, "links": len(stage.links)},
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
