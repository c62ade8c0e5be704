"""A provider that keeps failing is left alone, and asked once to see whether it is back."""

from hypothesis import given
from hypothesis import strategies as st

from tidegate.models.breaker import Breaker, Health, Limits, Turn


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def breaker(**changes: float) -> tuple[Breaker, Clock]:
    clock = Clock()
    limits = {"failures": 3, "share": 0.5, "window": 30.0, "least": 10, "rest": 5.0, "longest": 60.0, **changes}
    return Breaker(Limits(**limits), clock), clock


def enter(tested: Breaker) -> Turn:
    turn = tested.enter()
    assert turn is not None
    return turn


def fail(tested: Breaker, times: int = 1, after: float | None = None) -> None:
    for _ in range(times):
        enter(tested).failed(after)


def test_it_opens_after_failures_in_a_row_and_a_success_between_starts_anew() -> None:
    tested, _ = breaker()
    fail(tested, 2)
    enter(tested).succeeded()
    fail(tested, 2)
    assert tested.state == "closed"
    fail(tested)
    assert tested.state == "open" and tested.enter() is None


def test_it_opens_on_a_share_of_failures_within_the_window() -> None:
    tested, clock = breaker(failures=100)
    for _ in range(5):
        enter(tested).succeeded()
        fail(tested)
    assert tested.state == "open"
    tested, clock = breaker(failures=100)
    for _ in range(20):
        enter(tested).succeeded()
        fail(tested)
        clock.now += 10
    assert tested.state == "closed", "never ten outcomes within thirty seconds"


def test_one_probe_goes_and_closes_it_again() -> None:
    tested, clock = breaker()
    fail(tested, 3)
    clock.now += 4.9
    assert tested.enter() is None and str(tested) == "open, asked again in 1 s"
    clock.now += 0.1
    probe = enter(tested)
    assert tested.state == "half_open" and tested.enter() is None
    probe.succeeded()
    assert tested.state == "closed"
    fail(tested, 2)
    assert tested.state == "closed"


def test_each_failed_probe_doubles_the_rest_up_to_the_longest() -> None:
    tested, clock = breaker()
    fail(tested, 3)
    for rest in (5, 10, 20, 40, 60, 60):
        assert tested.left == rest
        clock.now += rest
        enter(tested).failed()


def test_a_probe_of_which_nothing_was_learnt_leaves_the_place_to_another() -> None:
    tested, clock = breaker()
    fail(tested, 3)
    clock.now += 5
    enter(tested).dropped()
    assert tested.enter() is not None


def test_a_rest_that_was_asked_for_is_given_up_to_the_longest() -> None:
    tested, _ = breaker()
    fail(tested, 3, after=33)
    assert tested.left == 33
    tested, _ = breaker()
    fail(tested, 3, after=3600)
    assert tested.left == 60


def test_answers_to_what_was_asked_before_it_opened_say_nothing() -> None:
    tested, _ = breaker()
    old = enter(tested)
    fail(tested, 3)
    old.succeeded()
    assert tested.state == "open"


def test_who_is_asked_all_the_same_and_answers_is_back() -> None:
    tested, _ = breaker()
    fail(tested, 3)
    forced = tested.enter(force=True)
    assert forced is not None
    forced.failed()
    assert tested.left == 5, "it makes nothing worse"
    again = tested.enter(force=True)
    assert again is not None
    again.succeeded()
    assert tested.state == "closed"


@given(st.lists(st.tuples(st.sampled_from(["ok", "fail", "drop"]), st.floats(0, 20)), max_size=60))
def test_it_is_never_shut_for_longer_than_the_longest_rest(steps: list[tuple[str, float]]) -> None:
    tested, clock = breaker()
    waited = 0.0
    for what, pause in steps:
        clock.now += pause
        turn = tested.enter()
        waited = 0.0 if turn else waited + pause
        assert waited <= 60 + 20 and tested.left <= 60
        if turn:
            {"ok": turn.succeeded, "fail": turn.failed, "drop": turn.dropped}[what]()


def test_a_limited_model_rests_by_itself_and_not_for_ever() -> None:
    clock = Clock()
    health = Health(Limits(longest=60), clock)
    health.rest("up", "gpt-4o", 3600)
    assert health.rests("up", "gpt-4o") and not health.rests("up", "gpt-4o-mini")
    clock.now += 61
    assert not health.rests("up", "gpt-4o")
    for index in range(3000):
        health.rest("up", f"model {index}", 10)
    assert health.rests("up", "model 2999") and not health.rests("up", "model 0"), "it is bounded"
