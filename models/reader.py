"""Whether a piece of text gives orders to a model that reads it: for what n-grams leave undecided.

Our own network has the first opinion, from its lower layers, and then the second, together with that of another
classifier (`models/defender.py`), which learned from other collections. The folder `weights/reader` holds the graphs
and `reader.json`: how the scores are joined, and what the network was trained on. `training/reader.py` makes it.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from .defender import Defender
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
        card = read_card(folder, CARD, FORMAT, ("id", "doubt", "defender"))
        self.id = str(card["id"])
        self._doubt, self._weight = float(card["doubt"]), float(card["defender"])
        self._ladder = Ladder(folder, card, table or words())
        self._defender = Defender()

    def scores(self, pieces: Sequence[str]) -> list[float]:
        """The log odds of each piece, of at most some 400 characters each: above 0 it rather is an attack."""
        return [self._score(piece) for piece in pieces]

    def _score(self, piece: str) -> float:
        """What the lower layers find harmless is not read on."""
        ids = [START, *self._ladder.words.ids(piece)[: PIECE - 2], END]
        landing = self._ladder.first(Row(ids, [0] * len(ids)))
        if landing.score <= self._doubt:
            return landing.score
        return self._ladder.last(landing) + self._weight * self._defender.score(piece)


@cache
def reader() -> Reader:
    """The one that ships, loaded once. Raises ConfigError when it is damaged."""
    return Reader()
