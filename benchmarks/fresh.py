"""What a text costs that was never seen: the rules of all packs over many texts, each once.

    python -m benchmarks.fresh --texts training/data/semcache/contrast_*.jsonl --words 100

RE2 builds the states of its automata as texts come, and n-grams of words are remembered: a text that is timed again and
again, or one of few, tells too little of traffic. Files are JSON lines with a text, or with a and b; their texts are
shuffled and joined, and cut after so many words. Figures are processor time of this thread, without the networks: of
the newest texts after so many, and of the last ones asked about once more.
"""

import argparse
import json
import random
import resource
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from tidegate.engine.exchange import Scope
from tidegate.guardrails.examine import examine
from tidegate.guardrails.rules.compile import load_ruleset
from tidegate.guardrails.rules.load import packs
from tidegate.guardrails.rules.ruleset import Group
from tidegate.serve.bench.stats import of_words

STEPS = (0, 200, 1_000, 3_000, 6_000, 12_000)


def texts_of(files: Sequence[Path], words: int) -> list[str]:
    found: list[str] = []
    for file in files:
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            found.append(row["text"] if "text" in row else row["a"])
    random.Random(5).shuffle(found)
    return of_words(found, words, STEPS[-1])


def timed(group: Group, texts: Sequence[str]) -> Iterator[float]:
    for text in texts:
        begun = time.thread_time()
        examine(group, text)
        yield (time.thread_time() - begun) * 1e3


def line(name: str, times: Sequence[float]) -> None:
    order = sorted(times)
    p50, p90, p99 = (order[int(len(order) * share)] for share in (0.5, 0.9, 0.99))
    print(f"{name}: p50 {p50:.2f} ms, p90 {p90:.2f}, p99 {p99:.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, nargs="+", required=True)
    parser.add_argument("--words", type=int, default=100)
    parser.add_argument("--packs", nargs="*", default=sorted(packs()), help="those on; all unless said")
    options = parser.parse_args()
    rules = load_ruleset([f"pack:{name}" for name in options.packs])
    rules.start()
    group = rules.group(Scope.INPUT)
    texts = texts_of(options.texts, options.words)
    if len(texts) < STEPS[1]:
        parser.error(f"{len(texts)} texts of {options.words} words are too few: {STEPS[1]} at least")
    print(f"{len(texts)} texts of {options.words} words, {len(options.packs)} packs")
    seen = 0
    for begin, end in pairwise(STEPS):
        if end > len(texts):
            break
        times = list(timed(group, texts[begin:end]))
        line(f"the newest, after {end:,}", times[-600:])
        seen = end
    line("the last 200 once more", list(timed(group, [f"{text} ." for text in texts[seen - 200 : seen]])))
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
