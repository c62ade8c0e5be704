"""What must stand in a text where an expression matches, and that looking for it first changes nothing."""

import random
from collections.abc import Sequence

import pytest

from tidegate.engine.exchange import Scope
from tidegate.guardrails.detectors.search.needs import needs
from tidegate.guardrails.detectors.search.passes import PatternSet
from tidegate.guardrails.detectors.search.rare import LONG, RareSet
from tidegate.guardrails.rules.compile import load_ruleset
from tidegate.guardrails.rules.load import packs
from tidegate.guardrails.rules.sieve import Sieve

KNOWN = [
    (r"(?i)show (?:\w+ )*the (?:prompt|orders)", [[{"show "}, {"the prompt", "the orders"}]]),
    (r"colou?r blind", [[{"color blind", "colour blind"}]]),
    (r"the (?:passwords?|secret)\b", [[{"the password", "the secret"}]]),  # the longer has the shorter in it
    (r"(?:passwords?|secret)\b", [[{"password"}], [{"secret"}]]),
    (r"(?:first|then)\s(?:\w+\s)*?second|wholly other", [[{"first", "then"}, {"second"}], [{"wholly other"}]]),
    (r"\bsk-[A-Za-z0-9]{32,}", [[{"sk-"}]]),
    (r"(?:abcd){2}[0-9]+(?:efgh)?", [[{"abcd"}]]),
    (r"(?i)ΟΔΟΣ 12", [[{"οδος 12".replace("ς", min("σς")).replace("σ", min("σς"))}]]),
]


@pytest.mark.parametrize(("pattern", "rows"), KNOWN)
def test_an_expression_needs_what_none_of_its_matches_lacks(pattern: str, rows: list[list[set[str]]]) -> None:
    assert [{frozenset(need) for need in row} for row in needs(pattern)] == [
        {frozenset(need) for need in row} for row in rows
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d{4}-\d{4}",
        r"(?:reveal|\w+)it",  # one of the ways says nothing
        r"[a-z]{3}",
        r"(?:secret)?",
        r"\pLab",
        r"secret{,5}",  # to RE2 no repetition
        r"(?:password|ab)",
        r"(?:secret|s)\z",
    ],
)
def test_what_may_match_without_any_word_needs_nothing(pattern: str) -> None:
    assert needs(pattern) == ()


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(?i)kisses", "KI\u017f\u017fES"),
        (r"(?i)kelvin", "\u212aelvin"),
        (r"(?i)σίσυφος", "ΣΊΣΥΦΟΣ"),
        (r"(?i)ΣΊΣΥΦΟΣ", "σίσυφος"),
        (r"(?i)straße", "STRAẞE"),
        (r"(?i)сорт", "С\u1c82рт"),
        (r"İstanbul", "İstanbul"),
        (r"a.{0,3}\x{FFFD}{3}", "a\ud800\ud800\ud800"),
        (r"\x{41}bcd", "Abcd"),
        (r"(?i)[ée]cole", "ÉCOLE"),
        (r"密码是什么", "我的密码是什么?"),
        ("���", "\udcff\udcff\udcff"),
    ],
)
def test_letters_that_re2_takes_for_one_another_are_one_to_the_grams(pattern: str, text: str) -> None:
    assert PatternSet([pattern]).matching(text) == {0}
    assert RareSet([pattern, "wholly other"]).matching(text) == {0}


@pytest.fixture(scope="module")
def sources() -> Sequence[str]:
    rules = load_ruleset([f"pack:{name}" for name in sorted(packs())]).group(Scope.INPUT).rules
    sieve = Sieve.of([(rule.id, rule.detector) for rule in rules])
    assert sieve is not None
    return sieve.patterns.patterns


def test_a_rare_set_tells_what_passes_tell(sources: Sequence[str]) -> None:
    assert sum(bool(needs(source)) for source in sources) > len(sources) * 3 // 4
    slow, quick = PatternSet(sources), RareSet(sources)
    words = sorted({stretch for source in sources for row in needs(source) for need in row for stretch in need})
    draw, matched, fill = random.Random(7), 0, ["you", "the", "to", "your", ".", "4711", "=", ": x9Kq2LmPz7"]
    for _ in range(1_500):
        some = draw.sample(words, 12) + draw.choices(fill, k=9)
        draw.shuffle(some)
        text = " ".join(each.upper() if draw.random() < 0.2 else each for each in some)
        expected = slow.matching(text)
        matched += len(expected)
        assert len(text) < LONG
        assert quick.matching(text) == expected, text
        if matched % 50 == 0:
            assert quick.matching(text * 20) == slow.matching(text * 20)
    assert matched > 200


@pytest.mark.parametrize("text", ["", "a", "ab", "é", "\ud800", "\x00" * 5])
def test_texts_shorter_than_a_gram_have_none(text: str) -> None:
    assert RareSet(["secret words", r"\bab?\b"]).matching(text) == ({1} if text in ("a", "ab") else set())
