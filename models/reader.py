"""Whether a piece of text gives orders to a model that reads it: for what n-grams leave undecided.

A network has a first opinion, from its lower layers, and a second, from all. Where the first is sure that a piece is
harmless, or that it is an attack, that ends it. The folder `weights/reader` holds the graphs and `reader.json`: between
which scores the first is in doubt, and what the network was trained on. `training/reader.py` makes it.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from .graph import Graph, Row, read_card
from .words import END, START, Words, words

FOLDER = Path(__file__).with_name("weights") / "reader"
CARD, LOWER, UPPER = "reader.json", "lower.onnx", "upper.onnx"
FORMAT = 4
PIECE = 128
"""Tokens of a piece that are read, with the two marks around them."""


class Reader:
    """The network and its scale. Thread-safe; one thread a call.

    Raises ConfigError when a file is missing, damaged, or made for another version.
    """

    def __init__(self, folder: Path = FOLDER, table: Words | None = None) -> None:
        self._words = table or words()
        card = read_card(folder, CARD, FORMAT, ("id", "doubt", "sure", "called"), self._words)
        self.id = str(card["id"])
        self._doubt, self._sure, self._called = (float(card[name]) for name in ("doubt", "sure", "called"))
        self._lower, self._upper = (Graph(folder, name, card) for name in (LOWER, UPPER))

    def scores(self, pieces: Sequence[str]) -> list[float]:
        """The log odds of each piece, of at most some 400 characters each: above 0 it rather is an attack."""
        return [self._score(piece) for piece in pieces]

    def length(self, text: str) -> int:
        """In pieces of words."""
        return len(self._words.ids(text))

    def _score(self, piece: str) -> float:
        ids = [START, *self._words.ids(piece)[: PIECE - 2], END]
        first, states = self._lower.run(Row(ids, [0] * len(ids)).feed(self._words))
        if first[0] <= self._doubt:
            return float(first[0])
        # As the second says of most such pieces: the first has another scale, and thresholds are the second's.
        return self._called if first[0] >= self._sure else float(self._upper.run({"states": states})[0][0])


@cache
def reader() -> Reader:
    """The one that ships, loaded once. Raises ConfigError when it is damaged."""
    return Reader()
