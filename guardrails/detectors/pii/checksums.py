"""Check digits and other tests by which an identifier tells itself from a number. Pure functions of a text.

Each takes the text as it was found, separators included, and never raises.
"""

import re
from datetime import date
from itertools import pairwise
from operator import mul

_NO_DIGITS = bytes(code for code in range(128) if not 48 <= code <= 57)
_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")


def digits(text: str) -> str:
    """The ASCII digits of `text`."""
    return text.encode("ascii", "ignore").translate(None, _NO_DIGITS).decode()


def letters(text: str) -> str:
    """The letters and digits of `text`, in upper case."""
    return "".join(char for char in text if char.isalnum()).upper()


def luhn(text: str) -> bool:
    """Source: ISO/IEC 7812-1, annex B."""
    return _luhn(digits(text))


def _luhn(number: str) -> bool:
    codes = number.encode()[::-1]
    # Every second one counts twice, less nine when that has two digits; 48 is the code of "0".
    return (sum(codes[::2]) + sum(codes[1::2].translate(_DOUBLED)) - 48 * len(codes)) % 10 == 0


def hybrid(number: str) -> bool:
    """Whether the last digit is right for those before it. Source: ISO/IEC 7064, MOD 11,10."""
    product = 10
    for digit in number[:-1]:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(number[-1])


def card(text: str) -> bool:
    """A payment card: Luhn, a length that its issuer uses, and not one digit repeated. Source: ISO/IEC 7812."""
    number = digits(text)
    issued = _ISSUED.fullmatch(number) and number.count(number[0]) < len(number)
    return bool(issued) and not _counting(text) and _luhn(number)


_ISSUED = re.compile(
    r"4\d{12}(?:\d{3}){0,2}"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3[0689]\d{12,17}"  # Diners Club
    r"|(?:35|6[0245]|81)\d{14,17}"  # JCB, Discover, UnionPay, RuPay
    r"|(?:5[0678]|6[13789])\d{10,17}"  # Maestro
    r"|(?:2131|1800)\d{11}"  # JCB
    r"|220[0-5]\d{12,15}"  # Mir, Humo
)


def _counting(text: str) -> bool:
    """Whether its groups are a list of numbers near each other, all different, such as code points."""
    groups = [int(group) for group in text.split(" ") if group.isdigit()]
    return len(groups) > 2 and all(0 < abs(b - a) <= 32 for a, b in pairwise(groups))


_IBAN = """
AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BI:27 BR:29 BY:28 CH:21 CR:22 CY:28 CZ:24 DE:22 DJ:27 DK:18 DO:28
EE:20 EG:29 ES:24 FI:18 FK:18 FO:18 FR:27 GB:22 GE:22 GI:23 GL:18 GR:27 GT:28 HR:21 HU:28 IE:22 IL:23 IQ:23 IS:26 IT:27
JO:30 KW:30 KZ:20 LB:28 LC:32 LI:21 LT:20 LU:20 LV:21 LY:25 MC:27 MD:24 ME:22 MK:19 MN:20 MR:27 MT:31 MU:30 NI:28 NL:18
NO:15 OM:23 PK:24 PL:28 PS:29 PT:25 QA:29 RO:24 RS:22 RU:33 SA:24 SC:31 SD:18 SE:24 SI:19 SK:24 SM:27 SO:23 ST:25 SV:28
TL:23 TN:24 TR:26 UA:29 VA:22 VG:24 XK:20 YE:30
"""
IBAN_LENGTHS = {item[:2]: int(item[3:]) for item in _IBAN.split()}
"""Characters of an IBAN by country. Source: SWIFT IBAN registry, release 97."""


def iban(text: str) -> bool:
    """Length of the country, remainder 1 modulo 97. Source: ISO 13616."""
    number = letters(text)
    if len(number) != IBAN_LENGTHS.get(number[:2], 0) or not number.isascii():
        return False
    return int("".join(str(int(char, 36)) for char in number[4:] + number[:4])) % 97 == 1


def weighted(text: str, weights: tuple[int, ...]) -> int:
    """The sum of digits times weights, over as many as both have."""
    return sum(map(mul, map(int, digits(text)), weights))


def ssn(text: str) -> bool:
    """Area, group and serial that can have been issued. Source: SSA, POMS RM 10201."""
    number = digits(text)
    return number[:3] not in ("000", "666") and number[0] != "9" and number[3:5] != "00" and number[5:] != "0000"


def aba(text: str) -> bool:
    """Routing numbers: a Federal Reserve district and weights 3 7 1. Source: ABA policy."""
    district = int(digits(text)[:2])
    plausible = 1 <= district <= 12 or 21 <= district <= 32 or 61 <= district <= 72
    return plausible and weighted(text, (3, 7, 1) * 3) % 10 == 0


def account(text: str) -> bool:
    """Digits in groups that may be the number of an account: as many as banks give, and neither a day nor, as in charts
    of accounts, a range of short numbers."""
    groups = re.split("[ -]", text)
    short = all(len(group) == 4 for group in groups) and groups[0][0] == groups[-1][0] and groups[0] < groups[-1]
    return 8 <= len(digits(text)) <= 17 and not short and not _DAY.match(text)


_DAY = re.compile(r"[0-3]?\d([ -])[0-3]?\d\1(?:19|20)\d\d(?!\d)")


def dea(text: str) -> bool:
    """Licence of a US prescriber. Source: 21 CFR 1301; the check digit is common knowledge among pharmacies."""
    number = digits(text)
    odd, even = (sum(int(number[i]) for i in places) for places in ((0, 2, 4), (1, 3, 5)))
    return (odd + 2 * even) % 10 == int(number[6])


def nhs(text: str) -> bool:
    """Modulus 11. Source: NHS data dictionary."""
    number = digits(text)
    check = 11 - weighted(number[:9], (10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return len(set(number)) > 1 and check % 11 == int(number[9]) and check != 10


def nino(text: str) -> bool:
    """A prefix that is in use. Source: HMRC, NIM39110."""
    return letters(text)[:2] not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")


def aadhaar(text: str) -> bool:
    """Verhoeff's check digit over the dihedral group of ten. Source: Verhoeff 1969."""
    codes = digits(text).encode()[::-1]
    check = 0
    for step, code in zip(_VERHOEFF, codes, strict=False):
        check = step[check * 10 + code - 48]
    return check == 0 and codes != codes[::-1] and not _counting(text)


def _dihedral(a: int, b: int) -> int:
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b - 5) % 5
    return 5 + (a - 5 - b) % 5 if b < 5 else (a - b) % 5


def _permuted(digit: int, times: int) -> int:
    for _ in range(times):
        digit = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[digit]
    return digit


_VERHOEFF = 2 * [
    bytes(_dihedral(check, _permuted(digit, times)) for check in range(10) for digit in range(10)) for times in range(8)
]
"""For each place from the right, the next check by the last one and the digit there."""


def my_number(text: str) -> bool:
    """Japan's Individual Number. Source: ministerial ordinance 85 of 2014, article 5."""
    number = digits(text)
    rest = weighted(number[:11], (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return int(number[11]) == (0 if rest < 2 else 11 - rest)


def es_nif(text: str) -> bool:
    """Number modulo 23 gives the letter; X, Y, Z of a NIE stand for 0, 1, 2. Source: Ministerio del Interior."""
    number = letters(text)
    value = int(number[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2"))
    return len(set(number[:-1])) > 1 and "TRWAGMYFPDXBNJZSQVHLCKE"[value % 23] == number[-1]


_ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21) * 2, strict=False)) | dict(
    zip("KLMNOPQRSTUVWXYZ", (2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23), strict=True)
)


def it_fiscal_code(text: str) -> bool:
    """The sixteenth character. Source: Decreto ministeriale 23 December 1976."""
    code = letters(text)
    total = sum(_ODD[char] for char in code[0:15:2])
    total += sum(int(char) if char.isdigit() else ord(char) - 65 for char in code[1:15:2])
    return chr(65 + total % 26) == code[15]


def pesel(text: str) -> bool:
    """Weights 1 3 7 9, and a date of birth whose month tells the century. Source: Polish act on the register."""
    number = digits(text)
    month = int(number[2:4])
    century = {0: 1900, 20: 2000, 40: 2100, 60: 2200, 80: 1800}.get(month // 20 * 20)
    born = century is not None and is_date(century + int(number[:2]), month % 20, int(number[4:6]))
    return born and (10 - weighted(number[:10], (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10) % 10 == int(number[10])


def is_date(year: int, month: int, day: int) -> bool:
    """Whether the calendar has this day."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def abn(text: str) -> bool:
    """Australian business number: one off the first digit, modulus 89. Source: ABR."""
    number = digits(text)
    return number[0] != "0" and weighted(str(int(number) - 10**10), (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)) % 89 == 0


def acn(text: str) -> bool:
    """Australian company number, modulus 10. Source: ASIC."""
    number = digits(text)
    return (10 - weighted(number[:8], (8, 7, 6, 5, 4, 3, 2, 1)) % 10) % 10 == int(number[8])


def tfn(text: str) -> bool:
    """Australian tax file number, modulus 11. Source: ATO."""
    return weighted(text, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def au_medicare(text: str) -> bool:
    """Medicare card: first digit 2 to 6, ninth is the check digit. Source: Services Australia."""
    number = digits(text)
    return number[0] in "23456" and weighted(number[:8], (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(number[8])


def nric(text: str) -> bool:
    """Singapore, NRIC and FIN, the M series included. Source: ICA."""
    code = letters(text)
    total = weighted(code[1:8], (2, 7, 6, 5, 4, 3, 2)) + {"T": 4, "G": 4, "M": 3}.get(code[0], 0)
    table = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "KLJNPQRTUWX"}[
        code[0]
    ]
    rest = total % 11
    return (table[10 - rest] if code[0] == "M" else table[rest]) == code[8]


def rrn(text: str) -> bool:
    """South Korea: a date of birth and, before October 2020, a check digit, which newer ones lack."""
    number = digits(text)
    century = {"9": 1800, "0": 1800, "1": 1900, "2": 1900, "5": 1900, "6": 1900}.get(number[6], 2000)
    return is_date(century + int(number[:2]), int(number[2:4]), int(number[4:6]))


def hetu(text: str) -> bool:
    """Finland: a date of birth and a remainder modulo 31. Source: Digital and Population Data Services Agency."""
    number = digits(text[:6]) + text[7:10]
    century = 1800 if text[6] == "+" else 2000 if text[6].upper() in "ABCDEF" else 1900
    born = is_date(century + int(number[4:6]), int(number[2:4]), int(number[:2]))
    return born and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(number) % 31] == text[10].upper()


def personnummer(text: str) -> bool:
    """Sweden: a date of birth (the day plus 60 for coordination numbers) and Luhn. Source: Skatteverket."""
    number = digits(text)[-10:]
    day = int(number[4:6])
    return is_date(2000, int(number[2:4]), day - 60 if day > 60 else day) and luhn(number)


def cpf(text: str) -> bool:
    """Brazil, persons: two check digits modulus 11. Source: Receita Federal."""
    number = digits(text)
    return len(set(number)) > 1 and all(
        weighted(number[:size], tuple(range(size + 1, 1, -1))) * 10 % 11 % 10 == int(number[size]) for size in (9, 10)
    )


def cnpj(text: str) -> bool:
    """Brazil, companies: two check digits modulus 11; letters, from 2026 on, count as their code. Source: Receita
    Federal, IN RFB 2.229/2024."""
    number = letters(text)
    weights = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    values = [ord(char) - 48 for char in number]
    rests = [sum(map(mul, values[:size], weights[13 - size :])) % 11 for size in (12, 13)]
    return len(set(number)) > 1 and [0 if rest < 2 else 11 - rest for rest in rests] == [int(c) for c in number[12:]]


def cn_resident(text: str) -> bool:
    """China: a date of birth and ISO 7064 modulus 11, 2. Source: GB 11643-1999."""
    number = letters(text)
    total = weighted(number[:17], (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2))
    return (
        is_date(int(number[6:10]), int(number[10:12]), int(number[12:14])) and "10X98765432"[total % 11] == number[17]
    )


def fr_nir(text: str) -> bool:
    """France: key of 97 less the number modulo 97, in which Corsica counts as 19 and 18. Source: INSEE."""
    number = digits(text.upper().replace("2A", "19").replace("2B", "18"))
    return int(number[3:5]) <= 12 and 97 - int(number[:13]) % 97 == int(number[13:])
