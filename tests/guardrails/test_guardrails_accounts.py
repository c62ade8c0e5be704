"""Accounts of banks by what names them: a sort code, the bank itself, the heading of a column."""

import pytest

from tidegate.guardrails.detectors.pii.detector import Pii
from tidegate.guardrails.detectors.pii.table import STRUCTURED

PII = Pii(STRUCTURED)


def found(text: str) -> list[str]:
    return [text[each.start : each.end] for each in PII.find(text) if each.label == "US_BANK_NUMBER"]


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("sort code 20-74-67 with account 55779911", "55779911"),
        ("sort code 20 74 67 and the account 55779911", "55779911"),
        ("the sort code is 20-74-67 and my account is 55779911", "55779911"),
        ("sc 20-74-67 acc 55779911", "55779911"),
        ("sort code and account: 20-74-67 55779911", "55779911"),
        ("Bank: Barclays\nSC: 20-74-67\nAC: 55779911", "55779911"),
        ("Nationwide sort 07-01-16, acct 12345679", "12345679"),
        ("Barclays 20-74-67 55779911", "55779911"),
        ("paid from Monzo 04-00-04 / 55779911", "55779911"),
        ("bank details: 20-74-67, 55779911", "55779911"),
        ("his Lloyds account 55779911", "55779911"),
        ("my account at Chase 483920157", "483920157"),
        ("Sparkasse Kto 1234567", "1234567"),
        ("Volksbank Konto 7654321", "7654321"),
        ("Kto. 5320130 BLZ 370 400 44", "5320130"),
        ("name,sort_code,account_number\nJ Smith,20-74-67,55779911\n", "55779911"),
        ("| Name | Sort code | A/C |\n|---|---|---|\n| J Smith | 20-74-67 | 55779911 |", "55779911"),
    ],
)
def test_an_account_is_found_by_its_bank_and_sort_code(text: str, account: str) -> None:
    assert found(text) == [account]


@pytest.mark.parametrize(
    "text",
    [
        "sorted 20-74-67 in 55779911 steps",
        "HSBC report of 20-07-24, page 12345678",
        "the bank opened 20-07-24 with 55779911 customers",
        "Kto;Bezeichnung;Soll\n1200;Bank;18.442,17\nBelegNr 25030187 / Stapel 03-2025",
        "Santander closed 1234567 times",
        "s/c 12345678",
        "size,date,bytes\n1,20-07-24,55779911\n",
        "chase 12345678 rabbits",
    ],
)
def test_numbers_near_a_bank_are_no_accounts(text: str) -> None:
    assert found(text) == []
