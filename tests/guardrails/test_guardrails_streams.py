"""However a reply is cut, each rule of each pack says of the stream what it says of the whole."""

import asyncio
import json
import random
from pathlib import Path

from tidegate.benchmarks.streams import DENSE, compare, costs, say
from tidegate.guardrails.rules.compile import load_ruleset
from tidegate.guardrails.rules.load import packs

DATA = Path(__file__).parent / "data"
RULES = """
version: 1
rules:
  - {id: personal, scope: [output], detect: {pii: structured}, action: redact, views: none}
  - {id: secrets, scope: [output], detect: {secrets: all}, action: redact, views: none}
"""


def test_every_rules_tests_cut_at_random_and_into_characters() -> None:
    ruleset = load_ruleset([f"pack:{name}" for name in packs()])
    texts, streams, wrong = asyncio.run(compare(ruleset, cuts=300))
    assert texts > 300 and streams == texts + 300
    assert wrong == []


def test_what_people_write_says_the_same_in_streams(tmp_path: Path) -> None:
    """Values as many hands write them: in groups, tables, small letters, before and behind other things."""
    (tmp_path / "rules.yaml").write_text(RULES)
    ruleset, rng = load_ruleset([str(tmp_path / "rules.yaml")]), random.Random(3)
    lines = [line for path in sorted(DATA.glob("pii_own_?.jsonl")) for line in path.open(encoding="utf-8")]
    texts = [json.loads(line)["text"] for line in lines]
    texts = [text for text in texts if len(text) < 600][::5]

    async def run() -> None:
        for text in texts:
            step = rng.choice((1, 1, 2, 5))
            whole = await say(ruleset, [text], streamed=False)
            streamed = await say(ruleset, [text[at : at + step] for at in range(0, len(text), step)])
            assert streamed.text == whole.text

    asyncio.run(run())
    assert len(texts) > 200


def test_what_is_held_is_bounded_in_text_full_of_personal_data() -> None:
    told = asyncio.run(costs(load_ruleset(["pack:pii"]), DENSE, deltas=200))
    assert 0 < told["held p50"] <= told["held p99"] < 200
