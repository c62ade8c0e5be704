import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.errors import ConfigError
from tidegate.models.words import FOLDER, SPARE, UNKNOWN, Words, words


def test_a_text_has_the_same_pieces_however_its_spaces_run() -> None:
    assert words().ids("How  do I\n reset it?") == words().ids(" How do I reset it? ")


def test_characters_that_no_piece_holds_are_told_apart() -> None:
    one, two = words().ids("ab 🜚 c"), words().ids("ab 𐎀 c")
    assert one != two
    assert UNKNOWN not in one + two
    first = len(words()._halves) - SPARE
    assert sum(each >= first for each in one) == 1


@given(st.text(max_size=80))
def test_any_text_has_pieces_with_finite_vectors(text: str) -> None:
    ids = words().ids(text.encode("utf-8", "replace").decode())
    vectors = words().vectors(np.array(ids, np.int64))
    assert vectors.shape == (len(ids), words().width)
    assert np.isfinite(vectors).all()


def test_vectors_are_those_of_the_blocks() -> None:
    found = words().vectors(np.array([[7, 9], [7, 7]]))
    assert found.shape == (2, 2, words().width)
    halves, scales = words()._halves[9], words()._scales[9].astype(np.float32)
    for block in range(len(scales)):
        for at in range(16):
            byte = int(halves[block][at])
            assert found[0, 1, block * 32 + at] == pytest.approx(((byte & 15) - 8) * scales[block])
            assert found[0, 1, block * 32 + 16 + at] == pytest.approx(((byte >> 4) - 8) * scales[block])


@pytest.mark.parametrize("name", ["words.npz", "tokenizer.json"])
def test_a_damaged_table_is_refused_in_words(tmp_path: Path, name: str) -> None:
    shutil.copytree(FOLDER, tmp_path / "w")
    (tmp_path / "w" / name).write_bytes(b"x")
    with pytest.raises(ConfigError, match="the table of words cannot be read"):
        Words(tmp_path / "w")


def test_a_lone_surrogate_is_read_as_what_utf_8_puts_in_its_place() -> None:
    assert words().ids("a \ud800 b") == words().ids("a ? b")
