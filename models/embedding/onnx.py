"""A prepared sentence encoder on ONNX Runtime: no torch, one thread, a few milliseconds a text."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from ...engine.errors import ConfigError
from ...engine.ports import Vector
from ..shared import shared
from .find import DEFAULT, MODEL, TOKENIZER, file_sha256, folder_of, read_meta

BATCH_TOKENS = 512
"""Tokens run at once, padding counted: bounds a batch's memory, and one thread is no faster with more."""
CHARS_A_TOKEN = 64
"""Text beyond this many characters for each token of the model is not even tokenised; words are far shorter."""


class OnnxEmbedder:
    """Texts to unit vectors, as the Embedder port says. Safe to call from several threads.

    A text of more tokens than the model takes is cut, as sentence-transformers does. `threads` are used within one
    call. Raises ConfigError when `folder` holds no prepared model or a damaged one.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        meta = read_meta(folder)
        if file_sha256(folder / MODEL) != meta.sha256:
            raise ConfigError(f"The embedding model {meta.name} is damaged.", hint="run: tidegate models prepare")
        self.id = meta.id
        self.dim = meta.dim
        self._mean = meta.pooling == "mean"
        self._prompt = meta.prompt
        self._most_chars = meta.max_tokens * CHARS_A_TOKEN
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.enable_truncation(meta.max_tokens)
        self._tokenizer.no_padding()
        self._session = _session(folder / MODEL, threads)
        self._inputs = [cast("str", node.name) for node in self._session.get_inputs()]

    def embed(self, texts: Sequence[str]) -> Vector:
        """Shape (len(texts), dim), float32, each row of length 1. Blocking."""
        encodings = [self._encode(text) for text in texts]
        out = np.empty((len(texts), self.dim), np.float32)
        for places in _batches([len(encoding.ids) for encoding in encodings]):
            out[places] = self._run([encodings[place] for place in places])
        return out

    def _encode(self, text: str) -> Encoding:
        # A lone surrogate is no character: UTF-8, and so the tokenizer, cannot say it.
        clean = text[: self._most_chars].encode("utf-8", "replace").decode()
        return self._tokenizer.encode(self._prompt + clean)

    def _run(self, encodings: Sequence[Encoding]) -> Vector:
        longest = max(len(encoding.ids) for encoding in encodings)
        ids = np.zeros((len(encodings), longest), np.int64)
        mask = np.zeros_like(ids)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        output: list[NDArray[np.float32]] = self._session.run(None, {name: feeds[name] for name in self._inputs})
        return pool(output[0], mask, self._mean)


def pool(hidden: NDArray[np.float32], mask: NDArray[np.int64], mean: bool) -> Vector:
    """Token vectors of shape (n, tokens, dim) to unit vectors: their mean, or the first one (the class token)."""
    if not mean:
        pooled = hidden[:, 0]
    elif len(hidden) == 1:
        pooled = hidden.mean(axis=1)
    else:
        pooled = (hidden * mask[:, :, None].astype(np.float32)).sum(axis=1)  # its length is divided out below
    return pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-12)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of texts to run together: of like length, BATCH_TOKENS at most."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and lengths[place] * (len(batch) + 1) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _session(path: Path, threads: int) -> Any:
    options: Any = cast("Any", onnxruntime).SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_mem_pattern = False  # one is kept for every shape, and texts come in every length
    try:
        return cast("Any", onnxruntime).InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ConfigError(f"ONNX Runtime cannot load {path.name}: {type(error).__name__}.") from None


def load(name: str = DEFAULT, *, threads: int = 1) -> OnnxEmbedder:
    """The prepared model of this name, shared in this process. Raises ConfigError, with the command to run, when there
    is none."""
    folder = folder_of(name)
    what = (OnnxEmbedder, folder, read_meta(folder), threads)
    return shared(what, lambda: OnnxEmbedder(folder, threads=threads))
