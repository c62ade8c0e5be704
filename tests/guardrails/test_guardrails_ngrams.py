"""N-grams by arrays are those that plain Python makes of a text, one by one."""

from unicodedata import category

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tidegate.guardrails.detectors.ngrams import CHAR_BITS, CHARS, WORD_BITS, WORDS, Ngrams, grams

WORD = 0xFFFFFFFF
TEXTS = st.text(st.sampled_from("aAbB zé7٣İßſ.,-_  \n\t\0字👍\u0301\ud800") | st.characters(), max_size=60)
MODEL = Ngrams(
    np.random.default_rng(1).integers(-99, 99, 1 << CHAR_BITS, np.int16),
    np.random.default_rng(2).integers(-99, 99, 1 << WORD_BITS, np.int16),
    0.01,
    -1.0,
)


def read(text: str) -> tuple[list[int], list[int]]:
    """The characters that are read, and where each stands."""
    low = "".join(small if len(small := char.lower()) == 1 else char for char in text)
    low = whole if len(whole := text.lower()) == len(text) else low
    codes = [32 if c.isspace() or ord(c) < 32 else 48 if c.isdigit() and ord(c) < 65_536 else ord(c) for c in low]
    codes = [32 if code == 32 else code for code in codes]
    kept, places = list[int](), list[int]()
    for at, code in enumerate(codes):
        behind = codes[max(0, at - 2) : at]
        if (behind[-1:] == [32] and code == 32) or behind == [code, code]:
            continue
        kept.append(code)
        places.append(at)
    return kept, [*places, len(text)]


def rolled(codes: list[int], size: int) -> list[int]:
    found: list[int] = []
    for at in range(len(codes) - size + 1):
        value = codes[at]
        for code in codes[at + 1 : at + size]:
            value = (value * 0x01000193 + code) & WORD
        found.append(value)
    return found


def bucket(value: int, salt: int, bits: int) -> int:
    value = (value + salt * 0x9E3779B1) & WORD
    value ^= value >> 15
    value = value * 0x85EBCA6B & WORD
    value ^= value >> 13
    return (value * 0xC2B2AE35 & WORD) >> (32 - bits)


def is_letter(code: int) -> bool:
    char = chr(min(code, 65_535))
    return char.isalnum() or category(char)[0] == "M"


def words(padded: list[int]) -> tuple[list[int], list[int]]:
    starts, hashes = list[int](), list[int]()
    power = 1
    for at, code in enumerate(padded):
        if not is_letter(code):
            continue
        if at == 0 or not is_letter(padded[at - 1]):
            starts.append(at)
            hashes.append(0)
        power = pow(0x01002F4D, (at - starts[-1]) & 63, 1 << 32)
        hashes[-1] = (hashes[-1] + code * power) & WORD
    return starts, hashes


@given(text=TEXTS)
def test_the_arrays_hold_what_plain_python_finds(text: str) -> None:
    found = grams(text)
    kept, places = read(text)
    assert found.places.tolist() == places
    padded = [32, *kept, 32]
    for size, row in zip(CHARS, found.chars, strict=True):
        assert row.tolist() == [bucket(value, size, CHAR_BITS) for value in rolled(padded, size)]
    starts, hashes = words(padded)
    assert found.starts.tolist() == starts
    for size, row in zip(WORDS, found.words, strict=True):
        assert row.tolist() == [bucket(value, size + 16, WORD_BITS) for value in rolled(hashes, size)]


@given(text=st.text(st.sampled_from("ab é\n7"), min_size=1, max_size=2_000))
def test_a_window_has_the_sum_of_what_begins_in_it(text: str) -> None:
    found = grams(text)
    windows = MODEL.windows(text)
    assert len(windows) == len(found.spans())
    for window, (begin, end) in zip(windows, found.spans(), strict=True):
        first, last = (sum(start < edge for start in found.starts.tolist()) for edge in (begin, end))
        chars = sum(int(MODEL.chars[row[begin:end]].sum()) for row in found.chars)
        said = sum(int(MODEL.words[row[first:last]].sum()) for row in found.words)
        score = chars / max(end - begin, 60) ** 0.5 + said / max(last - first, 10) ** 0.5
        assert abs(window.score - (score * 0.01 - 1.0)) < 1e-6
