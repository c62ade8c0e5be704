"""RE2's set matching beside Hyperscan's, on the patterns of all packs: time to build, time for a text, what differs.

    pip install hyperscan && python -m benchmarks.patterns --texts FILE.jsonl

Texts are the `text` of each line. Times are of the processor, the best of two alternating rounds, and include encoding.
What came of it: docs/decisions/0002-pattern-engine.md.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import hyperscan

from tidegate.engine.exchange import Scope
from tidegate.guardrails.detectors.regex import Regex
from tidegate.guardrails.detectors.search.passes import PatternSet
from tidegate.guardrails.detectors.secrets.table import FORMATS
from tidegate.guardrails.rules.compile import load_ruleset
from tidegate.guardrails.rules.load import packs
from tidegate.guardrails.rules.review import SAMPLE

SECONDS = 0.3
FLAGS = hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_ALLOWEMPTY


def patterns() -> dict[str, list[str]]:
    """What rules for requests look for, what tells that a match is under way, and the formats of credentials."""
    rules = load_ruleset([f"pack:{pack}" for pack in packs()]).group(Scope.INPUT).rules
    parts = [part for rule in rules for part in getattr(rule.detector, "parts", [rule.detector])]
    found = [part for part in parts if isinstance(part, Regex)]
    return {
        "matches": list(dict.fromkeys(part.pattern for part in found)),
        "under way": list(dict.fromkeys(part.open_pattern for part in found if part.open_pattern)),
        "secrets": [each.pattern for each in FORMATS],
    }


def database(expressions: Sequence[str]) -> Any:
    made = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    made.compile(
        expressions=[each.encode() for each in expressions],
        ids=list(range(len(expressions))),
        flags=[FLAGS] * len(expressions),
    )
    return made


def runs(expression: str) -> bool:
    try:
        database([expression])
    except hyperscan.HyperscanError:
        return False
    return True


def microseconds(look: Callable[[str], Any], texts: Sequence[str]) -> float:
    begun, count = time.process_time(), 0
    while time.process_time() - begun < SECONDS:
        for text in texts:
            look(text)
        count += len(texts)
    return (time.process_time() - begun) / count * 1e6


def compare(name: str, expressions: list[str], texts: dict[str, list[str]]) -> None:
    kept = [each for each in expressions if runs(each)]
    begun = time.perf_counter()
    made = database(kept)
    middle = time.perf_counter()
    re2 = PatternSet(kept)
    re2.matching("")
    built = time.perf_counter()

    def scan(text: str) -> set[int]:
        found: set[int] = set()
        made.scan(text.encode(), match_event_handler=lambda at, *_: found.add(at))
        return found

    print(f"{name}: {len(expressions)} patterns, {len(expressions) - len(kept)} refused by Hyperscan")
    print(f"  built in {middle - begun:.2f} s by Hyperscan, {built - middle:.2f} s by RE2", flush=True)
    for what, some in texts.items():
        differ = sum(scan(text) != re2.matching(text) for text in some)
        times = [(microseconds(scan, some), microseconds(re2.matching, some)) for _ in range(2)]
        fast, ours = min(each[0] for each in times), min(each[1] for each in times)
        print(
            f"  {what}: Hyperscan {fast:.1f} µs, RE2 {ours:.1f} µs a text; {differ} of {len(some)} differ", flush=True
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--most", type=int, default=300)
    options = parser.parse_args()
    lines = options.texts.read_text("utf-8").splitlines()[: options.most]
    words = (SAMPLE * 2).split()
    texts = {
        "40 words": [" ".join(words[:40])],
        "400 words": [" ".join(words[:400])],
        options.texts.name: [json.loads(line)["text"] for line in lines],
    }
    for name, expressions in patterns().items():
        compare(name, expressions, texts)


if __name__ == "__main__":
    main()
