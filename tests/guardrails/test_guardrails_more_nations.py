"""Further numbers of states, accounts, documents and numbers read out: published ones, and wrong ones."""

from collections.abc import Callable

import pytest

from tidegate.guardrails.detectors.pii import checksums_nations as check
from tidegate.guardrails.detectors.pii.detector import Pii
from tidegate.guardrails.detectors.pii.table import STRUCTURED
from tidegate.guardrails.detectors.secrets.detector import Secrets

ALL = Pii(STRUCTURED)


def found(text: str) -> list[tuple[str, str]]:
    return [(each.label, text[each.start : each.end]) for each in ALL.find(text)]


@pytest.mark.parametrize(
    ("test", "right", "wrong"),
    [
        (check.ro_cnp, ("1870514400214", "2610128461887"), ("1870514400215", "1871314400214", "0870514400214")),
        (check.bg_egn, ("8507144189", "8051229841", "7523169263"), ("8507144188", "8513144189")),
        (check.baltic, ("38807144187", "39812219367", "49806240910"), ("38807144188", "38813144187", "98807144187")),
        (check.lv_code, ("161175-19997", "12068113019", "328673-00679"), ("161175-19998", "161375-19997")),
        (check.ua_rnokpp, ("3148207911", "3592204827", "1759013776"), ("3148207912", "0000000000", "9999999999")),
        (check.ru_inn, ("500100732259", "7707083893"), ("500100732258", "7707083894", "0030324122")),
        (check.ru_snils, ("112-233-445 95", "08765430300"), ("112-233-445 96", "000-000-000 00")),
        (check.il_identity, ("204817399", "039337423"), ("204817398", "000000000")),
        (check.hk_identity, ("A123456(3)", "AB987654(3)", "G123456(A)"), ("A123456(4)", "AB987654(4)")),
        (check.id_nik, ("3174054807910003", "3171011708450001"), ("3174057207910003", "3074054807910003")),
        (check.vn_cccd, ("079191004827",), ("979191004827", "079991004827", "000191004827")),
        (check.my_nric, ("850714-14-4182", "770305021234"), ("851314-14-4182", "850714-00-4182", "850714-17-4182")),
        (check.cz_sk_birth, ("736028/5163", "7103192745", "531103/222"), ("736028/5164", "711319/2745", "837401412")),
        (check.hr_oib, ("33392005961", "69435151530"), ("33392005962",)),
        (check.gr_afm, ("094259216", "023456780"), ("094259217", "000000000")),
        (check.hu_insured, ("123456788",), ("123456789", "000000000")),
        (check.hu_taxed, ("8071592153",), ("8071592154", "7071592153")),
        (check.jmbg, ("0101006500006", "2409939738404"), ("0101006500007", "3301006500006", "0101500500006")),
        (check.is_kennitala, ("120174-3399", "1201743399"), ("120174-3389", "121374-3399")),
        (check.cz_sk_account, ("107-4829150201/0100", "34278-0727558021/0100"), ("107-4829150202/0100", "19-0/0100")),
        (check.hu_account, ("11773016-49062710-00000005", "11773016-11111018"), ("11773016-49062710-00000006",)),
        (check.icao, ("L898902C36", "D231458907"), ("L898902C37",)),
        (check.de_document, ("L01X00T471", "C01X0006H", "T220001293"), ("L01X00T472", "CHFGJKLMN", "123456789")),
        (check.pl_card, ("ABA300000", "ABS123456"), ("ABA300001",)),
    ],
)
def test_check_digits_are_those_of_published_numbers(
    test: Callable[[str], bool], right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    assert [number for number in right if not test(number)] == []
    assert [number for number in wrong if test(number)] == []


@pytest.mark.parametrize(
    ("label", "text", "value"),
    [
        ("RO_CNP", "Subsemnatul Ionescu, CNP 1870514400214, declar", "1870514400214"),
        ("BG_EGN", "ЕГН: 8507144189", "8507144189"),
        ("BALTIC_PERSONAL_CODE", "asmens kodas 38807144187", "38807144187"),
        ("LV_PERSONAL_CODE", "Personas kods: 161175-19997", "161175-19997"),
        ("UA_RNOKPP", "РНОКПП (ідентифікаційний код): 3148207911", "3148207911"),
        ("RU_INN", "мой ИНН 500100732259", "500100732259"),
        ("RU_SNILS", "112-233-445 95", "112-233-445 95"),
        ("IL_ID", "ת.ז. 204817399", "204817399"),
        ("HK_ID", "身份證號碼 P372726(6)", "P372726(6)"),
        ("ID_NIK", "NIK saya 3174054807910003", "3174054807910003"),
        ("VN_CCCD", "Số CCCD: 079191004827", "079191004827"),
        ("MY_NRIC", "nombor kad pengenalan: 850714-14-4182", "850714-14-4182"),
        ("CZ_SK_BIRTH_NUMBER", "r.č. 736028/5163", "736028/5163"),
        ("HR_OIB", "OIB: 33392005961", "33392005961"),
        ("GR_AFM", "Α.Φ.Μ. 094259216", "094259216"),
        ("HU_TAJ", "TAJ-szám: 123 456 788", "123 456 788"),
        ("HU_TAX_ID", "adóazonosító jele 8071592153", "8071592153"),
        ("JMBG", "ЈМБГ 0101006500006", "0101006500006"),
        ("IS_KENNITALA", "kennitala: 120174-3399", "120174-3399"),
        ("CZ_SK_BANK_ACCOUNT", "prosím na 107-4829150201/0100, díky", "107-4829150201/0100"),
        ("HU_BANK_ACCOUNT", "11773016-49062710-00000005", "11773016-49062710-00000005"),
        ("US_BANK_NUMBER", "BSB 062-000 Account 1293 0264", "1293 0264"),
        ("US_BANK_NUMBER", "⑆121000358⑆ 005768580356⑈ 1042", "005768580356"),
        ("US_PASSPORT", "Reisepass C01X0006H", "C01X0006H"),
        ("US_PASSPORT", "護照號碼:310482917", "310482917"),
        ("US_PASSPORT", "Мой паспорт 4509 123456", "4509 123456"),
        ("US_PASSPORT", "pasaporte PAB777370", "PAB777370"),
        ("US_PASSPORT", "मेरा पासपोर्ट नंबर Z7298142", "Z7298142"),
        ("US_PASSPORT", "P<UTOERIKSSON<<ANNA<MARIA<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10", "L898902C3"),
        ("US_PASSPORT", "I<UTOD231458907<<<<<<<<<<<<<<<", "D23145890"),
        ("US_DRIVER_LICENSE", "운전면허번호: 11-08-601825-26", "11-08-601825-26"),
        ("US_DRIVER_LICENSE", "Führerscheinnummer J43016KPM71", "J43016KPM71"),
        ("US_DRIVER_LICENSE", "patente di guida MI3394738K", "MI3394738K"),
        ("US_DRIVER_LICENSE", "rijbewijsnummer is 4186450066", "4186450066"),
        ("US_DRIVER_LICENSE", "NY DL 566 612 131", "566 612 131"),
        ("US_DRIVER_LICENSE", "फोन नंबर नहीं, ड्राइविंग लाइसेंस MH12 20110061227 है", "MH12 20110061227"),
        ("IBAN_CODE", "Le dicto: ES91, 2100, 0418, 45, 0200051332.", "ES91, 2100, 0418, 45, 0200051332"),
        ("ID_CARD", "PERSONALAUSWEIS Identity Card\nNummer  L01X00T471", "L01X00T471"),
        ("ID_CARD", "dowód osobisty ABA300000", "ABA300000"),
        ("ID_CARD", "carta d'identità CA12345AB", "CA12345AB"),
        ("MAC_ADDRESS", "? (10.0.0.0) at 0:1c:42:9:7f:b3 on en0", "0:1c:42:9:7f:b3"),
        ("PHONE_NUMBER", "> 6 1 7, 4 4 2, 8 0 1 9", "6 1 7, 4 4 2, 8 0 1 9"),
        ("PHONE_NUMBER", "TEL. 9 8 6 6 8 5 1 1 5", "9 8 6 6 8 5 1 1 5"),
        ("US_SSN", "Social security number  2 1 9 – 6 4 – 8 0 3 5", "2 1 9 – 6 4 – 8 0 3 5"),
    ],
)
def test_they_are_found_and_called_by_their_name(label: str, text: str, value: str) -> None:
    assert found(text) == [(label, value)]


@pytest.mark.parametrize(
    "text",
    [
        "lots 1870514400214, 38807144187, 3148207911 and 094259216",
        "backup/20251103/0800 and 251103-02-0001",
        "CNP 1870514400215, OIB 33392005962, СНИЛС 112-233-445 96",
        "passport.js 0.6.0, boarding pass no 12345",
        "L898902C37UTO7408122F1204159ZE184226B<<<<<10",
        "the words RSTVWXYZK and C01X0006H",
        "haemoglobin 11.1 g/dL, kit 8073743",
        "call 1, 2, 3, 4, 5, 6, 7, 8 and 1 2 3, 4 5 6, 7 8 9",
        "[[2 7 6], [9 5 1], [4 3 8]] 0 1 1 0 1 0 0 1",
        "took 0:01:02:3:4:5 at 1:2:3:4:5:6",
        "passport.use at 12ab34567, a1234567b and c123456de in node_modules/passport",
        "DNI 00000000T, Telefon 0123 456789, por ejemplo",
        "shipped 11773016-49062710-00000006",
    ],
)
def test_without_a_word_or_a_right_digit_they_are_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "session_id=550e8400-e29b-41d4-a716-446655440000 sid=shop-overview-page-2",
        "Login: SSO / OAuth2, login: 2024-01-01 / 2024-01-31",
        "net use Z: \\\\fs02\\finance /persistent:yes",
        "snmp_community: public",
        "GET /docs?token=your_token_goes_here_please",
    ],
)
def test_what_opens_nothing_is_no_secret(text: str) -> None:
    assert Secrets().find(text) == []


def test_a_session_and_what_a_link_opens_are_secrets() -> None:
    text = "Set-Cookie: PHPSESSID=4s0og06czkoxj1hah2z5c9dqfcfx3lee; _shop_session=2Ib8BaIjhiDCdPQHbeADn8NB; Path=/"
    assert [text[each.start : each.end] for each in Secrets().find(text)] == [
        "4s0og06czkoxj1hah2z5c9dqfcfx3lee",
        "2Ib8BaIjhiDCdPQHbeADn8NB",
    ]
    assert len(Secrets().find("https://x.example/r?id=7&reset_token=bhZzcZpnoz4ZkJqLfxz5oxf9TSmN")) == 1
