"""What the cache did as series for `/metrics`: the steps of its cascade, what it kept and what not, and why."""

from collections.abc import Iterator

from ..cache.stage import CacheStage
from ..cache.steps import steps
from ..governance.metrics import Series

_BY_REASON = {
    "bypass": ("tidegate_cache_bypass", "Requests left to the model, by reason."),
    "not_stored": ("tidegate_cache_not_stored", "Answers not kept, by reason."),
}
_ELSEWHERE = frozenset({"hit", "miss", "stale", "bypass", "exact", "linked", "semantic"})
"""Counted by `tidegate_cache_total`, or as a step."""


def step_series(cache: CacheStage) -> Iterator[Series]:
    """Since the start. Every label is a word of ours: reasons are those of `Cache-Status`."""
    for step in steps(cache):
        for outcome, count in step.outcomes.items():
            labels = {"step": step.name, "outcome": outcome}
            yield Series("tidegate_cache_steps", "Lookups by step, and what became of them there.", count, labels)
        yield Series("tidegate_cache_step_seconds", "Time spent in a step.", step.seconds, {"step": step.name})
    for name, count in cache.counts.items():
        what, _, reason = name.partition(".")
        if reason and what in _BY_REASON:
            family, meaning = _BY_REASON[what]
            yield Series(family, meaning, count, {"reason": reason})
        elif what not in _ELSEWHERE:
            yield Series("tidegate_cache_events", "What else happened, such as rescreened.", count, {"what": name})
    for of, work in (("store", cache.background), ("lessons", cache.lessons.background)):
        for what, count in (("dropped", work.dropped), ("failed", work.failed)):
            labels = {"of": of, "what": what}
            yield Series("tidegate_cache_background", "Work after a reply that was not done.", count, labels)
