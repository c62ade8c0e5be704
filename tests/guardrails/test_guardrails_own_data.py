"""Personal data and secrets in templates of our own: what must be found, and what must not be."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tidegate.guardrails.detectors.pii import Pii
from tidegate.guardrails.detectors.pii_table import STRUCTURED
from tidegate.guardrails.detectors.secrets import Secrets
from tidegate.guardrails.detectors.secrets_table import FORMATS
from tidegate.guardrails.rules.compile import load_ruleset
from tidegate.guardrails.scan import scan

DATA = Path(__file__).parent / "data"


def rows(name: str) -> Iterator[dict[str, Any]]:
    with (DATA / name).open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


@pytest.mark.parametrize("name", ["pii_own.jsonl", *(f"pii_own_{hand}.jsonl" for hand in "bcdefghijkl")])
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
