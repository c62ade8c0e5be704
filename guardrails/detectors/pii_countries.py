"""More numbers by which states know people, as rows of pii_table.py."""

from .checksums import cn_resident, cnpj, digits, fr_nir, is_date, letters, luhn, weighted
from .pii_kinds import Kind, kind, shape

_BENEFICIARY = "[AC-HJKMNP-RT-Y]"
"""Letters that are not mistaken for a digit."""
_ANY = "[0-9AC-HJKMNP-RT-Y]"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_INSURED = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
_NIR, _CORSICA = (
    rf"[12] ?\d{{2}} ?(?:0[1-9]|1[0-2]) ?{born_in} ?\d{{3}} ?\d{{3}} ?\d{{2}}" for born_in in (r"\d{2}", "2[AB]")
)


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
    number = letters(text).upper()
    spread = f"{number[:8]}{ord(number[8]) - 64:02d}{number[9:11]}"
    check = sum(sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(spread, _INSURED, strict=True)) % 10
    return int(number[2:4]) % 50 <= 31 and 0 < int(number[4:6]) <= 12 and check == int(number[11])


def in_taxed(text: str) -> bool:
    """A state and a check letter, modulo 36. Source: GSTN, format of the GSTIN."""
    values = [_ALPHABET.index(char) * (1 + at % 2) for at, char in enumerate(text.upper())]
    total = sum(sum(divmod(value, 36)) for value in values[:14])
    return 0 < int(text[:2]) <= 38 and _ALPHABET[-total % 36] == text[14].upper()


COUNTRIES: tuple[Kind, ...] = (
    kind(
        "BR_CNPJ",
        r"[0-9a-z]{2}\.?[0-9a-z]{3}\.?[0-9a-z]{3}/?[0-9a-z]{4}-?\d{2}",
        [
            shape(r"\d{2}([.]?)\d{3}\1\d{3}/\d{4}-\d{2}", 0.9, cnpj, number=True),
            shape(r"\d{14}", 0.3, cnpj, number=True),
            shape(r"[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-\d{2}(?![\w/.-]*\w)", 0.9, cnpj, left="_./-"),
            shape(r"(?=\d*[A-Z])[0-9A-Z]{12}\d{2}(?![\w-])", 0.2, cnpj, left="_./-"),
        ],
        r"cnpj",
    ),
    kind("CN_RESIDENT_ID", r"\d{17}[0-9x]", [shape(r"[1-9]\d{16}[0-9X]", 0.9, cn_resident, number=True)]),
    kind(
        "FR_NIR",
        r"[12] ?\d{2} ?\d{2} ?\d[\dab]",
        [shape(_NIR, 0.9, fr_nir, number=True), shape(_CORSICA, 0.9, fr_nir)],
        r"sécurité sociale|sécu|nir|insee",
    ),
    kind(
        "TR_NATIONAL_ID",
        r"[1-9]\d{10}",
        [shape(r"[1-9]\d{10}", 0.4, tr_identity, number=True)],
        r"t\.?c\.?|tckn|tcno|kimlik(?:[ _]?(?:no|numara\w{0,5}))?|vatandaşlık",
        weak=True,
    ),
    kind(
        "TH_TNIN",
        r"\d-?\d{4}-?\d{5}-?\d{2}-?\d",
        [
            shape(r"\d-\d{4}-\d{5}-\d{2}-\d", 0.8, th_identity, number=True),
            shape(r"\d{13}", 0.2, th_identity, number=True),
        ],
        r"(?:เลข|หมายเลข)?(?:ประจำตัว|บัตร)ประชาชน|(?:หมาย)?เลขบัตร|thai id|(?:national|citizen) id",
    ),
    kind(
        "ZA_ID_NUMBER",
        r"\d{6} ?\d{4} ?\d\d ?\d",
        [shape(r"\d{6} \d{4} \d\d ?\d|\d{13}", 0.4, za_identity, number=True)],
        r"id[ _]?(?:no|nr|num(?:ber)?|nommer)|identity[ _]?(?:no|number|document)|identiteitsnommer|r?sa[ _]?id",
        weak=True,
    ),
    kind(
        "DE_SOCIAL_SECURITY",
        r"\d{2} ?\d{6} ?[a-z] ?\d{3}",
        [shape(r"\d{2} ?\d{6} ?[A-Z] ?\d{3}", 0.55, de_insured)],
        r"(?:sozial|renten)?versicherungs(?:nummer|nr)|svnr|sv-(?:nr|nummer)|rvnr",
    ),
    kind(
        "IN_GSTIN",
        r"\d{2}[a-z]{5}\d{4}[a-z][1-9a-z]z[0-9a-z]",
        [shape(r"\d{2}[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[0-9A-Z]", 0.8, in_taxed)],
        r"gst(?:in)?",
    ),
    kind(
        "US_MBI",
        r"[1-9][a-z][0-9a-z]\d-?[a-z][0-9a-z]\d-?[a-z]{2}\d{2}",
        [shape(rf"[1-9]{_BENEFICIARY}{_ANY}\d(-?){_BENEFICIARY}{_ANY}\d-?{_BENEFICIARY}{{2}}\d{{2}}", 0.4)],
        r"mbi|medicare|beneficiary",
        weak=True,
    ),
    kind(
        "UK_DRIVING_LICENCE",
        r"[a-z9]{5} ?\d{6} ?[a-z9]{2}[0-9a-z] ?[a-z]{2}",
        [
            shape(
                r"[A-Z]{2}[A-Z9]{3} ?\d(?:[05][1-9]|[16][0-2])(?:0[1-9]|[12]\d|3[01])\d"
                r" ?[A-Z][A-Z9][2-9A-Z] ?[A-Z]{2}(?!\w)",
                0.6,
                left="_-",
            )
        ],
        r"driv(?:er|ing)(?:['’]?s)?[ _]?licen[sc]es?|licen[sc]e[ _]?(?:number|no)|dl|dvla",
    ),
)
