"""Whether a piece of text gives orders to a model that reads it: a small network, for what n-grams leave undecided.

The folder `weights/reader` holds its two graphs and `reader.json`: the scale of its scores, and what it was trained on.
`training/reader.py` makes it.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from .ladder import Ladder, Row, read_card
from .words import END, START, Words, words

FOLDER = Path(__file__).with_name("weights") / "reader"
CARD = "reader.json"
FORMAT = 1
PIECE = 128
"""Tokens of a piece that are read, with the two marks around them."""


class Reader:
    """The network and its scale. Thread-safe; one thread a call.

    Raises ConfigError when a file is missing, damaged, or made for another version.
    """

    def __init__(self, folder: Path = FOLDER, table: Words | None = None) -> None:
        card = read_card(folder, CARD, FORMAT, ("id", "scale"))
        self.id = str(card["id"])
        scale = card["scale"]
        self._first = float(scale["early"]["slope"]), float(scale["early"]["offset"])
        self._last = float(scale["late"]["slope"]), float(scale["late"]["offset"])
        self._doubt = float(scale["doubt"])
        self._ladder = Ladder(folder, card, table or words())

    def scores(self, pieces: Sequence[str]) -> list[float]:
        """The log odds of each piece, of at most some 400 characters each: above 0 it rather is an attack."""
        return [self._score(piece) for piece in pieces]

    def _score(self, piece: str) -> float:
        """What the lower layers find harmless is not read on."""
        ids = [START, *self._ladder.words.ids(piece)[: PIECE - 2], END]
        landing = self._ladder.first(Row(ids, [0] * len(ids)))
        slope, offset = self._first
        odds = slope * landing.score + offset
        if odds <= self._doubt:
            return odds
        slope, offset = self._last
        return slope * self._ladder.last(landing) + offset


@cache
def reader() -> Reader:
    """The one that ships, loaded once. Raises ConfigError when it is damaged."""
    return Reader()
