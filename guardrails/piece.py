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
