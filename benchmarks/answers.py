"""How well two answers to one question are compared: python -m benchmarks.answers [FILE.jsonl] [--json].

Rows are {question, a, b, same, kind, lang}. Half of the questions (every other one) served to set the two thresholds;
shares are printed for both halves apart.
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

from tidegate.cache.compare import Comparer
from tidegate.cache.rates import wilson
from tidegate.models.embedding.onnx import load

PAIRS = Path(__file__).parent.parent / "training/data/answers/own.jsonl"


def measure(path: Path) -> dict[str, Any]:
    comparer = Comparer(load())
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    numbers = {text: n for n, text in enumerate(dict.fromkeys(row["question"] for row in rows))}
    counts: dict[str, Counter[str]] = {half: Counter() for half in ("set", "held back")}
    wrong: list[dict[str, Any]] = []
    for row in rows:
        half = "held back" if numbers[row["question"]] % 2 else "set"
        said = comparer.texts(row["a"], row["b"])
        label = "same" if row["same"] else "different"
        counts[half][f"{label} as {said}"] += 1
        if said not in (label, "unclear"):
            wrong.append({"half": half, "said": said, **row})
    comparer.close()
    found: dict[str, Any] = {"file": path.name, "wrong": wrong}
    for half, seen in counts.items():
        found[half] = {}
        for label in ("same", "different"):
            total = sum(count for name, count in seen.items() if name.startswith(label + " as"))
            shares = {said: seen[f"{label} as {said}"] for said in ("same", "different", "unclear")}
            miss = shares["different" if label == "same" else "same"]
            found[half][label] = {"pairs": total, **{f"as {said}": n for said, n in shares.items()}}
            found[half][label]["wrong_interval"] = [round(end, 3) for end in wilson(miss, total)]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=PAIRS)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    found = measure(wanted.file)
    if wanted.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for half in ("set", "held back"):
        for label, row in found[half].items():
            low, high = row.pop("wrong_interval")
            print(f"{half:10} {label:10} {row}  wrong {low:.1%} to {high:.1%}")
    for row in found["wrong"]:
        print(f"wrong: said {row['said']}: {row['a']!r} / {row['b']!r}")


if __name__ == "__main__":
    main()
