"""What a text is about, by examples for and against: nearest sentences of the encoder that the cache uses anyway.

A text is of the topic when it is nearer to an example for than to any against, and as near as `min_score` at least.
Text is read sentence by sentence in pieces. The encoder is handed over by whoever wires the gate (`use_embedder`);
without one, a rule with a topic is refused at start.
"""

import re
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from ...engine.errors import ConfigError
from ...engine.jsonio import Json
from ...engine.ports import Embedder, Finding
from .base import Context
from .names.detector import chunks

EXAMPLES = 1000
PIECES = 64
"""Pieces of one text that are encoded: those at its beginning and at its end."""
_SPACE = re.compile(r"\s+")


class TopicConfig(BaseModel):
    """A topic."""

    model_config = ConfigDict(extra="forbid")

    examples: list[str] = Field(min_length=1, max_length=EXAMPLES, description="Sentences of the topic.")
    against: list[str] = Field(default=[], max_length=EXAMPLES, description="Sentences near it that are not meant.")
    min_score: float = Field(default=0.6, ge=0, le=1, description="The least cosine similarity to an example.")


class Topic:
    """Finds the pieces of a text that are about a topic."""

    kind = "topic"
    version = "1"
    slow = True
    resumes = True
    context = 2000
    hold = 1000

    def __init__(self, config: TopicConfig, label: str) -> None:
        self._config = config
        self.label = label
        self._embedder: Embedder | None = None
        self._vectors: Any = None

    @classmethod
    def from_config(cls, config: Json, context: Context) -> "Topic":
        """A list of examples, or a mapping (TopicConfig)."""
        plain = cast(Json, {"examples": config} if isinstance(config, list) else config)
        return cls(context.parse(TopicConfig, plain, hint="topic: [an example, another]"), context.label)

    def use_embedder(self, embedder: Embedder) -> None:
        """Hand over the encoder; must happen before `start`."""
        self._embedder = embedder

    @property
    def ready(self) -> bool:
        return self._vectors is not None

    def start(self) -> None:
        """Encode the examples. Raises ConfigError without an encoder."""
        if self._embedder is None:
            raise ConfigError(f'the topic of "{self.label}" needs an encoder', hint="hand it over with use_embedder")
        self._vectors = self._embedder.embed([*self._config.examples, *self._config.against])

    def find(self, text: str, start: int = 0) -> list[Finding]:
        """Raises RuntimeError before `start`."""
        if self._vectors is None or self._embedder is None:
            raise RuntimeError("not started")
        pieces = [(a, b) for a, b in chunks(text) if a >= start and text[a:b].strip()]
        if len(pieces) > PIECES:
            pieces = pieces[: PIECES // 2] + pieces[-PIECES // 2 :]
        if not pieces:
            return []
        found = self._embedder.embed([_SPACE.sub(" ", text[a:b]).strip() for a, b in pieces]) @ self._vectors.T
        count = len(self._config.examples)
        near = found[:, :count].max(axis=1)
        far = found[:, count:].max(axis=1) if found.shape[1] > count else np.full(len(pieces), -1.0)
        return self._findings(pieces, near, far)

    def _findings(self, pieces: Sequence[tuple[int, int]], near: Any, far: Any) -> list[Finding]:
        return [
            Finding(a, b, self.label, min(1.0, float(score)))
            for (a, b), score, other in zip(pieces, near, far, strict=True)
            if score >= self._config.min_score and score > other
        ]

    def open_from(self, text: str) -> int:
        return chunks(text)[-1][0] if text else 0
