"""Messages between hospitals: numbers are found by their field, and in streams as in whole texts."""

from tidegate.guardrails.detectors.pii.detector import Pii
from tidegate.guardrails.detectors.pii.table import STRUCTURED

ALL = Pii(STRUCTURED)
MESSAGE = (
    "MSH|^~\\&|ADT|ADI|LABADT|ADI|20251103||ADT^A01|1817457|P|2.5.1\r"
    "PID|1||10006579^^^1^MRN~88^^^2||DUCK^DONALD^D||19241010|M||1|111 DUCK ST^^FOWL^CA^999990000||8885551212~"
    "(888)555-1214^PRN^PH|8885551213|1|2||40007716^^^V|536221234|D4471820^CA\r"
    "NK1|1|DUCK^HUEY|SO|3583 DUCK RD^^FOWL^CA|8885552222||EC\r"
    "GT1|1|8291|DUCK^DONALD^D||111^DUCK ST^^FOWL|8885553333||||||123121234||||DISNEY|8885554444|19901010\r"
)
VALUES = ["8885551212", "(888)555-1214", "8885551213", "536221234", "8885552222", "8885553333", "123121234"]


def test_telephones_and_social_security_numbers_are_found_by_their_field() -> None:
    assert [MESSAGE[each.start : each.end] for each in ALL.find(MESSAGE)] == VALUES


def test_wherever_a_stream_resumes_the_same_is_found() -> None:
    whole = ALL.find(MESSAGE)
    for end in range(1, len(MESSAGE)):
        held = ALL.open_from(MESSAGE[:end])
        assert not [each for each in whole if each.start < end < each.end and held > each.start], MESSAGE[:end]
        assert ALL.find(MESSAGE, held) == [each for each in whole if each.start >= held]


def test_other_fields_and_other_lines_with_bars_are_none() -> None:
    for text in (
        "PID|1||8885551212||||||||||||||||||||8885551212",
        "OBX|1|NM|1||||||||||8885551212|8885551213",
        "PID|USER|PR|NI|VIRT|RES|SHR|S|CPU|MEM|TIME|CMD|X|8885551212",
        "PID|1||1||A||1|M|||||||||||999999999",
    ):
        assert ALL.find(text) == [], text
