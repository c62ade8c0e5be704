"""Names: what stands around one decides its type, and pieces of a stream say what the whole says."""

import pytest

from tidegate.guardrails.detectors.names_cues import COUNTRY, TITLED, type_of


@pytest.mark.parametrize(
    ("text", "name", "taken_for", "is_"),
    [
        ("my name is Oline", "Oline", "ORGANIZATION", "PERSON"),
        ("Dear Quinzia", "Quinzia", "LOCATION", "PERSON"),
        ("I work for Thinknum", "Thinknum", "PERSON", "ORGANIZATION"),
        ("Barnett, Melton and Garcia won", "Barnett, Melton and Garcia", "PERSON", "ORGANIZATION"),
        ("we moved here from Espoo", "Espoo", "ORGANIZATION", "LOCATION"),
        ("Verda lives on the hill", "Verda", "LOCATION", "PERSON"),
        ("Areavibes Inc grew", "Areavibes Inc", "LOCATION", "ORGANIZATION"),
        ("the SSN is missing", "SSN", "ORGANIZATION", ""),
        ("write to a@b.example", "a@b.example", "PERSON", ""),
        ("Mara saw it", "Mara", "PERSON", "PERSON"),
    ],
)
def test_the_words_around_a_name_say_more_than_the_model(text: str, name: str, taken_for: str, is_: str) -> None:
    start = text.index(name)
    assert type_of(text, start, start + len(name), taken_for) == is_


def test_a_form_of_address_has_a_name_behind_it_and_countries_are_known() -> None:
    found = TITLED.search("then mr. martin van der Berg came")
    assert found and found[1] == "martin van der Berg"
    assert [each[0] for each in COUNTRY.finditer("from belarus to South Africa, and Chad (a friend) too")] == [
        "belarus",
        "South Africa",
    ]
