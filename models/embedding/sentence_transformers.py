"""sentence-transformers itself behind the Embedder port: slower, needs torch, runs every model that it knows."""

import hashlib
import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...engine.errors import ConfigError
from ...engine.ports import Vector
from .find import source_of


def load_model(model: str) -> Any:
    """A `SentenceTransformer` on the processor. `model` as for `find.source_of`. Raises ConfigError in words."""
    try:
        library: Any = importlib.import_module("sentence_transformers")
    except ImportError:
        raise ConfigError(
            "sentence-transformers is not installed.", hint="pip install 'tidegate[sentence-transformers]'"
        ) from None
    name, source = source_of(model)
    bars: Any = importlib.import_module("transformers.utils.logging")
    bars.disable_progress_bar()  # the command line has its own
    try:
        return library.SentenceTransformer(source, device="cpu")
    except Exception as error:
        raise ConfigError(f"sentence-transformers cannot load {name}: {type(error).__name__}.") from None
    finally:
        bars.enable_progress_bar()


class SentenceTransformerEmbedder:
    """Texts to unit vectors by any sentence-transformers model. Safe to call from several threads."""

    def __init__(self, model: str) -> None:
        self._model = load_model(model)
        whole = hashlib.sha256()
        for name, weights in self._model.state_dict().items():
            whole.update(name.encode() + b"\0" + weights.numpy().tobytes())
        self.id = f"{source_of(model)[0]}@st-{whole.hexdigest()[:12]}"
        self.dim = int(self._model.encode([""]).shape[1])

    def embed(self, texts: Sequence[str]) -> Vector:
        """Shape (len(texts), dim), float32, each row of length 1. Blocking."""
        if not texts:
            return np.empty((0, self.dim), np.float32)
        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        vectors = self._model.encode(clean, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(vectors, np.float32)
