"""What the rules take of each request of a conversation, which carries all earlier turns with it.

    python -m benchmarks.turns --texts tests/guardrails/data/pii_own_[a-z].jsonl --rows 1200

Files are JSON lines with a text; their texts are shuffled and dealt to conversations of so many turns. A request is
looked at as the gate does it, the network for injection included, and values are masked. Figures are ms of processor
time, at p50 and p99 of the conversations, for the request with so many turns; beside them, in turn, those of a gate
that remembers nothing of what it has looked at.
"""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tidegate.engine.exchange import Scope, Segment
from tidegate.guardrails.looked import Looked
from tidegate.guardrails.masks import Mask
from tidegate.guardrails.rules.compile import load_ruleset
from tidegate.guardrails.rules.load import packs
from tidegate.guardrails.rules.ruleset import Ruleset
from tidegate.guardrails.screen import RuleScreen
from tidegate.guardrails.stopped import Stopped
from tidegate.guardrails.vault import Vault
from tidegate.serve.rule_models import hand_models

TOLD = (1, 2, 5, 10, 20, 40)


def conversations(files: Sequence[Path], turns: int, rows: int) -> list[list[str]]:
    texts = [json.loads(line)["text"] for file in files for line in file.read_text("utf-8").splitlines()]
    random.Random(7).shuffle(texts)
    return [texts[at : at + turns] for at in range(0, min(rows, len(texts)) - turns + 1, turns)]


async def ask(rules: Ruleset, turns: Sequence[str]) -> bool:
    """One request. Whether it would go on."""
    vault = Vault()

    def mask(how: Mask, label: str, value: str) -> str:
        return vault.mask(label, value)

    screen = RuleScreen(rules, lambda verdict: None, mask)
    for at, text in enumerate(turns):
        segment = Segment(("messages", at, "content"), text, Scope.INPUT)
        try:
            await screen.look(segment, text, 0, True)
        except Stopped:
            return False
    return True


async def timed(rules: Ruleset, texts: Sequence[str]) -> list[float]:
    """ms of the request with one turn, with two, and so on; a turn that a rule blocks is taken out."""
    times, turns = list[float](), list[str]()
    for text in texts:
        begun = time.process_time()
        goes_on = await ask(rules, [*turns, text])
        taken = (time.process_time() - begun) * 1e3
        if goes_on:
            turns.append(text)
            times.append(taken)
    return times


async def run(files: Sequence[Path], turns: int, rows: int) -> None:
    rules = hand_models(load_ruleset([f"pack:{name}" for name in sorted(packs())]))
    rules.start()
    forgetful = replace(rules, looked=Looked(0))
    took: dict[str, list[list[float]]] = {"as it is": [], "nothing remembered": []}
    for texts in conversations(files, turns, rows):
        took["as it is"].append(await timed(rules, texts))
        took["nothing remembered"].append(await timed(forgetful, texts))
    for name, each in took.items():
        for turn in TOLD:
            order = sorted(times[turn - 1] for times in each if len(times) >= turn)
            if order:
                p50, p99 = order[len(order) // 2], order[int(len(order) * 0.99)]
                print(f"{name}, turn {turn}: p50 {p50:.2f} ms, p99 {p99:.2f} ({len(order)} conversations)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, nargs="+", required=True)
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--rows", type=int, default=2_000)
    options = parser.parse_args()
    asyncio.run(run(options.texts, options.turns, options.rows))


if __name__ == "__main__":
    main()
