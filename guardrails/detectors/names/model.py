"""Texts in, names out: spaCy's tokenizer for English, and the entity layers of en_core_web_md."""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Any
from zipfile import BadZipFile

import numpy as np

from ....engine.errors import ConfigError
from ... import patience
from .network import FEATURES, Network
from .weights import load

BATCH = 8_000
"""Characters read at once: bounds the memory."""
PRIOR = {"PERSON": 1.2, "GPE": 1.2, "ORG": -1.2}
"""Added to the scores: what people write to a model names people and places more often than the news that the weights
were learned from, and organisations less often."""
_HALVES = re.compile("[\ud800-\udfff]")
"""Halves of characters, which no text in UTF-8 can hold, and the tokenizer cannot read."""
_COLUMNS = ["ORTH", *FEATURES, "IS_SPACE", "IDX", "LENGTH"]


@dataclass(frozen=True, slots=True)
class Name:
    """An entity, in characters of its text."""

    start: int
    end: int
    label: str
    """OntoNotes': PERSON, ORG, GPE and so on."""
    margin: float
    """By how much its beginning scored above no entity: near 0 is unsure."""


class Model:
    """A tokenizer and a network. Safe in threads."""

    def __init__(self, pipeline: Any, network: Network) -> None:
        self._pipeline = pipeline
        self._network = network
        self._lock = threading.Lock()

    def read(self, texts: Sequence[str]) -> list[list[Name]]:
        """The names of each text, which must not be empty, read on its own. Raises GivenUp."""
        found: list[list[Name]] = []
        at = size = 0
        for until, text in enumerate(texts, 1):
            size += len(text)
            if size > BATCH or until == len(texts):
                patience.check()
                found += self._read(texts[at:until])
                at, size = until, 0
        return found

    def _read(self, texts: Sequence[str]) -> list[list[Name]]:
        # The tokenizer's vocabulary is shared. What it learns of a text goes when the zone ends.
        with self._lock, self._pipeline.memory_zone():
            tokens = [self._pipeline.make_doc(_HALVES.sub("\ufffd", text)).to_array(_COLUMNS) for text in texts]
        ends = list(accumulate(map(len, tokens)))
        table = np.concatenate(tokens)
        found: list[list[Name]] = [[] for _ in texts]
        owner = 0
        starts = table[:, 6]
        for each in self._network.find(table[:, 0], table[:, 1:5], table[:, 5] != 0, ends):
            while each.start >= ends[owner]:
                owner += 1
            end = starts[each.end - 1] + table[each.end - 1, 7]
            found[owner].append(Name(int(starts[each.start]), int(end), each.label, each.margin))
        return found


@cache
def model() -> Model:
    """The one that ships, loaded once. Raises ConfigError when its weights are damaged."""
    import spacy

    library: Any = spacy
    try:
        with (files("tidegate.guardrails") / "weights" / "names.npz").open("rb") as file:
            stored, norms = load(file)
    except (KeyError, OSError, ValueError, BadZipFile):
        raise ConfigError("The weights for names are damaged.", hint="install the package again") from None
    pipeline = library.blank("en")
    vocab, norm = pipeline.vocab, library.attrs.NORM
    vocab.lookups.from_bytes(norms)
    table = vocab.lookups.get_table("lexeme_norm")
    vocab.lex_attr_getters[norm] = library.util.add_lookups(vocab.lex_attr_getters[norm], table)
    return Model(pipeline, Network(stored, PRIOR))
