"""Check digits of more states' numbers, of accounts and of documents, as those of checksums_countries.py."""

import re
from datetime import date, timedelta

from .checksums import digits, hybrid, is_date, letters, luhn, weighted


def ro_cnp(text: str) -> bool:
    """Romania: sex and century, a day of birth, a county, and modulo 11. Source: Legea 105/1996; OUG 97/2005."""
    number = digits(text)
    rest = weighted(number[:12], (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    born = is_date(2000 + int(number[1:3]), int(number[3:5]), int(number[5:7]))
    return number[0] != "0" and born and 0 < int(number[7:9]) <= 70 and int(number[12]) == (1 if rest == 10 else rest)


def bg_egn(text: str) -> bool:
    """Bulgaria: a day of birth, whose month tells the century (plus 20: 1800, plus 40: 2000), and modulo 11. Source:
    Наредба за ЕСГРАОН."""
    number = digits(text)
    month = int(number[2:4])
    century = {0: 1900, 1: 1800, 2: 2000}.get(month // 20, 0)
    check = weighted(number[:9], (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10
    born = bool(century) and is_date(century + int(number[:2]), month % 20, int(number[4:6]))
    return born and check == int(number[9])


def baltic(text: str) -> bool:
    """Estonia and Lithuania: sex and century, a day of birth, and modulo 11, with other weights where it would be ten.
    Source: EVS 585:2007; Lietuvos gyventojų registro įstatymas."""
    number = digits(text)
    century = 1800 + (int(number[0]) - 1) // 2 * 100
    rests = (weighted(number[:10], tuple((at + more) % 9 + 1 for at in range(10))) % 11 for more in (0, 2))
    check = next((rest for rest in rests if rest < 10), 0)
    born = is_date(century + int(number[1:3]), int(number[3:5]), int(number[5:7]))
    return number[0] in "12345678" and born and check == int(number[10])


def lv_code(text: str) -> bool:
    """Latvia: a day of birth and modulo 11; since 2017 32 and no day. Source: Fizisko personu reģistra likums."""
    number = digits(text)
    if number[:2] == "32":
        return True
    century = 1800 + int(number[6]) * 100
    check = (1 + weighted(number[:10], (10, 5, 8, 4, 2, 1, 6, 3, 7, 9))) % 11 % 10
    return is_date(century + int(number[4:6]), int(number[2:4]), int(number[:2])) and check == int(number[10])


def ua_rnokpp(text: str) -> bool:
    """Ukraine: a day of birth, counted from 1900, and modulo 11. Source: Міндоходів, order 779 of 2013."""
    number = digits(text)
    born = date(1899, 12, 31) + timedelta(int(number[:5]))
    check = weighted(number[:9], (-1, 5, 7, 9, 4, 6, 10, 5, 7)) % 11 % 10
    return 1905 < born.year < 2040 and check == int(number[9])


_INN = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)


def ru_inn(text: str) -> bool:
    """Russia, taxes: twelve digits with two check digits for people, ten with one for firms, modulo 11. Source: ФНС,
    order ММВ-7-6/435."""
    number = digits(text)
    sizes = (10, 11) if len(number) == 12 else (9,)
    return number[:2] != "00" and all(
        weighted(number[:size], _INN[-size:]) % 11 % 10 == int(number[size]) for size in sizes
    )


def ru_snils(text: str) -> bool:
    """Russia, social insurance: nine digits and their sum modulo 101. Source: Пенсионный фонд, order 2-П."""
    number = digits(text)
    return number[:3] != "000" and weighted(number[:9], (9, 8, 7, 6, 5, 4, 3, 2, 1)) % 101 % 100 == int(number[9:])


def il_identity(text: str) -> bool:
    """Israel: Luhn over nine digits. Source: רשות האוכלוסין, תקן מספר זהות."""
    return len(set(digits(text))) > 1 and luhn(text)


def hk_identity(text: str) -> bool:
    """Hong Kong: one letter or two, and modulo 11; A stands for ten. Source: Immigration Department."""
    code = letters(text)
    values = [36, *(int(char, 36) for char in code)][-9:]
    return sum(value * weight for value, weight in zip(values, (9, 8, 7, 6, 5, 4, 3, 2, 1), strict=True)) % 11 == 0


def id_nik(text: str) -> bool:
    """Indonesia: a province, a day of birth, plus 40 for women, and a serial. Source: Permendagri on NIK; no check
    digit."""
    number = digits(text)
    day = int(number[6:8])
    born = is_date(2000 + int(number[10:12]), int(number[8:10]), day - 40 if day > 40 else day)
    return int(number[:2]) in _PROVINCES and number[2:4] != "00" and born and number[12:] != "0000"


_PROVINCES = frozenset(
    (*range(11, 20), 21, *range(31, 37), 51, 52, 53, *range(61, 66), *range(71, 77), 81, 82, *range(91, 98))
)


def vn_cccd(text: str) -> bool:
    """Vietnam: a province up to 096, sex and century. Source: Nghị định 137/2015/NĐ-CP; no check digit."""
    number = digits(text)
    return 0 < int(number[:3]) <= 96 and number[3] in "0123" and number[6:] != "000000"


_NOWHERE = frozenset((0, 17, 18, 19, 20, 69, 70, 73, 80, 81, 94, 95, 96, 97))


def my_nric(text: str) -> bool:
    """Malaysia: a day of birth and a place of birth. Source: Jabatan Pendaftaran Negara, Kod negeri; no check digit."""
    number = digits(text)
    year, month, day, place = (int(number[at : at + 2]) for at in (0, 2, 4, 6))
    return place not in _NOWHERE and is_date(2000 + year, month, day)


def cz_sk_birth(text: str) -> bool:
    """Czechia and Slovakia: a day of birth, whose month is 50 more for women, and 20 more where numbers ran out; with
    ten digits a multiple of eleven, or ten modulo eleven and a zero. Source: zákon 133/2000 Sb., section 13."""
    number = digits(text)
    month = int(number[2:4]) % 50
    year = int(number[:2]) + (1900 if len(number) == 9 or int(number[:2]) >= 54 else 2000)
    if not is_date(year, month - 20 if month > 20 else month, int(number[4:6])):
        return False
    if len(number) == 9:
        return number[6:] != "000" and year < 1954
    return int(number) % 11 == 0 or (int(number[:9]) % 11 == 10 and number[9] == "0")


def hr_oib(text: str) -> bool:
    """Croatia: ISO/IEC 7064, MOD 11,10. Source: Zakon o osobnom identifikacijskom broju."""
    return hybrid(digits(text))


def gr_afm(text: str) -> bool:
    """Greece, taxes: powers of two, modulo 11. Source: ΑΑΔΕ."""
    number = digits(text)
    return number != "0" * 9 and weighted(number[:8], (256, 128, 64, 32, 16, 8, 4, 2)) % 11 % 10 == int(number[8])


def hu_insured(text: str) -> bool:
    """Hungary, health: weights 3 and 7, modulo 10. Source: 1996. évi XX. törvény."""
    number = digits(text)
    return number != "0" * 9 and weighted(number[:8], (3, 7) * 4) % 10 == int(number[8])


def hu_taxed(text: str) -> bool:
    """Hungary, taxes: an 8, and the place of each digit as its weight, modulo 11. Source: 1996. évi XX. törvény."""
    number = digits(text)
    return number[0] == "8" and weighted(number[:9], tuple(range(1, 10))) % 11 == int(number[9])


def jmbg(text: str) -> bool:
    """The states that were Yugoslavia: a day of birth, a region, and modulo 11. Source: Zakon o JMBG."""
    number = digits(text)
    year = int(number[4:7])
    check = -weighted(number[:12], (7, 6, 5, 4, 3, 2) * 2) % 11
    born = is_date((2000 if year < 100 else 1000) + year, int(number[2:4]), int(number[:2]))
    return (year >= 890 or year < 100) and born and check % 10 == int(number[12])


def is_kennitala(text: str) -> bool:
    """Iceland: a day of birth, modulo 11, and the century. Source: Þjóðskrá."""
    number = digits(text)
    century = {"8": 1800, "9": 1900, "0": 2000}.get(number[9], 0)
    rest = -weighted(number[:8], (3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (
        bool(century)
        and is_date(century + int(number[4:6]), int(number[2:4]), int(number[:2]))
        and rest == int(number[8])
    )


_BANKS = frozenset(
    "0100 0200 0300 0600 0710 0720 0800 0900 1100 1111 2010 2020 2030 2060 2070 2100 2200 2220 2250 2260 2600 2700 "
    "3000 3030 3050 3060 3100 3500 4000 4300 5200 5500 5600 5800 5900 6000 6100 6200 6210 6300 6363 6500 6700 6800 "
    "7300 7500 7910 7930 7950 7960 7970 7990 8030 8040 8050 8060 8090 8100 8120 8130 8150 8160 8170 8180 8190 8198 "
    "8220 8230 8240 8250 8255 8265 8270 8280 8293 8320 8330 8360 8370 8410 8420".split()
)
_TENS = (6, 3, 7, 9, 10, 5, 8, 4, 2, 1)


def cz_sk_account(text: str) -> bool:
    """Czechia and Slovakia: a bank, and modulo 11, before the hyphen too. Source: ČNB, vyhláška 169/2011 Sb."""
    number, bank = text.split("/")
    parts = number.split("-")
    return bank in _BANKS and all(weighted(part.rjust(10, "0"), _TENS) % 11 == 0 and int(part) for part in parts)


def hu_account(text: str) -> bool:
    """Hungary: weights 9 7 3 1, modulo 10, over the bank and over the account. Source: MNB, 35/2017 rendelet."""
    number = digits(text)
    return all(part.strip("0") and weighted(part, (9, 7, 3, 1) * 4) % 10 == 0 for part in (number[:8], number[8:]))


def icao(text: str) -> bool:
    """A document's number and its check digit behind it, weights 7 3 1; fillers count nothing. Source: ICAO 9303-3."""
    values = [0 if char == "<" else int(char, 36) for char in text]
    return sum(value * (7, 3, 1)[at % 3] for at, value in enumerate(values[:-1])) % 10 == values[-1]


_DOCUMENT = re.compile(r"[0-9CFGHJKLMNPRTV-Z]{9}")


def de_document(text: str) -> bool:
    """Germany, identity cards and passports: nine characters of those that nobody mistakes, digits among them, perhaps
    with the check digit. Source: PAuswV and PassV, annexes; BSI TR-03105."""
    code = text.upper()
    if not _DOCUMENT.fullmatch(code[:9]) or code[0].isdigit() or sum(map(str.isdigit, code[:9])) < 2:
        return False
    return len(code) == 9 or icao(code)


def pl_card(text: str) -> bool:
    """Poland, identity cards: three letters, their check digit, as that of passports, and five digits. Source:
    rozporządzenie MSWiA."""
    code = letters(text)
    return icao(code[:3] + code[4:] + code[3])
