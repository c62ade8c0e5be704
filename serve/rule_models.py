"""Hands to rules the models that they ask for, and says in words what fails."""

from collections.abc import Generator
from contextlib import contextmanager

from ..engine.errors import ConfigError
from ..engine.ports import Embedder
from ..guardrails.rules.ruleset import Ruleset
from ..models.reader import reader


def hand_models(ruleset: Ruleset, embedder: Embedder | None = None) -> Ruleset:
    """The same rules, with the reader that ships and the encoder, if there is one. Raises ConfigError when the reader's
    files are damaged."""
    if embedder is not None:
        for take in ruleset.wanting("use_embedder"):
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
