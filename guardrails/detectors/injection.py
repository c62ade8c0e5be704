"""Attempts to take over a model: n-grams over windows of a text, then a small network over the encoder's vectors.

The n-grams decide what they are sure of. Windows in between are read by the sentence encoder that the cache uses, when
there is one (`use_embedder`): ENCODED of them at most, those with the highest scores. Without it the n-grams decide
alone, by thresholds of their own. What was measured on which texts lies beside the weights, in `injection.json`.
"""

import hashlib
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, log
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ...engine import jsonio
from ...engine.errors import ConfigError
from ...engine.jsonio import Json
from ...engine.ports import Embedder, Finding
from .base import Context
from .ngrams import Ngrams, Window

ENCODED = 6
"""Windows of one text that the encoder reads at most: some 10 ms each."""
SURE = 99.0
"""The score of a text of which the n-grams alone are sure."""
_log = logging.getLogger(__name__)


class InjectionConfig(BaseModel):
    """Attempts to take over a model."""

    model_config = ConfigDict(extra="forbid")

    false_alarms: float = Field(default=0.005, gt=0, lt=1, description="Share of ordinary texts that may be found.")
    encoder: bool = Field(default=True, description="Read undecided texts with the cache's encoder, if there is one.")


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
    inner: NDArray[np.float32]
    shift: NDArray[np.float32]
    outer: NDArray[np.float32]
    bias: float
    mix: float
    """How much the network's score counts beside that of the n-grams."""
    low: float
    high: float
    """Windows below `low` are harmless, a text with one from `high` on is an attack; between them the encoder reads."""
    encoder: str
    tables: dict[str, Table]
    """`ngrams` for the n-grams alone, `encoder` for both."""
    version: str

    def mixed(self, windows: Sequence[Window], vectors: NDArray[np.float32]) -> list[float]:
        """Scores of windows, by the n-grams and their vectors (n, dim) together."""
        hidden = np.maximum(vectors @ self.inner + self.shift, 0)
        judged = hidden @ self.outer + self.bias
        return [window.score + self.mix * float(other) for window, other in zip(windows, judged, strict=True)]


def read(raw: bytes, arrays: bytes) -> Weights:
    """The content of injection.json and injection.npz. Raises ConfigError when they do not belong together."""
    digest = hashlib.sha256(arrays).hexdigest()
    try:
        meta = cast("dict[str, Any]", jsonio.loads(raw))
        if meta["sha256"] != digest:
            raise ValueError("digest")
        with np.load(io.BytesIO(arrays), allow_pickle=False) as data:
            ngrams = Ngrams(data["chars"], data["words"], float(meta["unit"]), float(meta["bias"]))
            inner, shift, outer = (data[name].astype(np.float32) for name in ("inner", "shift", "outer"))
        tables = {name: _table(value) for name, value in meta["tables"].items()}
        head, low, high = float(meta["head_bias"]), float(meta["low"]), float(meta["high"])
        return Weights(
            ngrams, inner, shift, outer, head, float(meta["mix"]), low, high, meta["encoder"], tables, digest[:12]
        )
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


class Injection:
    """Finds the window of a text that most looks like an attempt to take over the model."""

    kind = "injection"
    resumes = True
    # A text is judged whole: more of it adds windows, and moves the threshold.
    context = None
    hold = None

    def __init__(self, config: InjectionConfig, label: str, learned: Weights | None = None) -> None:
        self._config = config
        self._weights = learned or weights()
        self._embedder: Embedder | None = None
        self.label = label
        self.version = f"1-{self._weights.version}"
        self._cuts = {name: table.thresholds(config.false_alarms) for name, table in self._weights.tables.items()}

    @classmethod
    def from_config(cls, config: Json, context: Context) -> "Injection":
        """A mapping (InjectionConfig), which may be empty. Raises ConfigError with the line."""
        settings = context.parse(InjectionConfig, {} if config is None else config)
        rates = weights().tables["ngrams"].rates
        if not rates[0] <= settings.false_alarms <= rates[-1]:
            raise context.error(
                f"false_alarms is {settings.false_alarms:g}, and was measured from {rates[0]:g} to {rates[-1]:g} only",
                ("false_alarms",),
            )
        return cls(settings, context.label)

    @property
    def slow(self) -> bool:
        """Whether the encoder may run."""
        return self._embedder is not None

    @property
    def reads_with(self) -> str:
        """What decides: `ngrams`, or `encoder` for both."""
        return "encoder" if self._embedder else "ngrams"

    def use_embedder(self, embedder: Embedder) -> None:
        """Hand over the encoder. Another one than that of the weights is not used."""
        if self._config.encoder and embedder.id.split("@")[0] == self._weights.encoder:
            self._embedder = embedder

    def start(self) -> None:
        _log.info("%s reads with %s", self.label, self.reads_with)

    def find(self, text: str, start: int = 0) -> list[Finding]:
        windows = self._weights.ngrams.windows(text)
        if start or not windows:
            return []
        threshold = next(cut for least, cut in reversed(self._cuts[self.reads_with]) if len(windows) >= least)
        window, score = self.best(windows, text)
        if score < threshold:
            return []
        return [Finding(window.start, window.end, self.label, 1 / (1 + exp(-max(-30.0, min(30.0, score)))))]

    def score(self, text: str) -> float:
        """The text's score, to be compared with a threshold."""
        windows = self._weights.ngrams.windows(text)
        return self.best(windows, text)[1] if windows else -SURE

    def best(self, windows: Sequence[Window], text: str) -> tuple[Window, float]:
        """The window that most looks like an attack, and the text's score: log odds, more or less."""
        first = max(windows, key=lambda window: window.score)
        if self._embedder is None or first.score < self._weights.low:
            return first, first.score
        if first.score >= self._weights.high:
            return first, SURE
        undecided = sorted(windows, key=lambda window: -window.score)[:ENCODED]
        undecided = [window for window in undecided if window.score >= self._weights.low]
        vectors = self._embedder.embed([" ".join(text[each.start : each.end].split()) for each in undecided])
        scores = self._weights.mixed(undecided, vectors)
        at = int(np.argmax(scores))
        return undecided[at], scores[at]

    def open_from(self, text: str) -> int:
        return 0
