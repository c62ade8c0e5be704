"""Patterns that are only asked whether they can match at all count nothing."""

import pytest

from tidegate.guardrails.detectors.regex import Regex
from tidegate.guardrails.detectors.search.passes import PatternSet
from tidegate.guardrails.detectors.search.prefix import unbounded
from tidegate.guardrails.detectors.secrets.detector import Secrets
from tidegate.guardrails.detectors.secrets.table import FORMATS
from tidegate.guardrails.rules.compile import load_ruleset


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"a{2,9}", r"a{2,}"),
        (r"[a-z]{1,9}b{0,3}?", r"[a-z]+b*?"),
        (r"\d{8}x{2,2}", r"\d{8}x{2,2}"),
        # Braces that repeat nothing.
        (r"[{1,9}]\{1,9}", r"[{1,9}]\{1,9}"),
        (r"[^]{1,9}]x{1,9}", r"[^]{1,9}]x+"),
        (r"[[:alpha:]{1,9}]", r"[[:alpha:]{1,9}]"),
        (r"\Qa{1,9}\E", r"\Qa{1,9}\E"),
        (r"\x{391}{1,9}", r"\x{391}+"),
    ],
)
def test_what_repeats_has_no_upper_bound(pattern: str, expected: str) -> None:
    assert unbounded(pattern) == expected


def test_what_a_format_of_a_credential_finds_passes_the_sieve() -> None:
    texts = [test.text for rule in load_ruleset(["pack:secrets"]).rules for test in rule.tests]
    formats = [Secrets([each]) for each in FORMATS]
    sieve = PatternSet([pattern for each in formats for pattern in each.sieved(opens=False)])
    opens = PatternSet([pattern for each in formats for pattern in each.sieved(opens=True)])
    found = under_way = 0
    for text in filter(None, texts):
        passed = sieve.matching(text)
        for index, each in enumerate(formats):
            found += bool(each.find(text))
            assert index in passed or not each.find(text), (FORMATS[index].name, text)
        for cut in range(1, len(text), 7):
            passed = opens.matching(text[:cut])
            for index, each in enumerate(formats):
                under_way += index in passed
                assert index in passed or each.open_from(text[:cut]) == cut, (FORMATS[index].name, text[:cut])
    assert found > 30 < under_way


def test_what_passes_a_sieve_is_still_counted() -> None:
    regex = Regex(r"\bk[0-9]{2,4}\b")
    assert PatternSet(regex.sieved(opens=False)).matching("k12345")
    assert not regex.find("k12345")
