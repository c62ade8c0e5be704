"""Whether a piece of text gives orders to a model that reads it: for what n-grams leave undecided.

Our own network has the first opinion, from its lower layers, and the second, from all; another classifier
(`models/defender.py`), which learned from other collections, has the third. Whoever is sure that a piece is harmless
ends it. The folder `weights/reader` holds the graphs
and `reader.json`: how the scores are joined, and what the network was trained on. `training/reader.py` makes it.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from .defender import Defender
from .graph import Graph, Row, read_card
from .words import END, START, Words, words

FOLDER = Path(__file__).with_name("weights") / "reader"
CARD, LOWER, UPPER = "reader.json", "lower.onnx", "upper.onnx"
FORMAT = 2
PIECE = 128
"""Tokens of a piece that are read, with the two marks around them."""


class Reader:
    """The network and its scale. Thread-safe; one thread a call.

    Raises ConfigError when a file is missing, damaged, or made for another version.
    """

    def __init__(self, folder: Path = FOLDER, table: Words | None = None) -> None:
        self._words = table or words()
        card = read_card(folder, CARD, FORMAT, ("id", "doubts", "defender"), self._words)
        self.id = str(card["id"])
        self._early, self._late = map(float, card["doubts"])
        self._weight = float(card["defender"])
        self._lower, self._upper = (Graph(folder, name, card) for name in (LOWER, UPPER))
        self._defender = Defender()

    def scores(self, pieces: Sequence[str]) -> list[float]:
        """The log odds of each piece, of at most some 400 characters each: above 0 it rather is an attack."""
        return [self._score(piece) for piece in pieces]

    def _score(self, piece: str) -> float:
        ids = [START, *self._words.ids(piece)[: PIECE - 2], END]
        first, states = self._lower.run(Row(ids, [0] * len(ids)).feed(self._words))
        if first[0] <= self._early:
            return float(first[0])
        last = float(self._upper.run({"states": states})[0][0])
        return last if last <= self._late else last + self._weight * self._defender.score(piece)


@cache
def reader() -> Reader:
    """The one that ships, loaded once. Raises ConfigError when it is damaged."""
    return Reader()
