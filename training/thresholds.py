"""Find the thresholds of short texts of the injection detector anew for another reader, beside n-grams that stay.

    python -m training.thresholds --data training/data/injection/*.jsonl training/data/semcache/*.jsonl
        build/ordinary.jsonl FILE... --held training/data/held/own_f.jsonl --repository engine cache models governance
        serve docs --reader build/reader --weights guardrails/weights --scores build/injection.jsonl

The texts are those of `training.injection`, and so is what they set. What n-grams leave to the reader stays too, and
how much its word counts. So do the thresholds of texts of LONG windows and more, unless those of shorter ones exceed
them: they are of windows that are drawn together, and move more by the draw than by the reader. What is measured is of
all. Rewrites injection.json in --weights.
"""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tidegate.models.reader import Reader

from .injection import (
    LONG,
    add_options,
    calm_of,
    cascade,
    limited,
    measure,
    read_first,
    scores_of,
    table,
)
from .weights import begun, write
from .windows import bags, read, repository


def moved(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """A table with the new thresholds of short texts and the old ones of longer, none below those of shorter texts."""
    found: dict[str, list[float]] = {}
    before: list[float] = []
    for least, cuts in old["thresholds"].items():
        own = cuts if int(least) >= LONG else new["thresholds"][least]
        before = found[least] = [max(pair) for pair in zip(own, before or own, strict=True)]
    return new | {"thresholds": found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True, help="the folder of injection.json")
    add_options(parser)
    options = parser.parse_args()
    meta, known, line = begun(options.weights)
    reader = Reader(options.reader)
    apart = read(options.held)
    away = {text.source for text in apart}
    texts = limited([*read(options.data), *repository(options.repository, options.seed)], options.most, options.seed)
    made = bags([*(text for text in texts if not text.trains or text.apart or text.source in away), *apart])
    fresh = np.ones(len(made.texts), bool)
    scores = scores_of(made, fresh, line, reader, None, known.low)
    calm = calm_of(made, fresh, away)
    finals = {
        "ngrams": made.best(scores.ngrams),
        "reader": cascade(made, scores, known.mix, known.low, known.high),
    }
    first = partial(read_first, scores, known.mix, known.low, known.high)
    tables = meta["tables"] | {
        "reader": moved(meta["tables"]["reader"], table(made, calm, finals["reader"], first, options.seed))
    }
    measured = measure(made, fresh, finals, tables, options.scores)
    write(options.weights, meta | {"reader": reader.id, "tables": tables, "measured": measured})
    print(reader.id, tables["reader"]["thresholds"])


if __name__ == "__main__":
    main()
