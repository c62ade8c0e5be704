"""The benchmark of a lookup measures every kind of it: what came of one is told apart as it is meant."""

from tidegate.benchmarks.lookup import ours


async def test_each_kind_of_lookup_is_measured() -> None:
    found = await ours(300, 2)
    kinds = {name: one["count"] for name, one in found.items() if isinstance(one, dict)}
    assert kinds == {"miss": 2, "miss near a stored one": 2, "semantic hit": 2, "exact hit": 2}
