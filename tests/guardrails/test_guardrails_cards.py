"""Cards beside other groups of digits: found, in streams as in whole texts, and no table of numbers taken for them."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.guardrails.detectors.pii.detector import Pii
from tidegate.guardrails.detectors.pii.table import STRUCTURED

CARDS = Pii(["CREDIT_CARD"])
VISA, MASTER, AMEX = "4111 1111 1111 1111", "5500 0055 5555 5559", "3782 822463 10005"


def found(text: str) -> list[str]:
    return [text[each.start : each.end] for each in CARDS.find(text)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (f"{VISA} {MASTER}", [VISA, MASTER]),
        (f"{VISA} {MASTER} {AMEX} {VISA}", [VISA, MASTER, AMEX, VISA]),
        ("4111-1111-1111-1111 5500-0055-5555-5559", ["4111-1111-1111-1111", "5500-0055-5555-5559"]),
        (f"{VISA} 4111111111111111", [VISA, "4111111111111111"]),
        ("2024 4111111111111111 1225", ["4111111111111111"]),
        (f"{VISA} 123", [VISA]),
        (f"{VISA} 1225", [VISA]),
        (f"{VISA} 1225 123", [VISA]),
        (f"{VISA} 1225 {MASTER} 0126", [VISA, MASTER]),
        (f"on 12/05/2024 {VISA}, on 05.12.2024 {MASTER}", [VISA, MASTER]),
        (f"the card is 1234 {VISA}", [VISA]),
        (f"charge {VISA} 4500 to the card", [VISA]),
    ],
)
def test_what_stands_beside_a_card_hides_it_not(text: str, values: list[str]) -> None:
    assert found(text) == values


@pytest.mark.parametrize(
    "text",
    [
        f"1234 {VISA}",
        f"the card is 8074 {VISA} 5555",
        f"the card is 12 1234 {VISA}",
        f"SIM card 8944 {VISA}",
        "4111-1111-1111-1111-4500",
        "ES91 4111 1111 1111 1111 4500 0000",
    ],
)
def test_a_longer_number_is_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(("columns", "most"), [(5, 10), (6, 0), (8, 5), (12, 10)])
def test_tables_of_numbers_in_fours_are_none(columns: int, most: int) -> None:
    some = random.Random(columns)
    rows = [" ".join(f"{some.randrange(1000, 10_000)}" for _ in range(columns)) for _ in range(1_000)]
    assert sum(bool(found(row)) for row in rows) <= most


@settings(max_examples=50, deadline=None)
@given(
    groups=st.lists(
        st.sampled_from([VISA, MASTER, AMEX, "1234", "1225", "123", "4111111111111111", "card", "x", "8944", "12"]),
        min_size=1,
        max_size=9,
    ),
    between=st.sampled_from([" ", "-"]),
)
def test_wherever_a_stream_resumes_the_same_is_found(groups: list[str], between: str) -> None:
    pii, text = Pii(STRUCTURED), between.join(groups)
    whole = pii.find(text)
    for end in range(1, len(text)):
        held = pii.open_from(text[:end])
        assert not [each for each in whole if each.start < end < each.end and held > each.start], text[:end]
        settled = [each for each in pii.find(text[:end]) if each.end <= held]
        assert settled == [each for each in whole if each.end <= held], text[:end]
        assert pii.find(text, held) == [each for each in whole if each.start >= held], text[:end]


def test_groups_that_stand_two_blanks_apart_are_held_together() -> None:
    pii, text = Pii(["PHONE_NUMBER"]), "tel 19241010  1234 and so on"
    [whole] = pii.find(text)
    assert text[whole.start : whole.end] == "19241010  1234"
    for end in range(whole.start + 1, whole.end):
        assert pii.open_from(text[:end]) <= whole.start, text[:end]
