"""Values in tables, which only the heading of their column names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.guardrails.detectors.pii import columns
from tidegate.guardrails.detectors.pii.columns import Columns
from tidegate.guardrails.detectors.pii.detector import Pii
from tidegate.guardrails.detectors.pii.table import STRUCTURED

NOTE = "came in by himself, was seen at once, and went home on the evening of the same day"
ROWS = (("id", "NHS number", "notes"), ("11", "4627240171", NOTE), ("12", "9434765919", NOTE))
TABLES = {
    "commas": "\n".join(",".join(row).replace("himself,", "himself").replace("once,", "once") for row in ROWS),
    "semicolons": "\n".join(";".join(row) for row in ROWS),
    "tabs": "\n".join("\t".join(row) for row in ROWS),
    "bars": "\n|---|:---:|---|\n".join(
        ["| " + " | ".join(ROWS[0]) + " |", "\n".join("| " + " | ".join(row) + " |" for row in ROWS[1:])]
    ),
    "blanks": "\n".join(f"{one:<5}{two:<14}{three}" for one, two, three in ROWS),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_the_heading_of_a_column_names_what_stands_below(table: str) -> None:
    text = f"The list:\n\n{table}\n\nand 9434765919 outside."
    assert [text[f.start : f.end] for f in Pii(["UK_NHS"]).find(text)] == ["4627240171", "9434765919"]


@pytest.mark.parametrize("heading", ["NHS number,ref,notes", "ward,NHS number 2026,notes", "ward,ref,notes"])
def test_the_heading_of_another_column_says_nothing(heading: str) -> None:
    text = f"{heading}\n1,2,{NOTE[:19]}\n1,2,{'x' * 60}\n2,9434765919,y\n"
    assert not Pii(["UK_NHS"]).find(text)


def test_a_heading_can_name_another_kind_of_number() -> None:
    assert not Pii(["US_SSN"]).find("part_no | rev\n100-22-4471 | C\n118-40-0031 | F\n")
    assert len(Pii(["US_SSN"]).find("name | rev\n100-22-4471 | C\n118-40-0031 | F\n")) == 2


def test_a_table_ends_where_lines_have_other_cells() -> None:
    text = "a,b\n1,2\n1,2,3\n4,5,6\nno table\n7,8\n"
    headings = [Columns(text).heading(at) for at, char in enumerate(text) if char.isdigit()]
    # A line's own end says nothing, since in a stream it comes later: the third is still below the first two.
    assert headings == ["a", "b", "a", "b", "", "1", "2", "3", "", ""]


def test_separators_in_quotes_separate_nothing_and_a_sentence_is_no_row() -> None:
    text = 'name,"NHS no, old",ref\n"Lee, Ann",9434765919,x\n"Lee, Bo, jr",4627240171,9434765919\n'
    assert len(Pii(["UK_NHS"]).find(text + "-" * 90)) == 2
    assert not Pii(["UK_NHS"]).find(f"a,NHS no\n1,2\n{'x ' * 40}, 9434765919 it was\n")


def test_what_follows_a_value_in_its_line_bears_on_nothing() -> None:
    text = f"id,NHS number,notes,last\n12,9434765919,{'y ' * 45},end\nthat was it."
    pii = Pii(["UK_NHS"])
    at = text.index("9434765919")
    assert len(pii.find(text)) == 1
    for end in range(at + 10 + 60, len(text)):
        assert [text[f.start : f.end] for f in pii.find(text[:end])] == ["9434765919"]


LINES = "id,tel,x", "1,2025550143,a", "x  tel", "y  2025550143", "|tel|", "|2025550143|", "", "-" * 500


@given(
    st.lists(st.sampled_from(LINES), max_size=60),
    st.integers(0, 60),
)
def test_a_part_of_a_text_with_its_context_is_read_as_in_the_whole(lines: list[str], cut: int) -> None:
    text, pii = "\n".join(lines), Pii(STRUCTURED)
    settled = len("\n".join([*lines[:cut], ""]))
    begin = max(0, settled - pii.context)
    part = pii.find(text[begin:], settled - begin)
    assert [(f.start + begin, f.label) for f in part] == [(f.start, f.label) for f in pii.find(text, settled)]


def test_a_heading_that_is_too_far_away_says_nothing() -> None:
    rows = ["NHS number,ward", *["4627240171,ENT"] * 200]
    found = Pii(["UK_NHS"]).find("\n".join(rows))
    assert found and found[-1].start <= columns.REACH < found[-1].start + 15


def test_the_headings_of_other_columns_name_nothing() -> None:
    for text in (
        "CNPJ;NOME;FONE\n08442717000103;Serra;",
        "namn;pnr;mobil\nAlm;680214-2395;",
        "msg_id\tdir\tmsisdn\n88120471\tMT\t",
    ):
        assert "PHONE_NUMBER" not in [f.label for f in Pii(STRUCTURED).find(text)], text
    for text in ("name;phone\nAlm;88120471", "Thanks, call me on\n98203 41765, bye", "x;y\nphone;88120471"):
        assert [f.label for f in Pii(STRUCTURED).find(text)] == ["PHONE_NUMBER"], text


def test_a_title_or_a_sentence_above_a_value_is_no_line_of_other_headings() -> None:
    for text in (
        "Hi; my ssn:\n531842207;",
        "Dear all; my ssn is here; please\nkeep; it; 531842207",
        "SSN list;year\nAnn Lee;531842207",
        "Employee SSNs\nAnn\t531842207",
        "SSN     Ann         Bob\n        531842207   418669035",
    ):
        assert {f.label for f in Pii(STRUCTURED).find(text)} == {"US_SSN"}, text


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("nhs_number;gp;postcode\n4781209378;K84023;OX4 2PG\n", ["4781209378"]),
        ("ssn,dept,zip\n412689035,IT,60615\n276458190,HR,60614", ["412689035", "276458190"]),
        ("ssn,zip\n412689035,60615", ["412689035"]),
        ('"ssn","zip"\n"412689035","60615"', ["412689035"]),
        ("cpf;cidade;cep\n06491823750;Recife;x", ["06491823750"]),
        ("phone,name,postcode\n07400482173,Al,OX4 2PG", ["07400482173"]),
        ("id,bank_account\n1,8830174462", ["8830174462"]),
        ("part,dept,order\n412689035,IT,60615", []),
        ("Invoice\n412-68-9035", []),
    ],
)
def test_the_last_heading_says_nothing_of_the_first_value_below(text: str, values: list[str]) -> None:
    assert [text[each.start : each.end] for each in Pii(STRUCTURED).find(text)] == values


def test_columns_that_a_dump_lists_in_brackets_are_headings_too() -> None:
    row = "1\t627038154\t5735201186\n2\t\\N\t\\N\n\\.\n"
    found = Pii(STRUCTURED).find("COPY public.people (id, ssn, home_phone) FROM stdin;\n" + row)
    assert [each.label for each in found] == ["US_SSN", "PHONE_NUMBER"]
    assert Pii(STRUCTURED).find("COPY public.stock (id, total, sku) FROM stdin;\n" + row) == []
    (last,) = Pii(STRUCTURED).find("COPY public.t (id, name, account) FROM stdin;\n1\tx\t31415926\n")
    assert last.label == "US_BANK_NUMBER"


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO t (id,ssn,phone) VALUES (1, 627038154, 5735201186)",
        "INSERT INTO `t` (`id`, `ssn`, `homePhone`) VALUES (1,627038154,5735201186);",
    ],
)
def test_columns_of_a_statement_name_the_values_of_its_first_row(text: str) -> None:
    assert [each.label for each in Pii(STRUCTURED).find(text)] == ["US_SSN", "PHONE_NUMBER"]


def test_a_comma_behind_a_long_number_or_one_with_a_hyphen_ends_its_cell() -> None:
    for text, values in (
        ("사번,주민번호,전화\nE0331,910630-2381641,010-7263-5190", ["910630-2381641", "010-7263-5190"]),
        (
            "電話番号,口座番号\n0992265183,3350917\n08066293175,0628841",
            ["0992265183", "3350917", "08066293175", "0628841"],
        ),
    ):
        assert [text[each.start : each.end] for each in Pii(STRUCTURED).find(text)] == values
    assert Pii(["US_BANK_NUMBER"]).find("account balance 12345678,3350917") == []


def test_a_comma_behind_the_number_of_a_row_is_no_fraction_s() -> None:
    for text, value in (
        ("id,ssn\n1,531-84-2207", "531-84-2207"),
        ("id,ssn\n1,531842207\n", "531842207"),
        ("id,name,zip,ssn\n7,Bo,60601,531-84-2207,4", "531-84-2207"),
        ("id,rrn\nE0331,910630-2381641,2", "910630-2381641"),
        ("id,nhs,ward\n2,943 476 5919,4", "943 476 5919"),
        ("id,card\n7,4111111111111111", "4111111111111111"),
        ("id,card\n7,4111-1111-1111-1111,3", "4111-1111-1111-1111"),
    ):
        assert [text[each.start : each.end] for each in Pii(STRUCTURED).find(text)] == [value]
    for text in ("a ratio of 0,4111111111111111", "0,4111111111111111", "card total 1,234,567,890", "ssn, 3,141592653"):
        assert Pii(STRUCTURED).find(text) == [], text
