"""Telephone numbers, cards and social security numbers that stand right beside other values; and rows of other
numbers that hold none."""

import random
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.guardrails.detectors.pii.detector import Pii
from tidegate.guardrails.detectors.pii.table import STRUCTURED

PII = Pii(STRUCTURED)
VISA, IBAN, ADDRESS = "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "192.168.7.12"
VALUES = {
    "0171 5550284": "PHONE_NUMBER",
    "06 41 97 20 53": "PHONE_NUMBER",
    "+49 171 5550284": "PHONE_NUMBER",
    "415-555-0132": "PHONE_NUMBER",
    "(415) 555-0132": "PHONE_NUMBER",
    VISA: "CREDIT_CARD",
    IBAN: "IBAN_CODE",
    ADDRESS: "IP_ADDRESS",
    "536-22-1234": "US_SSN",
    "943 476 5919": "UK_NHS",
    "529.982.247-25": "BR_CPF",
    "12345678Z": "ES_NIF",
}


def found(text: str, pii: Pii = PII) -> list[tuple[str, str]]:
    return [(text[each.start : each.end], each.label) for each in pii.find(text)]


@pytest.mark.parametrize("between", [" ", "  ", "\t", ";", "|", " - ", ", ", "\n"])
@pytest.mark.parametrize("before", ["", "mail "])
def test_of_two_values_side_by_side_both_are_found(before: str, between: str) -> None:
    for one, other in permutations(VALUES, 2):
        text = f"{before}{one}{between}{other}"
        assert found(text) == [(one, VALUES[one]), (other, VALUES[other])], text


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0171 5550284 0171 5550285", ["0171 5550284", "0171 5550285"]),
        ("0171 5550284 0171 5550285 0171 5550286", ["0171 5550284", "0171 5550285", "0171 5550286"]),
        ("06 41 97 20 53 06 41 97 20 54", ["06 41 97 20 53", "06 41 97 20 54"]),
        ("415-555-0132 415-555-0199", ["415-555-0132", "415-555-0199"]),
        ("0171 5550284/415-555-0132", ["0171 5550284", "415-555-0132"]),
        ("+33 6 41 97 20 53 06 41 97 20 53", ["+33 6 41 97 20 53", "06 41 97 20 53"]),
        (f"call +49 171 5550284 {ADDRESS}", ["+49 171 5550284", ADDRESS]),
        ("+12125550134 2001:db8::8a2e:370:7334", ["+12125550134", "2001:db8::8a2e:370:7334"]),
        (f"{IBAN} {VISA} 0171 5550284", [IBAN, VISA, "0171 5550284"]),
        ("12.03.1984 0171 5550284", ["0171 5550284"]),
        ("0171 5550284 12.03.1984", ["0171 5550284"]),
        ("DOB 12/03/1984 415-555-0132 1984-03-12", ["12/03/1984", "415-555-0132"]),
        ("AB123456C/0171 5550284", ["AB123456C", "0171 5550284"]),
    ],
)
def test_rows_of_values_are_parted(text: str, values: list[str]) -> None:
    assert [value for value, _ in found(text)] == values


@pytest.mark.parametrize("text", [f"0171 5550284 {VISA}", f"{IBAN} 0171 5550284", f"0171 5550284 {ADDRESS}"])
def test_a_number_is_found_by_a_rule_that_does_not_name_what_stands_beside_it(text: str) -> None:
    assert ("0171 5550284", "PHONE_NUMBER") in found(text, Pii(["PHONE_NUMBER"]))


@pytest.mark.parametrize(
    "text",
    [
        "0630 0700 0730 0800 0830 0900",
        "0644 0755 0777 0640 0750 0700",
        "080-887-843 011-175-053 254-964-001",
        "09996 09703 03552 62399",
        "056 203 396 973 034 661 314 401",
        "02 07 14 25 36 03 08 15 26 37",
        "230 450 1200 340 560 2301 12",
        "48.13743 11.57549 52.52000 13.40495",
        "1.25.3 1.26.0 12.4.1",
        "12.90 129.00 0.99 1290.00",
        "tcp 0 0 10.0.0.12:443 10.0.0.7:51234",
        "512 2048 10.0.0.12 200",
        "order no. 0171 5550284 0171 5550285",
        "A4711-0171 0171 5550284",
        "12.03.2024 1045 200410 13.03.2024",
        "2024-01-05 0830 0900 2024-01-06",
    ],
)
def test_rows_of_other_numbers_hold_no_telephone_number(text: str) -> None:
    assert [value for value, label in found(text) if label != "IP_ADDRESS"] == []


@pytest.mark.parametrize(("digits", "most"), [(3, 5), (4, 5), (5, 0), (6, 0), (8, 0)])
def test_rows_of_numbers_that_zeros_fill_are_none(digits: int, most: int) -> None:
    some = random.Random(digits)
    rows = [" ".join(f"{some.randrange(10**digits):0{digits}}" for _ in range(7)) for _ in range(400)]
    assert sum(bool(found(row)) for row in rows) <= most


PIECES = st.sampled_from(
    [*VALUES, "0171 5550285", "+1 415 555 0132", "12", "0630", "1234", "call", "Ltd", "2026-05-04", "12.03.1984"]
)


@settings(max_examples=60, deadline=None)
@given(
    pieces=st.lists(PIECES, min_size=1, max_size=6),
    between=st.lists(st.sampled_from([" ", " ", "  ", " - ", "/", "\n", ", "]), min_size=6, max_size=6),
)
def test_wherever_a_stream_resumes_the_same_is_found(pieces: list[str], between: list[str]) -> None:
    text = "".join(piece + gap for piece, gap in zip(pieces, between, strict=False))
    whole = PII.find(text)
    for end in range(1, len(text)):
        held = PII.open_from(text[:end])
        assert not [each for each in whole if each.start < end < each.end and held > each.start], text[:end]
        settled = [each for each in PII.find(text[:end]) if each.end <= held]
        assert settled == [each for each in whole if each.end <= held], text[:end]
        assert PII.find(text, held) == [each for each in whole if each.start >= held], text[:end]
