"""The pieces of words that the small networks read, and the vectors of these pieces: one table for all of them.

The folder `weights/words` holds the table in four bits (blocks of 32 weights with a half-precision scale) and the
tokenizer. `training/base.py` makes it from multilingual-e5-small; no training changes it.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from ..engine.errors import ConfigError

FOLDER = Path(__file__).with_name("weights") / "words"
START, PAD, END, UNKNOWN = range(4)
SPARE = 256
"""Rows at the table's end for characters that no piece holds: each at its own, so that they do not look alike."""
HINT = "install the package again"


class Words:
    """Text to numbers of pieces, and these to vectors. Thread-safe."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Raises ConfigError when a file is missing or damaged."""
        try:
            self._tokenizer = Tokenizer.from_str((folder / "tokenizer.json").read_text("utf-8"))
            with np.load(folder / "words.npz", allow_pickle=False) as table:
                self._halves: NDArray[np.uint8] = table["halves"]
                self._scales: NDArray[np.float16] = table["scales"]
        except Exception as error:
            raise ConfigError(
                f"the table of words cannot be read: {type(error).__name__}", file=folder.name, hint=HINT
            ) from None
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._spare = len(self._halves) - SPARE
        digest = hashlib.sha256(self._halves.tobytes())
        digest.update(self._scales.tobytes())
        self.id = digest.hexdigest()[:16]

    def __len__(self) -> int:
        """Rows of the table."""
        return len(self._halves)

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return self._scales.shape[1] * 32

    def ids(self, text: str) -> list[int]:
        """The text's pieces, without marks."""
        # A lone surrogate is no character: UTF-8, and so the tokenizer, cannot say it.
        text = text.encode("utf-8", "replace").decode()
        encoding: Encoding = self._tokenizer.encode(text, add_special_tokens=False)
        if UNKNOWN not in encoding.ids:
            return encoding.ids
        out: list[int] = []
        for piece, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
            if piece != UNKNOWN:
                out.append(piece)
            else:
                out += [self._spare + (ord(char) * 2654435761 >> 7) % SPARE for char in text[start:end]]
        return out

    def vectors(self, ids: NDArray[Any]) -> NDArray[np.float32]:
        """Whole numbers of any shape to vectors of shape (..., width)."""
        halves = self._halves[ids]
        both = np.concatenate([halves & 15, halves >> 4], -1).astype(np.float32)
        both -= 8.0
        both *= self._scales[ids][..., None]
        return both.reshape(*ids.shape, self.width)


@cache
def words() -> Words:
    """The table that ships, loaded once. Raises ConfigError when it is missing or damaged."""
    return Words()
