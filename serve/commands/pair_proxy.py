"""Labelled pairs through a whole gate: the first text is asked and stored, then the second is asked in the same scope.

A gate of the configuration, behind the door that requests of a network come through, in front of a model that answers
all the same. Each pair has a namespace of its own, so that no other pair's answer is near. What the steps alone
(`cache/measure.py`) do not show is here: rules that leave a question to the model, and guards that change or refuse it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx2

from ...cache.key import NAMESPACE_HEADER
from ...cache.measure import Labelled, Scored, share
from ...cache.stage import CacheStage
from ...engine.door import Door, Receive, Scope, Send
from ...engine.errors import ConfigError
from ...engine.exchange import Exchange, Reply
from ...engine.jsonio import dumps
from ..build import build
from ..config.gate_yaml import Loaded

AT_ONCE = 64
"""Pairs whose first texts are asked before their second ones: each takes one of a gate's 256 background tasks."""
_PATH = "/v1/chat/completions"


@dataclass(frozen=True, slots=True)
class Way:
    """What became of a pair."""

    pair: Labelled
    hit: bool
    how: str
    """The tier of a hit; else `miss`, or why memory had no say: `first: bypass, time-sensitive`, `second: status 400`.
    """

    @property
    def passed_by(self) -> bool:
        """Whether one of the two was not answered and kept as questions are, so that there could be no hit."""
        return self.how.startswith(("first:", "second:"))


def bare(loaded: Loaded) -> Loaded:
    """The configuration with an empty memory, without what is kept of requests, and open to anybody."""
    config = loaded.config
    update: dict[str, Any] = {
        "cache": config.cache.model_copy(update={"store": "memory:"}),
        "guardrails": config.guardrails.model_copy(update={"vault": None, "reload": "off"}),
        "keys": config.keys.model_copy(update={"require": False}),
        "compat": [],
        "log": None,
    }
    return replace(loaded, config=config.model_copy(update=update))


def through_proxy(loaded: Loaded, pairs: Sequence[Labelled], progress: Callable[[int], None]) -> list[Way]:
    """Each pair's way, in order; `progress` hears how many are done. Raises ConfigError."""
    if loaded.config.cache.mode != "semantic":
        raise loaded.error("there is no semantic tier to measure", ("cache", "mode"), hint="mode: semantic")
    return asyncio.run(_through(bare(loaded), pairs, progress))


async def _through(loaded: Loaded, pairs: Sequence[Labelled], progress: Callable[[int], None]) -> list[Way]:
    parts = build(loaded, upstream=_model)
    await parts.start()
    ways: list[Way] = []
    try:
        cache = parts.cache
        assert cache is not None and cache.semantic is not None  # the mode says so
        if cache.semantic.off:
            raise ConfigError(f"the semantic cache stays off: {cache.semantic.off}")
        transport = httpx2.ASGITransport(app=Door(_nowhere, parts.handler))
        async with httpx2.AsyncClient(transport=transport, base_url="http://gate") as client:
            for start in range(0, len(pairs), AT_ONCE):
                ways += await _asked(client, cache, pairs[start : start + AT_ONCE], start)
                progress(len(ways))
    finally:
        await parts.aclose()
    return ways


async def _asked(client: httpx2.AsyncClient, cache: CacheStage, pairs: Sequence[Labelled], start: int) -> list[Way]:
    firsts = [await _ask(client, pair.a, start + at) for at, pair in enumerate(pairs)]
    await cache.background.drain(60.0)  # what was stored is in the index by then
    ways: list[Way] = []
    for at, (pair, first) in enumerate(zip(pairs, firsts, strict=True)):
        if first != "stored":
            ways.append(Way(pair, False, f"first: {first}"))
            continue
        how = await _ask(client, pair.b, start + at)
        hit = how.startswith("hit ")
        missed = how.removesuffix(", stored").startswith("miss") or how == "stored"
        ways.append(Way(pair, hit, how.removeprefix("hit ") if hit else "miss" if missed else f"second: {how}"))
    return ways


async def _ask(client: httpx2.AsyncClient, text: str, number: int) -> str:
    """`hit semantic`, `stored`, `miss`, `bypass, time-sensitive`, `status 400`."""
    body = {"model": "m", "messages": [{"role": "user", "content": text}]}
    headers = {"content-type": "application/json", NAMESPACE_HEADER: f"pair-{number}"}
    try:
        content = dumps(body)
    except UnicodeEncodeError:
        return "no request: a lone surrogate"
    reply = await client.post(_PATH, content=content, headers=headers)
    if reply.status_code != 200:
        return f"status {reply.status_code}"
    parts = [part.strip().partition("=") for part in reply.headers.get("cache-status", "").split(";")]
    told = {name: said for name, _, said in parts}
    if "hit" in told:
        return f"hit {told.get('detail', '')}"
    if "stored" in told:
        return "stored"
    return ", ".join(word for word in (told.get("fwd", "not asked"), told.get("detail", "")) if word)


async def _model(exchange: Exchange) -> Reply:
    """Answers all questions alike, so that audits and lessons learn nothing and wait for no encoder."""
    whole = exchange.dialect.canned(exchange.body, "Here is how it is.")
    return Reply.whole(200, dumps(whole), [("content-type", "application/json")])


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("no path but the gate's is asked")


def reported(ways: Sequence[Way], scored: Sequence[Scored], threshold: float) -> dict[str, Any]:
    """What passed, where pairs ended, and in how many of those that memory had a say in the steps alone differ."""
    labels = Counter(way.pair.same for way in ways)
    hits = Counter(way.pair.same for way in ways if way.hit)
    ended = Counter((way.how, way.pair.same) for way in ways)
    passing = [
        (way.hit, one.probability >= threshold) for way, one in zip(ways, scored, strict=True) if not way.passed_by
    ]
    return {
        "hit": share(hits[True], labels[True]),
        "traps": share(hits[False], labels[False]),
        "precision": share(hits[True], hits.total()),
        "ended": {
            how: {"same": ended[how, True], "different": ended[how, False]} for how in sorted({way.how for way in ways})
        },
        "unlike_the_steps": {
            "hits": sum(hit and not step for hit, step in passing),
            "misses": sum(step and not hit for hit, step in passing),
        },
    }
