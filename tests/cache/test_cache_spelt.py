"""Numbers that are written as words, and what is counted by them."""

import pytest

from tidegate.cache.judged import CERTAIN
from tidegate.cache.rules.reading import read
from tidegate.cache.rules.spelt import amounts
from tidegate.cache.rules.veto import veto

OTHERS = (
    ("How do I cook rice for fifteen people?", "How can I cook rice for sixteen people?"),
    ("How do I save for twenty-one days?", "How can I save for twenty two days?"),
    ("Is 20 minutes enough to change trains?", "Can I change trains in thirty minutes?"),
    ("Was ist in fünfzehn Jahren?", "Wie ist es in sechzehn Jahren?"),
    ("Was kann ich in einundzwanzig Tagen lernen?", "Was lernt man in zweiundzwanzig Tagen?"),
    ("Que faire à Rome en dix-sept jours ?", "À Rome, que voir en vingt-deux jours ?"),
    ("¿Qué hacer en Roma en trece días?", "¿Qué hacer en Roma en treinta y dos días?"),
    ("Cosa fare a Roma in ventitré giorni?", "A Roma in quattordici giorni, cosa fare?"),
    ("O que fazer em vinte e dois dias?", "O que dá para fazer em quinze dias?"),
    ("Что посмотреть за двадцать два дня?", "Что можно посмотреть за тридцать три дня?"),
    ("Hvad kan jeg nå på femten minutter?", "Er enogtyve minutter nok til frokost?"),
    ("Mit tudok főzni tizenhat perc alatt?", "Elég huszonkilenc perc ebédre?"),
    ("Riittääkö viisitoista minuuttia?", "Onko seitsemäntoista minuuttia liikaa?"),
    ("Какво да правя с петнадесет лева?", "Стигат ли шестнайсет лева за обяд?"),
    ("Τι κάνω σε δεκαπέντε λεπτά;", "Φτάνουν είκοσι λεπτά για φαγητό;"),
    ("Wat doe ik in vijftien dagen?", "Wat kan ik in tweeëntwintig dagen doen?"),
)
LEFT_OPEN = (
    ("Can a table have two keys?", "May a table have three keys?"),  # small ones the networks know
    ("Rice for fifteen people?", "How do I cook rice for 15 people?"),
    ("Is 90 minutes enough?", "Is an hour and thirty minutes enough?"),
    ("In a room of 23 people two people share it?", "Of 23 people, do two share it?"),
    ("How many of 15 people?", "Of one hundred fifteen people, how many?"),
)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_other_numbers_of_the_same_thing_are_refused_and_no_judge_is_asked(one: str, other: str) -> None:
    assert veto(read(one), read(other)) == veto(read(other), read(one)) == "amount"
    assert "amount" in CERTAIN


@pytest.mark.parametrize(("one", "other"), LEFT_OPEN)
def test_the_same_number_or_a_part_of_another_is_left_to_the_judge(one: str, other: str) -> None:
    assert veto(read(one), read(other)) != "amount"
    assert veto(read(other), read(one)) != "amount"


def test_a_number_in_words_is_the_same_in_digits() -> None:
    for text in ("24 Brötchen", "vierundzwanzig Brötchen"):
        assert dict(amounts(text.lower()).of) == {"brötchen": 24}
        assert read(text).numbers == {"24": 1}
    assert amounts("quatre-vingt-dix jours").of == {}, "not known how many: none"
