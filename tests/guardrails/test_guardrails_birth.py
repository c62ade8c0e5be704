"""Dates of birth, numbers of chassis and plates: by the word right before them, in many tongues, and in streams."""

import time

import pytest

from tidegate.guardrails.detectors.pii.detector import Pii

PII = Pii(["DATE_OF_BIRTH", "VEHICLE_IDENTIFICATION_NUMBER", "LICENSE_PLATE"])


def found(text: str) -> list[str]:
    return [text[each.start : each.end] for each in PII.find(text)]


@pytest.mark.parametrize(
    ("before", "value"),
    [
        ("DOB: ", "04/12/1957"),
        ("D.O.B. ......... ", "22/11/1948"),
        ("date of birth is the ", ""),
        ("Date of Birth: ", "December 12th, 1962"),
        ("date of birth is ", "3rd of March 1984"),
        ("DOB (dd/mm/yyyy): ", "4.12.57"),
        ("birth_date=", "1957-12-04"),
        ("Geb.-Datum: ", "17.06.1969"),
        ("Date de naissance : ", "1er avril 1957"),
        ("Fecha de nacimiento: ", "12 de abril de 1957"),
        ("Nascimento: ", "23/09/1992"),
        ("doğum tarihim ", "19.11.1975"),
        ("дата рождения ", "2 апреля 1997"),
        ("生年月日：", "昭和62年3月9日"),
        ("생년월일 ", "1988년 3월 2일"),
        ("وتاريخ الميلاد ", "12/07/1988"),
        ("जन्म तिथि: ", "15 अगस्त 1972"),
        ("วันเกิด: ", "12 เมษายน 2530"),
        ("ngày sinh ", "12 tháng 4 năm 1957"),
        ("Tgl lahir: ", "07-08-1991"),
        ("Registration plate: ", "LK19 VWT"),
        ("Kfz-Kennzeichen (Parkausweis): ", "HRO-KT 482"),
        ("plaque ", "FG-482-KM"),
        ("Patente: ", "KDRW·48"),
        ("plakası ", "34 KTR 482"),
        ("госномер ", "А123ВС 777"),
        ("πινακίδα ", "ΙΚΤ-4829"),
        ("车牌号：", "京A12345"),
        ("ナンバー：", "品川 300 あ 12-34"),
        ("차량번호 ", "12가 3456"),
        ("לוחית רישוי ", "12-345-67"),
        ("chassis number ", "WVWZZZ1JZXW000001"),
    ],
)
def test_they_are_found_behind_their_word_in_a_stream_too(before: str, value: str) -> None:
    text = f"{before}{value}, and more"
    assert found(text) == [value] * bool(value)
    begin = len(before)
    for cut in range(begin + 1, begin + len(value)):
        assert PII.open_from(text[:cut]) <= begin


@pytest.mark.parametrize(
    "text",
    [
        "Mozart was born on 27 January 1756, Ada on 10.12.1815",
        "The DOB field accepts 1990-01-31",
        "the invoice of 04/12/1957",
        "placa RTX4090, patente EP1234567, matrícula A2024-113",
        "a steel plate 316L, 5 mm, at 20 °C",
        "シリアルナンバー: AB12345",
        "1HGCM82634A004352 fails its check, WVWZZZ1JZXW000001 has no word",
    ],
)
def test_what_looks_like_them_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_the_heading_of_a_column_is_a_word_too() -> None:
    assert found("name,dob,plate\nAnna,1984-03-02,AB12 CDE\nBob,1990-12-01,KX70 ABC") == [
        "1984-03-02",
        "AB12 CDE",
        "1990-12-01",
        "KX70 ABC",
    ]


def test_a_chassis_number_with_its_check_digit_needs_no_word() -> None:
    assert found("1HGCM82633A004352 needs new tyres") == ["1HGCM82633A004352"]
    assert found("11111111111111111 and 00000000000000000") == []


@pytest.mark.parametrize("apart", range(100, 170, 3))
def test_another_word_before_one_cuts_no_value(apart: int) -> None:
    assert found(f"The date of birth{' is asked for' * apart}"[:apart] + " DOB: 04/12/1957, and more") == ["04/12/1957"]


def test_a_heading_not_far_below_another_is_one_too() -> None:
    above = "id;name;date of birth\n" + "Q1;Bob;1999\n" * 60
    assert found(above + "\nid;name;dob\n" + "P1;Anna;1984-03-02\n" * 60) == ["1984-03-02"] * 60


@pytest.mark.parametrize("word", ["出生日期 2", "дата рождения 1 ", "dob 1 é", "dob\n"])
def test_a_text_of_nothing_but_words_takes_time_in_step_with_its_length(word: str) -> None:
    begun = time.process_time()
    found((word * 500_000)[:500_000])
    assert time.process_time() - begun < 4
