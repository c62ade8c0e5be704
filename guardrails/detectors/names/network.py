"""The named-entity layers of a spaCy 3 pipeline without spaCy: the same entities in a fraction of the time.

Words become vectors by hashed features (norm, prefix, suffix, shape) and, where the pipeline has them, word vectors;
four layers look at each word's neighbours; a greedy transition system opens and closes entities. Outside an entity its
score depends on one word alone, so all words are scored at once, and a step is made only within entities. Sources:
Miranda et al. 2022 (arXiv:2212.09255) for the hash embeddings, Lample et al. 2016 for the transitions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Keys: TypeAlias = NDArray[np.uint64]
Places: TypeAlias = NDArray[np.int64]

FEATURES = ("NORM", "PREFIX", "SUFFIX", "SHAPE")
PAD = 4
"""Rows of zeros around each text: as many as there are layers, so that texts read together do not see each other."""
KEY_BITS = 40
EPSILON = 1e-8


@dataclass(frozen=True, slots=True)
class Hashed:
    """A table in which each key has four rows, added up."""

    table: Floats
    seed: int

    def __call__(self, keys: Keys, ops: Any) -> Floats:
        rows = ops.hash(keys, self.seed) % np.uint32(len(self.table))
        return self.table[rows].sum(axis=1)


@dataclass(frozen=True, slots=True)
class Vectors:
    """Word vectors, already multiplied by their layer: the key of each word, in order, its row, and the rows."""

    keys: Keys
    """The upper KEY_BITS of the words' 64-bit keys: one unknown word in a million is taken for a known one."""
    rows: NDArray[np.uint16]
    table: Floats

    def __call__(self, words: Keys) -> Floats:
        upper = words >> np.uint64(64 - KEY_BITS)
        at = np.minimum(np.searchsorted(self.keys, upper), len(self.keys) - 1)
        return self.table[self.rows[at]] * (self.keys[at] == upper)[:, None]


@dataclass(frozen=True, slots=True)
class Weights:
    """What is stored. Moves are in the order B-, I-, L-, U- with each label, then O."""

    hashed: Sequence[Hashed]
    vectors: Vectors | None
    graph: bytes
    """The dense layers (graph.py)."""
    bias: Floats
    """(2 x hidden) of the layer that reads a state, piece by piece."""
    upper: tuple[Floats, Floats]
    """(hidden, moves) and (moves): the scores of all moves."""
    labels: Sequence[str]


@dataclass(frozen=True, slots=True)
class Entity:
    """Tokens from `start` to before `end`."""

    start: int
    end: int
    label: str
    margin: float
    """By how much its first move scored above no entity."""


class Network:
    """Runs the weights. Safe in threads.

    `prior` is added to the scores with which entities of a label begin.
    """

    def __init__(self, weights: Weights, prior: Mapping[str, float] | None = None) -> None:
        import onnxruntime
        import thinc.backends.numpy_ops as backend

        runtime, thinc = cast("Any", onnxruntime), cast("Any", backend)
        self._weights = weights
        self._ops = thinc.NumpyOps()
        # numpy would share these small products among all cores, and wait for the slowest of them.
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_mem_pattern = False  # one is kept for every shape, and texts come in every length
        self._session = runtime.InferenceSession(weights.graph, options, providers=["CPUExecutionProvider"])
        shift = [(prior or {}).get(label, 0.0) for label in weights.labels]
        self._prior = np.array([*shift, *shift, 0.0], np.float32)

    def find(self, words: Keys, features: Keys, blank: NDArray[np.bool_], ends: Sequence[int]) -> list[Entity]:
        """The entities of texts that were tokenized apart, as ranges of tokens.

        `words` has each token's key, `features` (tokens, 4) its FEATURES, `blank` is true for white space, `ends` is
        where each text ends.
        """
        if not len(words):
            return []
        tables = self._weights.hashed
        columns = [hashed(np.ascontiguousarray(features[:, at]), self._ops) for at, hashed in enumerate(tables)]
        if self._weights.vectors:
            columns.append(self._weights.vectors(words))
        inside, order = _padded(ends)
        given = {"columns": np.hstack(columns), "inside": inside, "order": order}
        parts, scores = self._session.run(["parts", "scores"], given)
        scores += self._prior
        count = len(self._weights.labels)
        scores[blank, : 2 * count] = -np.inf
        scores[np.asarray(ends) - 1, :count] = -np.inf
        return self._entities(parts, scores, ends)

    def _entities(self, parts: Floats, scores: Floats, ends: Sequence[int]) -> list[Entity]:
        """Moves from left to right, each the best that is allowed."""
        labels = self._weights.labels
        count = len(labels)
        moves = scores.argmax(axis=1)
        found: list[Entity] = []
        at = text = 0
        for place in np.flatnonzero(moves != 2 * count).tolist():
            if place < at:
                continue
            move = int(moves[place])
            while place >= ends[text]:
                text += 1
            at = self._close(parts, place, ends[text], move) if move < count else place + 1
            margin = float(scores[place, move] - scores[place, 2 * count])
            found.append(Entity(place, at, labels[move % count], margin))
        return found

    def _close(self, parts: Floats, start: int, end: int, label: int) -> int:
        """Where an entity of a label that begins at `start` ends: a state reads the word, the first and the last."""
        weights = self._weights
        count, width = len(weights.labels), len(weights.bias)
        pair = [count + label, 2 * count + label]
        upper, bias = weights.upper[0][:, pair], weights.upper[1][pair]
        for at in range(start + 1, end - 1):
            state = parts[at, :width] + parts[start, width : 2 * width] + parts[at - 1, 2 * width :] + weights.bias
            stay, close = np.maximum(state[: width // 2], state[width // 2 :]) @ upper + bias
            if close > stay:
                return at + 1
        return end


def outside(count: int) -> Places:
    """The moves that are allowed outside an entity, of so many labels: B and U with each, and O."""
    return np.r_[0:count, 3 * count : 4 * count + 1]


def _padded(ends: Sequence[int]) -> tuple[Places, Places]:
    """The row of each token among the padded texts, and the token of each row, their number where there is none."""
    places: list[Places] = []
    begin = row = 0
    for end in ends:
        row += PAD
        places.append(np.arange(row, row + end - begin))
        row += end - begin
        begin = end
    inside = np.concatenate(places)
    order = np.full(row + PAD, begin)
    order[inside] = np.arange(begin)
    return inside, order
