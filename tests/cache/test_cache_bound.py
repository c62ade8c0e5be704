"""What is observed of hits raises the bar, ends the tier above the bound, and brings it back."""

import asyncio
import math
import random
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.cache.bound import RECORDS, Bound, scope_figures
from tidegate.cache.figures import kept_figures
from tidegate.cache.journal import Journal, seal, unseal
from tidegate.cache.links import Links
from tidegate.cache.rates import ALARM, evidence, log_odds, offset, wilson
from tidegate.cache.stores import open_store
from tidegate.cache.tally import KEPT, Tally
from tidegate.cache.verify import NEVER


def bound(audit: float = 0.01, wrong: float = 0.01, seed: int = 1) -> Bound:
    return Bound(0.8, wrong, audit, chance=random.Random(seed).random)


def audits(tried: Bound, outcomes: str, key: str = "k", probability: float = 0.9) -> None:
    """One audit a letter: s(ame), d(ifferent), u(nclear)."""
    for n, letter in enumerate(outcomes):
        tried.served("s", "semantic", 10, 1.0, 0.0)
        outcome = {"s": "same", "d": "different", "u": "unclear"}[letter]
        tried.observe("s", f"{key}{n}", probability, outcome, "audit")  # type: ignore[arg-type]


# Intervals and evidence


@pytest.mark.parametrize(
    ("wrong", "total", "low", "high"),
    [(0, 0, 0, 1), (0, 10, 0, 0.2775), (1, 10, 0.0179, 0.4042), (5, 50, 0.0435, 0.2136), (0, 381, 0, 0.00998)],
)
def test_the_interval_is_wilsons(wrong: int, total: int, low: float, high: float) -> None:
    assert wilson(wrong, total) == pytest.approx((low, high), abs=1e-3)


@given(st.integers(0, 400), st.integers(1, 400), st.sampled_from([0.001, 0.01, 0.05, 0.3, 0.5]))
def test_evidence_grows_with_wrong_hits_and_sinks_with_right_ones(wrong: int, total: int, bar: float) -> None:
    wrong = min(wrong, total)
    here = evidence(wrong, total, bar)
    assert math.isfinite(here) and here >= 0
    assert evidence(wrong, total + 1, bar) <= here * 1.0000001 <= evidence(wrong + 1, total + 1, bar) * 1.0000001


def test_a_tier_within_its_bound_is_seldom_accused_however_often_one_looks() -> None:
    rng, accused = random.Random(5), 0
    for _ in range(400):
        wrong = 0
        for seen in range(1, 400):
            wrong += rng.random() < 0.01
            if wrong > 1 and evidence(wrong, seen, 0.01) >= ALARM:
                accused += 1
                break
    assert accused / 400 <= 1 / ALARM


def test_a_tier_well_within_it_is_hardly_ever_accused() -> None:
    assert evidence(2, 250, 0.01) < 1 < ALARM and evidence(1, 100, 0.01) < 1


def test_a_tier_far_above_its_bound_is_accused_soon() -> None:
    assert evidence(2, 10, 0.01) >= ALARM
    assert evidence(5, 50, 0.01) >= ALARM
    assert evidence(2, 40, 0.01) < ALARM and evidence(2, 200, 0.01) < ALARM


# An entry's own bar


def test_an_entry_without_a_record_has_the_verifiers_bar() -> None:
    assert bound().required("s", "k") == 0.8 and offset([]) == 0.0


def test_a_wrong_hit_raises_an_entrys_bar_and_a_second_retires_it() -> None:
    tried = bound()
    tried.observe("s", "k", 0.85, "different", "user")
    once = tried.required("s", "k")
    assert 0.85 < once < 1.0 and tried.required("s", "other") == 0.8
    tried.observe("s", "k", 0.99, "different", "user")
    assert tried.required("s", "k") == NEVER


def test_near_misses_that_were_the_same_lower_an_entrys_bar_step_by_step() -> None:
    tried, seen = bound(), [0.8]
    for _ in range(8):
        tried.observe("s", "k", 0.6, "same", "near")
        seen.append(tried.required("s", "k"))
    assert seen == sorted(seen, reverse=True) and seen[1] > 0.6 and seen[4] <= 0.6
    assert min(seen) >= 0.5
    tried.observe("s", "k", 0.6, "different", "near")
    assert tried.required("s", "k") > seen[-1]


def test_a_refused_question_that_was_another_one_retires_nothing() -> None:
    tried = bound()
    for _ in range(20):
        tried.observe("s", "k", 0.3, "different", "near")
    assert 0.8 < tried.required("s", "k") < NEVER


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=KEPT))
def test_an_offset_is_finite_and_never_beyond_what_was_seen(seen: list[tuple[float, bool]]) -> None:
    found = offset(seen)
    assert abs(found) < 14
    if seen and all(correct for _, correct in seen):
        assert found >= 0
    if seen and not any(correct for _, correct in seen):
        assert found <= 0


def test_unclear_comparisons_count_for_nothing_but_are_shown() -> None:
    tried = bound()
    audits(tried, "u" * 40)
    found = tried.stats()[0]
    assert found["audits"] == {"same": 0, "different": 0, "unclear": 40} and found["wrong_hit_rate"] is None
    assert not tried.off("s") and not tried.records


def test_records_and_scopes_are_bounded() -> None:
    tried = bound()
    for n in range(RECORDS + 50):
        tried.observe(f"s{n % 10}", f"k{n}", 0.9, "same", "near")
    assert len(tried.records) == RECORDS


# A scope


def test_hits_are_audited_often_at_first_and_then_as_configured() -> None:
    tried, asked = bound(audit=0.01), 0
    for _ in range(5000):
        if tried.wants_audit("s"):
            asked += 1
            tried.observe("s", "k", 0.9, "same", "audit")
    assert 300 < asked < 550
    assert [tried.wants_audit("s") for _ in range(300)].count(True) < 40
    assert not any(bound(audit=0.0).wants_audit("s") for _ in range(100))


def test_wrong_audits_beyond_the_bound_turn_the_tier_off_for_their_scope_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tried = bound()
    audits(tried, "ssssd")
    assert not tried.off("s")
    audits(tried, "ssd")
    assert tried.off("s") and not tried.off("t")
    assert "off for scope s: 2 of 8 audited hits" in caplog.text


def test_users_words_turn_it_off_too() -> None:
    tried = bound(audit=0.0)
    for n in range(40):
        tried.served("s", "semantic", 0, 0.0, 0.0)
        tried.observe("s", f"k{n}", 0.9, "different" if n % 8 == 0 else "same", "user")
    assert tried.off("s")
    found = tried.stats()[0]
    assert found["wrong_hit_rate"] is None and found["users"]["wrong"] >= 2


def test_a_clean_run_of_would_be_hits_brings_it_back(caplog: pytest.LogCaptureFixture) -> None:
    tried = bound()
    audits(tried, "dd")
    assert tried.off("s")
    for n in range(98):
        tried.observe("s", f"q{n}", 0.99, "same", "shadow")
    tried.observe("s", "q", 0.99, "different", "shadow")
    for n in range(98):
        tried.observe("s", f"q{n}", 0.99, "same", "shadow")
    assert tried.off("s")
    tried.observe("s", "q", 0.99, "same", "shadow")
    assert not tried.off("s") and "on again for scope s" in caplog.text
    assert tried.stats()[0]["audits"]["different"] == 2  # what was served stays on the record


def test_a_scopes_bar_rises_with_wrong_hits_and_sinks_with_right_ones() -> None:
    tried = bound()
    audits(tried, "d")
    high = tried.required("s", "new")
    assert 0.85 < high < 0.9
    audits(tried, "s" * 50)
    assert 0.8 < tried.required("s", "new") < high
    for _ in range(500):
        tried.refused("s", 0.82)
    assert tried.required("s", "new") < high
    audits(tried, "s" * 100)
    assert tried.required("s", "new") == pytest.approx(0.8)


def test_log_odds_are_clipped() -> None:
    assert log_odds(1.0) == 7.0 and log_odds(0.0) == -7.0 and log_odds(0.5) == 0.0


def test_figures_carry_counts_interval_and_savings() -> None:
    tried = bound()
    audits(tried, "s" * 30 + "d")
    tried.served("s", "exact", 7, 0.5, 0.25)
    found = scope_figures("s", tried.tallies["s"])
    assert found["hits"] == {"exact": 1, "semantic": 31}
    assert found["wrong_hit_rate"] == pytest.approx(1 / 31, abs=1e-4)
    assert found["interval"][0] < 1 / 31 < found["interval"][1]
    assert found["saved"] == {"tokens": 317, "seconds": 31.5, "cost": 0.25}


# What is kept


async def test_observations_survive_a_restart(tmp_path: Path) -> None:
    store = open_store(f"sqlite:{tmp_path}/c.db")
    await store.start()
    first, links = bound(), Links()
    journal = Journal(store, {"s": first, "e": first, "l": links}, shared=True)
    first.touched = links.touched = journal.touched
    audits(first, "dd", key="k")
    first.observe("s", "mine", 0.9, "different", "user")
    assert links.join("p", ("a", "capital of france?"), ("b", "What is the capital of France?"))
    await journal.close()
    second, again = bound(), Links()
    await Journal(store, {"s": second, "e": second, "l": again}, shared=True).listen()
    assert second.off("s") and second.required("s", "mine") == first.required("s", "mine")
    assert again.find("p", "a") == "b" and again.find("p", "b") == "a"
    assert (await kept_figures(store))[0] == second.stats()[0]
    await store.aclose()


async def test_two_processes_add_up(tmp_path: Path) -> None:
    stores = [open_store(f"sqlite:{tmp_path}/c.db") for _ in range(2)]
    sides: list[tuple[Bound, Journal]] = []
    for store in stores:
        await store.start()
        tried = bound()
        journal = Journal(store, {"s": tried, "e": tried, "l": Links()}, shared=True)
        tried.touched = journal.touched
        sides.append((tried, journal))
    (one, first), (two, second) = sides
    for _ in range(3):
        audits(one, "sssss", key="a")
        audits(two, "ssu", key="b")
        await first.flush()
        await second.flush()
        await first.listen()
        await second.listen()
    want = {"same": 21, "different": 0, "unclear": 3}
    assert one.stats()[0]["audits"] == two.stats()[0]["audits"] == want
    audits(two, "dd", key="c")
    await second.flush()
    await first.listen()
    assert one.off("s") == two.off("s")
    for store in stores:
        await store.aclose()


def test_joining_twice_changes_nothing() -> None:
    mine = Tally(right=3, era_right=3)
    stored = Tally(right=10, era_right=10).dump()
    mine.absorb(stored)
    assert (mine.right, mine.era_right) == (13, 13)
    mine.absorb(stored)
    assert (mine.right, mine.era_right) == (13, 13)
    mine.absorb(mine.dump())
    assert mine.right == 13


def test_a_damaged_or_foreign_note_is_no_note() -> None:
    value = seal("s:a", b"x")
    assert unseal("s:a", value) == b"x" and unseal("s:b", value) is None
    assert unseal("s:a", value[:-1] + b"y") is None and unseal("s:a", b"") is None


async def test_hostile_notes_are_passed_over() -> None:
    store = open_store("memory:")
    tried = bound()
    journal = Journal(store, {"s": tried, "e": tried, "l": Links()}, shared=False)
    for name, value in (("s:a", b"junk"), ("x:y", seal("x:y", b"z")), ("s:b", seal("s:b", b"\xc1")), ("", b"")):
        await store.set_note(name, value)
    await journal.listen()
    assert not tried.off("a")
    await asyncio.sleep(0)


# Links


def test_a_link_stays_in_its_partition_and_goes_with_its_entry() -> None:
    links = Links()
    assert links.join("p", ("a", "capital of france?"), ("b", "What is the capital of France?"))
    assert links.find("p", "a") == "b" and links.find("other", "a") is None
    links.drop("b")
    assert links.find("p", "a") is None


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Give me 5 tips for sleep", "Give me 8 tips for sleep"),
        ("Write to Anna Meyer", "Write to Paul Schmidt"),
        ("Convert 5 Celsius to Fahrenheit", "Convert 5 Fahrenheit to Celsius"),
        ("Mail <EMAIL_ADDRESS_1> now", "Mail <EMAIL_ADDRESS_2> now"),
        ("How do I turn on the light?", "How do I turn off the light?"),
        ("Sort a list in Python", "Sort a list in Java"),
    ],
)
def test_questions_that_differ_in_a_hard_detail_are_never_linked(one: str, two: str) -> None:
    links = Links()
    assert not links.join("p", ("a", one), ("b", two)) and len(links) == 0


def test_two_wrong_hits_retire_an_entry_also_after_the_clock_went_ahead_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ahead = time.time() + 366 * 86_400.0
    tried = bound()
    tried.observe("s", "k", 0.9, "same", "audit")
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: ahead)
        tried.forget("k")  # it has expired, by that clock
    kept = tried.dump("e:k")
    for _ in range(2):
        tried.observe("s", "k", 0.9, "different", "audit")
        tried.absorb("e:k", kept)  # what the store has from then
    assert tried.required("s", "k") == NEVER
