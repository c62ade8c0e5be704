"""JSON in and out: strict, bounded, and escapes that can be read from any prefix."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine import jsonio
from tidegate.engine.errors import BadRequest, BodyTooLarge
from tidegate.engine.escapes import unescape
from tidegate.engine.limits import ANY_DEPTH, JSON_DEPTH

# Text as it can stand in JSON: any character but lone surrogates.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=15,
)


@pytest.mark.parametrize(
    "raw",
    [
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"1e999",
        b'"\\ud800"',
        b'"\\udc00 x"',
        b'{"\\ud800": 1}',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b"\xef\xbb\xbf{}",
        b"{} {}",
        b"{}\x00",
        b"[1,]",
        b"01",
        b"'a'",
        b'"\x01"',
        b"",
        b"[" * 2000 + b"]" * 2000,
        b"[" * (ANY_DEPTH + 1) + b"]" * (ANY_DEPTH + 1),
        ('{"a":[' * ANY_DEPTH + "]}" * ANY_DEPTH).encode(),
        b'{"a":' * 100_000,
    ],
)
def test_what_is_not_strict_json_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):
        jsonio.loads(raw)


def test_values_nest_as_deeply_with_every_version_of_python() -> None:
    raw = b"[" * ANY_DEPTH + b"]" * ANY_DEPTH
    assert jsonio.dumps(jsonio.loads(raw)) == raw
    assert jsonio.loads(raw.decode()) == jsonio.loads(memoryview(raw))
    assert len(jsonio.loads(b"[" + b"[]," * 5_000 + b"1]")) == 5_001


@given(value=VALUES)
def test_every_value_survives_encoding(value: Any) -> None:
    assert jsonio.loads(jsonio.dumps(value)) == value
    assert json.loads(jsonio.dumps(value)) == value


def test_integers_of_any_size_and_the_order_of_keys_survive() -> None:
    raw = b'{"b":123456789012345678901234567890,"a":-1}'
    assert jsonio.dumps(jsonio.loads(raw)) == raw


def test_of_duplicate_keys_the_value_that_is_checked_is_the_value_that_is_sent() -> None:
    body = jsonio.parse_request(b'{"model":"a","model":"b"}')
    assert body == {"model": "b"}
    assert jsonio.dumps(body) == b'{"model":"b"}'


def nested(levels: int) -> Any:
    value: Any = "leaf"
    for level in range(levels):
        value = {"a": value} if level % 2 else [value]
    return value


@pytest.mark.parametrize("levels", [0, 1, 2, 5])
def test_depth_counts_objects_and_arrays(levels: int) -> None:
    assert not jsonio.depth_over(nested(levels), levels)
    if levels:
        assert jsonio.depth_over(nested(levels), levels - 1)


def test_a_request_may_have_exactly_the_published_depth() -> None:
    def request(levels: int) -> bytes:
        return b'{"a":' * levels + b"1" + b"}" * levels

    jsonio.parse_request(request(JSON_DEPTH))
    with pytest.raises(BadRequest) as caught:
        jsonio.parse_request(request(JSON_DEPTH + 1))
    assert caught.value.code == "invalid_json"


@pytest.mark.parametrize("raw", [b"", b"[]", b'"a"', b"{", b'{"a":NaN}', b"null", b'{"a":"\\ud800"}'])
def test_a_body_that_is_no_json_object_is_the_callers_error(raw: bytes) -> None:
    with pytest.raises(BadRequest) as caught:
        jsonio.parse_request(raw)
    assert caught.value.code == "invalid_json"


def test_the_error_for_bad_json_does_not_repeat_the_body() -> None:
    with pytest.raises(BadRequest) as caught:
        jsonio.parse_request(b'{"password": "swordfish", "x": swordfish}')
    assert "swordfish" not in str(caught.value)


@given(value=VALUES)
def test_every_string_is_found_at_its_address(value: Any) -> None:
    found = list(jsonio.strings(value))
    assert all(jsonio.get(value, address) == text for address, text in found)
    assert sorted(text for _, text in found) == sorted(leaves(value))


def leaves(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for child in inside for text in leaves(child)]


def test_an_address_is_shown_with_dots_and_written_to() -> None:
    body: dict[str, Any] = {"messages": [{"content": "a"}]}
    jsonio.put(body, ("messages", 0, "content"), "b")
    assert body == {"messages": [{"content": "b"}]}
    assert jsonio.show(("messages", 0, "content")) == "messages.0.content"


@given(text=TEXTS)
def test_escape_and_unescape_undo_each_other(text: str) -> None:
    assert json.loads(f'"{jsonio.escape(text)}"') == text
    assert unescape(jsonio.escape(text), True)[0] == text


@pytest.mark.parametrize("flood", ["[1,1]", '{"a":1,"b":1}', "[[1],1]"])
def test_a_body_has_so_many_values_and_no_more(flood: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonio, "JSON_VALUES", 12)
    held = jsonio.loads(flood)
    each = 4 if flood == "[[1],1]" else 3
    body = {"model": "a long name for few bytes", "rest": [held] * (10 // each)}
    assert jsonio.parse_request(jsonio.dumps(body)) == body
    body["rest"] = [held] * 4
    with pytest.raises(BodyTooLarge, match="12 values"):
        jsonio.parse_request(jsonio.dumps(body))


@pytest.mark.parametrize(
    "name",
    ["AKIAZQCANARY234567Q2", "_4111111111111111", "t15551234567", "jane@example.org", "ghp_a1B2c3D4e5F6g7H8i9J0"],
)
def test_an_address_shows_no_name_that_may_be_a_value(name: str) -> None:
    """Addresses stand in the log and in errors, beside whatever a rule finds under such a name."""
    assert jsonio.show(("metadata", name, "x-note", "image_url", 2)) == "metadata.*.x-note.image_url.2"
