"""Attempts to take over a model: n-grams over windows of a text, then a small network that reads the undecided ones.

The n-grams decide what they are sure of. Windows in between are read by the network when it was handed over
(`use_reader`): READ of them at most, those with the highest scores, and none after a find. Without it the n-grams
decide alone, by thresholds of their own. What was measured on which texts lies beside the weights, in `injection.json`.
"""

import hashlib
import io
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, log
from typing import Any, cast

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from ...engine import jsonio
from ...engine.errors import ConfigError
from ...engine.jsonio import Json
from ...engine.ports import Finding, PieceReader
from ..scramble import boards
from .base import Context, shared
from .ngrams import Ngrams, Window
from .why import Why

READ = 2
"""Windows of one text that are read at most: some 7 to 25 ms each."""
SURE = 99.0
"""The score of a text of which the n-grams alone are sure."""
_NAME = re.compile(r"[A-Za-z_$@][A-Za-z0-9_$@.:-]{0,127}")
_ROW = re.compile(r"""[{\[](?:"[!#-\[\]-~]*"|[\s,:{}\[\]]|[\w.+-])*+""", re.ASCII)
_LONGEST = 1000
"""Characters of JSON in which names and single words stand alone, which is read as these."""
_PART = re.compile(r'"[^"]*"|[^\s",:{}\[\]]+')
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_FEW = 2
"""Words of a name that order nothing yet: `AccessToken`, `prompt_template`."""
_SHORTEST = 3
"""Letters of a word of a name on average: what has fewer was drawn at random, as ids are, and says nothing."""
_log = logging.getLogger(__name__)


class InjectionConfig(BaseModel):
    """Attempts to take over a model."""

    model_config = ConfigDict(extra="forbid")

    false_alarms: float = Field(default=0.005, gt=0, lt=1, description="Share of ordinary texts that may be found.")
    reader: bool = Field(default=True, description="Read undecided texts with the network, some 5 to 50 ms each.")


@dataclass(frozen=True, slots=True)
class Table:
    """Thresholds by false alarm rate and by how many windows a text has."""

    rates: tuple[float, ...]
    """Ascending."""
    classes: tuple[tuple[int, tuple[float, ...]], ...]
    """(the least number of windows, the threshold for each rate), ascending."""

    def thresholds(self, rate: float) -> tuple[tuple[int, float], ...]:
        """(the least number of windows, threshold), for any rate between the first and the last."""
        known = np.log(self.rates)
        return tuple((least, float(np.interp(log(rate), known, values))) for least, values in self.classes)


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned; the content of the two files."""

    ngrams: Ngrams
    mix: float
    """How much the network's score counts beside that of the n-grams."""
    low: float
    high: float
    """Windows below `low` are harmless, a text with one from `high` on is an attack; between them the network reads."""
    reader: str
    tables: dict[str, Table]
    """`ngrams` for the n-grams alone, `reader` for both."""
    version: str
    """Another one with other thresholds or another network, too: answers that were stored are then screened again."""


def read(raw: bytes, arrays: bytes) -> Weights:
    """The content of injection.json and injection.npz. Raises ConfigError when they do not belong together."""
    digest = hashlib.sha256(arrays).hexdigest()
    try:
        meta = cast("dict[str, Any]", jsonio.loads(raw))
        if meta["sha256"] != digest:
            raise ValueError("digest")
        with np.load(io.BytesIO(arrays), allow_pickle=False) as data:
            ngrams = Ngrams(data["chars"], data["words"], float(meta["unit"]), float(meta["bias"]))
        tables = {name: _table(value) for name, value in meta["tables"].items()}
        mix, low, high = (float(meta[name]) for name in ("mix", "low", "high"))
        version = hashlib.sha256(raw + arrays).hexdigest()[:12]
        return Weights(ngrams, mix, low, high, str(meta["reader"]), tables, version)
    except (KeyError, TypeError, ValueError, OSError, AttributeError):
        raise ConfigError(
            "The weights of the injection detector are damaged.", hint="install the package again"
        ) from None


def _table(value: dict[str, Any]) -> Table:
    classes = tuple((int(least), tuple(map(float, cuts))) for least, cuts in value["thresholds"].items())
    return Table(tuple(map(float, value["rates"])), tuple(sorted(classes)))


@cache
def weights() -> Weights:
    """Those that ship, loaded once. Raises ConfigError when they are damaged."""
    folder = files("tidegate.guardrails") / "weights"
    try:
        return read((folder / "injection.json").read_bytes(), (folder / "injection.npz").read_bytes())
    except OSError:
        raise ConfigError(
            "The weights of the injection detector are missing.", hint="install the package again"
        ) from None


def _threshold(cuts: Sequence[tuple[int, float]], count: int) -> float:
    """That of a text of `count` windows, of `Table.thresholds`."""
    return next(cut for least, cut in reversed(cuts) if count >= least)


def _in_words(text: str) -> str | None:
    """The words of a text which is one name, as fields and functions have them, or short JSON without a blank in any
    string; empty where they are few, and None for any other text. The networks know sentences: names as they stand were
    attacks to them, one in twelve, and `{"name": "x"}` one in five."""
    if not (_NAME.fullmatch(text) or (len(text) <= _LONGEST and _ROW.fullmatch(text))):
        return None
    found = map(_WORD.findall, _PART.findall(text))
    names = [words for words in found if words and sum(map(len, words)) >= _SHORTEST * len(words)]
    return ", ".join(map(" ".join, names)) if sum(map(len, names)) > _FEW else ""


def _share(score: float) -> float:
    """Log odds as a share, 0 to 1."""
    return 1 / (1 + exp(-max(-30.0, min(30.0, score))))


@cache
def _tell(way: str) -> None:
    """Once, however many rules there are."""
    _log.info(
        "attempts to take over a model are judged by %s", "n-grams and the network" if way == "reader" else "n-grams"
    )


class Injection:
    """Finds the window of a text that most looks like an attempt to take over the model."""

    kind = "injection"
    resumes = True
    reads_through = True
    # A text is judged whole: more of it adds windows, and moves the threshold.
    context = None
    hold = None

    def __init__(self, config: InjectionConfig, label: str, learned: Weights | None = None) -> None:
        self._config = config
        self.false_alarms = config.false_alarms
        self._weights = learned or weights()
        self._reader: PieceReader | None = None
        self.label = label
        self.version = f"3-{self._weights.version}"
        self._cuts = {name: table.thresholds(config.false_alarms) for name, table in self._weights.tables.items()}
        both = self._weights.tables["reader"]
        self._strictest = both.thresholds(both.rates[0])  # the same for all rules

    @classmethod
    def from_config(cls, config: Json, context: Context) -> "Injection":
        """A mapping (InjectionConfig), which may be empty. Raises ConfigError with the line."""
        settings = context.parse(
            InjectionConfig, {} if config is None else config, hint="injection: {false_alarms: 0.005}"
        )
        rates = weights().tables["ngrams"].rates
        if not rates[0] <= settings.false_alarms <= rates[-1]:
            raise context.error(
                f"false_alarms is {settings.false_alarms:g}, and was measured from {rates[0]:g} to {rates[-1]:g} only",
                ("false_alarms",),
            )
        return cls(settings, context.label)

    @property
    def slow(self) -> bool:
        """Whether the network may run."""
        return self._reader is not None

    @property
    def reads_with(self) -> str:
        """What decides: `ngrams`, or `reader` for both."""
        return "reader" if self._reader else "ngrams"

    @property
    def pieces(self) -> Callable[[str], int] | None:
        """Of how many pieces of words a text is, where the network reads it."""
        return self._reader.length if self._reader else None

    def use_reader(self, reader: PieceReader) -> None:
        """Hand over the network. Another one than the thresholds were found with is not used."""
        if self._config.reader and reader.id == self._weights.reader:
            self._reader = reader

    def start(self) -> None:
        _tell(self.reads_with)

    def find(self, text: str, start: int = 0) -> list[Finding]:
        if start or not (looked := self._looked(text)):
            return []
        count, window, score = looked
        return [Finding(window.start, window.end, self.label, _share(score))] if score >= self._cut(count) else []

    def whys(self, text: str) -> list[Why]:
        """The window that most looks like an attack, found or not, with its score beside the threshold."""
        if not (looked := self._looked(text)):
            return []
        count, window, score = looked
        cut = self._cut(count)
        by = "the n-grams and the network" if self.reads_with == "reader" else "the n-grams"
        rate = f"{score:.2f} by {by}, where {cut:.2f} is a find at false_alarms {self.false_alarms:g}"
        return [Why(window.start, window.end, self.label, _share(score), _share(cut), rate)]

    def _cut(self, count: int) -> float:
        """The threshold of a text of so many windows."""
        return _threshold(self._cuts[self.reads_with], count)

    def score(self, text: str) -> float:
        """The text's score, to be compared with a threshold."""
        looked = self._looked(text)
        return looked[2] if looked else -SURE

    def _looked(self, text: str) -> tuple[int, Window, float] | None:
        """How many windows a text has, and what `best` says of them; None for a text of none. Rules with other rates
        share it."""

        def look() -> tuple[int, Window, float] | None:
            words = _in_words(text)
            said = boards(text) if words is None else words
            windows = self._weights.ngrams.windows(said)
            if not windows:
                return None
            window, score = self.best(windows, said)
            return len(windows), window if words is None else Window(0, len(text), window.score), score

        return shared(text, (Injection, self._weights.version, self.reads_with), look)

    def best(self, windows: Sequence[Window], text: str) -> tuple[Window, float]:
        """The window that most looks like an attack, and the text's score: log odds, more or less."""
        first = max(windows, key=lambda window: window.score)
        if self._reader is None or first.score < self._weights.low:
            return first, first.score
        if first.score >= self._weights.high:
            return first, SURE
        undecided = sorted(windows, key=lambda window: -window.score)[:READ]
        enough = _threshold(self._strictest, len(windows))
        found = list[tuple[float, Window]]()
        for window in undecided:
            if window.score < self._weights.low or (found and found[-1][0] >= enough):
                break  # a find at any rate: no further window makes it another
            (odds,) = self._reader.scores([" ".join(text[window.start : window.end].split())])
            found.append((window.score + self._weights.mix * odds, window))
        score, window = max(found, key=lambda one: one[0])
        return window, score

    def open_from(self, text: str) -> int:
        return 0
