"""The verifier with a network behind it: rules that are certain, then a model that reads both texts.

Rules refuse what no wording explains away: other numbers, another script, other masks; and any difference that they
know between two texts that are otherwise nearly the same. The rest is read by the judge, off the event loop, the
nearest candidate first: rewordings, which word rules must refuse.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from .reading import read
from .verify import Candidate
from .veto import veto

FIRM = frozenset({"placeholder", "script"})
"""Vetoes that a judge is not asked about; nor about numbers that both texts have and that differ."""
CLOSE = 0.85
"""Share of words in common from which on every veto is certain: who rewords a question changes more than one word."""
_words = re.compile(r"\w+").findall
READ = 2
"""Candidates that are read for one question."""
WAITING = 32
"""Questions waiting for the judge; beyond it the tier steps aside."""


class PairJudge(Protocol):
    """A model that reads two texts at once. Blocking; safe to call from several threads."""

    def probability(self, a: str, b: str) -> float:
        """The probability that one answer serves both."""
        ...

    def threshold(self, max_wrong_hits: float) -> float:
        """The probability from which on to accept."""
        ...


class JudgedVerifier:
    """Word rules first, the judge for what they leave open."""

    gate = 0.5
    """Static cosine below which a candidate is not looked at; lower ones found little more."""
    floor = 0.75
    sentences = False

    def __init__(self, judge: PairJudge, max_wrong_hits: float, *, fixed: float | None = None) -> None:
        """`fixed` takes the place of the judge's threshold."""
        self._fixed = fixed
        self._max_wrong_hits = max_wrong_hits
        self._judge = judge
        self._executor = ThreadPoolExecutor(1, "tidegate-judge")
        self._waiting = 0

    def veto(self, question: str, candidate: str) -> str:
        """Only the reasons that are certain."""
        left, right = read(question), read(candidate)
        reason = veto(left, right)
        certain = reason in FIRM or (reason == "number" and left.numbers and right.numbers)
        return reason if certain or (reason and in_common(question, candidate) >= CLOSE) else ""

    async def judge(self, question: str, candidates: Sequence[Candidate]) -> list[float]:
        """What the judge says of the nearest, one after the other until one is accepted; 0.0 for the others, and for
        all while too many wait."""
        out = [0.0] * len(candidates)
        if self._waiting >= WAITING:
            return out
        accepted = self.threshold(self._max_wrong_hits)
        loop = asyncio.get_running_loop()
        self._waiting += 1
        try:
            for at in sorted(range(len(candidates)), key=lambda at: -candidates[at].cosine)[:READ]:
                pair = question, candidates[at].text
                out[at] = await loop.run_in_executor(self._executor, self._judge.probability, *pair)
                if out[at] >= accepted:
                    break
        finally:
            self._waiting -= 1
        return out

    def threshold(self, max_wrong_hits: float) -> float:
        return self._fixed or self._judge.threshold(max_wrong_hits)

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)


def in_common(a: str, b: str) -> float:
    """Words in both, as a share of all words of both: 1.0 is the same words, in any order."""
    left, right = Counter(_words(a.casefold())), Counter(_words(b.casefold()))
    return 2 * (left & right).total() / max(1, left.total() + right.total())
