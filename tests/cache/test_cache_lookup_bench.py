"""The benchmark of a lookup measures every kind of it: what came of one is told apart as it is meant."""

import re

import pytest

from tidegate.benchmarks.lookup import ours, show, timed


async def test_each_kind_of_lookup_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    found = await ours(300, 2)
    kinds = {name: one["count"] for name, one in found.items() if isinstance(one, dict)}
    assert kinds == {"miss": 2, "miss near a stored one": 2, "semantic hit": 2, "exact hit": 2}
    show(found)
    told = re.findall(r"\(2 measured of (\d+) asked", capsys.readouterr().out)
    assert [int(one) for one in told] == [found[name]["of"] for name in kinds]


def test_another_cache_is_told_with_the_questions_tried(capsys: pytest.CaptureFixture[str]) -> None:
    found = timed(lambda text: text == "d", list("abcd"), True, 1)
    show({"who": "other", "entries": 4, "semantic hit": found})
    assert "(1 measured of 4 asked)" in capsys.readouterr().out
