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
HINT = "install the package again"


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces of words, and for each the text that it belongs to: 0 or 1."""

    ids: list[int]
    types: list[int]


@dataclass(frozen=True, slots=True)
class Landing:
    """What the lower layers say of some rows, and where the upper ones go on."""

    scores: list[float]
    states: Floats
    types: NDArray[np.int64]
    mask: NDArray[np.int64]


class Ladder:
    """Runs both flights. Thread-safe; one thread a call.

    Raises ConfigError when a graph is missing, damaged, or made above another table of words.
    """

    def __init__(self, folder: Path, card: dict[str, Any], words: Words) -> None:
        if card["words"] != words.id:
            raise ConfigError("the network was trained above another table of words", file=folder.name, hint=HINT)
        self.words = words
        self._lower, self._upper = (_session(folder, name, card) for name in GRAPHS)

    def first(self, rows: Sequence[Row]) -> Landing:
        """The first opinion of each row, in order. There must be one at least."""
        width = max(len(row.ids) for row in rows)
        ids, types, mask = (np.zeros((len(rows), width), np.int64) for _ in range(3))
        for at, row in enumerate(rows):
            ids[at, : len(row.ids)] = row.ids
            types[at, : len(row.types)] = row.types
            mask[at, : len(row.ids)] = 1
        feed = {"vectors": self.words.vectors(ids), "types": types, "mask": mask}
        scores, states = cast("list[Floats]", self._lower.run(["score", "states"], feed))
        return Landing(scores.tolist(), states, types, mask)

    def last(self, landing: Landing, which: Sequence[int]) -> list[float]:
        """The last word on some of the rows, by their places."""
        some = list(which)
        width = int(landing.mask[some].sum(1).max())
        feed = {
            "states": landing.states[some, :width],
            "types": landing.types[some, :width],
            "mask": landing.mask[some, :width],
        }
        return cast("list[Floats]", self._upper.run(["score"], feed))[0].tolist()


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
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ConfigError(f"onnxruntime cannot load it: {type(error).__name__}", file=name, hint=HINT) from None
