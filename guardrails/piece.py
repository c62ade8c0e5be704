"""A text derived from another, with the place of each character there."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """`text`, and where each of its characters begins and ends in what it was made of. None: in the same places."""

    text: str
    starts: list[int] | None = None
    ends: list[int] | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Characters `start` to `end` say `text`."""

    start: int
    end: int
    text: str


def rewritten(text: str, runs: Sequence[Run]) -> Piece | None:
    """`text` with each run replaced by what it says; of runs that overlap the longer stays. None without runs."""
    kept: list[Run] = []
    for run in sorted(runs, key=lambda run: (run.start, -run.end)):
        if not kept or run.start >= kept[-1].end:
            kept.append(run)
        elif run.end - run.start > kept[-1].end - kept[-1].start:
            kept[-1] = run
    if not kept:
        return None
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for run in (*kept, Run(len(text), len(text), "")):
        out += (text[at : run.start], run.text)
        starts.extend(range(at, run.start))
        ends.extend(range(at + 1, run.start + 1))
        starts += [run.start] * len(run.text)
        ends += [run.end] * len(run.text)
        at = run.end
    return Piece("".join(out), starts, ends)


LEAST_ALONE = 16
"""Characters that must have been decoded for them to be a text of their own."""
_GAP = 3
"""Characters between two runs that stay."""


def by_itself(piece: Piece) -> Piece | None:
    """What runs say, without the text around them: between distant ones stands a line break. None where that is the
    whole piece, or too short to be a text."""
    if piece.starts is None or piece.ends is None:
        return None
    said = [at for at, (start, end) in enumerate(zip(piece.starts, piece.ends, strict=True)) if end - start > 1]
    if len(said) < LEAST_ALONE:
        return None
    parts: list[tuple[int, int]] = []
    for at in said:
        if parts and at - parts[-1][1] <= _GAP:
            parts[-1] = parts[-1][0], at + 1
        else:
            parts.append((at, at + 1))
    if parts == [(0, len(piece.text))]:
        return None
    text, starts, ends = list[str](), list[int](), list[int]()
    for begin, end in parts:
        if text:
            text.append("\n")
            starts.append(ends[-1])
            ends.append(ends[-1])
        text.append(piece.text[begin:end])
        starts += piece.starts[begin:end]
        ends += piece.ends[begin:end]
    return Piece("".join(text), starts, ends)
