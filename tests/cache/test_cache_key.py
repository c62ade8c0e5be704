"""Scope, frame and text: what belongs together, and what must never meet."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.cache.key import Scope, canonical, digest, entry_key, number, partition_digest
from tidegate.engine.exchange import Caller

FRAME: dict[str, Any] = {
    "model": "m",
    "temperature": 0.2,
    "messages": [{"role": "system", "content": "be brief"}],
    "tools": [{"type": "function", "function": {"name": "f"}}],
    "seed": 7,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (-1.7976931348623157e308, "-1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (999999999999999900000.0, "999999999999999900000"),
        (1e21, "1e+21"),
        (9.999999999999997e-7, "9.999999999999997e-7"),
        (0.000001, "0.000001"),
        (333333333.3333332, "333333333.3333332"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
        (1424953923781206.2, "1424953923781206.2"),
        (1.0, "1"),
    ],
)
def test_numbers_are_printed_as_ecmascript_prints_them(value: float, text: str) -> None:
    assert number(value) == text  # RFC 8785, appendix B


def test_the_example_of_rfc_8785_comes_out_as_printed_there() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    golden = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical(value).decode() == golden


def test_names_are_sorted_by_utf_16_code_units() -> None:
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    order = list(json.loads(canonical(dict.fromkeys(names, 0))))
    assert order == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]  # RFC 8785, 3.2.3


def test_golden_keys_stay_what_they_are() -> None:
    partition = partition_digest(Scope("key:alice", "ns"), "openai.chat", FRAME)
    assert digest("a", "b") == "9b782e99e4a78f1341cb2d449741dac9bab00d3ff1af18462befd73d16c703e6"
    assert partition == "8e77c4216203fedec6d5017650ab5a963d15ec6c15970cc71a98ae9458cb54c9"
    assert entry_key(partition, "hello") == "0c25026ec0b21a947b567b630be3056ebfb65198d11df49e3647cbbb6b8014b4"


def test_what_is_not_json_is_refused() -> None:
    with pytest.raises(ValueError, match="NaN"):
        canonical([float("nan")])
    with pytest.raises(TypeError):
        canonical({"a": object()})


@given(JSON)
def test_canonical_json_reads_back_as_the_same_value(value: Any) -> None:
    assert canonical(json.loads(canonical(value))) == canonical(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_reads_back_as_the_same_double(value: float) -> None:
    assert float(json.loads(number(value))) == value


@given(st.lists(st.text(max_size=5), max_size=5), st.lists(st.text(max_size=5), max_size=5))
def test_no_two_lists_of_fields_have_one_digest(a: list[str], b: list[str]) -> None:
    assert (digest(*a) == digest(*b)) == (a == b)


@given(JSON, JSON)
def test_frames_that_differ_have_different_partitions(a: Any, b: Any) -> None:
    scope = Scope("key:a")
    if canonical(a) != canonical(b):
        assert partition_digest(scope, "d", a) != partition_digest(scope, "d", b)


@pytest.mark.parametrize("field", sorted(FRAME))
def test_dropping_any_field_of_the_frame_changes_the_key(field: str) -> None:
    less = {name: value for name, value in FRAME.items() if name != field}
    assert partition_digest(Scope("a"), "d", FRAME) != partition_digest(Scope("a"), "d", less)


@pytest.mark.parametrize(
    "other",
    [
        (Scope("b", "n"), "d"),
        (Scope("a", ""), "d"),
        (Scope("a", "n"), ""),
        (Scope("an", ""), "d"),
        (Scope("", "an"), "d"),
    ],
)
def test_dropping_any_field_of_the_scope_changes_the_key(other: tuple[Scope, str]) -> None:
    assert partition_digest(Scope("a", "n"), "d", FRAME) != partition_digest(*other, FRAME)


def test_who_shares_is_decided_by_the_setting() -> None:
    ann, bob = Caller("ann", "red"), Caller("bob", "red")
    alone = Caller("cy"), Caller("di")
    assert Scope.of(ann, "key", "") != Scope.of(bob, "key", "")
    assert Scope.of(ann, "team", "") == Scope.of(bob, "team", "")
    assert Scope.of(alone[0], "team", "") != Scope.of(alone[1], "team", "")
    assert Scope.of(ann, "all", "") == Scope.of(alone[0], "all", "")
    assert Scope.of(ann, "all", "x") != Scope.of(ann, "all", "y")


def test_a_caller_named_like_a_team_is_not_in_it() -> None:
    assert Scope.of(Caller("team:red"), "key", "") != Scope.of(Caller("x", "red"), "team", "")
    assert Scope.of(Caller("*"), "key", "") != Scope.of(Caller("x"), "all", "")
