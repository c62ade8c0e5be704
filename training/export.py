"""Write the verifier's folder: the graphs of its two networks, and the card with calibration and thresholds.

    python -m training.export --small build/small.pt --deep build/deep.pt --out models/weights/verifier \
        --held training/data/held/contrast_[iqv].jsonl

The files of --held trained nothing: they calibrate, say where the small network is in doubt, and set the thresholds.
Without --small and --deep the graphs that lie in --out stay, and only calibration and thresholds are made anew.
"""

import argparse
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tidegate.cache.judged import weighed
from tidegate.models.graph import Graph
from tidegate.models.judge import CARD, DEEP, FORMAT, LONG, MAX_TOKENS, SMALL, Calibration, join, size
from tidegate.models.words import Words
from tidegate.models.words import words as shipped_words

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
USUAL = 0.01
"""The bound that a gate has unless it says otherwise."""
LOST = 0.12
"""The share of paraphrases that the small network may refuse by itself: of those the deep one would let none pass at
the usual bound. It accepts no short prompts by itself: who does what to whom in languages that say it by endings it
does not see. Of 388 traps of `contrast_bu` 31 passed where it accepted 0.8 % of all traps, 13 where the deep one is
asked."""
LET_LONG = 0.024
"""The share of traps that it may accept by itself where prompts are long, after word rules: the deep one refuses hardly
one of these, and takes longest. At 0.010 33 traps pass, not 34, of 1,795 paraphrases 955 are hit, not 949, and a hit
takes 13 ms, not 6."""


def scores_of(graph: Graph, words: Words, pairs: Sequence[Pair]) -> list[float]:
    """What the graph says, as it ships; UNREAD for a pair too long to read."""
    rows = [join(*(words.ids(text) for text in sorted((pair.a, pair.b)))) for pair in pairs]
    return [float(graph.run(row.feed(words))[0][0]) if row else UNREAD for row in rows]


def lengths_of(words: Words, pairs: Sequence[Pair]) -> list[float]:
    return [size(words.ids(pair.a), words.ids(pair.b)) for pair in pairs]


@dataclass(frozen=True, slots=True)
class Held:
    """Held-back pairs that are not too long to read, and what the networks say of them."""

    pairs: list[Pair]
    small: list[float]
    deep: list[float]
    lengths: list[float]

    @property
    def labels(self) -> list[int]:
        return [pair.same for pair in self.pairs]

    def chances(self, made: Calibration, deep: bool = True) -> list[float]:
        """As the cache asks: what word rules leave of the networks' word."""
        given = zip(self.pairs, self.small, self.deep, self.lengths, strict=True)
        return [
            weighed(made.chance(small, long, (lambda it=it: it) if deep else None), pair.b, pair.a)
            for pair, small, it, long in given
        ]


def held_back(folder: Path, files: dict[str, str], words: Words, pairs: Sequence[Pair]) -> Held:
    """Too long to read is as far from a hit as can be, and calibrates nothing."""
    small, deep = (scores_of(Graph(folder, name, {"files": files}), words, pairs) for name in (SMALL, DEEP))
    rows = [row for row in zip(pairs, small, deep, lengths_of(words, pairs), strict=True) if row[1] > UNREAD]
    return Held(*(list(column) for column in zip(*rows, strict=True)))  # pyright: ignore[reportArgumentType]


def calibrated(held: Held) -> Calibration:
    """Logistic curves over scores and lengths, and where the small network is in doubt."""
    alone = fit_logistic([held.small, held.lengths], held.labels)
    both = fit_logistic([held.small, held.deep, held.lengths], held.labels)
    made = Calibration((alone[0], alone[1], alone[2]), (both[0], both[1], both[2], both[3]), (0.0, 1.0))
    labels = held.labels
    firsts = [made.first(score, length) for score, length in zip(held.small, held.lengths, strict=True)]
    good = sorted(chance for chance, same in zip(firsts, labels, strict=True) if same)
    made = replace(made, doubts=(round(good[int(LOST * len(good))], 6), 1.0))
    weighed_firsts = held.chances(made, deep=False)
    long = [at for at, length in enumerate(held.lengths) if length >= LONG]
    high = round(threshold_at([weighed_firsts[at] for at in long], [labels[at] for at in long], LET_LONG), 6)
    usual = threshold_at(held.chances(made), labels, BOUNDS[USUAL])
    return replace(made, long=(high, round(odds(usual) - odds(high), 6)))


def odds(chance: float) -> float:
    """In logarithms."""
    return math.log(chance / (1 - chance))


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


def card_of(words: Words, files: dict[str, str], data: dict[str, str], held: Held, made: Calibration) -> dict[str, Any]:
    chances, first = held.chances(made), held.chances(made, deep=False)
    calibration = {
        "alone": made.alone, "both": made.both, "doubts": made.doubts, "long": made.long, "pairs": len(held.pairs),
    }  # fmt: skip
    doubted = 0
    for small, length in zip(held.small, held.lengths, strict=True):
        low, high, _ = made.limits(length)
        doubted += low < made.first(small, length) < high
    # A probability means the same only under the same networks and the same curves.
    identity = hashlib.sha256("".join([*files.values(), json.dumps(calibration)]).encode()).hexdigest()[:12]
    return {
        "format": FORMAT,
        "id": f"verifier-{identity}",
        "base": "multilingual-e5-small; the small one is four of its layers, pruned (MIT)",
        "licence": "Apache-2.0",
        "words": words.id,
        "max_tokens": MAX_TOKENS,
        "calibration": calibration,
        "promise": "On hand-written traps by hands the networks had not seen: of each row's traps this many passed. "
        "Ordinary traffic holds far fewer traps; the share of wrong hits depends on how many it holds.",
        "thresholds": thresholds(chances, held.labels, BOUNDS),
        "alone": thresholds(first, held.labels, ALONE),
        "figures": {
            "held_back_auc": round(auc(chances, held.labels), 4),
            "held_back_files": sorted({pair.file for pair in held.pairs}),
            "read_by_both": doubted / len(held.pairs),
        },
        "data": data,
        "files": files,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=Path)
    parser.add_argument("--deep", type=Path)
    parser.add_argument("--held", type=Path, nargs="+", required=True)
    parser.add_argument("--data", type=Path, default=Path("training/data/semcache"), help="what they were trained on")
    parser.add_argument("--base", type=Path, default=BASE, help="what training/base.py wrote")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    if (options.small is None) != (options.deep is None):
        parser.error("--small and --deep go together")
    options.out.mkdir(parents=True, exist_ok=True)
    words = Words(options.base / "words") if options.small else shipped_words()
    if options.small:
        files = {
            name: write(Exported(loaded(path, options.base)), feed(words), ["score"], options.out / name)
            for name, path in ((SMALL, options.small), (DEEP, options.deep))
        }
        trained = sorted(options.data.glob("*.jsonl"))
        data = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in trained}
    else:
        before = json.loads((options.out / CARD).read_text("utf-8"))
        files, data = before["files"], before["data"]
    held = held_back(options.out, files, words, [pair for file in options.held for pair in read(file)])
    card = card_of(words, files, data, held, calibrated(held))
    (options.out / CARD).write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    print(f"wrote {options.out}: { {path.name: path.stat().st_size for path in sorted(options.out.iterdir())} }")


if __name__ == "__main__":
    main()
