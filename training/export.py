"""Write the verifier's folder: its graph, and the card with calibration and thresholds."""

import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tidegate.cache.judged import weighed
from tidegate.models.graph import Graph
from tidegate.models.judge import CARD, FORMAT, GRAPH, MAX_TOKENS, join
from tidegate.models.words import Words

from .figures import UNREAD, auc, fit_sigmoid, passed, threshold_at, wilson
from .graphs import feed, write
from .network import Exported, Network
from .pairs import Pair

BOUNDS = {0.001: 0.004, 0.002: 0.008, 0.005: 0.015, 0.01: 0.03, 0.02: 0.05, 0.03: 0.08, 0.05: 0.12, 0.1: 0.2, 0.2: 0.35}
"""For each bound on wrong hits the share of held-back hand-written traps that may pass."""


def scores_of(graph: Graph, words: Words, pairs: Sequence[Pair]) -> list[float]:
    """What the graph says, as it ships; UNREAD for a pair too long to read."""
    rows = [join(*(words.ids(text) for text in sorted((pair.a, pair.b)))) for pair in pairs]
    return [float(graph.run(row.feed(words))[0][0]) if row else UNREAD for row in rows]


def thresholds(probabilities: Sequence[float], labels: Sequence[int]) -> list[dict[str, Any]]:
    """For each bound the probability, and what passed there."""
    rows: list[dict[str, Any]] = []
    for bound, traps in BOUNDS.items():
        probability = threshold_at(probabilities, labels, traps)
        hit, good, wrong, bad = passed(probabilities, labels, probability)
        rows.append({
            "max_wrong_hits": bound, "probability": round(probability, 6), "traps_passed": wrong, "traps": bad,
            "traps_interval": [round(x, 4) for x in wilson(wrong, bad)], "paraphrases_hit": hit, "paraphrases": good,
        })  # fmt: skip
    return rows


def export(network: Network, words: Words, out: Path, held: Sequence[Pair], data: Sequence[Path]) -> None:
    """Write the graph and verifier.json. `held` trained nothing: those pairs calibrate."""
    files = {GRAPH: write(Exported(network), feed(words), ["score"], out / GRAPH)}
    labels = [pair.same for pair in held]
    scores = scores_of(Graph(out, GRAPH, {"files": files}), words, held)
    seen = [(s, label) for s, label in zip(scores, labels, strict=True) if s > UNREAD]
    slope, offset = fit_sigmoid([s for s, _ in seen], [label for _, label in seen])
    read = [1 / (1 + math.exp(-(slope * s + offset))) if s > UNREAD else 0.0 for s in scores]
    # As the cache asks: thresholds are of what word rules leave of the network's word.
    chances = [weighed(chance, pair.b, pair.a) for chance, pair in zip(read, held, strict=True)]
    card = {
        "format": FORMAT,
        "id": f"verifier-{files[GRAPH][:12]}",
        "base": "multilingual-e5-small, four of its layers, pruned (MIT)",
        "licence": "Apache-2.0",
        "words": words.id,
        "max_tokens": MAX_TOKENS,
        "calibration": {"slope": slope, "offset": offset, "pairs": len(scores)},
        "promise": "On hand-written traps by hands the network had not seen: of each row's traps this many passed. "
        "Ordinary traffic holds far fewer traps; the share of wrong hits depends on how many it holds.",
        "thresholds": thresholds(chances, labels),
        "figures": {
            "held_back_auc": round(auc(chances, labels), 4),
            "held_back_files": sorted({pair.file for pair in held}),
        },
        "data": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in data},
        "files": files,
    }
    (out / CARD).write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    print(f"wrote {out}: { {path.name: path.stat().st_size for path in sorted(out.iterdir())} }")
