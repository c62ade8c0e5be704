"""Escapes of JSON source: read as JSON reads them, from any prefix, a short text or a long one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine import escapes
from tidegate.engine.escapes import unescape


@st.composite
def sources(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and one of the many ways to write it inside a JSON string."""
    text = draw(st.text(st.sampled_from('ab"\\/\n\t\u00e9\u2028\U0001f600\x00'), max_size=20))
    out = ""
    for char in text:
        ways = [json.dumps(char)[1:-1], json.dumps(char, ensure_ascii=False)[1:-1]]
        units = char.encode("utf-16-be")
        ways.append("".join(f"\\u{units[i]:02x}{units[i + 1]:02X}" for i in range(0, len(units), 2)))
        if char == "/":
            ways.append("\\/")
        out += draw(st.sampled_from(ways))
    return text, out


@given(raw=st.text(st.sampled_from('\\u0dD8c3"n9zé１😀'), max_size=40))
def test_a_long_text_reads_as_a_short_one(raw: str) -> None:
    short, long = escapes._one_by_one(raw), escapes._at_once(raw)  # pyright: ignore[reportPrivateUsage]
    assert (short[0], list(short[1])) == (long[0], list(long[1]))


@given(source=sources())
def test_a_text_of_any_length_is_read_the_same(source: tuple[str, str]) -> None:
    text, raw = source
    seen, offsets = unescape(("x\\n" * 400) + raw, True)
    assert seen == "x\n" * 400 + text
    assert offsets is not None
    assert offsets[-1] == 1200 + len(raw)


@given(source=sources())
def test_escapes_are_read_as_json_reads_them(source: tuple[str, str]) -> None:
    text, raw = source
    assert json.loads(f'"{raw}"') == text
    assert unescape(raw, True)[0] == text
    assert unescape(raw, False)[0] == text


@given(source=sources())
def test_every_prefix_reads_as_a_prefix_and_its_offsets_cut_no_escape(source: tuple[str, str]) -> None:
    text, raw = source
    for cut in range(len(raw) + 1):
        seen, offsets = unescape(raw[:cut], False)
        assert text.startswith(seen)
        places = offsets if offsets is not None else range(len(seen) + 1)
        assert len(places) == len(seen) + 1
        for index, place in enumerate(places):
            assert json.loads(f'"{raw[:place]}"') == text[:index]


@given(raw=st.text(st.sampled_from('\\u0dD8c"n9zé１'), max_size=30), cut=st.integers(0, 30))
def test_any_source_can_be_read_and_what_was_read_is_never_taken_back(raw: str, cut: int) -> None:
    text, offsets = unescape(raw, True)
    before, _ = unescape(raw[:cut], False)
    assert text.startswith(before)
    assert offsets is None or (list(offsets) == sorted(set(offsets)) and offsets[-1] == len(raw))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r"\q", r"\q"),
        (r"\u12", r"\u12"),
        (r"\u+123", r"\u+123"),
        ("\\u１２３４", "\\u１２３４"),
        (r"\ud83dx", "�x"),
        (r"\udc00", "�"),
        ("\\", "\\"),
        (r"\ud83d", "�"),
    ],
)
def test_escapes_that_are_none_stay_as_they_are(raw: str, text: str) -> None:
    assert unescape(raw, True)[0] == text
