"""The cache's figures as series for `/metrics`. Scopes are digests, and only those with most hits are shown."""

from collections.abc import Iterator

from ..cache.current import is_shared
from ..cache.stage import CacheStage
from ..governance.metrics import Across, Series


def cache_series(cache: CacheStage) -> Iterator[Series]:
    """What the bound knows of each shown scope, and what was learnt since the start. A store that is shared tells each
    process what the others have seen."""
    shared = is_shared(cache.store)
    counted: Across = "one" if shared else "count"
    worst: Across = "one" if shared else "max"
    semantic = cache.semantic
    if semantic is not None:
        ready = not semantic.off
        yield Series("tidegate_cache_semantic_ready", "Whether the encoder passed its test.", ready, across="one")
    for name, count in cache.lessons.counts.items():
        yield Series("tidegate_cache_lessons", "Comparisons of two answers.", count, {"kind": name})
    for what, value in cache.lessons.spent.items():
        yield Series("tidegate_cache_audit_spent", "Tokens and dollars that audits took.", value, {"of": what})
    for name, count in cache.observed.counts.items():
        yield Series("tidegate_cache_pairs", "Pairs kept for tuning; long: not kept.", count, {"kind": name})
    for row in cache.bound.stats():
        scope = {"scope": row["scope"]}
        for kind, count in row["hits"].items():
            yield Series("tidegate_cache_scope_hits", "Hits by scope.", count, {**scope, "kind": kind}, counted)
        for result, count in row["audits"].items():
            yield Series("tidegate_cache_audits", "Audited semantic hits.", count, {**scope, "result": result}, counted)
        for word, count in row["users"].items():
            yield Series("tidegate_cache_feedback", "Words of users.", count, {**scope, "word": word}, counted)
        if row["wrong_hit_rate"] is not None:
            yield Series("tidegate_cache_wrong_hits", "Share of audited hits.", row["wrong_hit_rate"], scope, worst)
        for end, value in zip(("low", "high"), row["interval"], strict=True):
            yield Series(
                "tidegate_cache_wrong_hits_interval", "Its 95 % interval.", value, {**scope, "end": end}, worst
            )
        yield Series("tidegate_cache_semantic_off", "1 above the bound.", row["semantic"] == "off", scope, worst)
        for what, value in row["saved"].items():
            yield Series(
                "tidegate_cache_saved", "Tokens, seconds and cost spared.", value, {**scope, "of": what}, counted
            )
