"""More numbers by which states know people, as rows of table.py."""

import re

from . import checksums_countries as check
from .checksums import cn_resident, cnpj, cpf, digits, fr_nir, luhn, personnummer, rrn
from .email import payee
from .kinds import NINE, Kind, Search, kind, shape

_BENEFICIARY = "[AC-HJKMNP-RT-Y]"
"""Letters that are not mistaken for a digit."""
_ANY = "[0-9AC-HJKMNP-RT-Y]"
_NIR, _CORSICA = (
    rf"[12] ?\d{{2}} ?(?:0[1-9]|1[0-2]) ?{born_in} ?\d{{3}} ?\d{{3}} ?\d{{2}}" for born_in in (r"\d{2}", "2[AB]")
)
_READ = r"(?<!\d )\d(?: \d){8}(?! \d)"
"""Nine digits as they are read out."""
_DAY_FIRST = r"\d{2}([ .]?)\d{2}\1\d{2}[ -]?\d{4,5}"
"""A day, and four or five digits."""
_GIRO = r"\d{2,3}(?: ?\d{2}){2,3} ?- ?\d"
_DAY = r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_MEXICAN = rf"(?i)\b[A-Z]{{3,4}}(?:{_DAY}|-{_DAY}-| {_DAY} )[0-9A-Z]{{2}}[0-9A](?:\W|\z)"


def swedish(text: str) -> float:
    """A Swedish number. A day and an hour of this century are more often the time of a build or a backup,
    and a day of these years the first part of an order's."""
    if not personnummer(text):
        return 0.0
    return 0.3 if _STAMP.fullmatch(text) else 0.6


_STAMP = re.compile(r"(?:20)?[0-4]\d{5}-(?:[01]\d|2[0-3])[0-5]\d|(?:20)?2[2-9]\d{4}-\d{4}")


def korean(text: str) -> float:
    """A number of South Korea's. A day of the twenties, and seven digits, are more often an order's."""
    if not rrn(text):
        return 0.0
    return 0.3 if text[0] == "2" and text[7] in "3478" else 0.8


def _taxed(text: str) -> float:
    """A Mexican number for taxes. People have four letters, firms three. A day of the twenties is rather a file's or a
    change's."""
    right, recent = check.mx_rfc(text), digits(text)[0] == "2"
    if not check.mx_taxed(text) or (recent and not right):
        return 0.0
    return 0.6 if text[3].isalpha() and right and not recent else 0.2


COUNTRIES: tuple[Kind, ...] = (
    kind(
        "DE_TAX_ID",
        r"\d{2} ?\d{3} ?\d{3} ?\d{3}",
        [shape(r"\d{2} ?\d{3} ?\d{3} ?\d{3}", 0.4, check.de_tax_id, number=True)],
        r"steuer\w*|identifikationsnummer|idnr|tax[ _]?id|tin",
        weak=True,
    ),
    kind(
        "BR_CPF",
        r"\d{3}[. ]?\d{3}[. ]?\d{3}[-/ ]?\d{2}",
        [
            shape(r"\d{3}\.\d{3}\.\d{3}[-/]\d{2}|\d{9}-\d{2}", 0.9, cpf, number=True),
            shape(r"\d{3} \d{3} \d{3} \d\d|\d{11}", 0.3, cpf, number=True),
        ],
        r"cpf|documento",
    ),
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
        r"[1-9]\d\d ?\d{3} ?\d{3} ?\d\d",
        [
            shape(r"[1-9]\d{10}", 0.4, check.tr_identity, number=True),
            shape(r"[1-9]\d\d \d{3} \d{3} \d\d", 0.4, lambda text: check.tr_identity(digits(text)), number=True),
        ],
        r"t\.?c\.?|tckn(?:['’]?\w{1,3})?|tcno|kimlik(?:[ _]?(?:no|numara\w{0,5}))?|vatandaşlık",
        weak=True,
    ),
    kind(
        "TH_TNIN",
        r"\d[- ]?\d{4}[- ]?\d{5}[- ]?\d{2}[- ]?\d",
        [
            shape(r"\d-\d{4}-\d{5}-\d{2}-\d", 0.8, check.th_identity, number=True),
            shape(r"\d \d{4} \d{5} \d{2} \d", 0.5, check.th_identity, number=True),
            shape(r"\d{13}", 0.2, check.th_identity, number=True),
        ],
        r"(?:เลข|หมายเลข)?(?:ประจำตัว|บัตร)ประชาชน|(?:หมาย)?เลขบัตร|thai id|(?:national|citizen) id",
    ),
    kind(
        "ZA_ID_NUMBER",
        r"\d{6} ?\d{4} ?\d\d ?\d",
        [shape(r"\d{6} \d{4} \d\d ?\d|\d{13}", 0.4, check.za_identity, number=True)],
        r"id[ _]?(?:no|nr|num(?:ber)?|nommer)|identity[ _]?(?:no|number|document)?|identiteitsnommer"
        r"|r?sa[ _]?id|(?-i:IDs?)",
        weak=True,
    ),
    kind(
        "DE_SOCIAL_SECURITY",
        r"\d{2} ?\d{6} ?[a-z] ?\d{2} ?\d",
        [
            shape(r"\d{2} ?\d{6} ?[A-Z] ?\d{3}", 0.55, check.de_insured),
            shape(r"\d{2} ?\d{6} ?[A-Z] ?\d{2} ?\d", 0.2, check.de_insured),
        ],
        r"(?:sozial|renten)?versicherungs(?:nummer|nr)|svnr|sv-(?:nr|nummer)|rvnr",
    ),
    kind(
        "IN_GSTIN",
        r"\d{2}[a-z]{5}\d{4}[a-z][1-9a-z]z[0-9a-z]",
        [shape(r"\d{2}[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[0-9A-Z]", 0.8, check.in_taxed)],
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
    kind(
        "NL_BSN",
        r"\d{3}[ .-]?\d{3}[ .-]?\d{3}|\d{4}[ .]\d{2}[ .]\d{3}",
        [
            shape(NINE, 0.4, check.nl_bsn, number=True),
            shape(r"\d{4}([ .])\d{2}\1\d{3}", 0.4, check.nl_bsn, number=True),
            shape(_READ, 0.4, check.nl_bsn, number=True),
        ],
        r"bsn(?:[ -]?(?:nummer|nr))?|burger ?service ?(?:nummer|nr)|sofi-?(?:nummer|nr)|dutch citizen service number",
        weak=True,
    ),
    kind(
        "BE_NRN",
        r"\d{2}[ .-]?\d{2}[ .-]?\d{2}[ .-]?\d{3}[ .-]?\d{2}",
        [
            shape(r"\d{2}\.\d{2}\.\d{2}-\d{3}[.-]\d{2}", 0.9, check.be_nrn, number=True),
            shape(r"\d{2}([ .-]?)\d{2}\1\d{2}[ .-]?\d{3}[ .-]?\d{2}", 0.3, check.be_nrn, number=True),
        ],
        r"rijksregister\w{0,8}|rr-?(?:nummer|nr)|insz(?:-?(?:nummer|nr))?|niss|registre national|num[ée]ro national"
        r"|n[°º] national|nrn|nationalregister\w{0,6}|national (?:register )?number",
    ),
    kind(
        "CH_AHV",
        r"756[ .-]?\d{4}[ .-]?\d{4}[ .-]?\d{2}",
        [
            shape(r"756\.\d{4}\.\d{4}\.\d{2}", 0.9, check.ch_ahv, number=True),
            shape(r"756([ -]?)\d{4}\1\d{4}\1\d{2}", 0.4, check.ch_ahv, number=True),
        ],
        r"(?:n-?)?(?:ahv|avs)(?:n?13|[ -]?(?:nummer|nr))?|oasi|(?:sozial)?versicher(?:ungs|ten)(?:nummer|nr)",
    ),
    kind(
        "AT_SVNR",
        r"\d{4}[ /-]?\d{6}",
        [shape(r"[1-9]\d{3}[ /-]?\d{2}([ .]?)\d{2}\1\d{2}", 0.4, check.at_svnr, number=True)],
        r"(?:sozial)?versicherungs-?(?:nummer|nr)|sozvers\.?-?nr|sv[ -]?(?:nr|nummer)|vsnr|e-?card(?:-?nr)?",
        weak=True,
    ),
    kind(
        "DK_CPR",
        r"\d{6}[ -]?\d{4}",
        [shape(_DAY_FIRST, 0.4, lambda text: len(digits(text)) == 10 and check.dk_cpr(text), number=True)],
        r"cpr(?:[ .-]?(?:nummer(?:et)?|nr))?|personnummer(?:et)?|personnr",
        weak=True,
    ),
    kind(
        "NO_FNR",
        r"\d{6}[ -]?\d{5}",
        [shape(_DAY_FIRST, 0.4, lambda text: len(digits(text)) == 11 and check.no_fnr(text), number=True)],
        r"(?:f[øo]dsels|person)-?(?:nummer(?:et)?|nr)|fnr|f\.nr|d-nummer|pnr",
        weak=True,
    ),
    kind(
        "PT_NIF",
        r"\d{3}[ .-]?\d{3}[ .-]?\d{3}",
        [
            shape(NINE, 0.4, check.pt_nif, number=True),
            shape(_READ, 0.4, check.pt_nif, number=True),
            shape(r"PT ?\d{3} ?\d{3} ?\d{3}", 0.4, check.pt_nif),
        ],
        r"n\.?i\.?f|contribuinte|(?:nº|n\.º|número) fiscal|identificação fiscal",
        weak=True,
    ),
    kind(
        "IE_PPS",
        r"\d{7} ?[a-w]",
        [shape(r"\d{7} ?[A-W][A-IWTX]?", 0.4, check.ie_pps, number=True)],
        r"pps(?:n|[ -]?(?:no|number))?|personal public service|psp",
        weak=True,
    ),
    kind(
        "MX_CURP",
        r"[a-z]{4}\d{6}[hmx][a-z]{5}[0-9a-z]\d",
        [
            shape(
                r"(?i:[A-Z]{4}\d{6}[HMX][A-Z]{2}[B-DF-HJ-NP-TV-Z]{3}[0-9A-Z]\d)(?!\w)",
                0.9,
                check.mx_curp,
                left="_",
                place=rf"(?i)\b[A-Z]{{4}}{_DAY}[HMX][A-Z]{{5}}[0-9A-Z]\d",
            )
        ],
        r"curp",
    ),
    kind(
        "MX_RFC",
        r"[a-z]{3,4}[ -]?\d{6}[ -]?[0-9a-z]{2}[0-9a]",
        [shape(r"(?i:[A-Z]{3,4}([ -]?)\d{6}\1[0-9A-Z]{2}[0-9A])(?!-?\w)", _taxed, left="_-", place=_MEXICAN)],
        r"rfc(?![ -]?\d{3,5}\b)|registro federal",
    ),
    kind(
        "AR_CUIT",
        r"\d{2}[ -]?\d{2}\.?\d{3}\.?\d{3}[ -]?\d",
        [
            shape(r"\d{2}-(?:\d{8}|\d{2}\.\d{3}\.\d{3})-\d", 0.8, check.ar_cuit, number=True),
            shape(r"\d{2} ?\d{8} ?\d", 0.3, check.ar_cuit, number=True),
        ],
        r"cui[tl]",
    ),
    kind(
        "AR_DNI",
        r"\d{1,2}\.?\d{3}\.?\d{3}",
        [shape(r"\d{1,2}([.]?)\d{3}\1\d{3}", 0.2, number=True)],
        r"(?-i:DNI|D\.N\.I\.?)|(?:mi|tu|su|el) dni|dni(?: n[°ºro.]{1,3}| número| es)?[\s:\"'=]{0,4}$"
        r"|documento nacional",
        weak=True,
        after=False,
    ),
    kind(
        "CL_RUT",
        r"\d{1,2}\.?\d{3}\.?\d{3}-?[\dk]",
        [
            shape(r"\d{1,2}\.\d{3}\.\d{3}-[\dK]", 0.8, check.cl_rut, number=True),
            shape(r"\d{1,2}(?:\.\d{3}){2} ?- ?[\dK]|\d{1,2}([ ]?)\d{3}\1\d{3}-?[\dK]", 0.3, check.cl_rut, number=True),
        ],
        r"r\.?u\.?t|(?-i:RUN)|rol [uú]nico",
    ),
    kind(
        "TW_ID",
        r"[a-z][1289a-d]\d{8}",
        [shape(r"[A-Z][1289A-D]\d{8}", 0.4, check.tw_identity)],
        r"(?:國民)?身[分份]證(?:統一編號|字號|號碼?)?|統一證號|居留證(?:號碼?)?"
        r"|(?:national|taiwan(?:ese)?) id|(?-i:ARC)",
        weak=True,
    ),
    kind(
        "NZ_IRD",
        r"\d{2,3}[ -]?\d{3}[ -]?\d{3}",
        [shape(r"\d{2,3}([ -]?)\d{3}\1\d{3}", 0.4, check.nz_ird, number=True)],
        r"ird|inland revenue",
        weak=True,
    ),
    kind(
        "US_NPI",
        r"[12]\d{9}",
        [shape(r"[12]\d{9}", 0.4, check.us_npi, number=True)],
        r"npi|national provider",
        weak=True,
    ),
    kind(
        "SE_GIRO",
        r"\d{3,4}-\d{4}|\d{2} ?- ?\d",
        [
            shape(r"\d{3,4}-?\d{4}|\d{2,3}(?: ?\d{2}){2,3}-\d", 0.4, luhn, number=True),
            shape(_GIRO, 0.4, luhn, place=rf"\b{_GIRO}"),
        ],
        r"(?:bank|plus|post)giro(?:t|nummer|nr)?|(?:bg|(?-i:PG))(?:[ -]?(?:nr|nummer))?\W{0,3}$",
        weak=True,
    ),
    kind(
        "IN_UPI",
        r"@[a-z]+(?:[^\w.@-]|[.]\W|[.]?\z)",
        [Search(payee)],
        r"upi(?: id)?|vpa|g ?pay|google pay|phone ?pe|paytm|bhim",
    ),
)
