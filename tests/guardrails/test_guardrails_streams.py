"""However a reply is cut, each rule of each pack says of the stream what it says of the whole."""

import asyncio
import json
import random
import re
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tidegate.benchmarks.streams import DENSE, compare, costs, say
from tidegate.guardrails.rules.compile import load_ruleset
from tidegate.guardrails.rules.load import packs
from tidegate.tests.guardrails.guarded import exchange, rules, run, said, streamed, whole

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
    lines = [line for path in sorted(DATA.glob("pii_own_*.jsonl")) for line in path.open(encoding="utf-8")]
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


@pytest.mark.parametrize("rest", ["", ", mode: shadow"])
@pytest.mark.parametrize("action", ["block", "score", "flag"])
async def test_a_rule_that_only_takes_notes_takes_them_of_views_too(action: str, rest: str) -> None:
    """Else shadow mode would tell less than the rule does once it is in force."""
    rule = "{id: w, scope: output, detect: {keywords: [project falcon]}, severity: critical, action: "
    ruleset = rules(f"version: 1\nrules:\n  - {rule}{action}{rest}}}\n")
    for text in ("it is pr0ject f4lc0n, and more words " * 3, "it is project f4lc0n", "f4lc0n, project falcon"):
        asked = exchange("hi", stream=True)
        reply = await run(ruleset, asked, lambda _, text=text: streamed([text[at : at + 5] for at in range(0, 120, 5)]))
        if rest or action == "flag":
            assert await said(reply) == text
        else:
            await reply.read()
        told = [verdict.action for verdict in asked.verdicts]
        assert told[:1] == ["shadow" if rest else action]
        assert len(told) == 1 + (action == "score" and not rest)


async def test_what_an_exception_lets_pass_is_no_note() -> None:
    ruleset = rules(
        "version: 1\nrules:\n  - {id: w, scope: output, detect: {keywords: [falcon]}, action: flag}\n"
        "exceptions: [{rules: [w], allow_text: [falcon]}]\n"
    )
    asked = exchange("hi", stream=True)
    reply = await run(ruleset, asked, lambda _: streamed(["a falcon ", "and a f4l", "c0n."]))
    assert await said(reply) == "a falcon and a f4lc0n."
    assert [verdict.action for verdict in asked.verdicts] == ["flag"]


class Slow:
    """An encoder that notes whether it was asked on the event loop; some texts it cannot read."""

    def __init__(self) -> None:
        self.asked: list[bool] = []

    def embed(self, texts: list[str]) -> Any:
        self.asked.append(threading.current_thread() is threading.main_thread())
        if any("unreadable" in text for text in texts):
            raise ValueError
        return np.array([[float("weather" in text), 0.5] for text in texts], np.float32)


@pytest.mark.parametrize("rest", ["block", "flag", "block, mode: shadow"])
async def test_slow_detectors_look_at_views_in_threads_until_they_have_told(rest: str) -> None:
    ruleset = rules(f"version: 1\nrules:\n  - {{id: t, scope: output, detect: {{topic: [weather]}}, action: {rest}}}\n")
    slow = Slow()
    for take in ruleset.wanting("use_embedder"):
        take(slow)
    ruleset.start()
    counts: list[int] = []
    for text in ("it is the w3ather, a g0od one " + "and more of it, t0o " * 20, "it is unr3adable " * 20):
        slow.asked.clear()
        asked = exchange("hi", stream=True)
        pieces = [text[at : at + 5] for at in range(0, len(text), 5)]
        reply = await run(ruleset, asked, lambda _, pieces=pieces: streamed(pieces))
        async for _ in reply.events:
            pass
        counts.append(len(slow.asked))
        assert not any(slow.asked)
        told = {verdict.action for verdict in asked.verdicts}
        kind = "shadow" if "shadow" in rest else rest
        assert kind in told or (text.startswith("it is unr") and "not_evaluated" in told)
    assert max(counts) < 20


LACKS = "{all: [{keywords: [world]}, {not: {keywords: [drop]}}]}, action: "
EXCEPTS = "{any: [{keywords: [none]}, {regex: 'kill(?P<not> the process)?'}]}, action: "
WORLD = "ok wor\u200bld of a long text and so on"


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (f"{LACKS}block", "ok wor\u200bld x drop now"),
        (f"{LACKS}block", "drop" + " a b c" * 900 + " wor\u200bld x"),
        (f"{EXCEPTS}block", "I ki\u200bll the process now"),
        (f"{EXCEPTS}flag", "no\u200bw I kill the process"),
        (f"{LACKS}flag", "ok wor\u200bld x drop now"),
        ("{any: [{keywords: [none]}, {not: {keywords: [drop]}}]}, action: flag", "ok wor\u200bld x drop now"),
        ("{length: {min: 18}}, views: all, action: block, mode: shadow", WORLD),
        ("{length: {min: 4500}}, views: all, action: flag", WORLD * 150),
        ("{json_schema: {schema: {}, invert: true}}, views: all, action: flag", '{"a": "ok wor\u200bld", "b": "x y"}'),
    ],
)
async def test_what_lacks_so_far_in_a_view_of_a_stream_may_still_come(rule: str, text: str) -> None:
    asked = exchange("hi", stream=True)
    ruleset = rules(f"version: 1\nrules:\n  - {{id: r, scope: output, detect: {rule}}}\n")
    pieces = re.findall(r"\S+\s*", text)
    assert await said(await run(ruleset, asked, lambda _: streamed(pieces))) == text
    assert not [verdict for verdict in asked.verdicts if "content" in verdict.address]


async def test_the_rest_of_a_match_that_is_no_find_is_none_where_another_rule_holds_it_apart() -> None:
    ruleset = rules(
        "version: 1\nrules:\n  - {id: pii, detect: {pii: structured}, action: mask}\n"
        "  - {id: del, scope: output, detect: {regex: '(?P<not>(never|né) )?(delete|é+)'}, action: redact}\n"
    )
    for text, wanted in (
        ("jane@example.org: never delete it", "<EMAIL_ADDRESS_1>: never delete it"),
        ("é jane@example.org: né ééé, delete delete it", "[DEL] <EMAIL_ADDRESS_1>: né ééé, [DEL] [DEL] it"),
    ):
        assert await said(await run(ruleset, exchange("hi"), lambda _, text=text: whole(text))) == wanted
        for at in range(1, len(text)):
            pieces = [text[:at], text[at:]]
            reply = await run(ruleset, exchange("hi", stream=True), lambda _, pieces=pieces: streamed(pieces))
            assert await said(reply) == wanted, pieces
