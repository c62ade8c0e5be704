"""What is faster must find the same: expressions read backwards, and matches taken past RE2's wrapper."""

import re
from typing import Any, cast

import pytest
import re2  # pyright: ignore[reportMissingTypeStubs, reportMissingImports]
from hypothesis import given
from hypothesis import strategies as st

from tidegate.guardrails.detectors.pii import other as pii_other
from tidegate.guardrails.detectors.pii import phone as pii_phone
from tidegate.guardrails.detectors.pii.before import Before
from tidegate.guardrails.detectors.regex import Regex
from tidegate.guardrails.detectors.search.places import folded

BEFORE: list[re.Pattern[str]] = [
    getattr(pii_phone, name) for name in ("_GIVEN", "_AMONG", "_CAPITALS", "_SERVICE", "_CODE", "_DUMP")
] + [pii_other.OTHER]
PIECES = st.lists(
    st.sampled_from(
        ["new ", "Foo", "(", ".", "_", "ids in", "values", " ", "12", ", ", "AWB", "\n", "12:30:01.123", "CA", ",", "[",
         "NR", "RR ", "a1", "0f ", "4B", "-", "é", "order", "Nr", "v", "#", "версия", "ſ", "KW", "page", "s", ": "]
    ),
    max_size=9,
).map("".join)  # fmt: skip


@pytest.mark.parametrize("pattern", BEFORE, ids=lambda each: each.pattern[:20])
@given(PIECES)
def test_what_an_expression_finds_before_a_place_is_never_ruled_out(pattern: re.Pattern[str], text: str) -> None:
    if pattern.search(text):
        raw = folded(text) if pattern is pii_other.OTHER else text.encode("ascii", "replace")
        assert Before([pattern], 200).may(raw, len(raw))


def test_what_lies_further_back_counts_for_nothing() -> None:
    gate = Before([re.compile(r"order \w{0,9}$")], 8)
    assert gate.may(b"an order 12", 9)
    assert not gate.may(b"an order abcdefg", 16)


LETTERS = ["a", "b", "é", "foo", "n", "x", " ", "\u212a", "😀", "\ud800", "c"]


@given(
    st.sampled_from(["a", "a+b*", "é|x{2}", r"\bfoo", "b*", "(?P<v>a)b|c", r"(?P<not>n)?a", "(?i)k", r"\b"]),
    st.lists(st.sampled_from(LETTERS), max_size=12).map("".join),
    st.integers(0, 14),
)
def test_matches_are_those_of_re2s_own_wrapper(pattern: str, text: str, start: int) -> None:
    whole = "".join("�" if "\ud800" <= char < "\ue000" else char for char in text)
    own: Any = cast(Any, re2).compile(pattern)
    for group in range(own.groups + 1):
        spans = [
            found.span(group)
            for found in own.finditer(whole, start)
            if found.end() > found.start() and found.start(group) >= 0
            if not ("not" in pattern and found.group("not"))
        ]
        assert Regex(pattern).spans(text, start, group) == spans
