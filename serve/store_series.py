"""The cache's store as series for `/metrics`."""

from collections.abc import Iterator

from ..cache.current import is_shared
from ..cache.stage import CacheStage
from ..governance.metrics import Across, Series

_STATE = frozenset({"entries", "bytes", "available"})


def store_series(cache: CacheStage) -> Iterator[Series]:
    """Entries and bytes kept, and what became of reads and writes since the start.

    `damaged` are entries that were not what was stored, `strangers` those of another secret, `failed_*` and `failures`
    what the store could not do, `available` whether a redis server is being asked.
    """
    state: Across = "one" if is_shared(cache.store) else "sum"  # of one store for all processes, or of each its own
    for name, value in cache.stats()["store"].items():
        if isinstance(value, int):  # a damaged file may say anything
            across: Across = state if name in _STATE else "count"
            yield Series(
                "tidegate_cache_store", "State of the store, and what happened.", value, {"what": name}, across
            )
