"""Numbers of cases, claims and applications are no telephone numbers, in whatever language they are told."""

import pytest

from tidegate.guardrails.detectors.pii.detector import Pii
from tidegate.guardrails.detectors.pii.table import STRUCTURED

PII = Pii(STRUCTURED)
FILED = (
    "claim|claim number|complaint|docket|the police report number is|Ärendet har nummer|sagen har nummer|skadenummer"
    "|søknaden|Başvurunuz|dosya|şikayet|Schadensfall|Schadennummer|Antrag|Beschwerde|sinistre n°|réclamation|affaire"
    "|siniestro|reclamo|trámite|processo|ocorrência|denúncia|pratica|segnalazione|schadenummer|klacht|asianumero"
    "|valitus"
    "|numer szkody|sprawa|zgłoszenie|žádost|pojistná událost|sťažnosť|ügy|kárszám|dosarul|plângere|zahtjev|žalba"
    "|zadeva|дело|жалоба|справа|скарга|жалба|предмет|υπόθεση|αίτηση|paraiška|skundas|lieta|taotlus|kaebus|hồ sơ"
    "|khiếu nại|permohonan|laporan|आवेदन|दावा|অভিযোগ|คำร้อง|案件|投诉|受付番号|민원|사건|شكوى|دعوى|תביעה|תיק|پرونده"
    "|umsókn|reklamo"
).split("|")


@pytest.mark.parametrize("number", ["26-118204", "2026-4417"])
def test_the_number_of_a_case_is_no_telephone_number(number: str) -> None:
    for word in FILED:
        assert PII.find(f"tel? {word} {number}") == [], word
    assert PII.find(f"tel? {number}"), "what stands there is what says that it is none"


def test_a_telephone_number_behind_such_a_word_is_one() -> None:
    for text, value in (
        ("about the claim? 212-555-0100", "212-555-0100"),
        ("Fall: 0171 5550284", "0171 5550284"),
        ("the file, tel. 020 7946 0018", "020 7946 0018"),
        ("sag +45 20 48 17 34", "+45 20 48 17 34"),
        ("Head of Claims, Marlow Mutual\n+44 20 7946 0731 | p@firm.example", "+44 20 7946 0731"),
    ):
        assert value in [text[each.start : each.end] for each in PII.find(text)], text


def test_other_numbers_behind_such_a_word_stay_what_they_are() -> None:
    for text, label in (("claim 536-22-1234", "US_SSN"), ("application 4111 1111 1111 1111", "CREDIT_CARD")):
        assert [each.label for each in PII.find(text)] == [label], text
