"""Who of a route's targets is asked first."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.exchange import Caller, Exchange
from tidegate.models.balance import Balance, ByWeight, Fastest, InOrder, Sticky
from tidegate.models.conditions import Facts
from tidegate.models.targets import FRESH_SECONDS, Pace, Target


class Named:
    def __init__(self, name: str) -> None:
        self.name = name


def target(name: str, weight: float = 1.0, pace: Pace | None = None) -> Target:
    return Target(Named(name), "", weight, pace or Pace())


def asked(caller: str = "anonymous", **headers: str) -> Facts:
    body = {"model": "m", "messages": [], "metadata": {"user": caller}}
    return Facts(Exchange(OpenAIChat(), OpenAIChat.path, headers, body, "m", stream=False, caller=Caller(caller)))


def shares(balance: Balance, count: int = 4000) -> dict[str, float]:
    first = Counter(balance(asked(f"caller {index}"))[0].provider.name for index in range(count))
    return {name: number / count for name, number in first.items()}


@given(st.lists(st.floats(0.001, 1000), min_size=1, max_size=6), st.text())
def test_every_balance_gives_every_target_once(weights: list[float], caller: str) -> None:
    targets = [target(str(index), weight) for index, weight in enumerate(weights)]
    for balance in (InOrder(targets), ByWeight(targets), Sticky(targets, "caller"), Fastest(targets)):
        assert sorted(t.name for t in balance(asked(caller))) == sorted(t.name for t in targets)


def test_weights_are_shares_of_the_requests() -> None:
    chance = random.Random(7)
    told = shares(ByWeight([target("a", 3), target("b", 1)], chance.random))
    assert told["a"] == pytest.approx(0.75, abs=0.03)


def test_a_canary_gets_its_share_of_the_callers_and_each_caller_stays() -> None:
    balance = Sticky([target("main", 95), target("canary", 5)], "caller")
    assert shares(balance)["canary"] == pytest.approx(0.05, abs=0.015)
    assert len({balance(asked("one"))[0].name for _ in range(50)}) == 1


def test_a_target_that_comes_takes_its_share_and_moves_nobody_else() -> None:
    before = Sticky([target("a"), target("b"), target("c")], "caller")
    after = Sticky([target("a"), target("new"), target("b"), target("c")], "caller")
    callers = [asked(f"caller {index}") for index in range(2000)]
    moved = [after(one)[0].provider.name for one in callers if after(one)[0].name != before(one)[0].name]
    assert set(moved) == {"new"}
    assert len(moved) / 2000 == pytest.approx(0.25, abs=0.04)


def test_stickiness_goes_by_header_and_metadata_too_and_by_chance_without_a_value() -> None:
    targets = [target(name) for name in "abcd"]
    by_header = Sticky(targets, "header.x-session")
    assert len({by_header(asked(str(n), **{"x-session": "s1"}))[0].name for n in range(40)}) == 1
    assert len({by_header(asked("same"))[0].name for _ in range(100)}) > 1
    by_user = Sticky(targets, "metadata.user")
    assert len({by_user(asked("same"))[0].name for _ in range(40)}) == 1
    assert len({by_user(asked(str(n)))[0].name for n in range(100)}) == 4


def test_of_two_the_sooner_is_asked_and_the_unknown_before_it() -> None:
    slow, quick, unknown = (target(name) for name in ("slow", "quick", "unknown"))
    slow.pace.saw(False, 2.0)
    quick.pace.saw(False, 0.2)
    for _ in range(20):
        assert [t.provider.name for t in Fastest([slow, quick])(asked())] == ["quick", "slow"]
        assert Fastest([quick, unknown])(asked())[0] is unknown
    assert shares(Fastest([slow, quick, target("other", pace=quick.pace)], random.Random(3))).get("slow", 0) == 0


def test_an_average_moves_and_what_is_old_says_nothing_until_one_request_has_found_out() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    for _ in range(40):
        pace.saw(True, 1.0)
    pace.saw(True, 2.0)
    assert pace.guess(True) == pytest.approx(1.2, abs=0.01)
    assert pace.guess(False) == 0.0, "whole replies are another matter"
    now[0] = FRESH_SECONDS + 1
    assert pace.guess(True) == 0.0
    pace.asked(True)
    assert pace.guess(True) == pytest.approx(1.2, abs=0.01)
    pace.saw(True, 0.2)
    assert pace.guess(True) == pytest.approx(0.2), "the outage of an hour ago is over"
