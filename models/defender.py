"""A second opinion on attempts to take over a model: the classifier in the package `stackone-defender` (Apache-2.0).

A MiniLM of six layers, trained on public collections of attempts; what it finds and what our own reader finds are not
the same. Only its graph and its tokenizer are read, none of the package's code runs.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from ..engine.errors import ConfigError
from .graph import session

FOLDER = Path("models") / "minilm-multihead-v5"
SHA256 = "3d4a1ba798c395c140202992c50e6c8de02fb1b9bd5aba6540848705b9c1e92c"
"""Of the graph that the reader's scale was found with."""
TOKENS = 128
HINT = "pip install stackone-defender==0.9.4"


class Defender:
    """Thread-safe; one thread a call. Raises ConfigError when the package is missing, or another version."""

    def __init__(self) -> None:
        found = find_spec("stackone_defender")
        if found is None or found.origin is None:
            raise ConfigError("the package stackone-defender is missing", hint=HINT)
        folder = Path(found.origin).parent / FOLDER
        try:
            graph = (folder / "model_quantized.onnx").read_bytes()
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception:
            raise ConfigError("the package stackone-defender lacks its classifier", hint=HINT) from None
        if hashlib.sha256(graph).hexdigest() != SHA256:
            raise ConfigError("the package stackone-defender is another version than the one known here", hint=HINT)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(TOKENS)
        self._session = session(graph, "model_quantized.onnx")

    def score(self, piece: str) -> float:
        """Log odds, not calibrated: above 0 it rather is an attempt. Some 3 to 13 ms."""
        ids = np.array([self._tokenizer.encode(piece).ids], np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        logits = cast("list[NDArray[np.float32]]", self._session.run(["logits"], feed))[0]
        return float(logits[0][0])
