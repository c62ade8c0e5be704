"""Whether one answer serves two questions: rules that refuse, then a calibrated probability.

The probability comes from a logistic model over what the rules leave: small words, length, form, and the cosine
of the vectors. Its weights and thresholds lie in `verifier.json`, which
also says what they were fitted and measured on: pairs written for this project, and rewordings and contrasts made from
them, in that mixture. On questions of another kind the share of wrong hits can be higher than the one asked for: on
Quora's question pairs, labels as they are, about one hit in ten is marked wrong.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from .rules.reading import Reading, read
from .rules.veto import bared, unmatched, veto

WEIGHTS = Path(__file__).with_name("verifier.json")
NEVER = 2.0
"""A threshold that no probability reaches."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored text that lies near."""

    text: str
    cosine: float
    """Of the sentence vectors where the verifier goes by them, else of the static ones."""


class Verifier(Protocol):
    """The last word on a candidate."""

    gate: float
    """Static cosine below which nothing is near."""
    floor: float
    """Sentence cosine below which this verifier is not asked."""
    sentences: bool
    """Whether it goes by the cosine of sentence vectors. If not, static ones will do, and no encoder runs."""
    reads: int
    """Candidates that it judges for one question at most. Once so many have passed the rules, the rest is left."""
    spread: float
    """Cosine by which the others may lie farther off than the nearest of them."""

    def veto(self, question: str, candidate: str) -> str:
        """Why the two cannot share an answer, from their words alone; empty when that is open. Microseconds."""
        ...

    async def judge(self, question: str, candidates: Sequence[Candidate]) -> list[float]:
        """For each candidate, nearest first, the probability that its answer serves the question too. Vetoed ones get
        0."""
        ...

    def threshold(self, max_wrong_hits: float) -> float:
        """The probability from which on at most this share of hits is expected to be wrong; NEVER if there is none."""
        ...

    def close(self) -> None:
        """Let go of threads."""
        ...


FEATURES = ("bias", "cosine", "weak", "length", "few_words", "not_english", "question_open", "long")


def features(a: Reading, b: Reading, cosine: float) -> list[float]:
    """How two questions still differ that no rule refused. Order as in FEATURES.

    Words of content that only one side has are refused by rule, whatever they weigh; so does order; what is
    left is small words, length and form.
    """
    mine, yours = unmatched(a, b)
    return [
        1.0,
        cosine,
        float(min(len(mine) + len(yours), 3)),
        abs(math.log((a.length + 20) / (b.length + 20))),
        1.0 / (1 + sum((a.counts & b.counts).values())),
        float(not (a.english and b.english)),
        float(a.questions != b.questions),
        min(max(a.length, b.length), 600) / 300,
    ]


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic model, its calibration and its table of thresholds."""

    weights: tuple[float, ...]
    slope: float
    offset: float
    thresholds: tuple[tuple[float, float], ...]
    """(share of wrong hits, probability), measured on held-back pairs, by rising share."""

    def probability(self, values: Sequence[float]) -> float:
        score = sum(weight * value for weight, value in zip(self.weights, values, strict=True))
        return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, self.slope * score + self.offset))))

    def threshold(self, max_wrong_hits: float) -> float:
        """The table's row at or below the share asked for: between two rows the stricter one counts."""
        held = [probability for share, probability in self.thresholds if share <= max_wrong_hits]
        return min(held, default=NEVER)


def load(path: Path = WEIGHTS) -> Model:
    """The model in a file that `tidegate.cache.train` wrote. Raises OSError, ValueError, KeyError."""
    raw = cast("dict[str, Any]", json.loads(path.read_text("utf-8")))
    if tuple(raw["features"]) != FEATURES:
        raise ValueError(f"{path.name} was fitted for other features: train it again")
    return Model(
        tuple(raw["weights"]),
        raw["slope"],
        raw["offset"],
        tuple((row["wrong"], row["probability"]) for row in raw["thresholds"]),
    )


class LexicalVerifier:
    """Rules and a logistic model; some 10 to 60 microseconds a candidate, on the event loop."""

    gate = 0.55
    floor = 0.75
    sentences = True
    reads = 8
    spread = 2.0

    def __init__(self, model: Model | None = None, *, fixed: float | None = None) -> None:
        """`fixed` takes the place of the table's thresholds."""
        self.model = model or load()
        self._fixed = fixed

    def veto(self, question: str, candidate: str) -> str:
        """See Verifier. No network looks at the sentence here, so a word that has lost its accents may be another."""
        left, right = read(question), read(candidate)
        return veto(left, right) or ("accent" if bared(left, right) else "")

    def probability(self, a: str, b: str, cosine: float) -> float:
        """The probability for one pair; 0.0 when a rule refuses it."""
        if self.veto(a, b):
            return 0.0
        left, right = read(a), read(b)
        return self.model.probability(features(left, right, cosine))

    async def judge(self, question: str, candidates: Sequence[Candidate]) -> list[float]:
        return [self.probability(question, candidate.text, candidate.cosine) for candidate in candidates]

    def threshold(self, max_wrong_hits: float) -> float:
        return self._fixed or self.model.threshold(max_wrong_hits)

    def close(self) -> None:
        """Nothing to let go of."""
