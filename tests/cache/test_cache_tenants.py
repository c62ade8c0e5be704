"""No answer reaches somebody it does not belong to; and the check of that notices whatever is left out of a key."""

import random
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

import pytest

from tidegate.benchmarks import cache_tenants
from tidegate.cache import key
from tidegate.engine.exchange import Caller

FRAME = ("model", "tools", "temperature", "top_p", "max_tokens", "seed", "stop", "response_format", "x_own")
Digest = Callable[[key.Scope, str, Any, Sequence[str]], str]
whole: Digest = key.partition_digest


@pytest.mark.parametrize("name", ["memory", "sqlite", "redis"])
async def test_eight_tenants_asking_the_same_at_once_get_their_own_answers(name: str) -> None:
    async with cache_tenants.place_of(name) as url:
        seen = await cache_tenants.run(url, 150, seed=3)
    assert seen["foreign"] == 0
    assert seen["hit exact"] > 20 and seen["hit semantic"] > 20 and seen["purged"] > 0


async def test_a_team_shares_and_who_has_none_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    alone, shared = [await cache_tenants.run("memory:", 150, seed=3, share=share) for share in ("key", "team")]
    assert alone["foreign"] == shared["foreign"] == 0
    hits = [sum(count for how, count in seen.items() if how.startswith("hit")) for seen in (alone, shared)]
    assert hits[1] > 1.5 * hits[0], "two teams of three, and two who are alone"
    monkeypatch.setattr(key.Scope, "of", lambda caller, share, namespace: key.Scope("team:" + caller.team, namespace))
    assert (await cache_tenants.run("memory:", 150, seed=3, share="team"))["foreign"] > 0


def without(field: str) -> Digest:
    """The partition's digest with one field of scope or frame left out."""

    def digest(scope: key.Scope, dialect: str, frame: Any, own: Sequence[str] = ()) -> str:
        if field in ("tenant", "namespace"):
            return whole(replace(scope, **{field: ""}), dialect, frame, own)
        if field == "dialect":
            return whole(scope, "", frame, own)
        if field in ("system", "earlier"):
            kept = [each for each in frame["messages"] if (each["role"] == "system") == (field == "earlier")]
            return whole(scope, dialect, {**frame, "messages": kept}, own)
        return whole(scope, dialect, {name: value for name, value in frame.items() if name != field}, own)

    return digest


@pytest.mark.parametrize("field", ["tenant", "namespace", "dialect", "system", "earlier", *FRAME])
async def test_a_key_that_leaves_a_field_out_is_found_out(monkeypatch: pytest.MonkeyPatch, field: str) -> None:
    monkeypatch.setattr(key, "partition_digest", without(field))
    seen = await cache_tenants.run("memory:", 250, seed=3, mode="exact")
    assert seen["foreign"] > 0


async def test_the_list_of_fields_left_out_is_complete() -> None:
    """Every member of a frame that the questions have is one that a test above leaves out."""
    chance, found = random.Random(1), set[str]()
    for _ in range(500):
        asked = cache_tenants.question(chance, Caller("a"))
        found |= set(asked.dialect.question(asked.body).frame)
    assert found == {*FRAME, "messages"}
    assert [field.name for field in fields(key.Scope)] == ["tenant", "namespace"]
