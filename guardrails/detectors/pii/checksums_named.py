"""Tests of the numbers by which states know people and firms that a word names right before, as those of checksums.py.

Each takes the text as it was found, separators included, and never raises. The right ones count where the word stands
further away. Written from public descriptions of the numbers.
"""

import re

from .checksums import digits, is_date, luhn, weighted


def named(text: str) -> bool:
    """Digits in groups that may be an identifier: as many as one has, and neither a day, an hour nor a fraction."""
    return 7 <= len(digits(text)) <= 20 and "/" not in text and not _OTHER.match(text) and not _YEAR.fullmatch(text)


def coded(text: str) -> bool:
    """Letters and digits that may be an identifier: neither a word that says so nor a few digits behind one."""
    return len(digits(text)) >= 5 and not _SAYS.match(text) and not _PLANNED.match(text)


_PLANNED = re.compile(r"(?:P[ACD]|DP|CU) \d{3} \d{3} \d\d")
"""A French permit to build: what is asked for, the place, the year."""
_OTHER = re.compile(
    r"[0-3]?\d([ .-])[01]?\d\1(?:19|20)\d\d(?!\d)|(?:19|20)\d\d([ .-])[01]?\d\2[0-3]?\d(?!\d)"
    r"|\d+\.\d{1,2}\Z|\d{1,2}\.\d{4,}(?:-|\Z)"
    r"|(?:\d{1,3}\.){3}\d{1,3}\Z(?<!\.\d{3}\.\d{3})"
)
_YEAR = re.compile(r"(?:\d{1,2}[ ./-])?(?:19|20)\d\d[ ./-]\d+|\d+[ ./-](?:19|20)\d\d")
_SAYS = re.compile(
    r"(?:N[OR]|NRO|ID|NUM|TEL|CEL|FAX|TLF|MOB|EXT|REF|INV|PO|RT|RW|TR|ISO|DIN|EN|RFC|DL|USD|EUR|GBP|IBAN|PIN)(?![A-Z])"
)


def account(text: str) -> bool:
    """Digits in groups that may be the number of an account: as many as one has, and neither a day, an address on a
    network, an amount, nor, as in charts of accounts, a range of short numbers."""
    groups = _SEPARATOR.split(text)
    if not (7 if len(groups) > 2 else 8) <= len(digits(text)) <= 26:
        return False
    first, last = groups[0], groups[-1]
    if len(groups) < 4 and first[0] == last[0] and first < last and {*map(len, groups)} == {4}:
        return False
    return not (_OTHER.match(text) or _DAY.match(text) or _AMOUNT.fullmatch(text) or _YEAR.fullmatch(text))


_SEPARATOR = re.compile("[ ./-]")


_DAY = re.compile(r"[0-3]?\d([ ./-])[0-3]?\d\1(?:19|20)\d\d(?!\d)|(?:19|20)\d\d([ ./-])[01]?\d\2[0-3]?\d(?!\d)")
_AMOUNT = re.compile(r"\d{1,3}(?:\.\d{3})+|\d{1,3}(?: \d{3})+")


def emirates(text: str) -> bool:
    """The United Arab Emirates: 784 (ISO 3166-1) and a year; the last digit is not checked."""
    number = digits(text)
    return number[:3] == "784" and 1900 <= int(number[3:7]) < 2040


def egyptian(text: str) -> bool:
    """Egypt: the century, a day of birth, and a governorate."""
    number = digits(text)
    year = {"2": 1900, "3": 2000}.get(number[0], 0) + int(number[1:3])
    governorate = int(number[7:9])
    return (governorate <= 35 or governorate == 88) and year > 99 and is_date(year, int(number[3:5]), int(number[5:7]))


def kazakh(text: str) -> bool:
    """Kazakhstan, people and firms: a day of birth, or a month of foundation with a kind from 4 to 6, and modulo 11,
    with other weights where it would be ten."""
    number = digits(text)
    founded = number[4] in "456" and 0 < int(number[2:4]) <= 12
    if not founded and not is_date(2000 + int(number[:2]), int(number[2:4]), int(number[4:6])):
        return False
    rest = weighted(number[:11], tuple(range(1, 12))) % 11
    if rest == 10:
        rest = weighted(number[:11], (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)) % 11
    return rest == int(number[11])


def saudi(text: str) -> bool:
    """Saudi Arabia: 1 for citizens, 2 for residents, and Luhn."""
    return luhn(text)


def kuwaiti(text: str) -> bool:
    """Kuwait: the century, a day of birth, and modulo 11."""
    number = digits(text)
    year = {"1": 1800, "2": 1900, "3": 2000}.get(number[0], 0) + int(number[1:3])
    check = 11 - weighted(number[:11], (2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)) % 11
    return year > 99 and is_date(year, int(number[3:5]), int(number[5:7])) and check == int(number[11])


def iranian(text: str) -> bool:
    """Iran: modulo 11."""
    number = digits(text)
    rest = weighted(number[:9], (10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return len(set(number)) > 1 and int(number[9]) == (rest if rest < 2 else 11 - rest)


def pis(text: str) -> bool:
    """Brazil, social insurance: modulo 11."""
    number = digits(text)
    check = -weighted(number[:10], (3, 2, 9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return len(set(number)) > 1 and check % 10 == int(number[10])


def amka(text: str) -> bool:
    """Greece, social insurance: a day of birth, and Luhn."""
    number = digits(text)
    return is_date(2000 + int(number[4:6]), int(number[2:4]), int(number[:2])) and luhn(number)


def affiliate(text: str) -> bool:
    """Spain, social insurance: a province, and modulo 97."""
    number = digits(text)
    serial = number[2:10]
    body = int(number[:2]) * 10_000_000 + int(serial) if int(serial) < 10_000_000 else int(number[:10])
    return 0 < int(number[:2]) <= 66 and body % 97 == int(number[10:])


def nip(text: str) -> bool:
    """Poland, taxes: modulo 11."""
    number = digits(text)
    return number[0] != "0" and weighted(number[:9], (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == int(number[9])


def peruvian(text: str) -> bool:
    """Peru, taxes: whose it is, and modulo 11."""
    number = digits(text)
    check = (11 - weighted(number[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 10
    return number[:2] in ("10", "15", "16", "17", "20") and check == int(number[10])


def nit(text: str) -> bool:
    """Colombia, taxes: primes, modulo 11."""
    number = digits(text)
    primes = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)
    rest = weighted(number[-2::-1], primes) % 11
    return int(number[-1]) == (rest if rest < 2 else 11 - rest)


def ecuadorian(text: str) -> bool:
    """Ecuador and its taxes: a province, and Luhn over ten digits."""
    number = digits(text)
    return (0 < int(number[:2]) <= 24 or number[:2] == "30") and number[2] in "012345" and luhn(number[:10])


def dominican(text: str) -> bool:
    """The Dominican Republic: Luhn."""
    return luhn(text)


def polish_account(text: str) -> bool:
    """Poland, accounts: the IBAN without its country."""
    number = digits(text)
    return int(f"{number[2:]}2521{number[:2]}") % 97 == 1 and len(set(number)) > 3


def serbian_account(text: str) -> bool:
    """Serbia, accounts: a bank, and modulo 97."""
    bank, account, check = text.split("-")
    return int(bank) > 100 and 98 - int(f"{bank}{account.rjust(13, '0')}00") % 97 == int(check)


def zealand_account(text: str) -> bool:
    """New Zealand, accounts: a bank and its branch."""
    return 0 < int(text[:2]) <= 38


def unique_reference(text: str) -> bool:
    """Britain's unique taxpayer reference: ten digits, the first of which checks the others, modulo 11. Source: HMRC's
    specification of checks for its forms."""
    number = [int(digit) for digit in digits(text)]
    total = sum(weight * digit for weight, digit in zip((6, 7, 8, 9, 10, 5, 4, 3, 2), number[1:], strict=True))
    return number[0] == int("21987654321"[total % 11])
