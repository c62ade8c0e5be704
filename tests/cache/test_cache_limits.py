"""The same number as a bound from above and from below."""

import pytest

from tidegate.cache.judged import CERTAIN
from tidegate.cache.rules.limits import limits, opposed
from tidegate.cache.rules.reading import read
from tidegate.cache.rules.veto import veto
from tidegate.cache.rules.written import small

OPPOSED = (
    ("Which German cities have more than 500,000 people?", "Which German cities have at most 500,000 people?"),
    ("Is it more than $5?", "Is it no more than $5?"),
    ("Who may enter at 18 or older?", "Who may enter under 18?"),
    ("films from before the year 2000", "films from after the year 2000"),
    ("Was she employed from 2020 on?", "Was she employed until 2020?"),
    ("customers with at least three orders", "customers with fewer than three orders"),
    ("Städte mit mehr als 500.000 Einwohnern", "Städte mit höchstens 500.000 Einwohnern"),
    ("What will have changed by 2020?", "What has changed since 2020?"),
    ("What happened by the end of 2020?", "What happened after the end of 2020?"),
    ("Deliver no later than 2020", "Deliver no earlier than 2020"),
    ("Que faire d'ici à 2020 ?", "Que faire à partir de 2020 ?"),
    ("Cosa cambia entro il 2020?", "Cosa cambia dopo il 2020?"),
    ("Что изменится к 2020 году?", "Что изменится с 2020 года?"),
    ("mehr als dreizehn Tage", "höchstens dreizehn Tage"),
    ("plus de treize jours", "moins de treize jours"),
    ("Villes de plus de 500 000 habitants", "Villes de 500 000 habitants au plus"),
    ("¿Al menos 3 días?", "¿Como máximo 3 días?"),
    ("Più di 18 anni?", "Al massimo 18 anni?"),
    ("Города с населением не менее 500 000", "Города с населением менее 500 000"),
    ("Więcej niż 10 osób?", "Nie więcej niż 10 osób?"),
    ("Nüfusu 500.000'den fazla olan iller", "Nüfusu 500.000'den az olan iller"),
    ("18 év feletti", "18 év alatti"),
    ("कम से कम 18 साल", "18 साल से कम"),
    ("trên 18 tuổi", "dưới 18 tuổi"),
    ("مدن فيها أكثر من 500 ألف", "مدن فيها أقل من 500 ألف"),
    ("인구 50만 명 초과 도시", "인구 50만 명 이하 도시"),
    ("人口50万以上の都市", "人口50万未満の都市"),
    ("人口超过500万的城市", "人口不超过500万的城市"),
    ("คนอายุมากกว่า 18 ปี", "คนอายุไม่เกิน 18 ปี"),
)
ALIKE = (
    ("no more than 5 sentences", "at most 5 sentences"),
    ("5 or more", "at least 5"),
    ("exactly 5 sentences", "at least 5 sentences"),
    ("more than 5 and less than 10", "over 5, under 10"),
    ("under 20", "over 30"),
    ("nothing above $30", "under $30"),
    ("I can't go above $30", "for less than $30"),
    ("keiner länger als sechs Wörter", "höchstens 6 Wörter"),
    ("200字以内で書いて", "200字を超えないように書いて"),
    ("a rise by 50 %", "a rise from 50 % on"),
    ("10 más o menos", "unos 10"),
    ("visa after a 214(b) rejection", "visa refused under 214b"),
)


@pytest.mark.parametrize(("one", "other"), OPPOSED)
def test_a_bound_from_above_is_none_from_below_and_no_judge_is_asked(one: str, other: str) -> None:
    assert veto(read(one), read(other)) == veto(read(other), read(one)) == "limit"
    assert "limit" in CERTAIN


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_the_same_side_no_side_or_another_number_is_left_to_the_judge(one: str, other: str) -> None:
    assert not opposed(small(one), small(other))
    assert not opposed(small(other), small(one))


def test_a_number_that_is_bound_on_both_sides_is_on_none() -> None:
    assert limits("over 5 here, under 5 there, at most 7") == {"7": -1}
