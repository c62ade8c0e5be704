"""Train the n-grams of the injection detector, and find the thresholds of it all.

    python -m training.injection --data training/data/injection/*.jsonl training/data/semcache/*.jsonl FILE...
        --held training/data/held/own_f.jsonl --repository engine cache models governance serve docs
        --out guardrails/weights --scores build/injection.jsonl

Only sources whose licence allows it train (windows.LICENSED and our own), without those of --held and without one
harmless text of ten (Text.apart), which neither the n-grams nor the reader (`training/reader.py`, trained before) learn
from: these make the thresholds, with the look-alikes of --held. What trained nothing is scored, and lies in --scores
for `training.measure_injection`.
"""

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidegate.guardrails.detectors.injection import READ, SURE
from tidegate.models.reader import FOLDER, Reader

from .figures import wilson
from .fit import Linear, Numbers, linear
from .weights import export
from .windows import Bags, Text, bags, read, repository

PENALTY = 3e-5
UNREAD = 0.25
"""The share of ordinary texts that the reader may be asked about. Strangers' texts are asked about more often."""
RATES = (0.002, 0.0025, 0.003, 0.005, 0.01, 0.02, 0.05)
USUAL = 0.005
"""The rate that is measured."""
CLASSES = (1, 8, 32, 128)
"""Texts of at least so many windows have thresholds of their own."""
LONG, JOINED = 8, 4000
"""From how many windows on ordinary texts are too few, and how many are made of windows of others instead."""
SURER = 2.0
"""By how much n-grams must exceed what they say of any harmless text to decide an attack alone."""
MIXES = (3.0, 5.0)
"""How much the reader may count. With less, n-grams alone find tables of strangers suspicious."""
ALIKE = 9
"""How many times as many of the texts that look like attacks may be found as of ordinary ones."""
MADE = ("own_repository", "own_ordinary")
"""Sources that set no thresholds: they speak of attacks as nobody's prompts do."""


def group(text: Text) -> str:
    """What counts alike, however many texts it has."""
    return "prompts" if text.source.startswith("prompts_") else text.source


def limited(texts: Sequence[Text], most: int, seed: int) -> list[Text]:
    """At most so many texts of a source that does not train, or of one hand's prompts, of either label; of texts that
    are kept apart, all."""
    shuffled, counts, kept = list(texts), Counter[tuple[str, int]](), list[Text]()
    random.Random(seed).shuffle(shuffled)
    for text in shuffled:
        few = most // 2 if text.source.startswith("prompts_") else most
        counts[text.source, text.label] += 1
        trained = text.trains and not text.source.startswith("prompts_")
        if counts[text.source, text.label] <= few or trained or (text.trains and text.apart):
            kept.append(text)
    return kept


Hits = dict[float, NDArray[np.bool_]]
"""By rate, which texts are found."""


@dataclass(frozen=True)
class Scores:
    """Of every window, by models that never saw its text; 0 for texts that trained."""

    ngrams: Numbers
    reader: Numbers


def scores_of(
    made: Bags, fresh: NDArray[np.bool_], line: Linear, reader: Reader, kept: Path | None, least: float = -np.inf
) -> Scores:
    """Both models' scores of the windows of `fresh` texts, the reader's where n-grams give `least` or more. These are
    kept in a file between runs."""
    out = Scores(np.zeros(len(made.said)), np.zeros(len(made.said)))
    rows = made.rows(np.flatnonzero(fresh))
    out.ngrams[rows] = line.scores(made)[rows]
    rows = rows[out.ngrams[rows] >= least]
    started = time.monotonic()
    known: dict[str, float] = json.loads(kept.read_text()) if kept and kept.exists() else {}
    for at in rows.tolist():
        said = made.said[at]
        if said not in known:
            known[said] = reader.scores([said])[0]
        out.reader[at] = known[said]
    if kept:
        kept.write_text(json.dumps(known))
    print(f"{len(rows)} windows read in {time.monotonic() - started:.0f} s", flush=True)
    return out


def cascade(made: Bags, scores: Scores, mix: float, low: float, high: float) -> Numbers:
    """The score of each text as the detector finds it with the reader."""
    out = np.empty(len(made.texts))
    for i in range(len(made.texts)):
        own = scores.ngrams[made.first[i] : made.first[i + 1]]
        best = own.max()
        if best < low or best >= high:
            out[i] = best if best < low else SURE
            continue
        at = np.argsort(-own, kind="stable")[:READ]
        at = at[own[at] >= low]
        out[i] = (own[at] + mix * scores.reader[made.first[i] + at]).max()
    return out


def shares(texts: Sequence[Text], fresh: NDArray[np.bool_]) -> Numbers:
    """1 for each ordinary text that sets thresholds, 0 for all others.

    Sources that do not train take no part, so that their figures are of thresholds that never saw them; the exception
    is what lies in packages: pages of documentation and of code, of which there is little elsewhere. All count alike:
    of small sources a single odd text would decide.
    """
    return np.array(
        [
            float(
                new
                and text.ordinary
                and (text.trains or text.source.startswith("packages_"))
                and text.source not in MADE
            )
            for text, new in zip(texts, fresh.tolist(), strict=True)
        ]
    )


def cut(scores: Numbers, weight: Numbers, rate: float) -> float:
    """The lowest threshold at which at most this share lies above."""
    order = np.argsort(-scores, kind="stable")
    above = np.cumsum(weight[order]) / weight.sum()
    at = int(np.searchsorted(above, rate, side="right"))
    return float(scores[order[min(at, len(order) - 1)]]) + 1e-4


@dataclass(frozen=True)
class Calm:
    """Harmless texts that trained nothing, by weights: ordinary ones, and look-alikes of held-back files."""

    ordinary: Numbers
    alike: Numbers

    def cut(self, scores: Numbers, rate: float) -> float:
        """The lowest threshold at which at most `rate` of the ordinary ones lie above, ALIKE times that of the rest."""
        return max(cut(scores, self.ordinary, rate), self.floor(scores, rate))

    def floor(self, scores: Numbers, rate: float) -> float:
        """That of the look-alikes alone; -99 without any."""
        return cut(scores, self.alike, ALIKE * rate) if self.alike.any() else -99.0


def calm_of(made: Bags, fresh: NDArray[np.bool_], away: Set[str]) -> Calm:
    """`away`: the sources of held-back files."""
    alike = [not text.label and not text.ordinary and text.source in away for text in made.texts]
    return Calm(shares(made.texts, fresh), np.array(alike, float))


def read_first(scores: Scores, mix: float, low: float, high: float, windows: NDArray[np.int64]) -> Numbers:
    """The score of texts of these windows, a text a row: as `cascade`, where the reader sees READ windows of each."""
    own = scores.ngrams[windows]
    first = np.take_along_axis(windows, np.argsort(-own, axis=1, kind="stable")[:, :READ], axis=1)
    own = scores.ngrams[first]
    return np.where(own >= high, SURE, np.where(own < low, own, own + mix * scores.reader[first])).max(axis=1)


def table(
    made: Bags, calm: Calm, texts: Numbers, score: Callable[[NDArray[np.int64]], Numbers], seed: int
) -> dict[str, Any]:
    """Thresholds by class of length. Ordinary texts of many windows are few: there texts are made of windows of others,
    and `score` gives theirs."""
    weight = calm.ordinary
    floors = [calm.floor(texts, rate) for rate in RATES]
    counts = np.array([made.plain[made.first[i] : made.first[i + 1]].sum() for i in range(len(made.texts))])
    rng = np.random.default_rng(seed)
    ordinary = made.rows(np.flatnonzero(weight > 0))
    owner = np.repeat(np.arange(len(made.texts)), np.diff(made.first))[ordinary]
    odds = weight[owner] / weight[owner].sum()
    found: dict[str, list[float]] = {}
    for number, least in enumerate(CLASSES):
        most = CLASSES[number + 1] if number + 1 < len(CLASSES) else 10**9
        inside = (counts >= least) & (counts < most) & (weight > 0)
        if least >= LONG:
            joined = score(rng.choice(ordinary, (JOINED, 2 * least), p=odds))
            cuts = [cut(joined, np.ones(JOINED), rate) for rate in RATES]
        else:
            cuts = [cut(texts[inside], weight[inside], rate) for rate in RATES]
        before = list(found.values())[-1] if found else floors
        found[str(least)] = [round(max(pair), 4) for pair in zip(cuts, before, strict=True)]
    return {"rates": RATES, "thresholds": found, "texts": int((weight > 0).sum())}


def decide(made: Bags, scores: Numbers, found: dict[str, Any], rate: float) -> NDArray[np.bool_]:
    """Which texts are found at a rate of the table."""
    at = RATES.index(rate)
    counts = np.array([made.plain[made.first[i] : made.first[i + 1]].sum() for i in range(len(made.texts))])
    cuts = np.array([[values[at] for values in found["thresholds"].values()]])
    which = np.searchsorted(np.array(CLASSES), counts, side="right") - 1
    return scores >= cuts[0, which]


def choose(made: Bags, scores: Scores, calm: Calm, fresh: NDArray[np.bool_]) -> tuple[float, float, float]:
    """How much the reader counts, and the cuts between which it reads."""
    best = made.best(scores.ngrams)
    low = cut(best, calm.ordinary, UNREAD)
    high = float(best[(calm.ordinary > 0) | (calm.alike > 0)].max()) + SURER
    groups = np.array([group(text) if text.label and new else "" for text, new in zip(made.texts, fresh, strict=True)])
    caught: list[tuple[float, float]] = []
    for mix in MIXES:
        final = cascade(made, scores, mix, low, high)
        cuts = [calm.cut(final, rate) for rate in (0.005, 0.01)]
        own = [(final[groups == name] >= at).mean() for name in sorted(set(groups.tolist()) - {""}) for at in cuts]
        caught.append((float(np.mean(own)), mix))
    print("mix", caught)
    return max(caught)[1], low, high


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kept", type=Path, help="where one reader's scores are kept between runs")
    add_options(parser)
    options = parser.parse_args()
    apart = read(options.held)
    texts = [*read(options.data), *repository(options.repository, options.seed)]
    made = bags([*limited(texts, options.most, options.seed), *apart])
    away = {text.source for text in apart}
    trains = np.array([text.teaches and text.source not in away for text in made.texts])
    fresh = ~trains
    line, reader = linear(made, np.flatnonzero(trains), PENALTY), Reader(options.reader)
    scores = scores_of(made, fresh, line, reader, options.kept)
    calm = calm_of(made, fresh, away)
    mix, low, high = choose(made, scores, calm, fresh)
    alone, both = made.best(scores.ngrams), cascade(made, scores, mix, low, high)
    tables = {
        "ngrams": table(made, calm, alone, lambda windows: scores.ngrams[windows].max(axis=1), options.seed),
        "reader": table(made, calm, both, partial(read_first, scores, mix, low, high), options.seed),
    }
    measured = measure(made, fresh, {"ngrams": alone, "reader": both}, tables, options.scores)
    export(options.out, line, {
        "version": 2, "reader": reader.id, "mix": mix, "low": low, "high": high, "tables": tables,
        "trained_on": dict(sorted(Counter(t.source for t, yes in zip(made.texts, trains, strict=True) if yes).items())),
        "measured": measured,
    })  # fmt: skip


def add_options(parser: argparse.ArgumentParser) -> None:
    """What both searches for thresholds may be told."""
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--scores", type=Path)
    parser.add_argument("--held", type=Path, nargs="*", default=[], help="files that train nothing")
    parser.add_argument("--reader", type=Path, default=FOLDER)
    parser.add_argument("--repository", type=Path, nargs="*", default=[], help="folders of our own code and documents")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=500, help="texts of a source that does not train, of either label")


def measure(
    made: Bags, fresh: NDArray[np.bool_], finals: dict[str, Numbers], tables: dict[str, Any], file: Path | None
) -> dict[str, Any]:
    """The figures at the usual rate; which texts are found at each is written to `file`, if one is given."""
    hits = {name: {rate: decide(made, finals[name], tables[name], rate) for rate in RATES} for name in finals}
    if file:
        _keep(file, made.texts, fresh, finals, hits)
    return {"false_alarms": USUAL, **{name: figures(made.texts, fresh, hits[name][USUAL]) for name in finals}}


def _keep(
    file: Path, texts: Sequence[Text], fresh: NDArray[np.bool_], finals: dict[str, Numbers], hits: dict[str, Hits]
) -> None:
    """Write the scores of `fresh` texts and which of them are found, a row a text."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as out:
        for i in np.flatnonzero(fresh).tolist():
            text = texts[i]
            row: dict[str, Any] = {"text": text.text, "label": text.label, "source": text.source, "kind": text.kind}
            row |= {"lang": text.lang, "ordinary": text.ordinary, "trains": text.trains}
            row |= {name: round(float(each[i]), 4) for name, each in finals.items()}
            row["found"] = {name: {f"{r:g}": bool(each[i]) for r, each in hits[name].items()} for name in hits}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def figures(texts: Sequence[Text], fresh: NDArray[np.bool_], hit: NDArray[np.bool_]) -> dict[str, Any]:
    """Of texts that trained nothing, by source: [found, of, low, high] (Wilson, 95 %) for attacks, ordinary texts, and
    look-alikes."""
    out: dict[str, Any] = {}
    for name in sorted({text.source for text in texts}):
        for what in ("attacks", "ordinary", "lookalikes"):
            which = [
                i for i, t in enumerate(texts) if fresh[i] and t.source == name
                and what == ("attacks" if t.label else "ordinary" if t.ordinary else "lookalikes")
            ]  # fmt: skip
            if which:
                count = int(hit[which].sum())
                low, high = wilson(count, len(which))
                out.setdefault(name, {})[what] = [count, len(which), round(low, 4), round(high, 4)]
    return out


if __name__ == "__main__":
    main()
