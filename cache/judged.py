"""The verifier with a network behind it: word rules as evidence, a model that reads both texts for the rest.

The judge is asked off the event loop, the nearest candidate first. Where word rules name a difference that rewording
seldom explains (other numbers, another script, a detail between two texts that are otherwise nearly the same), it must
be surer. Other masks are refused whatever it says, since values that callers hold apart are never mixed; so are other
numbers and names in otherwise like texts, two words that have changed places, and what the letters as they are written
tell apart.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from .rules.letters import apart
from .rules.reading import TOKEN, read
from .rules.turned import swapped
from .rules.veto import by_words
from .rules.written import SIGNS
from .verify import Candidate
from .worker import Worker

CERTAIN = frozenset(
    {"placeholder", "agent", "limit", "amount", "contrary", "mention", "case", "accent", "sign", "indent"}
)
"""Vetoes that no judge is asked about: it hardly sees these differences."""
FIRM = frozenset({"number", "name", "time", "opposite"})
"""Vetoes that no judge is asked about between two texts that are otherwise nearly the same: of the held-back pairs that
they refuse, 264 have different answers and ten the same."""
TELLING = frozenset({"script", "number"})
"""Vetoes that speak against a candidate however the texts are worded; numbers only where both have some."""
DOUBT = 0.5
"""How much less the judge's word counts then, in log-odds. Chosen on held-back pairs: with none, and with twice as
much, fewer paraphrases are hit at as many traps."""
CLOSE = 0.85
"""Share of words in common from which on every veto speaks: who rewords a question changes more than one word."""
_words = re.compile(rf"[\w{SIGNS}]+").findall
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

    gate = 0.45
    """Static cosine below which a candidate is not looked at. Of held-back paraphrases that the judge accepts 6 to 13 %
    lie below it, and 7 to 18 % below 0.5; of strangers' questions to 10,000 stored ones it ends four of ten."""
    floor = 0.75
    sentences = False
    reads = 2
    spread = 0.03
    """Without this bound a near miss takes half as long again, for hardly a hit."""

    def __init__(self, judge: PairJudge, max_wrong_hits: float, *, fixed: float | None = None) -> None:
        """`fixed` takes the place of the judge's threshold."""
        self._fixed = fixed
        self._max_wrong_hits = max_wrong_hits
        self._judge = judge
        self._worker = Worker("tidegate-judge")
        self._waiting = 0

    def veto(self, question: str, candidate: str) -> str:
        """Only what is certain."""
        reason, telling, close = _told(question, candidate)
        if not reason or reason in CERTAIN:
            return reason
        both = reason != "number" or telling
        firm = reason in FIRM and (close or (both and replaced(question, candidate)))
        return reason if firm or swapped(question, candidate) else ""

    async def judge(self, question: str, candidates: Sequence[Candidate]) -> list[float]:
        """What the judge says of them, one after the other until one is accepted; 0.0 for the others, and for all while
        too many wait."""
        out = [0.0] * len(candidates)
        if self._waiting >= WAITING:
            return out
        accepted = self.threshold(self._max_wrong_hits)
        self._waiting += 1
        try:
            for at, candidate in enumerate(candidates):
                pair = question, candidate.text
                chance = await self._worker.do(self._judge.probability, *pair)
                out[at] = weighed(chance, *pair)
                if out[at] >= accepted:
                    break
        finally:
            self._waiting -= 1
        return out

    def threshold(self, max_wrong_hits: float) -> float:
        return self._fixed or self._judge.threshold(max_wrong_hits)

    def close(self) -> None:
        self._worker.close()


def weighed(chance: float, question: str, candidate: str) -> float:
    """The judge's probability, less DOUBT where word rules name a telling difference."""
    if not 0.0 < chance < 1.0 or not doubtful(question, candidate):
        return chance
    odds = math.log(chance / (1 - chance)) - DOUBT
    return 1 / (1 + math.exp(-odds))


def doubtful(question: str, candidate: str) -> bool:
    """Whether word rules name a difference that rewording seldom explains."""
    _, telling, close = _told(question, candidate)
    return telling or close


@lru_cache(maxsize=256)
def _told(question: str, candidate: str) -> tuple[str, bool, bool]:
    """What word rules say of the two: why not, whether that is TELLING, and whether the texts are CLOSE all the same. A
    candidate is asked about twice, before the judge and after."""
    left, right = read(question), read(candidate)
    reason = apart(left.written, right.written) or by_words(left, right)
    telling = reason in TELLING and (reason != "number" or bool(left.numbers and right.numbers))
    return reason, telling, bool(reason) and in_common(question, candidate) >= CLOSE


def in_common(a: str, b: str) -> float:
    """Words in both, as a share of all words of both: 1.0 is the same words, in any order."""
    left, right = Counter(_words(a.casefold())), Counter(_words(b.casefold()))
    return 2 * (left & right).total() / max(1, left.total() + right.total())


def replaced(a: str, b: str) -> bool:
    """Whether one word stands in another's place, and all else but articles is the same: in a short question that is no
    small part. Of such pairs that are not CLOSE, and whose words say that it is a name, a time or a number where both
    have some, or an opposite, 333 have different answers and 27 the same."""
    left, right = (
        [word for word in TOKEN.findall(text.casefold()) if word not in ("a", "an", "the")] for text in (a, b)
    )
    return len(left) == len(right) and sum(one != other for one, other in zip(left, right, strict=True)) == 1
