"""How well two answers to one question are compared: python -m benchmarks.answers [FILE.jsonl] [--model N] [--json].

Rows are {question, a, b, same, kind, lang}.
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
    """Outcomes by label, and the pairs that were judged wrongly."""
    comparer = Comparer(load())
    counts = {"same": Counter[str](), "different": Counter[str]()}
    wrong: list[dict[str, Any]] = []
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        label, said = "same" if row["same"] else "different", comparer.texts(row["a"], row["b"])
        counts[label][said] += 1
        if said not in (label, "unclear"):
            wrong.append({"said": said, **row})
    comparer.close()
    shares = {label: share(seen, "different" if label == "same" else "same") for label, seen in counts.items()}
    return {"file": path.name, "shares": shares, "wrong": wrong}


def share(seen: Counter[str], mistake: str) -> dict[str, Any]:
    low, high = wilson(seen[mistake], seen.total())
    counts = {name: seen[name] for name in ("same", "different", "unclear")}
    return {"pairs": seen.total(), **counts, f"said {mistake}": f"{low:.1%} to {high:.1%}"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=PAIRS)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    found = measure(wanted.file)
    if wanted.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for label, row in found["shares"].items():
        print(f"{label:20} {row}")
    for row in found["wrong"]:
        print(f"wrong: said {row['said']}: {row['a']!r} / {row['b']!r}")


if __name__ == "__main__":
    main()
