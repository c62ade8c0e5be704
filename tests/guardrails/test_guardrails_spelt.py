"""Numbers that are spoken, a word for each digit."""

import pytest

from tidegate.guardrails.detectors.base import find_from
from tidegate.guardrails.detectors.pii.detector import Pii
from tidegate.guardrails.detectors.pii.table import STRUCTURED

PII = Pii(STRUCTURED)
CARD = "four one one one, one one one one, one one one one, one one one one"


def found(text: str) -> list[tuple[str, str]]:
    return [(each.label, text[each.start : each.end]) for each in PII.find(text)]


def streamed(text: str) -> list[tuple[str, str]]:
    """What is found where the text comes character by character, as a stream settles it."""
    out: list[tuple[str, str]] = []
    settled = 0
    for end in range(1, len(text) + 1):
        safe = max(settled, end if end == len(text) else PII.open_from(text[:end]))
        hits = find_from(PII, text[:end], settled)
        while cut := [each.start for each in hits if each.start < safe < each.end]:
            safe = min(cut)
        out += [(each.label, text[each.start : each.end]) for each in hits if each.end <= safe]
        settled = max(settled, safe)
    return out


@pytest.mark.parametrize(
    ("before", "value", "behind", "label"),
    [
        ("my card is ", CARD, " ok", "CREDIT_CARD"),
        ("", CARD.replace(",", ""), "", "CREDIT_CARD"),
        ("", CARD.replace(", ", " - "), ".", "CREDIT_CARD"),
        ("card: ", f"{CARD}, oh nine twenty seven, one two three", " thanks", "CREDIT_CARD"),
        ("die Karte: ", "vier" + " eins" * 15, ", bis 09/27", "CREDIT_CARD"),
        ("la tarjeta es ", "cuatro" + " uno" * 15, " y ya", "CREDIT_CARD"),
        ("ring ", "four one five, double five five, two six seven one", " please", "PHONE_NUMBER"),
        ("", "four-one-five five-five-five two-six-seven-one", "", "PHONE_NUMBER"),
        ("Meine Nummer ist ", "null eins sieben sechs fünf fünf drei zwei acht neun", ".", "PHONE_NUMBER"),
        ("Handy: ", "Null Eins Sieben Sechs Fuenf Fuenf Drei Zwo Acht Neun", "", "PHONE_NUMBER"),
        ("mi teléfono es ", "seis uno dos tres cuatro nueve ocho siete cinco", " vale", "PHONE_NUMBER"),
        ("mon numéro : ", "zéro six un deux trois quatre sept huit neuf deux", "", "PHONE_NUMBER"),
        ("o telefone é ", "nove um dois três quatro oito sete seis cinco", "", "PHONE_NUMBER"),
        ("die Nummer ist ", "null eins sieben zwei, vier vier acht, neunzehn dreißig", ".", "PHONE_NUMBER"),
        ("Handy: ", "null eins sieben fünf, dreiundzwanzig achtundvierzig zwölf neun", " bitte", "PHONE_NUMBER"),
        ("mon numéro ", "zéro six douze trente-quatre cinquante-six soixante-dix-huit", " merci", "PHONE_NUMBER"),
        ("mi móvil es ", "seis uno dos, treinta y cuatro, cincuenta y seis, setenta y ocho", "", "PHONE_NUMBER"),
        ("call ", "two oh two, five five five, nineteen eighty four", " now", "PHONE_NUMBER"),
        ("which one? ", "two oh two, five five five, nineteen eighty four", " it is", "PHONE_NUMBER"),
        ("from Jan: ", "four one five, double five five, two six seven one", " ok", "PHONE_NUMBER"),
        ("(", "four one five) five five five... two six seven one", " ok", "PHONE_NUMBER"),
        ("my social is ", "five three six dash two two dash one two three four", "", "US_SSN"),
        ("meu celular é ", "nove oito meia dois três quatro cinco meia sete", " ok", "PHONE_NUMBER"),
        ("ssn, fon, ", "two oh two, five five five, nineteen eighty four", "", "PHONE_NUMBER"),
        ("my social is ", "five three six two two one two three four", "", "US_SSN"),
    ],
)
def test_a_number_is_found_however_it_is_cut(before: str, value: str, behind: str, label: str) -> None:
    text = before + value + behind
    assert found(text) == [(label, value)]
    assert streamed(text) == [(label, value)]


@pytest.mark.parametrize(
    "text",
    [
        "call me at one two three four five six seven eight nine",
        "the phone counts ten nine eight seven six five four three two one zero",
        "my card: four" + " one" * 14 + " two",
        "the number has seven digits: five six two",
        "one two one two one two one two, mic check, call in",
        "uno o dos, tres o cuatro, cinco o seis llamadas al teléfono",
        "phone: null null null null null null null null null",
        "dial " + "one four seven two nine " * 12,
        "one four seven two nine three eight, six of them were red",
        "the fourth one eighth two",
        "éfour one one one, one one one one, one one one one, one one one one",
    ],
)
def test_words_that_count_or_list_are_none(text: str) -> None:
    assert found(text) == [] == streamed(text)
