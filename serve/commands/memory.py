"""What `tidegate cache` shows and does: the stored answers, seen from outside. A gate may be running beside it."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, ParamSpec, cast

from ...cache.answer import Answer, decode
from ...cache.bound import shown_scope
from ...cache.figures import kept_figures
from ...cache.observed import forget_pairs
from ...cache.stores import open_store
from ...cache.stores.record import SearchingStore, SharedStore, Unanswered
from ...cache.stores.sqlite_file import given_up, remove_given_up
from ...engine.errors import ConfigError
from ...engine.ports import Entry, Store
from ...models.embedding.find import folder_of, read_meta
from ..config.gate_yaml import Loaded, load_config
from ..gate_key import gate_key
from ..make_cache import store_url
from .wanted import Wanted

P = ParamSpec("P")

AT_ONCE = 500
"""Answers deleted in one step."""
TRIES = 3
RETRY_SECONDS = 0.2

_LINEAGE = ("tags", "tokens", "seconds", "cost", "vouchers")


def stats(config: Path) -> dict[str, Any]:
    """How many answers are stored, how large, how old, and of which models."""
    return asyncio.run(_stats(config))


def listed(config: Path, last: int, wanted: Wanted | None = None) -> list[dict[str, Any]]:
    """The newest answers of those wanted: key, question (as it was stored: masked), model, scope, age and size."""
    return asyncio.run(_listed(config, last, wanted or Wanted()))


def show(config: Path, key: str) -> dict[str, Any]:
    """One answer whole. `key` may be a prefix. Raises ConfigError unless exactly one begins with it."""
    return asyncio.run(_show(config, key))


def damaged_files(config: Path, *, remove: bool = False) -> int:
    """Files of the store that were damaged and moved aside, with the texts that they held; with `remove`, deleted now.
    Raises ConfigError where that fails."""
    loaded = load_config(config)
    url = store_url(loaded)
    if not url.startswith("sqlite:"):
        return 0
    path = Path(url.removeprefix("sqlite:"))
    try:
        return remove_given_up(path) if remove else given_up(path)
    except OSError as error:
        said = f"damaged files beside {path.name} are not deleted: {error.strerror}"
        raise ConfigError(said, hint=f"delete {path.name}.damaged-* yourself") from None


def purge(
    config: Path,
    *,
    key: str | None = None,
    model: str | None = None,
    older: float | None = None,
    text: str | None = None,
    tags: Sequence[str] = (),
    everything: bool = False,
) -> int:
    """Delete the answers that fit every condition given; how many went. Raises ConfigError when none is given, or an
    empty one, and when the store does not say that they are gone.

    With them go the pairs kept for tuning that hold their questions, or fit by themselves: by text and age; and what
    has expired, which is not counted.
    """
    wanted = Wanted(key, model, older, text, tags)
    if not wanted.given and not everything:
        hint = "--key, --model, --older-than, --text, --tag, or --all"
        raise ConfigError("nothing says which answers", hint=hint)
    return asyncio.run(_purge(config, wanted))


@asynccontextmanager
async def opened(loaded: Loaded) -> AsyncGenerator[Store]:
    """The store of a configuration, for as long as the block lasts. Raises ConfigError when it keeps none on disk."""
    section = loaded.config.cache
    if section.mode == "off":
        raise loaded.error("no answers are kept", ("cache",), hint="set cache.mode to exact or semantic")
    if section.store == "memory:":
        raise loaded.error("no answers are kept outside of the gate's own memory", ("cache",), hint="set cache.store")
    store = open_store(store_url(loaded), section.max_entries, section.max_bytes, lambda: gate_key(loaded))
    if section.mode == "semantic" and hasattr(store, "near"):
        with suppress(ConfigError):  # not prepared here: then vectors are left to the gates
            meta = read_meta(folder_of(section.encoder))
            cast("SearchingStore", store).expect(meta.id, meta.dim)
    await store.start()
    try:
        yield store
    finally:
        await store.aclose()


async def _all(config: Path) -> list[tuple[Entry, Answer | None]]:
    async with opened(load_config(config)) as store:
        return await _read(store)


async def _read(store: Store) -> list[tuple[Entry, Answer | None]]:
    found = [(entry, decode(entry.value)) async for entry in store.entries()]
    await insist_on_all(store)
    return found


async def insist_on_all(store: Store) -> None:
    """What was read is all that there is, or ConfigError: a store whose file or server fails answers a gate with
    misses, and is not empty for that."""
    try:
        await store.note("")
        failed = cast("SharedStore", store).unanswered
    except Unanswered:
        failed = 1
    if failed:
        raise ConfigError("the store does not answer, so that not all of it was read", hint="do it again")


async def _stats(config: Path) -> dict[str, Any]:
    loaded = load_config(config)
    async with opened(loaded) as store:
        scopes, found = await kept_figures(store), await _read(store)
    now = time.time()
    models = Counter(answer.model if answer else "unreadable" for _, answer in found)
    return {
        "answers": len(found),
        **await _damage(loaded),
        "bytes": sum(len(entry.value) for entry, _ in found),
        "partitions": len({entry.partition for entry, _ in found}),
        "with_vector": sum(entry.vector is not None for entry, _ in found),
        "oldest_s": round(max((now - entry.created for entry, _ in found), default=0)),
        "models": dict(models.most_common(20)),
        "max_wrong_hits": loaded.config.cache.max_wrong_hits,
        "scopes": scopes,
    }


async def _damage(loaded: Loaded) -> dict[str, int]:
    """What was ever found damaged in the store, what has just been read included."""
    async with opened(loaded) as store:
        found = await cast("SharedStore", store).damage()
        await insist_on_all(store)
        return found


async def _listed(config: Path, last: int, wanted: Wanted) -> list[dict[str, Any]]:
    fitting = (pair for pair in await _all(config) if wanted.fits(*pair))
    found = sorted(fitting, key=lambda pair: -pair[0].created)[:last]
    return [_row(entry, answer) for entry, answer in found]


def _row(entry: Entry, answer: Answer | None) -> dict[str, Any]:
    return {
        "key": entry.key,
        "text": answer.text if answer else "",
        "model": answer.model if answer else "unreadable",
        "scope": shown_scope(answer.scope) if answer else "",
        "age_s": round(time.time() - entry.created),
        "ttl_s": round(entry.expires - time.time()),
        "bytes": len(entry.value),
    }


async def _show(config: Path, key: str) -> dict[str, Any]:
    found = [(entry, answer) for entry, answer in await _all(config) if key and entry.key.startswith(key)]
    if len(found) != 1:
        raise ConfigError(f"{len(found)} stored answers have a key that begins so", hint="tidegate cache list")
    entry, answer = found[0]
    more = {
        "partition": entry.partition,
        "streamed": answer.streamed if answer else None,
        "rules": answer.policy if answer else None,
        "encoder": entry.encoder,
        **({} if answer is None else {name: getattr(answer, name) for name in _LINEAGE}),
        "reply": b"".join(piece.raw for piece in answer.pieces).decode("utf-8", "replace") if answer else None,
    }
    return _row(entry, answer) | more


async def _purge(config: Path, wanted: Wanted) -> int:
    async with opened(load_config(config)) as store:
        going: dict[str, str] = {}
        async for entry in store.entries():
            answer = decode(entry.value)
            if wanted.fits(entry, answer):
                going[entry.key] = answer.text if answer is not None else ""
        await insist_on_all(store)
        keys, gone, texts = list(going), 0, set(going.values())
        try:
            for at in range(0, len(keys) or 1, AT_ONCE):  # also where none fits: what has expired goes with them
                await _insist(cast("SharedStore", store).erase, keys[at : at + AT_ONCE])
                gone = min(len(keys), at + AT_ONCE)
            await _insist(
                forget_pairs,
                store,
                lambda pair: wanted.fits_pair(pair) or pair.asked in texts or pair.stored in texts,
            )
        except Unanswered:
            said = (
                f"the store does not answer: {gone} of {len(keys)} answers are deleted, and not all pairs of questions"
            )
            raise ConfigError(said, hint="do it again") from None
        return gone


async def _insist(work: Callable[P, Awaitable[None]], *args: P.args, **kwargs: P.kwargs) -> None:
    """Have something done, again if the store does not answer: a gate beside us may be writing. Raises Unanswered."""
    for _ in range(TRIES - 1):
        with suppress(Unanswered):
            return await work(*args, **kwargs)
        await asyncio.sleep(RETRY_SECONDS)
    return await work(*args, **kwargs)
