"""A stream says what the whole reply would have said, however it is cut; and what holding back costs.

    python -m benchmarks.streams [--cuts 10000]

The embedded tests of every rule of every pack are replies, cut at random and into single characters; as they stand,
and dressed in ways that go character by character, if the rule looks at such views while a stream comes
(guardrails/dressed.py). Each rule is tried alone on replies: once redacting, so that every find shows, and once with
its own action if that one ends a reply. Left out is a text of which a view that is decoded shows something: for those
no stream is held. Then replies in small deltas pass all packs as they are, and
what is held and how long a delta takes is noted; and what all packs take for a request's text of 100 tokens, of the
ordinary texts of serve/bench/ordinary.py and of dense ones. Exits with 1 when a stream differs.
"""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.exchange import Scope
from tidegate.engine.jsonio import dumps
from tidegate.engine.sse import DONE, Event
from tidegate.engine.stream import HoldBack
from tidegate.guardrails.examine import examine
from tidegate.guardrails.masks import Mask, masked
from tidegate.guardrails.normalize import in_streams
from tidegate.guardrails.rules.compile import load_ruleset
from tidegate.guardrails.rules.load import packs
from tidegate.guardrails.rules.ruleset import Rule, Ruleset, only
from tidegate.guardrails.scan import scan
from tidegate.guardrails.screen import RuleScreen
from tidegate.guardrails.vault import Vault
from tidegate.serve.bench import ordinary
from tidegate.serve.bench.dress import ENCODINGS

CHAT = OpenAIChat()
ENDS = ("block", "respond")
PROSE = (
    "The harbour was quiet that morning, and the boats that had come in overnight lay side by side along the wall. "
    "Nobody had touched them since; prices rose by 12 % in 2025, and a crate costs $4,500 now (see page 17). "
)
DENSE = (
    "Customer 4417: jan.kowalski@example.com, +48 601 234 567, IBAN DE89 3704 0044 0532 0130 00, 10.0.12.7, "
    "card 4111 1111 1111 1111, SSN 536-22-1234; token ghp_012345678901234567890123456789abcdef. "
)
KEY = bytes(32)
REQUEST = 400
"""Characters of 100 tokens."""


@dataclass(slots=True)
class Said:
    """What left, and whether the reply was ended by a rule."""

    text: str = ""
    stopped: bool = False
    held: list[int] = field(default_factory=list[int])
    """Characters held after each delta."""
    seconds: list[float] = field(default_factory=list[float])
    """What each delta took."""
    processor: list[float] = field(default_factory=list[float])
    """The processor's part of that, which other programs do not lengthen."""


def delta(text: str, finish: str | None = None) -> Event:
    choice = {"index": 0, "delta": {"content": text} if finish is None else {}, "finish_reason": finish}
    return Event.of({"id": "c-1", "object": "chat.completion.chunk", "model": "m", "choices": [choice]})


def whole(text: str) -> Event:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return Event.whole(dumps({"id": "c-1", "object": "chat.completion", "model": "m", "choices": [choice]}))


def screened(ruleset: Ruleset) -> RuleScreen:
    vault = Vault()

    def mask(how: Mask, label: str, value: str) -> str:
        return vault.mask(label, value) if how.mode == "reversible" else masked(how, label, value, KEY)

    return RuleScreen(ruleset, lambda verdict: None, mask)


async def say(ruleset: Ruleset, pieces: Sequence[str], *, streamed: bool = True) -> Said:
    """Pass a reply in these pieces through the rules."""
    said = Said()
    left = 0
    waiting = 0

    async def source() -> AsyncIterator[Event]:
        nonlocal waiting
        for piece in pieces:
            waiting += len(piece)
            begun = time.perf_counter(), time.process_time()
            yield delta(piece) if streamed else whole(piece)
            said.seconds.append(time.perf_counter() - begun[0])
            said.processor.append(time.process_time() - begun[1])
            said.held.append(waiting)
        if streamed:
            yield delta("", "stop")
            yield DONE

    async def stop() -> None:
        said.stopped = True

    async for event in HoldBack(CHAT, screened(ruleset), streamed, stop).run(source()):
        if left < len(pieces):
            waiting -= len(pieces[left])
            left += 1
        for choice in (event.data or {}).get("choices", ()):
            said.text += choice.get("delta" if streamed else "message", {}).get("content") or ""
    return said


def cut(text: str, rng: random.Random) -> list[str]:
    """`text` in pieces, cut at random places: many or few of them."""
    places = sorted(rng.choices(range(len(text) + 1), k=rng.randint(1, max(1, len(text) // rng.choice((1, 2, 4, 16))))))
    return [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]


DRESSES = {
    name: ENCODINGS[name]
    for name in ("zero width", "soft hyphens", "full width", "mathematical bold", "combining marks", "Cyrillic")
} | {"tag characters": ENCODINGS["tag characters"], "spaced": " ".join, "hyphened": "-".join}
"""Ways to dress a text that go character by character."""


def cases(ruleset: Ruleset, dressed: float = 1.0, seed: int = 7) -> Iterator[tuple[Ruleset, Rule, str]]:
    """(a rule alone, the rule, a text) for every embedded test, for replies, and for a share of the same dressed."""
    rng = random.Random(seed)
    for rule in ruleset.rules:
        local = rule.local and rule.views != "none"
        plain = replace(rule, scopes=frozenset((Scope.OUTPUT,)), views=rule.views if local else "none", shadow=False)
        redacting = replace(plain, action="redact")
        for kind in (redacting, plain) if rule.action in ENDS else (redacting,):
            alone = only(kind)
            for test in rule.tests:
                dresses = [DRESSES[rng.choice([*DRESSES])]] if local and rng.random() < dressed else []
                for text in (test.text, *(dress(test.text) for dress in dresses)):
                    if text and all(in_streams(found.view) for found in scan(alone, text, Scope.OUTPUT).findings):
                        yield alone, kind, text


def differs(alone: Ruleset, rule: Rule, text: str, expected: Said, got: Said) -> bool:
    """Whether a stream said something else than the whole. One that was ended may have begun, before the match."""
    if expected.stopped != got.stopped:
        return True
    if not expected.stopped:
        return expected.text != got.text
    if rule.action == "respond":
        return False  # the answer takes its place, or what left is a beginning
    first = min((found.start for found in scan(alone, text, Scope.OUTPUT).findings), default=0)
    return not text[:first].startswith(got.text)


async def compare(ruleset: Ruleset, cuts: int, seed: int = 7) -> tuple[int, int, list[str]]:
    """So many random cuts, and every text in single characters: (texts, streams, those that differ)."""
    rng = random.Random(seed)
    known = list(cases(ruleset))
    said = [await say(alone, [text], streamed=False) for alone, _, text in known]
    wrong: list[str] = []
    streams = 0
    for number in range(len(known) + cuts):
        at = number % len(known)
        alone, rule, text = known[at]
        pieces = list(text) if number < len(known) else cut(text, rng)
        streams += 1
        if differs(alone, rule, text, said[at], await say(alone, pieces)):
            wrong.append(f"{rule.id}: {[len(piece) for piece in pieces]} of {text!r}")
    return len(known), streams, wrong


async def costs(ruleset: Ruleset, text: str, deltas: int = 2_000, seed: int = 7) -> dict[str, float]:
    """Held characters and milliseconds for a delta of 1 to 7 characters, all packs on."""
    rng = random.Random(seed)
    run = text * (deltas * 5 // len(text) + 1)
    pieces: list[str] = []
    at = 0
    while len(pieces) < deltas and at < len(run):
        size = rng.randint(1, 7)
        pieces.append(run[at : at + size])
        at += size
    said = await say(ruleset, pieces)
    series = {
        "held": np.array(said.held),
        "ms": np.array(said.seconds) * 1000,
        "processor ms": np.array(said.processor) * 1000,
    }
    return {f"{name} p{at}": float(np.percentile(values, at)) for name, values in series.items() for at in (50, 99)}


def requests(ruleset: Ruleset, texts: Sequence[str], rounds: int = 5) -> dict[str, float]:
    """Milliseconds of processor time for all rules over the first 100 tokens of each text, the median of `rounds`."""
    group = ruleset.group(Scope.INPUT)
    times: list[float] = []
    for text in (text[:REQUEST] for text in texts):
        each: list[float] = []
        for _ in range(rounds):
            begun = time.thread_time()
            examine(group, text)
            each.append((time.thread_time() - begun) * 1000)
        times.append(float(np.median(each)))
    return {f"processor ms p{at}": float(np.percentile(times, at)) for at in (50, 99)}


async def run(cuts: int) -> int:
    ruleset = load_ruleset([f"pack:{name}" for name in packs()])
    ruleset.start()
    texts, streams, wrong = await compare(ruleset, cuts)
    print(f"{texts} texts, {streams} streams, {len(wrong)} differ from the whole")
    for each in wrong[:20]:
        print(f"  {each[:300]}")
    for name, text in (("prose", PROSE), ("dense", DENSE)):
        told = await costs(ruleset, text)
        print(f"{name:6}" + "".join(f"  {key} {value:.3f}" for key, value in told.items()))
    dense = DENSE * 10
    for name, texts in (
        ("ordinary", [text for _, text in ordinary.texts(300)]),
        ("dense", [dense[at : at + REQUEST] for at in range(len(DENSE))]),
    ):
        told = requests(ruleset, texts)
        print(f"100 tokens, {name:9}" + "".join(f"  {key} {value:.3f}" for key, value in told.items()))
    return 1 if wrong else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--cuts", type=int, default=10_000)
    sys.exit(asyncio.run(run(parser.parse_args().cuts)))


if __name__ == "__main__":
    main()
