"""Check digits of the numbers by which more states know people, as those of checksums.py: pure functions of a text.

Each takes the text as it was found, separators included, and never raises.
"""

from operator import mul

from .checksums import digits, hybrid, is_date, letters, luhn, weighted

_INSURED = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)


def de_tax_id(text: str) -> bool:
    """Germany: ISO 7064 modulus 11, 10; one digit two or three times among the first ten. Source: BZSt."""
    number = digits(text)
    most = max(number[:10].count(char) for char in set(number[:10]))
    return number[0] != "0" and most in (2, 3) and hybrid(number)


def tr_identity(text: str) -> bool:
    """Two check digits over nine. Source: Nüfus ve Vatandaşlık İşleri, T.C. kimlik numarası."""
    number = [int(digit) for digit in text]
    tenth = (7 * sum(number[0:9:2]) - sum(number[1:8:2])) % 10
    return number[0] > 0 and number[9] == tenth and number[10] == sum(number[:10]) % 10


def th_identity(text: str) -> bool:
    """Weights from 13 down, modulo 11."""
    number = digits(text)
    check = (11 - weighted(number[:12], tuple(range(13, 1, -1))) % 11) % 10
    return number[0] in "12345678" and check == int(number[12])


def za_identity(text: str) -> bool:
    """A day of birth, who is a citizen, and Luhn. Source: Identification Act 68 of 1997, regulations."""
    number = digits(text)
    year, month, day = (int(number[at : at + 2]) for at in (0, 2, 4))
    return number[10] in "012" and number[11] in "89" and luhn(number) and is_date(2000 + year, month, day)


def de_insured(text: str) -> bool:
    """A day of birth, the letter of a name, a check digit. Source: VKVV, section 2 and 4."""
    number = letters(text)
    spread = f"{number[:8]}{ord(number[8]) - 64:02d}{number[9:11]}"
    check = sum(sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(spread, _INSURED, strict=True)) % 10
    return int(number[2:4]) % 50 <= 31 and 0 < int(number[4:6]) <= 12 and check == int(number[11])


def in_taxed(text: str) -> bool:
    """A state and a check letter, modulo 36. Source: GSTN, format of the GSTIN."""
    values = [int(char, 36) for char in text]
    total = sum(sum(divmod(value * (1 + at % 2), 36)) for at, value in enumerate(values[:14]))
    return 0 < int(text[:2]) <= 38 and -total % 36 == values[14]


def nl_bsn(text: str) -> bool:
    """The eleven test, in which the last digit counts minus one. Source: Logisch Ontwerp BSN."""
    return weighted(text, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0 and len(set(digits(text))) > 1


def ch_ahv(text: str) -> bool:
    """Switzerland: 756, and the check digit of an EAN-13. Source: ZAS, AHV-Nummer."""
    number = digits(text)
    return number[:3] == "756" and weighted(number, (1, 3) * 6 + (1,)) % 10 == 0


def dk_cpr(text: str) -> bool:
    """Denmark: a day of birth, whose century the seventh digit tells. The check digit, modulo 11, is none since 2007.
    Source: CPR-kontoret, Personnummeret i CPR."""
    number = digits(text)
    day, month, year = (int(number[at : at + 2]) for at in (0, 2, 4))
    century = 1900
    if number[6] in "49":
        century = 2000 if year <= 36 else 1900
    elif number[6] in "5678":
        century = 2000 if year <= 57 else 1800
    return is_date(century + year, month, day)


def no_fnr(text: str) -> bool:
    """Norway: a day of birth and two check digits, modulo 11. The day plus 40 for those who are not residents, the
    month plus 40 or 80 for such as hospitals and testers make up. Source: Skatteetaten, Fødselsnummer."""
    number = digits(text)
    day, month = int(number[:2]), int(number[2:4])
    first, second = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
    return (
        is_date(2000, month % 40, day - 40 if day > 40 else day)
        and weighted(number, first) % 11 == 0
        and weighted(number, second) % 11 == 0
    )


def be_nrn(text: str) -> bool:
    """Belgium: a day of birth, perhaps unknown, and 97 less the number modulo 97, with a 2 before it from 2000 on. The
    month plus 20 or 40 for those in no register. Source: royal decree of 3 April 1984; BIS number, 8 February 1991."""
    number = digits(text)
    month, day = int(number[2:4]), int(number[4:6])
    rests = (97 - int(f"{century}{number[:9]}") % 97 for century in ("", "2"))
    return month < 60 and month % 20 <= 12 and day <= 31 and int(number[9:]) in rests


def at_svnr(text: str) -> bool:
    """Austria: a number of three, its check digit, modulo 11, and a day of birth, whose month may be unknown.
    Source: ASVG, section 31; Dachverband der Sozialversicherungsträger."""
    number = digits(text)
    rest = weighted(number[:3] + number[4:], (3, 7, 9, 5, 8, 4, 2, 1, 6)) % 11
    return number[0] != "0" and 0 < int(number[4:6]) <= 31 and 0 < int(number[6:8]) <= 15 and rest == int(number[3])


def pt_nif(text: str) -> bool:
    """Portugal: who is taxed, and a check digit, modulo 11. Source: Decreto-Lei 14/2013."""
    number = digits(text)
    if number[0] in "04" and number[:2] != "45":
        return False
    rest = weighted(number[:8], (9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return int(number[8]) == (0 if rest < 2 else 11 - rest)


def ie_pps(text: str) -> bool:
    """Ireland: a letter for the sum modulo 23, in which a second letter counts nine times, from A to I. Source: Social
    Welfare Consolidation Act 2005, section 262; Revenue, PPS numbers."""
    number = letters(text)
    second = "ABCDEFGHI".find(number[8:]) + 1 if number[8:] else 0
    return "WABCDEFGHIJKLMNOPQRSTUV"[(weighted(number[:7], (8, 7, 6, 5, 4, 3, 2)) + 9 * second) % 23] == number[7]


_CURP = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
_RFC = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ"


def mx_curp(text: str) -> bool:
    """Mexico, people: a day of birth and a check digit, modulo 10. Source: RENAPO, instructivo normativo of 2021."""
    code = text.upper()
    century = 1900 if code[16].isdigit() else 2000
    total = sum(_CURP.index(char) * weight for char, weight in zip(code[:17], range(18, 1, -1), strict=True))
    return is_date(century + int(code[4:6]), int(code[6:8]), int(code[8:10])) and -total % 10 == int(code[17])


def mx_taxed(text: str) -> bool:
    """Mexico, taxes: a day of birth or foundation; not those that stand for everybody. Source: SAT, Anexo 22."""
    code = letters(text)
    return (
        code not in ("XAXX010101000", "XEXX010101000")
        and code[-9:-3].isdecimal()
        and is_date(2000 + int(code[-9:-7]), int(code[-7:-5]), int(code[-5:-3]))
    )


def mx_rfc(text: str) -> bool:
    """Mexico, taxes: the same, and a check digit, modulo 11, which some have not. Source: SAT, Anexo 22."""
    if not mx_taxed(text):
        return False
    code = letters(text).rjust(13)
    total = sum(_RFC.index(char) * weight for char, weight in zip(code[:12], range(13, 1, -1), strict=True))
    return "0123456789A"[-total % 11] == code[12]


def ar_cuit(text: str) -> bool:
    """Argentina: whose it is, and a check digit, modulo 11. Source: AFIP, CUIT and CUIL."""
    number = digits(text)
    check = -weighted(number[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return number[:2] in ("20", "23", "24", "25", "26", "27", "30", "33", "34") and check == int(number[10])


def cl_rut(text: str) -> bool:
    """Chile: a check digit, modulo 11, or K for ten. Source: Servicio de Registro Civil e Identificación."""
    code = letters(text)
    rest = sum(map(mul, map(int, reversed(code[:-1])), (2, 3, 4, 5, 6, 7, 2, 3)))
    return len(set(code[:-1])) > 1 and "0123456789K"[-rest % 11] == code[-1]


_TAIWAN = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
"""In the order of their numbers, from ten."""


def tw_identity(text: str) -> bool:
    """Taiwan: a letter that stands for two digits, and modulo 10; those of residents had two letters until 2021.
    Source: Ministry of the Interior."""
    code = text.upper()
    first = _TAIWAN.index(code[0]) + 10
    second = code[1] if code[1].isdigit() else str(_TAIWAN.index(code[1]) % 10)
    return (first // 10 + weighted(f"{first % 10}{second}{code[2:]}", (9, 8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def nz_ird(text: str) -> bool:
    """New Zealand: of the numbers given so far, and a check digit, modulo 11, with other weights where it would be ten.
    Source: Inland Revenue, RWT and NRWT specification."""
    number = digits(text).rjust(9, "0")
    if not 10_000_000 < int(number) < 200_000_000:
        return False
    for weights in ((3, 2, 7, 6, 5, 4, 3, 2), (7, 4, 3, 2, 5, 2, 7, 6)):
        check = -weighted(number[:8], weights) % 11
        if check < 10:
            return check == int(number[8])
    return False


def us_npi(text: str) -> bool:
    """Providers of health care in the USA: Luhn behind 80840. Source: 45 CFR 162.406; CMS, NPI check digit."""
    return luhn(f"80840{text}")
