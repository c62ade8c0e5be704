"""Texts for the injection detector, cut into the windows that it scores."""

import hashlib
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tidegate.guardrails.detectors.ngrams import (
    CHAR_BITS,
    FEW_CHARS,
    FEW_WORDS,
    WORD_BITS,
    Grams,
    grams,
    lengthy,
)
from tidegate.guardrails.normalize import views

COLUMNS = (1 << CHAR_BITS) + (1 << WORD_BITS)
MOST = 30
"""Windows of one text, all its views together, that are used; the first ones."""
LICENSED = (
    "deepset",
    "gpteacher_roleplay",
    "wildguard_benign",
    "self_instruct_seed",
    "awesome_act_as",
)
"""Sources of others whose licence lets weights be shipped; ours begin with own_ or prompts_."""
ORDINARY = (
    "everyday",
    "mail",
    "multilingual",
    "security_question",
    "sysadmin",
    "manual",
    "policy_doc",
    "legal_text",
    "recipe",
    "job_ad",
    "table_data",
    "benign_web",
    "json_data",
    "review_data",
    "resume_data",
    "encoded_data",
    "code",
)
"""Kinds of our harmless texts that people send every day. The others were written to look like attacks, or to share the
carrier of one and to hold harmless orders in its place."""
TWINS = ("own_x", "own_y", "own_z", "own_aa", "own_ab", "own_ac", "own_ad", "own_ag")
ADVERSARIAL = ("wildguard_benign", "own_k", "own_o", "own_p", *TWINS)
NEAR = "_near"
"""Sources, or what their names end in, whose harmless texts, of whatever kind, are worded like attacks."""


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    label: int
    source: str
    kind: str = ""
    lang: str = ""

    @property
    def ordinary(self) -> bool:
        everyday = self.kind in ORDINARY if self.source.startswith("own_") else True
        return not self.label and everyday and self.source not in ADVERSARIAL and not self.source.endswith(NEAR)

    @property
    def trains(self) -> bool:
        """Whether weights that ship may learn from it."""
        return self.source in LICENSED or self.source.startswith(("own_", "prompts_"))

    @property
    def teaches(self) -> bool:
        """Whether the reader may learn from it."""
        return self.trains and not self.apart

    @property
    def apart(self) -> bool:
        """One harmless text of ten, which the reader never learns from: they say what its scores are worth."""
        return not self.label and hashlib.sha256(self.text.encode()).digest()[0] < 26


def read(files: Iterable[Path]) -> list[Text]:
    """Labelled texts, each once; a file of pairs of prompts (a, b) gives harmless ones."""
    found: dict[str, Text] = {}
    for file in files:
        for line in filter(None, file.read_text("utf-8").split("\n")):
            row: dict[str, Any] = json.loads(line)
            if "text" in row:
                kind = row.get("kind") or row.get("category") or ""
                made = [Text(row["text"], int(row["label"]), row.get("source", file.stem), kind, row.get("lang", ""))]
            else:
                source = "prompts_" + file.stem.rsplit("_", 1)[-1]
                made = [Text(row[side], 0, source, "", row.get("lang", "")) for side in ("a", "b")]
            for each in made:
                found.setdefault(each.text, each)
    return [each for each in found.values() if each.text.strip()]


def repository(folders: Iterable[Path], seed: int, most: int = 3000) -> list[Text]:
    """Pieces of our own code and documents: harmless, and long."""
    files = sorted(file for folder in folders for file in folder.rglob("*") if file.suffix in (".py", ".md"))
    pieces = [
        Text(text[at : at + 900], 0, "own_repository", "code", "en")
        for text in (file.read_text("utf-8") for file in files)
        for at in range(0, len(text), 900)
    ]
    return random.Random(seed).sample(pieces, min(most, len(pieces)))


@dataclass(frozen=True)
class Bags:
    """The windows of texts: those of text i are rows first[i] to first[i + 1]."""

    texts: list[Text]
    first: NDArray[np.int64]
    matrix: csr_matrix
    said: list[str]
    """What each window says, as the encoder reads it."""
    plain: NDArray[np.bool_]
    """Whether a window is of the text as it stands, and not of one of its views."""

    def rows(self, which: Sequence[int]) -> NDArray[np.int64]:
        return np.concatenate([np.arange(self.first[i], self.first[i + 1]) for i in which])

    def best(self, scores: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """The highest score of each text's windows."""
        return np.maximum.reduceat(scores, self.first[:-1])


def said(text: str, start: int, end: int) -> str:
    return " ".join(text[start:end].split())


def bags(texts: list[Text]) -> Bags:
    first, words, plain = [0], list[str](), list[bool]()
    columns: list[NDArray[np.int64]] = []
    values: list[NDArray[np.float32]] = []
    lengths: list[int] = []
    for each in texts:
        count = 0
        for index, seen in enumerate((each.text, *(view.text for view in views(each.text)))):
            found = grams(seen)
            for begin, end in found.spans():
                if count >= MOST:
                    break
                at, value = row(found, begin, end)
                columns.append(at)
                values.append(value)
                lengths.append(len(at))
                words.append(said(seen, int(found.places[begin]), int(found.places[end])))
                plain.append(index == 0)
                count += 1
        first.append(first[-1] + count)
    matrix = csr_matrix(
        (np.concatenate(values), np.concatenate(columns), np.cumsum([0, *lengths])), shape=(len(words), COLUMNS)
    )
    matrix.sum_duplicates()
    return Bags(texts, np.array(first), matrix, words, np.array(plain))


def row(found: Grams, begin: int, end: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The features of a window: columns and values, a column maybe several times."""
    first, last = np.searchsorted(found.starts, (begin, end))
    chars = np.concatenate([each[begin:end] for each in found.chars]).astype(np.int64)
    words = np.concatenate([each[first:last] for each in found.words]).astype(np.int64)
    values = np.concatenate(
        [
            np.full(len(chars), 1 / lengthy(end - begin, FEW_CHARS), np.float32),
            np.full(len(words), 1 / lengthy(int(last - first), FEW_WORDS), np.float32),
        ]
    )
    return np.concatenate([chars, words + (1 << CHAR_BITS)]), values
