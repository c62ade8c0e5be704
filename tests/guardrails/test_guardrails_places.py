"""Places that RE2 names, and what is shared between detectors: the answers are those of the plain way."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.ports import Finding
from tidegate.guardrails import vault
from tidegate.guardrails.detectors.base import shared, sharing
from tidegate.guardrails.detectors.overlaps import resolve
from tidegate.guardrails.detectors.pii import kinds as pii_kinds
from tidegate.guardrails.detectors.pii import phone_shapes as phone
from tidegate.guardrails.detectors.pii.kinds import Shape, near
from tidegate.guardrails.detectors.pii.other import other
from tidegate.guardrails.detectors.pii.phone import telephone
from tidegate.guardrails.detectors.pii.table import KINDS
from tidegate.guardrails.detectors.regex import Locator
from tidegate.guardrails.detectors.search.passes import PART, PatternSet
from tidegate.guardrails.detectors.search.places import Forms, Places, loosened

SHAPES = [(kind.label, shape) for kind in KINDS for shape in kind.shapes if isinstance(shape, Shape)]
FORMS = Forms([shape.form for _, shape in SHAPES if shape.form])
VALUES = (
    "4111 1111 1111 1111|536-22-1234|912-70-1234|192.168.10.7|2001:db8::7|00:1b:44:11:3a:b7|0x"
    + "ab" * 20
    + "|X1234567L|"
    "943 476 5919|AB 12 34 56 C|ABCPE1234F|2234 5678 9012|RSSMRA85T10A562S|51 824 753 556|S1234567D|900101-1234567|"
    "131052-308T|19811218-9876|529.982.247-25|11.222.333/0001-81|11010519491231002X|1 85 05 78 006 084 36|12345678Z|"
    "021000021|+48 601 234 567|(415) 555-2671 x12|2123-4567-1|1A4400552|www.example.com/a|GB82 WEST 1234 5698 7654 32"
).split("|")
GATES = list(dict.fromkeys(shape.gate for _, shape in SHAPES))
SET, ALONE = PatternSet(GATES), [PatternSet([gate]) for gate in GATES]
PIECES = st.sampled_from(
    [*VALUES, "card ", "ssn:", "tel. ", "order no. ", "ı", "ſ", "٣", "手机", "–", "é", *" .,-/_:@#=v(+x\n7aZ"]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


def plain(shape: Shape, text: str, start: int) -> Iterator[tuple[int, int, float]]:
    """Every place is tried."""
    for begin in range(start, len(text)):
        before, found = text[max(0, begin - 1) : begin], shape.pattern.match(text, begin)
        if begin < start or not found or re.match("[A-Za-z0-9_]", before):
            continue
        joined = shape.joined or (".,-" if text[max(0, begin - 2) : begin - 1].isdigit() and begin > 1 else "")
        if not (before and before in joined) and (score := shape.rate(found[0])):
            yield begin, found.end(), score
            start = found.end()


@given(TEXTS, st.integers(0, 20))
def test_every_shape_is_found_where_trying_every_place_finds_it(text: str, start: int) -> None:
    places = Places(text, start, FORMS)
    for label, shape in SHAPES:
        assert (label, list(shape(text, start, places))) == (label, list(plain(shape, text, start)))


@given(TEXTS, st.integers(0, 20))
def test_telephone_numbers_are_found_where_trying_every_place_finds_them(text: str, start: int) -> None:
    found: list[tuple[int, int]] = []
    at = start
    while match := phone.CANDIDATE.search(text, at):
        if phone.score(match[0]):
            found.append(match.span())
        at = match.end() if phone.score(match[0]) else match.start() + 1
    told = [(begin, end) for begin, end, _ in telephone(text, start, Places(text, start, FORMS))]
    parts = [span for span in found if re.search(r"[A-Z]{2} $|\d{3}[ -]$", text[: span[0]])]  # of something longer
    assert [span for span in found if span in told or span not in parts] == told


@given(TEXTS, st.sampled_from(VALUES), TEXTS)
def test_words_near_a_candidate_count_wherever_the_plain_search_finds_them(before: str, value: str, after: str) -> None:
    text, begin, end = before + value + after, len(before), len(before + value)
    places = Places(text, 0, FORMS)
    for kind in KINDS:
        if kind.words:
            ends = [found.end() for found in kind.words.finditer(text, max(0, begin - 60), begin)]
            behind = 0.4 if kind.after and kind.words.search(text, end, end + 60) else 0.0
            distance = begin - ends[-1] if ends else 0
            before = 0.4 + (60 - distance) / 1200 + (0.1 if distance <= 6 else 0)
            assert near(kind, text, begin, end, places) == (before if ends else behind)


@pytest.mark.parametrize(
    ("before", "another"),
    [("order no. ", True), ("Order #", True), ("Ref: ", True), ("订单号", True), ("номер заказа ", True), ("v", True),
     ("lib/", True), ("==", True), ("call ", False), ("reorder the ", False), ("", False)],
)  # fmt: skip
def test_what_stands_before_a_candidate_can_say_that_it_is_something_else(before: str, another: bool) -> None:
    assert other(f"{before}5551234567", len(before)) is another


@given(
    st.lists(st.sampled_from(["<", "&lt;", "EMAIL", "a", "_", " ", "\\", "1", "٣", ">", "&gt;", "é", "\n"])),
    st.integers(0, 9),
)
def test_placeholders_are_those_of_the_plain_search(pieces: list[str], start: int) -> None:
    text = "".join(pieces)
    expected = [found.span() for found in vault._PLACEHOLDER.finditer(text, start)]  # pyright: ignore[reportPrivateUsage]
    found = [found.span() for found in vault._placeholders(text, start)]  # pyright: ignore[reportPrivateUsage]
    assert found == expected


FINDINGS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 9), st.sampled_from("AB"), st.sampled_from([0.5, 0.9])).map(
        lambda row: Finding(row[0], row[0] + row[1], row[2], row[3])
    ),
    max_size=12,
)


@given(FINDINGS)
def test_of_overlaps_the_surer_stays_then_the_longer_then_the_first(findings: list[Finding]) -> None:
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda each: (-each.score, each.start - each.end)):
        if all(finding.end <= each.start or each.end <= finding.start for each in kept):
            kept.append(finding)
    assert resolve(findings) == sorted(kept, key=lambda each: each.start)


def test_what_detectors_share_of_a_text_is_forgotten_behind_it() -> None:
    made: list[str] = []

    def make() -> int:
        made.append("once")
        return len(made)

    text = "a text"
    with sharing():
        assert (shared(text, "key", make), shared(text, "key", make), shared("another", "key", make)) == (1, 1, 2)
    assert shared(text, "key", make) == 3


def test_only_what_anchors_words_is_left_out_for_re2() -> None:
    gate = pii_kinds.kind("X", "x", [], r"^no[^\n]$|\$\^[$^]").word_gate
    assert gate.startswith(r"(?i:no[^\n]|\$\^[$^])(?-i:N(?:o|")


@pytest.mark.parametrize(
    ("text", "named"),
    [("tel", True), ("TEL 1", True), ("homeTel:", True), ("telNumber", True), ("tel_1", True), ("telAB1", False),
     ("тел1", True), ("телAB1", True), ("telling", False), ("телега", False), ("手机号", True), ("tel\u0338", True)],
)  # fmt: skip
def test_words_for_re2_end_where_those_for_python_may(text: str, named: bool) -> None:
    row = pii_kinds.kind("X", "x", [], "tel|тел|手机")
    assert PatternSet([row.word_gate]).matching(text) == ({0} if named else set())
    words = row.words
    assert words is not None
    for end in range(len(text) + 1):
        if words.search(text, 0, end) and not text[end : end + 1].isalpha():
            assert Places(text, 0, FORMS).first(Locator(row.word_gate), 0, end) >= 0


@given(st.lists(st.sampled_from("012AZÉ-"), max_size=9).map("".join))
def test_digits_with_a_letter_among_them_are_the_same_for_re2(text: str) -> None:
    pattern = r"(?=\d*[A-Z])[0-9A-Z]{4}\d"
    assert bool(re.search(loosened(pattern), text)) == bool(re.search(pattern, text, re.ASCII))


@given(TEXTS)
def test_patterns_in_some_passes_are_found_as_each_alone(text: str) -> None:
    assert len(GATES) > PART, "more than one pass"
    assert SET.matching(text) == {at for at, alone in enumerate(ALONE) if alone.matching(text)}


def test_a_look_around_that_cannot_be_left_out_is_an_error() -> None:
    assert loosened(r"a(?<!\w\[)(?![)\]] b)c") == "ac"
    with pytest.raises(ValueError, match="look-around with groups in it"):
        loosened(r"a(?!(?:b|c)d)")
