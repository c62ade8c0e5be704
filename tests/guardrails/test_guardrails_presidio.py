"""Presidio's recognisers behind `pii`: each of its further types at the usual score, and `engine: presidio`."""

import sys
from pathlib import Path

import pytest

from tidegate.engine.errors import ConfigError
from tidegate.guardrails.detectors.pii.detector import Pii
from tidegate.guardrails.detectors.pii.presidio import FURTHER, recognisers
from tidegate.guardrails.rules.compile import load_ruleset
from tidegate.guardrails.rules.ruleset import Ruleset
from tidegate.guardrails.scan import scan

# A type, a text with a value that must be found at the usual score, the value, and a text that must not be a find.
ROWS = [
    ("CA_POSTAL_CODE", "postal code: K1A 0B6", "K1A 0B6", "see K1A 0B6 today"),
    ("DE_BSNR", "betriebsstättennummer: 526018159", "526018159", "see 526018159 today"),
    ("DE_FUEHRERSCHEIN", "führerscheinnummer: BO12345678X", "BO12345678X", "see BO12345678X today"),
    ("DE_HANDELSREGISTER", "handelsregister: HRB 12345", "HRB 12345", "handelsregister: HRBX12345"),
    (
        "DE_HEALTH_INSURANCE",
        "krankenversicherungsnummer: D819093786",
        "D819093786",
        "krankenversicherungsnummer: D819093789",
    ),
    ("DE_ID_CARD", "personalausweis: L12233079", "L12233079", "personalausweis: L12233078"),
    ("DE_KFZ", "kennzeichen: B-AB 1234", "B-AB 1234", "see B-AB 1234 today"),
    ("DE_LANR", "arztnummer: 244026859", "244026859", "arztnummer: 244026959"),
    ("DE_PASSPORT", "reisepass: C90139624", "C90139624", "reisepass: C90139629"),
    ("DE_PLZ", "plz: 10115", "10115", "see 10115 today"),
    ("DE_TAX_NUMBER", "steuernummer: 595/711/77774", "595/711/77774", "see 595/711/77774 today"),
    (
        "DE_VAT_ID",
        "umsatzsteuer-identifikationsnummer: DE121547280",
        "DE121547280",
        "umsatzsteuer-identifikationsnummer: DX121547280",
    ),
    ("ES_PASSPORT", "pasaporte: AAB123456", "AAB123456", "see AAB123456 today"),
    ("IN_PASSPORT", "passport: A2096457", "A2096457", "see A2096457 today"),
    ("IN_VEHICLE_REGISTRATION", "RTO: MH12AB3852", "MH12AB3852", "RTO: MH12A 3852"),
    ("IN_VOTER", "voter: KSD1287349", "KSD1287349", "see KSD1287349 today"),
    ("IT_DRIVER_LICENSE", "patente: AA0123456B", "AA0123456B", "see AA0123456B today"),
    ("IT_IDENTITY_CARD", "carta: CA12345AA", "CA12345AA", "see CA12345AA today"),
    ("IT_PASSPORT", "passaporto: AA1234567", "AA1234567", "see AA1234567 today"),
    ("IT_VAT_CODE", "piva: 88853933633", "88853933633", "piva: 88853933639"),
    ("KR_BRN", "사업자등록번호: 975-28-82001", "975-28-82001", "사업자등록번호: 975-28-82009"),
    ("KR_DRIVER_LICENSE", "운전면허: 11-82-633043-48", "11-82-633043-48", "운전면허: 11-82-633043X48"),
    ("KR_FRN", "외국인등록번호: 900101-5395486", "900101-5395486", "외국인등록번호: 900101-9395486"),
    ("KR_PASSPORT", "Korean passport: M123A4567", "M123A4567", "see M123A4567 today"),
    ("NG_NIN", "nin: 75989834788", "75989834788", "nin: 75989834789"),
    ("NG_VEHICLE_REGISTRATION", "plate number: ABC-123DE", "ABC-123DE", "plate number: ABC-123D "),
    ("PH_PASSPORT", "passport: P1234567A", "P1234567A", "see P1234567A today"),
    ("PH_TIN", "tin: 214-583-909", "214-583-909", "tin: 214-583-908"),
    ("PH_UMID", "umid: 0111-1234567-8", "0111-1234567-8", "umid: 0111-1234567X8"),
    ("SE_ORGANISATIONSNUMMER", "organisationsnummer: 556113-1144", "556113-1144", "organisationsnummer: 556113-1149"),
    ("SG_UEN", "uen: T12LL6122C", "T12LL6122C", "uen: T12LL6122X"),
    ("TR_LICENSE_PLATE", "plaka: 34 ABC 387", "34 ABC 387", "plaka: 34 ABCX387"),
    ("UK_PASSPORT", "passport: AB1234567", "AB1234567", "see AB1234567 today"),
    ("UK_POSTCODE", "postcode: SW1A 1AA", "SW1A 1AA", "see SW1A 1AA today"),
    ("UK_VEHICLE_REGISTRATION", "vehicle: AB51 YKV", "AB51 YKV", "vehicle: AB51 YKQ"),
    ("US_CLAIM_NUMBER", "claim: CLM-123456789", "CLM-123456789", "see CLM-123456789 today"),
    ("US_HEALTH_INSURANCE_MEMBER_ID", "member: XYZ123456789", "XYZ123456789", "see XYZ123456789 today"),
    ("US_PRESCRIPTION_NUMBER", "prescription: RX-1234567", "RX-1234567", "see RX-1234567 today"),
    ("US_PRIOR_AUTHORIZATION_NUMBER", "authorization: PA-1234567", "PA-1234567", "see PA-1234567 today"),
    ("US_PROVIDER_TAX_ID", "tax: 12-3456789", "12-3456789", "see 12-3456789 today"),
    ("US_REFERRAL_NUMBER", "referral: REF-1234567", "REF-1234567", "see REF-1234567 today"),
    (
        "UUID",
        "uuid: 123e4567-e89b-42d3-a456-426614174000",
        "123e4567-e89b-42d3-a456-426614174000",
        "uuid: 123e4567-e89b-42d3-a456X426614174000",
    ),
    ("ZA_COMPANY_REGISTRATION", "cipc: 2015/576283/07", "2015/576283/07", "cipc: 2015/576283X07"),
    ("ZA_DRIVER_LICENSE", "licence: 31258153PLZ", "31258153PLZ", "licence: 31258153P Z"),
    ("ZA_INCOME_TAX_NUMBER", "sars: 1306668364", "1306668364", "sars: 8306668364"),
    ("ZA_LICENSE_PLATE", "licence plate: BC 12 DF GP", "BC 12 DF GP", "licence plate: BC 12 DF GX"),
    ("ZA_PASSPORT", "passport: A50749528", "A50749528", "passport: X50749528"),
    (
        "ZA_TRAFFIC_REGISTER_NUMBER",
        "traffic register: 8314366764020",
        "8314366764020",
        "traffic register: 831436676402",
    ),
    ("ZA_VAT_NUMBER", "vat: 4679701687", "4679701687", "vat: 9679701687"),
]


@pytest.mark.parametrize(("label", "text", "value", "other"), ROWS)
def test_each_further_type_is_found_at_the_usual_score(label: str, text: str, value: str, other: str) -> None:
    pii = Pii([label])
    assert [(each.label, text[each.start : each.end]) for each in pii.find(text)] == [(label, value)]
    assert pii.find(other) == []


def test_every_further_type_stands_in_the_table_above() -> None:
    assert {row[0] for row in ROWS} == set(FURTHER)


def rules(folder: Path, pii: str) -> Ruleset:
    (folder / "p.yaml").write_text(f"version: 1\nrules:\n  - id: x\n    detect: {{pii: {pii}}}\n    action: redact\n")
    ruleset = load_ruleset([str(folder / "p.yaml")])
    ruleset.start()
    return ruleset


def test_presidios_recognisers_find_types_that_our_table_has_too(tmp_path: Path) -> None:
    ruleset = rules(tmp_path, "{types: [CREDIT_CARD, PHONE_NUMBER, ZA_MOBILE_NUMBER], engine: presidio}")
    assert ruleset.rules[0].detector.slow
    seen = scan(ruleset, "card 4111 1111 1111 1111, call 415-555-2671 now")
    assert seen.text == "card [CREDIT_CARD], call [PHONE_NUMBER] now"
    assert [each.score for each in seen.findings] == [1.0, 0.75], "its scores, not ours"
    assert scan(ruleset, "card 4111 1111 1111 1112").findings == []


def test_long_values_are_held_back_whole() -> None:
    pii = Pii(["EMAIL_ADDRESS"], engine="presidio")
    assert pii.open_from("x" * 400) <= 400 - 330
    assert pii.hold == 390


@pytest.mark.parametrize(
    ("pii", "told"),
    [
        ("{types: [CREDIT_CARD, PHONE_NUMBR], engine: presidio}", r'p.yaml:4.*PHONE_NUMBR.*mean "PHONE_NUMBER"'),
        ("{types: [PERSON], engine: presidio}", "no pattern for PERSON"),
        ("{engine: presidio}", "name each"),
        ("{types: all, engine: presidio}", "name each"),
        ("{types: [US_SSN], engine: spacy}", "'own' or 'presidio'"),
        ("{types: [UK_POSTCODE], min_score: 0.6}", r"p.yaml:4.*no UK_POSTCODE scores more than 0.5"),
        ("{types: PHONE_NUMBER, engine: presidio, min_score: 0.9}", "no PHONE_NUMBER scores more than 0.75"),
        ("{types: [UK_NINO, JP_MY_NUMBER], min_score: 0.97}", "no JP_MY_NUMBER scores more than 0.95"),
        ("{types: all, min_score: 0.9}", "no PERSON scores more than 0.85"),
    ],
)
def test_a_setting_by_which_nothing_would_be_found_is_an_error_at_start(tmp_path: Path, pii: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        rules(tmp_path, pii)


def test_without_presidio_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recognisers.cache_clear()
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    monkeypatch.setitem(sys.modules, "presidio_analyzer.predefined_recognizers", None)
    try:
        with pytest.raises(ConfigError, match="pip install presidio-analyzer"):
            rules(tmp_path, "{types: [US_SSN], engine: presidio}")
    finally:
        recognisers.cache_clear()


def test_countries_choose_their_types_and_those_of_none(tmp_path: Path) -> None:
    text = "cpf 529.982.247-25, ssn 123-45-6789, a@b.com, nino AB123456C, JMBG 0101006500006"
    assert scan(rules(tmp_path, "{countries: [BR]}"), text).text == text.replace("529.982.247-25", "[BR_CPF]").replace(
        "a@b.com", "[EMAIL_ADDRESS]"
    )
    british = {each.label for each in scan(rules(tmp_path, "{types: structured, countries: [GB, EU]}"), text).findings}
    assert british == {"UK_NINO", "EMAIL_ADDRESS", "JMBG"}, "Croatia and Slovenia are in the EU"
    assert {"IP_ADDRESS", "ID_CARD"} < set(rules(tmp_path, "{countries: [DE]}").rules[0].detector.labels)


def test_passports_licences_and_accounts_are_found_for_every_country(tmp_path: Path) -> None:
    text = "Passport No. K4471920, Bank A/c No. : 50100384471926, Führerschein-Nr. B072RRE2I55"
    labels = {each.label for each in scan(rules(tmp_path, "{countries: [IN, DE]}"), text).findings}
    assert {"US_PASSPORT", "US_BANK_NUMBER", "US_DRIVER_LICENSE"} <= labels


@pytest.mark.parametrize(
    ("pii", "told"),
    [
        ("{types: structured, countries: [BRA]}", r'p.yaml:4.*"BRA".*mean "BR"'),
        ("{types: structured, countries: [ZZ]}", r'"ZZ".*known are AR, AT'),
        ("{types: [US_SSN], countries: [US]}", "a list names its types"),
        ("{types: structured, countries: []}", "at least 1"),
    ],
)
def test_countries_that_do_nothing_are_errors(tmp_path: Path, pii: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        rules(tmp_path, pii)
