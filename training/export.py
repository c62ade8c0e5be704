"""Write the verifier's folder: its two graphs, and the card with calibration and thresholds."""

import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tidegate.models.judge import CARD, FORMAT, MAX_TOKENS, join
from tidegate.models.ladder import Ladder
from tidegate.models.words import Words

from .figures import UNREAD, auc, fit_sigmoid, passed, threshold_at, wilson
from .graphs import write
from .network import Lower, Network, Upper
from .pairs import Pair

BOUNDS = {0.001: 0.005, 0.002: 0.01, 0.005: 0.02, 0.01: 0.04, 0.02: 0.06, 0.03: 0.08, 0.05: 0.12, 0.1: 0.2, 0.2: 0.35}
"""For each bound on wrong hits the share of held-back hand-written traps that may pass."""
SURE = 0.01
"""The share of traps that the lower layers may accept by themselves."""
DOUBT = 0.02
"""The share of paraphrases that the lower layers may refuse by themselves."""


def ladder_scores(ladder: Ladder, pairs: Sequence[Pair]) -> list[tuple[float, float]]:
    """Both opinions of the graphs as they ship; UNREAD for a pair too long to read."""
    out: list[tuple[float, float]] = []
    for pair in pairs:
        a, b = sorted((pair.a, pair.b))
        row = join(ladder.words.ids(a), ladder.words.ids(b))
        if row is None:
            out.append((UNREAD, UNREAD))
            continue
        landing = ladder.first(row)
        out.append((landing.score, ladder.last(landing)))
    return out


def calibration(scores: Sequence[tuple[float, float]], labels: Sequence[int]) -> tuple[dict[str, Any], list[float]]:
    """Both scales, between which probabilities of the early one the upper layers are asked, and what the judge would
    say of each pair."""
    read = [(pair, label) for pair, label in zip(scores, labels, strict=True) if pair[1] > UNREAD]
    scales = [fit_sigmoid([pair[at] for pair, _ in read], [label for _, label in read]) for at in (0, 1)]
    early, late = (
        [_logistic(slope * pair[at] + offset) if pair[at] > UNREAD else 0.0 for pair in scores]
        for at, (slope, offset) in enumerate(scales)
    )
    # What is accepted early must be accepted: its probability is not under what the last word would need.
    sure = max(threshold_at(early, labels, SURE), threshold_at(late, labels, BOUNDS[0.01]))
    good = sorted(chance for chance, label in zip(early, labels, strict=True) if label)
    doubt = min(good[int(len(good) * DOUBT)], sure)
    said = [first if first <= doubt or first >= sure else last for first, last in zip(early, late, strict=True)]
    names = ("early", "late")
    found: dict[str, Any] = {
        name: {"slope": slope, "offset": offset} for name, (slope, offset) in zip(names, scales, strict=True)
    }
    return found | {"doubt": doubt, "sure": sure, "pairs": len(scores)}, said


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
    """Write the graphs and verifier.json. `held` trained nothing: those pairs calibrate."""
    files = write(Lower(network), Upper(network), words, out, paired=True)
    write_card(out, words, files, held, data)
    print(f"wrote {out}: { {path.name: path.stat().st_size for path in sorted(out.iterdir())} }")


def write_card(out: Path, words: Words, files: dict[str, str], held: Sequence[Pair], data: Sequence[Path]) -> None:
    """Write verifier.json for the graphs that lie in `out`."""
    labels = [pair.same for pair in held]
    scores = ladder_scores(Ladder(out, {"words": words.id, "files": files}, words), held)
    known, said = calibration(scores, labels)
    card = {
        "format": FORMAT,
        "id": f"verifier-{hashlib.sha256(''.join(sorted(files.values())).encode()).hexdigest()[:12]}",
        "base": "multilingual-e5-small, its lower six layers (MIT)",
        "licence": "Apache-2.0",
        "words": words.id,
        "max_tokens": MAX_TOKENS,
        "calibration": known,
        "promise": "On hand-written traps by hands the network had not seen: of each row's traps this many passed. "
        "Ordinary traffic holds far fewer traps; the share of wrong hits depends on how many it holds.",
        "thresholds": thresholds(said, labels),
        "figures": {
            "held_back_auc": round(auc(said, labels), 4),
            "early_auc": round(auc([early for early, _ in scores], labels), 4),
            "decided_early": round(sum(not known["doubt"] < x < known["sure"] for x in said) / len(said), 3),
            "held_back_files": sorted({pair.file for pair in held}),
        },
        "data": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in data},
        "files": files,
    }
    (out / CARD).write_text(json.dumps(card, indent=1) + "\n", "utf-8")


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, value))))
