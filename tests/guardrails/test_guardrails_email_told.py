"""E-mail addresses as people tell them: found, no ordinary word taken for one, and held in a stream until told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.guardrails.detectors.pii.detector import Pii

MAIL = Pii(["EMAIL_ADDRESS"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("write to dana dot whitfield at gmail dot com today", "dana dot whitfield at gmail dot com"),
        ("email me: dana at whitfield dot co dot uk", "dana at whitfield dot co dot uk"),
        ("it's d a n a 4 at gmail dot com", "d a n a 4 at gmail dot com"),
        ("<dana.w at intel dot com>", "dana.w at intel dot com"),
        ("dana42 at gmail.com", "dana42 at gmail.com"),
        ("dana.whitfield [at] gmail [dot] com", "dana.whitfield [at] gmail [dot] com"),
        ("Dana (dana AT whitfield DOT net)", "dana AT whitfield DOT net"),
        ("dana underscore w at company dot example dot com", "dana underscore w at company dot example dot com"),
        ("translation-team (at) ferheng.org", "translation-team (at) ferheng.org"),
        ("dana@gmail dot com", "dana@gmail dot com"),
        ("dana.w at the rate gmail dot com", "dana.w at the rate gmail dot com"),
        ("mi correo es dana arroba gmail punto com", "dana arroba gmail punto com"),
        ("mon mail : dana.w arobase laposte point fr", "dana.w arobase laposte point fr"),
        ("la mia mail è dana chiocciola libero punto it", "dana chiocciola libero punto it"),
        ("meine Mail: dana punkt weber ät gmx punkt de", "dana punkt weber ät gmx punkt de"),
    ],
)
def test_an_address_that_is_told_is_found_and_held_until_it_is_told(text: str, value: str) -> None:
    [found] = MAIL.find(text)
    assert text[found.start : found.end] == value
    for end in range(found.start + 1, found.end):
        assert MAIL.open_from(text[:end]) <= found.start, text[:end]
    held = MAIL.open_from(text[: found.start])
    assert [(each.start, each.end) for each in MAIL.find(text, held)] == [(found.start, found.end)]


@pytest.mark.parametrize(
    "text",
    [
        "look at example dot com for it",
        "we met at amazon dot com in 2010",
        "the top-level at example dot com",
        "log in at gmail.com, or look at gmail dot com",
        "sign up at 10 at example dot com",
        "a @ b . c, x [at] y, arr[at] dot com",
        "3 at gmail.com",
        "connect the dot at the point com said",
        "COVID-19 at this point in time",
        "we reached that stage at some point in 2019",
        "please contact me if Q3 at that point it is late",
        "look up python3 at the dot com site",
        "we met at yahoo dot com, and looked at gmail dot com",
    ],
)
def test_what_is_said_of_a_site_is_no_address(text: str) -> None:
    assert MAIL.find(text) == []


def test_no_more_is_held_than_may_become_an_address() -> None:
    text = "the house at the lake where we were last year"
    assert text[MAIL.open_from(text) :] == "year"
    assert f"{text} "[MAIL.open_from(f"{text} ") :] == "year "
    assert text[MAIL.open_from(f"{text}.\n") :] == ""


WORDS = (
    "dana whitfield at dot gmail com org underscore the rate of arroba punto [at] [dot] (at) [ ] @ . d a n me email "
    "look x42 co uk AT DOT , yahoo.com w.b ät punkt"
).split()


@settings(max_examples=150, deadline=None)
@given(words=st.lists(st.sampled_from(WORDS), min_size=3, max_size=14))
def test_nothing_of_an_address_is_settled_before_it_is_told(words: list[str]) -> None:
    text = " ".join(words)
    whole = MAIL.find(text)
    for end in range(1, len(text)):
        held = MAIL.open_from(text[:end])
        assert not [each for each in whole if each.start < end < each.end and held > each.start], text[:end]
        settled = [each for each in MAIL.find(text[:end]) if each.end <= held]
        assert settled == [each for each in whole if each.end <= held], text[:end]
