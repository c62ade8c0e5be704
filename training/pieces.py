"""Texts in the pieces that the reader reads, and an endless stream of such pieces to learn from."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tidegate.guardrails.detectors.ngrams import grams
from tidegate.models.reader import PIECE
from tidegate.models.words import END, START, Words

from .windows import Text, read

SHORT = 320
"""Characters of a text that is laid into another."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A text with the pieces of it that are attacks, as far as is known."""

    text: Text
    span: tuple[int, int] | None
    pieces: tuple[tuple[int, int], ...]

    def said(self, at: int) -> str:
        start, end = self.pieces[at]
        return " ".join(self.text.text[start:end].split())


def pieces(words: Words, text: str) -> tuple[tuple[int, int], ...]:
    """The windows of the n-grams as characters, those of over PIECE tokens in parts of equal length."""
    found = grams(text)
    out: list[tuple[int, int]] = []
    for begin, end in found.spans():
        start, stop = int(found.places[begin]), int(found.places[end])
        parts = max(1, -(-len(words.ids(text[start:stop])) // (PIECE - 2)))
        size = -(-(stop - start) // parts)
        out += [(at, min(stop, at + size)) for at in range(start, stop, size)]
    return tuple(out)


def row(words: Words, text: str) -> list[int]:
    return [START, *words.ids(text)[: PIECE - 2], END]


class Source:
    """Pieces to learn from, drawn without end: four of ten are attacks."""

    def __init__(self, samples: Sequence[Sample], seed: int) -> None:
        self.seed(seed)
        self.unplaced = [s for s in samples if s.text.label and not s.span and len(s.pieces) > 1]
        self._placed = [s for s in samples if s.text.label and (s.span or len(s.pieces) == 1)]
        harmless = [s for s in samples if not s.text.label]
        self._ordinary = [s for s in harmless if s.text.source.startswith("prompts_")]
        self._alike = [s for s in harmless if not s.text.source.startswith("prompts_")]
        self._hosts = [s for s in self._alike if len(s.text.text) > SHORT]
        self._orders = [said for s in self._placed if len(said := _attack(s)) <= SHORT]
        self._asides = [s.text.text for s in harmless if len(s.text.text) <= SHORT]
        self.places = [0] * len(self.unplaced)

    def seed(self, seed: int) -> None:
        """Begin anew, from another place."""
        self._rng = random.Random(seed)

    def draw(self) -> tuple[str, int]:
        rng, kind = self._rng, self._rng.random()
        if kind < 0.22:
            return self._attacked(rng.choice(self._placed)), 1
        if kind < 0.30 and self.unplaced:
            at = rng.randrange(len(self.unplaced))
            return self.unplaced[at].said(self.places[at]), 1
        if kind < 0.45:
            return self._laid(rng.choice(self._orders)), 1
        if kind < 0.57:
            return self._laid(rng.choice(self._asides)), 0
        if kind < 0.62:
            return self._clean(rng.choice(self._placed)), 0
        sample = rng.choice(self._alike if kind < 0.88 else self._ordinary)
        return sample.said(rng.randrange(len(sample.pieces))), 0

    def _attacked(self, sample: Sample) -> str:
        """A piece that holds most of the attack."""
        if sample.span is None:
            return sample.said(0)
        whole = [at for at, piece in enumerate(sample.pieces) if _shared(piece, sample.span) >= 0.6]
        return sample.said(self._rng.choice(whole)) if whole else _attack(sample)

    def _clean(self, sample: Sample) -> str:
        """A piece of an attacked text that holds none of the attack, else of a harmless one."""
        free = [at for at, piece in enumerate(sample.pieces) if sample.span and not _shared(piece, sample.span)]
        if free:
            return sample.said(self._rng.choice(free))
        host = self._rng.choice(self._hosts)
        return host.said(self._rng.randrange(len(host.pieces)))

    def _laid(self, sentence: str) -> str:
        """A sentence inside a harmless piece, at the end of a sentence or line of it."""
        rng = self._rng
        host = rng.choice(self._hosts)
        start, end = rng.choice(host.pieces)
        room = max(80, 420 - len(sentence))
        cut = host.text.text[start:end][:room]
        ends = [at + 1 for at, char in enumerate(cut) if char in ".!?\n;>" and at > 20] or [len(cut)]
        at = rng.choice([0, len(cut), *ends])
        joint = rng.choice([" ", "\n", "\n\n", " - "])
        return f"{cut[:at]}{joint}{sentence}{joint}{cut[at:]}".strip()


def _attack(sample: Sample) -> str:
    start, end = sample.span or (0, len(sample.text.text))
    return sample.text.text[start:end]


def _shared(piece: tuple[int, int], span: tuple[int, int]) -> float:
    """The share of the span that the piece holds."""
    return max(0, min(piece[1], span[1]) - max(piece[0], span[0])) / max(1, span[1] - span[0])


def load(files: Sequence[Path], words: Words) -> list[Sample]:
    """Texts, each once, with their pieces, and the spans that rows have."""
    spans: dict[str, tuple[int, int]] = {}
    for file in files:
        for line in filter(None, file.read_text("utf-8").split("\n")):
            given = json.loads(line)
            if given.get("span") and given.get("label"):
                spans[given["text"]] = (given["span"][0], given["span"][1])
    return [Sample(text, spans.get(text.text), pieces(words, text.text)) for text in read(files)]
