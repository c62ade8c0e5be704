"""Hands to rules the models that they ask for, and says in words what fails."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from ..engine.errors import ConfigError
from ..engine.ports import Embedder
from ..guardrails.rules.ruleset import Ruleset
from ..models.embedding.onnx import load as load_encoder
from ..models.reader import reader


def hand_models(ruleset: Ruleset, encoder: Callable[[], Embedder] = load_encoder) -> Ruleset:
    """The same rules, with the reader that ships and the encoder where they ask for it. Raises ConfigError when that is
    not prepared, or the reader's files are damaged."""
    if waiting := ruleset.wanting("use_embedder"):
        embedder = encoder()
        for take in waiting:
            take(embedder)
    for take in ruleset.wanting("use_reader"):
        take(reader())
    return ruleset


@contextmanager
def in_words() -> Generator[None]:
    """For commands, to which a detector that fails is a fault of the rules: RuntimeError becomes ConfigError."""
    try:
        yield
    except RuntimeError as error:
        raise ConfigError(str(error)) from None
