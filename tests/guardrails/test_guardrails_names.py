"""Names: what stands around one decides its type, and pieces of a stream say what the whole says."""

import json
from pathlib import Path
from typing import Any

import pytest

from tidegate.guardrails.detectors.names.certain import certain
from tidegate.guardrails.detectors.names.cues import is_name, trimmed, type_of
from tidegate.guardrails.detectors.names.detector import PEOPLE, Names

OWN = [json.loads(line) for line in (Path(__file__).parent / "data/names_own.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def names() -> Names:
    return Names(PEOPLE, 0.0)


@pytest.mark.parametrize(
    ("text", "name", "taken_for", "is_"),
    [
        ("my name is Oline", "Oline", "ORGANIZATION", "PERSON"),
        ("Dear Quinzia", "Quinzia", "LOCATION", "PERSON"),
        ("Verda lives on the hill", "Verda", "LOCATION", "PERSON"),
        ("Orla, can you call back?", "Orla", "LOCATION", "PERSON"),
        ('"Never", said Einar', "Einar", "LOCATION", "PERSON"),
        ("I work for Thinknum", "Thinknum", "PERSON", "ORGANIZATION"),
        ("Barnett, Melton and Garcia won", "Barnett, Melton and Garcia", "PERSON", "ORGANIZATION"),
        ("Areavibes Inc grew", "Areavibes Inc", "LOCATION", "ORGANIZATION"),
        ("Coden is a small design agency", "Coden", "PERSON", "ORGANIZATION"),
        ("we moved here from Espoo", "Espoo", "ORGANIZATION", "LOCATION"),
        ("the office in Arona", "Arona", "PERSON", "LOCATION"),
        ("they believe in Arona", "Arona", "PERSON", "PERSON"),
        ("the SSN is missing", "SSN", "ORGANIZATION", ""),
        ("write to a@b.example", "a@b.example", "PERSON", ""),
        ("Mara saw it", "Mara", "PERSON", "PERSON"),
    ],
)
def test_the_words_around_a_name_say_more_than_the_model(text: str, name: str, taken_for: str, is_: str) -> None:
    start = text.index(name)
    assert type_of(text, start, start + len(name), taken_for) == is_


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("then mr. martin van der Berg came", ["PERSON:martin van der Berg"]),
        ("Hi Thelma, are you there? hey nina, you too", ["PERSON:Thelma", "PERSON:nina"]),
        ("Hello World! Hi team, hey there, Dear Customer, thanks", []),
        ("Kind regards,\nOskar Falk\n", ["PERSON:Oskar Falk"]),
        ("Thanks,\nGabriela", ["PERSON:Gabriela"]),
        ("her maiden name is Key. Name on the account? User: Maja S Holm", ["PERSON:Key", "PERSON:Maja S Holm"]),
        (
            "Name: Ada Lund, City: Turku; Employer: Nordvik",
            ["PERSON:Ada Lund", "LOCATION:Turku", "ORGANIZATION:Nordvik"],
        ),
        ("- name: run tests\n  image: node", []),
        ('{"first_name": "yusuf", "city": "izmir"}', ["PERSON:yusuf", "LOCATION:izmir"]),
        ("From: Henrik Dahl <h@example.org>", ["PERSON:Henrik Dahl"]),
        ("my sister Ines and my boss agreed", ["PERSON:Ines"]),
        ("Mijail C Adomo took Vitamin C Complex", ["PERSON:Mijail C Adomo"]),
        ("4 Elm Road, Croydon\n9 Main St.\nLeeds", ["LOCATION:Croydon", "LOCATION:Leeds"]),
        ("> Apt. 591\n> Anholt\n", ["LOCATION:Anholt"]),
        ("born in Lyss, moved to Bern in May", ["LOCATION:Lyss", "LOCATION:Bern"]),
        ("We live in March and I am in IT", []),
        ("Kettle and Sons sued Finch Holdings", ["ORGANIZATION:Kettle and Sons", "ORGANIZATION:Finch Holdings"]),
        ("from belarus to South Africa, and Chad (a friend) too", ["LOCATION:belarus", "LOCATION:South Africa"]),
    ],
)
def test_some_words_make_a_name_certain(text: str, expected: list[str]) -> None:
    found = sorted(set(certain(text, 0, len(text))))
    assert [f"{kind}:{text[begin:end]}" for begin, end, kind in found] == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("API_KEY is unset", "API_KEY"),
        ("set user_id to 4", "id"),
        ("call getName(4)", "getName"),
        ("try Safari/537.36 again", "Safari/537.36"),
        ("call 079 2718 1155 now", "079 2718 1155"),
        ("Print the max of both", "max"),
        ("filter by IP here", "IP"),
    ],
)
def test_what_looks_like_code_is_no_name(text: str, name: str) -> None:
    start = text.index(name)
    assert not is_name(text, start, start + len(name), "PERSON", 2.0)


@pytest.mark.parametrize("around", ["(Anna Schmidt's)\n", "[Anna Schmidt], ", '"Anna Schmidt"'])
def test_a_name_ends_where_its_letters_do(around: str) -> None:
    begin, end = trimmed(around, 0, len(around))
    assert around[begin:end] == "Anna Schmidt"


def test_names_of_texts_of_our_own_are_found(names: Names) -> None:
    hit = right = gold = found = 0
    for row in OWN:
        spans: list[dict[str, Any]] = row["spans"]
        wanted = {(span["type"], place) for span in spans for place in range(span["start"], span["end"])}
        for span in spans:
            gold += 1
            hit += any(
                each.label == span["type"] and each.start < span["end"] and span["start"] < each.end
                for each in names.find(row["text"], 0)
            )
        for each in names.find(row["text"], 0):
            found += 1
            right += any((each.label, place) in wanted for place in range(each.start, each.end))
    assert hit / gold > 0.85
    assert right / found > 0.85


@pytest.mark.parametrize("row", OWN[::4], ids=lambda row: row["text"][:20])
def test_pieces_of_a_stream_say_what_the_whole_says(names: Names, row: dict[str, Any]) -> None:
    text = row["text"] + "\nHe met Karin M. Beike. It rained in Oslo.\n\nBest,\nTove Lund\n"
    whole = names.find(text, 0)
    settled = 0
    found: list[Any] = []
    for cut in range(0, len(text) + 1, 9):
        upto = names.open_from(text[:cut])
        if upto > settled:
            found += [each for each in names.find(text[:cut], settled) if each.start < upto]
            settled = upto
    assert [*found, *names.find(text, settled)] == whole
