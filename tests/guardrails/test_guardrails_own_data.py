"""Personal data and secrets in templates of our own: what must be found, and what must not be."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tidegate.guardrails.detectors.pii.detector import Pii
from tidegate.guardrails.detectors.pii.table import STRUCTURED
from tidegate.guardrails.detectors.secrets.detector import Secrets
from tidegate.guardrails.detectors.secrets.table import FORMATS
from tidegate.guardrails.rules.compile import load_ruleset
from tidegate.guardrails.scan import scan

HANDS = ("za", "zb", "zc", "zd", "ze")
DATA = Path(__file__).parent / "data"


def rows(name: str) -> Iterator[dict[str, Any]]:
    with (DATA / name).open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


@pytest.mark.parametrize(
    "name",
    ["pii_own.jsonl", *(f"pii_own_{hand}.jsonl" for hand in (*"bcdefghijklmnopqrstuvwxyz", *HANDS))],
)
def test_nine_of_ten_values_are_found_and_three_of_a_hundred_look_alikes_at_most(name: str) -> None:
    pii, secrets = Pii(STRUCTURED), Secrets()
    found = values = alarms = clean = 0
    for row in rows(name):
        finds = [*pii.find(row["text"]), *secrets.find(row["text"])]
        values += len(row["spans"])
        found += sum(any(f.start < s["end"] and s["start"] < f.end for f in finds) for s in row["spans"])
        if not row["spans"]:
            clean, alarms = clean + 1, alarms + bool(finds)
    assert values and found >= 0.9 * values
    assert clean and alarms <= 3 * clean / 94


def test_a_word_that_names_another_kind_of_number_outweighs_its_shape() -> None:
    pii = Pii(["US_SSN", "PHONE_NUMBER", "IP_ADDRESS"])
    for text in (
        "Room 305-12-4471",
        "invoice no. 212-555-0100",
        "version 10.4.2.1",
        "<AssemblyVersion>5.12.40.1<",
        "what version are u on\nJo: 10.4.22.1",
        "the latest is 10.9.0.3",
        "fw: 2.0.11.4",
        "cost centre 305-12-4471",
        "mask 255.255.255.252",
        "queued id=9918273",
        "CEP: 04538-133",
        "nginx/1.25.3.1",
        "foo==1.2.3.4",
    ):
        assert pii.find(text) == [], text
    for text in ("my ssn: 305-12-4471", "call 212-555-0100", "host 10.4.2.1", "http://10.4.2.1/x"):
        assert len(pii.find(text)) == 1, text


def test_of_two_kinds_the_one_whose_word_stands_nearer_counts() -> None:
    found = Pii(["US_SSN", "ABA_ROUTING_NUMBER"]).find("SSN 159-79-4846, routing number 021402519")
    assert [finding.label for finding in found] == ["US_SSN", "ABA_ROUTING_NUMBER"]


def test_groups_are_kept_together_by_spaces_of_documents_too() -> None:
    pii = Pii(["PHONE_NUMBER", "IBAN_CODE"])
    for text in ("tél. 06\u00a072\u202f41\u00a088\u202f05", "DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000"):
        assert len(pii.find(text)) == 1, text


def test_what_goes_on_before_it_or_has_another_form_is_no_telephone_number() -> None:
    pii = Pii(["PHONE_NUMBER"])
    for text in (
        "1Z 4A7 20V 03 9918 4427",
        "6200 3388 1177 0412 9930 0041",
        "0x0032 061 061 000 Old_age",
        "04 17 22 38 41 57",
        "my phone shows 52.5163 13.3777",
        "O-ring, Relay 55.34.9.024.0040",
    ):
        assert pii.find(text) == [], text
    for text in ("06.72.41.88.05", "unter 0221 / 48 73 916", "मोबाइल 98117 40562"):
        assert len(pii.find(text)) == 1, text


def test_numbers_touch_letters_of_scripts_without_spaces() -> None:
    pii = Pii(["PHONE_NUMBER", "JP_MY_NUMBER"])
    for text in ("手机号13812345678，晚上打", "電話は090-1234-5678です", "個人番号は159474032689です"):
        assert len(pii.find(text)) == 1, text


def test_what_stands_for_a_password_is_none() -> None:
    secrets = Secrets()
    for text in (
        "password = os.environ['DB_PASS1']",
        "password: ${DB_PASS1}",
        "password = config.db2.password",
        "password: (leave blank)",
        "what is a good password manager?",
        "bypass: route66a",
        "Password: /run/secrets/db1",
    ):
        assert secrets.find(text) == [], text


def test_the_pack_of_secrets_finds_what_their_detector_finds() -> None:
    ruleset, secrets = load_ruleset(["pack:secrets"]), Secrets()
    missed = 0
    for name in (f"pii_own_{hand}.jsonl" for hand in "cdefghijk"):
        for text in (row["text"] for row in rows(name)):
            held = scan(ruleset, text).findings
            missed += sum(not any(h.start < f.end and f.start < h.end for h in held) for f in secrets.find(text))
    assert missed == 0


def test_the_pack_of_secrets_has_a_test_of_each_format_of_their_detector() -> None:
    texts = [test.text for rule in load_ruleset(["pack:secrets"]).rules for test in rule.tests if test.expect != "pass"]
    assert [each.name for each in FORMATS if not any(Secrets([each]).find(text) for text in texts)] == []


def test_a_label_names_what_follows_it_and_a_word_only_the_number_that_it_stands_by() -> None:
    pii = Pii(["PHONE_NUMBER", "UK_NHS", "IP_ADDRESS", "IN_AADHAAR", "CREDIT_CARD"])
    for text in (
        "Enrolment: 49127883\nPhone: see below",
        "Mobile: 098220 45518, Consumer code: 6600-118-0047",
        "Meeting ID 874 2210 3391, call at five",
        "Avis-Nr. 0080 4417 22",
        "Sendung RR 047 718 822 DE",
        "clause 3.2.1.4 of it",
        "d[0::2]",
        "9400 1190 5984 3981 9583",
    ):
        assert not [f for f in pii.find(text) if text[f.start : f.end] != "098220 45518"], text
    for text in (
        "call 49127883",
        "49127883 (phone)",
        "Handy-Nr. 0171 4455667",
        "ping 3.2.1.4",
        "3.2.1.4:443",
        "dns 9.9.9.9",
        "4111 1111 1111 1111 12/27",
        "Lee,(0421) 33 08 71,0160 / 4471 209",
    ):
        assert pii.find(text), text


def test_a_token_that_nobody_can_read_turns_nothing_off() -> None:
    head = base64.urlsafe_b64encode(b'{"alg":' + b"[" * 100_000 + b"]" * 100_000 + b"}").decode().rstrip("=")
    text = f"sk-proj-Ab3dEfGh1jKlMn0pQrStUvWx and {head}.{head[:40]}.abcdefghijklmnop"
    assert [f.label for f in Secrets().find(text)][:1] == ["OPENAI_KEY"]


def found_in(pii: Pii, text: str) -> list[str]:
    return [text[each.start : each.end] for each in pii.find(text)]


def test_digits_of_every_script_are_digits() -> None:
    pii = Pii(["PHONE_NUMBER", "IN_AADHAAR", "US_SSN"])
    for text, value in (
        ("كلمني على ٠١٠٠٤٤٧١٨٢٩ بعد العصر", "٠١٠٠٤٤٧١٨٢٩"),
        ("موبایل ۰۹۱۲۴۴۷۱۸۲۹", "۰۹۱۲۴۴۷۱۸۲۹"),
        ("मेरा आधार नंबर ३८४१ ७७२० ९१५३ है", "३८४१ ७७२० ९१५३"),
        ("SSN ５３６-２２-１２３４", "５３６-２２-１２３４"),
        ("\ud800 \U00020000 tel ٠١٠٠٤٤٧١٨٢٩", "٠١٠٠٤٤٧١٨٢٩"),
    ):
        assert found_in(pii, text) == [value], text
    assert pii.find("رقم الطلب ٤٤٧١٨٢٠٩٣ بتاريخ ٠٣/١١/٢٠٢٥") == []


def test_values_are_found_as_urls_and_pages_write_them() -> None:
    pii = Pii(["EMAIL_ADDRESS", "PHONE_NUMBER"])
    for text, value in (
        ("GET /u?e=joe.bloggs%40x-y.example&l=4", "joe.bloggs%40x-y.example"),
        ("mailto%3Ajoe%40x.example%3Fsubject", "joe%40x.example"),
        ("joe&#64;x.example", "joe&#64;x.example"),
        ("é \U00020000 “joe&#x40;x.example”", "joe&#x40;x.example"),
        ("https://wa.me/5511972045518?text=oi", "5511972045518"),
        ("/sms?to=%2B4915112345678&x=1", "4915112345678"),
        ("INVITE sip:+4930123456@10.1.2.3", "+4930123456"),
    ):
        assert found_in(pii, text) == [value], text
    for text in ("@scope%2Fpkg%401.2.3", "logo%402x.png", "t.me/+AbCd1234567", "sip:1001@pbx"):
        assert pii.find(text) == [], text


def test_values_are_found_in_stripes_statements_and_frames() -> None:
    pii = Pii(STRUCTURED)
    for text, value in (
        ("raw=%B4111111111111111^DOE/J^2712", "4111111111111111"),
        (":86:020?00ENTGELT?31DE89370400440532013000?32X", "DE89370400440532013000"),
        ("MAC=96:00:02:44:71:82:d2:74:7f:6e:37:e3:08:00 X", "96:00:02:44:71:82:d2:74:7f:6e:37:e3:08:00"),
        ("8 (916) 448-20-17", "8 (916) 448-20-17"),
        ("mobiel 06 - 1844 7723", "06 - 1844 7723"),
        ("hp 9118 4472", "9118 4472"),
        ("{'driver_license': 'D4471820'}", "D4471820"),
        ("medicare='29417182011'", "29417182011"),
    ):
        assert found_in(pii, text) == [value], text
    for text in (
        "%B4111111111111112^DOE/J^2712",
        "a31DE89370400440532013000",
        "MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
        "broadcast ff:ff:ff:ff:ff:ff, ffff.ffff.ffff, wildcard 0.0.0.255",
        "image: registry/app:1.18.20.93",
        "rotate --id 0931-0448-2710",
        "Acct-Session-Id = 4471820931",
        "phone call, ref 2024-11873, chamado 20251103447182",
    ):
        assert pii.find(text) == [], text


def test_values_are_found_as_forms_and_signatures_write_them() -> None:
    pii = Pii(STRUCTURED)
    for text, value in (
        ("Ph: 9820341765", "9820341765"),
        ("Pat Doe | (M) 98203 41765", "98203 41765"),
        ("(85)997142063", "(85)997142063"),
        ("4111 1111 1111 1111 1227 123", "4111 1111 1111 1111"),
        ("IBAN DE 89 3704 0044 0532 0130 00", "DE 89 3704 0044 0532 0130 00"),
        ("cpf nº 318.472.905/23", "318.472.905/23"),
        ("dni: 48.217.903 J", "48.217.903 J"),
        ("pnr 199106234488", "199106234488"),
        ("TFN: 648-113-206", "648-113-206"),
        ('{"mac": "3c22fb9a017e"}', "3c22fb9a017e"),
        ("/var/mail/foo@bar.example_backup", "foo@bar.example"),
    ):
        assert found_in(pii, text) == [value], text
    for text in (
        "4111 1111 1111 1111 2712 1234",
        "pH 7.35, lactate 1.2",
        "on my mac, since commit 3c22fb9a017e",
        "IN 12 3704 0044 0532 0130 00",
        "〒150-0002",
    ):
        assert pii.find(text) == [], text
