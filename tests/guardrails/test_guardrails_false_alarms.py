"""What programs, logs and changelogs are full of, and is no personal data and no secret; and what stands near to it."""

import pytest

from tidegate.guardrails.detectors.code import NAMES, Code
from tidegate.guardrails.detectors.pii.detector import Pii
from tidegate.guardrails.detectors.pii.table import STRUCTURED
from tidegate.guardrails.detectors.secrets.detector import Secrets

PII, SECRETS, CODE = Pii(STRUCTURED), Secrets(), Code(NAMES, 3, "CODE")


def found(text: str) -> list[str]:
    return [text[each.start : each.end] for each in (*PII.find(text), *SECRETS.find(text))]


@pytest.mark.parametrize(
    "text",
    [
        # Slices, headings, masks and object identifiers.
        "x[::3], out[:, 0::2] = y[1::2], path[-2::-1]",
        "    Example 1::\n\n      import mymodule",
        "netmask ffff:ffff:ffff:ffff::",
        "id_at_pseudonym = ObjectIdentifier('2.5.4.65')",
        # Versions and sections.
        "CUDA 12.6, cuDNN 9.3.0.75 and NCCL 2.22.3-1",
        "firmware 10.2.13.1 was rolled back to 10.2.9.5 on all access points",
        "language_server-protocol (~> 3.17.0.2)",
        "gradle: com.acme.crm:core:4.8.21.73",
        "as told in § 3.1.3.41",
        "openid-connect (sections `3.1.3.6`_, `3.2.2.10`_, `3.3.2.11`_)",
        "d='0 0111 18c0 1.52-.87 2.83-2.12 3.51.98.32 2.03.5 3.11.5'",
        # Dates, zones, postal codes, clauses, lists.
        "a call pattern\n\n## 12.0.0 - 2025-04-01",
        "|0 2020-01-01              1|",
        "created on Wed Oct 31 16:05:13 +0000 2007 by logger",
        "Fifth Floor, Boston, MA\n# 02110-1301  USA",
        "DFARS 252.227-7013 (c) (1)",
        "Phys. Rev. E 77, 036111 (2008).",
        "<Buffer 01 02 03 04 05>",
        "U+1FB7 => 0391 0342 0345",
        "is not portable between systems: 4294967295",
        "03-17 16:13:40.305  3664  3807 D TelephonyManager: call state",
        'com.android.phone: acquire lock=166121161, tag="RILJ"',
        "call failed: [0701/114930:WARNING:dns.cc(306)]",
        "phone.match(/^7(?:[1345789]\\d{2})/)",
        # How many there are of something.
        "DL: 52428800 bytes",
        "UL: 10485760 DL: 52428800",
        "DL=52428800 UL=10485760",
        "dl_rate: 52428801, ul_rate: 10485761",
        "called 10485760 times in 3.2 s",
        "12345678 function calls (12345679 primitive calls) in 12.3 seconds, num calls 12345678",
        "memory calls: 12345678, frees: 12345677",
        "licence no 52428801 rows",
        "la funzione si chiama 12345678",
        "Registered number: 12345678",
        "call.timeout_ms=1234567890",
        "calls: 1000000, errors: 12",
        "registered 23418677 users",
        "phone_count: 23418677, smsTotal: 23418678",
        "SMS sent: 23418677",
        "ring buffer 16777216",
        "call graph: 23418677 nodes",
        "answer = 42424242",
        "account number 123456789012 bytes",
        "tel que 20 000 000",
        # Identifiers of other kinds.
        "server version 5.7.42.1",
        "SENTRY_DSN=https://9f86d081884c7d659a2feaa0c55ad015@o123456.ingest.sentry.io/4505123456789",
        "Received block blk_-4702684774678057084 of size 67108864",
        "6471 647A 6481 6482 6484 6487 22CB7",
        "{9A19103F-16F7-4668-BE54-9A1E7A4F7556}",
        "part no. 123-45-0082 is superseded by 123-45-0104",
        "keyserver/pks/lookup?search=0xD06AAF4C11DAB86DF421421EFE6B20ECA7AD98A1",
        "wiki/spaces/DL/pages/14092424/Day",
        "MACs hmac-sha1,umac-64@openssh.com,zlib@openssh.com",
        "assert_allclose(A, L@D@L.conjugate().T)",
        "w = A@B.reshape(3, -1)",
        "a;b\n1,4539578763621486;2,5\nx;1,4539578763621486",
        "id\tkurs\n1,4539578763621486\t2,5",
        "Your no-claims discount on policy 44718820 applies",
        "INSERT INTO t (id, cancelled, total) VALUES (17, 5735201186, 5735201187)",
        "COPY public.t (id, name, order_no) FROM stdin;\n1\tx\t415-555-0132\n",
    ],
)
def test_what_programs_and_logs_are_full_of_is_no_personal_data(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "$password = ConvertTo-SecureString $env:ADMIN_PW -AsPlainText",
        "arn:aws:secretsmanager:us-west-2:123456789012:secret:MyTestDatabaseSecret-a1b2c3",
        "private_key: ed25519.Ed25519PrivateKey, f: int",
        'private_key: "_EllipticCurvePrivateKey", data: bytes',
        'ENV_AUTH_TOKEN = "ANTHROPIC_AUTH_TOKEN"',
        'env["REGISTRY_PASSWORD"] = "$KAMAL_REGISTRY_PASSWORD"',
        'JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"',
        '"PWD": "/home/nodeuser/project/node"',
        "Token dispatch/combine hooks are registered",
        "# First pass: decided_mask==0, every element",
        "'.*Could not read vault password file.*%s.*' % name",
        "lookup('password', dir + '/password length=8')",
        "by(password: @user.password)",
        'case "${MVNW_PASSWORD:+has-password}" in',
        "if %w(password password_confirmation).include?(name)",
        "(will send the password Base64 encoded)",
        "view --vault-id=vault-password format_1_2_AES256.yml",
        '"md5", "password", "scram-sha-256",',
        'GET /etc/passwd HTTP/1.1" 404',
    ],
)
def test_what_programs_say_of_secrets_is_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("host ::3", ["::3"]),
        ("from 2001:db8::2 and fe80::1", ["2001:db8::2", "fe80::1"]),
        ("took 2.5, Host 84.17.46.203", ["84.17.46.203"]),
        ("Worker 1.2, Leader 10.20.0.5", ["10.20.0.5"]),
        ("x,0.5,84.17.46.203,2.0", ["84.17.46.203"]),
        ("tel 555-0124 2024-10-14", ["555-0124"]),
        ("(415) 823-6671 2024-10-14 08:21", ["(415) 823-6671"]),
        ("Ruf 01 02 03 04 05", ["01 02 03 04 05"]),
        ("called +49 171 5538214", ["+49 171 5538214"]),
        ("6222021234567890128 支付", ["6222021234567890128"]),
        ("visa card 4556737586899855048", ["4556737586899855048"]),
        ("4242 4242 4242 4242", ["4242 4242 4242 4242"]),
        ("ssn 123-45-0104", ["123-45-0104"]),
        ("DL: D1234567", ["D1234567"]),
        ("DL/ID: D1234567", ["D1234567"]),
        ("IBAN-DE89370400440532013000", ["DE89370400440532013000"]),
        ("markus@openssh.com", ["markus@openssh.com"]),
        ("jo@x.example(work)", ["jo@x.example"]),
        ("password: hunter2@home", ["hunter2@home"]),
        ('password = "Get-Rich99"', ["Get-Rich99"]),
        ('"secret": "k7Qd=Zr40uXw9LbTn2Ve"', ["k7Qd=Zr40uXw9LbTn2Ve"]),
        ("mail jane@x.com(1) and jo@uni-bonn.de(2), bo@x.example(3)", ["jane@x.com", "jo@uni-bonn.de", "bo@x.example"]),
        ("Phone: **[4155550132]**", ["4155550132"]),
        ("It took 5s. 84.17.46.203 was next", ["84.17.46.203"]),
        ("uptime 3h20 24.17.46.203", ["24.17.46.203"]),
        ("Berlin 12.5, Hamburg 84.17.46.203", ["84.17.46.203"]),
        ("https://people.example/?search=536-22-8145", ["536-22-8145"]),
        ("my no. 44718820", ["44718820"]),
        ("password: CorrectHorseBattery7", ["CorrectHorseBattery7"]),
        ("secret: CorrectHorseBattery-Staple", ["CorrectHorseBattery-Staple"]),
        ("pw SHA256Secret, password: abc.*xyz1", ["SHA256Secret", "abc.*xyz1"]),
    ],
)
def test_what_stands_near_to_it_is_found(text: str, values: list[str]) -> None:
    assert found(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "From: Jane\nTo: Bob\nSubject: lunch",
        "Name: Jane Doe\nCity: Berlin\nPhone: 12345",
        "Alice: hi\nBob: hello\nAlice: how are you?",
        "1. Go home;\n2. Sleep;\n3. Eat;",
        "(a) the seller shall deliver;\n(b) the buyer (as defined) shall pay;\n(c) both shall sign;",
        "a) goods;\nb) services (all);\nc) licences;",
        "the seller shall deliver;\nthe buyer shall pay;\nboth shall sign it;",
    ],
)
def test_headers_dialogues_and_clauses_are_no_code(text: str) -> None:
    assert CODE.find(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x",
        "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket",
        "[server]\nhost = 1\n[client]",
        "std::cout << x;\nfoo(y);\ni++;",
        "$x = 1;\n$y = foo($x);\necho $y;",
        "a {\n  color: red;\n  margin-top: 1px;\n}",
        "private final Foo x = new Foo();\nint y;\nreturn x.y;",
    ],
)
def test_what_stands_near_to_them_is(text: str) -> None:
    [found] = CODE.find(text)
    assert (found.start, found.end) == (0, len(text))


@pytest.mark.parametrize(
    "text",
    [
        "ba15898c-fac1-7270-9f42-0123456789ab",
        "urn:uuid:00000000-0000-4000-ba15-898cfac17270, 00000000-0000-ba15-898c-fac172709f42",
        "Code-barres 3 017 620 42 2003",
        "Drawing 800-524-3644 sheet 2 of 5",
        "คำสั่งซื้อ 250418-8673580, order 250418-8673580",
        "250418-8673580",
        "driver's license kit lote 8073743",
        "check the social media campaign 536221234, your social network id 536221234",
        "SCAN240115004.pdf, INVO240115006",
        "RFC CHG240115001 approved, RFC-240115-001",
        "per RFC 3339, tag REL-990115-00A was cut",
        "precio 12.531.909 - 2 unidades",
    ],
)
def test_identifiers_and_numbers_of_orders_parts_and_goods_are_no_personal_data(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("BA39 1290 0794 0102 8494", ["BA39 1290 0794 0102 8494"]),
        ("ba391290079401028494", ["ba391290079401028494"]),
        ("SSN of row 3 620 42 2003", ["620 42 2003"]),
        ("call 800-524-3644", ["800-524-3644"]),
        ("my social is 536221234", ["536221234"]),
        ("on 12/05/2024 2345 6789 0124, SSN 05.12.2024 536 22 1234", ["2345 6789 0124", "536 22 1234"]),
        ("RFC SCAN240115004, GODE561231GR8", ["SCAN240115004", "GODE561231GR8"]),
        ("RUT 12.531.909 - 2", ["12.531.909 - 2"]),
        # A verb or a person behind it, which is no unit.
        ("card 4111 1111 1111 1111 requests a refund", ["4111 1111 1111 1111"]),
        (
            "card 4111111111111111 tokens, IBAN DE89370400440532013000 lines up",
            ["4111111111111111", "DE89370400440532013000"],
        ),
        ("ssn 536-22-1234 requests access, ssn 536221234 requests it too", ["536-22-1234", "536221234"]),
        ("bank account number 123456789012 requests a card", ["123456789012"]),
        ("call 4155552671 messages me", ["4155552671"]),
        ("mobile 5552671234 us", ["5552671234"]),
        # Words before a number of ten digits, which counts nothing.
        ("call me at any of these times: 4155552671", ["4155552671"]),
        ("call, best time: 4155552671", ["4155552671"]),
        ("Call sales: 8005552671", ["8005552671"]),
        ("my registered number is 9876543210", ["9876543210"]),
        ("Nummer der Praxis: 03012345678", ["03012345678"]),
        ("Fw: 415-555-2671 please call", ["415-555-2671"]),
        ("firmware 192.168.7.99 ip", ["192.168.7.99"]),
        ("| Name | SMS |\n|---|---|\n| Anna | 9876543210 |", ["9876543210"]),
        ("주민등록번호 250418-3673580, 900418-1673580", ["250418-3673580", "900418-1673580"]),
    ],
)
def test_what_is_written_alike_and_is_personal_data_is_found(text: str, values: list[str]) -> None:
    assert found(text) == values
