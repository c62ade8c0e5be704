"""Measure the shipped verifier on labelled pairs, beside the cosine of the sentence encoder.

    python -m training.measure_verifier --pairs FILE... [--limit 3000] [--generated 2000] [--scores FOLD/scores.jsonl]

Shares carry counts and 95 % intervals (Wilson). "Traps" are pairs that need two answers, "hit" counts the paraphrases
that are accepted. With --scores the held-back scores of a training fold take the place of the shipped network's.
"""

import argparse
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tidegate.models.judge import FOLDER, Judge

from .figures import auc, passed, share, threshold_at
from .network import encode
from .pairs import Pair, generated, read

COSINES = (0.80, 0.90, 0.95)


def cosines(pairs: Sequence[Pair]) -> list[float]:
    """Cosine of the sentence encoder's vectors, for each pair."""
    texts = sorted({text for pair in pairs for text in (pair.a, pair.b)})
    vectors = encode(texts)
    at = {text: index for index, text in enumerate(texts)}
    return [float(np.dot(vectors[at[pair.a]], vectors[at[pair.b]])) for pair in pairs]


def line(name: str, scores: Sequence[float], labels: Sequence[int], threshold: float) -> str:
    hit, good, wrong, bad = passed(scores, labels, threshold)
    return f"  {name:<34} hit {share(hit, good):<32} traps {share(wrong, bad):<32} precision {share(hit, hit + wrong)}"


def curve(name: str, scores: Sequence[float], labels: Sequence[int]) -> None:
    print(f"{name}: AUC {auc(scores, labels):.3f}, {sum(labels)} paraphrases, {len(labels) - sum(labels)} traps")
    for traps in (0.10, 0.05, 0.02, 0.01):
        print(line(f"best at traps <= {traps:.0%}", scores, labels, threshold_at(scores, labels, traps)))


def by(pairs: Sequence[Pair], scores: Sequence[float], threshold: float, key: Callable[[Pair], str]) -> None:
    """What is accepted at the threshold, for each kind or language with at least ten pairs."""
    groups: dict[tuple[str, int], list[float]] = defaultdict(list)
    for pair, score in zip(pairs, scores, strict=True):
        groups[key(pair), pair.same].append(score)
    for (name, same), values in sorted(groups.items(), key=lambda item: (item[0][1], item[0][0])):
        if len(values) >= 10:
            accepted = sum(value >= threshold for value in values)
            print(f"  {'paraphrase' if same else 'trap':<10} {name or '-':<22} accepted {share(accepted, len(values))}")


def measure(title: str, pairs: Sequence[Pair], scores: Sequence[float], threshold: float, cosine: bool) -> None:
    labels = [pair.same for pair in pairs]
    print(f"\n== {title}: {len(pairs)} pairs")
    curve("verifier", scores, labels)
    print(line(f"fixed, probability {threshold:.3f}", scores, labels, threshold))
    if cosine:
        values = cosines(pairs)
        curve("cosine", values, labels)
        for fixed in COSINES:
            print(line(f"fixed, cosine {fixed:.2f}", values, labels, fixed))
        # The cache asks the verifier about near ones only: what is left where both must agree.
        for floor in (0.6, 0.7, 0.8, 0.85):
            both = [s if c >= floor else 0.0 for s, c in zip(scores, values, strict=True)]
            print(line(f"fixed, and cosine >= {floor:.2f}", both, labels, threshold))
    print("by kind, at the fixed threshold")
    by(pairs, scores, threshold, lambda pair: pair.kind)
    if len({pair.lang for pair in pairs}) > 1:
        print("by language, at the fixed threshold")
        by(pairs, scores, threshold, lambda pair: pair.lang)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, nargs="+", required=True)
    parser.add_argument("--model", type=Path, default=FOLDER)
    parser.add_argument("--limit", type=int, default=0, help="at most so many pairs of a file, drawn by the seed")
    parser.add_argument("--generated", type=int, default=0, help="also so many pairs made from the files' prompts")
    parser.add_argument("--max-wrong-hits", type=float, default=0.01)
    parser.add_argument("--no-cosine", action="store_true")
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    judge = Judge(options.model)
    threshold = judge.threshold(options.max_wrong_hits)
    rng = random.Random(options.seed)
    everything: list[Pair] = []
    for path in options.pairs:
        pairs = read(path)
        if options.limit and len(pairs) > options.limit:
            pairs = rng.sample(pairs, options.limit)
        everything += pairs
        scores = [judge.probability(pair.a, pair.b) for pair in pairs]
        measure(path.stem, pairs, scores, threshold, not options.no_cosine)
    if options.generated:
        made = generated(everything, options.generated, options.seed)
        scores = [judge.probability(pair.a, pair.b) for pair in made]
        measure("generated", made, scores, threshold, not options.no_cosine)


if __name__ == "__main__":
    main()
