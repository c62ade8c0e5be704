"""The index by size: python -m benchmarks.index [--sizes 1000,10000,...] [--json].

Vectors of the static encoder's kind: those of the prompts in training/data/semcache, and beyond their number mixtures
of two of them with noise. Asked for are prompts whose paraphrase is stored (what hits) and mixtures that are not (what
misses). `right` is the share of queries whose first key is as near as the nearest, to a thousandth: of paraphrases
above the verifier's gate, and of what is not stored. Bytes are what the process grew by: index, keys, sentence vectors;
below GROWS entries that says nothing, since memory that other work let go of is used first, and none are given.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tidegate.cache.judged import JudgedVerifier
from tidegate.cache.key import digest
from tidegate.cache.recall import Recall
from tidegate.cache.vectors import Vectors
from tidegate.models.embedding.static import load_static

PAIRS = Path(__file__).parents[1] / "training" / "data" / "semcache"
CHUNK = 10_000
SENTENCE = 384
QUERIES = 500
GROWS = 100_000
"""Entries from which on the growth of the process is theirs."""


class World:
    """Reproducible vectors, a chunk at a time, so that a million never lie here beside the index."""

    def __init__(self, static: Any, pairs: Path) -> None:
        rows = [json.loads(line) for path in sorted(pairs.glob("*.jsonl")) for line in path.open(encoding="utf-8")]
        same = [(row["a"], row["b"]) for row in rows if row["same"] and row["a"] != row["b"]]
        picked = np.random.default_rng(7).choice(len(same), min(QUERIES, len(same)), replace=False)
        asked = [same[at][0] for at in picked]
        stored = list(dict.fromkeys([same[at][1] for at in picked]))
        others = [text for row in rows for text in (row["a"], row["b"]) if text not in set(asked)]
        self.real = self._unit(static.embed(list(dict.fromkeys([*stored, *others]))))
        self.paraphrases = self._unit(static.embed(asked))
        self.unseen = self._mixed(np.random.default_rng(99), QUERIES)

    def chunk(self, number: int, size: int) -> Any:
        start = number * CHUNK
        kept = self.real[start : start + size]
        if len(kept) == size:
            return kept
        return np.concatenate([kept, self._mixed(np.random.default_rng(number), size - len(kept))])

    def _mixed(self, rng: Any, size: int) -> Any:
        first, second = self.real[rng.integers(0, len(self.real), (2, size))]
        noise = rng.normal(0, 0.02, first.shape)
        return self._unit(first + rng.uniform(0.2, 0.8, (size, 1)) * second + noise)

    @staticmethod
    def _unit(vectors: Any) -> Any:
        return (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def chunks(world: World, size: int) -> Iterator[tuple[int, Any]]:
    for number in range((size + CHUNK - 1) // CHUNK):
        yield number, world.chunk(number, min(CHUNK, size - number * CHUNK))


def truth(world: World, size: int, queries: Any, found: Any) -> tuple[Any, Any]:
    """For each query the cosine of the nearest, by comparing with all, and that of the one that was found."""
    best, got = np.full(len(queries), -2.0), np.full(len(queries), -2.0)
    for number, vectors in chunks(world, size):
        products = queries @ vectors.T
        best = np.maximum(best, products.max(1))
        here = np.flatnonzero(found // CHUNK == number)
        got[here] = products[here, found[here] % CHUNK]
    return best, got


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def timed(call: Callable[[Any], Any], things: Any) -> Any:
    """Microseconds of each call."""
    took: list[float] = []
    for thing in things:
        began = time.perf_counter()
        call(thing)
        took.append((time.perf_counter() - began) * 1e6)
    return np.array(took)


def measure(world: World, size: int, dim: int) -> dict[str, Any]:
    before = resident()
    recall, sentences = Recall(dim, limit=2 * size), Vectors(SENTENCE)
    adds: list[Any] = []
    began = time.perf_counter()
    filler = np.random.default_rng(1).normal(0, 0.05, SENTENCE).astype(np.float32)
    for number, vectors in chunks(world, size):
        keys = [digest(str(number * CHUNK + at)) for at in range(len(vectors))]

        def add(at: int, keys: list[str] = keys, vectors: Any = vectors) -> None:
            recall.add("p", keys[at], vectors[at])

        adds.append(timed(add, range(len(vectors))))
        for key in keys:
            sentences.put(key, filler)
    recall.settle()
    filled = time.perf_counter() - began
    bytes_each = round((resident() - before) / size) if size >= GROWS else None
    found: dict[str, Any] = {"size": size, "bytes": bytes_each, "fill_s": round(filled, 1)}
    took = np.concatenate(adds)
    found |= {"add_p50_us": _p(took, 50), "add_p99_us": _p(took, 99), "add_worst_ms": round(float(took.max()) / 1e3, 1)}
    numbers = {digest(str(at)): at for at in range(size)}
    for name, queries in (("paraphrases", world.paraphrases), ("unseen", world.unseen)):
        answers: list[str] = []

        def ask(query: Any, answers: list[str] = answers) -> None:
            answers.append(recall.search("p", query, 8)[0][0])

        took = timed(ask, queries)
        best, got = truth(world, size, queries, np.array([numbers[key] for key in answers]))
        right = got >= best - 1e-3
        near = best >= JudgedVerifier.gate if name == "paraphrases" else np.ones(len(best), bool)
        found[name] = {"p50_us": _p(took, 50), "p99_us": _p(took, 99), "right": f"{right[near].sum()}/{near.sum()}"}
    gone = [digest(str(at)) for at in range(0, min(size, 1000), 2)]
    found["remove_p50_us"] = _p(timed(recall.remove, gone), 50)
    found["shelf"] = type(recall._partitions["p"].base).__name__
    recall.close()
    return found


def flat(world: World, size: int, dim: int) -> float:
    """Median microseconds of a search that compares with all."""
    recall = Recall(dim, limit=2 * size, switch=10 * size)
    for number, vectors in chunks(world, size):
        for at, vector in enumerate(vectors):
            recall.add("p", str(number * CHUNK + at), vector)
    return _p(timed(lambda query: recall.search("p", query, 8), world.unseen), 50)


def _p(took: Any, percent: float) -> float:
    return round(float(np.percentile(took, percent)), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,2000,4000,8000,16000,100000,1000000")
    parser.add_argument("--pairs", type=Path, default=PAIRS, help="folder of JSONL files with a, b, same")
    parser.add_argument("--encoder", default="all-MiniLM-L6-v2")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    static = load_static(options.encoder)
    world = World(static, options.pairs)
    rows: list[dict[str, Any]] = []
    for size in (int(size) for size in options.sizes.split(",")):
        row = measure(world, size, static.dim)
        row["flat_p50_us"] = flat(world, size, static.dim) if size <= 100_000 else None
        rows.append(row)
        if options.json:
            continue
        print(told(row), flush=True)
    if options.json:
        print(json.dumps(rows))


def told(row: dict[str, Any]) -> str:
    """A row for people."""
    hits, misses = row["paraphrases"], row["unseen"]
    weight = "" if row["bytes"] is None else f" {row['bytes']} bytes an entry;"
    return (
        f"{row['size']:>9,}  {row['shelf']:<8} search p50 {misses['p50_us']:>6} p99 {misses['p99_us']:>7} µs"
        f" (comparing with all {row['flat_p50_us'] or '-':>7})  right: paraphrases {hits['right']},"
        f" unseen {misses['right']}\n{'':>11}add p50 {row['add_p50_us']} p99 {row['add_p99_us']} µs, worst"
        f" {row['add_worst_ms']} ms; remove {row['remove_p50_us']} µs;{weight} filled in {row['fill_s']} s"
    )


if __name__ == "__main__":
    main()
