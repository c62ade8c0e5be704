"""Write the verifier's folder: the graphs of its two networks, and the card with calibration and thresholds.

    python -m training.export --small build/small.pt --deep build/deep.pt --out models/weights/verifier \
        --held training/data/held/contrast_[iqv].jsonl

The files of --held trained nothing: they calibrate, say where the small network is in doubt, and set the thresholds.
"""

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tidegate.cache.judged import weighed
from tidegate.models.graph import Graph
from tidegate.models.judge import CARD, DEEP, FORMAT, MAX_TOKENS, SMALL, Calibration, join, size
from tidegate.models.words import Words

from .figures import UNREAD, auc, fit_logistic, passed, threshold_at, wilson
from .graphs import feed, write
from .network import Exported
from .pairs import Pair, read
from .trunk import BASE
from .verifier import loaded

BOUNDS = {
    0.001: 0.004, 0.002: 0.007, 0.005: 0.012, 0.01: 0.018, 0.02: 0.03, 0.03: 0.05, 0.05: 0.09, 0.1: 0.17, 0.2: 0.3,
}  # fmt: skip
"""For each bound on wrong hits the share of held-back hand-written traps that may pass."""
ALONE = BOUNDS | {0.01: 0.025, 0.02: 0.04, 0.03: 0.06}
"""The same for the small network alone."""
LOST, LET = 0.12, 0.008
"""The shares of paraphrases that the small network may refuse, and of traps that it may accept, all by itself. Of those
that it refuses, the deep one would let none pass at the bound that is usual (0.01)."""


def scores_of(graph: Graph, words: Words, pairs: Sequence[Pair]) -> list[float]:
    """What the graph says, as it ships; UNREAD for a pair too long to read."""
    rows = [join(*(words.ids(text) for text in sorted((pair.a, pair.b)))) for pair in pairs]
    return [float(graph.run(row.feed(words))[0][0]) if row else UNREAD for row in rows]


def lengths_of(words: Words, pairs: Sequence[Pair]) -> list[float]:
    return [size(words.ids(pair.a), words.ids(pair.b)) for pair in pairs]


def calibrated(
    small: Sequence[float], deep: Sequence[float], lengths: Sequence[float], labels: Sequence[int]
) -> Calibration:
    """Logistic curves over scores and lengths, and where the small network is in doubt."""
    alone = fit_logistic([small, lengths], labels)
    both = fit_logistic([small, deep, lengths], labels)
    made = Calibration((alone[0], alone[1], alone[2]), (both[0], both[1], both[2], both[3]), (0.0, 1.0))
    chances = [made.first(score, length) for score, length in zip(small, lengths, strict=True)]
    good = sorted(chance for chance, same in zip(chances, labels, strict=True) if same)
    low, high = good[int(LOST * len(good))], threshold_at(chances, labels, LET)
    return Calibration(made.alone, made.both, (round(low, 6), round(high, 6)))


def thresholds(
    probabilities: Sequence[float], labels: Sequence[int], bounds: dict[float, float]
) -> list[dict[str, Any]]:
    """For each bound the probability, and what passed there."""
    rows: list[dict[str, Any]] = []
    for bound, traps in bounds.items():
        probability = threshold_at(probabilities, labels, traps)
        hit, good, wrong, bad = passed(probabilities, labels, probability)
        rows.append({
            "max_wrong_hits": bound, "probability": round(probability, 6), "traps_passed": wrong, "traps": bad,
            "traps_interval": [round(x, 4) for x in wilson(wrong, bad)], "paraphrases_hit": hit, "paraphrases": good,
        })  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=Path, required=True)
    parser.add_argument("--deep", type=Path, required=True)
    parser.add_argument("--held", type=Path, nargs="+", required=True)
    parser.add_argument("--data", type=Path, default=Path("training/data/semcache"), help="what they were trained on")
    parser.add_argument("--base", type=Path, default=BASE, help="what training/base.py wrote")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    words = Words(options.base / "words")
    files = {
        name: write(Exported(loaded(path, options.base)), feed(words), ["score"], options.out / name)
        for name, path in ((SMALL, options.small), (DEEP, options.deep))
    }
    held = [pair for file in options.held for pair in read(file)]
    small, deep = (scores_of(Graph(options.out, name, {"files": files}), words, held) for name in (SMALL, DEEP))
    seen = [at for at, score in enumerate(small) if score > UNREAD]
    long = lengths_of(words, held)
    made = calibrated(*([each[i] for i in seen] for each in (small, deep, long)), [held[i].same for i in seen])
    read_on = [
        made.chance(small[i], long[i], lambda i=i: deep[i]) if small[i] > UNREAD else 0.0 for i in range(len(held))
    ]
    alone = [made.first(small[i], long[i]) if small[i] > UNREAD else 0.0 for i in range(len(held))]
    # As the cache asks: thresholds are of what word rules leave of the networks' word.
    chances, first = (
        [weighed(chance, pair.b, pair.a) for chance, pair in zip(values, held, strict=True)]
        for values in (read_on, alone)
    )
    labels = [pair.same for pair in held]
    card = {
        "format": FORMAT,
        "id": f"verifier-{hashlib.sha256(''.join(files.values()).encode()).hexdigest()[:12]}",
        "base": "multilingual-e5-small; the small one is four of its layers, pruned (MIT)",
        "licence": "Apache-2.0",
        "words": words.id,
        "max_tokens": MAX_TOKENS,
        "calibration": {"alone": made.alone, "both": made.both, "doubts": made.doubts, "pairs": len(held)},
        "promise": "On hand-written traps by hands the networks had not seen: of each row's traps this many passed. "
        "Ordinary traffic holds far fewer traps; the share of wrong hits depends on how many it holds.",
        "thresholds": thresholds(chances, labels, BOUNDS),
        "alone": thresholds(first, labels, ALONE),
        "figures": {
            "held_back_auc": round(auc(chances, labels), 4),
            "held_back_files": sorted({pair.file for pair in held}),
            "read_by_both": sum(made.doubts[0] < made.first(small[i], long[i]) < made.doubts[1] for i in seen)
            / len(seen),
        },
        "data": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(options.data.glob("*.jsonl"))
        },
        "files": files,
    }
    (options.out / CARD).write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    print(f"wrote {options.out}: { {path.name: path.stat().st_size for path in sorted(options.out.iterdir())} }")


if __name__ == "__main__":
    main()
