"""How well two answers to one question are compared: python -m benchmarks.answers [FILE.jsonl] [--model N] [--json].

Rows are {question, a, b, same, kind, lang}. With --model N the embedded model answers N questions twice, N pairs of
paraphrases and N pairs of near questions that need two answers (seeded, from training/data/semcache): what comparisons
make of answers that a small model samples. Its answers to paraphrases need not agree, nor to near questions differ.
"""

import argparse
import asyncio
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

from tidegate.cache.compare import Comparer
from tidegate.cache.rates import wilson
from tidegate.engine.handler import Request
from tidegate.engine.jsonio import dumps
from tidegate.models.embedding.onnx import load
from tidegate.serve.config import parse_config
from tidegate.serve.gate import Gate

PAIRS = Path(__file__).parent.parent / "training/data/answers/own.jsonl"
QUESTIONS = Path(__file__).parent.parent / "training/data/semcache"


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


async def sampled(count: int, seed: int = 1) -> dict[str, Any]:
    """Outcomes for answers of the embedded model."""
    rows = [json.loads(line) for path in sorted(QUESTIONS.glob("*.jsonl")) for line in path.read_text().splitlines()]
    rows = [row for row in rows if row["lang"] == "en" and len(row["a"] + row["b"]) < 240]
    rng = random.Random(seed)
    config = parse_config("version: 1\nproviders: {local: {kind: llama}}\n", file="gate.yaml", folder=Path())
    model, comparer = Gate(config), Comparer(load())
    await model.start()
    counts = {kind: Counter[str]() for kind in ("one question twice", "paraphrases", "near questions")}
    try:
        for same, kind in ((1, "paraphrases"), (0, "near questions")):
            for row in rng.sample([row for row in rows if row["same"] == same], count):
                first, second = await ask(model, row["a"]), await ask(model, row["b"])
                counts[kind][comparer.texts(first, second)] += 1
                if same:
                    counts["one question twice"][comparer.texts(first, await ask(model, row["a"]))] += 1
    finally:
        await model.aclose()
        comparer.close()
    mistakes = {"one question twice": "different", "paraphrases": "different", "near questions": "same"}
    return {kind: share(seen, mistakes[kind]) for kind, seen in counts.items()}


async def ask(gate: Gate, text: str) -> str:
    messages = [{"role": "system", "content": "Answer in one sentence."}, {"role": "user", "content": text}]
    body = dumps({"model": "local", "messages": messages, "max_tokens": 60, "temperature": 0.7})
    headers = {"content-type": "application/json"}
    answer = await gate.answer(Request("POST", "/v1/chat/completions", headers, body))
    await answer.aclose()
    if answer.status != 200:
        raise SystemExit(f"the model answered with {answer.status}: {(answer.body or b'').decode()[:200]}")
    return json.loads(answer.body or b"")["choices"][0]["message"]["content"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=PAIRS)
    parser.add_argument("--model", type=int, default=0, metavar="N")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    found: dict[str, Any] = {"sampled": asyncio.run(sampled(wanted.model))} if wanted.model else measure(wanted.file)
    if wanted.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for label, row in (found.get("sampled") or found["shares"]).items():
        print(f"{label:20} {row}")
    for row in found.get("wrong", ()):
        print(f"wrong: said {row['said']}: {row['a']!r} / {row['b']!r}")


if __name__ == "__main__":
    main()
