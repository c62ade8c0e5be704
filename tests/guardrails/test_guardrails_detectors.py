"""Detectors: text in, findings out, and never a wrong word about what is still open."""

import time
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.engine.errors import ConfigError
from tidegate.engine.plugins import unique
from tidegate.engine.ports import Detector, Finding
from tidegate.engine.yamlfile import Located
from tidegate.guardrails.detectors import registry
from tidegate.guardrails.detectors.base import Context, find_from
from tidegate.guardrails.detectors.keywords import Keywords, fold
from tidegate.guardrails.detectors.pii.detector import Pii, known
from tidegate.guardrails.detectors.pii.table import STRUCTURED
from tidegate.guardrails.detectors.regex import Regex
from tidegate.guardrails.detectors.search.passes import PatternSet
from tidegate.guardrails.rules.combine import AllOf, AnyOf, NotOf

CONTEXT = Context(Located(None, "rules.yaml"), (), "WORD")


def spans(found: Any) -> list[tuple[int, int]]:
    return [(each.start, each.end) for each in found]


def test_keywords_fold_case_and_white_space_and_find_whole_words_only() -> None:
    words = Keywords(["project falcon", "straße", "猫"], label="WORD")
    text = "Project \n FALCON, STRASSE, straßen, 黒猫が"
    assert [text[a:b] for a, b in spans(words.find(text))] == ["Project \n FALCON", "STRASSE", "猫"]
    assert spans(Keywords(["cat"], label="X", whole_words=False).find("concatenate")) == [(3, 6)]
    assert spans(Keywords(["Falcon"], label="X", case_sensitive=True).find("falcon Falcon")) == [(7, 13)]


def test_letters_whose_case_folding_is_longer_keep_their_place() -> None:
    folded, offsets = fold("İx ß", True)
    assert offsets is not None
    assert len(offsets) == len(folded) + 1
    assert spans(Keywords(["end"], label="X").find("İ ß ﬃ end")) == [(6, 9)]


def test_a_keyword_that_may_still_come_is_held_and_no_more() -> None:
    words = Keywords(["project falcon"], label="X")
    assert words.open_from("about the proj") == 10
    assert words.open_from("about project  ") == 6
    assert words.open_from("about the projects") == 18


@pytest.mark.parametrize(
    "text", ["on project\\nfalcon now", "project\\r\\n  falcon", "project\\\\nfalcon", "a\\tproject falcon\\n"]
)
def test_a_phrase_goes_over_white_space_that_is_written_as_an_escape(text: str) -> None:
    words = Keywords(["project falcon"], label="X")
    [(start, end)] = spans(words.find(text))
    assert (text[start:].startswith("project"), text[:end].endswith("falcon")) == (True, True)
    assert words.open_from("on project\\") == words.open_from("on project\\nfal") == 3
    assert words.find("project\\falcon") == []


def test_a_row_of_backslashes_is_read_in_linear_time() -> None:
    begun = time.process_time()
    words = Keywords(["project falcon"], label="X")
    assert words.find("\\" * 50_000 + "x") == []
    assert words.open_from("\\" * 50_000 + "x") == 50_001
    assert time.process_time() - begun < 3


def test_a_regex_holds_from_the_first_character_of_a_match_under_way() -> None:
    regex = Regex(r"(?i)\bignore\b.{0,40}\brules\b")
    assert regex.open_from("please ignore all") == 7
    assert regex.open_from("please ignite") == 13
    assert Regex(r"sk-[a-z]+").open_from("key sk-abc") == 4
    assert Regex(r"sk-[a-z]+").open_from("key sk-abc now") == 14


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"(a)\1", "linear time.*no look-around and no back-references"),
        (r"(?<=a)b", "linear time.*no look-around"),
        (r"(?=a)b", "linear time.*no look-around"),
        (r"a{2000}", "linear time.*at most 1,000 repetitions"),
        ("(a", r"not a regular expression: missing \): \(a$"),
        ("a)", "not a regular expression: unexpected"),
        ("a**", "not a regular expression: bad repetition"),
        ("*a", "not a regular expression: no argument"),
        ("[a", "not a regular expression: missing"),
    ],
)
def test_a_pattern_that_is_not_linear_or_not_a_pattern_is_refused_in_words_that_fit(pattern: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Regex.from_config(pattern, CONTEXT)


def test_a_pattern_that_matches_everywhere_is_refused() -> None:
    with pytest.raises(ConfigError, match="empty text"):
        Regex.from_config("a*", CONTEXT)


PATTERNS = [
    r"\bfoo\b",
    r"foo(?:bar|baz){1,3}",
    r"a.*b",
    r"(?i)\bab+\s+c\b",
    r"^x+y",
    r"(?s)<.+?>",
    r"[^ab]c{2,}",
    r"\d{3}-\d{2}",
    r"(?:ab?)+c$",
    r"\p{Lu}[[:digit:]]+",
    r"(?:a|ab)(?:c|bcd)",
    r"x\Bx",
]


def settled(detector: Detector, text: str, cuts: list[int]) -> list[tuple[int, int]]:
    """What the finds are when the text comes in pieces and every find is taken once it is final."""
    out: list[tuple[int, int]] = []
    at = 0
    for end in [*sorted({min(cut, len(text)) for cut in cuts}), len(text)]:
        seen = text[:end]
        safe = len(seen) if end == len(text) else max(at, detector.open_from(seen))
        found = list(find_from(detector, seen, at))
        for finding in sorted(found, key=lambda f: f.start):
            if finding.start < safe < finding.end:
                safe = finding.start
        out += [(f.start, f.end) for f in found if f.end <= safe]
        at = max(at, safe)
    return out


TEXT = st.text(alphabet="abcxyfo rz<>-1234ABC\n.", max_size=40) | st.lists(
    st.sampled_from(
        ["foo", "bar", "baz", "ab", "abb", "c", "x", "xy", " ", "<", ">", "12", "345-67", "A1", "\n", "cc"]
    ),
    max_size=14,
).map("".join)


@settings(max_examples=60)
@given(text=TEXT, cuts=st.lists(st.integers(0, 60), max_size=8))
@pytest.mark.parametrize("pattern", PATTERNS)
def test_matches_of_a_text_in_pieces_are_those_of_the_whole(pattern: str, text: str, cuts: list[int]) -> None:
    regex = Regex(pattern)
    assert settled(regex, text, cuts) == spans(regex.find(text))


@settings(max_examples=300)
@given(
    text=st.lists(
        st.sampled_from(["project", "falcon", " ", "\n", "\\n", "\\", "falc", "on", "s", "ß", "İ", "_", "猫"]),
        max_size=12,
    ).map("".join),
    cuts=st.lists(st.integers(0, 60), max_size=8),
)
def test_keywords_of_a_text_in_pieces_are_those_of_the_whole(text: str, cuts: list[int]) -> None:
    words = Keywords(["project falcon", "falcon", "on", "猫"], label="X")
    assert settled(words, text, cuts) == spans(words.find(text))


PIECES = [
    "4111 1111 1111 1111",
    "a.b@c.example.org",
    "536-22-1234",
    "DE89 3704 0044 0532 0130 00",
    "+1 415-555-2671",
    "536221234",
    "my ssn is",
    "passport",
    "call me",
    "203.0.113.42",
    "2001:db8::1",
    "943 476 5919",
    "AB 12 34 56 C",
    "the",
    "12",
    "2024-05-06",
    ".",
    ",",
    "\n",
    "x",
]


@settings(max_examples=400)
@given(
    text=st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join),
    cuts=st.lists(st.integers(0, 160), max_size=12),
)
def test_personal_data_of_a_text_in_pieces_is_that_of_the_whole(text: str, cuts: list[int]) -> None:
    pii = Pii(STRUCTURED)
    assert settled(pii, text, cuts) == spans(pii.find(text))


@given(text=st.text(max_size=80))
def test_any_text_gives_a_list(text: str) -> None:
    for detector in (Pii(("EMAIL_ADDRESS", "PHONE_NUMBER")), Regex("a+"), Keywords(["a"], label="X")):
        odd = text + "\ud800 a@b.example"
        assert all(0 <= f.start < f.end <= len(odd) for f in detector.find(odd))
        assert 0 <= detector.open_from(odd) <= len(odd)


def test_weak_numbers_need_a_word_near_them() -> None:
    pii = Pii(["US_SSN", "US_PASSPORT"])
    assert pii.find("order 536221234") == []
    assert [f.label for f in pii.find("ssn: 536221234")] == ["US_SSN"]
    assert [f.label for f in pii.find("passport number 536221234")] == ["US_PASSPORT"]


def test_one_type_may_stand_without_a_list() -> None:
    assert Pii.from_config("EMAIL_ADDRESS", CONTEXT).types == ("EMAIL_ADDRESS",)
    assert Pii.from_config({"types": "US_SSN", "min_score": 0.3}, CONTEXT).types == ("US_SSN",)


def test_an_unknown_type_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match='did you mean "EMAIL_ADDRESS"'):
        Pii.from_config(["EMAIL_ADRESS"], CONTEXT)
    with pytest.raises(ConfigError, match='did you mean "structured"'):
        Pii.from_config("structred", CONTEXT)
    assert len(known()) == len(set(known()))


def test_a_set_says_which_patterns_match_and_all_when_it_cannot_tell() -> None:
    patterns = PatternSet(["a+", r"\bfoo\b", "zzz"])
    assert patterns.matching("foo a") == {0, 1}
    assert patterns.matching("\ud800") == set()


class Fixed:
    """A detector of fixed answers."""

    kind = "fixed"
    slow = False
    context = 0

    def __init__(self, word: str) -> None:
        self.word = word

    def find(self, text: str) -> list[Finding]:
        at = text.find(self.word)
        return [Finding(at, at + len(self.word), "X")] if at >= 0 else []

    def open_from(self, text: str) -> int:
        return max(0, len(text) - len(self.word) + 1)


@given(
    text=st.lists(st.sampled_from(["aa", "bb", "cc", " "]), max_size=8).map("".join),
    cuts=st.lists(st.integers(0, 20), max_size=6),
)
def test_combined_detectors_in_pieces_say_what_they_say_of_the_whole(text: str, cuts: list[int]) -> None:
    a, b, c = Regex("aa"), Regex("bb"), Regex("cc")
    for detector in (AnyOf([a, b]), AllOf([a, b]), AllOf([a, NotOf(c, "X")]), AllOf([AnyOf([a, b]), NotOf(c, "X")])):
        assert settled(detector, text, cuts) == spans(detector.find(text))


def test_all_needs_every_part_and_not_is_a_condition() -> None:
    both = AllOf([Fixed("a"), Fixed("b")])
    assert spans(both.find("a b")) == [(0, 1), (2, 3)]
    assert both.find("a") == []
    without = AllOf([Fixed("a"), NotOf(Fixed("b"), "X")])
    assert spans(without.find("xa")) == [(1, 2)]
    assert without.find("ab") == []
    assert spans(NotOf(Fixed("b"), "X").find("xyz")) == [(0, 3)]


def test_shipped_detectors_are_found_by_name_and_two_of_one_name_are_an_error() -> None:
    assert {"keywords", "regex", "pii"} <= set(registry.names())
    one = EntryPoint("words", "a:B", registry.GROUP)
    assert unique([one, one], "detector")["words"] == one
    with pytest.raises(ConfigError, match="two installed packages"):
        unique([one, EntryPoint("words", "c:D", registry.GROUP)], "detector")


@settings(max_examples=300)
@given(
    text=st.lists(st.sampled_from([*PIECES, "+", "-", "4111", "1111", "(415)", "555"]), max_size=10).map(" ".join),
    start=st.integers(0, 160),
)
def test_a_search_that_resumes_behind_a_find_finds_what_the_whole_search_did(text: str, start: int) -> None:
    pii = Pii(STRUCTURED)
    found = pii.find(text)
    if not any(f.start < start < f.end for f in found):
        assert spans(pii.find(text, start)) == [s for s in spans(found) if s[0] >= start]


def test_floods_of_digits_hide_nothing() -> None:
    pii = Pii(STRUCTURED)
    card = "4111 1111 1111 1111"
    for flood in ("1" * 5000, "ab:" * 3000, "12 " * 2000):
        found = pii.find(f"{flood}, {card} {flood}")
        assert (len(flood) + 2, len(flood) + 2 + len(card)) in spans(found)
