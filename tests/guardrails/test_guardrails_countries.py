"""Numbers of more countries, their check digits, and where such numbers and telephone numbers stand."""

import pytest

from tidegate.guardrails.detectors.pii import checksums_countries as countries
from tidegate.guardrails.detectors.pii.detector import Pii
from tidegate.guardrails.detectors.pii.table import STRUCTURED

ALL = Pii(STRUCTURED)


def found(text: str) -> list[str]:
    return [text[each.start : each.end] for each in ALL.find(text)]


@pytest.mark.parametrize(
    ("label", "text", "value"),
    [
        ("TR_NATIONAL_ID", "tc kimlik no 95048476160 adım", "95048476160"),
        ("TR_NATIONAL_ID", "Müşteri TCKN: 18550376230", "18550376230"),
        ("TR_NATIONAL_ID", "Vatandaşlık no 18550376230, VATANDAŞLIK", "18550376230"),
        ("TH_TNIN", "บัตรประชาชน 1-9072-22683-72-1", "1-9072-22683-72-1"),
        ("TH_TNIN", "เลขประจำตัวประชาชน: 1907222683721", "1907222683721"),
        ("TH_TNIN", "ขอเลขบัตรหน่อย -> 1459901736280 ค่ะ", "1459901736280"),
        ("FR_NIR", "N° SS : 179032A00411733", "179032A00411733"),
        ("FR_NIR", "1 79 03 2A 004 117 33", "1 79 03 2A 004 117 33"),
        ("BR_CNPJ", "a 12.ABC.345/01DE-35 pagou", "12.ABC.345/01DE-35"),
        ("BR_CNPJ", "CNPJ: 12ABC34501DE35", "12ABC34501DE35"),
        ("IN_AADHAAR", "मेरा आधार नंबर 730164829050 है", "730164829050"),
        ("PHONE_NUMBER", "and the other. HP 9123 4508", "9123 4508"),
        ("ZA_ID_NUMBER", "my id number is 8506146987084", "8506146987084"),
        ("DE_SOCIAL_SECURITY", "SV-Nr. 12 140385 M 020, Krankenkasse", "12 140385 M 020"),
        ("DE_SOCIAL_SECURITY", "rvnr 65230579K590", "65230579K590"),
        ("IN_GSTIN", "in the name of 27GZAPM0866N1ZT.", "27GZAPM0866N1ZT"),
        ("US_MBI", "Medicare Beneficiary Identifier: 1EG4-TE5-MK73", "1EG4-TE5-MK73"),
        ("UK_DRIVING_LICENCE", "Driving licence: ABERN852144KL9XY", "ABERN852144KL9XY"),
        ("UK_DRIVING_LICENCE", "licence no. OLOWU 902157 A99KT, seen", "OLOWU 902157 A99KT"),
        ("ZA_ID_NUMBER", "ID number 880412 5447 083, please", "880412 5447 083"),
        ("IT_FISCAL_CODE", "C.F.: DSN GLC 79A14 H501 K", "DSN GLC 79A14 H501 K"),
        ("UK_NINO", "yeah it's J K 4 4 1 7 8 2 B", "J K 4 4 1 7 8 2 B"),
        ("US_SSN", "my social is 5 3 1 8 8 4 2 1 7 and", "5 3 1 8 8 4 2 1 7"),
        ("US_SSN", "S.S.N.  447 - 18 - 8203", "447 - 18 - 8203"),
        ("US_PASSPORT", "visa letter: passport number 544718820 (USA). Contact me", "544718820"),
        ("US_BANK_NUMBER", "銀行：みずほ銀行 渋谷支店 普通 2847719", "2847719"),
        ("US_BANK_NUMBER", "S/C 04-00-04  A/C 29317765", "29317765"),
        ("US_BANK_NUMBER", "transit 00447 inst 003 account 1188447", "1188447"),
        ("IBAN_CODE", "IBANDE89370400440532013000BIC:PBNKDEFF", "DE89370400440532013000"),
        ("MAC_ADDRESS", "MAC on the sticker says B0B98A5F13E2", "B0B98A5F13E2"),
        ("EMAIL_ADDRESS", "メールはyamamoto.k@docomo.ne.jpまで。", "yamamoto.k@docomo.ne.jp"),
        ("EMAIL_ADDRESS", "อีเมลsomchai@x.exampleค่ะ", "somchai@x.example"),
        ("EMAIL_ADDRESS", "邮箱：用户@例子.广告", "用户@例子.广告"),
        ("PHONE_NUMBER", "em số 0937.215.608 ạ", "0937.215.608"),
        ("PHONE_NUMBER", "stuck since 5 days. my no. 98450 17726", "98450 17726"),
    ],
)
def test_states_numbers_are_found_and_called_by_their_name(label: str, text: str, value: str) -> None:
    assert [(each.label, text[each.start : each.end]) for each in ALL.find(text)] == [(label, value)]


@pytest.mark.parametrize(
    "text",
    [
        "tc kimlik no 95048476161",
        "12.ABC.345/01DE-36",
        "order 12ABC34501DE35",
        "1 79 03 2B 004 117 33",
        "โทรทัศน์ 41223344",
        "job 95048476160 finished",
        "1-9072-22683-72-2 ok",
        "lot 8506146987084",
        "id number 1762164138447",
        "12 140385 M 021",
        "12 991385 M 020",
        "27GZAPM0866N1ZU",
        "part 1EG4-TE5-MK73",
        "driving licence ABERN892144KL9XY",
    ],
)
def test_a_wrong_check_digit_or_no_word_is_no_number_of_a_state(text: str) -> None:
    assert found(text) == []


def test_check_digits_are_those_of_published_examples() -> None:
    assert countries.tr_identity("10000000146") and not countries.tr_identity("10000000147")
    assert countries.za_identity("8001015009087") and not countries.za_identity("8013015009087")
    assert countries.de_insured("15 070649 C 103") and not countries.de_insured("15 070649 D 103")
    assert countries.in_taxed("27AAPFU0939F1ZV") and not countries.in_taxed("99AAPFU0939F1ZV")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("call (312-555-0148) now", "312-555-0148"),
        ("Dave (+49 171 5550284)", "+49 171 5550284"),
        ("Dave (07700 900318), back at 6", "07700 900318"),
        ("call me (01715550284)", "01715550284"),
        ("携帯(090-3388-7142)まで", "090-3388-7142"),
        ("(312) 555-0148", "(312) 555-0148"),
        ("微信同号15986610372", "15986610372"),
        ("TFNO: 944 02 71 35", "944 02 71 35"),
        ("GSM 0477 44 71 92", "0477 44 71 92"),
        ("to be contacted on 07700900942.", "07700900942"),
        ("mon num 0639981177", "0639981177"),
        ("vippse til 908 44 719?", "908 44 719"),
        ("GCash ko po is 0917 447 1203", "0917 447 1203"),
        ("client=::ffff:203.0.113.55 uid", "::ffff:203.0.113.55"),
        ("карта мир 2202 7710 3859 7595", "2202 7710 3859 7595"),
        ("Bank A/c No. : 50100384471926", "50100384471926"),
        ("Acct# 4471-920-338", "4471-920-338"),
        ("계좌는 국민 472802-04-118823", "472802-04-118823"),
        ("Passport No. K4471920", "K4471920"),
        ("my Florida DL is H244-719-82-203-0", "H244-719-82-203-0"),
    ],
)
def test_values_are_found_as_chats_and_tickets_have_them(text: str, value: str) -> None:
    assert found(text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "affects versions 10.4.52.1, 10.4.53.5 and 10.4.54.7",
        "version 10.4.52.1 to 10.4.53.5",
        "upgraded nginx from 10.4.52.1 to 10.4.53.5",
        "Firmware 3.14.159.26 mends what 3.14.158.2 and, on some days, 3.14.157.11 did",
        "버전 2.0.4.47 패치",
        "wersja 2.0.4.47",
        "allow 10.0.0.0/8, 172.16.0.0/12 and fe80::/10",
        "o pedido é o 4471902, me liga",
        "pp. 1204-1219, contact the office",
        "the office (2014-2019), contact 2019–2021",
        "OEM A 005 420 12 20",
        "po 4500118823, phone the yard",
    ],
)
def test_versions_in_lists_pages_years_and_blocks_are_no_personal_data(text: str) -> None:
    assert found(text) == []


def test_an_address_beside_a_version_is_one() -> None:
    assert found("nodes 10.4.52.1, 10.4.53.5") == ["10.4.52.1", "10.4.53.5"]
    assert found("allow 10.4.0.0/16, 203.0.113.0/24") == ["10.4.0.0", "203.0.113.0"]
    assert found(
        "Firmware 3.14.159.26 came out, and since then all that was slow answers at once. Its host 3.14.20.7"
    ) == ["3.14.20.7"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Tel: 0171 5550284 / 0171 5550285", ["0171 5550284", "0171 5550285"]),
        ("tel 010-4471-9926/010-4471-9927", ["010-4471-9926", "010-4471-9927"]),
        ("mob 9833045127/9833045128", ["9833045127", "9833045128"]),
        ("06 39 98 41 27 / 06 39 98 41 28", ["06 39 98 41 27", "06 39 98 41 28"]),
        ("tel: 0532 447 19 08 - 0541 330 27 14", ["0532 447 19 08", "0541 330 27 14"]),
        ("(+44) 20 7946 0018", ["(+44) 20 7946 0018"]),
        ("(+86)13917724468", ["(+86)13917724468"]),
        ("[Joe](+13125550148)", ["+13125550148"]),
        ("0171 5550284 / 0171 5550285 / 0171 5550286", ["0171 5550284", "0171 5550285", "0171 5550286"]),
        ("mob 9833045127/9833045128/9833045129 / 12", ["9833045127", "9833045128", "9833045129"]),
        ("Tel.0171 5550284", ["0171 5550284"]),
        ("Tel.(0171) 5550284", ["(0171) 5550284"]),
        ("Tel.:+49(0)171-5550284", ["+49(0)171-5550284"]),
        ("Mob-9833045127", ["9833045127"]),
        ("Cell#312-555-0148", ["312-555-0148"]),
        ("see j.cell.2025.04.471", []),
        ("runs 1762164138 / 1762164139", []),
    ],
)
def test_telephone_numbers_in_pairs_in_brackets_and_behind_a_label(text: str, values: list[str]) -> None:
    assert found(text) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"phoneNumber":"3125550148"}', ["3125550148"]),
        ("mobileNumber: 9833045127", ["9833045127"]),
        ("ssnNumber=803939539", ["803939539"]),
        ("socialSecurityNumber: 803939539", ["803939539"]),
        ('{"bankAccountNumber":"8834019277"}', ["8834019277"]),
        ("account_number=8834019277", ["8834019277"]),
        ("nhsNumber=4006786395", ["4006786395"]),
        ("driverLicenseNumber: D4471920", ["D4471920"]),
        ("taxFileNumber: 223612537", ["223612537"]),
        ('{"macAddress":"0816633f5428"}', ["0816633f5428"]),
        ('{"id":4471920,"mobile":9833045127}', ["9833045127"]),
        ('{"cell":447,"userId":40018823,"phone":"x"}', []),
        ("cellId: 4471920, callCount: 1188204, contactId: 10044719", []),
        ("orderNumber: 5552671234", []),
    ],
)
def test_names_of_fields_say_what_their_values_are(text: str, values: list[str]) -> None:
    assert found(text) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("acct stmt 01-10-2025", []),
        ("Acct open 12 05 2025", []),
        ("Konto-Nr. 8400-8499, acct rev 2024-2025", []),
        ("Account number 1010 1020 1030", []),
        ("GL account no 400100-20-1100", []),
        ("acct 4471-9203, acct 4471-920-338", ["4471-9203", "4471-920-338"]),
        ("the bank's account no 400100-20-1100", ["400100-20-1100"]),
        ("GSM 850/900/1800/1900 MHz, GSM 900 / 1800", []),
        ("const cell = row.getCell(1234567)", []),
        ("SELECT phone FROM t WHERE id IN (1234567, 7654321)", []),
        ("call new Date(1730620800)", []),
        ("phone(3125550148), cell (3125550148)", ["3125550148", "3125550148"]),
        ("url(/img/phone-1586198.jpg), ![](fax-1234567.png)", []),
        ("Fax-1234567. Next", ["1234567"]),
        ("AWB sample: 020-39197373 / 057-75355486 / 074-36462392", []),
        ("page 415-555-0132; conf: +1 415 555 0132", ["415-555-0132", "+1 415 555 0132"]),
        ("pages 1204-1219, conf# 88417220, phone on file", []),
    ],
)
def test_numbers_of_a_working_day_are_no_accounts_and_no_telephones(text: str, values: list[str]) -> None:
    assert found(text) == values


def test_a_label_of_a_script_whose_vowels_are_marks_ends_what_the_label_before_it_says() -> None:
    text = "मोबाइल: 7017 448 223\nबैंक खाता संख्या: 31884420917"
    assert [each.label for each in ALL.find(text)] == ["PHONE_NUMBER", "US_BANK_NUMBER"]
