"""The cache's store as series for `/metrics`."""

from collections.abc import Iterator

from ..cache.stage import CacheStage
from ..governance.metrics import Across, Series

_STATE = frozenset({"entries", "bytes", "available"})


def store_series(cache: CacheStage, *, shared: bool) -> Iterator[Series]:
    """Entries and bytes kept, and what became of reads and writes since the start.

    `damaged` are entries that were not what was stored, `strangers` those of another secret, `failed_*` and `failures`
    what the store could not do, `available` whether a redis server is being asked. `shared`: all processes have one.
    """
    for name, value in cache.stats()["store"].items():
        if isinstance(value, int):  # a damaged file may say anything
            across: Across = "count" if name not in _STATE else "one" if shared else "sum"
            yield Series(
                "tidegate_cache_store", "State of the store, and what happened.", value, {"what": name}, across
            )
