"""Numbers of states that are told apart by a check digit and a word near them: published ones, and wrong ones."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tidegate.guardrails.detectors.names.detector import NAMES
from tidegate.guardrails.detectors.pii import checksums_countries as check
from tidegate.guardrails.detectors.pii.detector import Pii
from tidegate.guardrails.detectors.pii.presidio import FURTHER
from tidegate.guardrails.detectors.pii.table import KINDS, STRUCTURED
from tidegate.guardrails.detectors.secrets.detector import NAMES as FORMATS
from tidegate.guardrails.rules.compile import load_ruleset

ALL = Pii(STRUCTURED)


def found(text: str) -> list[tuple[str, str]]:
    return [(each.label, text[each.start : each.end]) for each in ALL.find(text)]


@pytest.mark.parametrize(
    ("test", "right", "wrong"),
    [
        (check.nl_bsn, ("111222333", "1112.22.333", "123 456 782"), ("111222334", "000000000")),
        (check.be_nrn, ("85.07.30-033 28", "17 07 30 033 84", "00.00.01-003.64"), ("85073003329", "40015100128")),
        (check.ch_ahv, ("756.9217.0769.85", "7561234567897"), ("756.9217.0769.84", "757.9217.0769.88")),
        (check.at_svnr, ("1237 010180",), ("2237 010180", "0237 010180", "1237 320180", "1237 011680")),
        (check.dk_cpr, ("211062-5629", "010107-4234"), ("310262-5629", "610107-4234")),
        (check.no_fnr, ("15108695088", "13097248022", "29029600013"), ("15108695077", "15138695088")),
        (check.pt_nif, ("501964843", "123 456 789"), ("501964842", "401964843")),
        (check.ie_pps, ("1234567T", "1234567FA", "6433435F", "6433435FW", "6433435OA"), ("6433435E", "1234567FB")),
        (check.mx_curp, ("BOXW310820HNERXN09", "HEGG560427MVZRRL04"), ("BOXW310820HNERXN08", "BOXW311320HNERXN09")),
        (check.mx_rfc, ("GODE561231GR8", "MAB9307148T4", "GODE 561231 GR8"), ("GODE561231GR9", "XAXX010101000")),
        (check.ar_cuit, ("20-05536168-2", "30500010912", "20267565393"), ("20-05536168-3", "21-05536168-0")),
        (check.cl_rut, ("76086428-5", "12.531.909-2", "10.000.013-K"), ("12.531.909-3", "1111111-1")),
        (check.tw_identity, ("A123456789", "A800000014", "FA12345689"), ("A123456788", "A800000015")),
        (check.nz_ird, ("49-091-850", "136410132", "49098576"), ("136410133", "09125568")),
        (check.us_npi, ("1234567893", "1245319599"), ("1234567894",)),
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
        ("CA_SIN", "my sin is 046 454 286", "046 454 286"),
        ("US_SSN", "536221234 is my social", "536221234"),
        ("US_SSN", '{"social": "536221234"}', "536221234"),
        ("IN_AADHAAR", "UID 234567890124", "234567890124"),
        ("NL_BSN", "Mijn BSN-nummer is 123456782, bel me even", "123456782"),
        ("NL_BSN", "burgerservicenummer: 1112.22.333", "1112.22.333"),
        ("NL_BSN", "mijn bsn, 1 2 3 4 5 6 7 8 2, en", "1 2 3 4 5 6 7 8 2"),
        ("BE_NRN", "geboren te Gent, 85.07.30-033.28", "85.07.30-033.28"),
        ("BE_NRN", "numéro national 85073003328", "85073003328"),
        ("CH_AHV", "Frau Keller, 756.9217.0769.85, Bern", "756.9217.0769.85"),
        ("CH_AHV", "no AVS 7569217076985", "7569217076985"),
        ("AT_SVNR", "SVNR: 1237010180", "1237010180"),
        ("AT_SVNR", "Sozialversicherungsnummer 1237 010180", "1237 010180"),
        ("AT_SVNR", "VSNR 1237 01.01.80", "1237 01.01.80"),
        ("DK_CPR", "Mit cpr-nummer er 211062-5629.", "211062-5629"),
        ("NO_FNR", "fødselsnr: 15108695088", "15108695088"),
        ("NO_FNR", "Personnummer 151086 95088", "151086 95088"),
        ("NO_FNR", "fnr: 15 10 86 95088", "15 10 86 95088"),
        ("PT_NIF", "NIF: PT501964843", "PT501964843"),
        ("PT_NIF", "O meu NIF é 123456789, obrigada", "123456789"),
        ("IE_PPS", "my PPSN is 1234567FA", "1234567FA"),
        ("IE_PPS", "PPS No. 6433435 F", "6433435 F"),
        ("MX_CURP", "ella es BOXW310820HNERXN09.", "BOXW310820HNERXN09"),
        ("MX_RFC", "facturar a GODE561231GR8 por favor", "GODE561231GR8"),
        ("MX_RFC", "RFC: ABC-930714-8T5", "ABC-930714-8T5"),
        ("AR_CUIT", "a nombre de 20-05536168-2", "20-05536168-2"),
        ("AR_CUIT", "mi CUIL: 20055361682", "20055361682"),
        ("CL_RUT", "Rosa Pérez, 12.531.909-2, Ñuñoa", "12.531.909-2"),
        ("CL_RUT", "rut 12531909-2", "12531909-2"),
        ("AR_DNI", "DNI: 30.482.716 (Quilmes)", "30.482.716"),
        ("AR_DNI", "anotá mi dni 30482716, gracias", "30482716"),
        ("AR_DNI", "mi dni es el 30.482.716", "30.482.716"),
        ("AR_DNI", "el dni de Laura es 30482716", "30482716"),
        ("US_BANK_NUMBER", "CLABE 002010077777777771 a nombre de Laura", "002010077777777771"),
        ("US_BANK_NUMBER", "CBU 2850590940090418135201", "2850590940090418135201"),
        ("CL_RUT", "RUT: 12.531.909 - 2", "12.531.909 - 2"),
        ("TW_ID", "我的身分證字號是A123456789", "A123456789"),
        ("NZ_IRD", "IRD no 49-091-850", "49-091-850"),
        ("US_NPI", "Dr. Lee, NPI: 1234567893", "1234567893"),
        ("SE_GIRO", "Betala till bankgiro 5050-1055 senast fredag", "5050-1055"),
        ("SE_GIRO", "bankgiro 50501055", "50501055"),
        ("SE_GIRO", "PG: 28 65 43-4", "28 65 43-4"),
        ("IN_UPI", "gpay me at dana.w@okicici pls", "dana.w@okicici"),
        ("IN_UPI", "upi://pay?pa=dana.w@okhdfcbank&pn=Dana", "dana.w@okhdfcbank"),
        ("IN_UPI", "UPI ID 9820341765@kbank.", "9820341765@kbank"),
    ],
)
def test_they_are_found_and_called_by_their_name(label: str, text: str, value: str) -> None:
    assert found(text) == [(label, value)]


@pytest.mark.parametrize(
    "text",
    [
        "job 111222333 took 501964843 ns",
        "the run 12531909-3 of 85.07.30",
        "part 1234567T, lot 211062-5629",
        "ticket 15108695088 in A123456789.csv",
        "EAN 7612345678900",
        "RFC 2119, rfc7230.txt, RFC XAXX010101000",
        "see pages 5050-1055, pg 12",
        "root@ybl:~# scp dana@backup:/x .",
        "npm i @upi/core, thanks @paytm and hello@paytm.example",
        "20221206-1408 and backup 251103-0039",
        "Entrega sin costo, código 046454286",
        "Razón social: Lagos SRL, legajo 536221234",
        "social media campaign 536221234 reached",
        "last login uid 234567890124 from web",
        "Uw klantnummer is 482173051, vermeld dit bij contact",
        "Kundennummer 482173051, telefonisch melden",
        "w ciągu 14 dni od 30482716",
        "bsn 123456783, PPS 1234567A, IRD 49-091-851",
    ],
)
def test_without_a_word_or_a_right_digit_they_are_none(text: str) -> None:
    assert [label for label, _ in found(text) if label != "EMAIL_ADDRESS"] == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("o cep do cliente é 04538-133, rua x", []),
        ("meu cep, moro em SP, 04538133", []),
        ("CEP 04538-133 e 01310-100, tel 11 97204-5518", ["11 97204-5518"]),
        ("cep: 05324471820, cep no: 0532 447 18 20", ["05324471820", "0532 447 18 20"]),
    ],
)
def test_cep_is_a_post_code_in_brazil_and_a_mobile_telephone_in_turkey(text: str, values: list[str]) -> None:
    assert found(text) == [("PHONE_NUMBER", value) for value in values]


@pytest.mark.parametrize("hyphen", ["－", "−", "ー", "‐"])
def test_what_japanese_keyboards_have_for_a_hyphen_is_one_between_digits(hyphen: str) -> None:
    number = hyphen.join(("０９０", "3318", "４４２７"))
    assert found(f"電話：{number}、マイナンバーはまだ") == [("PHONE_NUMBER", number)]
    assert found(f"マイナンバー 1594{hyphen}7403{hyphen}2689") != []


def test_the_docs_list_each_type_and_say_which_need_a_word() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    listed = dict(
        re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`(\*?)", docs.split("### Types of personal data")[1].split("\n#")[0])
    )
    assert {name: mark for name, mark in listed.items() if name not in (*NAMES, *FURTHER)} == {
        each.label: "*" * each.weak for each in KINDS
    }
    assert set(NAMES) < set(listed)


def test_the_docs_say_how_many_formats_of_secrets_there_are() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    assert f"credentials in {len(FORMATS)} formats" in docs


def test_the_pack_of_personal_data_masks_each_type() -> None:
    named = {label for rule in load_ruleset(["pack:pii"]).rules for label in rule.detector.labels}
    assert named == set(STRUCTURED)


def test_no_type_has_two_detectors() -> None:
    assert not set(FURTHER) & {each.label for each in KINDS}
