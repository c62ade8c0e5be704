"""A small network in two flights of layers: a first opinion from the lower ones, the last word from all of them.

Its folder holds two ONNX graphs in 8 bits, `lower.onnx` and `upper.onnx`, and a card in JSON that names their sha256,
the table of words they were trained above, and whatever else the network's user keeps there.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ..engine.errors import ConfigError
from .words import Words

Floats = NDArray[np.float32]
GRAPHS = ("lower.onnx", "upper.onnx")
SLOWER = "SkipLayerNormFusion"
"""A fusion of onnxruntime's that takes a tenth longer on one thread than what it replaces."""
HINT = "install the package again"


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces of words, and for each the text that it belongs to: 0 or 1."""

    ids: list[int]
    types: list[int]


@dataclass(frozen=True, slots=True)
class Landing:
    """What the lower layers say of a row, and where the upper ones go on."""

    score: float
    feed: dict[str, Any]


class Ladder:
    """Runs both flights, a row at a time: 8-bit numbers take their scale from all that is read at once, so that a row's
    score would depend on its company. Thread-safe; one thread a call.

    Raises ConfigError when a graph is missing, damaged, or made above another table of words.
    """

    def __init__(self, folder: Path, card: dict[str, Any], words: Words) -> None:
        if card["words"] != words.id:
            raise ConfigError("the network was trained above another table of words", file=folder.name, hint=HINT)
        self.words = words
        self._lower, self._upper = (_session(folder, name, card) for name in GRAPHS)

    def first(self, row: Row) -> Landing:
        """The first opinion."""
        types = np.array([row.types], np.int64)
        feed = {"vectors": self.words.vectors(np.array([row.ids], np.int64)), "types": types}
        score, states = cast("list[Floats]", self._lower.run(["score", "states"], feed))
        return Landing(float(score[0]), {"states": states, "types": types})

    def last(self, landing: Landing) -> float:
        """The last word."""
        feed = {each.name: landing.feed[each.name] for each in self._upper.get_inputs()}
        return float(cast("list[Floats]", self._upper.run(["score"], feed))[0][0])


def read_card(folder: Path, name: str, version: int, fields: Sequence[str]) -> dict[str, Any]:
    """The card of a network. Raises ConfigError when it is missing, damaged, of another format, or lacks a field."""
    try:
        card = cast("dict[str, Any]", json.loads((folder / name).read_text("utf-8")))
        if card["format"] != version:
            raise ConfigError(f"format {card['format']} is not known here", file=name, hint=HINT)
        for field in ("files", "words", *fields):
            card[field]
    except OSError:
        raise ConfigError("the network's folder lacks this file", file=name, hint=HINT) from None
    except (ValueError, KeyError, TypeError):
        raise ConfigError("this file is damaged", file=name, hint=HINT) from None
    return card


def _session(folder: Path, name: str, card: dict[str, Any]) -> Any:
    try:
        graph = (folder / name).read_bytes()
    except OSError:
        raise ConfigError("the network's folder lacks this file", file=name, hint=HINT) from None
    if hashlib.sha256(graph).hexdigest() != card["files"].get(name):
        raise ConfigError("this file is damaged: its sha256 is not the one on its card", file=name, hint=HINT)
    options = cast(Any, onnxruntime).SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    try:
        return onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"], disabled_optimizers=[SLOWER]
        )
    except Exception as error:
        raise ConfigError(f"onnxruntime cannot load it: {type(error).__name__}", file=name, hint=HINT) from None
