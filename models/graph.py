"""ONNX graphs of small networks that ship, in 8 bits, each row read alone.

A folder holds graphs and a card in JSON that names their sha256, the table of words that they were trained above, and
whatever else the user of the network keeps there.
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
SLOWER = "SkipLayerNormFusion"
"""A fusion of onnxruntime's that takes a tenth longer on one thread than what it replaces."""
HINT = "install the package again"


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces of words, and for each the text that it belongs to: 0 or 1."""

    ids: list[int]
    types: list[int]

    def feed(self, words: Words) -> dict[str, Any]:
        """As the graphs take it."""
        vectors = words.vectors(np.array([self.ids], np.int64))
        return {"vectors": vectors, "types": np.array([self.types], np.int64)}


def read_card(folder: Path, name: str, version: int, fields: Sequence[str], words: Words) -> dict[str, Any]:
    """The card of a network. Raises ConfigError when it is missing, damaged, of another format, lacks a field, or names
    another table of words."""
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
    if card["words"] != words.id:
        raise ConfigError("the network was trained above another table of words", file=name, hint=HINT)
    return card


class Graph:
    """One graph. Thread-safe; one thread a call. Raises ConfigError when its file is missing or damaged.

    A row is read at a time: 8-bit numbers take their scale from all that is read at once, so that a row's score would
    depend on its company.
    """

    def __init__(self, folder: Path, name: str, card: dict[str, Any]) -> None:
        try:
            graph = (folder / name).read_bytes()
        except OSError:
            raise ConfigError("the network's folder lacks this file", file=name, hint=HINT) from None
        if hashlib.sha256(graph).hexdigest() != card["files"].get(name):
            raise ConfigError("this file is damaged: its sha256 is not the one on its card", file=name, hint=HINT)
        self._session = session(graph, name)

    def run(self, feed: dict[str, Any]) -> list[Floats]:
        """All outputs, in their order."""
        return cast("list[Floats]", self._session.run(None, feed))


def session(graph: bytes, name: str) -> Any:
    """An onnxruntime session on one thread. Raises ConfigError when the graph cannot be loaded."""
    options = cast(Any, onnxruntime).SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.enable_mem_pattern = False  # one is kept for every shape, and texts come in every length
    try:
        return onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"], disabled_optimizers=[SLOWER]
        )
    except Exception as error:
        raise ConfigError(f"onnxruntime cannot load it: {type(error).__name__}", file=name, hint=HINT) from None
