"""Networks are loaded once for all gates of a process that have them at the same time."""

import os

import pytest

from tidegate.models.judge import judge
from tidegate.models.shared import shared


class Network:
    pass


def test_what_somebody_holds_is_given_again_and_what_nobody_holds_is_made_anew() -> None:
    made: list[int] = []

    def make() -> Network:
        made.append(1)
        return Network()

    first, other = shared("a", make), shared("b", make)
    assert shared("a", make) is first and shared("b", make) is other and len(made) == 2
    del first
    assert shared("a", make) is not other and len(made) == 3


def test_a_forked_process_makes_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    first = shared("c", Network)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert shared("c", Network) is not first


def test_two_gates_share_the_networks_that_ship() -> None:
    first = judge(deep=False)
    assert judge(deep=False) is first and judge() is not first
