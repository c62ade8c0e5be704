"""Still more numbers by which states know people, and accounts of two, as rows of table.py."""

from . import checksums_nations as check
from .kinds import NINE, Kind, kind, shape

_TEN, _ELEVEN, _THIRTEEN = r"\d{10}", r"\d{11}", r"\d{13}"

NATIONS: tuple[Kind, ...] = (
    kind(
        "RO_CNP",
        _THIRTEEN,
        [shape(_THIRTEEN, 0.4, check.ro_cnp, number=True)],
        r"c\.?n\.?p|cod(?:ul)? numeric personal",
        weak=True,
    ),
    kind("BG_EGN", _TEN, [shape(_TEN, 0.4, check.bg_egn, number=True)], r"егн|единен граждански номер|egn", weak=True),
    kind(
        "BALTIC_PERSONAL_CODE",
        _ELEVEN,
        [shape(_ELEVEN, 0.4, check.baltic, number=True)],
        r"isikukood(?:i|id|iga)?|asmens kod(?:as|o|ą|u|ai)|a\. ?k|personal (?:identification )?code",
        weak=True,
    ),
    kind(
        "LV_PERSONAL_CODE",
        r"\d{6}-?\d{5}",
        [shape(r"\d{6}-?\d{5}", 0.4, check.lv_code, number=True)],
        r"personas kod(?:s|a|u|am|i)|p\. ?k|personal code",
        weak=True,
    ),
    kind(
        "UA_RNOKPP",
        _TEN,
        [shape(_TEN, 0.4, check.ua_rnokpp, number=True)],
        r"рнокпп|[іи]пн|ідентифікаційн(?:ий|ого|им) (?:номер|код)[а-яіїє]{0,3}"
        r"|податков(?:ий|ого) номер[а-яіїє]{0,3}|rnokpp",
        weak=True,
    ),
    kind(
        "RU_INN",
        r"\d{10}",
        [shape(r"\d{12}|\d{10}", 0.4, check.ru_inn, number=True)],
        r"инн|(?-i:INN)|идентификационный номер налогоплательщика",
        weak=True,
    ),
    kind(
        "RU_SNILS",
        r"\d{3}[ -]?\d{3}[ -]?\d{3}[ -]?\d{2}",
        [
            shape(r"\d{3}-\d{3}-\d{3}[ -]\d{2}", 0.6, check.ru_snils, number=True),
            shape(r"\d{3} \d{3} \d{3} \d{2}|\d{11}", 0.4, check.ru_snils, number=True),
        ],
        r"снилс|snils|страхов(?:ой|ого) (?:номер[а-я]{0,2}|свидетельств[а-я]{0,2})",
    ),
    kind(
        "IL_ID",
        r"\d{9}|\d{8}-\d",
        [shape(r"\d{8}-?\d", 0.4, check.il_identity, number=True)],
        r"תעודת[ -]ה?זהות|ת[\"'״׳.]{0,2}ז|מספר[ -]ה?זהות|te?udat zehut|israeli id",
        weak=True,
    ),
    kind(
        "HK_ID",
        r"[a-z]{1,2}\d{6} ?[(]?[0-9a]",
        [
            shape(r"[A-Z]{1,2}\d{6} ?\([0-9A]\)", 0.8, check.hk_identity, left="_-"),
            shape(r"[A-Z]{1,2}\d{6}[0-9A]", 0.3, check.hk_identity),
        ],
        r"hk ?id|身[份分]證|身份证|hong kong id(?:entity)?(?: card)?|identity card",
    ),
    kind(
        "ID_NIK",
        r"\d{16}",
        [shape(r"\d{16}", 0.4, check.id_nik, number=True)],
        r"nik|e?-?ktp|(?:no(?:mor)? )?kartu keluarga|no(?:mor)?\.? ?kk|nomor induk kependudukan",
        weak=True,
        after=False,
    ),
    kind(
        "VN_CCCD",
        r"\d{12}",
        [shape(r"\d{12}", 0.4, check.vn_cccd, number=True)],
        r"cccd|căn cước(?: công dân)?|cmnd|cmtnd|chứng minh(?: thư| nhân dân)|(?:số )?định danh(?: cá nhân)?",
        weak=True,
        after=False,
    ),
    kind(
        "MY_NRIC",
        r"\d{6}-?\d{2}-?\d{4}",
        [
            shape(r"\d{6}-\d{2}-\d{4}", 0.3, check.my_nric, number=True),
            shape(r"\d{12}", 0.2, check.my_nric, number=True),
        ],
        r"my ?kad|(?:no\.? |nombor )?kad pengenalan|nric|(?-i:IC)|ic (?:saya|dia|dy|no|num(?:ber)?)|no\.? (?:ic|kp)",
        weak=True,
        after=False,
    ),
    kind(
        "CZ_SK_BIRTH_NUMBER",
        r"\d{6}[/ ]?\d{3,4}",
        [shape(r"\d{6}[/ ]?\d{3,4}", 0.4, check.cz_sk_birth, number=True)],
        r"rodn(?:é|ého|ým) č[íi]s(?:lo|la|lem|lom)|r\. ?č|rč|birth number",
        weak=True,
    ),
    kind("HR_OIB", _ELEVEN, [shape(_ELEVEN, 0.4, check.hr_oib, number=True)], r"oib", weak=True),
    kind(
        "GR_AFM",
        r"\d{9}",
        [shape(r"\d{9}", 0.4, check.gr_afm, number=True), shape(r"EL ?\d{9}", 0.4, check.gr_afm)],
        r"α\.?φ\.?μ|a\.?f\.?m|αριθμ(?:ός|ό|ού) φορολογικού μητρώου",
        weak=True,
    ),
    kind(
        "HU_TAJ",
        r"\d{3}[ -]?\d{3}[ -]?\d{3}",
        [shape(NINE, 0.4, check.hu_insured, number=True)],
        r"taj(?:[ -]?sz[áa]m[a-zá]{0,4})?|társadalombiztosítási azonosító",
        weak=True,
    ),
    kind(
        "HU_TAX_ID",
        r"8\d{9}",
        [shape(r"8\d{9}", 0.4, check.hu_taxed, number=True)],
        r"adóazonosító(?: ?jel(?:e|em|ed)?)?|adószám(?:om|a)?",
        weak=True,
    ),
    kind(
        "JMBG",
        _THIRTEEN,
        [shape(_THIRTEEN, 0.4, check.jmbg, number=True)],
        r"jmbg|јмбг|ембг|emšo|matični broj|матични број|матичен број",
        weak=True,
    ),
    kind(
        "IS_KENNITALA",
        r"\d{6}-?\d{4}",
        [shape(r"\d{6}-?\d{4}", 0.4, check.is_kennitala, number=True)],
        r"kennital(?:a|u|an|una)|kt\.?:?",
        weak=True,
    ),
    kind(
        "CZ_SK_BANK_ACCOUNT",
        r"\d{6,10}/\d{4}",
        [
            shape(r"\d{2,6}-\d{6,10}/\d{4}", 0.6, check.cz_sk_account, number=True),
            # A day and an hour look like that too.
            shape(r"\d{6,10}/\d{4}", 0.4, check.cz_sk_account, number=True),
        ],
        r"úč(?:et|tu|tem)|č\. ?ú",
    ),
    kind(
        "HU_BANK_ACCOUNT",
        r"\d{8}-\d{8}|\d{24}",
        [
            shape(r"\d{8}-\d{8}-\d{8}", 0.6, check.hu_account, number=True),
            shape(r"\d{8}-\d{8}|\d{24}|\d{8} \d{8}(?: \d{8})?", 0.3, check.hu_account, number=True),
        ],
        r"(?:bank)?számla(?:sz[áa]m[a-zá]{0,4})?|account",
    ),
)
