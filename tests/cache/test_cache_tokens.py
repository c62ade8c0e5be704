"""What a caller is handed to speak of a hit: opened by any process of the gate, for that caller alone."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.cache import tokens
from tidegate.cache.tokens import MOST_CHARS, VALID_SECONDS, Hit, Tokens, packed

ID = "tg_" + "5f" * 12


def hit(question: str = "", at: float | None = None) -> Hit:
    parts = (b"s" * 32, b"k" * 32, b"a" * 32)
    return Hit(*parts, "semantic", 0.9, time.time() if at is None else at, 1.5, packed(question))


def test_another_process_with_the_same_secret_opens_it() -> None:
    sealed = Tokens(lambda: b"secret").seal(ID, "ann", hit("How much?"))
    opened = Tokens(lambda: b"secret").open(sealed, "ann")
    assert opened is not None and opened[0] == ID and opened[1].text() == "How much?"
    assert sealed.startswith(ID + ".") and "How" not in sealed


def test_nobody_else_opens_it_and_no_other_secret() -> None:
    mine = Tokens(lambda: b"secret")
    sealed = mine.seal(ID, "ann", hit())
    assert mine.open(sealed, "bob") is None and mine.open(sealed, "") is None
    assert Tokens(lambda: b"another").open(sealed, "ann") is None
    assert mine.open(sealed.replace("5f", "6f", 1), "ann") is None  # the same word under another id
    assert mine.open(mine.seal(ID + " ann", "", hit()), "ann") is None


def test_it_is_good_for_a_week() -> None:
    mine = Tokens(lambda: b"secret")
    assert mine.open(mine.seal(ID, "ann", hit(at=time.time() - VALID_SECONDS + 60)), "ann") is not None
    assert mine.open(mine.seal(ID, "ann", hit(at=time.time() - VALID_SECONDS - 60)), "ann") is None


@pytest.mark.parametrize("question", ["short?", "".join(chr(0x4E00 + 7919 * n % 20000) for n in range(2000))])
def test_no_token_is_longer_than_what_is_read_again(question: str) -> None:
    mine = Tokens(lambda: b"secret")
    sealed = mine.seal(ID, "a" * 64, hit(question))
    opened = mine.open(sealed, "a" * 64)
    assert len(sealed) <= MOST_CHARS and opened is not None
    assert opened[1].text() == (question if len(question) < 100 else "")


def test_the_longest_question_that_travels_fits() -> None:
    mine = Tokens(lambda: b"secret")
    full = Hit(b"s" * 32, b"k" * 32, b"a" * 32, "semantic", 0.9, time.time(), time.time(), bytes(tokens.TEXT_BYTES))
    assert len(mine.seal(ID, "ann", full)) <= MOST_CHARS


@given(st.text(max_size=200))
def test_anything_else_is_no_token(text: str) -> None:
    mine = Tokens(lambda: b"secret")
    assert mine.open(text, "ann") is None and mine.open(f"{ID}.{text}", "ann") is None


@given(st.data())
def test_a_changed_token_is_none(data: st.DataObject) -> None:
    mine = Tokens(lambda: b"secret")
    sealed = mine.seal(ID, "ann", hit("How much?"))
    at = data.draw(st.integers(0, len(sealed) - 2))  # the last letter has bits that say nothing
    changed = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
    assert mine.open(changed, "ann") is None
