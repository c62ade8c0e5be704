"""Train the injection detector, and find its thresholds on sources that were held back.

    python -m training.injection --data training/data/injection/*.jsonl training/data/semcache/contrast_*.jsonl FILE...
        --repository engine cache models governance serve docs --out guardrails/weights --scores build/injection.jsonl

Only sources whose licence allows it train (windows.LICENSED and our own); other rows are scored. Each source is held
back once: the scores so found make the thresholds, and lie in --scores for `training.measure_injection`. Sources that
never train are scored by the weights that ship. --vectors keeps the encoder's vectors between runs.
"""

import argparse
import hashlib
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidegate.guardrails.detectors.injection import ENCODED, SURE
from tidegate.guardrails.detectors.ngrams import CHAR_BITS
from tidegate.models.embedding.onnx import load

from .figures import wilson
from .fit import Head, Linear, Numbers, head, linear
from .windows import Bags, Text, bags, read, repository

PENALTY = 3e-5
RATES = (0.002, 0.005, 0.01, 0.02, 0.05)
CLASSES = (1, 2, 8, 32, 128)
"""Texts of at least so many windows have thresholds of their own."""
LONG, JOINED = 8, 2000
"""From how many windows on ordinary texts are too few, and how many are made of windows of others instead."""
OTHERS = ("self_instruct_seed", "awesome_act_as", "own_repository", "own_ordinary")
"""Small sources, held back together."""
MADE = ("own_repository", "own_ordinary")
"""Sources that set no thresholds: held back, they say nothing of weights that learned from them."""


def group(text: Text) -> str:
    """What is held back at once."""
    if text.source in OTHERS:
        return "others"
    return "prompts" if text.source.startswith("prompts_") else text.source


def limited(texts: Sequence[Text], most: int, seed: int) -> list[Text]:
    """At most so many texts of a source that does not train, or of one hand's prompts, of either label."""
    shuffled, counts, kept = list(texts), Counter[tuple[str, int]](), list[Text]()
    random.Random(seed).shuffle(shuffled)
    for text in shuffled:
        few = most // 2 if text.source.startswith("prompts_") else most
        counts[text.source, text.label] += 1
        if counts[text.source, text.label] <= few or (text.trains and not text.source.startswith("prompts_")):
            kept.append(text)
    return kept


def vectors(made: Bags, kept: Path | None) -> NDArray[np.float32]:
    """The encoder's vector of each window."""
    known: dict[str, Any] = {}
    if kept and kept.exists():
        with np.load(kept) as data:
            known = dict(zip(data["keys"].tolist(), data["vectors"], strict=True))
    keys = [hashlib.sha256(each.encode("utf-8", "replace")).hexdigest()[:24] for each in made.said]
    wanted = {key: each for key, each in zip(keys, made.said, strict=True) if key not in known}
    order = sorted(wanted, key=lambda key: (len(wanted[key]), key))
    encoder = load(threads=1)
    for at in range(0, len(order), 256):
        part = order[at : at + 256]
        known.update(zip(part, encoder.embed([wanted[key] for key in part]), strict=True))
    if kept and order:
        np.savez(kept, keys=np.array(list(known)), vectors=np.stack(list(known.values())))
    return np.stack([known[key] for key in keys])


@dataclass(frozen=True)
class Scores:
    """Of every window, by models that never saw its source."""

    ngrams: Numbers
    head: Numbers


def held_back(made: Bags, seen: NDArray[np.float32], seed: int) -> tuple[Scores, Linear, Head]:
    """Scores of every window, and the models that all licensed sources trained."""
    groups = np.array([group(text) for text in made.texts])
    trains = np.array([text.trains for text in made.texts])
    ngrams, other = np.zeros(len(made.said)), np.zeros(len(made.said))
    models: tuple[Linear, Head] | None = None
    for name in (*sorted(set(groups[trains].tolist())), ""):
        started = time.monotonic()
        which = np.flatnonzero(trains & (groups != name))
        models = linear(made, which, PENALTY), head(made, seen, which, seed)
        rows = made.rows(np.flatnonzero((groups == name) if name else ~trains))
        ngrams[rows] = models[0].scores(made)[rows]
        other[rows] = models[1].scores(seen[rows])
        print(f"{name or 'all'}: {len(which)} texts, {time.monotonic() - started:.0f} s", flush=True)
    assert models is not None
    return Scores(ngrams, other), *models


def cascade(made: Bags, scores: Scores, mix: float, low: float, high: float) -> Numbers:
    """The score of each text as the detector finds it with an encoder."""
    out = np.empty(len(made.texts))
    for i in range(len(made.texts)):
        own = scores.ngrams[made.first[i] : made.first[i + 1]]
        best = own.max()
        if best < low or best >= high:
            out[i] = best if best < low else SURE
            continue
        at = np.argsort(-own, kind="stable")[:ENCODED]
        at = at[own[at] >= low]
        out[i] = (own[at] + mix * scores.head[made.first[i] + at]).max()
    return out


def shares(texts: Sequence[Text]) -> Numbers:
    """Weights under which each source's ordinary texts count alike; 0 for all other texts.

    Sources that do not train take no part, so that their figures are of thresholds that never saw them; the exception
    is what lies in packages: pages of documentation and of code, of which there is little elsewhere. Our
    own code speaks of attacks as nobody's prompts do, and takes no part.
    """
    takes = [
        text.ordinary and (text.trains or text.source.startswith("packages_")) and text.source not in MADE
        for text in texts
    ]
    counts = Counter(group(text) for text, take in zip(texts, takes, strict=True) if take)
    return np.array(
        [1 / counts[group(text)] / len(counts) if take else 0.0 for text, take in zip(texts, takes, strict=True)]
    )


def cut(scores: Numbers, weight: Numbers, rate: float) -> float:
    """The lowest threshold at which at most this share lies above."""
    order = np.argsort(-scores, kind="stable")
    above = np.cumsum(weight[order]) / weight.sum()
    at = int(np.searchsorted(above, rate, side="right"))
    return float(scores[order[min(at, len(order) - 1)]]) + 1e-4


def table(made: Bags, texts: Numbers, windows: Numbers, seed: int) -> dict[str, Any]:
    """Thresholds by class of length. Ordinary texts of many windows are few: there they are joined."""
    weight = shares(made.texts)
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
            joined = rng.choice(windows[ordinary], (JOINED, 2 * least), p=odds).max(axis=1)
            cuts = [cut(joined, np.ones(JOINED), rate) for rate in RATES]
        else:
            cuts = [cut(texts[inside], weight[inside], rate) for rate in RATES]
        before = list(found.values())[-1] if found else [-99.0] * len(RATES)
        found[str(least)] = [round(max(pair), 4) for pair in zip(cuts, before, strict=True)]
    return {"rates": RATES, "thresholds": found, "texts": int((weight > 0).sum())}


def decide(made: Bags, scores: Numbers, found: dict[str, Any], rate: float) -> NDArray[np.bool_]:
    """Which texts are found at a rate of the table."""
    at = RATES.index(rate)
    counts = np.array([made.plain[made.first[i] : made.first[i + 1]].sum() for i in range(len(made.texts))])
    cuts = np.array([[values[at] for values in found["thresholds"].values()]])
    which = np.searchsorted(np.array(CLASSES), counts, side="right") - 1
    return scores >= cuts[0, which]


def choose(made: Bags, scores: Scores) -> tuple[float, float, float]:
    """How much the head counts, and the cuts between which the encoder reads."""
    weight = shares(made.texts)
    best = made.best(scores.ngrams)
    low = cut(best, weight, 0.40)
    high = float(best[weight > 0].max()) + 0.5
    attack = np.array([text.label == 1 and text.source.startswith("own_") for text in made.texts])
    caught: list[tuple[float, float]] = []
    for mix in (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0):
        final = cascade(made, scores, mix, low, high)
        caught.append((float(np.mean([(final[attack] >= cut(final, weight, r)).mean() for r in (0.005, 0.02)])), mix))
    print("mix", caught)
    return max(caught)[1], low, high


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scores", type=Path)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--repository", type=Path, nargs="*", default=[], help="folders of our own code and documents")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=500, help="texts of a source that does not train, of either label")
    options = parser.parse_args()
    texts = [*read(options.data), *repository(options.repository, options.seed)]
    made = bags(limited(texts, options.most, options.seed))
    seen = vectors(made, options.vectors)
    scores, line, network = held_back(made, seen, options.seed)
    mix, low, high = choose(made, scores)
    alone, both = made.best(scores.ngrams), cascade(made, scores, mix, low, high)
    joint = np.where(scores.ngrams >= high, SURE, np.where(scores.ngrams < low, -9, scores.ngrams + mix * scores.head))
    tables = {
        "ngrams": table(made, alone, scores.ngrams, options.seed),
        "encoder": table(made, both, joint, options.seed),
    }
    finals = {"ngrams": alone, "encoder": both}
    hits = {name: {rate: decide(made, finals[name], tables[name], rate) for rate in RATES} for name in finals}
    measured = {name: figures(made.texts, hits[name][0.005]) for name in finals}
    export(options.out, line, network, seen.shape[1], {
        "version": 1, "encoder": "all-MiniLM-L6-v2", "mix": mix, "low": low, "high": high, "tables": tables,
        "trained_on": dict(sorted(Counter(text.source for text in made.texts if text.trains).items())),
        "measured": {"false_alarms": 0.005, **measured},
    })  # fmt: skip
    if options.scores:
        options.scores.parent.mkdir(parents=True, exist_ok=True)
        with options.scores.open("w", encoding="utf-8") as out:
            for i, text in enumerate(made.texts):
                row = {"text": text.text, "label": text.label, "source": text.source, "kind": text.kind}
                row |= {"lang": text.lang, "ordinary": text.ordinary, "trains": text.trains}
                row |= {"ngrams": round(float(alone[i]), 4), "encoder": round(float(both[i]), 4)}
                row["found"] = {name: {f"{r:g}": bool(each[i]) for r, each in hits[name].items()} for name in hits}
                out.write(json.dumps(row, ensure_ascii=False) + "\n")


def figures(texts: Sequence[Text], hit: NDArray[np.bool_]) -> dict[str, Any]:
    """By source: [found, of, low, high] (Wilson, 95 %) for attacks, ordinary texts, and look-alikes."""
    out: dict[str, Any] = {}
    for name in sorted({text.source for text in texts}):
        for what in ("attacks", "ordinary", "lookalikes"):
            which = [
                i for i, t in enumerate(texts)
                if t.source == name and what == ("attacks" if t.label else "ordinary" if t.ordinary else "lookalikes")
            ]  # fmt: skip
            if which:
                count = int(hit[which].sum())
                low, high = wilson(count, len(which))
                out.setdefault(name, {})[what] = [count, len(which), round(low, 4), round(high, 4)]
    return out


def export(folder: Path, line: Linear, network: Head, dim: int, meta: dict[str, Any]) -> None:
    """Write injection.npz and injection.json, which names its digest."""
    folder.mkdir(parents=True, exist_ok=True)
    unit = float(np.abs(line.weights).max()) / 32_000
    whole = np.rint(line.weights / unit).astype(np.int16)
    file = folder / "injection.npz"
    np.savez_compressed(
        file, chars=whole[: 1 << CHAR_BITS], words=whole[1 << CHAR_BITS :], inner=network.inner.astype(np.float16),
        shift=network.shift, outer=network.outer,
    )  # fmt: skip
    meta |= {"sha256": hashlib.sha256(file.read_bytes()).hexdigest(), "dim": dim, "unit": unit, "bias": line.bias}
    meta |= {"head_bias": network.bias}
    (folder / "injection.json").write_text(json.dumps(meta, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
