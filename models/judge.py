"""Whether one answer serves two prompts: cross-encoders that read both at once, a small one and then a deep one.

The small one refuses what it is sure of, and accepts it where prompts are long; of the rest both give their opinion.
The folder `weights/verifier` holds their graphs and `verifier.json`: calibration, thresholds with the counts behind
them, and what they were trained on. `training/verifier.py` and `training/export.py` make it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .graph import Graph, Row, read_card
from .shared import shared
from .words import END, START, Words, words

FOLDER = Path(__file__).with_name("weights") / "verifier"
CARD, SMALL, DEEP = "verifier.json", "small.onnx", "deep.onnx"
FORMAT = 6
MAX_TOKENS = 320
"""Of both prompts and the three marks between them."""
CONTEXT = 24
"""Tokens of a shared beginning or ending that stay when the rest of it is left out."""
LONG = math.log(24)
"""Prompts of so many pieces, as `size` says it: they take the deep one 4 ms and more, and the small one is less often
wrong there than its curve says."""
NEVER = 2.0
"""A threshold that no probability reaches."""


def join(a: list[int], b: list[int], limit: int = MAX_TOKENS) -> Row | None:
    """<s> a </s> b </s>, or None when it is too long.

    What both begin or end with is shortened alike, so nothing that tells them apart is ever left out.
    """
    room = limit - 3
    if len(a) + len(b) > room:
        a, b = _shorten(a, b, room)
    if len(a) + len(b) > room:
        return None
    return Row([START, *a, END, *b, END], [0] * (len(a) + 2) + [1] * (len(b) + 1))


def _shorten(a: list[int], b: list[int], room: int) -> tuple[list[int], list[int]]:
    """Leave out the same tokens on both sides: the inside of a shared beginning, then of a shared ending."""
    for step in (1, -1):
        a, b = a[::step], b[::step]
        shared = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
        drop = min(max(0, shared - 2 * CONTEXT), max(0, (len(a) + len(b) - room + 1) // 2))
        if drop:
            a, b = a[:CONTEXT] + a[CONTEXT + drop :], b[:CONTEXT] + b[CONTEXT + drop :]
        a, b = a[::step], b[::step]
    return a, b


@dataclass(frozen=True, slots=True)
class Calibration:
    """From scores to probabilities: logistic curves of the small network's score alone, and of both. How long the
    prompts are counts too: of long ones the networks are less sure than they may be."""

    alone: tuple[float, float, float]
    """Slopes of the score and of the length (see `size`), and offset."""
    both: tuple[float, float, float, float]
    """Slopes of the small one's score, of the deep one's and of the length, and offset."""
    doubts: tuple[float, float]
    """Between these probabilities the small one is in doubt."""
    long: tuple[float, float] | None = None
    """Of LONG prompts: from which probability on it is in none, and what is added to its log-odds there, so that what
    it just accepts counts as what both just accept at the usual bound."""

    def first(self, small: float, length: float) -> float:
        return _sigmoid(self._odds(small, length))

    def _odds(self, small: float, length: float) -> float:
        slope, long, offset = self.alone
        return slope * small + long * length + offset

    def second(self, small: float, deep: float, length: float) -> float:
        one, two, long, offset = self.both
        return _sigmoid(one * small + two * deep + long * length + offset)

    def chance(self, small: float, length: float, read_on: Callable[[], float] | None) -> float:
        """The probability; `read_on` gives the deep one's score where it is asked, if there is a deep one."""
        alone = self.first(small, length)
        low, high, sure = self.limits(length)
        if read_on is None or alone <= low:
            return alone
        if alone < high:
            return self.second(small, read_on(), length)
        return _sigmoid(self._odds(small, length) + sure)

    def limits(self, length: float) -> tuple[float, float, float]:
        """Between which probabilities the small one is in doubt about prompts of this length, and what is added to its
        log-odds where it accepts by itself."""
        low, high = self.doubts
        return (low, *self.long) if self.long is not None and length >= LONG else (low, high, 0.0)


def size(a: list[int], b: list[int]) -> float:
    """How long two prompts are: the logarithm of the pieces of the longer."""
    return math.log(max(len(a), len(b), 1))


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, x))))


class Judge:
    """The networks, their calibration and thresholds. Thread-safe; one thread a call.

    Raises ConfigError when a file is missing, damaged, or made for another version.
    """

    def __init__(self, folder: Path = FOLDER, table: Words | None = None, deep: bool = True) -> None:
        """`deep`: whether the deep one reads what the small one leaves undecided; without it, it is not loaded."""
        self._words = table or words()
        card = read_card(folder, CARD, FORMAT, ("id", "calibration", "thresholds", "max_tokens", "alone"), self._words)
        self.id = str(card["id"]) if deep else f"{card['id']}-small"
        self.limit = int(card["max_tokens"])
        rows = card["thresholds"] if deep else card["alone"]
        self.table = sorted((float(row["max_wrong_hits"]), float(row["probability"])) for row in rows)
        given = card["calibration"]
        self._calibration = Calibration(*(tuple(given[name]) for name in ("alone", "both", "doubts", "long")))
        self._small = Graph(folder, SMALL, card)
        self._deep = Graph(folder, DEEP, card) if deep else None

    def probability(self, a: str, b: str) -> float:
        """The calibrated probability that one answer serves both prompts, whichever comes first; 0.0 when they are too
        long to read."""
        # One order for both, so that the answer does not depend on who was stored first.
        one, two = (self._words.ids(text) for text in sorted((a, b)))
        row = join(one, two, self.limit)
        if row is None:
            return 0.0
        feed = row.feed(self._words)
        small, deep = float(self._small.run(feed)[0][0]), self._deep
        return self._calibration.chance(small, size(one, two), deep and (lambda: float(deep.run(feed)[0][0])))

    def threshold(self, max_wrong_hits: float) -> float:
        """The probability from which on to accept; between two rows of the table the stricter counts.

        At 0.01 it is where at most 1.8 % of hand-written traps passed, of hands that the networks had not seen;
        `verifier.json` has each row's counts. Ordinary traffic holds far fewer traps than those pairs.
        """
        held = [probability for share, probability in self.table if share <= max_wrong_hits + 1e-12]
        return min(held, default=NEVER)


def judge(*, deep: bool = True) -> Judge:
    """The one that ships, shared in this process. Raises ConfigError when it is damaged."""
    return shared((Judge, deep), lambda: Judge(deep=deep))
